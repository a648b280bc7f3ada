"""Time-domain variability of a finished stretch of NN intervals.

Reference: Task Force of the ESC and NASPE 1996, Heart rate variability, Circulation 93:1043-1065.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def mean_nn_ms(nn_ms: ArrayLike) -> float | None:
    """Mean NN interval in ms; None without any.

    >>> mean_nn_ms([800, 820, 840])
    820.0
    """
    nn = _intervals(nn_ms)
    return float(nn.mean()) if nn.size else None


def mean_heart_rate_bpm(nn_ms: ArrayLike) -> float | None:
    """Beats over time: 60000 / mean NN. Not the mean of the rates, which would favour short intervals.

    >>> mean_heart_rate_bpm([600, 600])
    100.0
    """
    mean = mean_nn_ms(nn_ms)
    return None if mean is None else 60_000 / mean


def sdnn_ms(nn_ms: ArrayLike) -> float | None:
    """Standard deviation of NN intervals (n - 1) in ms; None below two.

    >>> sdnn_ms([800, 820, 840])
    20.0
    """
    nn = _intervals(nn_ms)
    return float(nn.std(ddof=1)) if nn.size >= 2 else None


def rmssd_ms(nn_ms: ArrayLike, adjacent: ArrayLike | None = None) -> float | None:
    """Root mean square of differences between adjacent NN intervals in ms; None without any.

    Args:
        nn_ms: shape (n,), NN intervals in ms.
        adjacent: shape (n,), whether interval i follows interval i - 1 without a gap or a rejected beat between them;
            the first value is not looked at. All are adjacent when it is left out.

    Raises:
        ValueError: the shapes differ, or an interval is not a positive finite number.

    >>> rmssd_ms([800, 830, 790])
    35.35533905932738
    >>> rmssd_ms([800, 830, 790], adjacent=[False, True, False])
    30.0
    """
    nn = _intervals(nn_ms)
    diffs = np.diff(nn)
    if adjacent is not None:
        follows = np.asarray(adjacent, dtype=bool)
        if follows.shape != nn.shape:
            raise ValueError(f"adjacent has shape {follows.shape}, nn_ms {nn.shape}; they must be equal")
        diffs = diffs[follows[1:]]
    return float(np.sqrt(np.mean(diffs**2))) if diffs.size else None


def _intervals(nn_ms: ArrayLike) -> NDArray[np.float64]:
    nn = np.asarray(nn_ms, dtype=np.float64)
    if nn.ndim != 1:
        raise ValueError(f"nn_ms must have one dimension, not {nn.ndim}")
    if not np.all(np.isfinite(nn) & (nn > 0)):
        raise ValueError("every NN interval must be a positive finite number of milliseconds")
    return nn
