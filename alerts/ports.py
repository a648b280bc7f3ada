"""What alerts needs remembered, in its own words. journal implements these; api joins the two."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from alerts.agreement import Side
from alerts.channels import Announcement, Channel, Trouble
from alerts.people import Actor
from alerts.talk_state import TalkState
from hrv.minutes import Minute
from hrv.near_miss import NearMiss
from hrv.reading import Episode
from sensing.source import About, LinkEvent, Notification


class TalkConflict(Exception):
    """Somebody else changed the talk's state first. Read it again and repeat the step."""


class NotAllowed(Exception):
    """The actor may not do this, or there is no such thing: the two look the same on purpose."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk with one wearer's recording of it.

    Attributes:
        began_at: aware UTC; the recording's t_s = 0.
        utc_offset_min: the wearer's offset when it began.
        strap: what the wearer's heartbeats come from, in words for people; None without a strap.
        page_strap: the same of a strap that the wearer's own page reads, once it does.
        threshold_bpm: the line that was in force; an entry is always read with it, whatever is set today.
    """

    id: str
    wearer_id: str
    recording_id: str
    began_at: datetime
    utc_offset_min: int
    strap: str | None
    simulated: bool
    threshold_bpm: float
    topic_began_at: datetime | None = None
    ended_at: datetime | None = None
    page_strap: str | None = None

    @property
    def worn(self) -> str | None:
        """What the heartbeats come from, whoever reads it."""
        return self.page_strap if self.strap is None else self.strap


class TalkStore(Protocol):
    """Talks and their shared state."""

    def start(
        self,
        actor: Actor,
        *,
        began_at: datetime,
        utc_offset_min: int,
        strap: str | None,
        simulated: bool,
        threshold_bpm: float,
    ) -> Talk:
        """Make a talk with its participant, recording and state. Raises `TalkConflict` while another is open."""
        ...

    def start_together(
        self,
        actor: Actor,
        *,
        now: datetime,
        began_at: datetime,
        utc_offset_min: int,
        straps: Mapping[Side, str | None],
        simulated: bool,
        threshold_bpm: float,
    ) -> list[Talk]:
        """Make one talk for the two who have opted in. Raises `NotNow` when they have not, or one is in a talk."""
        ...

    def open_talk(self, actor: Actor) -> Talk | None:
        """The actor's talk that has not ended."""
        ...

    def unfinished(self, actor: Actor) -> list[Talk]:
        """Every talk that has not ended. For `SERVICE` at start-up only."""
        ...

    def load(self, actor: Actor, talk_id: str) -> tuple[TalkState, int]:
        """The shared state and its version."""
        ...

    def save(self, actor: Actor, talk_id: str, state: TalkState, *, expected_version: int) -> int:
        """Store `state` if the version is still `expected_version`; return the new one. Raises `TalkConflict`."""
        ...


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored measurement, as the monitor is rebuilt from it."""

    t_s: float
    packet: bytes
    motion_mg: int | None


class Recorder(Protocol):
    """The wearer's stream. `t_s` in what is recorded is on the recording's axis: seconds since the talk began."""

    def measurement(self, recording_id: str, notification: Notification) -> None:
        """Queue one packet for the next group commit. Never blocks, never touches the disk."""
        ...

    def link(self, recording_id: str, event: LinkEvent) -> None:
        """Queue a change of the link."""
        ...

    def met_strap(self, actor: Actor, about: About, now: datetime) -> None:
        """Remember a strap that the actor wears, or what is new of it."""
        ...

    def wear_in_page(self, recording_id: str, strap: str) -> None:
        """Queue that the strap called so is read by a page of the wearer's."""
        ...

    def flush(self) -> None:
        """Wait until everything queued so far is committed."""
        ...

    def measurements(self, actor: Actor, recording_id: str) -> list[Stored]:
        """Everything committed of a recording, oldest first."""
        ...

    def minute(self, actor: Actor, recording_id: str, minute: Minute) -> None:
        """Store one finished minute; storing it again changes nothing."""
        ...

    def near_miss(self, actor: Actor, recording_id: str, near_miss: NearMiss) -> None:
        """Store a rise that turned back by itself, and see that the talk's entry exists."""
        ...

    def episode(self, actor: Actor, recording_id: str, episode: Episode) -> None:
        """Store or update the episode that began at `episode.began_t_s`, and see that the talk's entry exists."""
        ...

    def entry(self, actor: Actor, talk_id: str) -> str:
        """The id of the actor's entry for this talk, made if there is none."""
        ...


class TooManyChannels(Exception):
    """The wearer has as many as there may be."""


class ChannelStore(Protocol):
    """The channels of each wearer, theirs alone, and which message was tried with which."""

    def channels(self, actor: Actor) -> list[Channel]:
        """The actor's own, oldest first."""
        ...

    def claim(self, actor: Actor, channel_id: str, talk_id: str, key: str, now: datetime) -> bool:
        """Write down that `key` is about to be sent. False when it has arrived, or may have: it is not sent twice."""
        ...

    def settle(self, actor: Actor, channel_id: str, key: str, trouble: Trouble | None, now: datetime) -> None:
        """Write down what became of it."""
        ...

    def told(self, actor: Actor, key: str) -> frozenset[str]:
        """The ids of the channels where `key` has arrived."""
        ...

    def note(self, actor: Actor, channel_id: str, trouble: Trouble | None) -> None:
        """Remember how the channel's last attempt ended, for its page."""
        ...


class Messages(Protocol):
    """Carries messages to the wearers' own channels. Nothing here waits, blocks or raises."""

    def tell(self, announcement: Announcement) -> None:
        """Begin to send it."""
        ...

    def withdraw(self, key: str) -> None:
        """It has been answered: what has not arrived yet is not tried again."""
        ...

    def failing(self, wearer_id: str) -> tuple[Channel, ...]:
        """The wearer's channels that do not take what is sent."""
        ...
