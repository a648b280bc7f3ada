"""Recovery: the body is back near its usual, and has had its 20 minutes.

A second without a signal is never a calm one: it can only take time away from the share that must be calm.
"""

from bisect import bisect_left, insort
from collections import deque

from hrv.settings import DetectorSettings


class RecoveryRule:
    """Near the usual: the 60-s median heart rate is at most 1.10 times baseline, in 90 % of the last 120 seconds."""

    def __init__(self, settings: DetectorSettings) -> None:
        self._settings = settings
        self._window: deque[float | None] = deque()
        self._sorted: list[float] = []
        self._near: deque[bool] = deque(maxlen=settings.calm_hold_s)
        self.near_usual_s = 0

    def see(self, bpm: float | None, baseline_bpm: float | None) -> None:
        """Take one second of the clock; `bpm` is None when it was not a good one."""
        self._slide(bpm)
        near = bpm is not None and baseline_bpm is not None and self._is_near(baseline_bpm)
        if len(self._near) == self._near.maxlen:
            self.near_usual_s -= self._near[0]
        self._near.append(near)
        self.near_usual_s += near

    def is_recovered(self, second: float, counts_from_s: float) -> bool:
        """Whether the body is calm now and had its 20 minutes since `counts_from_s`: the pause, else the flood's end."""
        rules = self._settings
        long_enough = second - counts_from_s >= rules.recovery_min_s
        return long_enough and self.near_usual_s >= rules.near_usual_needed_s

    def _slide(self, bpm: float | None) -> None:
        self._window.append(bpm)
        if bpm is not None:
            insort(self._sorted, bpm)
        if len(self._window) > self._settings.calm_window_s and (oldest := self._window.popleft()) is not None:
            del self._sorted[bisect_left(self._sorted, oldest)]

    def _is_near(self, baseline_bpm: float) -> bool:
        n = len(self._sorted)
        if n < self._settings.calm_median_share * self._settings.calm_window_s:
            return False
        median = (self._sorted[n // 2] + self._sorted[(n - 1) // 2]) / 2
        return median <= self._settings.near_usual_bpm(baseline_bpm)
