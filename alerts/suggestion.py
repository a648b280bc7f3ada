"""The suggestion to pause: raised by a flood, latched until it is answered or expires. One transition table.

An illegal answer raises `IllegalAnswer` and changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class SuggestionState(StrEnum):
    """What became of it."""

    OPEN = "open"
    ACCEPTED = "accepted"
    SNOOZED = "snoozed"
    DISMISSED = "dismissed"
    EXPIRED = "expired"


class Answer(StrEnum):
    """What can happen to an open suggestion."""

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
    (SuggestionState.OPEN, Answer.ACCEPT): SuggestionState.ACCEPTED,
    (SuggestionState.OPEN, Answer.SNOOZE): SuggestionState.SNOOZED,
    (SuggestionState.OPEN, Answer.DISMISS): SuggestionState.DISMISSED,
    (SuggestionState.OPEN, Answer.EXPIRE): SuggestionState.EXPIRED,
}
"""Everything that can happen. What is not here is illegal: the latch opens once."""


class IllegalAnswer(ValueError):
    """The suggestion is no longer open. Carries what became of it and the answer that came too late."""

    def __init__(self, state: SuggestionState, answer: Answer) -> None:
        super().__init__(f"a suggestion that is {state} does not take '{answer}'")
        self.state = state
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Suggestion:
    """“Take 20 minutes, back at HH:MM?” for one wearer and one episode. Times are aware UTC."""

    id: str
    wearer_id: str
    episode_began_t_s: float
    raised_at: datetime
    expires_at: datetime
    state: SuggestionState = SuggestionState.OPEN
    answered_at: datetime | None = None
    snoozed_until: datetime | None = None
    reason: NotFlooding | None = None


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
        IllegalAnswer: it is no longer open. Nothing has changed.
        ValueError: `SNOOZE` without a positive `snooze_for`.
    """
    try:
        state = ANSWERS[suggestion.state, given]
    except KeyError:
        raise IllegalAnswer(suggestion.state, given) from None
    until = None
    if given is Answer.SNOOZE:
        if snooze_for is None or snooze_for <= timedelta(0):
            raise ValueError("a snooze needs a time greater than 0")
        until = now + snooze_for
    return replace(suggestion, state=state, answered_at=now, snoozed_until=until, reason=reason)
