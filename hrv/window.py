"""The rolling causal windows: O(1) a beat, and exact.

Sums are kept in whole ticks (Python integers), so a figure after hours of pushing equals the batch formula over the same
beats to the last digit; there is no rounding to accumulate.
"""

from collections import deque
from math import sqrt

from hrv.reading import Missing
from hrv.settings import DetectorSettings
from hrv.timeline import Beat
from sensing.measurement import TICKS_PER_SECOND

MS_PER_TICK = 1000 / TICKS_PER_SECOND
TICKS_PER_MINUTE = 60 * TICKS_PER_SECOND

Figure = tuple[float, None] | tuple[None, Missing]
"""A value, or the reason why there is none."""


class RollingWindow:
    """The beats of the last `length_s` seconds and the sums that variability needs.

    A figure is valid when the intervals whose beats lie in the window sum to at least `coverage_full` of its length (else
    `TOO_SHORT`: a beginning or a gap) and at most `artifact_share_max` of them were rejected (else `TOO_NOISY`).
    Differences are taken only between two accepted intervals that follow one another without a gap, both in the window.

    References: Task Force of the ESC and NASPE 1996, Circulation 93:1043; lengths: Munoz et al. 2015.
    """

    def __init__(self, length_s: int, settings: DetectorSettings) -> None:
        self._length = length_s * TICKS_PER_SECOND
        self._covered_min = settings.coverage_full * self._length
        self._artifact_share_max = settings.artifact_share_max
        self._beats: deque[tuple[int, int, bool, int | None]] = deque()
        self._last_nn: int | None = None
        self._covered = 0
        self._nn_count = self._nn_sum = self._nn_squares = 0
        self._diff_count = self._diff_squares = 0

    def push(self, beat: Beat, *, accepted: bool) -> None:
        """Add the newest beat."""
        t_ticks, rr, contiguous = beat
        diff = None
        if accepted:
            if contiguous and self._last_nn is not None and self._beats:
                diff = rr - self._last_nn
                self._diff_count += 1
                self._diff_squares += diff * diff
            self._nn_count += 1
            self._nn_sum += rr
            self._nn_squares += rr * rr
            self._last_nn = rr
        else:
            self._last_nn = None
        self._covered += rr
        self._beats.append((t_ticks, rr, accepted, diff))

    def advance(self, now_ticks: int) -> None:
        """Forget the beats at or before `now_ticks` less the window's length."""
        cutoff = now_ticks - self._length
        beats = self._beats
        while beats and beats[0][0] <= cutoff:
            _, rr, accepted, _ = beats.popleft()
            self._covered -= rr
            if accepted:
                self._nn_count -= 1
                self._nn_sum -= rr
                self._nn_squares -= rr * rr
            # what is now the oldest beat has lost the one it differed from
            if beats and (diff := beats[0][3]) is not None:
                self._diff_count -= 1
                self._diff_squares -= diff * diff

    @property
    def accepted_share(self) -> float:
        """Accepted over all intervals, 0..1; 0 without any."""
        return self._nn_count / len(self._beats) if self._beats else 0.0

    @property
    def coverage(self) -> float:
        """Sum of all intervals over the window's length."""
        return self._covered / self._length

    def missing(self) -> Missing | None:
        """Why the window gives no figure, or None when it does."""
        if self._covered < self._covered_min:
            return Missing.TOO_SHORT
        if len(self._beats) - self._nn_count > self._artifact_share_max * len(self._beats):
            return Missing.TOO_NOISY
        return None

    def rmssd_ms(self) -> Figure:
        """Root mean square of successive differences, ms."""
        if (missing := self.missing()) is not None:
            return None, missing
        if not self._diff_count:
            return None, Missing.TOO_SHORT
        return sqrt(self._diff_squares / self._diff_count) * MS_PER_TICK, None

    def sdnn_ms(self) -> Figure:
        """Standard deviation of the accepted intervals (n - 1), ms."""
        if (missing := self.missing()) is not None:
            return None, missing
        n = self._nn_count
        if n < 2:
            return None, Missing.TOO_SHORT
        # integers: no cancellation, unlike E[x²] - E[x]² in floating point
        spread = n * self._nn_squares - self._nn_sum * self._nn_sum
        return sqrt(spread / (n * (n - 1))) * MS_PER_TICK, None


class RecentHeartRate:
    """The heart rate of the last seconds: 60 over the median accepted interval. A median shrugs off a stray beat."""

    def __init__(self, settings: DetectorSettings) -> None:
        self._length = settings.heart_rate_window_s * TICKS_PER_SECOND
        self._min_beats = settings.heart_rate_min_beats
        self._beats: deque[tuple[int, int]] = deque()

    def push(self, beat: Beat) -> None:
        """Add an accepted beat."""
        self._beats.append((beat.t_ticks, beat.rr_ticks))

    def advance(self, now_ticks: int) -> None:
        """Forget the beats at or before `now_ticks` less the window's length."""
        cutoff = now_ticks - self._length
        while self._beats and self._beats[0][0] <= cutoff:
            self._beats.popleft()

    def bpm(self) -> float | None:
        """Beats per minute, or None with too few beats."""
        n = len(self._beats)
        if n < self._min_beats:
            return None
        ordered = sorted([rr for _, rr in self._beats])
        return 2 * TICKS_PER_MINUTE / (ordered[n // 2] + ordered[(n - 1) // 2])
