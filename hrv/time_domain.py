"""Time-domain variability of a finished stretch of NN intervals: the definitions, each once.

Reference: Task Force of the ESC and NASPE 1996, Heart rate variability, Circulation 93:1043-1065.

Every function takes `nn_ms`, shape (n,), intervals in ms. Those of successive differences also take `adjacent`, shape
(n,): whether interval i follows interval i - 1 without a gap or a rejected beat between them (the first value is not
looked at; all do when it is left out). Each gives None where its formula has nothing to work on, and raises
`hrv.intervals.BadIntervals` for what cannot be intervals in ms, `ValueError` when the shapes differ.
"""

from dataclasses import dataclass
from math import log, sqrt

import numpy as np
from numpy.typing import ArrayLike

from hrv.intervals import FloatArray, checked_adjacency, checked_intervals

MS_PER_MINUTE = 60_000.0


@dataclass(frozen=True, slots=True)
class TimeDomain:
    """All of this page's figures of one stretch. A field is None where its formula has nothing to work on.

    Attributes:
        mean_nn_ms, sdnn_ms, sdsd_ms, rmssd_ms, ln_rmssd, pnn20_percent, pnn50_percent, cvnn: see the functions of these names.
        heart_rate_bpm: beats over time; heart_rate_min_bpm, heart_rate_max_bpm: of the longest and the shortest interval.
    """

    mean_nn_ms: float | None
    sdnn_ms: float | None
    sdsd_ms: float | None
    rmssd_ms: float | None
    ln_rmssd: float | None
    pnn20_percent: float | None
    pnn50_percent: float | None
    cvnn: float | None
    heart_rate_bpm: float | None
    heart_rate_min_bpm: float | None
    heart_rate_max_bpm: float | None


def time_domain(nn_ms: ArrayLike, adjacent: ArrayLike | None = None) -> TimeDomain:
    """Every figure at once: the intervals are read, and their differences taken, only once.

    >>> figures = time_domain([800, 830, 790, 850])
    >>> figures.mean_nn_ms, round(figures.rmssd_ms, 2), round(figures.pnn50_percent, 1), round(figures.heart_rate_max_bpm, 1)
    (817.5, 45.09, 25.0, 75.9)
    """
    nn = checked_intervals(nn_ms)
    differences = _differences(nn, adjacent)
    mean, sdnn, rmssd = _mean(nn), standard_deviation(nn), _root_mean_square(differences)
    return TimeDomain(
        mean_nn_ms=mean,
        sdnn_ms=sdnn,
        sdsd_ms=standard_deviation(differences),
        rmssd_ms=rmssd,
        ln_rmssd=_ln(rmssd),
        pnn20_percent=_share_above(differences, 20),
        pnn50_percent=_share_above(differences, 50),
        cvnn=None if mean is None or sdnn is None else sdnn / mean,
        heart_rate_bpm=None if mean is None else MS_PER_MINUTE / mean,
        heart_rate_min_bpm=MS_PER_MINUTE / float(nn.max()) if nn.size else None,
        heart_rate_max_bpm=MS_PER_MINUTE / float(nn.min()) if nn.size else None,
    )


def mean_nn_ms(nn_ms: ArrayLike) -> float | None:
    """Mean NN interval in ms; None without any.

    >>> mean_nn_ms([800, 820, 840])
    820.0
    """
    return _mean(checked_intervals(nn_ms))


def mean_heart_rate_bpm(nn_ms: ArrayLike) -> float | None:
    """Beats over time: 60000 / mean NN. Not the mean of the rates, which would favour short intervals.

    >>> mean_heart_rate_bpm([600, 600])
    100.0
    """
    mean = mean_nn_ms(nn_ms)
    return None if mean is None else MS_PER_MINUTE / mean


def sdnn_ms(nn_ms: ArrayLike) -> float | None:
    """Standard deviation of NN intervals (n - 1) in ms; None below two.

    >>> sdnn_ms([800, 820, 840])
    20.0
    """
    return standard_deviation(checked_intervals(nn_ms))


def cvnn(nn_ms: ArrayLike) -> float | None:
    """Coefficient of variation: SDNN over mean NN, without unit; None below two.

    >>> round(cvnn([800, 820, 840]), 4)
    0.0244
    """
    return time_domain(nn_ms).cvnn


def sdsd_ms(nn_ms: ArrayLike, adjacent: ArrayLike | None = None) -> float | None:
    """Standard deviation (n - 1) of the differences between adjacent NN intervals in ms; None below two of them.

    >>> round(sdsd_ms([800, 830, 790, 850]), 3)
    51.316
    """
    return standard_deviation(_differences(checked_intervals(nn_ms), adjacent))


def rmssd_ms(nn_ms: ArrayLike, adjacent: ArrayLike | None = None) -> float | None:
    """Root mean square of the differences between adjacent NN intervals in ms; None without any.

    >>> rmssd_ms([800, 830, 790])
    35.35533905932738
    >>> rmssd_ms([800, 830, 790], adjacent=[False, True, False])
    30.0
    """
    return _root_mean_square(_differences(checked_intervals(nn_ms), adjacent))


def ln_rmssd(nn_ms: ArrayLike, adjacent: ArrayLike | None = None) -> float | None:
    """Natural logarithm of RMSSD in ms, which is closer to normally distributed; None without differences, or when all are 0.

    >>> round(ln_rmssd([800, 830, 790]), 4)
    3.5654
    """
    return _ln(rmssd_ms(nn_ms, adjacent))


def pnn_percent(nn_ms: ArrayLike, above_ms: float, adjacent: ArrayLike | None = None) -> float | None:
    """Percentage of NN intervals that differ from the one before by more than `above_ms` (pNN50: 50); None without any.

    As the Task Force defines it: the count over the number of NN intervals, which is one more than that of their
    differences. With `adjacent` it stays one more, as if the row were unbroken, so that gaps do not lower the figure.

    Reference: Mietus et al. 2002, The pNNx files: re-examining a widely used heart rate variability
    measure, Heart 88:378-380: strictly above.

    >>> pnn_percent([800, 850, 790, 800], 50)
    25.0
    """
    return _share_above(_differences(checked_intervals(nn_ms), adjacent), above_ms)


def standard_deviation(values: FloatArray) -> float | None:
    """Of any values, with n - 1; None below two. Exactly 0 for equal ones, whatever their mean rounds to.

    >>> standard_deviation(np.full(3, 800.1))
    0.0
    """
    if values.size < 2:
        return None
    about = values - values.mean()
    return sqrt(float(about @ about) / (values.size - 1)) if values.max() > values.min() else 0.0


def _differences(nn: FloatArray, adjacent: ArrayLike | None) -> FloatArray:
    differences = np.diff(nn)
    return differences if adjacent is None else differences[checked_adjacency(adjacent, nn)[1:]]


def _mean(values: FloatArray) -> float | None:
    return float(values.mean()) if values.size else None


def _root_mean_square(values: FloatArray) -> float | None:
    return sqrt(float(values @ values) / values.size) if values.size else None


def _share_above(differences: FloatArray, above_ms: float) -> float | None:
    if not differences.size:
        return None
    return 100.0 * int(np.count_nonzero(np.abs(differences) > above_ms)) / (differences.size + 1)


def _ln(value: float | None) -> float | None:
    return log(value) if value else None
