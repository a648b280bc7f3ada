"""Timelines, computed once when a talk is over and kept, and with each the figures that trends need of it.

What is kept is derived: it is never edited, it is used only while it is what the packets would give again (same
detector, same settings, no packet more), and a missing or old one is made anew. It tells of a body no more than the
packets and minutes beside it do, is stored as they are, and goes with its recording.

A recording without packets that has minutes (`journal.trends.from_minutes`) has figures from them, and no timeline.
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, Row, ScalarSelect, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from alerts.people import Actor
from alerts.ports import Talk
from alerts.talk_state import TalkState
from hrv.settings import DetectorSettings
from journal.access import Action, Subject, require
from journal.database import Database, DatabaseBusy
from journal.derived import Derived, Recorded, basis_of, derive, derived_from, figures_basis_of, walked
from journal.models import MeasurementRow, RecordingRow, TalkFiguresRow, TalkRow, TalkStateRow, TimelineRow
from journal.own_share import as_lived
from journal.recorder import JournalRecorder
from journal.talks import select_talks, state_from_json, talk_from
from journal.timeline import Timeline
from journal.timeline_bytes import TimelineBytes, TimelineFacts, decode, facts_of
from journal.trends.figures import TalkFigures
from journal.trends.from_minutes import figures_from_minutes
from journal.trends.stored_figures import has_minutes, rows_of
from journal.trends.talk_figures import talk_figures
from journal.versions import Analysis, analyses, earlier, put_figures, put_shown

log = structlog.get_logger(__name__)

AT_ONCE = 500
"""So many recordings without packets get their figures in one transaction."""


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
        recorded = self._recorded(actor, talk, state, settings)
        found = walked(recorded)
        if talk.ended_at:
            with suppress(DatabaseBusy):  # it is made anew next time
                self._keep(talk, derived_from(talk, state, settings, found, len(recorded.stored)))
        return found

    def analyses(self, actor: Actor, recording_id: str) -> list[Analysis]:
        """Which versions of the detector have looked at the actor's recording, and what each found. Raises `NotAllowed`."""
        with self._database.read() as connection:
            return analyses(connection, _own_number(connection, actor, recording_id))

    def earlier(self, actor: Actor, recording_id: str, version: str) -> Timeline | None:
        """What another version of the detector made of the actor's recording; None where nothing is kept of it.

        Raises `NotAllowed`.
        """
        with self._database.read() as connection:
            kept = earlier(connection, _own_number(connection, actor, recording_id), version)
        if kept is not None:
            with suppress(ValueError, zlib.error):  # damaged, or of a form that this program no longer reads
                return decode(kept)
        return None

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
            number = _own_number(connection, actor, recording_id)
            return connection.scalar(select(TimelineRow.trace).where(TimelineRow.recording == number))

    def to_analyse(self, actor: Actor, settings: DetectorSettings, *, again: bool = False) -> "ToAnalyse":
        """Which finished recordings this program's detector has not looked at; with `again` all. For the service itself."""
        require(actor, Action.DERIVE, Subject())
        with_packets = [kept for kept in self._finished() if kept.packets]
        wanted = [kept for kept in with_packets if again or not kept.fits(settings)]
        return ToAnalyse(
            tuple(kept.talk for kept in wanted),
            done=len(with_packets) - len(wanted),
            without_packets=sum(not kept.packets for kept in self._finished()),
        )

    def recorded(self, actor: Actor, talk: Talk, settings: DetectorSettings) -> Recorded | None:
        """What a finished talk's result is made from; None when it was erased meanwhile. For the service itself."""
        require(actor, Action.DERIVE, Subject())
        state = self._state(talk)
        return None if state is None else self._recorded(Actor(talk.wearer_id), talk, state, settings)

    def keep(self, actor: Actor, talk: Talk, derived: Derived) -> bool:
        """Keep a result as the one that is shown; False when its recording was erased meanwhile. For the service itself."""
        require(actor, Action.DERIVE, Subject())
        return self._keep(talk, derived)

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

    def _derive_from_minutes(self, stale: Sequence["_Finished"], settings: DetectorSettings) -> int:
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
                return self._keep_figures(talk, talk_figures(talk, state, decode(kept)), settings)
        return self._keep(talk, derive(self._recorded(wearer, talk, state, settings)))

    def _stale(self, settings: DetectorSettings) -> Iterator["_Finished"]:
        return (kept for kept in self._finished() if not kept.fits(settings))

    def _finished(self) -> list["_Finished"]:
        """Every finished talk's recording, newest first, with what is kept of it."""
        query = (
            _talks_with(has_minutes(), RecordingRow.number, TalkFiguresRow.basis)
            .join(TalkFiguresRow, TalkFiguresRow.recording == RecordingRow.number, isouter=True)
            .where(TalkRow.ended_at.is_not(None))
            .order_by(RecordingRow.began_at.desc())
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [
            _Finished(talk_from(columns), number, packets, bool(minutes), basis, packets_then, figures_basis)
            for *columns, basis, packets_then, packets, minutes, number, figures_basis in rows
        ]

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

    def _recorded(self, actor: Actor, talk: Talk, state: TalkState, settings: DetectorSettings) -> Recorded:
        return Recorded(talk, state, self._recorder.measurements(actor, talk.recording_id), settings)

    def _keep(self, talk: Talk, derived: Derived) -> bool:
        with self._database.write() as connection:
            there = _there(connection, talk.recording_id)
            if there is None:  # erased meanwhile
                return False
            put_shown(connection, there.number, derived, datetime.now(UTC))
            if derived.packets or not there.minutes:
                put_figures(connection, there.number, talk, derived.figures, derived.figures_basis)
        return True

    def _keep_figures(self, talk: Talk, figures: TalkFigures, settings: DetectorSettings) -> bool:
        with self._database.write() as connection:
            there = _there(connection, talk.recording_id)
            if there is None:
                return False
            put_figures(connection, there.number, talk, figures, figures_basis_of(settings, talk.threshold_bpm))
        return True

    def _keep_from_minutes(self, stale: Sequence["_Finished"], settings: DetectorSettings) -> int:
        made = 0
        with self._database.write() as connection:
            numbers = select(RecordingRow.number).where(RecordingRow.number.in_([one.number for one in stale]))
            there = set(connection.scalars(numbers))
            rows = rows_of(connection, [(one.number, one.talk.id) for one in stale])
            for one in stale:
                if one.number in there:  # else erased meanwhile
                    figures = figures_from_minutes(one.talk, rows[one.number], settings)
                    basis = figures_basis_of(settings, one.talk.threshold_bpm, from_minutes=True)
                    put_figures(connection, one.number, one.talk, figures, basis)
                    made += 1
        return made


@dataclass(frozen=True, slots=True)
class ToAnalyse:
    """What a newer detector has still to look at.

    Attributes:
        talks: each with the recording that is meant, newest first.
        done: so many it has looked at already.
        without_packets: so many have nothing to look at: no heart was heard, or minutes alone came along.
    """

    talks: tuple[Talk, ...]
    done: int
    without_packets: int


@dataclass(frozen=True, slots=True)
class _Finished:
    """A finished talk's recording, and what is kept of it: None where nothing is."""

    talk: Talk
    number: int
    packets: int
    has_minutes: bool
    basis: str | None
    packets_then: int | None
    figures_basis: str | None

    @property
    def is_minutes_only(self) -> bool:
        return self.has_minutes and not self.packets

    def fits(self, settings: DetectorSettings) -> bool:
        """Whether what is kept is what would be made now."""
        line_bpm, minutes_only = self.talk.threshold_bpm, self.is_minutes_only
        if self.figures_basis != figures_basis_of(settings, line_bpm, from_minutes=minutes_only):
            return False
        return minutes_only or (self.basis == basis_of(settings, line_bpm) and self.packets_then == self.packets)


def _own_number(connection: Connection, actor: Actor, recording_id: str) -> int:
    query = select(RecordingRow.number, RecordingRow.owner_id).where(RecordingRow.id == recording_id)
    row = connection.execute(query).one_or_none()
    require(actor, Action.READ_RECORDING, Subject(owner_id=row.owner_id if row else None))
    assert row is not None  # noqa: S101  nobody owns what does not exist, so `require` has raised
    return int(row.number)


def _there(connection: Connection, recording_id: str) -> Row[int, bool] | None:
    query = select(RecordingRow.number, has_minutes().label("minutes")).where(RecordingRow.id == recording_id)
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
