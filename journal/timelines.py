"""Timelines, computed once when a talk is over and kept, and with each the figures that trends need of it.

What is kept is derived: it is never edited, it is used only while it is what the packets would give again (same
detector, same settings, no packet more), and a missing or old one is made anew. It tells of a body no more than the
packets and minutes beside it do, is stored as they are, and goes with its recording.

A recording without packets that has minutes (`journal.trends.from_minutes`) has figures from them, and no timeline.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from alerts.people import Actor
from alerts.ports import Talk
from alerts.talk_state import TalkState
from hrv.settings import ALGORITHM_VERSION, DetectorSettings
from journal.access import Action, Subject, require
from journal.database import Database, DatabaseBusy
from journal.models import MeasurementRow, RecordingRow, TalkFiguresRow, TalkRow, TalkStateRow, TimelineRow
from journal.own_share import as_lived
from journal.recorder import JournalRecorder
from journal.statements import put
from journal.talks import select_talks, state_from_json, talk_from
from journal.timeline import Timeline, timeline
from journal.timeline_bytes import TimelineBytes, TimelineFacts, decode, encode, facts_of
from journal.trends.from_minutes import figures_from_minutes
from journal.trends.stored_figures import FIGURES_VERSION, columns_of, has_minutes, rows_of
from journal.trends.talk_figures import talk_figures

log = structlog.get_logger(__name__)

AT_ONCE = 500
"""So many recordings without packets get their figures in one transaction."""
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
        A talk of which there are minutes without packets has no timeline, and is neither.
        """
        require(actor, Action.LIST_ENTRIES, Subject(owner_id=actor.person_id))
        query = (
            _talks_with(has_minutes(), TimelineRow.facts)
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
        for *columns, basis, packets_then, packets, minutes_only, facts in rows:
            talk = talk_from(columns)
            if minutes_only and not packets:
                continue
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
        """Make every timeline of a finished talk, and its figures, that are missing or old; return of how many talks.

        For the service itself.
        """
        require(actor, Action.DERIVE, Subject())
        made, of_minutes = 0, []
        for stale in list(self._stale(settings)):
            if stopped():
                return made
            if stale.is_minutes_only:
                of_minutes.append(stale)
                continue
            try:
                made += self._derive(stale.talk, settings)
            except Exception as error:  # noqa: BLE001  one talk that cannot be computed must not hold up the others
                log.warning("timeline_not_computed", talk=stale.talk.id, error=type(error).__name__)
        for at in range(0, len(of_minutes), AT_ONCE):
            if stopped():
                break
            made += self._derive_from_minutes(of_minutes[at : at + AT_ONCE], settings)
        return made

    def _derive_from_minutes(self, stale: Sequence["_Stale"], settings: DetectorSettings) -> int:
        try:
            return self._keep_from_minutes(stale, settings)
        except Exception as error:  # noqa: BLE001  one talk that cannot be read must not hold up the others
            if len(stale) > 1:
                return sum(self._derive_from_minutes([one], settings) for one in stale)
            log.warning("figures_not_computed", talk=stale[0].talk.id, error=type(error).__name__)
            return 0

    def _derive(self, talk: Talk, settings: DetectorSettings) -> bool:
        state = self._state(talk)
        if state is None:
            return False
        wearer = Actor(talk.wearer_id)
        kept = self._kept(wearer, talk, settings)
        if kept is not None:
            with suppress(ValueError, zlib.error):  # its figures alone are old
                return self._keep_figures(talk, decode(kept), settings)
        found, packets = self._computed(wearer, talk, state, settings)
        return self._keep(talk, found, packets, settings)

    def _stale(self, settings: DetectorSettings) -> Iterator["_Stale"]:
        query = (
            _talks_with(has_minutes(), RecordingRow.number, TalkFiguresRow.basis)
            .join(TalkFiguresRow, TalkFiguresRow.recording == RecordingRow.number, isouter=True)
            .where(TalkRow.ended_at.is_not(None))
            .order_by(RecordingRow.began_at.desc())
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        for *columns, basis, packets_then, packets, minutes, number, figures_basis in rows:
            talk, minutes_only = talk_from(columns), bool(minutes) and not packets
            fits = minutes_only or (basis == basis_of(settings, talk.threshold_bpm) and packets_then == packets)
            if not fits or figures_basis != _figures_basis(settings, talk, minutes_only=minutes_only):
                yield _Stale(talk, number, minutes_only)

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
            there = _there(connection, talk.recording_id)
            if there is None:  # erased meanwhile
                return False
            put(connection, TimelineRow, {"recording": there.number}, values)
            if packets or not there.minutes:
                _put_figures(connection, there, talk, found, settings)
        return True

    def _keep_figures(self, talk: Talk, found: Timeline, settings: DetectorSettings) -> bool:
        with self._database.write() as connection:
            there = _there(connection, talk.recording_id)
            if there is None:
                return False
            _put_figures(connection, there, talk, found, settings)
        return True

    def _keep_from_minutes(self, stale: Sequence["_Stale"], settings: DetectorSettings) -> int:
        made = 0
        with self._database.write() as connection:
            numbers = select(RecordingRow.number).where(RecordingRow.number.in_([one.number for one in stale]))
            there = set(connection.scalars(numbers))
            rows = rows_of(connection, [(one.number, one.talk.id) for one in stale])
            for one in stale:
                if one.number in there:  # else erased meanwhile
                    figures = figures_from_minutes(one.talk, rows[one.number], settings)
                    values = columns_of(one.talk, figures)
                    values["basis"] = _figures_basis(settings, one.talk, minutes_only=True)
                    put(connection, TalkFiguresRow, {"recording": one.number}, values)
                    made += 1
        return made


@dataclass(frozen=True, slots=True)
class _Stale:
    """A finished talk whose timeline or figures are missing or old."""

    talk: Talk
    number: int
    is_minutes_only: bool


@cache
def basis_of(settings: DetectorSettings, threshold_bpm: float) -> str:
    """What a timeline was made with. A kept one with another basis is old.

    >>> basis_of(DetectorSettings(), 100.0) == basis_of(DetectorSettings(), 110.0)
    False
    """
    inside = replace(settings, threshold_bpm=threshold_bpm)
    return f"{ALGORITHM_VERSION}/{TIMELINE_VERSION}/{hashlib.sha256(repr(inside).encode()).hexdigest()[:16]}"


def _figures_basis(settings: DetectorSettings, talk: Talk, *, minutes_only: bool) -> str:
    """What figures were made with and from."""
    return f"{'minutes' if minutes_only else 'packets'}/{FIGURES_VERSION}/{basis_of(settings, talk.threshold_bpm)}"


def _put_figures(
    connection: Connection, there: Row[int, str, str, bool], talk: Talk, found: Timeline, settings: DetectorSettings
) -> None:
    own = replace(talk, wearer_id=there.owner_id)
    values = columns_of(own, talk_figures(own, as_lived(state_from_json(there.state), there.owner_id), found))
    values["basis"] = _figures_basis(settings, talk, minutes_only=False)
    put(connection, TalkFiguresRow, {"recording": there.number}, values)


def _there(connection: Connection, recording_id: str) -> Row[int, str, str, bool] | None:
    query = (
        select(RecordingRow.number, RecordingRow.owner_id, TalkStateRow.state, has_minutes().label("minutes"))
        .join(TalkStateRow, TalkStateRow.talk_id == RecordingRow.talk_id)
        .where(RecordingRow.id == recording_id)
    )
    return connection.execute(query).one_or_none()


def _packets() -> ScalarSelect[int]:
    """How many packets the recording has now: more may have come, and some may have been erased."""
    return (
        select(func.count())
        .select_from(MeasurementRow)
        .where(MeasurementRow.recording == RecordingRow.number)
        .scalar_subquery()
    )


def _talks_with(*more: ColumnElement[Any] | InstrumentedAttribute[Any]) -> Select[*tuple[Any, ...]]:
    """`select_talks` with what was kept of each: basis, packets then, packets now, and `more`."""
    return (
        select_talks()
        .add_columns(TimelineRow.basis, TimelineRow.packets, _packets(), *more)
        .join(TimelineRow, TimelineRow.recording == RecordingRow.number, isouter=True)
    )
