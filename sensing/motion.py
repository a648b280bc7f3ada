"""Acceleration as one figure a second: how much its wearer moves. Pure."""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from sensing.polar_frames import AccelerationFrame

_NS_PER_S = 1_000_000_000
_CLOCK_TOLERANCE_S = 5.0
_FRAMES_REMEMBERED = 16


def mean_amplitude_deviation_mg(magnitudes_mg: Sequence[float]) -> float:
    """MAD = mean(|r_i - mean(r)|) of the vector magnitude r, in mg. Gravity is in the mean, so lying still is 0.

    Source: Vähä-Ypyä, Vasankari, Husu, Suni, Sievänen: "A universal, accurate intensity-based classification of different
    physical activities using raw data of accelerometer". Clin. Physiol. Funct. Imaging 35 (2015) 64-70. To take it over
    one second is this project's choice; the paper's cut-offs for kinds of activity do not carry over.

    Args:
        magnitudes_mg: sqrt(x² + y² + z²) of each sample.

    Raises:
        ValueError: there is no sample.

    >>> mean_amplitude_deviation_mg([900.0, 1100.0])
    100.0
    """
    mean_mg = fmean(magnitudes_mg)
    return fmean(abs(magnitude_mg - mean_mg) for magnitude_mg in magnitudes_mg)


@dataclass(frozen=True, slots=True)
class MotionSecond:
    """The motion of one second.

    Attributes:
        t_s: the whole second at which it begins.
        motion_mg: mean amplitude deviation, rounded as recordings keep it; None where less than half of the expected
            samples arrived.
    """

    t_s: int
    motion_mg: int | None


class MotionMeter:
    """Frames in, one motion for each second out.

    Time is the strap's own, laid on the recording's axis where the first frame arrives: arrival jitters, the strap's time
    does not. Where the two have come apart by more than 5 s (the strap was off in between, or the computer was asleep) it is
    laid on anew. Seconds without frames are None, not missing. A frame that comes again counts once; one that comes late
    counts where its second is still open. A second that was told stays as it was told.

    Args:
        sample_rate_hz: the rate the stream was started with.

    Raises:
        ValueError: the rate is not positive.

    >>> meter = MotionMeter(25)
    >>> still = ((0.0, 0.0, 1000.0),) * 25
    >>> meter.update(10.99, AccelerationFrame(7_990_000_000, still))
    ()
    >>> meter.update(12.02, AccelerationFrame(8_990_000_000, still))
    (MotionSecond(t_s=10, motion_mg=0),)
    """

    def __init__(self, sample_rate_hz: float) -> None:
        if not sample_rate_hz > 0:
            raise ValueError(f"sample_rate_hz must be greater than 0, not {sample_rate_hz}")
        self._period_s = 1 / sample_rate_hz
        self._fewest_samples = sample_rate_hz / 2
        self._anchor: tuple[int, float] | None = None
        self._frames_seen: deque[int] = deque(maxlen=_FRAMES_REMEMBERED)
        self._next_second: int | None = None
        self._magnitudes_mg: dict[int, list[float]] = {}

    def update(self, t_s: float, frame: AccelerationFrame) -> tuple[MotionSecond, ...]:
        """Take in one frame.

        Args:
            t_s: when it arrived, on the recording's axis.
            frame: what arrived.

        Returns:
            The seconds that are over now, oldest first, none left out.
        """
        if frame.last_sample_ns in self._frames_seen:
            return ()
        self._frames_seen.append(frame.last_sample_ns)
        last_t_s = self._on_axis(t_s, frame.last_sample_ns)
        self._take_in(last_t_s, frame)
        return tuple(self._seconds_before(math.floor(last_t_s)))

    def _on_axis(self, t_s: float, strap_ns: int) -> float:
        """The strap's time on the recording's axis."""
        if self._anchor is not None:
            anchor_ns, anchor_t_s = self._anchor
            on_axis_t_s = anchor_t_s + (strap_ns - anchor_ns) / _NS_PER_S
            if abs(on_axis_t_s - t_s) <= _CLOCK_TOLERANCE_S:
                return on_axis_t_s
        self._anchor = (strap_ns, t_s)
        return t_s

    def _take_in(self, last_t_s: float, frame: AccelerationFrame) -> None:
        """Put each sample into its second, unless that second is over.

        Samples are spaced by the rate that was agreed. The H10 was seen 2 % off it, which misplaces the first sample of a
        frame by less than the time between two.
        """
        first_t_s = last_t_s - (len(frame.samples_mg) - 1) * self._period_s
        if self._next_second is None:
            self._next_second = math.floor(first_t_s)
        for index, sample_mg in enumerate(frame.samples_mg):
            second = math.floor(first_t_s + index * self._period_s)
            if second >= self._next_second:
                self._magnitudes_mg.setdefault(second, []).append(math.hypot(*sample_mg))

    def _seconds_before(self, second: int) -> Iterator[MotionSecond]:
        """Close the seconds up to `second`."""
        while self._next_second is not None and self._next_second < second:
            magnitudes_mg = self._magnitudes_mg.pop(self._next_second, [])
            is_enough = len(magnitudes_mg) >= self._fewest_samples
            motion_mg = round(mean_amplitude_deviation_mg(magnitudes_mg)) if is_enough else None
            yield MotionSecond(self._next_second, motion_mg)
            self._next_second += 1
