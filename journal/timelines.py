"""Timelines, computed once when a talk is over and kept.

What is kept is derived: it is never edited, it is used only while it is what the packets would give again (same
detector, same settings, no packet more), and a missing or old one is made anew. It tells of a body no more than the
packets and minutes beside it do, is stored as they are, and goes with its recording.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import structlog
from sqlalchemy import Connection, ScalarSelect, Select, func, select
from sqlalchemy.orm import QueryableAttribute

from alerts.people import Actor
from alerts.ports import Talk
from alerts.talk_state import TalkState
from hrv.settings import ALGORITHM_VERSION, DetectorSettings
from journal.access import Action, Subject, require
from journal.database import Database, DatabaseBusy
from journal.models import MeasurementRow, RecordingRow, TalkRow, TalkStateRow, TimelineRow
from journal.own_share import as_lived
from journal.recorder import JournalRecorder
from journal.statements import put
from journal.talks import select_talks, state_from_json, talk_from
from journal.timeline import Timeline, timeline
from journal.timeline_bytes import TimelineBytes, TimelineFacts, decode, encode, facts_of

log = structlog.get_logger(__name__)

TIMELINE_VERSION = "1"
"""Changes whenever the same readings would be stored, or divided into phases, differently."""


@dataclass(frozen=True, slots=True)
class TalkFacts:
    """One of the actor's finished talks, for reviews."""

    talk: Talk
    facts: TimelineFacts


