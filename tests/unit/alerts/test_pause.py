"""The pause's one table."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from alerts.pause import OVER, TRANSITIONS, IllegalPauseStep, Pause, PauseState, PauseTrigger, step

NOW = datetime(2026, 3, 12, 20, 25, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def a_pause(state=PauseState.RUNNING):
    return Pause("p", "mira", NOW, NOW + 20 * MINUTE, 20 * MINUTE, NOW + 60 * MINUTE, state=state)


@pytest.mark.parametrize(("state", "trigger"), list(product(PauseState, PauseTrigger)))
def test_every_pair_is_either_in_the_table_or_raises_and_changes_nothing(state, trigger):
    pause = a_pause(state)
    if (state, trigger) in TRANSITIONS:
        assert step(pause, trigger, NOW, extend_by=MINUTE).state is TRANSITIONS[state, trigger]
        return
    with pytest.raises(IllegalPauseStep) as caught:
        step(pause, trigger, NOW, extend_by=MINUTE)
    assert (caught.value.state, caught.value.trigger) == (state, trigger)
    assert pause == a_pause(state)


def test_every_state_is_reachable_from_a_running_pause():
    reached, frontier = {PauseState.RUNNING}, [PauseState.RUNNING]
    while frontier:
        state = frontier.pop()
        new = {to for (begin, _), to in TRANSITIONS.items() if begin is state} - reached
        reached |= new
        frontier += new
    assert reached == set(PauseState)


def test_a_pause_that_is_over_takes_no_further_step():
    assert not [pair for pair in TRANSITIONS if pair[0] in OVER]


def test_nobody_returns_from_a_pause_that_is_not_ready():
    with pytest.raises(IllegalPauseStep, match="running does not allow 'return'"):
        step(a_pause(), PauseTrigger.RETURN, NOW + 25 * MINUTE)


def test_extending_moves_the_promise_from_the_return_time_and_takes_ready_back():
    ready = step(a_pause(), PauseTrigger.CALM_ENOUGH, NOW + 20 * MINUTE)
    extended = step(ready, PauseTrigger.EXTEND, NOW + 18 * MINUTE, extend_by=10 * MINUTE)
    assert extended.return_at == NOW + 30 * MINUTE
    assert extended.ready_at is None
    assert extended.extensions == 1


def test_extending_after_the_return_time_counts_from_now():
    late = step(a_pause(PauseState.MISSED), PauseTrigger.EXTEND, NOW + 27 * MINUTE, extend_by=10 * MINUTE)
    assert late.return_at == NOW + 37 * MINUTE


@pytest.mark.parametrize("more", [None, timedelta(0), -MINUTE])
def test_an_extension_needs_a_time(more):
    with pytest.raises(ValueError, match="greater than 0"):
        step(a_pause(), PauseTrigger.EXTEND, NOW, extend_by=more)
