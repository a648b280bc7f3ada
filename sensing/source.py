"""What every source of heartbeats yields, whether a strap, a simulated strap or a recording."""

import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Notification:
    """One packet as it arrived. `t_s` is the clock's monotonic time; `motion_mg` is None where nothing measures motion.

    `number` is what a page has given it (`sensing.numbered`); None where it came without one.
    """

    t_s: float
    packet: bytes
    motion_mg: int | None = None
    number: int | None = None


class Link(StrEnum):
    """What happened to the link.

    UNHEARD is a search that goes on for long, HELD a strap that is heard and lets nobody in, SLEPT a computer that was
    asleep, and ABOUT is no change at all: what the strap told of itself, kept beside the others.
    """

    SEARCHING = "searching"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "lost"
    SILENT = "silent"
    FAILED = "failed"
    OVERFLOW = "overflow"
    UNHEARD = "unheard"
    HELD = "held"
    SLEPT = "slept"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class LinkEvent:
    """A change of the link. Part of the recording: a gap has a cause. `detail` is for people."""

    t_s: float
    link: Link
    detail: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What a strap tells of itself. None where it does not.

    Attributes:
        name: what it advertises.
        device_id: its address; on macOS an identifier that only this computer knows it by.
        battery_percent: 0 to 100.
        worn_at: where it is meant to be worn (Body Sensor Location).
        system: the kind of computer (`sys.platform`) that knows it by this `device_id`.
    """

    name: str | None
    device_id: str
    battery_percent: int | None = None
    worn_at: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    firmware: str | None = None
    system: str = sys.platform

    def __str__(self) -> str:
        """On one line, for people.

        >>> str(About("Polar H10 A1B2C3D4", "AA:BB:CC:DD:EE:FF", 83, "chest", "Polar Electro Oy", "H10", "3.1.1"))
        'Polar Electro Oy H10, firmware 3.1.1, chest, battery 83 %'
        """
        made = " ".join(part for part in (self.manufacturer, self.model) if part) or self.name or self.device_id
        firmware = f"firmware {self.firmware}" if self.firmware else None
        battery = f"battery {self.battery_percent} %" if self.battery_percent is not None else None
        return ", ".join(part for part in (made, firmware, self.worn_at, battery) if part)


@dataclass(frozen=True, slots=True)
class AboutEvent:
    """The strap told of itself, or its battery changed."""

    t_s: float
    about: About


SourceEvent = Notification | LinkEvent | AboutEvent


class Source(Protocol):
    """Anything heartbeats come from."""

    def events(self) -> AsyncGenerator[SourceEvent, None]:
        """Yield events until the source ends (a recording) or the generator is closed (a strap)."""
        ...
