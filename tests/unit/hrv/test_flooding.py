from itertools import product

import pytest

from hrv.flooding import TRANSITIONS, Cue, FloodRule, IllegalArousalStep, next_state
from hrv.reading import ArousalState
from hrv.settings import DetectorSettings, personal_threshold_bpm

RULES = DetectorSettings()


def see(rule, second, chance, *, is_clean=True, has_motion=True, is_seated=False):
    bpm = 90 + 20 * chance
    over = bpm > 100
    rule.see(second, bpm, chance, chance, is_over=over, is_clean=is_clean, has_motion=has_motion, is_seated=is_seated)


def rule_after(*stretches, has_motion=True, is_clean=True, is_seated=False):
    """A rule that has seen stretches of `(chance above the line, seconds)`; the heart rate is 90 and 20 times the chance."""
    rule, second = FloodRule(RULES), 0
    for chance, seconds in stretches:
        for _ in range(seconds):
            see(rule, second, chance, is_clean=is_clean, has_motion=has_motion, is_seated=is_seated)
            second += 1
    return rule


def test_flood_needs_near_certainty_for_a_few_seconds():
    assert rule_after((0.1, 60), (0.99, 5)).held is None
    assert rule_after((0.1, 60), (0.99, 6)).held == (6, 8)
    assert rule_after((0.1, 60), (0.99, 3), (0.6, 2), (0.99, 3)).held == (6, 8)
    assert rule_after((0.1, 60), (0.99, 3), (0.6, 3), (0.99, 3)).held is None


def test_flood_needs_likelihood_for_nearly_two_mayer_cycles():
    assert rule_after((0.1, 60), (0.9, 13)).held is None
    assert rule_after((0.1, 60), (0.9, 14)).held == (14, 18)
    assert rule_after((0.1, 60), (0.9, 7), (0.6, 4), (0.9, 7)).held == (14, 18)
    assert rule_after((0.1, 60), (0.8, 60)).held is None


def test_without_motion_data_most_of_a_mayer_cycle_more_likely_than_not_is_enough():
    assert rule_after((0.1, 60), (0.55, 8), has_motion=False).held is None
    assert rule_after((0.1, 60), (0.55, 9), has_motion=False).held == (9, 12)
    assert rule_after((0.1, 60), (0.65, 60)).held is None


def test_of_somebody_who_surely_sat_for_a_minute_as_much_is_enough():
    assert rule_after((0.1, 60), (0.55, 8), is_seated=True).held is None
    assert rule_after((0.1, 60), (0.55, 9), is_seated=True).held == (9, 12)
    assert rule_after((0.1, 50), (0.55, 9), is_seated=True).held is None


def test_one_second_of_doubt_about_sitting_starts_that_minute_anew():
    rule = rule_after((0.1, 60), is_seated=True)
    see(rule, 60, 0.1, is_seated=False)
    for second in range(61, 121):
        assert rule.held is None
        see(rule, second, 0.55, is_seated=True)
    assert rule.held is not None


def test_without_motion_data_nothing_but_the_seated_rule_counts():
    assert rule_after((0.1, 60), (0.99, 8), has_motion=False, is_seated=True).held is None


def test_flood_needs_the_present_second_above():
    assert rule_after((0.99, 60), (0.4, 1)).held is None


def test_flood_does_not_begin_by_intervals_that_were_often_rejected():
    assert rule_after((0.99, 60), is_clean=False).held is None


def test_flood_ends_after_thirty_seconds_likely_below_the_leaving_line():
    assert not rule_after((0.99, 20), (0.3, 29)).ends
    assert rule_after((0.99, 20), (0.3, 30)).ends
    assert not rule_after((0.99, 20), (0.3, 29), (0.4, 1), (0.3, 29)).ends


def test_flood_does_not_end_by_intervals_that_were_often_rejected():
    assert not rule_after((0.99, 20), (0.1, 300), is_clean=False).ends


def test_a_flood_is_known_by_the_seconds_above_the_line_since_the_last_longer_break():
    rule = rule_after((0.9, 10), (0.1, 6), (0.9, 3), (0.1, 5), (0.9, 10))
    assert rule.above() == [(second, 108.0) for second in (16, 17, 18, *range(24, 34))]


def test_without_a_second_above_the_line_it_is_known_by_the_newest():
    assert rule_after((0.5, 10)).above() == [(9, 100.0)]


def test_forgetting_starts_every_count_anew():
    rule = rule_after((0.99, 20))
    rule.forget()
    for second in range(5):
        see(rule, second, 0.99)
        assert rule.held is None
    seated = rule_after((0.1, 100), is_seated=True)
    seated.forget()
    for second in range(20):
        see(seated, second, 0.55, is_seated=True)
        assert seated.held is None


def test_illegal_steps_raise():
    for state, cue in product(ArousalState, Cue):
        if (state, cue) in TRANSITIONS:
            assert next_state(state, cue) in ArousalState
        else:
            with pytest.raises(IllegalArousalStep, match=state.value) as caught:
                next_state(state, cue)
            assert (caught.value.state, caught.value.cue) == (state, cue)


def test_every_state_can_be_reached_and_left():
    assert set(TRANSITIONS.values()) == set(ArousalState)
    assert {state for state, _ in TRANSITIONS} == set(ArousalState)


@pytest.mark.parametrize(("baseline", "line"), [(50, 80), (60, 85), (70, 95), (80, 100), (82, 100), (90, 108)])
def test_personal_line(baseline, line):
    assert personal_threshold_bpm(baseline) == line


@pytest.mark.parametrize("bpm", [0, 39, 221, float("nan"), float("inf")])
def test_absurd_threshold_is_refused(bpm):
    with pytest.raises(ValueError, match="threshold_bpm"):
        DetectorSettings(threshold_bpm=bpm)
