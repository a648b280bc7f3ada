"""The pause: one transition table. Called by either person, never needs consent, comes with a return time.

With two people the promise is shared and the way through it is each one's own: whether a body has come down is never
told to the other, so each is ready by their own heart, and the talk goes on when both have come back.

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
class Course:
    """One person's own way through a pause that two share."""

    person_id: str
    state: PauseState = PauseState.RUNNING
    ready_at: datetime | None = None
    back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """One pause. Times are aware UTC. `return_at` is the promise, never earlier than `called_at + minimum`.

    Attributes:
        state: where the one person of the talk is; with two, only what both may see: running, extended, or over.
        courses: with two people, each one's own way; read it with `of`.
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
    courses: tuple[Course, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether the talk has gone on, or ended."""
        return self.state in OVER

    def of(self, person_id: str) -> "Pause":
        """The pause as this person goes through it."""
        own = next((course for course in self.courses if course.person_id == person_id), None)
        return self if own is None else replace(self, state=own.state, ready_at=own.ready_at, courses=(own,))

    def with_own(self, person_id: str, own: "Pause") -> "Pause":
        """This pause after `person_id` took a step of their own way, `own` being what `of` gave, stepped.

        It is over when everybody is back.
        """
        if not self.courses:
            return own
        back_at = own.ended_at if own.state is PauseState.RETURNED else None
        courses = tuple(
            Course(person_id, own.state, own.ready_at, course.back_at or back_at)
            if course.person_id == person_id
            else course
            for course in self.courses
        )
        over = all(course.state is PauseState.RETURNED for course in courses)
        if over:
            return replace(self, courses=courses, state=PauseState.RETURNED, ended_at=own.ended_at)
        return replace(self, courses=courses)

    def for_all(self, trigger: PauseTrigger, now: datetime, *, extend_by: timedelta | None = None) -> "Pause":
        """This pause after a step that holds for both: more time, or the end. Who is back already stays back."""
        courses = tuple(
            course
            if (course.state, trigger) not in TRANSITIONS
            else replace(
                course,
                state=TRANSITIONS[course.state, trigger],
                ready_at=None if trigger is PauseTrigger.EXTEND else course.ready_at,
            )
            for course in self.courses
        )
        return replace(step(self, trigger, now, extend_by=extend_by), courses=courses)


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


def return_time(now: datetime, minimum: timedelta) -> datetime:
    """The first whole minute at least `minimum` from `now`: people keep clock times, not seconds.

    >>> from datetime import UTC
    >>> return_time(datetime(2026, 3, 12, 20, 24, 10, tzinfo=UTC), timedelta(minutes=20)).strftime("%H:%M:%S")
    '20:45:00'
    """
    exact = now + minimum
    whole = exact.replace(second=0, microsecond=0)
    return whole if whole == exact else whole + timedelta(minutes=1)
