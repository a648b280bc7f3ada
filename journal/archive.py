"""Everything that is one's own, to take along and to bring back.

The archive is readable: its words are not locked, so that they can be read in fifty years and by another program. It
holds no key. Of a shared talk it holds the wearer's own share.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import date, datetime
from itertools import chain
from typing import IO, Any, ParamSpec, TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from alerts.agreement import Side
from alerts.people import Actor
from alerts.seen import seen_by
from alerts.talk_state import TalkState
from hrv.settings import DetectorSettings
from hrv.whole_seconds import LONGEST_RECORDING_S
from journal.access import Action, Subject, require
from journal.agreements import terms_in
from journal.archive_file import ArchiveFile, BadArchive, write_archive
from journal.checks import CHECK_SCHEMA, DailyCheck, answers_of, check_from, opened, put_check
from journal.content import SCHEMA_VERSION, BadContent, Content, content_as_json, content_from
from journal.database import Database
from journal.entries import read_episodes
from journal.local_time import LocalMoment, in_range
from journal.models import (
    AgreementRow,
    Base,
    ChannelRow,
    DailyCheckRow,
    EntryDraftRow,
    EntryRow,
    EntryTextRow,
    EpisodeRow,
    LinkEventRow,
    MeasurementRow,
    MinuteRow,
    NearMissRow,
    PairRow,
    ParticipantRow,
    PersonRow,
    RecordingRow,
    StrapRow,
    TalkRow,
    TalkStateRow,
    TurnToRow,
)
from journal.own_share import renamed, with_share
from journal.rows_as_json import BadRow, encodes, from_json, to_json
from journal.sealed import CannotUnseal
from journal.sealed_contents import ContentTable, SealedContents
from journal.talks import project, state_from_json, state_to_json
from journal.turn_to import SHORT, Someone, put_someone, someone_in
from sensing.source import Link

P = ParamSpec("P")
T = TypeVar("T")

ME = "me"
"""Stands for the archive's owner, so that it can come back into another account."""

PARTS: dict[str, tuple[type[Base], str]] = {
    "minutes": (MinuteRow, "minute"),
    "episodes": (EpisodeRow, "began_t_s"),
    "near_misses": (NearMissRow, "from_s"),
    "links": (LinkEventRow, "id"),
}
"""What a recording carries besides its packets, and the order of it."""
_NOT_IN_PARTS = ("recording", "id")
_NOT_IN_OWN = ("owner_id",)
_NOT_IN_RECORDING = ("owner_id", "number")
_NOT_IN_TEXT = ("entry_id", "sealed")
_NOT_IN_CHECK = ("id", "owner_id", "sealed")
_NOT_IN_CHANNEL = ("owner_id", "sealed")
_NOT_IN_AGREEMENT = ("pair_id", "sealed")
_NOT_IN_TURN_TO = ("owner_id", "sealed")
_PACKET_COLUMNS = ("t_s", "packet", "motion_mg")

README = """This is everything that was yours in flooding-detector. Nothing in it is locked: keep it as you would keep a diary.

entries.csv      what you wrote, one row an entry, for a spreadsheet
minutes.csv      your heart, minute by minute
checks.jsonl     your daily checks, one a line
entries.jsonl    the same words, whole: one JSON object a line, the content with its schema version
talks.jsonl      the talks: what happened in them, without what was the other's
recordings.jsonl floods, near misses, minutes and changes of the link, for each recording
recordings/      every packet of the strap as it arrived; `flooding replay recordings/NAME.csv` walks one again
turn_to.jsonl    the people you can turn to
agreement.jsonl  what you two agreed, in versions: to read; it holds again once both have said yes to it again
straps.jsonl     the straps you wear, by which they are found again
channels.jsonl   your channels by name: to set up again; their addresses are keys to other services, and are not in here
manifest.json    the size and sha256 of each file

`flooding archive restore FILE` brings it all back. Times are UTC (RFC 3339); utc_offset_min is your own clock.
"""


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


