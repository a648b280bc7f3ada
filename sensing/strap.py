"""One strap on the air: find, connect, subscribe, watch, reconnect. The only module that needs a radio.

Waiting is in real seconds throughout: a radio does not run on an accelerated clock. Only the times written on events
come from the clock.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError

from sensing import about, bluez
from sensing.accelerometer import Accelerometer
from sensing.clock import Clock, ahead_s
from sensing.link import Came, LinkMachine
from sensing.mailbox import Mailbox
from sensing.measurement import HEART_RATE_MEASUREMENT
from sensing.nearby import Wanted
from sensing.no_radio import NoAdapter
from sensing.radio_words import in_words, may_be_refusal
from sensing.scanner import Backend, reach, wearing
from sensing.source import SourceEvent

_SPELLS_OF_SILENCE = 10
_SPELLS_AFTER_SLEEP = 2
_SLEPT_S = 5.0
"""The time of day ran ahead of the monotonic clock by so much: the computer slept."""

_REFUSALS_SAID = 2
_UNHEARD = "not heard for {seconds:.0f} s: it wakes on skin, and another app or watch may be holding it"
_HELD = "heard, but it lets nobody in: another app or watch may be holding it"


@dataclass(frozen=True, slots=True)
class StrapSettings:
    """How patient the loop is. All in real seconds, except the queue's size.

    Attributes:
        scan_s: how long one search lasts before the radio is given to somebody else.
        connect_s: how long connecting, discovering services and subscribing may take together.
        silence_s: a link that delivers nothing for so long is given up. Straps send about once a second.
        disconnect_s: how long saying goodbye may take between two connections.
        closing_s: how long it may take when the source is closed.
        first_pause_s, longest_pause_s: the pause before the next try; doubles each time in vain, minus jitter. Short: a strap
            that comes back is to be heard within five seconds, however long it was away.
        unheard_s: a search in vain that is worth a word.
        queue_size: packets kept for a consumer that has fallen behind.
    """

    scan_s: float = 8.0
    connect_s: float = 20.0
    silence_s: float = 10.0
    disconnect_s: float = 5.0
    closing_s: float = 0.7
    first_pause_s: float = 0.5
    longest_pause_s: float = 2.0
    unheard_s: float = 20.0
    queue_size: int = 1024


class Strap:
    """A strap as a source of events. The link is looked after until the iterator is closed.

    Args:
        wanted: the strap's whole name or its address.
        clock: stamps the events.
        settings: how patient to be.
        backend: bleak's two backends, for straps that are not on the air; None for the system's Bluetooth.
        rng: jitter for the pauses between tries, so that two straps do not stay in step.
        ahead_s: how far the time of day is ahead of the monotonic clock, to notice that the computer slept.
        device_id: the address (on macOS the identifier) by which this computer remembers the strap; it alone decides then.
        never: ids of straps that are other people's, in lower case.
    """

    def __init__(
        self,
        wanted: str,
        *,
        clock: Clock,
        settings: StrapSettings | None = None,
        backend: Backend | None = None,
        rng: random.Random | None = None,
        ahead_s: Callable[[], float] = ahead_s,
        device_id: str | None = None,
        never: frozenset[str] = frozenset(),
    ) -> None:
        self.wanted = wanted
        self.device_id = device_id
        self._never = never
        self._clock = clock
        self._settings = settings or StrapSettings()
        self._backend = backend
        self._ahead_s = ahead_s
        self._rng = rng or random.Random()  # noqa: S311  jitter, not a secret

    async def events(self) -> AsyncGenerator[SourceEvent]:
        """Packets, changes of the link, and what the strap tells of itself, in the order they happened.

        Closing the iterator, or cancelling the task that awaits it, disconnects and returns within a second.

        Raises:
            NoAdapter: at the first search only. A radio that disappears later is a gap like any other.
        """
        accelerometer = Accelerometer(self._clock)
        mailbox = Mailbox(self._clock, self._settings.queue_size, accelerometer)
        wanted = Wanted(self.wanted, self.device_id, self._never)
        keeper = _LinkKeeper(wanted, mailbox, accelerometer, self._ahead_s, self._settings, self._backend, self._rng)
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
    """The supervised loop. What may follow what is in `sensing.link`."""

    def __init__(
        self,
        wanted: Wanted,
        mailbox: Mailbox,
        accelerometer: Accelerometer,
        ahead_s: Callable[[], float],
        settings: StrapSettings,
        backend: Backend | None,
        rng: random.Random,
    ) -> None:
        self._wanted = wanted
        self._mailbox = mailbox
        self._accelerometer = accelerometer
        self._ahead_s = ahead_s
        self._settings = settings
        self._backend = backend
        self._rng = rng
        self._link = LinkMachine()
        self._radio_has_worked = False
        self._tries_in_vain = 0
        self._refusals = 0
        self._unheard_s = 0.0
        self._energy_is_full = asyncio.Event()

    async def keep(self) -> None:
        """Run until cancelled, or until the first search finds no radio."""
        async with _beside(bluez.follow() if self._backend is None else None):
            while True:
                packets_before = self._mailbox.packets_put
                self._came(Came.TURN, f"looking for {self._wanted.text}")
                try:
                    await self._try_once()
                except NoAdapter as error:
                    if not self._radio_has_worked:
                        raise
                    self._came(Came.TROUBLE, str(error.obstacle))
                except _NotLetIn as refused:
                    self._not_let_in(refused.reason)
                except Exception as error:  # noqa: BLE001  whatever a Bluetooth stack raises, the talk goes on
                    self._came(Came.TROUBLE, in_words(error))
                if self._mailbox.packets_put > packets_before:
                    self._tries_in_vain = 0
                await asyncio.sleep(pause_s(self._settings, self._tries_in_vain, self._rng))
                self._tries_in_vain += 1

    async def _try_once(self) -> None:
        """Search, and if the strap is heard, stay with it until the link is over."""
        gone = asyncio.Event()
        client: BleakClient | None = None
        worn = ExitStack()
        try:
            # BlueZ forgets a device when scanning stops (hbldh/bleak#377), so each try searches anew.
            looking = reach(self._wanted, self._settings.scan_s, backend=self._backend, begun=self._radio_works)
            async with looking as device:
                if device is None:
                    self._not_heard()
                    return
                self._unheard_s = 0.0
                worn.enter_context(wearing(device, self._backend))
                client = self._client(device, gone)
                await self._connect(client, device)
            await self._stay(client, device, gone)
        finally:
            with worn:
                if client is not None:
                    await self._say_goodbye(client)

    def _radio_works(self) -> None:
        self._radio_has_worked = True

    def _not_heard(self) -> None:
        self._refusals = 0
        self._unheard_s += self._settings.scan_s
        if self._unheard_s < self._settings.unheard_s:
            self._came(Came.NOTHING, f"looking for {self._wanted.text}")
        else:
            self._came(Came.LONG_NOTHING, _UNHEARD.format(seconds=self._settings.unheard_s))

    def _client(self, device: BLEDevice, gone: asyncio.Event) -> BleakClient:
        return BleakClient(
            device,
            lambda _: gone.set(),
            timeout=self._settings.connect_s,
            backend=None if self._backend is None else self._backend.client,
        )

    async def _connect(self, client: BleakClient, device: BLEDevice) -> None:
        """Connect and subscribe.

        Raises:
            _NotLetIn: there is no link.
            Exception: there is one, but it does not do; whatever the Bluetooth stack raises.
        """
        name = device.name or device.address
        until_s = asyncio.get_running_loop().time() + self._settings.connect_s
        self._came(Came.HEARD, name)
        self._energy_is_full.clear()
        try:
            async with asyncio.timeout_at(until_s):
                await _unbroken(client.connect())
        except Exception as error:
            raise _NotLetIn(error) from error
        finally:
            bluez.forget_half_a_question()  # straps connect in turn, so nobody else waits for its answer
        self._refusals = 0
        self._came(Came.CONNECTED, name)
        async with asyncio.timeout_at(until_s):
            await _unbroken(client.start_notify(HEART_RATE_MEASUREMENT, self._on_packet))

    def _not_let_in(self, reason: Exception) -> None:
        """Once is chance. Twice in a row, and it is likely that somebody else holds the strap's only link."""
        self._refusals = self._refusals + 1 if may_be_refusal(reason) else 0
        if self._refusals < _REFUSALS_SAID:
            self._came(Came.TROUBLE, in_words(reason))
        else:
            self._came(Came.REFUSED_AGAIN, _HELD)

    async def _stay(self, client: BleakClient, device: BLEDevice, gone: asyncio.Event) -> None:
        """Stay until the link is gone or silent, and listen to what else the strap has to tell."""
        async with _beside(self._listen_to_the_rest(client, device)):
            await self._until_gone_or_silent(gone)

    async def _listen_to_the_rest(self, client: BleakClient, device: BLEDevice) -> None:
        """Heartbeats come first: whatever becomes of the rest, they go on."""
        with suppress(Exception):
            await self._accelerometer.start(client)
        await about.tell(client, device, self._mailbox.put_about)
        while True:
            await self._energy_is_full.wait()
            await about.reset_energy(client)
            self._energy_is_full.clear()

    def _came(self, came: Came, detail: str) -> None:
        said = self._link.step(came, detail)
        if said is not None:
            self._mailbox.put_link(said, detail)

    def _on_packet(self, _: BleakGATTCharacteristic, value: bytearray) -> None:
        packet = bytes(value)
        self._mailbox.put_packet(packet)
        if about.wants_energy_reset(packet):
            self._energy_is_full.set()

    async def _until_gone_or_silent(self, gone: asyncio.Event) -> None:
        """Watch the link.

        Silence is counted in short spells and not read off a clock: a computer that was asleep or busy must not take
        its own absence for the strap's.
        """
        quiet_spells, patience, ahead_s = 0, _SPELLS_OF_SILENCE, self._ahead_s()
        while quiet_spells < patience and not gone.is_set():
            packets_before = self._mailbox.packets_put
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.silence_s / _SPELLS_OF_SILENCE):
                    await gone.wait()
            heard = self._mailbox.packets_put > packets_before
            if self._ahead_s() - ahead_s > _SLEPT_S:
                # Few links survive a sleep, and only some of those that do not are reported as broken.
                patience, quiet_spells = _SPELLS_AFTER_SLEEP, 0
            elif heard:
                patience, quiet_spells = _SPELLS_OF_SILENCE, 0
            else:
                quiet_spells += 1
            ahead_s = self._ahead_s()
        if patience == _SPELLS_AFTER_SLEEP:
            self._came(Came.SLEEP, "this computer slept, and the link did not outlive it")
        elif gone.is_set():
            self._came(Came.BREAK, "the link broke")
        else:
            self._came(Came.SILENCE, f"nothing received for {self._settings.silence_s:g} s")

    async def _say_goodbye(self, client: BleakClient) -> None:
        """Disconnect, even when already disconnected.

        A client dropped without it stays subscribed inside BlueZ, and the next connection delivers every packet twice
        (hbldh/bleak#2002). Packets cannot be told apart afterwards: equal ones in a row are legal.
        """
        with suppress(Exception):
            async with asyncio.timeout(self._settings.disconnect_s):
                try:
                    async with asyncio.timeout(self._settings.disconnect_s / 2):
                        await _unbroken(self._accelerometer.stop(client))
                finally:
                    await client.disconnect()


def pause_s(settings: StrapSettings, tries_in_vain: int, rng: random.Random) -> float:
    """Seconds until the next try, between half and all of a doubling pause."""
    longest_s = min(settings.first_pause_s * 2.0 ** min(tries_in_vain, 16), settings.longest_pause_s)
    return longest_s * rng.uniform(0.5, 1.0)


class _NotLetIn(Exception):
    """The strap was heard, and connecting failed for this `reason`."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None] | None) -> AsyncIterator[None]:
    """Let `work` run while this lasts."""
    if work is None:
        yield
        return
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _unbroken(work: Awaitable[None]) -> None:
    """Await `work`. Some stacks cancel what waits for a link that breaks; that is an error of the link, not our end."""
    try:
        await work
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise BleakError("the link broke") from error
