"""What the two people share while they talk: one frozen value, stored as one row with a version."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from alerts.notice import Notice, NoticeState
from alerts.pause import Course, Pause
from alerts.shared_suggestion import SharedSuggestion
from alerts.suggestion import Suggestion


class Phase(StrEnum):
    """Where the talk is. A pause is beside it, not a phase of it."""

    BASELINE = "baseline"
    TALKING = "talking"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Mute:
    """A wearer wants no sound and no message until then; what there is to see is still shown. Aware UTC."""

    wearer_id: str
    until: datetime


@dataclass(frozen=True, slots=True)
class TalkState:
    """A talk as everyone in it sees it. Times are aware UTC.

    Attributes:
        topic_began_at: when the five quiet minutes were over, or were skipped.
        suggestions: every suggestion of this talk, oldest first; at most one open per wearer.
        pauses: every pause of this talk, oldest first; at most the last is not over.
        silenced: wearers for whom flooding is not announced again in this talk ("This isn't flooding").
        people: the two who opted in; nobody is named in a talk of one's own.
        shared: every “One of us could use a pause.” of this talk, oldest first; at most the last has not ended.
        asking: for whom that sentence is about to be said, and since when, whether their body asked or their hand. Nobody
            sees this.
        views: how often what each person may see has changed. The stored version would tell of the other's steps.
        notices: every technical notice of this talk, oldest first; at most the wearer's last is not cleared.
        mutes: at most one for each wearer, also when its time is over.
    """

    started_at: datetime
    phase: Phase = Phase.BASELINE
    topic_began_at: datetime | None = None
    ended_at: datetime | None = None
    suggestions: tuple[Suggestion, ...] = ()
    pauses: tuple[Pause, ...] = ()
    silenced: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    shared: tuple[SharedSuggestion, ...] = ()
    asking: tuple[tuple[str, datetime], ...] = ()
    views: tuple[tuple[str, int], ...] = ()
    notices: tuple[Notice, ...] = ()
    mutes: tuple[Mute, ...] = ()

    @property
    def pause(self) -> Pause | None:
        """The pause that is going on."""
        return self.pauses[-1] if self.pauses and not self.pauses[-1].is_over else None

    def latest_suggestion(self, wearer_id: str) -> Suggestion | None:
        """The wearer's newest suggestion, answered or not."""
        return next((s for s in reversed(self.suggestions) if s.wearer_id == wearer_id), None)

    def open_suggestion(self, wearer_id: str) -> Suggestion | None:
        """The wearer's suggestion that waits for an answer."""
        latest = self.latest_suggestion(wearer_id)
        return latest if latest and latest.waits else None

    def latest_notice(self, wearer_id: str) -> Notice | None:
        """The wearer's newest technical notice, cleared or not."""
        return next((n for n in reversed(self.notices) if n.wearer_id == wearer_id), None)

    def open_notice(self, wearer_id: str) -> Notice | None:
        """The wearer's technical notice while it lasts, seen, snoozed or neither."""
        latest = self.latest_notice(wearer_id)
        return latest if latest and latest.state is not NoticeState.CLEARED else None

    def muted_until(self, wearer_id: str, now: datetime) -> datetime | None:
        """Until when the wearer wants to hear nothing; None when nothing is muted."""
        return next((m.until for m in self.mutes if m.wearer_id == wearer_id and now < m.until), None)

    @property
    def shared_suggestion(self) -> SharedSuggestion | None:
        """The shared sentence that has not ended."""
        return self.shared[-1] if self.shared and self.shared[-1].ended_at is None else None

    def with_shared(self, changed: SharedSuggestion) -> "TalkState":
        """This state with the shared sentence of the same id replaced, or added."""
        kept = tuple(changed if s.id == changed.id else s for s in self.shared)
        return replace(self, shared=kept if changed in kept else (*kept, changed))

    def courses(self) -> tuple[Course, ...]:
        """Everybody's way through a pause that begins now; none in a talk of one's own."""
        return tuple(Course(person_id) for person_id in self.people)

    def with_suggestion(self, changed: Suggestion) -> "TalkState":
        """This state with the suggestion of the same id replaced, or added."""
        kept = tuple(changed if s.id == changed.id else s for s in self.suggestions)
        return replace(self, suggestions=kept if changed in kept else (*kept, changed))

    def with_notice(self, changed: Notice) -> "TalkState":
        """This state with the notice of the same id replaced, or added."""
        kept = tuple(changed if n.id == changed.id else n for n in self.notices)
        return replace(self, notices=kept if changed in kept else (*kept, changed))

    def with_pause(self, changed: Pause) -> "TalkState":
        """This state with the pause of the same id replaced, or added."""
        kept = tuple(changed if p.id == changed.id else p for p in self.pauses)
        return replace(self, pauses=kept if changed in kept else (*kept, changed))
