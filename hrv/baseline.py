"""The talk's baseline: seated and silent before the topic, frozen while the talk lasts.

A baseline that went on adapting would absorb the flood it is there to reveal.
"""

from collections import deque
from statistics import median

from hrv.reading import Baseline
from hrv.settings import DetectorSettings


class BaselineGatherer:
    """Keeps the last five minutes of good seconds until `freeze`.

    `late_s` more are kept, so that nothing is lost when one hears of the topic that much after it began.
    """

    def __init__(self, settings: DetectorSettings, *, late_s: int = 0) -> None:
        self.quiet_s = 0
        self._settings = settings
        self._seconds: deque[tuple[int, float, float | None, float | None]] = deque(maxlen=settings.baseline_s + late_s)

    def add(self, second: int, heart_rate_bpm: float, rmssd_ms: float | None, motion_mg: float | None = None) -> None:
        """Add one good second."""
        self._seconds.append((second, heart_rate_bpm, rmssd_ms, motion_mg))
        self.quiet_s = min(len(self._seconds), self._settings.baseline_s)

    def freeze(self, topic_s: float) -> Baseline | None:
        """Return the baseline: medians over the good seconds before `topic_s`; None when there were too few."""
        quiet = [seen[1:] for seen in self._seconds if seen[0] < topic_s]
        quiet = quiet[-self._settings.baseline_s :]
        self._seconds.clear()
        self.quiet_s = len(quiet) if len(quiet) >= self._settings.baseline_min_s else 0
        if not self.quiet_s:
            return None
        rmssds = [rmssd for _, rmssd, _ in quiet if rmssd is not None]
        motions = [motion for _, _, motion in quiet if motion is not None]
        return Baseline(
            heart_rate_bpm=median(bpm for bpm, _, _ in quiet),
            rmssd_ms=median(rmssds) if rmssds else None,
            seconds=self.quiet_s,
            provisional=self.quiet_s < self._settings.baseline_full_s,
            motion_mg=median(motions) if motions else None,
        )
