"""Gathers what reviews are made from out of the journal: the actor's own, and nobody else's."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from sqlalchemy import select

from alerts.pause import PauseState
from alerts.people import Actor
from hrv.coming_down import Recovery
from hrv.near_miss import NearMiss
from hrv.reading import Episode
from hrv.settings import DetectorSettings
from journal.access import Action, Subject, require
from journal.content import Content, EpisodeLabel
from journal.database import Database
from journal.local_time import LocalMoment, clock_of
from journal.models import EntryRow, PauseRow, RecordingRow, TalkRow
from journal.reviews.rises import (
    EntryFacts,
    EntrySource,
    Gathered,
    PauseTaken,
    Rise,
    RiseKind,
    TalkSeen,
)
from journal.texts import EntryTexts
from journal.timeline_bytes import columns_of
from journal.timelines import TalkFacts, Timelines

PAUSE_BELONGS_S = 600
"""A pause this soon after a flood's end still answers it (own choice)."""

WIDEST_OFFSET = timedelta(hours=14)
"""The clocks of the world are at most so far from UTC: local dates are asked for with that margin and then sorted out."""

LABEL_MEANS_WITHIN_S = 10
"""A label names a rise by the second it began; a newer detector may see it begin a little earlier or later (own choice)."""

CURVE_BEFORE_S, CURVE_AFTER_S = 120, 480
"""What is drawn around a near miss."""


