from hrv.explanation import Explainer
from hrv.hearing import NOTHING_HEARD, Heard
from hrv.reading import Baseline, Signal, Threshold
from hrv.settings import DetectorSettings

LINE = Threshold(100.0, 95.0)
USUAL = Baseline(heart_rate_bpm=75.0, rmssd_ms=40.0, seconds=300, provisional=False)


def good(bpm):
    return Heard(bpm=bpm, rate_bpm=bpm, signal=Signal.OK)


def weighed_after(seconds, bpm, usual=None):
    explainer = Explainer(DetectorSettings())
    for second in range(seconds):
        weighed = explainer.weigh(second, good(bpm), explainer.take_motion(second), usual, LINE)
    return explainer, weighed


def test_of_several_movements_in_one_second_the_strongest_counts_and_each_only_once():
    explainer = Explainer(DetectorSettings())
    for motion_mg in (5, 180, None, 12):
        explainer.hear(motion_mg)
    assert [explainer.take_motion(0), explainer.take_motion(1)] == [180, None]


def test_a_second_that_is_not_good_is_not_weighed():
    explainer, weighed = weighed_after(60, 80.0)
    assert weighed is not None
    assert explainer.weigh(60, NOTHING_HEARD, None, None, LINE) is None


def test_after_a_lost_signal_nothing_of_before_is_believed():
    explainer, before = weighed_after(60, 130.0)
    assert before.chance_above > 0.99
    explainer.weigh(60, NOTHING_HEARD._replace(is_lost=True), None, None, LINE)
    assert explainer.weigh(61, good(80.0), None, None, LINE).explained.unexplained_bpm == 80


def test_the_unexplained_part_is_not_believed_far_below_the_usual():
    _, free = weighed_after(60, 60.0)
    _, held = weighed_after(60, 60.0, USUAL)
    assert held.explained.unexplained_bpm > free.explained.unexplained_bpm + 1


def lived(*motions_mg, bpm=80.0):
    explainer, told = Explainer(DetectorSettings()), []
    for second, motion_mg in enumerate(motions_mg):
        explainer.hear(motion_mg)
        told.append(explainer.weigh(second, good(bpm), explainer.take_motion(second), None, LINE))
    return told


def test_somebody_is_seated_until_they_may_have_stood_up_or_begin_to_walk():
    assert all(weighed.is_seated for weighed in lived(*[8] * 60))
    assert not lived(*[8] * 60, 180)[-1].is_seated
    walking = lived(*[8] * 60, *[250] * 60)[-1]
    assert walking.explained.movement_bpm > 1
    assert not walking.is_seated


def test_who_was_not_seen_for_some_seconds_may_have_stood_up():
    assert lived(*[8] * 60, None, None, 8)[-1].is_seated
    assert not lived(*[8] * 60, *[None] * 3, 8)[-1].is_seated


def test_nothing_is_said_to_be_allowed_without_motion_data():
    _, blind = weighed_after(5, 80.0)
    assert (blind.has_motion, blind.allowed_bpm) == (False, (None, None))
    explainer = Explainer(DetectorSettings())
    explainer.hear(4)
    seeing = explainer.weigh(0, good(80.0), explainer.take_motion(0), None, LINE)
    assert (seeing.has_motion, seeing.allowed_bpm) == (True, (0, 0))
