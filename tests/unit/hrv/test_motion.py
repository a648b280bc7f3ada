from math import sqrt

import pytest

from hrv.motion import AT_REST, MotionWatch
from hrv.settings import ModelSettings

RULES = ModelSettings()


def seen(*mg, quiet_mg=None):
    watch = MotionWatch(RULES)
    return [watch.see(second, value, quiet_mg) for second, value in enumerate(mg)]


def bursts(*mg):
    return [(second, motion.burst_mg) for second, motion in enumerate(seen(*mg)) if motion.burst_mg is not None]


def test_no_motion_data_is_rest_and_tells_nothing_of_posture():
    assert seen(None, None) == [AT_REST, AT_REST]


def test_work_begins_above_rest_and_grows_with_the_root():
    assert [motion.drive for motion in seen(8, 40, 140)] == pytest.approx([0, 0, sqrt(100)])


def test_a_burst_counts_once_and_another_soon_after_does_not():
    assert bursts(8, 120, 90, 8, 8, 100, 8) == [(1, 120)]
    assert bursts(120, *[8] * 10, 90) == [(0, 120), (11, 90)]


def test_a_burst_that_grows_counts_again_for_a_hand_moves_before_the_body_rises():
    assert bursts(50, 50, 50, 200, 200) == [(0, 50), (3, 200)]
    assert bursts(50, 200, 60, 60, 60) == [(0, 50)]


def test_the_end_of_a_walk_counts_as_strong_as_its_strongest_second():
    assert bursts(*[150] * 20, 8, 8, 8) == [(0, 150), (21, 150)]
    assert bursts(*[150] * 10, 8, 8, 8) == [(0, 150)]


def test_seconds_without_motion_data_may_hide_a_change_of_posture():
    assert bursts(8, None, None, 8) == []
    assert bursts(8, None, None, None, 8, 8) == [(4, RULES.unseen_mg)]
    assert bursts(None, None, None, None, 8) == []
    assert bursts(8, None, None, None, 250) == [(4, 250)]
    assert not any(motion.spell_begins for motion in seen(8, None, None, None, 8))


def test_only_the_first_burst_begins_a_spell():
    assert [motion.spell_begins for motion in seen(50, 50, 50, 200)] == [True, False, False, False]


def test_stillness_is_measured_by_the_wearers_own_quiet_minutes():
    assert [motion.still for motion in seen(8, 9, 10, quiet_mg=8)] == [True, True, False]
    assert [motion.restless for motion in seen(9, 10, 60, quiet_mg=8)] == [False, True, False]
    assert not any(motion.still or motion.restless for motion in seen(8, 20))


def test_long_stillness_is_told_once_and_a_restless_second_takes_some_of_it_back():
    assert [second for second, motion in enumerate(seen(*[8] * 25, quiet_mg=8)) if motion.long_still] == [9, 19]
    assert not any(motion.long_still for motion in seen(*[8] * 9, 20, *[8] * 5, quiet_mg=8))
