from hypothesis import given
from hypothesis import strategies as st

from hrv.recovery import RecoveryRule
from hrv.settings import DetectorSettings

BASELINE = 70.0


def rule_after(*stretches):
    rule = RecoveryRule(DetectorSettings())
    for bpm, seconds in stretches:
        for _ in range(seconds):
            rule.see(bpm, BASELINE)
    return rule


def test_recovered_is_near_the_usual_for_two_minutes_and_twenty_minutes_later():
    calm = rule_after((77, 200))
    assert calm.near_usual_s == 120
    assert calm.is_recovered(1200, 0)
    assert not calm.is_recovered(1199, 0)


def test_just_above_the_usual_is_not_near_it():
    assert not rule_after((77.1, 600)).is_recovered(5000, 0)


def test_ninety_percent_of_two_minutes_must_be_near():
    assert not rule_after((90, 300), (70, 30 + 107)).is_recovered(5000, 0)
    assert rule_after((90, 300), (70, 31 + 108)).is_recovered(5000, 0)


def test_missing_seconds_are_never_calm():
    assert rule_after((None, 600)).near_usual_s == 0
    rule = rule_after((70, 300), (None, 13))
    assert rule.near_usual_s == 107
    assert not rule.is_recovered(5000, 0)


def test_without_a_baseline_nothing_is_near_it():
    rule = RecoveryRule(DetectorSettings())
    for _ in range(300):
        rule.see(60, None)
    assert rule.near_usual_s == 0


@given(st.lists(st.one_of(st.none(), st.floats(40, 150)), max_size=400), st.floats(0, 1199.9))
def test_recovered_never_comes_before_twenty_minutes_nor_from_missing_seconds(rates, passed_s):
    rule = RecoveryRule(DetectorSettings())
    for bpm in rates:
        rule.see(bpm, BASELINE)
        assert not rule.is_recovered(100 + passed_s, 100)
    assert rule.near_usual_s == sum(rule._near)
    assert rule.near_usual_s <= sum(b is not None for b in rates[-120:])