class Archive:
    """Saves and restores the actor's own."""

    def __init__(self, database: Database, sealed: SealedContents) -> None:
        self._database = database
        self._sealed = sealed

    def save(self, actor: Actor, file: IO[bytes], *, now: datetime) -> Sequence[str]:
        """Write everything of the actor's into `file`, as one moment sees it. A talk that goes on is left out.

        Returns:
            What is not in it, in words: texts that are damaged and do not open. One of them must not hold back all others;
            the archive names them, too.

        Raises:
            NotAllowed: there is no such person.
        """
        with self._database.read() as connection:
            query = select(PersonRow.id, PersonRow.name).where(PersonRow.id == actor.person_id)
            person = connection.execute(query).one_or_none()
            require(actor, Action.SAVE_ARCHIVE, Subject(owner_id=person.id if person else None))
            assert person is not None  # noqa: S101  nobody owns what does not exist, so `require` has raised
            lost = _NotOpened()
            about = {"made_at": now.isoformat(), "name": person.name, "holds_keys": False, "not_opened": lost}
            write_archive(file, self._files(connection, person.id, lost), about)
            return tuple(lost)

    def restore(self, actor: Actor, file: IO[bytes], *, simulated: bool) -> Restored:
        """Bring back what is not there; all of it or nothing. What is there already stays as it is.

        Args:
            actor: whose it becomes.
            file: an archive, at its beginning.
            simulated: whether this journal is one of simulated talks; invented heartbeats never get among real ones.

        Raises:
            BadArchive: it is damaged, no archive, of the other kind, or holds what is somebody else's here.
            NotAllowed: there is no such person.
        """
        with self._database.read() as connection:
            self._require(connection, actor)
        with ArchiveFile(file) as archive, self._database.write() as connection:
            self._require(connection, actor)
            restoring = _Restoring(connection, self._sealed, str(actor.person_id), archive, simulated=simulated)
            return restoring.run()

    @staticmethod
    def _require(connection: Connection, actor: Actor) -> None:
        person = connection.scalar(select(PersonRow.id).where(PersonRow.id == actor.person_id))
        require(actor, Action.RESTORE_ARCHIVE, Subject(owner_id=person))

    def _files(self, connection: Connection, owner_id: str, lost: "_NotOpened") -> Iterator[tuple[str, bytes]]:
        open_talks = set(connection.scalars(select(TalkRow.id).where(TalkRow.ended_at.is_(None))))
        recordings = [row for row in _own(connection, RecordingRow, owner_id) if row.talk_id not in open_talks]
        entries = [row for row in _own(connection, EntryRow, owner_id) if row.talk_id not in open_talks]
        talk_ids = sorted({row.talk_id for row in (*recordings, *entries)} - {None})
        yield "talks.jsonl", _json_lines(_talk(connection, owner_id, talk_id) for talk_id in talk_ids)
        told = [self._entry(connection, owner_id, row, lost) for row in entries]
        yield "entries.jsonl", _json_lines(told)
        yield "entries.csv", _entries_csv(told)
        yield "checks.jsonl", _json_lines(self._checks(connection, owner_id, lost))
        yield "turn_to.jsonl", _json_lines(self._turn_to(connection, owner_id, lost))
        yield "agreement.jsonl", _json_lines(self._agreements(connection, owner_id, lost))
        yield "straps.jsonl", _json_lines(_straps(connection, owner_id))
        yield "channels.jsonl", _json_lines(_channels(connection, owner_id))
        yield "recordings.jsonl", _json_lines(_recording(connection, row) for row in recordings)
        yield "minutes.csv", _minutes_csv(connection, recordings)
        for row in recordings:
            yield f"recordings/{row.id}.csv", _packets_csv(connection, row.number)
        yield "README.txt", (README + lost.told).encode()

    def _entry(self, connection: Connection, owner_id: str, row: Row[Any], lost: "_NotOpened") -> dict[str, Any]:
        what = f"words of the entry of {LocalMoment(row.happened_at, row.utc_offset_min).local:%Y-%m-%d %H:%M}"
        texts = connection.execute(select(EntryTextRow.__table__).where(EntryTextRow.entry_id == row.id)).all()
        drafts = connection.execute(
            select(EntryDraftRow.__table__).where(EntryDraftRow.entry_id == row.id).order_by(EntryDraftRow.id)
        ).all()
        return {
            **to_json(EntryRow, row, without=_NOT_IN_OWN),
            "text": next((lost.tried(what, self._text, EntryTextRow, owner_id, text) for text in texts), None),
            "drafts": [
                told
                for draft in drafts
                if (told := lost.tried(what, self._text, EntryDraftRow, owner_id, draft)) is not None
            ],
        }

    def _checks(self, connection: Connection, owner_id: str, lost: "_NotOpened") -> Iterator[dict[str, Any]]:
        rows = select(DailyCheckRow.__table__).where(DailyCheckRow.owner_id == owner_id).order_by(DailyCheckRow.day)
        for row in connection.execute(rows):
            told = to_json(DailyCheckRow, row, without=_NOT_IN_CHECK)
            check = lost.tried(f"the daily check of {row.day}", opened, self._sealed, row)
            if check is not None:
                yield {**told, "schema": CHECK_SCHEMA, "answers": answers_of(check)}

    def _turn_to(self, connection: Connection, owner_id: str, lost: "_NotOpened") -> Iterator[dict[str, Any]]:
        rows = select(TurnToRow.__table__).where(TurnToRow.owner_id == owner_id)
        for row in connection.execute(rows.order_by(TurnToRow.added_at, TurnToRow.id)):
            someone = lost.tried("somebody to turn to", someone_in, self._sealed, row)
            if someone is not None:
                yield {**to_json(TurnToRow, row, without=_NOT_IN_TURN_TO), "name": someone.name, "how": someone.how}

    def _agreements(self, connection: Connection, owner_id: str, lost: "_NotOpened") -> Iterator[dict[str, Any]]:
        rows = (
            select(AgreementRow.__table__, PairRow.first_id)
            .join(PairRow, PairRow.id == AgreementRow.pair_id)
            .where((PairRow.first_id == owner_id) | (PairRow.second_id == owner_id))
            .order_by(PairRow.began_at, AgreementRow.number)
        )
        for row in connection.execute(rows):
            you_are = Side.FIRST if row.first_id == owner_id else Side.SECOND
            told = to_json(AgreementRow, row, without=_NOT_IN_AGREEMENT)
            terms = lost.tried(f"version {row.number} of what you agreed", terms_in, self._sealed, row.first_id, row)
            if terms is not None:
                yield {**told, "you_are": you_are, "terms": asdict(terms)}

    def _text(self, table: ContentTable, owner_id: str, row: Row[Any]) -> dict[str, Any]:
        content = self._sealed.of(owner_id, table, row)
        return {
            **to_json(table, row, without=_NOT_IN_TEXT),
            "schema": SCHEMA_VERSION,
            "content": content_as_json(content),
        }


