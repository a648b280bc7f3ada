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
    """Collects readings into one point per second; the last reading of a second counts, silence leaves empty points."""

    def __init__(self) -> None:
        self.points: list[Point] = []

    def add(self, reading: Reading) -> None:
        """Take a reading; an earlier second than the last one is ignored."""
        second = int(reading.t_s)
        point = Point(second, reading.heart_rate_bpm, reading.rmssd_ms)
        if self.points and self.points[-1].t_s == second:
            self.points[-1] = point
            return
        if self.points and self.points[-1].t_s > second:
            return
        start = self.points[-1].t_s + 1 if self.points else 0
        self.points.extend(Point(missing, None, None) for missing in range(start, second))
        self.points.append(point)
