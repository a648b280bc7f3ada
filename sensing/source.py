"""What every source of heartbeats yields, whether a strap, a simulated strap or a recording."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Notification:
    """One packet as it arrived. `t_s` is the clock's monotonic time; `motion_mg` is None where nothing measures motion."""

    t_s: float
    packet: bytes
    motion_mg: int | None = None


class Link(StrEnum):
    """What happened to the link."""

    SEARCHING = "searching"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"
    SILENT = "silent"
    FAILED = "failed"
    OVERFLOW = "overflow"


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """A change of the link. Part of the recording: a gap has a cause. `detail` is for people."""

    t_s: float
    link: Link
    detail: str = ""


SourceEvent = Notification | LinkEvent


class Source(Protocol):
    """Anything heartbeats come from."""

    def events(self) -> AsyncGenerator[SourceEvent, None]:
        """Yield events until the source ends (a recording) or the generator is closed (a strap)."""
        ...