class Timelines:
    """The timelines of finished talks, each for its owner."""

    def __init__(self, database: Database, recorder: JournalRecorder) -> None:
        self._database = database
        self._recorder = recorder

    def read(self, actor: Actor, talk: Talk, state: TalkState, settings: DetectorSettings) -> Timeline:
        """The timeline of the actor's recording in `talk`: the kept one, or made now and kept if the talk is over.

        `settings` are today's; the talk's own line is put into them. Raises `NotAllowed`.
        """
        kept = self._kept(actor, talk, settings) if talk.ended_at else None
        if kept is not None:
            with suppress(ValueError, zlib.error):  # damaged: what is derived can always be made anew
                return decode(kept)
        found, packets = self._computed(actor, talk, state, settings)
        if talk.ended_at:
            with suppress(DatabaseBusy):  # it is made anew next time
                self._keep(talk, found, packets, settings)
        return found

    def facts(
        self, actor: Actor, settings: DetectorSettings, *, since: datetime, until: datetime
    ) -> tuple[list[TalkFacts], int]:
        """The actor's finished talks that began from `since` to before `until`, oldest first; and how many wait.

        Those are not computed yet. `bring_up_to_date` does that: made here, they could let a page wait for minutes.
        """
        require(actor, Action.LIST_ENTRIES, Subject(owner_id=actor.person_id))
        query = (
            _talks_with(TimelineRow.facts)
            .where(
                RecordingRow.owner_id == actor.person_id,
                RecordingRow.began_at >= since,
                RecordingRow.began_at < until,
                TalkRow.ended_at.is_not(None),
            )
            .order_by(RecordingRow.began_at)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        found, waiting = [], 0
        for *columns, basis, packets_then, packets, facts in rows:
            talk = talk_from(columns)
            if basis == basis_of(settings, talk.threshold_bpm) and packets_then == packets:
                found.append(TalkFacts(talk, facts_of(facts)))
            else:
                waiting += 1
        return found, waiting

    def trace(self, actor: Actor, recording_id: str) -> bytes | None:
        """The kept second-by-second part (`journal.timeline_bytes.columns_of`); None when there is none."""
        with self._database.read() as connection:
            owner_id = connection.scalar(select(RecordingRow.owner_id).where(RecordingRow.id == recording_id))
            require(actor, Action.READ_RECORDING, Subject(owner_id=owner_id))
            query = (
                select(TimelineRow.trace)
                .join(RecordingRow, RecordingRow.number == TimelineRow.recording)
                .where(RecordingRow.id == recording_id)
            )
            return connection.scalar(query)

    def bring_up_to_date(
        self, actor: Actor, settings: DetectorSettings, *, stopped: Callable[[], bool] = lambda: False
    ) -> int:
        """Make every timeline of a finished talk that is missing or old; return how many. For the service itself."""
        require(actor, Action.DERIVE, Subject())
        made = 0
        for talk in list(self._stale(settings)):
            if stopped():
                break
            try:
                made += self._derive(talk, settings)
            except Exception as error:  # noqa: BLE001  one talk that cannot be computed must not hold up the others
                log.warning("timeline_not_computed", talk=talk.id, error=type(error).__name__)
        return made

    def _derive(self, talk: Talk, settings: DetectorSettings) -> bool:
        state = self._state(talk)
        if state is None:
            return False
        found, packets = self._computed(Actor(talk.wearer_id), talk, state, settings)
        return self._keep(talk, found, packets, settings)

    def _stale(self, settings: DetectorSettings) -> Iterator[Talk]:
        query = _talks_with().where(TalkRow.ended_at.is_not(None)).order_by(RecordingRow.began_at.desc())
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        for *columns, basis, packets_then, packets in rows:
            talk = talk_from(columns)
            if basis != basis_of(settings, talk.threshold_bpm) or packets_then != packets:
                yield talk

    def _state(self, talk: Talk) -> TalkState | None:
        """The talk as its wearer lived it; None when it was erased meanwhile."""
        with self._database.read() as connection:
            text = connection.scalar(select(TalkStateRow.state).where(TalkStateRow.talk_id == talk.id))
        return None if text is None else as_lived(state_from_json(text), talk.wearer_id)

    def _kept(self, actor: Actor, talk: Talk, settings: DetectorSettings) -> TimelineBytes | None:
        columns = (TimelineRow.basis, TimelineRow.packets, TimelineRow.facts, TimelineRow.minutes, TimelineRow.trace)
        query = (
            select(RecordingRow.owner_id, _packets(), *columns)
            .join(TimelineRow, TimelineRow.recording == RecordingRow.number, isouter=True)
            .where(RecordingRow.id == talk.recording_id)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        require(actor, Action.READ_RECORDING, Subject(owner_id=row.owner_id if row else None))
        assert row is not None  # noqa: S101  nobody owns what does not exist, so `require` has raised
        fits = row.basis == basis_of(settings, talk.threshold_bpm) and row.packets == row[1]
        return TimelineBytes(row.facts, row.minutes, row.trace) if fits else None

    def _computed(self, actor: Actor, talk: Talk, state: TalkState, settings: DetectorSettings) -> tuple[Timeline, int]:
        stored = self._recorder.measurements(actor, talk.recording_id)
        found = timeline(talk, state, stored, replace(settings, threshold_bpm=talk.threshold_bpm))
        return found, len(stored)

    def _keep(self, talk: Talk, found: Timeline, packets: int, settings: DetectorSettings) -> bool:
        parts = encode(found)
        values = {
            "basis": basis_of(settings, talk.threshold_bpm),
            "packets": packets,
            "facts": parts.facts,
            "minutes": parts.minutes,
            "trace": parts.trace,
        }
        with self._database.write() as connection:
            number = _number(connection, talk.recording_id)
            if number is None:  # erased meanwhile
                return False
            put(connection, TimelineRow, {"recording": number}, values)
        return True


@cache
def basis_of(settings: DetectorSettings, threshold_bpm: float) -> str:
    """What a timeline was made with. A kept one with another basis is old.

    >>> basis_of(DetectorSettings(), 100.0) == basis_of(DetectorSettings(), 110.0)
    False
    """
    inside = replace(settings, threshold_bpm=threshold_bpm)
    return f"{ALGORITHM_VERSION}/{TIMELINE_VERSION}/{hashlib.sha256(repr(inside).encode()).hexdigest()[:16]}"


def _number(connection: Connection, recording_id: str) -> int | None:
    return connection.scalar(select(RecordingRow.number).where(RecordingRow.id == recording_id))


def _packets() -> ScalarSelect[int]:
    """How many packets the recording has now: more may have come, and some may have been erased."""
    return (
        select(func.count())
        .select_from(MeasurementRow)
        .where(MeasurementRow.recording == RecordingRow.number)
        .scalar_subquery()
    )


def _talks_with(*more: QueryableAttribute[str]) -> Select[*tuple[Any, ...]]:
    """`select_talks` with what was kept of each: basis, packets then, packets now, and `more`."""
    return (
        select_talks()
        .add_columns(TimelineRow.basis, TimelineRow.packets, _packets(), *more)
        .join(TimelineRow, TimelineRow.recording == RecordingRow.number, isouter=True)
    )
