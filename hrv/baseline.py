"""The talk's baseline: seated and silent before the topic, frozen while the talk lasts.

A baseline that went on adapting would absorb the flood it is there to reveal.
"""

from collections import deque
from statistics import median

from hrv.reading import Baseline
from hrv.settings import DetectorSettings


class BaselineGatherer:
    """Keeps the last five minutes of good seconds until `freeze`."""

    def __init__(self, settings: DetectorSettings) -> None:
        self._settings = settings
        self._seconds: deque[tuple[float, float | None]] = deque(maxlen=settings.baseline_s)

    def add(self, heart_rate_bpm: float, rmssd_ms: float | None) -> None:
        """Add one good second."""
        self._seconds.append((heart_rate_bpm, rmssd_ms))

    def freeze(self) -> Baseline | None:
        """Return the baseline: medians over the good seconds; None when there were too few."""
        seconds = len(self._seconds)
        if seconds < self._settings.baseline_min_s:
            return None
        rmssds = [rmssd for _, rmssd in self._seconds if rmssd is not None]
        return Baseline(
            heart_rate_bpm=median(bpm for bpm, _ in self._seconds),
            rmssd_ms=median(rmssds) if rmssds else None,
            seconds=seconds,
            provisional=seconds < self._settings.baseline_full_s,
        )
