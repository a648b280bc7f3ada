"""How fast a heart comes down: the drop after a minute, and the time constant of the fall.

References: Imai et al. 1994, Vagally mediated heart rate recovery after exercise is accelerated in athletes but blunted in
patients with chronic heart failure, J. Am. Coll. Cardiol. 24:1529-1535; Cole et al. 1999, Heart-rate recovery immediately
after exercise as a predictor of mortality, N. Engl. J. Med. 341:1351-1357. Both are about the end of exercise; after a flood
the figures describe the fall and have no known normal range.
"""

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import least_squares

from hrv.figure import Figure, Missing
from hrv.intervals import FloatArray

AROUND_S = 2.5
"""A moment's heart rate is the mean of the seconds this near (own choice: five seconds, as the detector's)."""

SHORTEST_FALL_S = 60.0
"""A fall is fitted from this much of it on (own choice)."""

FEWEST_SECONDS = 40
"""Of those with a signal (own choice)."""

FASTEST_BPM = 300.0
FASTEST_FALL_S = 2.0
"""A shorter time constant is not seen in one value a second."""

SMALLEST_DROP_BPM = 5.0
"""A smaller fall is not told from the heart's own waves (own choice)."""


@dataclass(frozen=True, slots=True)
class Fall:
    """An exponential fall, `end_bpm + drop_bpm · exp(-t / time_constant_s)` from its first moment on.

    Attributes:
        time_constant_s: after it, 63 % of the way down is done.
        standard_error_s: of the time constant. Neighbouring seconds are alike, so they count for fewer than they are: the
            fit's own error is widened by √((1 + r) / (1 - r)), r being the residuals' correlation from second to second (after
            Bartlett 1946, J. R. Stat. Soc. Suppl. 8:27-41; for slow waves this is too much rather than too little).
    """

    end_bpm: float
    drop_bpm: float
    time_constant_s: float
    standard_error_s: float


def drop_after(t_s: ArrayLike, heart_rate_bpm: ArrayLike, from_s: float, after_s: float = 60.0) -> Figure:
    """How much lower the heart rate is `after_s` after `from_s`, in bpm; negative when it is higher.

    Args:
        t_s: shape (n,), seconds, rising.
        heart_rate_bpm: shape (n,), NaN where there was no signal.
        from_s: usually the peak.
        after_s: 60 for the customary figure.

    Returns:
        None as `TOO_SHORT` when the record ends before, as `NO_SIGNAL` when a moment has no heart rate.

    Raises:
        ValueError: the shapes differ, the times do not rise, or a heart rate is none.

    >>> t_s = np.arange(120.0)
    >>> drop_after(t_s, 120 - t_s / 4, from_s=10).value
    15.0
    """
    t, bpm = _checked(t_s, heart_rate_bpm)
    if not t.size or t[-1] < from_s + after_s:
        return Figure.none(Missing.TOO_SHORT)
    first, then = _around(t, bpm, from_s), _around(t, bpm, from_s + after_s)
    if first is None or then is None:
        return Figure.none(Missing.NO_SIGNAL)
    return Figure(first - then)


def fit_fall(t_s: ArrayLike, heart_rate_bpm: ArrayLike) -> Fall | Missing:
    """Fit an exponential fall, by least squares, to a heart rate that comes down from its first second on.

    Args:
        t_s: shape (n,), seconds, rising.
        heart_rate_bpm: shape (n,), NaN where there was no signal; those seconds are left out.

    Returns:
        Why there is none: `TOO_SHORT` below a minute or 40 seconds of signal in it, `NO_FIT` when the heart does not come down by 5 bpm, or so
        slowly that the end is not in sight (the time constant is longer than what was seen, or than twice its error).

    Raises:
        ValueError: the shapes differ, the times do not rise, or a heart rate is none.

    >>> t_s = np.arange(300.0)
    >>> fall = fit_fall(t_s, 75 + 40 * np.exp(-t_s / 60))
    >>> round(fall.time_constant_s, 3), round(fall.end_bpm, 3), round(fall.drop_bpm, 3)
    (60.0, 75.0, 40.0)
    """
    t, bpm = _checked(t_s, heart_rate_bpm)
    heard = np.isfinite(bpm)
    t, bpm = t[heard], bpm[heard]
    lasted_s = float(t[-1] - t[0]) if t.size else 0.0
    if lasted_s < SHORTEST_FALL_S or t.size < FEWEST_SECONDS:
        return Missing.TOO_SHORT
    t = t - t[0]
    start = (float(bpm[-10:].mean()), float(bpm[:5].mean() - bpm[-10:].mean()), lasted_s / 3)
    if start[1] < SMALLEST_DROP_BPM:
        return Missing.NO_FIT
    fit = least_squares(
        lambda guess: _fall(t, *guess) - bpm,
        start,
        jac=lambda guess: _slopes(t, *guess),
        bounds=((0, 0, FASTEST_FALL_S / 2), (FASTEST_BPM, FASTEST_BPM, 10 * lasted_s)),
    )
    end, drop, constant = (float(value) for value in fit.x)
    error = _standard_error(fit.jac, fit.fun)
    if drop < SMALLEST_DROP_BPM or not max(FASTEST_FALL_S, 2 * error) <= constant <= lasted_s:
        return Missing.NO_FIT
    return Fall(end, drop, constant, error)


def _fall(t: FloatArray, end: float, drop: float, constant: float) -> FloatArray:
    return end + drop * np.exp(-t / constant)


def _slopes(t: FloatArray, _end: float, drop: float, constant: float) -> FloatArray:
    left = np.exp(-t / constant)
    return np.column_stack((np.ones_like(t), left, drop * left * t / constant**2))


def _standard_error(slopes: FloatArray, residuals: FloatArray) -> float:
    """Of the last parameter; infinite when the data do not tell it from the others."""
    normal = slopes.T @ slopes
    if np.linalg.cond(normal) > 1 / np.finfo(np.float64).eps:
        return inf
    variance = float(residuals @ residuals) / (residuals.size - slopes.shape[1]) * float(np.linalg.inv(normal)[-1, -1])
    return sqrt(variance) * _widening(residuals)


def _widening(residuals: FloatArray) -> float:
    spread = float(residuals @ residuals)
    if not spread:
        return 1.0
    correlation = min(max(float(residuals[1:] @ residuals[:-1]) / spread, 0.0), 0.99)
    return sqrt((1 + correlation) / (1 - correlation))


def _around(t: FloatArray, bpm: FloatArray, at_s: float) -> float | None:
    near = bpm[np.abs(t - at_s) <= AROUND_S]
    near = near[np.isfinite(near)]
    return float(near.mean()) if near.size else None


def _checked(t_s: ArrayLike, heart_rate_bpm: ArrayLike) -> tuple[FloatArray, FloatArray]:
    t, bpm = np.asarray(t_s, dtype=np.float64), np.asarray(heart_rate_bpm, dtype=np.float64)
    if t.shape != bpm.shape or t.ndim != 1:
        raise ValueError(f"t_s has the shape {t.shape}, heart_rate_bpm {bpm.shape}; both must be (n,)")
    if not np.all(np.isfinite(t)) or not np.all(np.diff(t) > 0):
        raise ValueError("t_s must be finite and rise strictly")
    heard = bpm[~np.isnan(bpm)]
    if heard.size and not (heard.min() > 0 and heard.max() <= FASTEST_BPM):
        raise ValueError(f"heart_rate_bpm must lie between 0 and {FASTEST_BPM:g} beats a minute")
    return t, bpm
