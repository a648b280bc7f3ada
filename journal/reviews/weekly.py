"""A week, Monday to Sunday: what turned, what flooded, which pauses were taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from journal.reviews.rises import Gathered, PauseTaken, Rise, RiseKind

DAYS = 7


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week, and its rises in their order."""

    date: date
    rises: Sequence[Rise]


@dataclass(frozen=True, slots=True)
class Week:
    """A week as data.

    Attributes:
        talks: how many talks ended in it; a talk that waits to be computed is not counted.
        turned: the near misses, which come first; floods: the rises that did not turn.
        set_aside: what the detector took for floods and the wearer did not; in none of the other lists.
    """

    first: date
    talks: int
    days: Sequence[Day]
    turned: Sequence[Rise]
    floods: Sequence[Rise]
    set_aside: Sequence[Rise]
    pauses: Sequence[PauseTaken]
    waiting: int


def monday_of(day: date) -> date:
    """The Monday of `day`'s week.

    >>> monday_of(date(2026, 3, 15))
    datetime.date(2026, 3, 9)
    """
    return day - timedelta(days=day.weekday())


def weekly(gathered: Gathered, first: date) -> Week:
    """The week that begins on Monday `first`.

    >>> week = weekly(Gathered(), date(2026, 3, 9))
    >>> week.talks, len(week.days), week.turned
    (0, 7, [])
    """
    seen = gathered.of_days(first, DAYS)
    dates = [first + timedelta(days=n) for n in range(DAYS)]
    return Week(
        first=first,
        talks=len(seen.talks),
        days=[Day(day, [rise for rise in seen.counted if rise.at.date() == day]) for day in dates],
        turned=[rise for rise in seen.rises if rise.kind is RiseKind.NEAR_MISS],
        floods=[rise for rise in seen.rises if rise.kind is RiseKind.FLOOD],
        set_aside=seen.set_aside,
        pauses=seen.pauses,
        waiting=seen.waiting,
    )