class _NotOpened(list[str]):
    """What did not open, in words."""

    def tried(self, what: str, opening: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """What `opening` gives; None where it does not open, and `what` is noted."""
        try:
            return opening(*args, **kwargs)
        except (CannotUnseal, BadContent, ValidationError):
            self.append(what)
            return None

    @property
    def told(self) -> str:
        """A paragraph of the README; nothing where everything opened."""
        if not self:
            return ""
        return (
            "\nNOT in it, because it is damaged and does not open (a backup may hold it whole): "
            + "; ".join(self)
            + ".\n"
        )


def _own(connection: Connection, table: type[EntryRow] | type[RecordingRow], owner_id: str) -> list[Row[Any]]:
    rows = select(table.__table__).where(table.owner_id == owner_id).order_by(table.id)
    return list(connection.execute(rows).all())


def _straps(connection: Connection, owner_id: str) -> Iterator[dict[str, Any]]:
    rows = select(StrapRow.__table__).where(StrapRow.owner_id == owner_id)
    for row in connection.execute(rows.order_by(StrapRow.system, StrapRow.device_id)):
        yield to_json(StrapRow, row, without=_NOT_IN_OWN)


def _channels(connection: Connection, owner_id: str) -> Iterator[dict[str, Any]]:
    rows = select(ChannelRow.__table__).where(ChannelRow.owner_id == owner_id)
    for row in connection.execute(rows.order_by(ChannelRow.created_at, ChannelRow.id)):
        yield to_json(ChannelRow, row, without=_NOT_IN_CHANNEL)


def _talk(connection: Connection, owner_id: str, talk_id: str) -> dict[str, Any]:
    row = connection.execute(select(TalkRow.__table__).where(TalkRow.id == talk_id)).one()
    text = connection.scalars(select(TalkStateRow.state).where(TalkStateRow.talk_id == talk_id)).one()
    state = renamed(seen_by(state_from_json(text), owner_id), owner_id, ME)
    return {**to_json(TalkRow, row), "state": json.loads(state_to_json(state))}


def _recording(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    told = to_json(RecordingRow, row, without=_NOT_IN_RECORDING)
    for part, (table, order) in PARTS.items():
        columns = table.__table__.c
        rows = select(table.__table__).where(columns.recording == row.number).order_by(columns[order])
        told[part] = [to_json(table, one, without=_NOT_IN_PARTS) for one in connection.execute(rows)]
    return told


def _packets_csv(connection: Connection, number: int) -> bytes:
    rows = (
        select(MeasurementRow.t_ms, MeasurementRow.packet, MeasurementRow.motion_mg)
        .where(MeasurementRow.recording == number)
        .order_by(MeasurementRow.seq)
    )
    return _csv(
        _PACKET_COLUMNS,
        (
            (f"{t_ms / 1000:.3f}", packet.hex(), "" if motion is None else motion)
            for t_ms, packet, motion in connection.execute(rows)
        ),
    )


def _json_lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows).encode()


def _csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _entries_csv(entries: Iterable[dict[str, Any]]) -> bytes:
    header = (
        "when", "trigger", "categories", "context", "body", "places", "responses", "behaviour", "led_to", "resonance",
        "notes", "disclosure", "tags",
    )  # fmt: skip
    return _csv(header, (map(_harmless, _entry_cells(entry)) for entry in entries))


def _entry_cells(entry: dict[str, Any]) -> Iterator[str]:
    content = content_from(entry["text"]["content"]) if entry["text"] else Content()
    happened = LocalMoment(datetime.fromisoformat(entry["happened_at"]), entry["utc_offset_min"])
    yield happened.local.isoformat()
    yield content.trigger.text
    yield ", ".join(content.trigger.categories)
    yield "\n".join(filter(None, (content.trigger.when, content.trigger.context)))
    yield content.body.text
    yield ", ".join(f"{it.place} {it.intensity or ''}".strip() for it in content.body.places)
    yield ", ".join(content.behaviour.responses)
    yield content.behaviour.text
    yield content.behaviour.led_to
    yield content.resonance
    yield "\n".join((content.notes, *(f"{moment.t_s:.0f} s: {moment.text}" for moment in content.moments))).strip()
    yield content.disclosure.text
    yield ", ".join(content.tags)


def _harmless(cell: str) -> str:
    """A spreadsheet would run a cell that begins like a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _minutes_csv(connection: Connection, recordings: Iterable[Row[Any]]) -> bytes:
    def rows() -> Iterator[tuple[object, ...]]:
        for recording in recordings:
            began = recording.began_at.timestamp()
            minutes = select(MinuteRow.__table__).where(MinuteRow.recording == recording.number)
            for row in connection.execute(minutes.order_by(MinuteRow.minute)):
                at = datetime.fromtimestamp(began + 60 * row.minute, tz=recording.began_at.tzinfo)
                told = to_json(MinuteRow, row, without=("recording",))
                local = LocalMoment(at, recording.utc_offset_min).local.isoformat()
                yield (recording.id, local, *("" if value is None else value for value in told.values()))

    names = [column.name for column in MinuteRow.__table__.columns if column.name != "recording"]
    return _csv(("recording", "began", *names), rows())


class _Restoring:
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
        for moment in _moments_in(state):
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
            from_json(EntryRow, told, without=_NOT_IN_OWN),
            None if text is None else _read_text(EntryTextRow, text),
            [_read_text(EntryDraftRow, draft) for draft in drafts],
        )

    def _read_recording(self, told: dict[str, Any]) -> tuple[Any, ...]:
        parts: dict[str, list[dict[str, Any]]] = {}
        for part, (table, _) in PARTS.items():
            rows = told.pop(part, None)
            if not isinstance(rows, list):
                raise BadRow(f"{part} is no list")
            parts[part] = [from_json(table, row, without=_NOT_IN_PARTS) for row in rows]
        if strange := {row["link"] for row in parts["links"]} - set(Link):
            raise BadRow(f"a link cannot be {min(strange)!r}")
        return from_json(RecordingRow, told, without=_NOT_IN_RECORDING), parts

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
            for seq, packet in enumerate(_packets(self._archive.text(name), name))
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


def _moments_in(value: object) -> Iterator[datetime]:
    """Every time in a state, wherever it stands."""
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _moments_in(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _moments_in(getattr(value, field.name))


def _read_check(told: dict[str, Any]) -> tuple[DailyCheck, datetime]:
    if told.pop("schema", None) != CHECK_SCHEMA:
        raise BadRow("a newer program wrote this check; upgrade the program")
    answers = told.pop("answers", None)
    if not isinstance(answers, dict):
        raise BadRow("answers is no object")
    row = from_json(DailyCheckRow, told, without=_NOT_IN_CHECK)
    return check_from(date.fromisoformat(row["day"]), answers), row["checked_at"]


def _read_turn_to(told: dict[str, Any]) -> tuple[Someone, datetime]:
    name, how = told.pop("name", None), told.pop("how", None)
    if not all(isinstance(text, str) and encodes(text) for text in (name, how)):
        raise BadRow("somebody to turn to has a name and a way, as text")
    row = from_json(TurnToRow, told, without=_NOT_IN_TURN_TO)
    return Someone(row["id"], name, how), row["added_at"]


def _read_strap(told: dict[str, Any]) -> dict[str, Any]:
    return from_json(StrapRow, told, without=_NOT_IN_OWN)


def _read_text(table: type[Base], told: Any) -> tuple[dict[str, Any], Content]:  # noqa: ANN401  JSON of any shape
    if not isinstance(told, dict):
        raise BadRow("a text is no object")
    if told.pop("schema", None) != SCHEMA_VERSION:
        raise BadRow("a newer program wrote this text; upgrade the program")
    content = content_from(told.pop("content", None))
    return from_json(table, told, without=_NOT_IN_TEXT), content


def _packets(text: str, name: str) -> Iterator[dict[str, Any]]:
    rows = csv.reader(io.StringIO(text, newline=""))
    if tuple(next(rows, ())) != _PACKET_COLUMNS:
        raise BadArchive(f"{name}, line 1, has not the columns {', '.join(_PACKET_COLUMNS)}")
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
