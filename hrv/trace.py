"""Readings on a grid of whole seconds: what a chart draws."""

from dataclasses import dataclass

from hrv.minutes import SECONDS_PER_PACKET
from hrv.reading import Reading


@dataclass(frozen=True, slots=True)
class Point:
    """One second. None where there was no good signal: a gap is drawn as a gap."""

    t_s: int
    heart_rate_bpm: float | None
    rmssd_ms: float | None


class Trace:
    """Collects readings into one point per second, from second 0.

    As in `hrv.minutes`, a reading speaks for the newest two seconds it judged; older ones passed without a packet.
    """

    def __init__(self) -> None:
        self.points: list[Point] = []

    def add(self, reading: Reading) -> None:
        """Take the next reading; seconds that are known already stay as they are."""
        last = int(reading.t_s)
        for second in range(len(self.points), last + 1):
            heard = last - second < SECONDS_PER_PACKET
            self.points.append(
                Point(second, reading.heart_rate_bpm, reading.rmssd_ms) if heard else Point(second, None, None)
            )
