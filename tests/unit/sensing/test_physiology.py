"""The simulated body: deterministic, resumable, and going through the scenario as it is written."""

from dataclasses import replace
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensing.physiology import Scenario, SimulatedBody

SEEDS = range(1, 7)


def beats_with_pause(seed, pause_s=700.0, until_s=3600.0):
    body = SimulatedBody(seed=seed)
    beats = body.advance(pause_s)
    body.begin_pause(pause_s)
    return beats + body.advance(until_s)


def bpm(beats, to_s, window_s):
    return 60 * 1024 / median(beat.rr_ticks for beat in beats if to_s - window_s < beat.t_s <= to_s)


@given(st.lists(st.floats(0, 900), max_size=12))
@settings(max_examples=20, deadline=None)
def test_beats_do_not_depend_on_how_often_they_are_asked_for(stops):
    bit_by_bit = SimulatedBody(seed=5)
    beats = [beat for stop in [*sorted(stops), 900.0] for beat in bit_by_bit.advance(stop)]
    assert beats == SimulatedBody(seed=5).advance(900.0)


def test_a_body_made_again_with_its_pause_goes_on_as_the_same_body():
    """What a restarted process does: same scenario, seed and pause, advanced to where it was."""
    first = SimulatedBody(seed=2)
    first.advance(700.0)
    first.begin_pause(700.0)
    first.advance(1000.0)
    again = SimulatedBody(seed=2, pause_began_s=700.0)
    again.advance(1000.0)
    assert again.advance(2500.0) == first.advance(2500.0)


def test_two_seeds_are_two_people():
    assert SimulatedBody(seed=1).advance(60.0) != SimulatedBody(seed=2).advance(60.0)


def test_intervals_add_up_to_the_time_that_passed():
    beats = SimulatedBody().advance(3600.0)
    assert sum(beat.rr_ticks for beat in beats) == round(beats[-1].t_s * 1024)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_story_of_the_talk(seed):
    """Quiet baseline, above 100 in minute 9 to 11 and not before, a peak of 113 to 118, down well within the pause."""
    beats = beats_with_pause(seed)
    baseline = bpm(beats, 300, 300)
    assert 70 < baseline < 74
    five_seconds = {t_s: bpm(beats, t_s, 5) for t_s in range(10, 1000)}
    assert max(five_seconds[t_s] for t_s in range(10, 300)) < 80
    assert max(five_seconds[t_s] for t_s in range(300, 540)) < 95
    crossed = next(t_s for t_s in range(30, 1000) if all(five_seconds[u] > 100 for u in range(t_s - 15, t_s + 1)))
    assert 540 <= crossed <= 660
    assert 112 < max(five_seconds.values()) < 119
    near_baseline = [t_s for t_s in range(700, 3600, 5) if bpm(beats, t_s, 60) < 1.1 * baseline]
    assert near_baseline[0] - 700 < 12 * 60
    assert near_baseline[-1] - near_baseline[0] == (len(near_baseline) - 1) * 5  # and stays there


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_pause_the_flood_lasts_and_then_ebbs_by_itself(seed):
    beats = SimulatedBody(seed=seed).advance(4200.0)
    assert all(bpm(beats, t_s, 60) > 105 for t_s in range(700, 2040, 10))
    assert bpm(beats, 3600, 60) < 90


def test_breathing_moves_the_heart_less_when_it_is_aroused():
    beats = SimulatedBody(replace(Scenario(), noise=0.0, ectopic_at_s=None)).advance(1500.0)

    def steps(from_s, to_s):
        chosen = [beat.rr_ticks for beat in beats if from_s < beat.t_s < to_s]
        return median(abs(after - before) for before, after in pairwise(chosen))

    assert steps(800, 1500) < steps(0, 300) / 2


def test_one_early_beat_and_its_compensatory_pause_come_before_the_flood():
    with_it, without = (SimulatedBody(replace(Scenario(), ectopic_at_s=at_s)).advance(520.0) for at_s in (480.0, None))
    differing = [
        at for at, (one, other) in enumerate(zip(with_it, without, strict=False)) if one.rr_ticks < 0.8 * other.rr_ticks
    ]
    (early,) = differing
    pair = with_it[early].rr_ticks + with_it[early + 1].rr_ticks
    assert pair == pytest.approx(without[early].rr_ticks * 2, abs=2)


def test_the_electrodes_lose_the_skin_once_before_the_flood():
    scenario = Scenario()
    lost = [t_s for t_s in range(3600) if scenario.contact_lost(t_s)]
    assert (lost[0], len(lost)) == (400, 25)
