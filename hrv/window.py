"""The rolling causal windows: O(1) a beat, and exact.

Sums are kept in whole ticks (Python integers), so a figure after hours of pushing equals the batch formula over the same
beats to the last digit; there is no rounding to accumulate.
"""

from collections import deque
from math import sqrt

from hrv.figure import Figure, Missing
from hrv.settings import DetectorSettings
from hrv.timeline import Beat
from sensing.measurement import TICKS_PER_SECOND

MS_PER_TICK = 1000 / TICKS_PER_SECOND
TICKS_PER_MINUTE = 60 * TICKS_PER_SECOND


class RollingVariability:
    """RMSSD of the last minute and SDNN of the last two.

    A figure is valid when the intervals whose beats lie in its window sum to at least `coverage_full` of the window's
    length (else `TOO_SHORT`: a beginning or a gap) and at most `artifact_share_max` of them were rejected (else
    `TOO_NOISY`). Differences are taken only between two accepted intervals that follow one another without a gap, both in
    the window.

    References: Task Force of the ESC and NASPE 1996, Circulation 93:1043; lengths: Munoz et al. 2015.
    """

    def __init__(self, settings: DetectorSettings) -> None:
        self._short_length = settings.rmssd_window_s * TICKS_PER_SECOND
        self._long_length = settings.sdnn_window_s * TICKS_PER_SECOND
        self._coverage_full = settings.coverage_full
        self._artifact_share_max = settings.artifact_share_max
        # (time, interval, interval when accepted else 0, difference from the one before when there is one)
        self._short: deque[tuple[int, int, int, int | None]] = deque()
        self._long: deque[tuple[int, int, int, int | None]] = deque()
        self._last_nn = 0
        self._short_covered = self._short_rejected = self._diff_count = self._diff_squares = 0
        self._long_covered = self._nn_count = self._nn_sum = self._nn_squares = 0

    def push(self, beat: Beat, *, accepted: bool) -> None:
        """Add the newest beat."""
        t_ticks, rr, contiguous = beat
        nn = rr if accepted else 0
        diff = None
        if accepted:
            self._nn_count += 1
            self._nn_sum += rr
            self._nn_squares += rr * rr
            if contiguous and self._last_nn and self._short:
                diff = rr - self._last_nn
                self._diff_count += 1
                self._diff_squares += diff * diff
        else:
            self._short_rejected += 1
        self._last_nn = nn
        self._short_covered += rr
        self._long_covered += rr
        entry = (t_ticks, rr, nn, diff)
        self._short.append(entry)
        self._long.append(entry)

    def advance(self, now_ticks: int) -> None:
        """Forget, in each window, the beats at or before `now_ticks` less its length."""
        short, cutoff = self._short, now_ticks - self._short_length
        while short and short[0][0] <= cutoff:
            _, rr, nn, _ = short.popleft()
            self._short_covered -= rr
            self._short_rejected -= not nn
            # what is now the oldest beat has lost the one it differed from
            if short and (diff := short[0][3]) is not None:
                self._diff_count -= 1
                self._diff_squares -= diff * diff
        long, cutoff = self._long, now_ticks - self._long_length
        while long and long[0][0] <= cutoff:
            _, rr, nn, _ = long.popleft()
            self._long_covered -= rr
            if nn:
                self._nn_count -= 1
                self._nn_sum -= nn
                self._nn_squares -= nn * nn

    def rmssd_ms(self) -> Figure:
        """Root mean square of successive differences, ms."""
        if self._short_covered < self._coverage_full * self._short_length or not self._diff_count:
            return Figure.none(Missing.TOO_SHORT)
        if self._short_rejected > self._artifact_share_max * len(self._short):
            return Figure.none(Missing.TOO_NOISY)
        return Figure(sqrt(self._diff_squares / self._diff_count) * MS_PER_TICK)

    def sdnn_ms(self) -> Figure:
        """Standard deviation of the accepted intervals (n - 1), ms."""
        n, beats = self._nn_count, len(self._long)
        if self._long_covered < self._coverage_full * self._long_length or n < 2:
            return Figure.none(Missing.TOO_SHORT)
        if beats - n > self._artifact_share_max * beats:
            return Figure.none(Missing.TOO_NOISY)
        # integers: no cancellation, unlike E[x²] - E[x]² in floating point
        spread = n * self._nn_squares - self._nn_sum * self._nn_sum
        return Figure(sqrt(spread / (n * (n - 1))) * MS_PER_TICK)


class RecentBeats:
    """The last seconds: the heart rate, and how far the intervals can be trusted."""

    def __init__(self, settings: DetectorSettings) -> None:
        self._length = settings.quality_window_s * TICKS_PER_SECOND
        self._rate_length = settings.heart_rate_window_s * TICKS_PER_SECOND
        self._min_beats = settings.heart_rate_min_beats
        self._beats: deque[tuple[int, int, bool]] = deque()
        self._accepted = 0
        self._covered = 0
        self._now = 0
        self._began: int | None = None

    def push(self, beat: Beat, *, accepted: bool) -> None:
        """Add the newest beat."""
        if self._began is None:
            self._began = beat.t_ticks - beat.rr_ticks
        self._beats.append((beat.t_ticks, beat.rr_ticks, accepted))
        self._accepted += accepted
        self._covered += beat.rr_ticks

    def advance(self, now_ticks: int) -> None:
        """Forget the beats at or before `now_ticks` less the quality window."""
        self._now = now_ticks
        cutoff = now_ticks - self._length
        beats = self._beats
        while beats and beats[0][0] <= cutoff:
            _, rr, accepted = beats.popleft()
            self._accepted -= accepted
            self._covered -= rr

    def heart_rate_bpm(self) -> float | None:
        """60 over the median accepted interval of the last 5 s (a median shrugs off a stray beat); None with too few."""
        oldest = self._now - self._rate_length
        ordered = sorted([rr for t_ticks, rr, accepted in self._beats if accepted and t_ticks > oldest])
        n = len(ordered)
        if n < self._min_beats:
            return None
        return 2 * TICKS_PER_MINUTE / (ordered[n // 2] + ordered[(n - 1) // 2])

    @property
    def accepted_share(self) -> float:
        """Accepted over all intervals, 0..1; 0 without any."""
        return self._accepted / len(self._beats) if self._beats else 0.0

    @property
    def coverage(self) -> float:
        """Sum of all intervals over the window's length.

        At the start the window is the time since the first interval began, but no shorter than the heart rate's: over
        less, one interval more or less says nothing.
        """
        if self._began is None:
            return 0.0
        return self._covered / min(self._length, max(self._rate_length, self._now - self._began))
