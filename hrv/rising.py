"""The ambient cue before a flood. Never an alarm: two thirds of what it shows turns back by itself."""

from collections import deque
from collections.abc import Iterable

from hrv.settings import DetectorSettings

SLOPE_MIN_SHARE = 2 / 3
"""Share of the slope's window that must be good seconds."""


class RisingRule:
    """A rise: clearly above baseline, steep, and bound to cross the line within a minute if it goes on like this."""

    def __init__(self, settings: DetectorSettings) -> None:
        self._settings = settings
        self._recent: deque[tuple[int, float]] = deque(maxlen=settings.rising_slope_window_s)
        self._last_rise: int | None = None

    def see(self, second: int, bpm: float, baseline_bpm: float | None, threshold_bpm: float) -> None:
        """Take one good second. Without a baseline there is no cue."""
        self._recent.append((second, bpm))
        if baseline_bpm is not None and self._is_rise(second, bpm, baseline_bpm, threshold_bpm):
            self._last_rise = second

    def is_on(self, second: int) -> bool:
        """Whether the cue shows: it outlasts its reason a little."""
        return self._last_rise is not None and second - self._last_rise < self._settings.rising_hold_s

    def _is_rise(self, second: int, bpm: float, baseline_bpm: float, threshold_bpm: float) -> bool:
        rules = self._settings
        margin_bpm = max(rules.rising_margin_bpm, rules.rising_margin_share * baseline_bpm)
        if not baseline_bpm + margin_bpm <= bpm:
            return False
        oldest = second - rules.rising_slope_window_s
        window = [point for point in self._recent if point[0] > oldest]
        if len(window) < SLOPE_MIN_SHARE * rules.rising_slope_window_s:
            return False
        per_s = slope(window)
        return per_s * 60 >= rules.rising_slope_bpm_per_min and bpm + per_s * rules.rising_horizon_s > threshold_bpm


def slope(points: Iterable[tuple[float, float]]) -> float:
    """Least-squares slope of y over x; 0 when x does not vary.

    >>> slope([(0, 80), (1, 82), (2, 84)])
    2.0
    """
    xs, ys = zip(*points, strict=True)
    n = len(xs)
    mean_x, mean_y = sum(xs) / n, sum(ys) / n
    spread = sum((x - mean_x) ** 2 for x in xs)
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread if spread else 0.0
