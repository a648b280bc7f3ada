"""Detrended fluctuation analysis: how the spread of the summed intervals grows with the scale one looks at.

Reference: Peng, Havlin, Stanley and Goldberger 1995, Quantification of scaling exponents and crossover phenomena in
nonstationary heartbeat time series, Chaos 5:82-87.
"""

from collections.abc import Sequence
from functools import cache
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from hrv.intervals import FloatArray, checked_intervals

SHORT_SCALES = tuple(range(4, 17))
"""Beats to a box for α1 (Peng et al. 1995: 4 to 16)."""

LONG_SCALES = tuple(range(16, 65))
"""Beats to a box for α2 (Peng et al. 1995: 16 to 64)."""

SMALLEST_SCALE, LARGEST_SCALE = 3, 1000
"""A line through two points leaves no fluctuation; the work for a box grows with its square."""


def fluctuations_ms(nn_ms: ArrayLike, scales: Sequence[int]) -> FloatArray | None:
    """F(n), the root mean square distance of the profile from the line of its box, for boxes of n beats.

    The profile is the running sum of the intervals less their mean. Boxes do not overlap and begin with the first beat;
    what does not fill the last one is left out.

    Args:
        nn_ms: shape (n,), intervals in ms.
        scales: box lengths in beats, each 3 to 1000.

    Returns:
        Shape (len(scales),), in ms; None when fewer than two boxes of the largest fit.

    Raises:
        hrv.intervals.BadIntervals: these cannot be intervals in ms.
        ValueError: a scale that is not between these, or no scale.

    >>> fluctuations_ms([800, 900, 800, 900] * 4, [4]).round(2)
    array([22.36])
    """
    if not scales or any(scale != int(scale) or not SMALLEST_SCALE <= scale <= LARGEST_SCALE for scale in scales):
        raise ValueError(f"scales must be {SMALLEST_SCALE} to {LARGEST_SCALE} whole beats, not {list(scales)}")
    nn = checked_intervals(nn_ms)
    if nn.size < 2 * max(scales):
        return None
    profile = np.cumsum(nn - nn.mean())
    return np.array([_fluctuation(profile, scale) for scale in scales])


def dfa_exponent(nn_ms: ArrayLike, scales: Sequence[int] = SHORT_SCALES) -> float | None:
    """The exponent α: the slope of log F(n) over log n. With the default scales α1; with `LONG_SCALES` α2.

    Args, raises: as `fluctuations_ms`; also `ValueError` for fewer than two different scales.

    Returns:
        None when fewer than two boxes of the largest fit, or when a fluctuation is 0 (intervals that do not vary).

    >>> rng = np.random.default_rng(1)
    >>> alpha2 = dfa_exponent(800 + 20 * rng.standard_normal(20_000), LONG_SCALES)  # no correlation: about 0.5
    >>> round(alpha2, 1)
    0.5
    """
    if len(set(scales)) < 2:
        raise ValueError(f"a slope needs at least two different scales, not {list(scales)}")
    fluctuations = fluctuations_ms(nn_ms, scales)
    # the running sum of equal intervals leaves rounding errors, and a line through those would be a number without sense
    if fluctuations is None or fluctuations.min() <= _rounding_ms(nn_ms):
        return None
    x, y = np.log(scales), np.log(fluctuations)
    x = x - x.mean()
    return float(x @ y / (x @ x))


def _fluctuation(profile: FloatArray, scale: int) -> float:
    boxes = profile[: profile.size // scale * scale].reshape(-1, scale)
    residuals = (boxes @ _off_the_line(scale)).ravel()
    return sqrt(float(residuals @ residuals) / residuals.size)


@cache
def _off_the_line(scale: int) -> FloatArray:
    """The matrix that takes from a box its least-squares line: one product serves all boxes of a scale."""
    time = np.arange(scale) - (scale - 1) / 2
    return np.eye(scale) - 1 / scale - np.outer(time, time) / (time @ time)


def _rounding_ms(nn_ms: ArrayLike) -> float:
    """Fluctuations up to this are rounding errors of the running sum, not of the heart."""
    nn = np.asarray(nn_ms, dtype=np.float64)
    return float(np.finfo(np.float64).eps * nn.mean() * nn.size)
