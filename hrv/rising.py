"""The ambient cue before a flood. Never an alarm: most rises turn back by themselves."""

from collections import deque
from collections.abc import Sequence

from hrv.settings import DetectorSettings

SLOPE_MIN_SHARE = 2 / 3
"""Share of the slope's window that must be good seconds."""


class RisingRule:
    """A rise: clearly above baseline, steep, and bound to cross the line within a minute if it goes on like this.

    It is the level that counts, the mean of half a minute: single seconds follow breathing and the 0.1 Hz wave. The cue
    lasts until the level has come back or nothing has spoken for it for two minutes.
    """

    def __init__(self, settings: DetectorSettings) -> None:
        self.is_on = False
        self._settings = settings
        self._recent: deque[float] = deque(maxlen=settings.rising_level_s)
        self._sum_bpm = 0.0
        self._levels: deque[tuple[int, float]] = deque(maxlen=settings.rising_slope_window_s)
        self._last_rise = 0

    def see(self, second: int, bpm: float, baseline_bpm: float | None, threshold_bpm: float) -> None:
        """Take one good second. Without a baseline there is no cue."""
        if len(self._recent) == self._recent.maxlen:
            self._sum_bpm -= self._recent[0]
        self._recent.append(bpm)
        self._sum_bpm += bpm
        level = self._sum_bpm / len(self._recent)
        self._levels.append((second, level))
        if baseline_bpm is None:
            return
        rules = self._settings
        margin_bpm = max(rules.rising_margin_bpm, rules.rising_margin_share * baseline_bpm)
        above_bpm = level - baseline_bpm - margin_bpm
        if above_bpm >= 0 and self._is_heading_over(second, level, threshold_bpm):
            self.is_on = True
            self._last_rise = second
        elif above_bpm < -rules.rising_back_bpm or second - self._last_rise >= rules.rising_hold_s:
            self.is_on = False

    def _is_heading_over(self, second: int, level: float, threshold_bpm: float) -> bool:
        rules = self._settings
        oldest = second - rules.rising_slope_window_s
        window = [point for point in self._levels if point[0] > oldest]
        if len(window) < SLOPE_MIN_SHARE * rules.rising_slope_window_s:
            return False
        per_s = slope(window)
        is_steep = per_s * 60 >= rules.rising_slope_bpm_per_min
        return is_steep and level + per_s * rules.rising_horizon_s > threshold_bpm


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Least-squares slope of y over x; 0 when x does not vary.

    >>> slope([(0, 80), (1, 82), (2, 84)])
    2.0
    """
    n = len(points)
    mean_x = sum(x for x, _ in points) / n
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * y for x, y in points) / spread if spread else 0.0
