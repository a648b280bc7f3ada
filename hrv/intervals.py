"""What may pass for a series of heartbeat intervals: checked once, at the door of every calculation."""

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MOST_BEATS = 2_000_000
"""A week at 200 beats a minute, the longest recording there is."""

USUAL_MIN_MS, USUAL_MAX_MS = 200.0, 5000.0
"""300 down to 12 beats a minute: the median of a series that is in milliseconds lies between."""

LONGEST_MS = 60_000.0
MS_PER_S = 1000.0
SMALLEST_TIME_SHARE = 0.1
_IN_MS = {"seconds": 1000.0, "microseconds": 0.001}


class BadInterval(StrEnum):
    """Why a series is none."""

    NOT_NUMBERS = "not numbers"
    NOT_ONE_DIMENSION = "not one-dimensional"
    TOO_MANY = "too many beats"
    NOT_FINITE = "not finite"
    NOT_POSITIVE = "not positive"
    TOO_LONG = "too long for an interval"
    WRONG_UNIT = "not in milliseconds"


class BadIntervals(ValueError):
    """A series that is not one of heartbeat intervals in ms. Carries the `reason`, and the `index` of the first bad one."""

    def __init__(self, reason: BadInterval, words: str, index: int | None = None) -> None:
        super().__init__(words)
        self.reason = reason
        self.index = index


def checked_intervals(rr_ms: ArrayLike) -> FloatArray:
    """`rr_ms` as an array of float64, shape (n,), if it can be heartbeat intervals in milliseconds.

    Single intervals may be far off, as artifacts are. But each is a positive finite number of at most a minute, and the
    median of the series is a possible heartbeat, so that other units are noticed. An empty series is one.

    Raises:
        BadIntervals: it cannot. Says which interval, and what to do.

    >>> checked_intervals([800, 810])
    array([800., 810.])
    >>> checked_intervals([0.8, 0.81])
    Traceback (most recent call last):
        ...
    hrv.intervals.BadIntervals: the intervals look like seconds (median 0.805); multiply them by 1000
    """
    rr = _numbers(rr_ms)
    if rr.size == 0:
        return rr
    # one pass each for the smallest and the largest: a NaN shows in both
    least, most = float(rr.min()), float(rr.max())
    if not (least > 0 and most <= LONGEST_MS):
        raise _unsound(rr)
    if least < USUAL_MIN_MS or most > USUAL_MAX_MS:
        _check_unit(rr)
    return rr


def checked_adjacency(adjacent: ArrayLike | None, intervals: FloatArray) -> BoolArray:
    """Which of `intervals` follow the one before them; all do when `adjacent` is None. Shape (n,).

    Raises:
        ValueError: the shapes differ, or these are not truth values.

    >>> checked_adjacency([False, True], checked_intervals([800, 810]))
    array([False,  True])
    """
    if adjacent is None:
        return np.ones(intervals.size, dtype=bool)
    given = np.asarray(adjacent)
    if given.size and given.dtype.kind not in "biu":
        raise ValueError("adjacent must be true or false for each interval")
    follows = given.astype(bool)
    if follows.shape != intervals.shape:
        raise ValueError(f"adjacent has the shape {follows.shape}, the intervals {intervals.shape}; they must be equal")
    return follows


def checked_times(t_s: ArrayLike | None, intervals: FloatArray, adjacent: BoolArray) -> FloatArray:
    """When each of `intervals` (ms) ended, in s; their running sum when `t_s` is None. Shape (n,).

    Raises:
        ValueError: the shapes differ, the times are not finite or do not rise, or they tell of another series: the time
            between adjacent intervals is less than a tenth, or more than ten times, of what the interval says.

    >>> intervals = checked_intervals([800, 850])
    >>> checked_times(None, intervals, checked_adjacency(None, intervals))
    array([0.8 , 1.65])
    """
    if t_s is None:
        return np.cumsum(intervals) / MS_PER_S
    try:
        ends_s = np.array(t_s, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("t_s must be numbers of seconds") from None
    if ends_s.shape != intervals.shape:
        raise ValueError(f"t_s has the shape {ends_s.shape}, the intervals {intervals.shape}; they must be equal")
    steps_ms = np.diff(ends_s) * MS_PER_S
    if not np.all(np.isfinite(ends_s)) or np.any(steps_ms <= 0):
        raise ValueError("t_s must be finite and rise strictly: it says when each interval ended")
    ratios = steps_ms[adjacent[1:]] / intervals[1:][adjacent[1:]]
    if np.any((ratios < SMALLEST_TIME_SHARE) | (ratios > 1 / SMALLEST_TIME_SHARE)):
        raise ValueError("t_s does not fit the intervals; it counts seconds, and a gap belongs into adjacent")
    return ends_s


def _numbers(rr_ms: ArrayLike) -> FloatArray:
    try:
        given = np.ma.filled(rr_ms, np.nan) if np.ma.isMaskedArray(rr_ms) else np.asarray(rr_ms)
        rr = np.asarray(given if np.isrealobj(given) else "complex", dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        raise BadIntervals(BadInterval.NOT_NUMBERS, "the intervals are not all numbers") from None
    if rr.ndim != 1:
        raise BadIntervals(BadInterval.NOT_ONE_DIMENSION, f"the intervals must have one dimension, not {rr.ndim}")
    if rr.size > MOST_BEATS:
        raise BadIntervals(
            BadInterval.TOO_MANY, f"{rr.size:,} intervals are more than a week's {MOST_BEATS:,}; split the series"
        )
    return rr


def _unsound(rr: FloatArray) -> BadIntervals:
    for reason, bad in (
        (BadInterval.NOT_FINITE, ~np.isfinite(rr)),
        (BadInterval.NOT_POSITIVE, ~(rr > 0)),
        (BadInterval.TOO_LONG, rr > LONGEST_MS),
    ):
        if bad.any():
            index = int(np.argmax(bad))
            if reason is BadInterval.TOO_LONG and (unit := _other_unit(rr)):
                return unit
            return BadIntervals(reason, f"interval {index} is {rr[index]:g} ms: {reason}", index)
    raise AssertionError("called for a series that is sound")  # pragma: no cover


def _check_unit(rr: FloatArray) -> None:
    usual = float(np.median(rr))
    if USUAL_MIN_MS <= usual <= USUAL_MAX_MS:
        return
    raise _other_unit(rr) or BadIntervals(
        BadInterval.WRONG_UNIT,
        f"the intervals cannot be milliseconds between heartbeats: their median is {usual:g}",
    )


def _other_unit(rr: FloatArray) -> BadIntervals | None:
    usual = float(np.median(rr))
    for unit, in_ms in _IN_MS.items():
        if USUAL_MIN_MS <= usual * in_ms <= USUAL_MAX_MS:
            words = f"the intervals look like {unit} (median {usual:g}); multiply them by {in_ms:g}"
            return BadIntervals(BadInterval.WRONG_UNIT, words)
    return None
