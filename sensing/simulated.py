# ruff: noqa: ARG002, ANN401, FBT001  the signatures of the two backend classes are bleak’s
"""A bleak backend made of simulated straps: the demo and half the tests run the real strap.py on it.

The air is a pair of backend classes, made by `air`, that know the straps in it. Radio matters (advertising, connecting,
losing a link) happen in real time; the body, its beats and the arrival of packets follow the strap's clock.
"""

import asyncio
import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, ClassVar

from bleak.args import SizedBuffer
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, AdvertisementDataCallback, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError

from sensing.clock import Clock
from sensing.measurement import HEART_RATE_MEASUREMENT, TICKS_PER_SECOND, Contact, HeartRateMeasurement, pack
from sensing.nearby import HEART_RATE_SERVICE
from sensing.physiology import Beat, SimulatedBody
from sensing.polar import PMD_CONTROL_POINT, PMD_DATA, PMD_SERVICE
from sensing.scanner import Backend
from sensing.simulated_pmd import FEATURES, PmdServer, acceleration_frame

_ADVERTISING_INTERVAL_S = 0.05
_MOST_RR_IN_A_PACKET = 9
_PACKETS_BEFORE_OTHERS_RUN = 32
_SMOOTHED_OVER_BEATS = 8


class Trouble(StrEnum):
    """What can be wrong with a simulated strap."""

    OUT_OF_RANGE = "out of range"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Spell:
    """A trouble from `begins_s` until `ends_s` (body seconds)."""

    trouble: Trouble
    begins_s: float
    ends_s: float


