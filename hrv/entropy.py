"""Sample entropy: how seldom a pattern of beats that repeats goes on repeating.

Reference: Richman and Moorman 2000, Physiological time-series analysis using approximate entropy and sample entropy,
Am. J. Physiol. Heart Circ. Physiol. 278:H2039-H2049.
"""

from math import log

import numpy as np
from numpy.typing import ArrayLike

from hrv.intervals import FloatArray, checked_intervals
from hrv.time_domain import sdnn_ms

MOST_BEATS = 20_000
"""Every pattern is compared with every other: twice the beats take four times as long. This many take about a second."""

PATTERN_BEATS = 2
TOLERANCE_SHARE = 0.2
_ROWS_AT_LEAST, _COMPARED_AT_ONCE = 32, 1 << 17  # 1 MB at a time


def sample_entropy(nn_ms: ArrayLike, tolerance_ms: float | None = None) -> float | None:
    """-ln(A / B): B pairs of patterns of two beats that agree, A of those whose next beats agree as well.

    Two beats agree when they differ by at most the tolerance; a pattern is not compared with itself. Patterns that have
    no next beat are left out, so that A and B are counted over the same ones.

    Args:
        nn_ms: shape (n,), intervals in ms; at most `MOST_BEATS`.
        tolerance_ms: 0.2 SDNN when left out.

    Returns:
        None when no pattern repeats (too few beats), or when the intervals do not vary.

    Raises:
        hrv.intervals.BadIntervals: these cannot be intervals in ms.
        ValueError: more than `MOST_BEATS` intervals.

    >>> round(sample_entropy([800, 850, 800, 850, 800, 850, 801, 900]), 4)  # 6 pairs agree, 4 of them go on agreeing
    0.4055
    """
    nn = checked_intervals(nn_ms)
    if nn.size > MOST_BEATS:
        raise ValueError(
            f"sample entropy is for at most {MOST_BEATS:,} intervals, not {nn.size:,}; take a part of them"
        )
    tolerance = TOLERANCE_SHARE * (sdnn_ms(nn) or 0.0) if tolerance_ms is None else tolerance_ms
    if nn.size < PATTERN_BEATS + 2 or not tolerance > 0:
        return None
    agreeing, going_on = _count(nn, tolerance)
    return -log(going_on / agreeing) if going_on else None


def _count(nn: FloatArray, tolerance: float) -> tuple[int, int]:
    """Ordered pairs that agree for two beats and for three; each pattern also agrees with itself, which is taken off."""
    patterns = nn.size - PATTERN_BEATS
    rows = max(_ROWS_AT_LEAST, _COMPARED_AT_ONCE // nn.size)
    agreeing = going_on = -patterns
    for top in range(0, patterns, rows):
        rest = min(rows, patterns - top)
        # one comparison of beats serves the first, second and third beat of every pattern: they are its diagonals
        close = np.abs(nn[top : top + rest + PATTERN_BEATS, None] - nn[None, :]) <= tolerance
        first_two = close[:rest, :patterns] & close[1 : rest + 1, 1 : patterns + 1]
        agreeing += int(np.count_nonzero(first_two))
        going_on += int(np.count_nonzero(first_two & close[2 : rest + 2, 2 : patterns + 2]))
    return agreeing, going_on
