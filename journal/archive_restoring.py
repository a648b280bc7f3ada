"""An archive on its way back: everything in it is read before anything is stored, and what is here stays as it is."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from alerts.seen import seen_by
from alerts.talk_state import TalkState
from hrv.settings import DetectorSettings
from hrv.whole_seconds import LONGEST_RECORDING_S
from journal.archive_columns import (
    ME,
    NOT_IN_CHECK,
    NOT_IN_OWN,
    NOT_IN_PARTS,
    NOT_IN_RECORDING,
    NOT_IN_TEXT,
    NOT_IN_TURN_TO,
    PACKET_COLUMNS,
    PARTS,
)
from journal.archive_file import ArchiveFile, BadArchive
from journal.checks import CHECK_SCHEMA, DailyCheck, check_from, put_check
from journal.content import SCHEMA_VERSION, BadContent, Content, content_from
from journal.entries import read_episodes
from journal.local_time import in_range
from journal.models import (
    Base,
    DailyCheckRow,
    EntryDraftRow,
    EntryRow,
    EntryTextRow,
    MeasurementRow,
    ParticipantRow,
    RecordingRow,
    StrapRow,
    TalkRow,
    TalkStateRow,
    TurnToRow,
)
from journal.own_share import renamed, with_share
from journal.rows_as_json import BadRow, encodes, from_json
from journal.sealed_contents import ContentTable, SealedContents
from journal.talks import project, state_from_json, state_to_json
from journal.turn_to import SHORT, Someone, put_someone
from journal.values_in import values_in
from sensing.source import Link


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back; what was there already was left as it is."""

    entries: int
    checks: int
    recordings: int
    measurements: int
    already_there: int
    turn_to: int
    straps: int


@dataclass(slots=True)
class _Tally:
    entries: int = 0
    checks: int = 0
    recordings: int = 0
    measurements: int = 0
    already_there: int = 0
    turn_to: int = 0
    straps: int = 0


