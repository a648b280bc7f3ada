"""What the live pipeline says of a whole recording: the one replay that an entry's timeline and an analysis are made from."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from hrv.minutes import Minute, MinuteAggregator
from hrv.monitor import ArousalMonitor
from hrv.near_miss import NearMiss
from hrv.phases import Phase, phases
from hrv.reading import Baseline, Episode, Reading, Threshold
from hrv.retrace import Mark, MarkKind, Sample, retrace
from hrv.said import Said
from hrv.settings import DetectorSettings
from hrv.trace import Point


@dataclass(frozen=True, slots=True)
class Judged:
    """A recording as it was, or would have been, judged live.

    Attributes:
        points: one a second from 0.
        minutes: the same in minutes; the last one may be short.
        phases: baseline, talk, rise, flood, pause and after, in their order.
        baseline: None without quiet minutes before the topic.
        near_usual_s: the seconds that ended two minutes near the usual, oldest first.
    """

    points: list[Point]
    minutes: list[Minute]
    phases: list[Phase]
    episodes: list[Episode]
    near_misses: list[NearMiss]
    threshold: Threshold
    baseline: Baseline | None
    near_usual_s: list[int]

    @property
    def peak(self) -> Point | None:
        """The highest second of the floods, or of the whole recording when there was none."""
        return peak(self.points, self.episodes)


def judge(
    samples: Iterable[Sample],
    marks: Sequence[Mark] = (),
    settings: DetectorSettings = DetectorSettings(),  # noqa: B008  frozen: safe to share
    *,
    end_s: float,
    is_over: bool = True,
    topic_s: float | None = None,
    heard: Callable[[float], None] = lambda _t_s: None,
) -> Judged:
    """Walk a recording through the detector.

    Args:
        samples: its measurements, oldest first.
        marks: when the topic and pauses began and ended.
        settings: the line, and everything else the detector decides by.
        end_s: when the recording ended, or how far it has come.
        is_over: a recording that goes on has not ended its flood.
        topic_s: when the quiet minutes were over, where no mark says so; None when they go on.
        heard: told how far the walk has come.

    >>> from sensing.measurement import HeartRateMeasurement
    >>> beats = [Sample(0.75 * n, HeartRateMeasurement(None, rr_ticks=(768 + n % 2,))) for n in range(1, 40)]
    >>> judged = judge(beats, end_s=29.25)
    >>> len(judged.points), round(judged.peak.heart_rate_bpm), judged.episodes
    (30, 80, [])
    """
    monitor, said, minutes = ArousalMonitor(settings), Said(), MinuteAggregator()
    kept: list[Minute] = []
    near_usual_s: list[int] = []

    def take(reading: Reading) -> None:
        said.add(reading)
        kept.extend(minutes.add(reading))
        if reading.near_usual_s >= settings.near_usual_needed_s:
            near_usual_s.append(int(reading.t_s))

    for reading in retrace(monitor, samples, marks, until_s=end_s):
        take(reading)
        heard(reading.t_s)
    last = monitor.finish(end_s) if is_over else monitor.tick(end_s)
    take(last)
    unfinished = minutes.finish()
    topic = min((mark.t_s for mark in marks if mark.kind is MarkKind.TOPIC), default=topic_s)
    return Judged(
        points=said.points,
        minutes=[*kept, unfinished] if unfinished else kept,
        phases=phases(said.points, said.episodes, topic_s=topic, pauses=pauses(marks)),
        episodes=said.episodes,
        near_misses=said.near_misses,
        threshold=last.threshold,
        baseline=last.baseline,
        near_usual_s=near_usual_s,
    )


def peak(points: Sequence[Point], episodes: Sequence[Episode]) -> Point | None:
    """The highest second of the floods, or of all points when there was none; None when nothing was heard.

    >>> peak([Point(0, 70.0, None), Point(1, 75.0, None), Point(2, None, None)], []).t_s
    1
    """
    if episodes:
        highest = max(episodes, key=lambda episode: episode.peak_bpm)
        return Point(int(highest.peak_t_s), highest.peak_bpm, None)
    heard = [point for point in points if point.heart_rate_bpm is not None]
    return max(heard, key=lambda point: point.heart_rate_bpm or 0.0, default=None)


def pauses(marks: Sequence[Mark]) -> list[tuple[float, float | None]]:
    """Each pause's beginning and end; None for one that lasts.

    >>> pauses([Mark(600, MarkKind.PAUSE_BEGAN), Mark(1800, MarkKind.PAUSE_ENDED), Mark(2000, MarkKind.PAUSE_BEGAN)])
    [(600, 1800), (2000, None)]
    """
    found: list[tuple[float, float | None]] = []
    for mark in sorted(marks, key=lambda mark: mark.t_s):
        is_on = bool(found) and found[-1][1] is None
        if mark.kind is MarkKind.PAUSE_BEGAN and not is_on:
            found.append((mark.t_s, None))
        elif mark.kind is MarkKind.PAUSE_ENDED and is_on:
            found[-1] = (found[-1][0], mark.t_s)
    return found
