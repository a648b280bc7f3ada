"""Intervals are as wide as few talks ask for: against scipy's own, and by counting how often they hold the truth."""

from itertools import combinations
from math import inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from journal.trends.uncertainty import LEVEL, _ways, amount_rate, amount_ratio, middle, rate, rate_ratio, shift

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


AMOUNTS = st.lists(st.just(0.0) | st.floats(0.01, 60), min_size=2, max_size=20)


@given(st.integers(1, 40), st.floats(0.1, 50), HOURS)
def test_equal_amounts_have_the_exact_interval_of_their_number(number, each, hours):
    found, counted = amount_rate([each] * number + [0.0, 0.0], hours), rate(number, hours)
    assert found.value == pytest.approx(each * counted.value)
    assert (found.low, found.high) == pytest.approx((each * counted.low, each * counted.high))


@given(AMOUNTS, HOURS)
def test_an_amount_lies_in_its_interval_which_a_larger_possible_talk_only_widens(amounts, hours):
    found, wider = amount_rate(amounts, hours), amount_rate(amounts, hours, largest=90.0)
    assert found.low <= found.value <= found.high
    assert (found.high == inf) == (not any(amounts)), "nothing seen, and nothing said of what may be"
    assert found.high <= wider.high < inf or not any(amounts)


def test_one_talk_or_no_time_says_nothing_of_an_amount():
    assert amount_rate([5.0], 1.0) is None
    assert amount_rate([5.0, 1.0], 0.0) is None
    assert amount_ratio([0.0, 0.0], 1.0, [0.0, 0.0], 1.0) is None
    assert amount_ratio([1.0], 1.0, [0.0, 0.0], 1.0) is None


@given(AMOUNTS, AMOUNTS, HOURS, HOURS)
def test_a_ratio_of_amounts_says_the_same_turned_around(before, after, before_h, after_h):
    found, turned = amount_ratio(before, before_h, after, after_h), amount_ratio(after, after_h, before, before_h)
    if found is None:
        assert turned is None
        return
    assert found.low <= found.value <= found.high
    assert found.low == pytest.approx(1 / turned.high if turned.high else inf)


@pytest.mark.parametrize("flooding", [0.2, 0.4, 0.8])
@pytest.mark.parametrize("number", [2, 4, 8, 20])
@pytest.mark.parametrize(("spread", "least"), [(3.0, 0.90), (1.0, 0.84)])
def test_the_interval_of_an_amount_holds_the_truth_about_as_often_as_it_says(flooding, number, spread, least):
    """Also where floods' lengths are spread as far as an exponential's (`spread` 1), which no few talks can show."""
    chance, minutes = np.random.default_rng(5), 6.0
    held = []
    for _ in range(1500):
        hours = chance.uniform(0.5, 1.2, number)
        floods = chance.poisson(flooding * hours)
        amounts = [chance.gamma(spread, minutes / spread, count).sum() for count in floods]
        found = amount_rate(amounts, hours.sum(), largest=0.0 if any(amounts) else 60 * hours.max())
        held.append(found.low <= flooding * minutes <= found.high)
    assert np.mean(held) > least