class Restoring:
    """One archive on its way into the database, inside one transaction."""

    def __init__(
        self, connection: Connection, sealed: SealedContents, owner_id: str, archive: ArchiveFile, *, simulated: bool
    ) -> None:
        self._connection = connection
        self._sealed = sealed
        self._owner_id = owner_id
        self._archive = archive
        self._simulated = simulated
        self._tally = _Tally()

    def run(self) -> Restored:
        """Bring it back. Raises `BadArchive`; the transaction is then rolled back by whoever began it."""
        talks = dict(self._told("talks.jsonl", self._read_talk))
        entries = list(self._told("entries.jsonl", self._read_entry))
        recordings = list(self._told("recordings.jsonl", self._read_recording))
        checks = list(self._told("checks.jsonl", _read_check, named=("day",)))
        turn_to = list(self._told("turn_to.jsonl", _read_turn_to, since_later=True))
        straps = list(self._told("straps.jsonl", _read_strap, named=("system", "device_id"), since_later=True))
        wanted = {row["talk_id"] for row, *_ in (*entries, *recordings)} - {None}
        if lost := sorted(wanted - talks.keys()):
            raise BadArchive(f"talk {lost[0]} is missing in it")
        entries = [told for told in entries if self._is_new(EntryRow, told[0]["id"])]
        recordings = [told for told in recordings if self._is_new(RecordingRow, told[0]["id"])]
        for row, _ in recordings:
            _require_walkable(row, *talks[row["talk_id"]])
        needed = {row["talk_id"] for row, *_ in (*entries, *recordings)} - {None}
        try:
            ids = {talk_id: self._put_talk(*talks[talk_id]) for talk_id in sorted(needed)}
            self._put_recordings_and_entries(ids, recordings, entries)
            for check, checked_at in checks:
                self._put_check(check, checked_at)
            for someone, added_at in turn_to:
                self._put_turn_to(someone, added_at)
            for strap in straps:
                self._put_strap(strap)
        except OperationalError:
            raise  # the database is busy, and the archive may be good
        except IntegrityError as error:
            raise BadArchive(
                "two things in it claim the same place, or one claims a place that is taken here"
            ) from error
        except (StatementError, OverflowError) as error:
            raise BadArchive("it holds a value that cannot be stored") from error
        return Restored(**{name: getattr(self._tally, name) for name in Restored.__dataclass_fields__})

    def _put_recordings_and_entries(self, ids: dict[str, str], recordings: list[Any], entries: list[Any]) -> None:
        for row, parts in recordings:
            self._put_recording(row | {"talk_id": ids[row["talk_id"]]}, parts)
        for row, text, drafts in entries:
            self._put_entry(row | {"talk_id": ids.get(row["talk_id"])}, text, drafts)

    def _told(
        self,
        name: str,
        read: Any,  # noqa: ANN401  one reader for each file
        *,
        named: tuple[str, ...] = ("id",),
        since_later: bool = False,
    ) -> Iterator[Any]:
        """What `read` makes of each line. `since_later`: an archive of before there was such a file has none of it."""
        if since_later and name not in self._archive.names:
            return
        seen: set[str] = set()
        for number, told in self._archive.lines(name):
            with _said_where(f"{name}, line {number}"):
                names = json.dumps([told.get(one) for one in named])  # whatever stands there, it can be compared
                if names in seen:
                    raise BadRow(f"{names} is in it twice")
                seen.add(names)
                yield read(told)

    def _read_talk(self, told: dict[str, Any]) -> tuple[str, tuple[dict[str, Any], TalkState]]:
        state = state_from_json(json.dumps(told.pop("state", None)))
        row = from_json(TalkRow, told)
        for moment in values_in(state, datetime):
            if moment.tzinfo is None:
                raise BadRow(f"{moment.isoformat()} has no offset")
            in_range(moment)
        if row["ended_at"] is None or state.ended_at is None:
            raise BadRow("this talk has not ended")
        if row["simulated"] is not self._simulated:
            kind, place = ("simulated", "real") if row["simulated"] else ("real", "simulated")
            raise BadRow(
                f"this talk is {kind}, and the journal here is one of {place} talks; choose another with --data"
            )
        return row["id"], (row, renamed(seen_by(state, ME), ME, self._owner_id))

    def _read_entry(self, told: dict[str, Any]) -> tuple[Any, ...]:
        text, drafts = told.pop("text", None), told.pop("drafts", [])
        if not isinstance(drafts, list):
            raise BadRow("drafts is no list")
        return (
            from_json(EntryRow, told, without=NOT_IN_OWN),
            None if text is None else _read_text(EntryTextRow, text),
            [_read_text(EntryDraftRow, draft) for draft in drafts],
        )

    def _read_recording(self, told: dict[str, Any]) -> tuple[Any, ...]:
        parts: dict[str, list[dict[str, Any]]] = {}
        for part, (table, _) in PARTS.items():
            rows = told.pop(part, None)
            if not isinstance(rows, list):
                raise BadRow(f"{part} is no list")
            parts[part] = [from_json(table, row, without=NOT_IN_PARTS) for row in rows]
        if strange := {row["link"] for row in parts["links"]} - set(Link):
            raise BadRow(f"a link cannot be {min(strange)!r}")
        return from_json(RecordingRow, told, without=NOT_IN_RECORDING), parts

    def _is_new(self, table: type[EntryRow] | type[RecordingRow], row_id: str) -> bool:
        owner_id = self._connection.scalar(select(table.owner_id).where(table.id == row_id))
        if owner_id not in {None, self._owner_id}:
            raise BadArchive("it holds what is somebody else’s in this journal; only its owner can bring it back here")
        self._tally.already_there += owner_id is not None
        return owner_id is None

    def _put_talk(self, row: dict[str, Any], state: TalkState) -> str:
        """The talk's id here. Who is in the talk gets their share back; who is not gets a copy of their own."""
        own_id = f"{row['id'][:31]}-{self._owner_id[:32]}"
        for talk_id in (str(row["id"]), own_id):
            here = select(TalkStateRow.state).where(TalkStateRow.talk_id == talk_id)
            text = self._connection.scalar(here)
            if text is None:
                return self._new_talk(row | {"id": talk_id}, state)
            mine = (ParticipantRow.talk_id == talk_id, ParticipantRow.person_id == self._owner_id)
            if self._connection.scalar(select(ParticipantRow.person_id).where(*mine)) is not None:
                self._give_share_back(talk_id, with_share(state_from_json(text), state, self._owner_id))
                return talk_id
        raise BadArchive(f"talk {row['id']} is somebody else’s in this journal")

    def _give_share_back(self, talk_id: str, state: TalkState) -> None:
        change = update(TalkStateRow).where(TalkStateRow.talk_id == talk_id)
        self._connection.execute(change.values(state=state_to_json(state), version=TalkStateRow.version + 1))
        project(self._connection, talk_id, state)

    def _new_talk(self, row: dict[str, Any], state: TalkState) -> str:
        talk_id = str(row["id"])
        execute = self._connection.execute
        execute(insert(TalkRow).values(**row))
        execute(insert(ParticipantRow).values(talk_id=talk_id, person_id=self._owner_id, joined_at=row["began_at"]))
        execute(insert(TalkStateRow).values(talk_id=talk_id, version=1, state=state_to_json(state)))
        project(self._connection, talk_id, state)
        return talk_id

    def _put_recording(self, row: dict[str, Any], parts: dict[str, list[dict[str, Any]]]) -> None:
        name = f"recordings/{row['id']}.csv"
        digest = row["imported_sha256"]
        mine = (RecordingRow.owner_id == self._owner_id, RecordingRow.imported_sha256 == digest)
        if digest and self._connection.scalar(select(RecordingRow.id).where(*mine)) is not None:
            # The same file was imported again meanwhile: both stay, and the one that is here answers for the file.
            row = row | {"imported_sha256": None}
        self._connection.execute(insert(RecordingRow).values(**row, owner_id=self._owner_id))
        number = self._connection.scalars(select(RecordingRow.number).where(RecordingRow.id == row["id"])).one()
        for part, (table, _) in PARTS.items():
            if parts[part]:
                self._connection.execute(insert(table), [one | {"recording": number} for one in parts[part]])
        packets = [
            {"recording": number, "seq": seq, **packet}
            for seq, packet in enumerate(packets_in(self._archive.text(name), name))
        ]
        if packets:
            self._connection.execute(insert(MeasurementRow), packets)
        with _said_where(f"recordings.jsonl, recording {row['id']}"):
            read_episodes(self._connection, row["id"])  # what cannot be read again is not taken in
        self._tally.recordings += 1
        self._tally.measurements += len(packets)

    def _put_entry(self, row: dict[str, Any], text: Any, drafts: list[Any]) -> None:  # noqa: ANN401  as `_read_text` gave them
        self._connection.execute(insert(EntryRow).values(**row, owner_id=self._owner_id))
        if text is not None:
            self._put_text(EntryTextRow, row["id"], *text)
        for draft in drafts:
            self._put_text(EntryDraftRow, row["id"], *draft)
        self._tally.entries += 1

    def _put_check(self, check: DailyCheck, checked_at: datetime) -> None:
        mine = (DailyCheckRow.owner_id == self._owner_id, DailyCheckRow.day == check.day.isoformat())
        if self._connection.scalar(select(DailyCheckRow.id).where(*mine)) is not None:
            self._tally.already_there += 1
            return
        put_check(self._connection, self._sealed, self._owner_id, check, checked_at=checked_at)
        self._tally.checks += 1

    def _put_turn_to(self, someone: Someone, added_at: datetime) -> None:
        here = self._connection.execute(select(TurnToRow.id, TurnToRow.owner_id)).all()
        if someone.id in {one.id for one in here}:
            self._tally.already_there += 1
            return
        if sum(one.owner_id == self._owner_id for one in here) >= SHORT:
            raise BadArchive(f"the list of people to turn to would be longer than {SHORT}; take somebody off it first")
        put_someone(self._connection, self._sealed, self._owner_id, someone, added_at=added_at)
        self._tally.turn_to += 1

    def _put_strap(self, row: dict[str, Any]) -> None:
        """A strap that is known here stays its wearer's, whoever that is."""
        here = (StrapRow.system == row["system"], func.lower(StrapRow.device_id) == row["device_id"].lower())
        if self._connection.scalar(select(StrapRow.device_id).where(*here)) is not None:
            self._tally.already_there += 1
            return
        self._connection.execute(insert(StrapRow).values(**row, owner_id=self._owner_id))
        self._tally.straps += 1

    def _put_text(self, table: ContentTable, entry_id: str, values: dict[str, Any], content: Content) -> None:
        placed = values | {"entry_id": entry_id}
        sealed = self._sealed.sealed(self._owner_id, table, placed, content)
        self._connection.execute(insert(table).values(**placed, sealed=sealed))


