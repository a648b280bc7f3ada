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
        said_at: when exactly it was said; their channels go by it. People see whole minutes.
        put_away_by: who has answered “Not for me right now”. The other does not see that.
        acknowledged_by: who has seen it: it is quiet for them from then on. The other does not see that.
        escalated_to: for whom it has left by their own channels. Nobody sees that.
        ended_at: when it expired, or a pause answered it.
    """

    id: str
    raised_at: datetime
    expires_at: datetime
    said_at: datetime
    put_away_by: tuple[str, ...] = ()
    acknowledged_by: tuple[str, ...] = ()
    escalated_to: tuple[str, ...] = ()
    ended_at: datetime | None = None

    def waits_for(self, person_id: str) -> bool:
        """Whether this person still has it before them."""
        return self.ended_at is None and person_id not in self.put_away_by

    def calls(self, person_id: str) -> bool:
        """Whether it waits for this person and they have not seen it yet."""
        return self.waits_for(person_id) and person_id not in self.acknowledged_by

    def acknowledge(self, person_id: str) -> "SharedSuggestion":
        """It was seen by this person. Twice is once."""
        if not self.calls(person_id):
            return self
        return replace(self, acknowledged_by=(*self.acknowledged_by, person_id))

    def put_away(self, person_id: str) -> "SharedSuggestion":
        """“Not for me right now”, of one person. Twice is once."""
        return self if not self.waits_for(person_id) else replace(self, put_away_by=(*self.put_away_by, person_id))
