"""What goes from a home to a clinic, as both write and read it. Each side keeps its own ids, and trusts nothing unread.

Home tells the whole list of what it shows now, with a digest of each thing (`Told`). The clinic lets go of what is not in it
and says what it lacks; each of that follows as an item of its own (`Item`), in any order, as often as need be.
"""

import base64
import json
import zlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from alerts.talk_state import Phase, TalkState
from hrv.settings import DetectorSettings
from hrv.whole_seconds import LONGEST_RECORDING_S
from journal.access_log import Looked
from journal.archive_columns import ME, NOT_IN_PARTS, NOT_IN_RECORDING, PARTS
from journal.archive_file import BadArchive
from journal.archive_restoring import packets_in
from journal.content import SCHEMA_VERSION, BadContent, Content, content_from
from journal.local_time import in_range
from journal.models import EntryRow, RecordingRow
from journal.rows_as_json import BadRow, from_json
from journal.talks import state_from_json
from journal.values_in import values_in

LEASE = timedelta(days=30)
"""A home that is not heard of for so long has gone: what the clinic has of it goes, too (own choice)."""
MOST_ITEMS = 10_000
LARGEST_ITEM_BYTES = 2_000_000
"""What a clinic's server takes at once: some twenty hours of one talk."""
LARGEST_PACKETS_BYTES = 24_000_000
MOST_PACKETS = 300_000
"""Three days at one a second. Packed, millions of equal ones are a few kilobytes, and gigabytes when they are read."""
MOST_LOOKS = 500
MOST_NUMBER = 2**31 - 1
"""What every database keeps as a whole number."""
IDS = r"^[0-9A-Za-z-]{1,64}$"
DIGESTS = r"^[0-9a-f]{64}$"
STORABLE = r"^[^\x00]*$"
"""PostgreSQL keeps no text with a zero in it."""
Moment = Annotated[AwareDatetime, AfterValidator(in_range)]
"""At the ends of the calendar there is none in UTC, as it is stored."""
NOT_IN_ENTRY = ("owner_id", "talk_id")


class BadItem(ValueError):
    """What came is nothing that this program sends. Says where."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class GrantTold(_Strict):
    """What is shown: one thing, or everything from a moment on."""

    id: str = Field(pattern=IDS)
    item_id: str | None = Field(default=None, pattern=IDS)
    from_at: Moment | None = None
    with_words: bool
    given_at: Moment
    until_at: Moment | None = None
    zone: str | None = Field(default=None, max_length=64, pattern=STORABLE)


class ItemTold(_Strict):
    """One thing of the list. What it is shown or there without goes from the clinic at once, before anything new comes."""

    digest: str = Field(pattern=DIGESTS)
    with_words: bool
    with_heart: bool


class Told(_Strict):
    """Everything that home shows now. `number` grows with each list, so that one that comes late changes nothing."""

    number: int = Field(ge=1, le=MOST_NUMBER)
    grants: list[GrantTold] = Field(max_length=1_000)
    items: dict[str, ItemTold] = Field(max_length=MOST_ITEMS)


class LooksAfter(_Strict):
    """Home asks for the readings after this one. Before it tells a list: what goes by it takes along what it was about."""

    place: int = Field(ge=0, le=MOST_NUMBER)


class LookTold(_Strict):
    """A reading at the clinic. `item_id`: of what; None for no single one, or one that is gone."""

    place: int = Field(ge=1, le=MOST_NUMBER)
    at: Moment
    looked: Looked
    reader: str = Field(max_length=200, pattern=STORABLE)
    item_id: str | None = Field(default=None, max_length=64)


class Looks(_Strict):
    """The readings that home asked for, oldest first, at most `MOST_LOOKS`."""

    looks: list[LookTold] = Field(max_length=MOST_LOOKS)


class Answer(_Strict):
    """What the clinic says to a list.

    Attributes:
        wanted: what it lacks, or has otherwise.
        kept_until: what is there is shown until then, unless home is heard of again.
    """

    wanted: list[str] = Field(max_length=MOST_ITEMS)
    kept_until: Moment


class Met(_Strict):
    """What the clinic says to a code."""

    clinician: str = Field(max_length=200, pattern=STORABLE)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing, read and checked: an entry, a talk's recording, or both.

    Attributes:
        digest: as the list names it.
        entry: columns of `EntryRow`, without its owner and talk; None for a quiet talk that left no entry.
        recording: columns of `RecordingRow`, without owner, number and talk.
        parts: rows of each of `journal.archive_columns.PARTS`.
    """

    digest: str
    entry: dict[str, Any] | None
    words: Content | None
    simulated: bool
    state: TalkState | None
    recording: dict[str, Any] | None
    parts: dict[str, list[dict[str, Any]]]
    packets: list[dict[str, Any]]


