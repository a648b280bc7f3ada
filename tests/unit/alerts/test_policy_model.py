"""Policy and pause in two thousand random talks. `make soak` walks a hundred thousand."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.policy_machine import EVERYTHING, Talk

TALKS = 2000
MOST_ROUNDS = 5


def walk(*, drawn_anew):
    run_state_machine_as_test(
        Talk,
        settings=settings(
            max_examples=TALKS,
            stateful_step_count=30,
            deadline=None,
            derandomize=not drawn_anew,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_no_random_talk_breaks_a_promise_and_together_they_reach_every_state():
    """What Hypothesis draws depends on the modules that happen to be loaded, so two thousand talks can miss a rare state."""
    Talk.seen.clear()
    for walked in range(MOST_ROUNDS):
        walk(drawn_anew=walked > 0)
        if set(Talk.seen) >= EVERYTHING:
            return
    assert set(Talk.seen) >= EVERYTHING, EVERYTHING - set(Talk.seen)
