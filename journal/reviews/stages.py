"""Where somebody stands in the four stages of the practice: by the calendar of their own entries, and only those.

It is a place to look from, not a mark: nothing is demanded, and nobody else sees it.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Stage(StrEnum):
    """The four stages."""

    AWARENESS = "awareness"
    DISCLOSURE = "disclosure"
    CO_CREATION = "co-creation"
    INTEGRATION = "integration"


LAST_WEEKS = {Stage.AWARENESS: 2, Stage.DISCLOSURE: 3, Stage.CO_CREATION: 6}
"""The last week of each; integration has none. Weeks 1 and 2, 3, 4 to 6 of the practice."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the wearer stands: the stage that the practice has for this week, counted from their first entry as 1."""

    stage: Stage
    week: int


def standing(first_day: date | None, today: date) -> Standing | None:
    """The standing on `today`; None before the first entry.

    >>> standing(date(2026, 3, 2), date(2026, 3, 15))
    Standing(stage=<Stage.AWARENESS: 'awareness'>, week=2)
    >>> standing(date(2026, 3, 2), date(2026, 3, 16)).stage.value, standing(None, date(2026, 3, 16))
    ('disclosure', None)
    """
    if first_day is None:
        return None
    week = max(0, (today - first_day).days) // 7 + 1
    return Standing(next((stage for stage, last in LAST_WEEKS.items() if week <= last), Stage.INTEGRATION), week)
