"""Intervals are as wide as few talks ask for: against scipy's own, and by counting how often they hold the truth."""

from itertools import combinations
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from journal.trends.uncertainty import LEVEL, _ways, middle, rate, rate_ratio, shift

NUMBERS = st.integers(0, 400)
HOURS = st.floats(0.01, 1000)
VALUES = st.lists(st.integers(-1000, 1000), max_size=12)


@given(NUMBERS, HOURS)
def test_a_rate_has_the_exact_poisson_interval(count, hours):
    found = rate(count, hours)
    assert found.low <= count / hours <= found.high
    # At its ends, a count so far out is as rare as the level says.
    assert stats.poisson.cdf(count, found.high * hours) == pytest.approx((1 - LEVEL) / 2)
    if count:
        assert stats.poisson.sf(count - 1, found.low * hours) == pytest.approx((1 - LEVEL) / 2)


def test_no_time_has_no_rate():
    assert rate(0, 0.0) is None
    assert rate_ratio(1, 0.0, 1, 1.0) is None
    assert rate_ratio(0, 1.0, 0, 1.0) is None


@given(st.integers(0, 60), st.integers(0, 60), HOURS, HOURS)
def test_a_ratio_says_the_same_turned_around(before, after, before_h, after_h):
    found, turned = rate_ratio(before, before_h, after, after_h), rate_ratio(after, after_h, before, before_h)
    if found is None:
        assert turned is None
        return
    assert found.low <= found.value <= found.high
    assert found.low == pytest.approx(1 / turned.high if turned.high else inf)
    assert found.high == pytest.approx(1 / turned.low if turned.low else inf)


def test_a_ratio_agrees_with_the_binomial_interval():
    exact = stats.binomtest(3, 14).proportion_ci(LEVEL, "exact")
    found = rate_ratio(11, 10.0, 3, 20.0)
    assert found.value == pytest.approx(3 / 20 / (11 / 10))
    assert found.low == pytest.approx(exact.low / (1 - exact.low) / 2)
    assert found.high == pytest.approx(exact.high / (1 - exact.high) / 2)


def test_what_began_has_no_upper_bound_and_what_ended_none_below():
    assert rate_ratio(0, 1.0, 4, 1.0).value == rate_ratio(0, 1.0, 4, 1.0).high == inf
    assert rate_ratio(4, 1.0, 0, 1.0).low == 0


@given(VALUES)
def test_a_median_lies_in_its_interval_and_under_five_values_has_none(values):
    found = middle(values)
    assert (found is None) == (len(values) < 5)
    if found is not None:
        assert found.low <= found.value <= found.high
        assert {found.low, found.high} <= set(values)


@pytest.mark.parametrize("number", [5, 8, 20, 61])
def test_the_interval_of_a_median_holds_the_truth_as_often_as_it_says(number):
    drawn = np.random.default_rng(7).exponential(size=(4000, number))
    held = [(found := middle(list(row))).low <= np.log(2) <= found.high for row in drawn]
    assert np.mean(held) > LEVEL - 0.015


@given(VALUES, VALUES)
def test_a_shift_says_the_same_turned_around(before, after):
    found, turned = shift(before, after), shift(after, before)
    if found is None:
        assert turned is None
        return
    assert found.low <= found.value <= found.high
    assert (found.value, found.low, found.high) == (-turned.value, -turned.high, -turned.low)


@pytest.mark.parametrize(("first", "second"), [(1, 1), (3, 2), (4, 5), (6, 3)])
def test_the_orders_are_counted_as_one_counts_them_by_hand(first, second):
    counted = [0] * (first * second + 1)
    for places in combinations(range(first + second), second):
        counted[sum(place - i for i, place in enumerate(places))] += 1
    assert list(_ways(first, second)) == counted


def test_the_interval_of_a_shift_holds_the_truth_as_often_as_it_says():
    chance = np.random.default_rng(11)
    held = [
        (found := shift(list(chance.normal(size=6)), list(chance.normal(2, size=7)))).low <= 2 <= found.high
        for _ in range(2000)
    ]
    assert np.mean(held) > LEVEL - 0.02


def test_too_few_values_say_nothing_about_a_shift():
    assert shift([1, 2], [3, 4, 5]) is None
    assert shift([], [3, 4, 5]) is None
    assert shift([1, 2, 3], [4, 5, 6]) is not None