def _require_walkable(row: dict[str, Any], talk: dict[str, Any], state: TalkState) -> None:
    """The detector walks every recording again: what it could not walk is not taken in. Raises `BadArchive`."""
    pauses = ((pause.called_at, pause.ended_at) for pause in state.pauses)
    moments = [talk["ended_at"], state.ended_at, state.topic_began_at, *chain.from_iterable(pauses)]
    seconds = [(moment - row["began_at"]).total_seconds() for moment in moments if moment is not None]
    with _said_where(f"recordings.jsonl, recording {row['id']}"):
        DetectorSettings(threshold_bpm=row["threshold_bpm"])
        if not all(0 <= t_s <= LONGEST_RECORDING_S for t_s in seconds):
            raise BadRow("what happened in its talk lies outside of it")


def _read_check(told: dict[str, Any]) -> tuple[DailyCheck, datetime]:
    if told.pop("schema", None) != CHECK_SCHEMA:
        raise BadRow("a newer program wrote this check; upgrade the program")
    answers = told.pop("answers", None)
    if not isinstance(answers, dict):
        raise BadRow("answers is no object")
    row = from_json(DailyCheckRow, told, without=NOT_IN_CHECK)
    return check_from(date.fromisoformat(row["day"]), answers), row["checked_at"]