class ArrivalClock:
    """A strap's clock as its receiver sees it: while a packet is handed over, the time at which it arrived.

    A computer at 120 times the speed of life that is busy for 100 ms would otherwise see a gap of 12 s and a burst.
    The time it tells never runs backwards.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._arriving_s: float | None = None
        self._latest_s = float("-inf")

    @property
    def speed(self) -> float:
        return self._clock.speed

    def monotonic_s(self) -> float:
        now_s = self._clock.monotonic_s() if self._arriving_s is None else self._arriving_s
        self._latest_s = max(self._latest_s, now_s)
        return self._latest_s

    def utc_now(self) -> datetime:
        return self._clock.utc_now()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    def deliver(self, arriving_s: float, hand_over: Callable[[], None]) -> None:
        """Call `hand_over` at clock time `arriving_s`."""
        self._arriving_s = arriving_s
        try:
            hand_over()
        finally:
            self._arriving_s = None


class SimulatedStrap:
    """A chest strap on a simulated body.

    Args:
        name: what it advertises.
        body: whose heart it hears.
        clock: the pace of the body.
        address: its Bluetooth address.
        body_s: the body's second at which the strap is put on, now. A restarted process passes how far it had come.
        spells: troubles that are part of the scenario.
        seed: of the jitter with which packets arrive.
        motion_mg: with an accelerometer, as a Polar H10 has one: how much the wearer moves (mean amplitude deviation) at a
            body second. None for a strap without.

    Attributes:
        arrival_clock: give this clock to the `Strap` that listens, so that a busy computer invents no gaps.
        in_range: False breaks the link and hides the strap until it is True again.
        silent: True keeps the link and sends nothing.
        packets_sent: how many notifications left the strap.
    """

    def __init__(
        self,
        name: str,
        body: SimulatedBody,
        clock: Clock,
        *,
        address: str = "51:AA:00:00:00:01",
        body_s: float = 0.0,
        spells: Iterable[Spell] = (),
        seed: int = 1,
        motion_mg: Callable[[float], float] | None = None,
    ) -> None:
        self.name = name
        self.motion_mg = motion_mg
        self.address = address
        self.body = body
        self.arrival_clock = ArrivalClock(clock)
        self.silent = False
        self.packets_sent = 0
        self._in_range = True
        self._clock = clock
        self._zero_s = clock.monotonic_s() - body_s
        self._spells = tuple(spells)
        self._rng = random.Random(f"{seed} arrivals")  # noqa: S311  a simulation, not a secret
        self._listeners: list[_Listener] = []
        self._recent_ticks: list[int] = []
        self._second = int(body_s)
        body.advance(body_s)

    def body_now_s(self) -> float:
        """The body's second at this moment."""
        return self._clock.monotonic_s() - self._zero_s

    def begin_pause(self, t_s: float | None = None) -> None:
        """The wearer pauses at body second `t_s`, or now."""
        self.body.begin_pause(self.body_now_s() if t_s is None else t_s)

    @property
    def in_range(self) -> bool:
        return self._in_range

    @in_range.setter
    def in_range(self, in_range: bool) -> None:
        self._in_range = in_range
        if not in_range:
            self.break_link()

    @property
    def connectable(self) -> bool:
        """Whether it advertises: in range, and nobody holds its only link."""
        return self._reachable(self.body_now_s()) and not any(one.linked for one in self._listeners)

    def break_link(self) -> None:
        """The radio link breaks, as it does; the strap can be found again at once."""
        for listener in self._listeners:
            listener.link_broke()

    def attach(self, listener: "_Listener") -> None:
        """A client connected. What the heart did before is not sent: straps keep no beats."""
        self._listeners.append(listener)
        self._skip_to(self.body_now_s())

    def detach(self, listener: "_Listener") -> None:
        """A client disconnected. Until it does, a broken link leaves its subscription behind, as BlueZ does."""
        with suppress(ValueError):
            self._listeners.remove(listener)

    async def send(self) -> None:
        """Send about one packet a clock second for as long as somebody is connected, catching up after a stall."""
        while any(one.linked for one in self._listeners):
            late_s = self.body_now_s() - (self._second + 1.08)
            if late_s < 0:
                await self._clock.sleep(-late_s)
            else:
                await asyncio.sleep(0)
            self._catch_up()

    def _catch_up(self) -> None:
        """Send what is due, at most a few packets, so that others can read them."""
        for _ in range(_PACKETS_BEFORE_OTHERS_RUN):
            if self._second + 1.08 > self.body_now_s():
                return
            self._second += 1
            self._send_at(self._second + self._rng.uniform(0.0, 0.08))

    def _send_at(self, t_s: float) -> None:
        """What happens at body second `t_s`: a packet, silence, or the link breaking."""
        beats = self.body.advance(t_s)
        if not self._reachable(t_s):
            self.break_link()
        elif not self.silent and not self._in_spell(Trouble.SILENT, t_s):
            for packet in self._packets(t_s, beats):
                self.packets_sent += 1
                self.arrival_clock.deliver(self._zero_s + t_s, partial(self._notify, packet))
            if self.motion_mg is not None:
                frame = acceleration_frame(t_s, self.motion_mg(t_s))
                self.arrival_clock.deliver(self._zero_s + t_s, partial(self._notify_motion, frame))

    def _notify(self, packet: bytes) -> None:
        for listener in self._listeners:
            listener.notify(packet)

    def _notify_motion(self, frame: bytes) -> None:
        for listener in self._listeners:
            listener.notify_motion(frame)

    def _packets(self, t_s: float, beats: list[Beat]) -> list[bytes]:
        lost = self.body.scenario.contact_lost
        if lost(t_s):
            self._recent_ticks.clear()
            return [pack(HeartRateMeasurement(None, Contact.LOST))]
        ticks = [beat.rr_ticks for beat in beats if not lost(beat.t_s - beat.rr_ticks / TICKS_PER_SECOND)]
        self._recent_ticks = [*self._recent_ticks, *ticks][-_SMOOTHED_OVER_BEATS:]
        parts = [tuple(ticks[at : at + _MOST_RR_IN_A_PACKET]) for at in range(0, len(ticks), _MOST_RR_IN_A_PACKET)]
        return [pack(HeartRateMeasurement(self._smoothed_bpm(), Contact.GOOD, None, part)) for part in parts or [()]]

    def _smoothed_bpm(self) -> int | None:
        """The strap's own figure: the mean over its last few intervals."""
        ticks = self._recent_ticks
        return round(60 * TICKS_PER_SECOND * len(ticks) / sum(ticks)) if ticks else None

    def _skip_to(self, body_s: float) -> None:
        self.body.advance(body_s)
        self._second = int(body_s)

    def _reachable(self, body_s: float) -> bool:
        return self._in_range and not self._in_spell(Trouble.OUT_OF_RANGE, body_s)

    def _in_spell(self, trouble: Trouble, body_s: float) -> bool:
        return any(one.trouble is trouble and one.begins_s <= body_s < one.ends_s for one in self._spells)


class _Listener:
    """One client's link to a strap, as the strap sees it."""

    def __init__(self, on_broken: Callable[[], None]) -> None:
        self.linked = True
        self.callback: NotifyCallback | None = None
        self.pmd = PmdServer()
        self._on_broken = on_broken

    def notify(self, packet: bytes) -> None:
        if self.callback is not None:
            self.callback(bytearray(packet))

    def notify_motion(self, frame: bytes) -> None:
        self.pmd.send(frame)

    def link_broke(self) -> None:
        if self.linked:
            self.linked = False
            self._on_broken()


def air(straps: Iterable[SimulatedStrap]) -> Backend:
    """A backend in which exactly these straps are on the air.

    >>> from contextlib import aclosing
    >>> from datetime import UTC
    >>> from sensing.clock import AcceleratedClock
    >>> from sensing.strap import Strap
    >>> async def first_changes(count: int) -> list[str]:
    ...     clock = AcceleratedClock(60.0, datetime.now(UTC))
    ...     worn = SimulatedStrap("Simulated strap", SimulatedBody(seed=1), clock)
    ...     strap = Strap(worn.name, clock=worn.arrival_clock, backend=air([worn]))
    ...     async with aclosing(strap.events()) as events:
    ...         return [(await anext(events)).link for _ in range(count)]
    >>> asyncio.run(first_changes(3))
    [<Link.SEARCHING: 'searching'>, <Link.CONNECTING: 'connecting'>, <Link.CONNECTED: 'connected'>]
    """
    members = {"straps": {strap.address: strap for strap in straps}}
    return Backend(type("AirScanner", (_AirScanner,), members), type("AirClient", (_AirClient,), members))


