"""A finished recording as a whole: what the live pipeline saw in it, and what looking at both sides of each beat adds.

States, floods and near misses are those of the live run, replayed: a summary must not contradict what the wearer was told.
Every measure of variability comes from the corrected intervals, which no live run can have.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hrv.analysis import ANALYSIS_VERSION, Analysis, analyse
from hrv.coming_down import is_above, turned_s
from hrv.corrected_minutes import CorrectedMinute, corrected_minutes
from hrv.correction import Correction, correct
from hrv.figure import Figure, Missing
from hrv.heart_rate_recovery import Fall, drop_after, fit_fall
from hrv.judged import judge
from hrv.near_miss import NearMiss
from hrv.phases import Phase
from hrv.reading import Baseline, Episode, Threshold
from hrv.retrace import Mark, Sample
from hrv.series import RRSeries
from hrv.settings import ALGORITHM_VERSION, DetectorSettings
from hrv.timeline import Beat, BeatTimeline
from hrv.trace import Point
from hrv.whole_seconds import LONGEST_RECORDING_S

AFTER_THE_END_S = 10
"""So much later a burst of packets is over, and the beats that waited for its end have their time."""

REPLAY_SHARE = 0.8
"""Of the work of an hour, about."""

LONGEST_FALL_S = 900
"""A fall is fitted over at most this long (own choice: what comes later is the pause, not the fall)."""


@dataclass(frozen=True, slots=True)
class Flood:
    """A flood, and how the heart came down from it.

    Attributes:
        turned_s: the last second above the line, from where it came down.
        drop_60_s_bpm: from there to a minute later.
        fall: the exponential fitted from there on, for a quarter of an hour or until it is above the line again; or why
            there is none.
    """

    episode: Episode
    turned_s: int
    drop_60_s_bpm: Figure
    fall: Fall | Missing


@dataclass(frozen=True, slots=True)
class PhaseAnalysis:
    """A phase of the talk, measured."""

    phase: Phase
    analysis: Analysis


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that is known of a finished recording.

    Attributes:
        length_s: from its beginning to its last packet.
        points: one a second, as the live pipeline judged it.
        baseline: None without quiet minutes before the topic.
        phases: baseline, talk, rise, flood, pause and after, in their order.
        whole: all corrected intervals at once; hours of them are hardly one stretch, so read it with care.
    """

    length_s: float
    points: Sequence[Point]
    threshold: Threshold
    baseline: Baseline | None
    correction: Correction
    minutes: Sequence[CorrectedMinute]
    floods: Sequence[Flood]
    near_misses: Sequence[NearMiss]
    phases: Sequence[PhaseAnalysis]
    whole: Analysis
    analysis_version: str = ANALYSIS_VERSION
    algorithm_version: str = ALGORITHM_VERSION


def summarise(
    samples: Sequence[Sample],
    marks: Sequence[Mark] = (),
    settings: DetectorSettings = DetectorSettings(),  # noqa: B008  frozen: safe to share
    *,
    progress: Callable[[float], None] = lambda _share: None,
) -> Summary:
    """Summarise a recording.

    Args:
        samples: its measurements, oldest first; at least one.
        marks: when the topic and pauses began and ended.
        settings: the line, and everything else the detector decides by.
        progress: told now and then what share of the work is done, 0..1.

    Raises:
        ValueError: there are no samples, or their times are not those of a recording (`hrv.whole_seconds`), oldest first.

    >>> from sensing.measurement import HeartRateMeasurement
    >>> beats = [Sample(0.8 * n, HeartRateMeasurement(None, rr_ticks=(819,))) for n in range(1, 200)]
    >>> summary = summarise(beats)
    >>> round(summary.whole.figures["heart_rate_bpm"].value), len(summary.minutes), summary.floods
    (75, 3, [])
    """
    if not samples:
        raise ValueError("there is nothing to summarise: the recording has no measurements")
    times = np.array([sample.t_s for sample in samples], dtype=np.float64)
    if not np.all((times >= 0) & (times <= LONGEST_RECORDING_S)) or np.any(np.diff(times) < 0):
        raise ValueError("samples must be in order, at 0 s to a week after the recording began")
    correction = correct(RRSeries.of_beats(_beats(samples)))
    length_s = samples[-1].t_s
    judged = judge(
        samples,
        marks,
        settings,
        end_s=length_s,
        topic_s=0.0,  # without quiet minutes all of it was talk
        heard=lambda t_s: progress(REPLAY_SHARE * min(t_s / max(length_s, 1.0), 1.0)),
    )
    summary = Summary(
        length_s=length_s,
        points=judged.points,
        threshold=judged.threshold,
        baseline=judged.baseline,
        correction=correction,
        minutes=corrected_minutes(correction),
        floods=[_flood(episode, judged.points) for episode in judged.episodes],
        near_misses=judged.near_misses,
        phases=[PhaseAnalysis(phase, analyse(correction, phase.from_s, phase.to_s)) for phase in judged.phases],
        whole=analyse(correction),
    )
    progress(1.0)
    return summary


def _beats(samples: Sequence[Sample]) -> list[Beat]:
    timeline = BeatTimeline()
    beats = [beat for sample in samples for beat in timeline.place(sample.t_s, sample.measurement.rr_ticks)]
    return beats + timeline.place(samples[-1].t_s + AFTER_THE_END_S, ())


def _flood(episode: Episode, points: Sequence[Point]) -> Flood:
    turn = turned_s(episode, points)
    falling = points[turn : _above_again_s(episode, points, turn)]
    t_s = np.array([point.t_s for point in falling], dtype=np.float64)
    bpm = np.array([np.nan if point.heart_rate_bpm is None else point.heart_rate_bpm for point in falling])
    return Flood(episode, turn, drop_after(t_s, bpm, turn), fit_fall(t_s, bpm))


def _above_again_s(episode: Episode, points: Sequence[Point], turn: int) -> int:
    until_s = min(turn + LONGEST_FALL_S, len(points))
    return next((second for second in range(turn + 1, until_s) if is_above(episode, points[second])), until_s)
