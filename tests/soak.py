"""`python -m tests.soak [TALKS]`: a hundred thousand random talks through policy and pause, drawn anew each time."""

import sys
import time

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.policy_machine import EVERYTHING, Talk

TALKS = 100_000


def main(talks):
    began = time.monotonic()
    run_state_machine_as_test(
        Talk,
        settings=settings(
            max_examples=talks,
            stateful_step_count=30,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    counted = sum(n for what, n in Talk.seen.items() if isinstance(what, tuple))
    refused = sum(n for what, n in Talk.seen.items() if what[0] == "refused")
    print(f"{talks:,} random talks in {time.monotonic() - began:.0f} s: no promise was broken.")
    print(f"{counted:,} steps of people, of which {refused:,} were refused, each with 409 and a sentence.")
    missing = EVERYTHING - set(Talk.seen)
    print(f"States, reasons and steps reached: {len(EVERYTHING - missing)} of {len(EVERYTHING)}. {missing or ''}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TALKS)
