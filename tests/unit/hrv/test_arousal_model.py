import math
from dataclasses import replace

import numpy as np
import pytest

from hrv.arousal_model import ArousalModel
from hrv.heart_model import GAIN, overshoot_share
from hrv.motion import Motion
from hrv.settings import ModelSettings

RULES = ModelSettings()
QUIET = Motion(restless=True)
BURST = Motion(spell_begins=True, burst_mg=180.0)


def breathing(second):
    return 1.5 * math.sin(1.7 * second) + 1.5 * math.sin(0.63 * second)


def lived(*stretches, lowest_bpm=72.0, rules=RULES):
    """A model after stretches of `(seconds, bpm by second, motion of the first second, motion of the others)`."""
    model, now = ArousalModel(rules), 0
    for seconds, bpm_at, motion, later in stretches:
        for second in range(seconds):
            bpm = bpm_at(second)
            model.step(now, None if bpm is None else bpm + breathing(now), later if second else motion, lowest_bpm)
            now += 1
    return model


def steady(bpm):
    return lambda _: float(bpm)


def stood(bpm, more=12.0, over=12.0):
    return lambda s: bpm + more * (1 - math.exp(-s / 8)) + over * overshoot_share(RULES, s)


CALM = (120, steady(75), QUIET, QUIET)


def test_nothing_is_believed_before_the_first_heart_rate():
    model = ArousalModel(RULES)
    model.step(0, None)
    assert not model.is_known
    model.step(1, 75.0)
    assert model.is_known


def test_a_steady_heart_is_unexplained_by_anything():
    explained = lived(CALM).explained()
    assert explained.unexplained_bpm == pytest.approx(75, abs=2)
    assert explained.movement_bpm == 0
    assert explained.posture_bpm == pytest.approx(0, abs=1)


def test_standing_up_from_a_raised_heart_rate_is_no_alarm():
    model = lived(CALM, (40, steady(88), QUIET, QUIET), (60, stood(88), BURST, QUIET))
    assert model.chance_above(100.0) < 0.3
    assert model.explained().posture_bpm > 6
    assert model.standing() > 0.9


def test_a_rise_without_a_burst_is_an_alarm():
    model = lived(CALM, (60, lambda s: min(112.0, 75 + s), QUIET, QUIET))
    assert model.chance_above(100.0) > 0.97


def test_a_gesture_does_not_hide_an_alarm_for_long():
    model = lived(CALM, (10, steady(75), BURST, QUIET), (80, lambda s: min(120.0, 75 + s), QUIET, QUIET))
    assert model.chance_above(100.0) > 0.97


def test_walking_is_allowed_for():
    walk = Motion(drive=14.0, spell_begins=True, burst_mg=236.0), Motion(drive=14.0)
    model = lived(CALM, (90, lambda s: 86 + 18 * (1 - math.exp(-s / 15)), *walk))
    assert model.chance_above(100.0) < 0.3
    assert model.explained().movement_bpm > 5


WALK = (60, lambda s: 86 + 18 * (1 - math.exp(-s / 15)), Motion(drive=14.0, spell_begins=True), Motion(drive=14.0))


def test_doubt_about_movement_holds_a_flood_back_and_does_not_end_one():
    walking = lived(CALM, WALK)
    assert walking.chance_above(95.0) < walking.chance_still_above(95.0)
    resting = lived(CALM)
    assert resting.chance_above(75.0) == resting.chance_still_above(75.0)


def test_what_movement_costs_is_uncertain_again_with_each_spell():
    learned = lived(CALM, WALK)
    again = lived(CALM, WALK, (1, steady(100), Motion(drive=14.0, spell_begins=True), QUIET))
    assert learned._cov[0, GAIN, GAIN] < 0.8 * RULES.gain_sd**2
    assert again._cov[0, GAIN, GAIN] > learned._cov[0, GAIN, GAIN] + 0.1