class StoredEntries:
    """Entries with what their owner wrote, opened for their owner. Implements `EntrySource`."""

    def __init__(self, database: Database, texts: EntryTexts) -> None:
        self._database = database
        self._texts = texts

    def entries(self, actor: Actor, *, since: datetime, until: datetime) -> Sequence[EntryFacts]:
        """The actor's entries of what happened from `since` to before `until`, oldest first."""
        require(actor, Action.LIST_ENTRIES, Subject(owner_id=actor.person_id))
        query = (
            select(EntryRow.id, EntryRow.talk_id, EntryRow.happened_at, EntryRow.utc_offset_min, EntryRow.zone)
            .where(EntryRow.owner_id == actor.person_id, EntryRow.happened_at >= since, EntryRow.happened_at < until)
            .order_by(EntryRow.happened_at, EntryRow.id)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        contents = self._texts.contents(actor, since=since, until=until)
        return [
            _facts(entry_id, talk_id, LocalMoment(at, offset_min, zone), contents.get(entry_id, Content()))
            for entry_id, talk_id, at, offset_min, zone in rows
        ]


class Reviews:
    """What the actor's talks say together."""

    def __init__(self, database: Database, timelines: Timelines, entries: EntrySource) -> None:
        self._database = database
        self._timelines = timelines
        self._entries = entries

    def gather(self, actor: Actor, settings: DetectorSettings, *, first: date, days: int) -> Gathered:
        """Everything of the actor's whose local date is one of `days` days from `first` on. Raises `NotAllowed`."""
        since = datetime.combine(first, time(), UTC) - WIDEST_OFFSET
        until = datetime.combine(first + timedelta(days=days), time(), UTC) + WIDEST_OFFSET
        talks, waiting = self._timelines.facts(actor, settings, since=since, until=until)
        entries = self._entries.entries(actor, since=since, until=until)
        of_talk = {entry.talk_id: entry for entry in entries if entry.talk_id is not None}
        pauses = self._pauses(actor, since, until)
        seen = Gathered(
            talks=[TalkSeen(_local(one, of_talk.get(one.talk.id), 0), of_talk.get(one.talk.id)) for one in talks],
            rises=[rise for one in talks for rise in _rises(one, of_talk.get(one.talk.id), pauses[one.talk.id])],
            pauses=[
                pause for one in talks for pause in _pauses_taken(one, of_talk.get(one.talk.id), pauses[one.talk.id])
            ],
            entries=entries,
            waiting=waiting,
        )
        return seen.of_days(first, days)

    def first_day(self, actor: Actor) -> date | None:
        """The local date of the actor's first entry."""
        require(actor, Action.LIST_ENTRIES, Subject(owner_id=actor.person_id))
        query = (
            select(EntryRow.happened_at, EntryRow.utc_offset_min)
            .where(EntryRow.owner_id == actor.person_id)
            .order_by(EntryRow.happened_at)
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else LocalMoment(row.happened_at, row.utc_offset_min).local.date()

    def curve(self, actor: Actor, rise: Rise) -> tuple[Rise, list[float | None]]:
        """The heart around a near miss, one value a second, and the near miss with its way back. Raises `NotAllowed`."""
        trace = self._timelines.trace(actor, rise.recording_id)
        if trace is None:
            return rise, []
        bpm, _, _ = columns_of(trace)
        around = bpm[max(0, int(rise.peak_s) - CURVE_BEFORE_S) : int(rise.peak_s) + CURVE_AFTER_S]
        return replace(rise, back_s=_back_s(bpm, rise)), around

    def _pauses(self, actor: Actor, since: datetime, until: datetime) -> Mapping[str, list[PauseTaken]]:
        """The pauses of the actor's talks, in UTC and without what the body did in them."""
        query = (
            select(PauseRow.talk_id, PauseRow.called_at, PauseRow.ended_at, PauseRow.state)
            .join(RecordingRow, RecordingRow.talk_id == PauseRow.talk_id)
            .join(TalkRow, TalkRow.id == PauseRow.talk_id)
            .where(
                RecordingRow.owner_id == actor.person_id, RecordingRow.began_at >= since, RecordingRow.began_at < until
            )
            .order_by(PauseRow.called_at)
        )
        found: defaultdict[str, list[PauseTaken]] = defaultdict(list)
        with self._database.read() as connection:
            for talk_id, called_at, ended_at, state in connection.execute(query):
                returned_at = ended_at if state == PauseState.RETURNED else None
                found[talk_id].append(PauseTaken(called_at, None, returned_at, None))
        return found


def _clock(one: TalkFacts, entry: EntryFacts | None) -> tzinfo:
    """The wearer's clock in the talk: in their zone where the entry knows it, so that a talk may cross a change of the clocks."""
    return entry.zone if entry else timezone(timedelta(minutes=one.talk.utc_offset_min))


def _facts(entry_id: str, talk_id: str | None, happened: LocalMoment, content: Content) -> EntryFacts:
    return EntryFacts(
        entry_id,
        talk_id,
        happened.at,
        clock_of(happened),
        triggers=tuple(dict.fromkeys(content.trigger.categories)),
        responses=tuple(dict.fromkeys(content.behaviour.responses)),
        consequence=" ".join(content.behaviour.led_to.split()) or None,
        labels=content.labels,
    )


def _local(one: TalkFacts, entry: EntryFacts | None, t_s: float) -> datetime:
    return (one.talk.began_at + timedelta(seconds=t_s)).astimezone(_clock(one, entry))


def _rises(one: TalkFacts, entry: EntryFacts | None, pauses: Iterable[PauseTaken]) -> list[Rise]:
    called_s = [(pause.at - one.talk.began_at).total_seconds() for pause in pauses]
    ways_back = {recovery.began_t_s: recovery for recovery in one.facts.recoveries}
    found = [_flood(one, entry, episode, ways_back.get(episode.began_t_s), called_s) for episode in one.facts.episodes]
    turned = [_near_miss(one, entry, near_miss) for near_miss in one.facts.near_misses]
    return sorted((_as_said(rise) for rise in [*found, *turned]), key=lambda rise: rise.from_s)


def _as_said(rise: Rise) -> Rise:
    """The rise as its wearer has named it, where they did."""
    label = _label_of(rise)
    if label is None or label.flooding == (rise.kind is RiseKind.FLOOD):
        return rise
    if label.flooding:
        return replace(rise, kind=RiseKind.FLOOD, by_word=True)
    return replace(rise, kind=RiseKind.NOT_FLOODING, by_word=True, reason=label.reason)


def _label_of(rise: Rise) -> EpisodeLabel | None:
    def away_s(label: EpisodeLabel) -> float:
        return abs(label.began_t_s - rise.from_s)

    labels = rise.entry.labels if rise.entry else ()
    nearest = min(labels, key=away_s, default=None)
    return nearest if nearest is not None and away_s(nearest) <= LABEL_MEANS_WITHIN_S else None


def _near_miss(one: TalkFacts, entry: EntryFacts | None, near_miss: NearMiss) -> Rise:
    return Rise(
        kind=RiseKind.NEAR_MISS,
        at=_local(one, entry, near_miss.from_s),
        from_s=near_miss.from_s,
        peak_s=near_miss.peak_t_s,
        peak_bpm=near_miss.peak_bpm,
        line_bpm=one.facts.threshold.bpm,
        near_usual_bpm=one.facts.near_usual_bpm,
        recording_id=one.talk.recording_id,
        back_s=None,
        paused_after_s=None,
        entry=entry,
    )


def _flood(
    one: TalkFacts, entry: EntryFacts | None, episode: Episode, way_back: Recovery | None, called_s: Sequence[float]
) -> Rise:
    until_s = float("inf") if episode.ended_t_s is None else episode.ended_t_s + PAUSE_BELONGS_S
    paused = [called - episode.onset_t_s for called in called_s if episode.onset_t_s <= called <= until_s]
    return Rise(
        kind=RiseKind.FLOOD,
        at=_local(one, entry, episode.onset_t_s),
        from_s=episode.onset_t_s,
        peak_s=episode.peak_t_s,
        peak_bpm=episode.peak_bpm,
        line_bpm=episode.threshold.bpm,
        near_usual_bpm=one.facts.near_usual_bpm,
        recording_id=one.talk.recording_id,
        back_s=way_back.took_s if way_back else None,
        paused_after_s=min(paused, default=None),
        entry=entry,
    )


def _pauses_taken(one: TalkFacts, entry: EntryFacts | None, pauses: Iterable[PauseTaken]) -> list[PauseTaken]:
    zone, near_s, found = _clock(one, entry), one.facts.near_usual_from_s, []
    for pause in pauses:
        called_s = (pause.at - one.talk.began_at).total_seconds()
        returned = pause.returned_at
        until_s = (returned - one.talk.began_at).total_seconds() if returned else float("inf")
        # The timeline tells it of one pause, the first in which it was so.
        seen = near_s is not None and called_s <= near_s <= until_s
        found.append(
            PauseTaken(
                at=pause.at.astimezone(zone),
                near_usual_after_s=near_s - called_s if seen and near_s is not None else None,
                returned_at=returned.astimezone(zone) if returned else None,
                entry=entry,
            )
        )
    return found


def _back_s(bpm: Sequence[float | None], rise: Rise) -> int | None:
    """From the highest second to the first one near the usual, before the trace ends."""
    if rise.near_usual_bpm is None:
        return None
    peak = int(rise.peak_s)
    for second, rate in enumerate(bpm[peak:]):
        if rate is not None and rate <= rise.near_usual_bpm:
            return second
    return None
