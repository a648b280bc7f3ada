"""One strap on the air: find, connect, subscribe, watch, reconnect. The only module that needs a radio.

Waiting is in real seconds throughout: a radio does not run on an accelerated clock. Only the times written on events
come from the clock.
"""

import asyncio
import random
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice

from sensing.accelerometer import Accelerometer
from sensing.clock import Clock
from sensing.scanner import HEART_RATE_MEASUREMENT, Backend, NoAdapter, find, matches, radio_turn
from sensing.source import Link, LinkEvent, Notification, SourceEvent

__all__ = ["NoAdapter", "Strap", "StrapSettings", "matches"]

_SPELLS_OF_SILENCE = 10


@dataclass(frozen=True, slots=True)
class StrapSettings:
    """How patient the loop is. All in real seconds, except the queue's size.

    Attributes:
        scan_s: how long one search lasts before the radio is given to somebody else.
        connect_s: how long connecting, discovering services and subscribing may take together.
        silence_s: a link that delivers nothing for so long is given up. Straps send about once a second.
        disconnect_s: how long saying goodbye may take between two connections.
        closing_s: how long it may take when the source is closed.
        first_pause_s, longest_pause_s: the pause before the next try; doubles each time in vain, minus jitter.
        queue_size: packets kept for a consumer that has fallen behind.
    """

    scan_s: float = 8.0
    connect_s: float = 20.0
    silence_s: float = 10.0
    disconnect_s: float = 5.0
    closing_s: float = 0.7
    first_pause_s: float = 0.5
    longest_pause_s: float = 15.0
    queue_size: int = 1024


class Strap:
    """A strap as a source of events. The link is looked after until the iterator is closed.

    Args:
        wanted: the strap's whole name or its address.
        clock: stamps the events.
        settings: how patient to be.
        backend: bleak's two backends, for straps that are not on the air; None for the system's Bluetooth.
        rng: jitter for the pauses between tries, so that two straps do not stay in step.
    """

    def __init__(
        self,
        wanted: str,
        *,
        clock: Clock,
        settings: StrapSettings | None = None,
        backend: Backend | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.wanted = wanted
        self._clock = clock
        self._settings = settings or StrapSettings()
        self._backend = backend
        self._rng = rng or random.Random()  # noqa: S311  jitter, not a secret

    async def events(self) -> AsyncGenerator[SourceEvent]:
        """Packets and changes of the link, in the order they happened.

        Closing the iterator, or cancelling the task that awaits it, disconnects and returns within a second.

        Raises:
            NoAdapter: at the first search only. A radio that disappears later is a gap like any other.
        """
        accelerometer = Accelerometer(self._clock)
        mailbox = _Mailbox(self._clock, self._settings.queue_size, accelerometer)
        keeper = _LinkKeeper(self.wanted, mailbox, accelerometer, self._settings, self._backend, self._rng)
        task = asyncio.create_task(keeper.keep(), name=f"strap {self.wanted}")
        task.add_done_callback(lambda _: mailbox.wake())
        try:
            while True:
                event = await mailbox.next_unless(task)
                if event is None:
                    task.result()
                    return
                yield event
        finally:
            await _end(task, self._settings.closing_s)


async def _end(task: asyncio.Task[None], within_s: float) -> None:
    """Cancel `task`, and once more if it is still busy saying goodbye after `within_s`."""
    for patience_s in (within_s + 0.1, 0.1):
        task.cancel()
        await asyncio.wait({task}, timeout=patience_s)
        if task.done():
            break
    if task.done() and not task.cancelled():
        task.exception()  # seen: asyncio need not report it again


class _LinkKeeper:
    """The supervised loop."""

    def __init__(
        self,
        wanted: str,
        mailbox: "_Mailbox",
        accelerometer: Accelerometer,
        settings: StrapSettings,
        backend: Backend | None,
        rng: random.Random,
    ) -> None:
        self._wanted = wanted
        self._mailbox = mailbox
        self._accelerometer = accelerometer
        self._settings = settings
        self._backend = backend
        self._rng = rng
        self._radio_has_worked = False
        self._tries_in_vain = 0
        self._said: Link | None = None

    async def keep(self) -> None:
        """Run until cancelled, or until the first search finds no radio."""
        while True:
            device = await self._search()
            if device is not None:
                packets_before = self._mailbox.packets_put
                await self._stay_with(device)
                if self._mailbox.packets_put > packets_before:
                    self._tries_in_vain = 0
            await asyncio.sleep(self._pause_s())

    async def _search(self) -> BLEDevice | None:
        """One search. BlueZ forgets a device when scanning stops, so each cycle searches anew."""
        self._say(Link.SEARCHING, f"looking for {self._wanted}")
        try:
            device = await find(self._wanted, self._settings.scan_s, backend=self._backend)
        except NoAdapter as error:
            if not self._radio_has_worked:
                raise
            self._say(Link.FAILED, str(error.obstacle))
            return None
        except Exception as error:  # noqa: BLE001  whatever a Bluetooth stack raises, the talk goes on
            self._say(Link.FAILED, _in_words(error))
            return None
        self._radio_has_worked = True
        return device

    async def _stay_with(self, device: BLEDevice) -> None:
        """Connect, subscribe, and stay until the link is gone or silent."""
        gone = asyncio.Event()
        client = BleakClient(
            device,
            lambda _: gone.set(),
            timeout=self._settings.connect_s,
            backend=None if self._backend is None else self._backend.client,
        )
        self._say(Link.CONNECTING, device.name or device.address)
        try:
            async with radio_turn(), asyncio.timeout(self._settings.connect_s):
                await client.connect()
                self._say(Link.CONNECTED, device.name or device.address)
                await client.start_notify(HEART_RATE_MEASUREMENT, self._on_packet)
            listening = asyncio.create_task(self._listen_to_motion(client), name="accelerometer")
            try:
                await self._until_gone_or_silent(gone)
            finally:
                listening.cancel()
                await asyncio.wait({listening})
        except Exception as error:  # noqa: BLE001  whatever a Bluetooth stack raises, the talk goes on
            self._say(Link.FAILED, _in_words(error))
        finally:
            await self._say_goodbye(client)

    async def _listen_to_motion(self, client: BleakClient) -> None:
        """Heartbeats come first: whatever becomes of the accelerometer, they go on."""
        with suppress(Exception):
            await self._accelerometer.start(client)

    def _say(self, link: Link, detail: str) -> None:
        """Report a change; searching on and on is one state, not many changes."""
        if link is not Link.SEARCHING or self._said is not Link.SEARCHING:
            self._mailbox.put_link(link, detail)
        self._said = link

    def _on_packet(self, _: BleakGATTCharacteristic, packet: bytearray) -> None:
        self._mailbox.put_packet(bytes(packet))

    async def _until_gone_or_silent(self, gone: asyncio.Event) -> None:
        """Watch the link.

        Silence is counted in short spells and not read off a clock: a computer that was asleep or busy must not take
        its own absence for the strap's.
        """
        quiet_spells = 0
        while quiet_spells < _SPELLS_OF_SILENCE:
            packets_before = self._mailbox.packets_put
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.silence_s / _SPELLS_OF_SILENCE):
                    await gone.wait()
                self._say(Link.LOST, "the link broke")
                return
            quiet_spells = 0 if self._mailbox.packets_put > packets_before else quiet_spells + 1
        self._say(Link.SILENT, f"nothing received for {self._settings.silence_s:g} s")

    async def _say_goodbye(self, client: BleakClient) -> None:
        """Disconnect, even when already disconnected.

        A client dropped without it stays subscribed inside BlueZ, and the next connection delivers every packet twice
        (hbldh/bleak#2002). Packets cannot be told apart afterwards: equal ones in a row are legal.
        """
        with suppress(Exception):
            async with asyncio.timeout(self._settings.disconnect_s):
                try:
                    async with asyncio.timeout(self._settings.disconnect_s / 2):
                        await self._accelerometer.stop(client)
                finally:
                    await client.disconnect()

    def _pause_s(self) -> float:
        """Seconds until the next try, between half and all of a doubling pause."""
        longest_s = min(self._settings.first_pause_s * 2.0**self._tries_in_vain, self._settings.longest_pause_s)
        self._tries_in_vain = min(self._tries_in_vain + 1, 16)
        return longest_s * self._rng.uniform(0.5, 1.0)


