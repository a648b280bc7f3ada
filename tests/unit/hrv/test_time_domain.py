"""The time domain equals its definitions, written out here once more without numpy."""

from math import isclose, log, sqrt
from statistics import stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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

NN = st.lists(st.tuples(st.floats(300, 2000), st.booleans()), min_size=3, max_size=60)


def test_formulas_on_numbers_worked_by_hand():
    nn = [800, 810, 790, 820]
    assert mean_nn_ms(nn) == 805
    assert mean_heart_rate_bpm(nn) == pytest.approx(60000 / 805)
    assert rmssd_ms(nn) == pytest.approx(((100 + 400 + 900) / 3) ** 0.5)
    assert sdnn_ms(nn) == pytest.approx(((25 + 25 + 225 + 225) / 3) ** 0.5)
    assert cvnn(nn) == pytest.approx(sdnn_ms(nn) / 805)
    assert sdsd_ms([800, 810, 790]) == pytest.approx(sqrt((15**2 + 15**2) / 1))
    assert ln_rmssd([800, 830]) == pytest.approx(log(30))
    assert pnn_percent([800, 820, 841, 800], 20) == 50  # strictly above, over all four intervals


@given(NN)
def test_every_figure_is_its_definition(beats):
    nn, adjacent = [rr for rr, _ in beats], [follows for _, follows in beats]
    pairs = [(a, b) for a, b, follows in zip(nn, nn[1:], adjacent[1:], strict=False) if follows]
    steps = [b - a for a, b in pairs]
    compared = len(steps) + 1 if steps else 0
    found = time_domain(nn, adjacent)
    expected = {
        "mean_nn_ms": sum(nn) / len(nn),
        "sdnn_ms": stdev(nn),
        "cvnn": stdev(nn) / (sum(nn) / len(nn)),
        "heart_rate_bpm": 60_000 * len(nn) / sum(nn),
        "heart_rate_min_bpm": 60_000 / max(nn),
        "heart_rate_max_bpm": 60_000 / min(nn),
        "rmssd_ms": sqrt(sum(s * s for s in steps) / len(steps)) if steps else None,
        "sdsd_ms": stdev(steps) if len(steps) > 1 else None,
        "pnn20_percent": 100 * sum(abs(s) > 20 for s in steps) / compared if compared else None,
        "pnn50_percent": 100 * sum(abs(s) > 50 for s in steps) / compared if compared else None,
    }
    rmssd = expected["rmssd_ms"]
    expected["ln_rmssd"] = log(rmssd) if rmssd else None
    for name, value in expected.items():
        given_value = getattr(found, name)
        if value is None:
            assert given_value is None
        else:
            assert isclose(given_value, value, rel_tol=1e-9, abs_tol=1e-9), name


@given(NN)
def test_one_at_a_time_and_all_at_once_agree(beats):
    nn, adjacent = [rr for rr, _ in beats], [follows for _, follows in beats]
    found = time_domain(nn, adjacent)
    assert found.mean_nn_ms == mean_nn_ms(nn)
    assert found.heart_rate_bpm == mean_heart_rate_bpm(nn)
    assert found.sdnn_ms == sdnn_ms(nn)
    assert found.cvnn == cvnn(nn)
    assert found.sdsd_ms == sdsd_ms(nn, adjacent)
    assert found.rmssd_ms == rmssd_ms(nn, adjacent)
    assert found.ln_rmssd == ln_rmssd(nn, adjacent)
    assert found.pnn20_percent == pnn_percent(nn, 20, adjacent)
    assert found.pnn50_percent == pnn_percent(nn, 50, adjacent)


def test_only_adjacent_differences_count():
    assert rmssd_ms([800, 810, 600, 606], adjacent=[False, True, False, True]) == pytest.approx(((100 + 36) / 2) ** 0.5)
    assert pnn_percent([800, 900, 600, 606, 700], 50, adjacent=[False, True, False, True, False]) == pytest.approx(
        100 / 3
    )


def test_gaps_do_not_lower_pnn50():
    chance = np.random.default_rng(1)
    nn = 800 + 50 * chance.standard_normal(20_000)
    broken = np.arange(20_000) % 10 != 0
    assert pnn_percent(nn, 50, broken) == pytest.approx(pnn_percent(nn, 50), abs=1)


def test_equal_intervals_have_a_spread_of_exactly_zero():
    assert sdnn_ms([800.1] * 7) == 0  # although their mean is not 800.1


def test_too_few_intervals_give_none_not_zero():
    empty = time_domain([])
    assert {getattr(empty, name) for name in empty.__slots__} == {None}
    assert sdnn_ms([800]) is cvnn([800]) is rmssd_ms([800]) is pnn_percent([800], 50) is None
    assert sdsd_ms([800, 810]) is None
    assert rmssd_ms([800, 900], adjacent=[True, False]) is None
    assert ln_rmssd([800, 800, 800]) is None


def test_adjacency_of_another_length_is_refused():
    with pytest.raises(ValueError, match="shape"):
        rmssd_ms([800, 810], adjacent=[True])
