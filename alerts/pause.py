"""The pause: one transition table. Called by either person, never needs consent, comes with a return time.

An illegal trigger raises `IllegalPauseStep` and changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class PauseState(StrEnum):
    """Where the pause is."""

    RUNNING = "running"
    EXTENDED = "extended"
    READY = "ready"
    MISSED = "missed"
    RETURNED = "returned"
    ENDED = "ended"


class PauseTrigger(StrEnum):
    """What can happen to it."""

    CALM_ENOUGH = "calm_enough"
    STIRRED = "stirred"
    EXTEND = "extend"
    TIME_PASSED = "time_passed"
    RETURN = "return"
    END = "end"


_S, _T = PauseState, PauseTrigger
TRANSITIONS: dict[tuple[PauseState, PauseTrigger], PauseState] = {
    (_S.RUNNING, _T.CALM_ENOUGH): _S.READY,
    (_S.RUNNING, _T.EXTEND): _S.EXTENDED,
    (_S.RUNNING, _T.END): _S.ENDED,
    (_S.EXTENDED, _T.CALM_ENOUGH): _S.READY,
    (_S.EXTENDED, _T.EXTEND): _S.EXTENDED,
    (_S.EXTENDED, _T.END): _S.ENDED,
    (_S.READY, _T.STIRRED): _S.RUNNING,
    (_S.READY, _T.RETURN): _S.RETURNED,
    (_S.READY, _T.EXTEND): _S.EXTENDED,
    (_S.READY, _T.TIME_PASSED): _S.MISSED,
    (_S.READY, _T.END): _S.ENDED,
    (_S.MISSED, _T.RETURN): _S.RETURNED,
    (_S.MISSED, _T.EXTEND): _S.EXTENDED,
    (_S.MISSED, _T.END): _S.ENDED,
}
"""Everything that can happen. What is not here is illegal."""

OVER = frozenset({PauseState.RETURNED, PauseState.ENDED})


class IllegalPauseStep(ValueError):
    """The pause does not allow this now. Carries the state and the trigger."""

    def __init__(self, state: PauseState, trigger: PauseTrigger) -> None:
        super().__init__(f"a pause that is {state} does not allow '{trigger}'")
        self.state = state
        self.trigger = trigger


@dataclass(frozen=True, slots=True)
class Pause:
    """One pause. Times are aware UTC. `return_at` is the promise, never earlier than `called_at + minimum`.

    Attributes:
        suggestion_id: the suggestion it answers, or None when a person called it.
        cap_at: the hard cap; from then on the body's recovery is no longer waited for.
    """

    id: str
    called_by: str
    called_at: datetime
    return_at: datetime
    minimum: timedelta
    cap_at: datetime
    suggestion_id: str | None = None
    state: PauseState = PauseState.RUNNING
    ready_at: datetime | None = None
    ended_at: datetime | None = None
    extensions: int = 0

    @property
    def is_over(self) -> bool:
        """Whether the talk has gone on, or ended."""
        return self.state in OVER


def step(pause: Pause, trigger: PauseTrigger, now: datetime, *, extend_by: timedelta | None = None) -> Pause:
    """Return the pause after `trigger` at `now`.

    Raises:
        IllegalPauseStep: the table has no such step. Nothing has changed.
        ValueError: `EXTEND` without a positive `extend_by`.
    """
    try:
        state = TRANSITIONS[pause.state, trigger]
    except KeyError:
        raise IllegalPauseStep(pause.state, trigger) from None
    changed = replace(pause, state=state)
    if trigger is PauseTrigger.EXTEND:
        if extend_by is None or extend_by <= timedelta(0):
            raise ValueError("extending a pause needs a time greater than 0")
        later = max(pause.return_at, now) + extend_by
        return replace(
            changed, return_at=later, cap_at=max(pause.cap_at, later), ready_at=None, extensions=pause.extensions + 1
        )
    if trigger is PauseTrigger.CALM_ENOUGH:
        return replace(changed, ready_at=now)
    if trigger is PauseTrigger.STIRRED:
        return replace(changed, ready_at=None)
    return replace(changed, ended_at=now) if state in OVER else changed
