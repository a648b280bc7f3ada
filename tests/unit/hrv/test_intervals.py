"""What cannot be heartbeats in milliseconds is refused by every calculation, in words, and never warned about."""

import warnings

import numpy as np
import pytest

from hrv.artifact_search import find_artifacts
from hrv.correction import correct
from hrv.dfa import dfa_exponent, fluctuations_ms
from hrv.entropy import sample_entropy
from hrv.frequency_domain import lomb_spectrum, welch_spectrum
from hrv.intervals import MOST_BEATS, BadInterval, BadIntervals, checked_intervals
from hrv.poincare import poincare
from hrv.series import RRSeries
from hrv.time_domain import (
    cvnn,
    ln_rmssd,
    mean_heart_rate_bpm,
    mean_nn_ms,
    pnn_percent,
    rmssd_ms,
    sdnn_ms,
    sdsd_ms,
    time_domain,
)

CALCULATIONS = {
    "time_domain": time_domain,
    "mean_nn_ms": mean_nn_ms,
    "mean_heart_rate_bpm": mean_heart_rate_bpm,
    "sdnn_ms": sdnn_ms,
    "cvnn": cvnn,
    "sdsd_ms": sdsd_ms,
    "rmssd_ms": rmssd_ms,
    "ln_rmssd": ln_rmssd,
    "pnn50": lambda nn: pnn_percent(nn, 50),
    "poincare": poincare,
    "welch": welch_spectrum,
    "lomb": lomb_spectrum,
    "fluctuations": lambda nn: fluctuations_ms(nn, [4, 8]),
    "dfa": dfa_exponent,
    "sample_entropy": sample_entropy,
    "find_artifacts": lambda nn: find_artifacts(RRSeries.of(nn)),
    "correct": lambda nn: correct(RRSeries.of(nn)),
}
BAD = {
    "nan": ([800, np.nan, 810], BadInterval.NOT_FINITE, 1),
    "infinite": ([800, 810, np.inf], BadInterval.NOT_FINITE, 2),
    "negative": ([800, -810, 805], BadInterval.NOT_POSITIVE, 1),
    "zero": ([0, 810, 805], BadInterval.NOT_POSITIVE, 0),
    "two minutes": ([800, 120_000, 805], BadInterval.TOO_LONG, 1),
    "seconds": (np.full(100, 0.8), BadInterval.WRONG_UNIT, None),
    "microseconds": (np.full(100, 800_000.0), BadInterval.WRONG_UNIT, None),
    "bpm": (np.full(100, 75.0), BadInterval.WRONG_UNIT, None),
    "two dimensions": ([[800, 810]], BadInterval.NOT_ONE_DIMENSION, None),
    "words": (["a", "b"], BadInterval.NOT_NUMBERS, None),
    "complex": (np.array([800 + 1j, 810]), BadInterval.NOT_NUMBERS, None),
    "numbers beyond all measure": ([10**400] * 3, BadInterval.NOT_NUMBERS, None),
    "masked": (np.ma.masked_array([800.0, 810.0, 4000.0], mask=[0, 0, 1]), BadInterval.NOT_FINITE, 2),
    "ten million": (np.full(10_000_000, 800.0), BadInterval.TOO_MANY, None),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
@pytest.mark.parametrize("calculate", CALCULATIONS.values(), ids=CALCULATIONS)
def test_bad_series_are_refused_by_everything_with_reason_and_place(calculate, bad):
    values, reason, index = bad
    with pytest.raises(BadIntervals) as refused:
        calculate(values)
    assert refused.value.reason is reason
    assert refused.value.index == index
    assert len(str(refused.value).splitlines()) == 1


def test_an_error_says_what_to_do():
    with pytest.raises(BadIntervals, match=r"look like seconds \(median 0\.8\); multiply them by 1000"):
        checked_intervals([0.8] * 5)
    with pytest.raises(BadIntervals, match=r"look like microseconds \(median 800000\); multiply them by 0\.001"):
        checked_intervals([800_000] * 5)
    with pytest.raises(BadIntervals, match=r"interval 1 is -5 ms: not positive"):
        checked_intervals([800, -5])
    with pytest.raises(BadIntervals, match="split"):
        checked_intervals(np.full(MOST_BEATS + 1, 800.0))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 11, 12, 91, 92])
@pytest.mark.parametrize("calculate", CALCULATIONS.values(), ids=CALCULATIONS)
def test_short_and_unvarying_series_give_no_number_that_is_none_and_no_warning(calculate, count):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        given = calculate([800.0] * count)
        calculate(np.linspace(800, 900, count))
    if isinstance(given, float):
        assert np.isfinite(given)


def test_single_artifacts_are_let_in_for_the_correction_to_find():
    assert checked_intervals([800, 30, 810, 4000]).tolist() == [800, 30, 810, 4000]


def test_what_goes_in_is_not_changed():
    rr = np.array([800.0, 300, 510, 805] * 40)
    before = rr.copy()
    for calculate in CALCULATIONS.values():
        calculate(rr)
    assert np.array_equal(rr, before)


@pytest.mark.parametrize(
    "t_s",
    [[1.0, 2.0], [2.0, 1.0, 3.0], [1.0, 1.0, 2.0], [1.0, np.nan, 2.0], [1.0, 2.0, np.inf], [1.0, 1e6, 1e6 + 1],
     [1.0, 1.0 + 1e-9, 2.0], [0.8e9, 1.6e9, 2.4e9], {"a": 1}, [1j, 2j, 3j], [10**400] * 3],
)  # fmt: skip
@pytest.mark.parametrize("calculate", [welch_spectrum, lomb_spectrum, RRSeries.of], ids=["welch", "lomb", "series"])
def test_times_that_are_none_or_tell_of_another_series_are_refused(calculate, t_s):
    with pytest.raises(ValueError, match="t_s"):
        calculate([800, 810, 820], t_s)


def test_truth_values_are_not_guessed():
    with pytest.raises(ValueError, match="true or false"):
        rmssd_ms([800, 810], adjacent=["False", "False"])


def test_a_series_is_its_own():
    rr = np.full(50, 800.0)
    series = RRSeries.of(rr)
    rr[:] = 1
    assert series.rr_ms.min() == 800
