import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hrv.poincare import poincare
from hrv.time_domain import sdsd_ms


@given(st.lists(st.floats(300, 2000), min_size=3, max_size=50))
def test_the_ellipse_is_its_definition(nn):
    ellipse = poincare(nn)
    this, following = np.array(nn[:-1]), np.array(nn[1:])
    sd1, sd2 = np.std((following - this) / 2**0.5, ddof=1), np.std((following + this) / 2**0.5, ddof=1)
    assert ellipse.sd1_ms == pytest.approx(sd1, rel=1e-9, abs=1e-9)
    assert ellipse.sd2_ms == pytest.approx(sd2, rel=1e-9, abs=1e-9)
    # A product of two figures, each right to 1e-9: where one is nothing but rounding, the other makes that larger.
    assert ellipse.area_ms2 == pytest.approx(np.pi * sd1 * sd2, rel=1e-9, abs=np.pi * 1e-9 * max(sd1, sd2, 1))
    assert ellipse.ratio is None or ellipse.ratio == pytest.approx(ellipse.sd1_ms / ellipse.sd2_ms, rel=1e-9)


def test_sd1_is_sdsd_over_root_two():
    nn = [800, 830, 790, 850, 820]
    assert poincare(nn).sd1_ms == pytest.approx(sdsd_ms(nn) / 2**0.5, rel=1e-12)


def test_pairs_across_a_gap_are_left_out():
    nn, adjacent = [800, 820, 1500, 1490, 1510], [False, True, False, True, True]
    alone = np.array([[800, 820], [1500, 1490], [1490, 1510]], dtype=float)
    assert poincare(nn, adjacent).sd1_ms == pytest.approx(np.std(alone[:, 1] - alone[:, 0], ddof=1) / 2**0.5)


def test_without_spread_there_is_no_ratio_and_without_pairs_no_ellipse():
    assert poincare([800, 800, 800]).ratio is poincare([800.1] * 9).ratio is None
    assert poincare([800, 810]) is None
    assert poincare([]) is None
