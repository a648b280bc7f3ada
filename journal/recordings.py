"""Finished recordings, whole: those that come from files, and those that go into them."""

import hashlib
import struct
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Row, func, insert, select

from alerts.people import Actor
from alerts.ports import Stored, Talk
from alerts.steps import begin_topic, end_talk
from alerts.talk_state import TalkState
from hrv.settings import DetectorSettings
from journal.access import Action, Subject, require
from journal.database import Database
from journal.local_time import LocalMoment
from journal.models import EntryRow, LinkEventRow, MeasurementRow, MinuteRow, RecordingRow, TalkRow
from journal.own_account import own_account
from journal.own_share import as_lived
from journal.recorder import add_entry, put_episode, put_near_miss, read_measurements
from journal.talks import add_talk, put_state, read_state, select_talks, talk_from
from journal.timeline import timeline
from sensing.source import Link, LinkEvent

_ROWS_AT_A_TIME = 10_000


@dataclass(frozen=True, slots=True)
class NewRecording:
    """A recording that is not stored yet.

    Attributes:
        began_at: aware; the recording's t_s = 0.
        ended_at: aware; when the talk was over.
        topic_began_at: aware; when the quiet minutes were over, None if they never were.
        strap: what the heartbeats came from, in words for people.
        zone: the name of the wearer's time zone, where it is known.
    """

    began_at: datetime
    utc_offset_min: int
    ended_at: datetime
    topic_began_at: datetime | None
    strap: str | None
    simulated: bool
    threshold_bpm: float
    stored: Sequence[Stored]
    links: Sequence[LinkEvent] = ()
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a recording that was imported.

    Attributes:
        new: whether it was added; False when it was there already.
    """

    recording_id: str
    new: bool
    floods: int = 0


@dataclass(frozen=True, slots=True)
class WholeRecording:
    """A stored recording with everything that belongs to it."""

    talk: Talk
    state: TalkState
    stored: list[Stored]
    links: list[LinkEvent]


@dataclass(frozen=True, slots=True)
class OwnRecording:
    """A recording of the actor's, and the entry that it belongs to."""

    id: str
    began: LocalMoment
    strap: str | None
    measurements: int
    entry_id: str | None


class Import:
    """The recordings of one file, on their way into the journal: all of them or none."""

    def __init__(self, connection: Connection, owner_id: str) -> None:
        self._connection = connection
        self._owner_id = owner_id

    def add(self, new: NewRecording) -> Imported:
        """Store a recording as a talk that is over, with its minutes, floods, near misses and its entry.

        One that is there already, imported or recorded, is left as it is.
        """
        digest = _digest(new.stored, new.links)
        known = self._known(digest, new.began_at)
        if known is not None:
            return Imported(known, new=False)
        talk = add_talk(
            self._connection,
            self._owner_id,
            began_at=new.began_at,
            utc_offset_min=new.utc_offset_min,
            strap=new.strap,
            simulated=new.simulated,
            threshold_bpm=new.threshold_bpm,
            imported_sha256=digest,
        )
        state = _over(new)
        put_state(self._connection, talk.id, state, expected_version=1)
        talk = replace(talk, topic_began_at=state.topic_began_at, ended_at=state.ended_at)
        return Imported(talk.recording_id, new=True, floods=self._fill(talk, state, new))

    def _known(self, digest: str, began_at: datetime) -> str | None:
        """The recording with this content: an imported one, or one that was recorded here at that very moment."""
        mine = RecordingRow.owner_id == self._owner_id
        imported = select(RecordingRow.id).where(mine, RecordingRow.imported_sha256 == digest)
        found = self._connection.scalar(imported)
        if found is not None:
            return found
        recorded = select(RecordingRow.id, RecordingRow.number).where(
            mine, RecordingRow.imported_sha256.is_(None), RecordingRow.began_at == began_at
        )
        for recording_id, number in self._connection.execute(recorded):
            if _digest(read_measurements(self._connection, number), _links(self._connection, number)) == digest:
                return str(recording_id)
        return None

    def _fill(self, talk: Talk, state: TalkState, new: NewRecording) -> int:
        """Store everything below the talk; return how many floods there were."""
        connection = self._connection
        number = connection.scalars(select(RecordingRow.number).where(RecordingRow.id == talk.recording_id)).one()
        _add_measurements(connection, number, new.stored)
        if new.links:
            connection.execute(insert(LinkEventRow), [_link_columns(number, event) for event in new.links])
        found = timeline(talk, state, new.stored, DetectorSettings(threshold_bpm=new.threshold_bpm))
        if found.minutes:
            connection.execute(insert(MinuteRow), [{"recording": number} | asdict(minute) for minute in found.minutes])
        for near_miss in found.near_misses:
            put_near_miss(connection, number, near_miss)
        for episode in found.episodes:
            put_episode(connection, number, episode)
        add_entry(connection, self._owner_id, talk.id, lambda: new.zone)
        return len(found.episodes)


