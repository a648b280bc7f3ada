import pytest

from hrv.reading import ArousalState
from hrv.rising import RisingRule, slope
from hrv.settings import DetectorSettings


def cue_after(rates, baseline=75.0):
    rule = RisingRule(DetectorSettings())
    seen = []
    for second, bpm in enumerate(rates):
        rule.see(second, bpm, baseline, 100.0)
        seen.append(rule.is_on)
    return seen


CLIMB = [75.0] * 60 + [75 + 0.2 * s for s in range(120)]


def test_a_steady_climb_towards_the_line_shows_before_it_is_crossed():
    seen = cue_after(CLIMB)
    crossed = next(s for s, bpm in enumerate(CLIMB) if bpm > 100) if max(CLIMB) > 100 else len(CLIMB)
    assert True in seen
    assert 60 < seen.index(True) < crossed - 15


def test_without_a_baseline_there_is_no_cue():
    assert not any(cue_after(CLIMB, baseline=None))


@pytest.mark.parametrize("rates", [[75.0] * 300, [92.0] * 300, [75.0] * 60 + [75 + 0.02 * s for s in range(600)]])
def test_rest_a_plateau_and_a_slow_drift_are_no_rise(rates):
    assert not any(cue_after(rates))


def test_the_cue_goes_when_the_level_comes_back():
    seen = cue_after([*CLIMB, *[75.0] * 60])
    assert seen[len(CLIMB) - 1]
    assert not seen[-1]


def test_slope_of_points_at_one_time_is_zero():
    assert slope([(1, 80), (1, 90)]) == 0


def test_rising_precedes_flooded_in_the_monitor(heart, run):
    packets = heart((300, 75), (60, 75), (150, (75, 115)), (60, 115))
    _, _, changes, _ = run(packets, marks=[(300.0, "begin_topic")])
    states = [c.state for c in changes]
    assert states.index(ArousalState.RISING) < states.index(ArousalState.FLOODED)
