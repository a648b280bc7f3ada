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
        ValueError: the shapes differ.

    >>> checked_adjacency([False, True], checked_intervals([800, 810]))
    array([False,  True])
    """
    if adjacent is None:
        return np.ones(intervals.size, dtype=bool)
    follows = np.asarray(adjacent, dtype=bool)
    if follows.shape != intervals.shape:
        raise ValueError(f"adjacent has the shape {follows.shape}, the intervals {intervals.shape}; they must be equal")
    return follows


def _numbers(rr_ms: ArrayLike) -> FloatArray:
    try:
        rr = np.asarray(rr_ms, dtype=np.float64)
    except (TypeError, ValueError):
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
