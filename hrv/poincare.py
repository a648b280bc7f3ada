"""The Poincaré plot: each NN interval against the next, as an ellipse.

Reference: Brennan, Palaniswami and Kamen 2001, Do existing measures of Poincaré plot geometry reflect nonlinear features
of heart rate variability?, IEEE Trans. Biomed. Eng. 48:1342-1347.
"""

from dataclasses import dataclass
from math import pi, sqrt

from numpy.typing import ArrayLike

from hrv.intervals import checked_adjacency, checked_intervals
from hrv.time_domain import standard_deviation


@dataclass(frozen=True, slots=True)
class Poincare:
    """The ellipse.

    Attributes:
        sd1_ms: spread across the line of identity: from beat to beat.
        sd2_ms: spread along it: slower than that.
        ratio: SD1 / SD2; None when SD2 is 0.
        area_ms2: of the ellipse, π · SD1 · SD2.
    """

    sd1_ms: float
    sd2_ms: float
    ratio: float | None
    area_ms2: float


def poincare(nn_ms: ArrayLike, adjacent: ArrayLike | None = None) -> Poincare | None:
    """The ellipse of pairs of adjacent intervals; None below two pairs.

    SD1 = SD(NN[i+1] - NN[i]) / √2 and SD2 = SD(NN[i+1] + NN[i]) / √2, with n - 1.

    Args:
        nn_ms: shape (n,), intervals in ms.
        adjacent: shape (n,), whether interval i follows interval i - 1; all do when it is left out.

    Raises:
        hrv.intervals.BadIntervals: these cannot be intervals in ms.
        ValueError: the shapes differ.

    >>> ellipse = poincare([800, 830, 790, 850])
    >>> round(ellipse.sd1_ms, 2), round(ellipse.sd2_ms, 2), round(ellipse.ratio, 2), round(ellipse.area_ms2)
    (36.29, 7.07, 5.13, 806)
    """
    nn = checked_intervals(nn_ms)
    first, second = nn[:-1], nn[1:]
    if adjacent is not None:
        pairs = checked_adjacency(adjacent, nn)[1:]
        first, second = first[pairs], second[pairs]
    across, along = standard_deviation(second - first), standard_deviation(second + first)
    if across is None or along is None:
        return None
    sd1, sd2 = across / sqrt(2), along / sqrt(2)
    return Poincare(sd1, sd2, sd1 / sd2 if sd2 else None, pi * sd1 * sd2)
