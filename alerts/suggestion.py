"""The suggestion to pause: raised by a flood, latched until it is answered or expires. One transition table.

An illegal answer raises `IllegalAnswer` and changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class SuggestionState(StrEnum):
    """What became of it."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    SNOOZED = "snoozed"
    DISMISSED = "dismissed"
    EXPIRED = "expired"


class Answer(StrEnum):
    """What can happen to it. `ACKNOWLEDGE`: it was seen, and still waits for its answer."""

    ACKNOWLEDGE = "acknowledge"
    ACCEPT = "accept"
    SNOOZE = "snooze"
    DISMISS = "dismiss"
    EXPIRE = "expire"


class NotFlooding(StrEnum):
    """Why the wearer says “This isn’t flooding”."""

    MOVING = "moving"
    CAFFEINE = "caffeine"
    EXCITED = "excited"
    JUST_NOT = "just_not"


ANSWERS: dict[tuple[SuggestionState, Answer], SuggestionState] = {
    (SuggestionState.OPEN, Answer.ACKNOWLEDGE): SuggestionState.ACKNOWLEDGED,
    (SuggestionState.OPEN, Answer.ACCEPT): SuggestionState.ACCEPTED,
    (SuggestionState.OPEN, Answer.SNOOZE): SuggestionState.SNOOZED,
    (SuggestionState.OPEN, Answer.DISMISS): SuggestionState.DISMISSED,
    (SuggestionState.OPEN, Answer.EXPIRE): SuggestionState.EXPIRED,
    (SuggestionState.ACKNOWLEDGED, Answer.ACCEPT): SuggestionState.ACCEPTED,
    (SuggestionState.ACKNOWLEDGED, Answer.SNOOZE): SuggestionState.SNOOZED,
    (SuggestionState.ACKNOWLEDGED, Answer.DISMISS): SuggestionState.DISMISSED,
    (SuggestionState.ACKNOWLEDGED, Answer.EXPIRE): SuggestionState.EXPIRED,
}
"""Everything that can happen. What is not here is illegal: the latch opens once, and never by itself."""

WAITING = frozenset({SuggestionState.OPEN, SuggestionState.ACKNOWLEDGED})
"""It waits for its answer."""


class IllegalAnswer(ValueError):
    """The suggestion takes this answer no longer. Carries what became of it and the answer that came too late."""

    def __init__(self, state: SuggestionState, answer: Answer) -> None:
        super().__init__(f"a suggestion that is {state} does not take '{answer}'")
        self.state = state
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Suggestion:
    """“Take 20 minutes, back at HH:MM?” for one wearer and one episode. Times are aware UTC.

    Attributes:
        acknowledged_at: when it was seen; from then on it is quiet, and goes nowhere else.
        escalated_at: when it left by the wearer's own channels.
        cleared_at: when its one all-clear was due: it no longer waits, and a good signal says that the flood is over.
    """

    id: str
    wearer_id: str
    episode_began_t_s: float
    raised_at: datetime
    expires_at: datetime
    state: SuggestionState = SuggestionState.OPEN
    answered_at: datetime | None = None
    snoozed_until: datetime | None = None
    reason: NotFlooding | None = None
    acknowledged_at: datetime | None = None
    escalated_at: datetime | None = None
    cleared_at: datetime | None = None

    @property
    def waits(self) -> bool:
        """Whether it waits for its answer."""
        return self.state in WAITING


def answer(
    suggestion: Suggestion,
    given: Answer,
    now: datetime,
    *,
    snooze_for: timedelta | None = None,
    reason: NotFlooding | None = None,
) -> Suggestion:
    """Return the suggestion after the answer `given` at `now`.

    Raises:
        IllegalAnswer: the table has no such answer for it. Nothing has changed.
        ValueError: `SNOOZE` without a positive `snooze_for`.
    """
    try:
        state = ANSWERS[suggestion.state, given]
    except KeyError:
        raise IllegalAnswer(suggestion.state, given) from None
    if given is Answer.ACKNOWLEDGE:
        return replace(suggestion, state=state, acknowledged_at=now)
    until = None
    if given is Answer.SNOOZE:
        if snooze_for is None or snooze_for <= timedelta(0):
            raise ValueError("a snooze needs a time greater than 0")
        until = now + snooze_for
    return replace(suggestion, state=state, answered_at=now, snoozed_until=until, reason=reason)
