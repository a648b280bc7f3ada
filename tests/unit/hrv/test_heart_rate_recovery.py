import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrv.figure import Missing
from hrv.heart_rate_recovery import Fall, drop_after, fit_fall


def falling(seconds, end=75.0, drop=40.0, constant=60.0, noise=0.0, memory=0.0, seed=1):
    chance = np.random.default_rng(seed)
    t_s = np.arange(float(seconds))
    wander, now = np.zeros(seconds), 0.0
    for i in range(seconds):
        now = memory * now + chance.normal(0, 1) * (1 - memory**2) ** 0.5
        wander[i] = noise * now
    return t_s, end + drop * np.exp(-t_s / constant) + wander


@settings(max_examples=40, deadline=None)
@given(st.floats(50, 100), st.floats(8, 60), st.floats(10, 200))
def test_an_exact_fall_is_found_exactly(end, drop, constant):
    fall = fit_fall(*falling(600, end, drop, constant))
    assert fall.time_constant_s == pytest.approx(constant, rel=1e-3)
    assert fall.end_bpm == pytest.approx(end, abs=0.01)
    assert fall.drop_bpm == pytest.approx(drop, rel=1e-3)
    assert fall.standard_error_s < 0.1


@pytest.mark.parametrize("memory", [0.0, 0.8])
def test_its_standard_error_is_how_far_it_scatters(memory):
    """Also when neighbouring seconds are alike, as the heart's are; then the plain error of a fit is far too small."""
    fits = [fit_fall(*falling(400, noise=2.0, memory=memory, seed=seed)) for seed in range(200)]
    scatter = np.std([fall.time_constant_s for fall in fits])
    claimed = np.median([fall.standard_error_s for fall in fits])
    assert claimed == pytest.approx(scatter, rel=0.3)


def test_seconds_without_signal_are_left_out():
    t_s, bpm = falling(400)
    bpm[50:120] = np.nan
    assert fit_fall(t_s, bpm).time_constant_s == pytest.approx(60, rel=1e-3)


def test_what_does_not_fall_has_no_time_constant():
    t_s = np.arange(400.0)
    assert fit_fall(t_s, np.full(400, 80.0)) is Missing.NO_FIT
    assert fit_fall(t_s, 80 + t_s / 20) is Missing.NO_FIT
    assert fit_fall(t_s, 120 - t_s / 20) is Missing.NO_FIT  # a straight line: its end is not in sight
    assert fit_fall(*falling(400, drop=3)) is Missing.NO_FIT
    assert fit_fall(t_s[:59], 120 - t_s[:59]) is Missing.TOO_SHORT
    assert fit_fall(t_s, np.full(400, np.nan)) is Missing.TOO_SHORT


def test_noise_does_not_pass_for_a_fall():
    fits = [fit_fall(*falling(300, drop=0, noise=3.0, memory=0.9, seed=seed)) for seed in range(60)]
    assert sum(isinstance(fit, Fall) for fit in fits) <= 6


def test_the_drop_is_between_two_moments_of_five_seconds():
    t_s = np.arange(100.0)
    bpm = 120 - t_s / 2
    assert drop_after(t_s, bpm, 10).value == pytest.approx(30)
    assert drop_after(t_s, bpm, 10, after_s=20).value == pytest.approx(10)
    bpm[70] += 50
    assert drop_after(t_s, bpm, 10).value == pytest.approx(20)
    assert drop_after(t_s, 200 - bpm, 10).value < 0


def test_without_the_moment_there_is_no_drop():
    t_s, bpm = falling(100)
    assert drop_after(t_s, bpm, 50).missing is Missing.TOO_SHORT
    assert drop_after([], [], 0).missing is Missing.TOO_SHORT
    bpm[65:76] = np.nan
    assert drop_after(t_s, bpm, 10).missing is Missing.NO_SIGNAL


def test_a_fall_too_fast_or_too_short_to_be_seen_has_no_time_constant():
    assert fit_fall(*falling(300, constant=0.3)) is Missing.NO_FIT
    t_s, bpm = falling(300)
    assert fit_fall(t_s / 100, bpm) is Missing.TOO_SHORT  # many values, but of three seconds
    spike = np.full(300, 75.0)
    spike[0] = 140
    assert fit_fall(t_s, spike) is Missing.NO_FIT


@pytest.mark.parametrize("off", [-200.0, 400.0])
def test_what_is_no_heart_rate_is_refused(off):
    t_s, bpm = falling(300)
    with pytest.raises(ValueError, match="beats a minute"):
        fit_fall(t_s, bpm + off)


@pytest.mark.parametrize("work_out", [fit_fall, lambda t, bpm: drop_after(t, bpm, 0)])
def test_times_that_do_not_fit_are_refused(work_out):
    with pytest.raises(ValueError, match="t_s"):
        work_out([0.0, 1, 2], [80.0, 81])
    with pytest.raises(ValueError, match="t_s"):
        work_out([0.0, 0, 2], [80.0, 81, 82])
