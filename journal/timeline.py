"""An entry's physiological timeline, from stored data only: the packets walked through the detector again.

Nothing here is stored, so nothing can go stale: the same packets give the same picture as they gave live.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from alerts.marks import marks, samples
from alerts.ports import Stored, Talk
from alerts.talk_state import TalkState
from hrv.minutes import Minute, MinuteAggregator
from hrv.monitor import ArousalMonitor
from hrv.near_miss import NearMiss
from hrv.phases import Phase, PhaseKind, phases
from hrv.reading import Baseline, Episode, Reading, Threshold
from hrv.retrace import retrace
from hrv.said import Said
from hrv.settings import DetectorSettings
from hrv.trace import Point

SHORTEST_GAP_S = 3
"""Own choice: a second or two without a figure is jitter, not a gap worth hatching."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Seconds without a good signal, `from_s` up to, not including, `to_s`."""

    from_s: int
    to_s: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """A talk as the body lived it, second by second.

    Attributes:
        near_usual_bpm: up to here the heart counts as near its usual; None without a baseline.
        near_usual_from_s: the first second of a pause from which it stayed there for two minutes.
    """

    points: list[Point]
    minutes: list[Minute]
    phases: list[Phase]
    gaps: list[Gap]
    episodes: list[Episode]
    near_misses: list[NearMiss]
    threshold: Threshold
    baseline: Baseline | None
    peak: Point | None
    near_usual_bpm: float | None
    near_usual_from_s: int | None


def timeline(talk: Talk, state: TalkState, stored: Sequence[Stored], settings: DetectorSettings) -> Timeline:
    """Build the timeline of `talk` from its stored packets and what people did in it."""
    monitor = ArousalMonitor(settings)
    said, minutes = Said(), MinuteAggregator()
    kept: list[Minute] = []
    threshold = Threshold(settings.threshold_bpm, settings.threshold_bpm - settings.leave_margin_bpm)
    baseline: Baseline | None = None
    near_s: list[int] = []
    end_s = _end_s(talk, stored)
    readings = retrace(monitor, samples(stored), marks(talk, state), until_s=end_s)
    for reading in (*readings, _last(monitor, end_s, talk)):
        said.add(reading)
        kept += minutes.add(reading)
        threshold, baseline = reading.threshold, reading.baseline
        if reading.near_usual_s >= settings.near_usual_needed_s:
            near_s.append(int(reading.t_s))
    unfinished = minutes.finish()
    pauses = _pauses(talk, state)
    points, found = said.points, said.episodes
    return Timeline(
        points=points,
        minutes=[*kept, unfinished] if unfinished else kept,
        phases=phases(points, found, topic_s=_topic_s(talk, state), pauses=pauses),
        gaps=gaps(points),
        episodes=found,
        near_misses=said.near_misses,
        threshold=threshold,
        baseline=baseline,
        peak=_peak(points, found),
        near_usual_bpm=settings.near_usual_bpm(baseline.heart_rate_bpm) if baseline else None,
        near_usual_from_s=_near_usual_from(near_s, pauses, settings),
    )


def gaps(points: Sequence[Point]) -> list[Gap]:
    """The stretches of at least `SHORTEST_GAP_S` without a heart rate."""
    found: list[Gap] = []
    began: int | None = None
    for point in (*points, Point(len(points), 0.0, None)):
        if point.heart_rate_bpm is None:
            began = point.t_s if began is None else began
        elif began is not None:
            if point.t_s - began >= SHORTEST_GAP_S:
                found.append(Gap(began, point.t_s))
            began = None
    return found


def _last(monitor: ArousalMonitor, end_s: float, talk: Talk) -> Reading:
    """The last reading. A talk that goes on has not ended its flood."""
    return monitor.tick(end_s) if talk.ended_at is None else monitor.finish(end_s)


def _end_s(talk: Talk, stored: Sequence[Stored]) -> float:
    last_s = stored[-1].t_s if stored else 0.0
    return max(last_s, (talk.ended_at - talk.began_at).total_seconds()) if talk.ended_at else last_s


def _topic_s(talk: Talk, state: TalkState) -> float | None:
    return (state.topic_began_at - talk.began_at).total_seconds() if state.topic_began_at else None


def _pauses(talk: Talk, state: TalkState) -> list[tuple[float, float | None]]:
    return [
        (
            (pause.called_at - talk.began_at).total_seconds(),
            (pause.ended_at - talk.began_at).total_seconds() if pause.ended_at else None,
        )
        for pause in state.pauses
    ]


def _peak(points: Sequence[Point], episodes: Sequence[Episode]) -> Point | None:
    """The highest second of the floods, or of the whole talk when there was none."""
    if episodes:
        highest = max(episodes, key=lambda episode: episode.peak_bpm)
        return Point(int(highest.peak_t_s), highest.peak_bpm, None)
    heard = [point for point in points if point.heart_rate_bpm is not None]
    return max(heard, key=lambda point: point.heart_rate_bpm or 0.0, default=None)


def _near_usual_from(
    near_s: Sequence[int], pauses: Sequence[tuple[float, float | None]], settings: DetectorSettings
) -> int | None:
    hold_s = settings.calm_hold_s
    for began_s, ended_s in pauses:
        until_s = float("inf") if ended_s is None else ended_s
        first = next((second for second in near_s if began_s + hold_s <= second <= until_s), None)
        if first is not None:
            return first - hold_s
    return None


__all__ = ["Gap", "PhaseKind", "Timeline", "gaps", "timeline"]
