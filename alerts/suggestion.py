"""The suggestion to pause: raised by a flood, latched until it is answered or expires."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SuggestionState(StrEnum):
    """What became of it."""

    OPEN = "open"
    ACCEPTED = "accepted"
    SNOOZED = "snoozed"
    DISMISSED = "dismissed"
    EXPIRED = "expired"


class NotFlooding(StrEnum):
    """Why the wearer says "This isn't flooding"."""

    MOVING = "moving"
    CAFFEINE = "caffeine"
    EXCITED = "excited"
    JUST_NOT = "just_not"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """"Take 20 minutes, back at HH:MM?" for one wearer and one episode. Times are aware UTC."""

    id: str
    wearer_id: str
    episode_began_t_s: float
    raised_at: datetime
    expires_at: datetime
    state: SuggestionState = SuggestionState.OPEN
    answered_at: datetime | None = None
    snoozed_until: datetime | None = None
    reason: NotFlooding | None = None
