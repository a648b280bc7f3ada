from itertools import product

import pytest

from hrv.flooding import TRANSITIONS, Cue, FloodRule, IllegalArousalStep, next_state
from hrv.reading import ArousalState, Threshold
from hrv.settings import DetectorSettings, personal_threshold_bpm

LINE = Threshold(100.0, 95.0)


def rule_after(*stretches):
    rule, second = FloodRule(DetectorSettings()), 0
    for bpm, seconds in stretches:
        for _ in range(seconds):
            rule.see(second, bpm, LINE)
            second += 1
    return rule


def test_flood_needs_sixteen_of_twenty_seconds_above():
    assert not rule_after((80, 100), (101, 15)).begins
    assert rule_after((80, 100), (101, 16)).begins
    assert rule_after((80, 100), (101, 8), (90, 4), (101, 8)).begins
    assert not rule_after((80, 100), (101, 8), (90, 5), (101, 8), (101, 2)).begins


def test_flood_needs_the_present_second_above():
    assert not rule_after((101, 19), (99, 1)).begins


def test_exactly_on_the_line_is_not_above_it():
    assert not rule_after((100.0, 60)).begins


def test_flood_ends_after_thirty_seconds_below_the_leaving_line():
    assert not rule_after((110, 20), (94, 29)).ends
    assert rule_after((110, 20), (94, 30)).ends
    assert not rule_after((110, 20), (94, 29), (95, 1), (94, 29)).ends


def test_forgetting_starts_every_count_anew():
    rule = rule_after((110, 20))
    rule.forget()
    for second in range(15):
        rule.see(second, 110, LINE)
        assert not rule.begins


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
