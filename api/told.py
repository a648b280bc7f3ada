"""What workers tell each other of live talks, in words without blanks; and who is told what was heard.

A packet is told as the journal keeps it, so that whoever shows a recording reads what a restart would read.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from alerts import workers
from sensing.source import Link, LinkEvent, Notification

FOLLOWED_S = 15.0
"""Whoever shows a recording says so every second. A worker that says nothing any more shows nothing."""

MOST_RECENT = 64
"""Longer than the journal keeps anything from the disk."""

NOTHING = "-"


class Told(StrEnum):
    """What is told, each with the id of a talk, a recording or a person."""

    STATE = "state"
    SHOW = "show"
    FOLLOW = "follow"
    HEARD = "heard"
    CLOSED = "closed"
    RELEASE = "release"
    AGREED = "agreed"
    ERASED = "erased"
    AGAIN = workers.AGAIN
    LOST = workers.LOST


@dataclass(frozen=True, slots=True)
class ToldOf:
    """One thing that was told."""

    what: Told
    name: str = ""
    strap: str | None = None
    event: Notification | LinkEvent | None = None


def words_of(recording_id: str, strap: str | None, event: Notification | LinkEvent) -> tuple[str, ...]:
    r"""The words of `Told.HEARD`.

    >>> told_in("heard", words_of("r", "Polar H10", Notification(1.5, b"\x00\x48", None))).event
    Notification(t_s=1.5, packet=b'\x00H', motion_mg=None, number=None)
    """
    t_ms, strap_hex = str(round(event.t_s * 1000)), _hex(strap or "")
    if isinstance(event, Notification):
        motion = NOTHING if event.motion_mg is None else str(event.motion_mg)
        return recording_id, strap_hex, t_ms, event.packet.hex() or NOTHING, motion
    return recording_id, strap_hex, t_ms, "link", event.link.value, _hex(event.detail)


def told_in(what: str, words: Sequence[str]) -> ToldOf | None:
    """What was told; None for what is no word of this version of the program."""
    try:
        told = Told(what)
        name, *more = words or ("",)
        return _heard(name, more) if told is Told.HEARD else ToldOf(told, name)
    except ValueError:
        return None


def _heard(name: str, words: list[str]) -> ToldOf:
    strap, t_ms, packet, *more = words
    t_s = int(t_ms) / 1000
    event: Notification | LinkEvent
    if packet == "link":
        event = LinkEvent(t_s, Link(more[0]), _text(more[1]))
    else:
        motion_mg = None if more[0] == NOTHING else int(more[0])
        event = Notification(t_s, b"" if packet == NOTHING else bytes.fromhex(packet), motion_mg)
    return ToldOf(Told.HEARD, name, _text(strap) or None, event)


def _hex(text: str) -> str:
    return text.encode(errors="replace").hex() or NOTHING


def _text(word: str) -> str:
    return "" if word == NOTHING else bytes.fromhex(word).decode()


class Following:
    """Which recordings other workers show, and what of each they may have missed.

    Attributes:
        tasks: what is under way because another worker asked for it.
    """

    def __init__(self) -> None:
        self.tasks: set[asyncio.Task[None]] = set()
        self._until_s: dict[str, float] = {}
        self._recent: dict[str, deque[Notification | LinkEvent]] = {}

    def follow(self, recording_id: str, now_s: float) -> bool:
        """Somebody shows it, for a while. Whether that is new."""
        is_new = not self.is_followed(recording_id, now_s)
        self._until_s[recording_id] = now_s + FOLLOWED_S
        return is_new

    def is_followed(self, recording_id: str, now_s: float) -> bool:
        """Whether anybody else shows it."""
        return self._until_s.get(recording_id, 0.0) > now_s

    def remember(self, recording_id: str, event: Notification | LinkEvent) -> None:
        """It was heard, and may not be on the disk yet."""
        self._recent.setdefault(recording_id, deque(maxlen=MOST_RECENT)).append(event)

    def recent(self, recording_id: str) -> list[Notification | LinkEvent]:
        """What was heard last."""
        return list(self._recent.get(recording_id, ()))

    def forget(self, recording_id: str) -> None:
        """It is over."""
        self._recent.pop(recording_id, None)
        self._until_s.pop(recording_id, None)
