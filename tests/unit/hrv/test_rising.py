import pytest

from hrv.reading import ArousalState
from hrv.rising import RisingRule
from hrv.settings import DetectorSettings


def cue_after(*stretches, baseline=75.0):
    """The cue in each second of stretches of `(seconds, from bpm, to bpm)`."""
    rule, seen = RisingRule(DetectorSettings()), []
    for seconds, first, last in stretches:
        slope = (last - first) / seconds
        for since in range(seconds):
            rule.see(first + slope * since, slope, baseline, 100.0)
            seen.append(rule.is_on)
    return seen


CLIMB = ((60, 75, 75), (120, 75, 105))


def test_a_steady_climb_towards_the_line_shows_before_it_is_crossed():
    seen = cue_after(*CLIMB)
    crossed = 60 + 100
    assert 60 < seen.index(True) < crossed - 15


def test_without_a_baseline_there_is_no_cue():
    assert not any(cue_after(*CLIMB, baseline=None))


@pytest.mark.parametrize(
    "stretches", [[(300, 75, 75)], [(300, 92, 92)], [(60, 75, 75), (600, 75, 87)], [(20, 60, 80)]], ids=str
)
def test_rest_a_plateau_a_slow_drift_and_a_climb_below_the_usual_are_no_rise(stretches):
    assert not any(cue_after(*stretches))


@pytest.mark.parametrize(("soon_bpm", "is_on"), [(102, False), (104, True)])
def test_a_rise_that_would_only_just_reach_the_line_is_no_cue(soon_bpm, is_on):
    rule = RisingRule(DetectorSettings())
    rule.see(90.0, (soon_bpm - 90) / 60, 75.0, 100.0)
    assert rule.is_on == is_on


def test_the_cue_goes_when_the_level_has_come_back_for_a_while():
    seen = cue_after(*CLIMB, (120, 75, 75))
    assert seen[180 + 58]
    assert not seen[180 + 60]


def test_a_short_dip_does_not_end_the_cue():
    assert all(cue_after(*CLIMB, (50, 75, 75), (30, 95, 95), (50, 75, 75))[180:])


def test_the_cue_does_not_outlast_its_reason_by_many_minutes():
    seen = cue_after(*CLIMB, (600, 95, 95))
    assert seen[180 + 290]
    assert not seen[-1]


def test_rising_precedes_flooded_in_the_monitor(heart, run):
    packets = heart((300, 75), (60, 75), (150, (75, 115)), (60, 115))
    _, _, changes, _ = run(packets, marks=[(300.0, "begin_topic")])
    states = [c.state for c in changes]
    assert states.index(ArousalState.RISING) < states.index(ArousalState.FLOODED)


def test_a_rise_can_be_seen_again_while_recovering_and_turning_back_it_leaves_one_recovering(heart, run):
    packets = heart((300, 75), (60, 75), (40, (75, 115)), (120, 115), (60, 88), (50, (88, 99)), (180, 75))
    _, _, changes, _ = run(packets, marks=[(300.0, "begin_topic")])
    states = [c.state for c in changes]
    flooded = states.index(ArousalState.FLOODED)
    assert states[flooded:] == ["flooded", "recovering", "rising", "recovering"]


def test_what_rose_before_a_flood_is_no_rise_after_it(heart, run):
    packets = heart((300, 75), (60, 75), (150, (75, 115)), (90, 115), (300, 90))
    _, _, changes, _ = run(packets, marks=[(300.0, "begin_topic")])
    assert [c.state for c in changes][-3:] == ["rising", "flooded", "recovering"]
