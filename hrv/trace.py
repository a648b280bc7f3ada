"""Readings on a grid of whole seconds: what a chart draws."""

from collections.abc import Sequence
from dataclasses import dataclass

from hrv.reading import Reading


@dataclass(frozen=True, slots=True)
class Point:
    """One second. None where there was no good signal: a gap is drawn as a gap."""

    t_s: int
    heart_rate_bpm: float | None
    rmssd_ms: float | None


SHORTEST_GAP_S = 3
"""Own choice: a second or two without a figure is jitter, not a gap worth hatching."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Seconds without a good signal, `from_s` up to, not including, `to_s`."""

    from_s: int
    to_s: int


def gaps(points: Sequence[Point]) -> list[Gap]:
    """The stretches of at least `SHORTEST_GAP_S` without a heart rate.

    >>> gaps([Point(second, None if 2 <= second < 5 else 70.0, None) for second in range(8)])
    [Gap(from_s=2, to_s=5)]
    """
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


class Trace:
    """Collects every reading of one recording into one point per second, from second 0."""

    def __init__(self) -> None:
        self.points: list[Point] = []

    def add(self, reading: Reading) -> None:
        """Take the next reading."""
        for second in reading.seconds:
            self.points.append(Point(second.t_s, second.heart_rate_bpm, second.rmssd_ms))

    def silent_s(self, t_s: float) -> float:
        """Seconds at `t_s` since the last good one; since the beginning when there was none."""
        last_good_s = next((p.t_s for p in reversed(self.points) if p.heart_rate_bpm is not None), 0)
        return max(0.0, t_s - last_good_s)
