"""“One of us could use a pause.”: the one sentence that reaches both people, and that nobody can be told by.

It is raised by a flood or, silently, by either person; both ways are one step, taken with the next second, so that not
even the moment tells them apart. Its latch and its expiry are its own: what the flooded wearer does with their own
suggestion changes nothing here, and each person puts it away for themselves alone.
"""

from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SharedSuggestion:
    """The sentence, once. Times are aware UTC, whole minutes where people see them.

    Attributes:
        put_away_by: who has answered “Not for me right now”. The other does not see that.
        ended_at: when it expired, or a pause answered it.
    """

    id: str
    raised_at: datetime
    expires_at: datetime
    put_away_by: tuple[str, ...] = ()
    ended_at: datetime | None = None

    def waits_for(self, person_id: str) -> bool:
        """Whether this person still has it before them."""
        return self.ended_at is None and person_id not in self.put_away_by

    def put_away(self, person_id: str) -> "SharedSuggestion":
        """“Not for me right now”, of one person. Twice is once."""
        return self if not self.waits_for(person_id) else replace(self, put_away_by=(*self.put_away_by, person_id))
