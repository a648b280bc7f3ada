"""Readings on a grid of whole seconds: what a chart draws."""

from dataclasses import dataclass

from hrv.reading import Reading


@dataclass(frozen=True, slots=True)
class Point:
    """One second. None where there was no good signal: a gap is drawn as a gap."""

    t_s: int
    heart_rate_bpm: float | None
    rmssd_ms: float | None


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