def _in_words(error: Exception) -> str:
    """What went wrong, on one line."""
    return f"{type(error).__name__}: {error}".rstrip(": ").splitlines()[0]


class _Mailbox:
    """Events between the radio's callback and the consumer: packets bounded, changes of the link always kept.

    When it is full, packets are dropped until half of it is free again, and one OVERFLOW event stands in their place:
    a gap with a cause.
    """

    def __init__(self, clock: Clock, size: int, accelerometer: Accelerometer) -> None:
        self.packets_put = 0
        self._clock = clock
        self._accelerometer = accelerometer
        self._size = size
        self._events: deque[SourceEvent] = deque()
        self._ready = asyncio.Event()
        self._dropped = 0
        self._overflow_t_s = 0.0

    def put_packet(self, packet: bytes) -> None:
        self.packets_put += 1
        t_s = self._clock.monotonic_s()
        if self._dropped and len(self._events) <= self._size // 2:
            self._end_overflow()
        if self._dropped or len(self._events) >= self._size:
            self._overflow_t_s = self._overflow_t_s if self._dropped else t_s
            self._dropped += 1
        else:
            self._events.append(Notification(t_s, packet, self._accelerometer.motion_mg()))
        self._ready.set()

    def put_link(self, link: Link, detail: str) -> None:
        if self._dropped:
            self._end_overflow()
        self._events.append(LinkEvent(self._clock.monotonic_s(), link, detail))
        self._ready.set()

    def wake(self) -> None:
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
        return self._events.popleft()

    def _end_overflow(self) -> None:
        self._events.append(
            LinkEvent(self._overflow_t_s, Link.OVERFLOW, f"{self._dropped} packets dropped: the reader fell behind")
        )
        self._dropped = 0