def shown_state(state: TalkState, wearer_id: str) -> TalkState:
    """What a clinician is told of a finished talk: when it was, and the wearer's way through its pauses.

    Not who called them, nor what was suggested, nor anything of the other's.
    """
    return TalkState(
        state.started_at,
        Phase.ENDED,
        topic_began_at=state.topic_began_at,
        ended_at=state.ended_at,
        pauses=tuple(
            replace(
                pause,
                id=f"p{place}",
                called_by=ME,
                suggestion_id=None,
                courses=tuple(replace(own, person_id=ME) for own in pause.courses if own.person_id == wearer_id),
            )
            for place, pause in enumerate(state.pauses)
        ),
    )


def packed(csv: bytes) -> str:
    """Packets as they travel."""
    return base64.b64encode(zlib.compress(csv)).decode()


def item_from(body: bytes) -> Item:
    """Read an item. Raises `BadItem`; nothing of it is stored then."""
    try:
        return _item(json.loads(body))
    except (BadRow, BadContent, BadArchive, ValidationError, ValueError, TypeError, KeyError, zlib.error) as error:
        raise BadItem(f"this is no item of this program: {_where(error)}") from error
    except RecursionError as error:
        raise BadItem("this is no item of this program: nested too deeply") from error


def _where(error: Exception) -> str:
    """Which column; never what stood in it."""
    return str(error) if isinstance(error, BadRow) else type(error).__name__


def _item(told: Any) -> Item:  # noqa: ANN401  JSON of any shape
    digest = told["digest"]
    entry = None if told["entry"] is None else from_json(EntryRow, told["entry"], without=NOT_IN_ENTRY)
    words = None
    if told["words"] is not None:
        if told["words"]["schema"] != SCHEMA_VERSION:
            raise BadRow("a newer program wrote these words")
        words = content_from(told["words"]["content"])
    if told["talk"] is None:
        if entry is None:
            raise BadRow("neither an entry nor a talk")
        return Item(digest, entry, words, simulated=False, state=None, recording=None, parts={}, packets=[])
    state = shown_state(state_from_json(json.dumps(told["talk"]["state"])), ME)
    if state.ended_at is None:
        raise BadRow("this talk has not ended")
    for moment in values_in(state, datetime):
        in_range(moment)
    recording, parts, packets = _recording(told["recording"], state)
    return Item(digest, entry, words, bool(told["talk"]["simulated"]), state, recording, parts, packets)


def _recording(
    told: Any,  # noqa: ANN401  JSON of any shape
    state: TalkState,
) -> tuple[dict[str, Any] | None, dict[str, list[dict[str, Any]]], list[dict[str, Any]]]:
    if told is None:
        return None, {}, []
    csv = zlib.decompressobj()
    text = csv.decompress(base64.b64decode(told.pop("packets"), validate=True), LARGEST_PACKETS_BYTES)
    if csv.unconsumed_tail:
        raise BadRow("too many packets")
    parts = {
        name: [from_json(table, row, without=NOT_IN_PARTS) for row in told.pop(name)]
        for name, (table, _) in PARTS.items()
    }
    row = from_json(RecordingRow, told, without=(*NOT_IN_RECORDING, "id", "talk_id"))
    DetectorSettings(threshold_bpm=row["threshold_bpm"])
    for moment in values_in(state, datetime):
        if not 0 <= (moment - row["began_at"]).total_seconds() <= LONGEST_RECORDING_S:
            raise BadRow("what happened in its talk lies outside of it")
    packets = list(islice(packets_in(text.decode(), "packets"), MOST_PACKETS + 1))
    if len(packets) > MOST_PACKETS:
        raise BadRow("too many packets")
    return row, parts, packets
