"""An entry's physiological timeline, from stored data only: the packets walked through the detector again.

The walk is `hrv.judged.judge`, the same that `flooding analyse` takes, so the two agree to the last digit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alerts.marks import marks, samples
from alerts.ports import Stored, Talk
from alerts.talk_state import TalkState
from hrv.coming_down import Recovery, first_near_usual_s, recoveries
from hrv.judged import judge, pauses
from hrv.minutes import Minute
from hrv.near_miss import NearMiss
from hrv.phases import Phase
from hrv.reading import Baseline, Episode, Threshold
from hrv.retrace import Mark
from hrv.settings import DetectorSettings
from hrv.trace import Gap, Point, gaps


@dataclass(frozen=True, slots=True)
class Timeline:
    """A talk as the body lived it, second by second.

    Attributes:
        near_usual_bpm: up to here the heart counts as near its usual; None without a baseline.
        near_usual_from_s: the first second of a pause from which it stayed there for two minutes.
        recoveries: how the heart came down from each flood.
        motion_mg: movement in each second of `points`; None where the strap told nothing of it. Empty when it never did.
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
    recoveries: list[Recovery]
    motion_mg: list[int | None]


def timeline(talk: Talk, state: TalkState, stored: Sequence[Stored], settings: DetectorSettings) -> Timeline:
    """Build the timeline of `talk` from its stored packets and what people did in it."""
    done = marks(talk, state)
    judged = judge(
        samples(stored),
        done,
        settings,
        end_s=_end_s(talk, stored),
        is_over=talk.ended_at is not None,
        # Quiet minutes that nobody ended are over when the talk is, and then there were none: all of it was talk.
        topic_s=None if talk.ended_at is None else 0.0,
    )
    baseline = judged.baseline
    return Timeline(
        points=judged.points,
        minutes=judged.minutes,
        phases=judged.phases,
        gaps=gaps(judged.points),
        episodes=judged.episodes,
        near_misses=judged.near_misses,
        threshold=judged.threshold,
        baseline=baseline,
        peak=judged.peak,
        near_usual_bpm=settings.near_usual_bpm(baseline.heart_rate_bpm) if baseline else None,
        near_usual_from_s=_near_usual_from(judged.near_usual_s, done, settings),
        recoveries=recoveries(judged.episodes, judged.points, judged.near_usual_s, settings),
        motion_mg=motion(stored, len(judged.points)),
    )


def motion(stored: Iterable[Stored], seconds: int) -> list[int | None]:
    """Movement in each second, the last that a packet of that second told; empty when none told any.

    >>> motion([Stored(0.9, b"", 4), Stored(2.1, b"", 60), Stored(2.9, b"", 50), Stored(9.0, b"", 1)], 4)
    [4, None, 50, None]
    """
    found: list[int | None] = [None] * seconds
    for row in stored:
        if row.motion_mg is not None and row.t_s < seconds:
            found[int(row.t_s)] = row.motion_mg
    return found if any(mg is not None for mg in found) else []


def _end_s(talk: Talk, stored: Sequence[Stored]) -> float:
    last_s = stored[-1].t_s if stored else 0.0
    return max(last_s, (talk.ended_at - talk.began_at).total_seconds()) if talk.ended_at else last_s


def _near_usual_from(near_usual_s: Sequence[int], done: Sequence[Mark], settings: DetectorSettings) -> int | None:
    for began_s, ended_s in pauses(done):
        until_s = float("inf") if ended_s is None else ended_s
        found = first_near_usual_s(near_usual_s, began_s, until_s, settings)
        if found is not None:
            return found
    return None