def test_the_stronger_a_burst_the_likelier_somebody_stood_up():
    weak, strong = (
        lived(CALM, (1, steady(75), Motion(spell_begins=True, burst_mg=mg), QUIET)).standing() for mg in (50.0, 500.0)
    )
    assert weak < 0.75 * strong


def test_an_alarm_on_top_of_standing_is_an_alarm():
    model = lived(CALM, (90, stood(75), BURST, QUIET), (80, lambda s: 87 + min(35.0, s / 2), QUIET, QUIET))
    assert model.chance_above(100.0) > 0.9


def test_stillness_speaks_for_sitting_and_restlessness_a_little_for_standing():
    ambiguous = (CALM, (20, steady(80), BURST, QUIET))
    still = lived(*ambiguous, (40, steady(82), Motion(still=True), Motion(still=True)))
    restless = lived(*ambiguous, (40, steady(82), QUIET, QUIET))
    assert still.standing() < 0.05
    assert restless.standing() > still.standing()


def test_who_was_long_still_may_have_sat_down_unnoticed():
    up = (CALM, (90, stood(80), BURST, QUIET))
    down = Motion(still=True, long_still=True), Motion(still=True)
    model = lived(*up, (40, lambda s: 80 + 12 * math.exp(-s / 8), *down))
    assert model.standing() < 0.05
    assert model.explained().unexplained_bpm == pytest.approx(80, abs=4)


def test_a_few_seconds_do_not_settle_the_posture_for_they_err_alike():
    settled, doubtful = (
        lived(CALM, (1, steady(75), BURST, QUIET), (8, steady(75), QUIET, QUIET), rules=rules).standing()
        for rules in (replace(RULES, evidence_share=1.0), RULES)
    )
    assert settled < 0.6 * doubtful


def test_time_without_a_heart_rate_adds_doubt_and_no_conclusion():
    before = lived(CALM)
    after = lived(CALM, (300, lambda _: None, QUIET, QUIET))
    assert after.explained().unexplained_bpm == pytest.approx(before.explained().unexplained_bpm, abs=4)
    assert before.chance_above(100.0) < after.chance_above(100.0) < 0.5


def test_beliefs_stay_few_their_weights_sum_to_one_and_their_spread_is_real():
    model, chance = ArousalModel(RULES), np.random.default_rng(1)
    for second in range(2000):
        motion = Motion(burst_mg=100.0, spell_begins=True) if second % 13 == 0 else QUIET
        model.step(second, 85 + chance.normal(0, 3), motion, 70.0)
        if second:
            assert 1 <= len(model._log_weight) <= RULES.beliefs_most
            assert np.exp(model._log_weight).sum() == pytest.approx(1)
            assert (np.diagonal(model._cov, axis1=1, axis2=2) >= 0).all()
            assert 0 <= model.chance_above(100.0) <= 1


def test_old_beliefs_of_both_postures_are_merged_in_one_second():
    model = lived(CALM, (20, steady(80), BURST, QUIET))
    model._log_weight = np.log(np.full(4, 0.25))
    for name in ("_mean", "_cov", "_share"):
        first = getattr(model, name)[:1]
        setattr(model, name, np.concatenate([first] * 4))
    model._standing = np.array([False, True, False, True])
    model._split_at = model._stood_at = np.zeros(4, dtype=np.int64)
    model.step(140, 80.0)
    assert sorted(model._standing) == [False, True]
    assert np.exp(model._log_weight) == pytest.approx([0.5, 0.5])


def test_merging_keeps_mean_and_spread_of_the_mixture():
    model = lived(CALM, (5, steady(78), BURST, QUIET))
    weights, means, covs = np.exp(model._log_weight), model._mean.copy(), model._cov.copy()
    total = weights.sum()
    mean = weights @ means / total
    spread = sum(w * (c + np.outer(m - mean, m - mean)) for w, m, c in zip(weights, means, covs, strict=True)) / total
    model._merge_into_first(np.arange(len(weights)))
    assert model._mean[0] == pytest.approx(mean)
    assert model._cov[0] == pytest.approx(spread)
