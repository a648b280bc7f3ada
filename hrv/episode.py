"""A flood while it lasts: what the entry will say about it."""

from hrv.figure import Missing
from hrv.reading import Baseline, Episode, EpisodeEnd, Threshold
from hrv.settings import ALGORITHM_VERSION, DetectorSettings


class EpisodeTracker:
    """Collects one episode second by second.

    Args:
        began: the second in which the state became flooded.
        above: the seconds above the line that made it a flood, with their heart rate; never empty.
        threshold: the line in force.
        baseline: what it is compared with.
        settings: the detector's.
        allowed_bpm: what was allowed for movement and posture then.
        why: the condition that began it.
        quality: share of accepted intervals then, 0..1.
    """

    def __init__(
        self,
        began: int,
        above: list[tuple[int, float]],
        threshold: Threshold,
        baseline: Baseline | None,
        settings: DetectorSettings,
        allowed_bpm: tuple[float | None, float | None],
        why: str,
        quality: float,
    ) -> None:
        self._why = why
        self._quality = quality
        self._movement_bpm, self._posture_bpm = allowed_bpm
        self.began = began
        self._onset = above[0][0]
        self._peak_t, self._peak_bpm = max(above, key=lambda point: point[1])
        self._above_s = sum(bpm > threshold.bpm for _, bpm in above)
        self._threshold = threshold
        self._baseline = baseline
        self._rmssd_window_s = settings.rmssd_window_s
        self._rmssd: float | None = None
        self._rmssd_missing: Missing | None = Missing.TOO_SHORT
        self._good_s = 1
        self._last_good = began

    def see(self, second: int, bpm: float, rmssd_ms: float | None, rmssd_missing: Missing | None) -> None:
        """Take one good second after the one it began with. Other seconds only pass."""
        self._good_s += 1
        self._last_good = second
        if bpm > self._peak_bpm:
            self._peak_bpm, self._peak_t = bpm, second
        if bpm > self._threshold.bpm:
            self._above_s += 1
            self._see_rmssd(second, rmssd_ms, rmssd_missing)

    def open(self, now: int) -> Episode:
        """The episode as it stands."""
        return self._episode(now, None, None)

    def closed(self, second: int, end: EpisodeEnd) -> Episode:
        """The episode as it ended. Time without a signal does not lengthen it: then the last good second is its end."""
        ended = second if end is EpisodeEnd.CAME_DOWN else self._last_good
        return self._episode(ended, ended, end)

    def _see_rmssd(self, second: int, rmssd_ms: float | None, missing: Missing | None) -> None:
        # only windows that lie in the flood altogether speak of it; the latest valid one counts
        if second - self._onset < self._rmssd_window_s or (rmssd_ms is None and self._rmssd is not None):
            return
        self._rmssd, self._rmssd_missing = rmssd_ms, missing

    def _episode(self, until: int, ended: int | None, end: EpisodeEnd | None) -> Episode:
        baseline = self._baseline
        return Episode(
            began_t_s=float(self.began),
            onset_t_s=float(self._onset),
            ended_t_s=None if ended is None else float(ended),
            end=end,
            peak_bpm=self._peak_bpm,
            peak_t_s=float(self._peak_t),
            baseline_bpm=baseline.heart_rate_bpm if baseline else None,
            baseline_provisional=baseline.provisional if baseline else False,
            rise_bpm=self._peak_bpm - baseline.heart_rate_bpm if baseline else None,
            above_threshold_s=self._above_s,
            rmssd_baseline_ms=baseline.rmssd_ms if baseline else None,
            rmssd_flood_ms=self._rmssd,
            rmssd_flood_missing=self._rmssd_missing,
            signal_ok_share=self._good_s / (until - self.began + 1),
            threshold=self._threshold,
            algorithm_version=ALGORITHM_VERSION,
            movement_bpm=self._movement_bpm,
            posture_bpm=self._posture_bpm,
            why=self._why,
            quality=self._quality,
        )
