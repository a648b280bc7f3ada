import numpy as np
import pytest

from hrv.heart_model import (
    DRIVE,
    GAIN,
    OVERSHOOT,
    POSTURE,
    STATES,
    UNEXPLAINED,
    WAVE,
    WORK,
    HeartModel,
    overshoot_share,
)
from hrv.settings import ModelSettings

RULES = ModelSettings()
SITTING = np.array([False])


@pytest.fixture
def heart():
    return HeartModel(RULES)


def first(heart, bpm=80.0):
    mean, cov = heart.first_belief(bpm)
    return mean[None], cov[None]


def passed(heart, mean, cov, seconds, drive=0.0):
    for _ in range(seconds):
        mean, cov = heart.pass_second(mean, cov, SITTING, drive)
    return mean, cov


def test_work_reaches_two_thirds_of_its_goal_in_the_time_constant_and_leaves_more_slowly(heart):
    mean, cov = passed(heart, *first(heart), 18, drive=10.0)
    goal = RULES.gain * 10
    assert mean[0, WORK] == pytest.approx(goal * (1 - np.exp(-1)))
    mean, _ = passed(heart, mean, cov, 45)
    assert mean[0, WORK] == pytest.approx(goal * (1 - np.exp(-1)) * np.exp(-1))


def test_posture_follows_what_standing_asks_for(heart):
    mean, cov = first(heart)
    mean[0, DRIVE] = 12.0
    mean, _ = passed(heart, mean, cov, 30)
    assert 10 < mean[0, POSTURE] < 12


def test_overshoot_is_a_bell_that_peaks_at_its_time_and_is_over_by_the_minute():
    share = [overshoot_share(RULES, second) for second in range(61)]
    assert share.index(max(share)) in {12, 13}
    assert max(share) == pytest.approx(1, abs=0.01)
    assert share[0] == 0
    assert share[60] == pytest.approx(0, abs=1e-3)


def test_without_observation_uncertainty_grows_and_the_mean_stays(heart):
    mean, cov = first(heart)
    later, spread = passed(heart, mean, cov, 60)
    assert later[0, UNEXPLAINED] == mean[0, UNEXPLAINED]
    assert spread[0, UNEXPLAINED, UNEXPLAINED] > cov[0, UNEXPLAINED, UNEXPLAINED]


def test_slope_and_wave_keep_their_usual_spread(heart):
    _, cov = passed(heart, *first(heart), 600)
    assert cov[0, WAVE, WAVE] == pytest.approx(RULES.wave_sd_bpm**2)
    assert cov[0, 1, 1] == pytest.approx(RULES.slope_sd_bpm_per_s**2)


def test_observing_agrees_with_the_textbook_formula(heart):
    mean, cov = passed(heart, *first(heart), 5, drive=5.0)
    seen = heart.seen(np.array([0.4]))
    row = np.zeros(STATES)
    row[[UNEXPLAINED, WORK, POSTURE, WAVE]] = 1
    row[OVERSHOOT] = 0.4
    variance = row @ cov[0] @ row + RULES.noise_bpm2
    gain = cov[0] @ row / variance
    surprise = 84 - row @ mean[0]
    expected_mean = mean[0] + gain * surprise
    expected_cov = cov[0] - np.outer(gain, row @ cov[0])
    likelihood = heart.observe(mean, cov, seen, 84.0)
    assert mean[0] == pytest.approx(expected_mean)
    assert cov[0] == pytest.approx(expected_cov)
    assert likelihood[0] == pytest.approx(-0.5 * (surprise**2 / variance + np.log(variance)))


def test_one_absurd_second_persuades_no_more_than_three_standard_deviations_do(heart):
    absurd, high = first(heart), first(heart)
    seen = heart.seen(np.zeros(1))
    limit = 3 * np.sqrt(seen[0] @ high[1][0] @ seen[0] + RULES.noise_bpm2)
    heart.observe(*absurd, seen, 190.0)
    heart.observe(*high, seen, 80 + limit)
    assert absurd[0] == pytest.approx(high[0])


def test_beliefs_in_a_batch_do_not_touch_one_another(heart):
    mean, cov = first(heart)
    both, both_cov = np.concatenate([mean, mean + 1]), np.concatenate([cov, 2 * cov])
    for batch in ((mean, cov), (both, both_cov)):
        heart.observe(*batch, heart.seen(np.zeros(len(batch[0]))), 84.0)
    assert both[0] == pytest.approx(mean[0])
    assert both_cov[0] == pytest.approx(cov[0])


def test_a_belief_that_needs_an_implausible_calm_is_pulled_up_and_pays_for_it(heart):
    mean, cov = first(heart, 60.0)
    weight = np.zeros(1)
    heart.bound(mean, cov, weight, 70.0)
    assert 60 < mean[0, UNEXPLAINED] < 70
    assert weight[0] < 0


def test_within_the_bounds_nothing_is_changed(heart):
    mean, cov = first(heart)
    mean[0, DRIVE] = 12.0
    before, weight = mean.copy(), np.zeros(1)
    heart.bound(mean, cov, weight, 70.0)
    assert (mean == before).all()
    assert weight[0] == 0


@pytest.mark.parametrize("drive", [-5.0, RULES.drive_most_bpm + 5])
def test_standing_neither_slows_the_heart_nor_raises_it_without_limit(heart, drive):
    mean, cov = first(heart)
    mean[0, DRIVE], cov[0, DRIVE, DRIVE] = drive, 30.0
    heart.bound(mean, cov, np.zeros(1), None)
    assert abs(mean[0, DRIVE] - drive) > 1


def test_the_gain_of_movement_is_never_negative(heart):
    mean, cov = first(heart)
    mean[0, GAIN] = -1.0
    mean, _ = heart.pass_second(mean, cov, SITTING, 5.0)
    assert mean[0, GAIN] == 0