class Recordings:
    """The actor's own recordings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def importing(self, actor: Actor) -> Generator[Import, None, None]:
        """One transaction for the recordings of one file: an error in it undoes all of them. Raises `NotAllowed`."""
        with self._database.write() as connection:
            yield Import(connection, own_account(connection, actor, Action.IMPORT_RECORDING))

    def list_recordings(self, actor: Actor) -> list[Talk]:
        """The talks that are over, each with the actor's recording of it, newest first."""
        require(actor, Action.LIST_RECORDINGS, Subject(owner_id=actor.person_id))
        query = (
            select_talks()
            .where(RecordingRow.owner_id == actor.person_id, TalkRow.ended_at.is_not(None))
            .order_by(RecordingRow.began_at.desc(), RecordingRow.number.desc())
        )
        with self._database.read() as connection:
            return [talk_from(row) for row in connection.execute(query)]

    def own(self, actor: Actor) -> list[OwnRecording]:
        """All of them with their size and entry, newest first; also of a talk that goes on."""
        require(actor, Action.READ_RECORDING, Subject(owner_id=actor.person_id))
        count = select(func.count()).where(MeasurementRow.recording == RecordingRow.number).scalar_subquery()
        query = (
            select(RecordingRow, count.label("n"), EntryRow.id.label("entry_id"))
            .join(
                EntryRow,
                (EntryRow.talk_id == RecordingRow.talk_id) & (EntryRow.owner_id == RecordingRow.owner_id),
                isouter=True,
            )
            .where(RecordingRow.owner_id == actor.person_id)
            .order_by(RecordingRow.began_at.desc())
        )
        with self._database.read() as connection:
            return [
                OwnRecording(
                    row.id,
                    LocalMoment(row.began_at, row.utc_offset_min),
                    row.page_strap if row.strap is None else row.strap,
                    row.n,
                    row.entry_id,
                )
                for row in connection.execute(query)
            ]

    def whole(self, actor: Actor, recording_id: str) -> WholeRecording:
        """A recording with all that belongs to it. Raises `NotAllowed`."""
        with self._database.read() as connection:
            found = _found(connection, recording_id)
            require(actor, Action.READ_RECORDING, Subject(owner_id=found.owner_id if found else None))
            assert found is not None  # noqa: S101  nobody owns what does not exist, so `require` has raised
            talk = talk_from(connection.execute(select_talks().where(RecordingRow.id == recording_id)).one())
            state, _ = read_state(connection, talk.id)
            stored = read_measurements(connection, found.number)
            return WholeRecording(talk, as_lived(state, talk.wearer_id), stored, _links(connection, found.number))


def _found(connection: Connection, recording_id: str) -> Row[int, str] | None:
    query = select(RecordingRow.number, RecordingRow.owner_id).where(RecordingRow.id == recording_id)
    return connection.execute(query).one_or_none()


def _over(new: NewRecording) -> TalkState:
    state = TalkState(new.began_at)
    if new.topic_began_at is not None:
        state = begin_topic(state, new.topic_began_at)
    return end_talk(state, new.ended_at)


def _add_measurements(connection: Connection, number: int, stored: Sequence[Stored]) -> None:
    for at in range(0, len(stored), _ROWS_AT_A_TIME):
        rows = [
            {"recording": number, "seq": seq, "t_ms": _ms(one.t_s), "packet": one.packet, "motion_mg": one.motion_mg}
            for seq, one in enumerate(stored[at : at + _ROWS_AT_A_TIME], at)
        ]
        connection.execute(insert(MeasurementRow), rows)


def _link_columns(number: int, event: LinkEvent) -> dict[str, object]:
    return {"recording": number, "t_ms": _ms(event.t_s), "link": event.link, "detail": event.detail}


def _links(connection: Connection, number: int) -> list[LinkEvent]:
    rows = connection.execute(
        select(LinkEventRow.t_ms, LinkEventRow.link, LinkEventRow.detail)
        .where(LinkEventRow.recording == number)
        .order_by(LinkEventRow.id)
    )
    return [LinkEvent(t_ms / 1000, Link(link), detail) for t_ms, link, detail in rows]


def _digest(stored: Iterable[Stored], links: Iterable[LinkEvent]) -> str:
    """What a recording is known by: its packets and link events with their times, whenever it is said to have begun."""
    content = hashlib.sha256()
    for one in stored:
        motion_mg = -1 if one.motion_mg is None else one.motion_mg
        content.update(struct.pack("<cqqq", b"P", _ms(one.t_s), motion_mg, len(one.packet)) + one.packet)
    for event in links:
        told = f"{event.link}\0{event.detail}".encode()
        content.update(struct.pack("<cqq", b"L", _ms(event.t_s), len(told)) + told)
    return content.hexdigest()


def _ms(t_s: float) -> int:
    return round(t_s * 1000)
