"""What reviews are made of: talks, rises (floods and near misses) and pauses, each on its own local clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Protocol

from alerts.people import Actor
from alerts.suggestion import NotFlooding
from journal.content import EpisodeLabel, Response


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """An entry as reviews see it. What the wearer left empty is empty, or None.

    Attributes:
        talk_id: the talk it belongs to; None for one written without a talk.
        began: aware; when the talk began, or what is told happened.
        zone: the wearer's clock then.
        triggers: the categories of what happened before.
        responses: what the wearer did; several can be true.
        consequence: what it led to, in the wearer's words.
        labels: the wearer's word on single rises.
    """

    entry_id: str
    talk_id: str | None
    began: datetime
    zone: tzinfo
    triggers: tuple[str, ...] = ()
    responses: tuple[Response, ...] = ()
    consequence: str | None = None
    labels: tuple[EpisodeLabel, ...] = ()


class EntrySource(Protocol):
    """Where the facts of entries come from: what is stored of them, decrypted for their owner."""

    def entries(self, actor: Actor, *, since: datetime, until: datetime) -> Sequence[EntryFacts]:
        """The actor's entries of what happened from `since` to before `until`, oldest first."""
        ...


class RiseKind(StrEnum):
    """How a rise went on. The wearer's word counts for more than the detector's."""

    NEAR_MISS = "near_miss"
    FLOOD = "flood"
    NOT_FLOODING = "not_flooding"
    """Taken for a flood; its wearer said that it was none. Told, and counted as nothing."""


@dataclass(frozen=True, slots=True)
class Rise:
    """A flood, or a rise that turned by itself.

    Attributes:
        at: when it crossed the line, or began to rise; on the wearer's clock.
        from_s, peak_s: the same and its highest second, on the recording's axis.
        back_s: how long the way back near the usual took, from a flood's last second above the line or a near miss's
            highest second; None when it was not seen, or (for a near miss) not looked for.
        paused_after_s: from crossing the line to the pause; None without a pause in the flood or the ten minutes after.
        entry: the talk's entry; None when there is none.
        by_word: whether `kind` is the wearer's word, against the detector's; `reason` is what they said it was instead.
    """

    kind: RiseKind
    at: datetime
    from_s: float
    peak_s: float
    peak_bpm: float
    line_bpm: float
    near_usual_bpm: float | None
    recording_id: str
    back_s: int | None
    paused_after_s: float | None
    entry: EntryFacts | None
    by_word: bool = False
    reason: NotFlooding | None = None


@dataclass(frozen=True, slots=True)
class PauseTaken:
    """A pause of one of the wearer's talks, on their clock. Who called it is not told: it is the same for both.

    Attributes:
        near_usual_after_s: from its beginning until the heart was near its usual; None when that was not seen.
        returned_at: None when the talk ended in it, or it has not ended.
    """

    at: datetime
    near_usual_after_s: float | None
    returned_at: datetime | None
    entry: EntryFacts | None


@dataclass(frozen=True, slots=True)
class TalkSeen:
    """A finished talk, on the wearer's clock."""

    at: datetime
    entry: EntryFacts | None


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything that a review is made from, each list oldest first.

    Attributes:
        entries: also those that belong to no talk.
        waiting: finished talks that are not computed yet, and so not in the lists.
    """

    talks: Sequence[TalkSeen] = ()
    rises: Sequence[Rise] = ()
    pauses: Sequence[PauseTaken] = ()
    entries: Sequence[EntryFacts] = ()
    waiting: int = 0

    @property
    def counted(self) -> list[Rise]:
        """The rises without those of which the wearer said that they were none."""
        return [rise for rise in self.rises if rise.kind is not RiseKind.NOT_FLOODING]

    @property
    def set_aside(self) -> list[Rise]:
        """Those."""
        return [rise for rise in self.rises if rise.kind is RiseKind.NOT_FLOODING]

    def of_days(self, first: date, days: int) -> "Gathered":
        """The part whose local date is one of `days` days from `first` on. `waiting` is left as it is.

        >>> Gathered().of_days(date(2026, 3, 9), 7)
        Gathered(talks=[], rises=[], pauses=[], entries=[], waiting=0)
        """
        last = first + timedelta(days=days - 1)

        def inside(at: datetime) -> bool:
            return first <= at.date() <= last

        return Gathered(
            talks=[talk for talk in self.talks if inside(talk.at)],
            rises=[rise for rise in self.rises if inside(rise.at)],
            pauses=[pause for pause in self.pauses if inside(pause.at)],
            entries=[entry for entry in self.entries if inside(entry.began.astimezone(entry.zone))],
            waiting=self.waiting,
        )
