"""Trends say what plain counting says, and no change that few talks cannot bear."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.trends.figures import LEAST_TALKS, Figure, FloodFigures, TalkFigures, by_week, compare
from journal.trends.uncertainty import LEVEL, share, share_difference

MONDAY = date(2026, 3, 2)
HERE = timezone(timedelta(hours=1))
FLOOD = FloodFigures(114.0, 42.0, 300.0)
TALK = TalkFigures(
    datetime(2026, 3, 5, 20, 0, tzinfo=HERE), 3600.0, 60.0, 72.0, 31.0, (FLOOD,), 2, pauses_taken=1, pauses_kept=1,
    algorithm_version="2", above_line_s=360.0,
)  # fmt: skip


def talks(number, **changes):
    return [replace(TALK, began=TALK.began + timedelta(days=day), **changes) for day in range(number)]


def test_a_weeks_figures_are_what_one_counts_by_hand():
    (week,) = by_week(talks(3), first_monday=MONDAY, weeks=1)
    assert (week.talks, week.heard_s, week.lost_s) == (3, 10800.0, 180.0)
    assert week.figures[Figure.FLOODS].value == 1.0
    assert week.figures[Figure.NEAR_MISSES].value == 2.0
    assert week.figures[Figure.PAUSES_KEPT].value == 1.0
    assert week.figures[Figure.ABOVE_LINE].value == pytest.approx(6.0)
    assert week.figures[Figure.TURNED].value == pytest.approx(2 / 3)
    assert week.values[Figure.TALK_TIME] == [61.0] * 3
    assert (week.talk_s, TALK.talk_s) == (10980.0, 3660.0)
    assert week.values[Figure.PEAK] == [114.0] * 3
    assert week.figures[Figure.PEAK] is None, "three values have no interval"


def test_a_talk_belongs_to_the_week_of_its_wearers_own_clock():
    late = replace(TALK, began=datetime(2026, 3, 9, 0, 30, tzinfo=HERE))  # still Sunday in UTC
    weeks = by_week([TALK, late], first_monday=MONDAY, weeks=3)
    assert [(week.first, week.talks) for week in weeks] == [
        (MONDAY, 1),
        (MONDAY + timedelta(days=7), 1),
        (MONDAY + timedelta(days=14), 0),
    ]
    assert weeks[2].figures == dict.fromkeys(Figure)


def test_what_was_not_measured_adds_nothing():
    missing = replace(TALK, baseline_bpm=None, rmssd_baseline_ms=None, floods=(FloodFigures(110.0, None, None),))
    (week,) = by_week([TALK, missing], first_monday=MONDAY, weeks=1)
    assert week.values[Figure.RISE] == [42.0]
    assert week.values[Figure.WAY_BACK] == [300.0]
    assert week.values[Figure.BASELINE] == [72.0]
    assert week.values[Figure.PEAK] == [114.0, 110.0]


def test_another_algorithm_is_told():
    (week,) = by_week([TALK, replace(TALK, algorithm_version="1")], first_monday=MONDAY, weeks=1)
    assert week.algorithm_versions == {"1", "2"}
    (unknown,) = by_week([replace(TALK, algorithm_version=None)], first_monday=MONDAY, weeks=1)
    assert unknown.algorithm_versions == frozenset()


def test_no_minute_above_the_line_is_a_figure_and_few_talks_leave_open_how_many_there_may_be():
    highs = [
        by_week([replace(TALK, above_line_s=0.0)] * number, first_monday=MONDAY, weeks=1)[0].figures[Figure.ABOVE_LINE]
        for number in (1, 2, 8)
    ]
    assert highs[0] is None
    assert [found.value for found in highs[1:]] == [0.0, 0.0]
    assert highs[1].high == 60.0, "no hour has more"
    assert 10 < highs[2].high < 30


@pytest.mark.parametrize("number", range(LEAST_TALKS))
def test_few_talks_bear_no_change(number):
    found = compare(talks(20), talks(number, floods=()))
    assert all(one.change is None and not one.is_clear for one in found.values())
    assert found[Figure.FLOODS].before.value == 1.0


def test_many_floods_and_then_none_are_a_clear_change_and_the_same_again_is_none():
    found = compare(talks(12), talks(12, floods=()))
    assert found[Figure.FLOODS].is_clear
    assert found[Figure.FLOODS].change.value == 0.0
    assert compare(talks(12), talks(12, above_line_s=0.0))[Figure.ABOVE_LINE].is_clear
    assert not found[Figure.ABOVE_LINE].is_clear
    assert found[Figure.ABOVE_LINE].is_ratio
    assert not found[Figure.NEAR_MISSES].is_clear
    assert found[Figure.NEAR_MISSES].change.value == 1.0
    assert not found[Figure.BASELINE].is_clear
    assert found[Figure.WAY_BACK].change is None, "without a flood there is no way back to compare"


def test_a_baseline_that_came_down_is_clear_by_as_much_as_it_did():
    found = compare(talks(8, baseline_bpm=80.0), talks(8, baseline_bpm=71.0))[Figure.BASELINE]
    assert (found.change.value, found.is_clear) == (-9.0, True)


def test_no_time_heard_is_no_rate():
    assert compare(talks(9, heard_s=0.0), talks(9))[Figure.FLOODS].change is None


COUNTS = st.integers(0, 30)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_a_difference_of_shares_says_the_same_turned_around(some, rest, later, later_rest):
    whole, later_whole = some + rest, later + later_rest
    found, turned = (
        share_difference(some, whole, later, later_whole),
        share_difference(later, later_whole, some, whole),
    )
    if not whole or not later_whole:
        assert found is None
        return
    assert found.low <= found.value <= found.high
    assert (found.value, found.low, found.high) == pytest.approx((-turned.value, -turned.high, -turned.low))
    assert found.high - found.low > 0


def test_an_interval_of_a_share_is_wide_for_few():
    assert share(0, 0) is None
    assert share(1, 1).low == pytest.approx((1 - LEVEL) / 2)
    assert (share(0, 5).low, share(5, 5).high) == (0.0, 1.0)
