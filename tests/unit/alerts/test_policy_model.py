"""Policy and pause in two thousand random talks. `make soak` walks a hundred thousand."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.policy_machine import EVERYTHING, Talk

TALKS = 2000


def test_no_random_talk_breaks_a_promise_and_together_they_reach_every_state():
    Talk.seen.clear()
    run_state_machine_as_test(
        Talk,
        settings=settings(
            max_examples=TALKS,
            stateful_step_count=30,
            deadline=None,
            derandomize=True,  # what is reached must not depend on luck; the soak draws anew each time
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert set(Talk.seen) >= EVERYTHING, EVERYTHING - set(Talk.seen)