class _AirScanner(BaseBleakScanner):
    """Hears the straps that are free and in range."""

    straps: ClassVar[dict[str, SimulatedStrap]] = {}

    def __init__(
        self,
        detection_callback: AdvertisementDataCallback | None,
        service_uuids: list[str] | None,
        scanning_mode: str,
        **_: Any,
    ) -> None:
        super().__init__(detection_callback, service_uuids)
        self._timer: asyncio.Handle | None = None

    async def start(self) -> None:
        self.seen_devices = {}
        self._timer = asyncio.get_running_loop().call_soon(self._hear)

    async def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _hear(self) -> None:
        for strap in self.straps.values():
            advertisement = AdvertisementData(strap.name, {}, {}, [HEART_RATE_SERVICE], None, -55, ())
            if strap.connectable and self.is_allowed_uuid(advertisement.service_uuids):
                device = self.create_or_update_device(strap.address, strap.address, strap.name, None, advertisement)
                self.call_detection_callbacks(device, advertisement)
        self._timer = asyncio.get_running_loop().call_later(_ADVERTISING_INTERVAL_S, self._hear)


class _AirClient(BaseBleakClient):
    """A link to one of the straps, with the characteristics that matter."""

    straps: ClassVar[dict[str, SimulatedStrap]] = {}

    def __init__(self, address_or_ble_device: BLEDevice | str, services: set[str] | None = None, **kwargs: Any) -> None:
        super().__init__(address_or_ble_device, **kwargs)
        self._strap: SimulatedStrap | None = None
        self._listener: _Listener | None = None
        self._sending: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        return self.straps[self.address].name

    @property
    def mtu_size(self) -> int:
        return 23

    @property
    def is_connected(self) -> bool:
        return self._listener is not None and self._listener.linked

    async def connect(self, pair: bool, **_: Any) -> None:
        strap = self.straps.get(self.address)
        if strap is None or not strap.connectable:
            raise BleakDeviceNotFoundError(self.address, f"{self.address} is not on the air")
        self._strap, self._listener = strap, _Listener(self._on_broken)
        self.services = _services(with_motion=strap.motion_mg is not None)
        strap.attach(self._listener)

    def _on_broken(self) -> None:
        self.services = None
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def disconnect(self) -> None:
        sending, self._sending = self._sending, None
        if sending is not None:
            sending.cancel()
            await asyncio.wait({sending})
        if self._strap is not None and self._listener is not None:
            self._listener.link_broke()
            self._strap.detach(self._listener)

    async def start_notify(
        self, characteristic: BleakGATTCharacteristic, callback: NotifyCallback, **kwargs: Any
    ) -> None:
        if self._strap is None or self._listener is None or not self._listener.linked:
            raise BleakError("Not connected")
        if self._listener.pmd.subscribed(characteristic.uuid, callback):
            return
        self._listener.callback = callback
        self._sending = asyncio.create_task(self._strap.send(), name=f"simulated {self._strap.name}")

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        if self._listener is not None:
            self._listener.callback = None

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        """Simulated straps need no pairing."""

    async def unpair(self) -> None:
        """Simulated straps need no pairing."""

    async def read_gatt_char(
        self, characteristic: BleakGATTCharacteristic, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        if characteristic.uuid == PMD_CONTROL_POINT:
            return bytearray(FEATURES)
        raise BleakError("a simulated strap has nothing else to read")

    async def read_gatt_descriptor(
        self, descriptor: BleakGATTDescriptor, *, use_cached: bool = False, **kwargs: Any
    ) -> bytearray:
        raise BleakError("a simulated strap has nothing to read")

    async def write_gatt_char(self, characteristic: BleakGATTCharacteristic, data: SizedBuffer, response: bool) -> None:
        if characteristic.uuid != PMD_CONTROL_POINT or self._listener is None:
            raise BleakError("nothing else of a simulated strap can be written to")
        self._listener.pmd.command(bytes(data))

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        raise BleakError("a simulated strap cannot be written to")


def _services(*, with_motion: bool) -> BleakGATTServiceCollection:
    services = BleakGATTServiceCollection()
    heart = BleakGATTService(None, 1, HEART_RATE_SERVICE)
    services.add_service(heart)
    services.add_characteristic(BleakGATTCharacteristic(None, 2, HEART_RATE_MEASUREMENT, ["notify"], lambda: 20, heart))
    if with_motion:
        pmd = BleakGATTService(None, 10, PMD_SERVICE)
        services.add_service(pmd)
        services.add_characteristic(
            BleakGATTCharacteristic(None, 11, PMD_CONTROL_POINT, ["read", "write", "indicate"], lambda: 20, pmd)
        )
        services.add_characteristic(BleakGATTCharacteristic(None, 14, PMD_DATA, ["notify"], lambda: 20, pmd))
    return services
