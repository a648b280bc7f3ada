"""What two people agreed for the moments when it rises: made by both, in versions, in force only once both have said yes.

The words are theirs. The rules here are few: a pause is never shorter than 20 minutes, a draft changes nothing until both
have said yes to it, and either can step out at any time, alone and without a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain

from alerts.not_now import NotNow
from alerts.policy_settings import PolicySettings

SHORTEST_PAUSE_MIN = 20
LONGEST_PAUSE_MIN = 120
LONGEST_CAP_MIN = 240
LINES = 6
LINE_LENGTH = 200


class Side(StrEnum):
    """Whose words, whose yes. The first is who opened the pages of the two."""

    FIRST = "first"
    SECOND = "second"


class BadTerms(ValueError):
    """What was written down cannot be agreed. One line, for people."""


@dataclass(frozen=True, slots=True)
class Own:
    """What one of the two brings.

    Attributes:
        meanwhile: what helps in a pause: breathing, walking, music.
        opening: how to begin again.
        phrases: what to say on coming back.
    """

    meanwhile: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """One version's words and numbers.

    Attributes:
        word, gesture, emoji: the signal, simple enough to use while flooded; any of them may be left empty.
        pause_min: the least length of a pause.
        cap_min: from then on the body's recovery is no longer waited for.
        returning: how the return time is set.
        neither: what neither does in a pause.

    Raises:
        BadTerms: the pause is shorter than 20 minutes, the cap before its end, or there is too much of something.
    """

    word: str = ""
    gesture: str = ""
    emoji: str = ""
    pause_min: int = SHORTEST_PAUSE_MIN
    cap_min: int = 60
    returning: str = ""
    neither: tuple[str, ...] = ()
    first: Own = Own()
    second: Own = Own()

    def __post_init__(self) -> None:
        if not SHORTEST_PAUSE_MIN <= self.pause_min <= LONGEST_PAUSE_MIN:
            raise BadTerms(
                f"a pause lasts from {SHORTEST_PAUSE_MIN} to {LONGEST_PAUSE_MIN} minutes, not {self.pause_min}: "
                f"a body in alarm takes about {SHORTEST_PAUSE_MIN} to come down"
            )
        if not self.pause_min <= self.cap_min <= LONGEST_CAP_MIN:
            raise BadTerms(
                f"the longest wait is from {self.pause_min} (the pause itself) to {LONGEST_CAP_MIN} minutes, not {self.cap_min}"
            )
        lists = [
            self.neither,
            *chain.from_iterable((o.meanwhile, o.opening, o.phrases) for o in (self.first, self.second)),
        ]
        if any(len(lines) > LINES for lines in lists):
            raise BadTerms(f"more than {LINES} lines are hard to remember while flooded")
        if any(
            len(line) > LINE_LENGTH for line in [self.word, self.gesture, self.emoji, self.returning, *chain(*lists)]
        ):
            raise BadTerms(f"a line is at most {LINE_LENGTH} letters long")

    def own(self, side: Side) -> Own:
        """What this one of the two brings."""
        return self.first if side is Side.FIRST else self.second

    def applied_to(self, usual: PolicySettings) -> PolicySettings:
        """The policy's times with the agreed ones.

        >>> Terms(pause_min=25, cap_min=90).applied_to(PolicySettings()).pause_minimum
        datetime.timedelta(seconds=1500)
        """
        return replace(
            usual, pause_minimum=timedelta(minutes=self.pause_min), pause_cap=timedelta(minutes=self.cap_min)
        )


@dataclass(frozen=True, slots=True)
class Version:
    """One version, numbered from 1. Times are aware UTC.

    Attributes:
        written_by: which of the two saved it.
        yes_at: when each said yes; None while they have not.
        withdrawn_at, withdrawn_by: when, and by whom, it was ended.
    """

    number: int
    terms: Terms
    written_by: Side
    written_at: datetime
    first_yes_at: datetime | None = None
    second_yes_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: Side | None = None

    def yes_at(self, side: Side) -> datetime | None:
        """When this one said yes."""
        return self.first_yes_at if side is Side.FIRST else self.second_yes_at

    @property
    def agreed_at(self) -> datetime | None:
        """When the second of the two said yes."""
        if self.first_yes_at is None or self.second_yes_at is None:
            return None
        return max(self.first_yes_at, self.second_yes_at)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What is in force, as one of the two reads it."""

    terms: Terms
    side: Side

    @property
    def own(self) -> Own:
        """What this one of the two brings."""
        return self.terms.own(self.side)


def in_force(history: Sequence[Version]) -> Version | None:
    """The version that holds: the newest that both said yes to, unless one of them has stepped out of it since.

    An older one does not come back by itself: stepping out means that nothing is agreed.
    """
    agreed = [version for version in history if version.agreed_at is not None]
    if not agreed or agreed[-1].withdrawn_at is not None:
        return None
    return agreed[-1]


def draft(history: Sequence[Version]) -> Version | None:
    """The version that waits for a yes: the newest, as long as not both have said it."""
    newest = history[-1] if history else None
    return newest if newest and newest.agreed_at is None and newest.withdrawn_at is None else None


def say_yes(history: Sequence[Version], number: int, side: Side, now: datetime) -> Version:
    """The draft with this one's yes. A second yes changes nothing.

    Raises:
        NotNow: it is not the draft any more: nobody says yes to words that have changed.
    """
    waiting = draft(history)
    if waiting is None or waiting.number != number:
        raise NotNow("it has been changed since you read it; look again, then say yes")
    if waiting.yes_at(side) is not None:
        return waiting
    return replace(waiting, first_yes_at=now) if side is Side.FIRST else replace(waiting, second_yes_at=now)


def withdraw(history: Sequence[Version], side: Side, now: datetime) -> Version:
    """The version in force, ended by one of the two; or the draft, put away.

    Raises:
        NotNow: nothing is in force, and nothing waits.
    """
    standing = in_force(history) or draft(history)
    if standing is None:
        raise NotNow("nothing is agreed at the moment")
    return replace(standing, withdrawn_at=now, withdrawn_by=side)
