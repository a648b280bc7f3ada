"""A talk's figures from its minutes, floods, near misses and pauses, where the packets never came along. Pure.

As where a practice receives these rows only. What is coarser than `journal.trends.talk_figures` makes from packets:

- Of a minute that is talk in part, the heard seconds count by that part.
- Above the line: of a flood that a pause cuts, no more than its seconds before the pause, as if it had been above throughout.
- Baseline: the one that a flood was told with; without a flood, the median of the last five whole minutes before the topic.
- The way back from a flood: to the minute, from the last one above the line to two minutes near the usual.
- Pauses of two people tell only when both were back, and not when the wearer was ready.
- The detector's version is known only where it found something.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from statistics import median

from alerts.pause import PauseState
from alerts.ports import Talk
from hrv.minutes import Minute
from hrv.near_miss import NearMiss
from hrv.reading import Episode
from hrv.settings import DetectorSettings
from journal.trends.figures import FloodFigures, TalkFigures
from journal.trends.talk_figures import Talked, began, was_kept

MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class PauseTold:
    """A pause as its row tells it."""

    state: PauseState
    called_at: datetime
    return_at: datetime
    ready_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class TalkRows:
    """What there is of a talk without its packets, each oldest first.

    Attributes:
        algorithm_versions: of the detectors that told of the near misses.
    """

    minutes: Sequence[Minute]
    episodes: Sequence[Episode]
    near_misses: Sequence[NearMiss]
    algorithm_versions: frozenset[str]
    pauses: Sequence[PauseTold]


def figures_from_minutes(talk: Talk, rows: TalkRows, settings: DetectorSettings) -> TalkFigures:
    """The figures of a finished talk."""
    talked = _talked(talk, rows.pauses)
    parts = [(minute, _part(talked, minute)) for minute in rows.minutes]
    quiet = _quiet_minutes(talk, rows.minutes, settings)
    told = next((episode for episode in rows.episodes if episode.baseline_bpm is not None), None)
    baseline_bpm = told.baseline_bpm if told else _median(minute.heart_rate_mean_bpm for minute in quiet)
    versions = rows.algorithm_versions | {episode.algorithm_version for episode in rows.episodes}
    onsets_s = [*(episode.onset_t_s for episode in rows.episodes[1:]), float("inf")]
    return TalkFigures(
        began=began(talk),
        heard_s=sum(minute.signal_ok_s * part for minute, part in parts),
        lost_s=sum((minute.seconds_s - minute.signal_ok_s) * part for minute, part in parts),
        baseline_bpm=baseline_bpm,
        rmssd_baseline_ms=told.rmssd_baseline_ms if told else _median(minute.rmssd_ms for minute in quiet),
        floods=tuple(
            FloodFigures(
                episode.peak_bpm, episode.rise_bpm, _back_s(episode, until_s, rows.minutes, baseline_bpm, settings)
            )
            for episode, until_s in zip(rows.episodes, onsets_s, strict=False)
            if talked.at(episode.onset_t_s)
        ),
        near_misses=sum(talked.at(near_miss.from_s) for near_miss in rows.near_misses),
        pauses_taken=len(rows.pauses),
        pauses_kept=sum(
            was_kept(pause.state, return_at=pause.return_at, ready_at=pause.ready_at, back_at=pause.ended_at)
            for pause in rows.pauses
        ),
        algorithm_version=max(versions, default=None),
        above_line_s=sum(_above_s(talked, episode, rows.minutes) for episode in rows.episodes),
        from_minutes=True,
    )


def _talked(talk: Talk, pauses: Iterable[PauseTold]) -> Talked:
    return Talked(
        _t_s(talk, talk.topic_began_at) or 0.0,
        [(_t_s(talk, pause.called_at) or 0.0, _t_s(talk, pause.ended_at)) for pause in pauses],
    )


def _t_s(talk: Talk, at: datetime | None) -> float | None:
    return None if at is None else (at - talk.began_at).total_seconds()


def _part(talked: Talked, minute: Minute) -> float:
    """Which part of the minute was talk, 0..1."""
    if not minute.seconds_s:
        return 0.0
    from_s = minute.minute * MINUTE_S
    return talked.seconds_of(from_s, from_s + minute.seconds_s) / minute.seconds_s


def _quiet_minutes(talk: Talk, minutes: Iterable[Minute], settings: DetectorSettings) -> list[Minute]:
    """The whole minutes before the topic that a baseline rests on; none where they were too few."""
    topic_s = _t_s(talk, talk.topic_began_at) or 0.0
    before = [minute for minute in minutes if (minute.minute + 1) * MINUTE_S <= topic_s]
    quiet = before[-settings.baseline_s // MINUTE_S :]
    return quiet if sum(minute.signal_ok_s for minute in quiet) >= settings.baseline_min_s else []


def _median(values: Iterable[float | None]) -> float | None:
    found = [value for value in values if value is not None]
    return median(found) if found else None


def _above_s(talked: Talked, episode: Episode, minutes: Sequence[Minute]) -> float:
    end_s = _end_s(minutes) if episode.ended_t_s is None else episode.ended_t_s + 1
    return min(float(episode.above_threshold_s), talked.seconds_of(episode.onset_t_s, end_s))


def _end_s(minutes: Sequence[Minute]) -> float:
    return float(minutes[-1].minute * MINUTE_S + minutes[-1].seconds_s) if minutes else 0.0


def _back_s(
    episode: Episode,
    until_s: float,
    minutes: Sequence[Minute],
    baseline_bpm: float | None,
    settings: DetectorSettings,
) -> float | None:
    """From the flood's last minute above its line to the first of those near the usual, before the next flood."""
    if baseline_bpm is None:
        return None
    ended_s = _end_s(minutes) if episode.ended_t_s is None else episode.ended_t_s
    span = range(int(episode.onset_t_s) // MINUTE_S, int(ended_s) // MINUTE_S + 1)
    above = [
        minute.minute
        for minute in minutes
        if minute.minute in span and (minute.heart_rate_max_bpm or 0.0) > episode.threshold.bpm
    ]
    turned = max(above, default=span.start)
    hold = ceil(settings.calm_hold_s / MINUTE_S)
    usual_bpm = settings.near_usual_bpm(baseline_bpm)
    there = {minute.minute: minute for minute in minutes}
    for first in range(turned + 1, max(there, default=0) + 1):
        stretch = [there[minute] for minute in range(first, first + hold) if minute in there]
        if (first + hold) * MINUTE_S <= until_s and _is_near(stretch, usual_bpm, settings):
            return float((first - turned) * MINUTE_S)
    return None


def _is_near(stretch: Sequence[Minute], usual_bpm: float, settings: DetectorSettings) -> bool:
    heard_s = sum(minute.signal_ok_s for minute in stretch)
    means = [minute.heart_rate_mean_bpm for minute in stretch]
    return heard_s >= settings.near_usual_needed_s and all(mean is not None and mean <= usual_bpm for mean in means)
