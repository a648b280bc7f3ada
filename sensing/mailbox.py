"""Events between the radio's callback and whoever reads them: packets bounded, changes of the link always kept."""

import asyncio
from collections import deque

from sensing.accelerometer import Accelerometer
from sensing.clock import Clock
from sensing.source import About, AboutEvent, Link, LinkEvent, Notification, SourceEvent


class Mailbox:
    """A bounded queue.

    When it is full, packets are dropped until half of it is free again, and one OVERFLOW event stands in their place:
    a gap with a cause.
    """

    def __init__(self, clock: Clock, size: int, accelerometer: Accelerometer) -> None:
        self.packets_put = 0
        self._clock = clock
        self._accelerometer = accelerometer
        self._size = size
        self._events: deque[SourceEvent] = deque()
        self._packets_waiting = 0
        self._ready = asyncio.Event()
        self._dropped = 0
        self._overflow_t_s = 0.0

    def put_packet(self, packet: bytes) -> None:
        """A packet arrives now."""
        self.packets_put += 1
        t_s = self._clock.monotonic_s()
        if self._dropped and self._packets_waiting <= self._size // 2:
            self._end_overflow()
        if self._dropped or self._packets_waiting >= self._size:
            self._overflow_t_s = self._overflow_t_s if self._dropped else t_s
            self._dropped += 1
        else:
            self._packets_waiting += 1
            self._events.append(Notification(t_s, packet, self._accelerometer.motion_mg()))
        self._ready.set()

    def put_link(self, link: Link, detail: str) -> None:
        """The link changes now."""
        if self._dropped:
            self._end_overflow()
        self._events.append(LinkEvent(self._clock.monotonic_s(), link, detail))
        self._ready.set()

    def put_about(self, about: About) -> None:
        """The strap tells of itself now."""
        if self._dropped:
            self._end_overflow()
        self._events.append(AboutEvent(self._clock.monotonic_s(), about))
        self._ready.set()

    def wake(self) -> None:
        """Let the reader look again."""
        self._ready.set()

    async def next_unless(self, task: asyncio.Task[None]) -> SourceEvent | None:
        """The next event, or None once `task` has ended and everything was read."""
        while not self._events and not self._dropped:
            if task.done():
                return None
            self._ready.clear()
            await self._ready.wait()
        if not self._events:
            self._end_overflow()
        event = self._events.popleft()
        self._packets_waiting -= isinstance(event, Notification)
        return event

    def _end_overflow(self) -> None:
        self._events.append(
            LinkEvent(self._overflow_t_s, Link.OVERFLOW, f"{self._dropped} packets dropped: the reader fell behind")
        )
        self._dropped = 0
