import numpy as np
import pytest

from hrv.time_domain import mean_heart_rate_bpm, mean_nn_ms, rmssd_ms, sdnn_ms


def test_formulas_on_numbers_worked_by_hand():
    nn = [800, 810, 790, 820]
    assert mean_nn_ms(nn) == 805
    assert mean_heart_rate_bpm(nn) == pytest.approx(60000 / 805)
    assert rmssd_ms(nn) == pytest.approx(((100 + 400 + 900) / 3) ** 0.5)
    assert sdnn_ms(nn) == pytest.approx(((25 + 25 + 225 + 225) / 3) ** 0.5)


def test_only_adjacent_differences_count():
    assert rmssd_ms([800, 810, 600, 606], adjacent=[False, True, False, True]) == pytest.approx(((100 + 36) / 2) ** 0.5)


def test_too_few_intervals_give_none_not_zero():
    assert mean_nn_ms([]) is None
    assert mean_heart_rate_bpm([]) is None
    assert sdnn_ms([800]) is None
    assert rmssd_ms([800]) is None
    assert rmssd_ms([800, 900], adjacent=[True, False]) is None


@pytest.mark.parametrize("nn", [[800, np.nan], [800, -1], [0, 800], [np.inf], [[800, 800]]])
def test_what_is_no_series_of_intervals_is_refused(nn):
    with pytest.raises(ValueError, match="interval"):
        rmssd_ms(nn)


def test_adjacency_of_another_length_is_refused():
    with pytest.raises(ValueError, match="shape"):
        rmssd_ms([800, 810], adjacent=[True])