def _read_turn_to(told: dict[str, Any]) -> tuple[Someone, datetime]:
    name, how = told.pop("name", None), told.pop("how", None)
    if not all(isinstance(text, str) and encodes(text) for text in (name, how)):
        raise BadRow("somebody to turn to has a name and a way, as text")
    row = from_json(TurnToRow, told, without=NOT_IN_TURN_TO)
    return Someone(row["id"], name, how), row["added_at"]


def _read_strap(told: dict[str, Any]) -> dict[str, Any]:
    return from_json(StrapRow, told, without=NOT_IN_OWN)


def _read_text(table: type[Base], told: Any) -> tuple[dict[str, Any], Content]:  # noqa: ANN401  JSON of any shape
    if not isinstance(told, dict):
        raise BadRow("a text is no object")
    if told.pop("schema", None) != SCHEMA_VERSION:
        raise BadRow("a newer program wrote this text; upgrade the program")
    content = content_from(told.pop("content", None))
    return from_json(table, told, without=NOT_IN_TEXT), content


def packets_in(text: str, name: str) -> Iterator[dict[str, Any]]:
    rows = csv.reader(io.StringIO(text, newline=""))
    if tuple(next(rows, ())) != PACKET_COLUMNS:
        raise BadArchive(f"{name}, line 1, has not the columns {', '.join(PACKET_COLUMNS)}")
    try:
        for t_s, packet, motion in rows:
            t_ms, motion_mg = round(float(t_s) * 1000), int(motion) if motion else None
            if not 0 <= t_ms <= LONGEST_RECORDING_S * 1000 or abs(motion_mg or 0) >= 1 << 31:
                raise ValueError(f"{t_s} or {motion} is out of range")  # noqa: TRY301  one place says where
            yield {"t_ms": t_ms, "packet": bytes.fromhex(packet), "motion_mg": motion_mg}
    except (ValueError, OverflowError, csv.Error) as error:
        raise BadArchive(f"{name}, line {rows.line_num}, is no measurement") from error


@contextmanager
def _said_where(where: str) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        raise BadArchive(f"{where}: the talk’s state is not one") from error
    except (BadRow, BadContent, ValueError) as error:
        raise BadArchive(f"{where}: {error}") from error
    except RecursionError as error:
        raise BadArchive(f"{where}: nested too deeply") from error
