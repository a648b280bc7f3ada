"""Periods of days, as people ask for them in the address of a page."""

from dataclasses import dataclass
from datetime import date

EARLIEST = date(1971, 1, 1)
LONGEST_WEEKS = 260


class BadPeriod(ValueError):
    """The days do not make a period. Its text says why, for a person."""


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Whether a day is in it.

        >>> Period(date(2026, 3, 2), date(2026, 3, 8)).holds(date(2026, 3, 8))
        True
        """
        return self.first <= day <= self.last


def period_from(first: str, last: str, default: Period) -> Period:
    """The period that two days say, as `2026-03-02`; `default` where neither is said.

    Raises:
        BadPeriod: one is no day, one is missing, or they are the wrong way round.

    >>> period_from("2026-03-08", "2026-03-02", Period(date(2026, 1, 1), date(2026, 1, 2)))
    Traceback (most recent call last):
    api.periods.BadPeriod: A period begins before it ends: 2026-03-08 is after 2026-03-02. Swap the two days.
    """
    first, last = first.strip(), last.strip()
    if not first and not last:
        return default
    if not first or not last:
        raise BadPeriod("A period needs two days, the first and the last. Fill in both, or leave both empty.")
    begins, ends = _day(first), _day(last)
    if begins > ends:
        raise BadPeriod(f"A period begins before it ends: {begins} is after {ends}. Swap the two days.")
    if (ends - begins).days > 7 * LONGEST_WEEKS:
        raise BadPeriod("A period can be five years long at most. Choose one that is shorter.")
    return Period(begins, ends)


def apart(before: Period, after: Period) -> None:
    """Raise `BadPeriod` where two periods share a day: a talk cannot be on both sides."""
    if before.first <= after.last and after.first <= before.last:
        raise BadPeriod(
            "The two periods share days, and a talk cannot be on both sides. Let one end before the other begins."
        )


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadPeriod(f"“{text[:20]}” is no day. Write it as year, month, day: 2026-03-02.") from None
    if day < EARLIEST:
        raise BadPeriod(f"Nothing is stored of {day}. Choose a day from {EARLIEST} on.")
    return day
