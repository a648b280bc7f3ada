"""The one radio: scanning for everybody who listens, and taking turns to connect.

BlueZ answers a second scan or connect with "in progress" while one is running (hbldh/bleak#1036, #1628), so one scan
serves everybody who listens, it rests while somebody connects, and only one connects at a time.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from bleak import BleakAdapter, BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner

from sensing.nearby import HEART_RATE_SERVICE, Nearby, Wanted, nearby
from sensing.no_radio import RadioStuck, no_adapter_is_said

ANSWERS_WITHIN_S = 5.0
"""How long the system's Bluetooth may take to begin and to end a search, beyond the search itself."""


@dataclass(frozen=True, slots=True)
class Backend:
    """What bleak's two `backend=` arguments take. Without one, bleak uses the operating system's Bluetooth."""

    scanner: type[BaseBleakScanner]
    client: type[BaseBleakClient]


_worn: WeakKeyDictionary[asyncio.AbstractEventLoop, set[tuple[Backend | None, str]]] = WeakKeyDictionary()


def _worn_now() -> set[tuple[Backend | None, str]]:
    return _worn.setdefault(asyncio.get_running_loop(), set())


@contextmanager
def wearing(device: BLEDevice, backend: Backend | None) -> Iterator[None]:
    """While this lasts `device` is one wearer's, and nobody else in this program reaches it, whatever it is called."""
    key = (backend, device.address.casefold())
    _worn_now().add(key)
    try:
        yield
    finally:
        _worn_now().discard(key)


class _Listener:
    """Somebody who listens.

    Attributes:
        hears: told of every advertisement; True says that this is the one.
        already: who may be connected to this computer, which is looked up before the first scan; None once it was, and
            for those who only want to know who is near.
        begun: a scan is on.
        found: the one, once nobody else is connecting.
        left: set when the listener has gone: connected, given up, or cancelled.
    """

    def __init__(self, hears: Callable[[BLEDevice, AdvertisementData], bool], already: Wanted | None) -> None:
        self.hears = hears
        self.already = already
        self.begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.found: asyncio.Future[BLEDevice] = asyncio.get_running_loop().create_future()
        self.left = asyncio.Event()

    async def waited(self, seconds: float) -> bool:
        """Wait for `seconds` of a scan; return whether it was found. Raises what stands in the way of scanning."""
        either: set[asyncio.Future[Any]] = {self.begun, self.found}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({self.found}, timeout=seconds)
        if self.found.done():
            self.found.result()
        return self.found.done()

    def cannot(self, error: Exception) -> None:
        """Nothing can be heard."""
        self.found.set_exception(error)
        self.found.exception()  # seen: asyncio need not report it where nobody waits any more


class _SharedScanner:
    """One scan for all listeners, with pauses in which those who were found connect, one after the other."""

    def __init__(self, backend: Backend | None) -> None:
        self._backend = backend
        self._listeners: list[_Listener] = []
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.serving = False

    @asynccontextmanager
    async def listening(self, listener: _Listener) -> AsyncIterator[None]:
        """Listen while this lasts. The scan has ended when the last listener is gone."""
        self._listeners.append(listener)
        self._news.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work(), name="shared scanner")
        try:
            yield
        finally:
            self._listeners.remove(listener)
            listener.left.set()
            self._news.set()
            if not self._listeners and self._task is not None:
                await asyncio.wait({self._task})

    @property
    def is_idle(self) -> bool:
        """Nobody listens."""
        return not self._listeners

    def begin_anew(self) -> None:
        """The radio was off, or its service gone: a scan from before that hears nothing any more."""
        self._news.set()

    async def _work(self) -> None:
        while waiting := self._waiting():
            self._news.clear()
            try:
                found = await self._already_connected(waiting) or await self._hear(waiting)
            except Exception as error:  # noqa: BLE001  whatever a Bluetooth stack raises is for those who listen
                for listener in self._waiting():
                    listener.cannot(error)
                return
            await self._serve(found)

    def _waiting(self) -> list[_Listener]:
        return [listener for listener in self._listeners if not listener.found.done()]

    async def _already_connected(self, waiting: list[_Listener]) -> dict[_Listener, BLEDevice]:
        """Straps that this computer is connected to do not advertise.

        Another program here may hold them, or a crash has left the link up, or BlueZ only believes that it is
        (bleak-retry-connector#226). In each case connecting, and disconnecting, sets it right.
        """
        asking = [listener for listener in waiting if listener.already is not None]
        if self._backend is not None or not asking:
            return {}
        found = {}
        with suppress(Exception):  # not every system can tell; the scan says what is wrong
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                devices = await (await BleakAdapter.get()).get_connected_devices([HEART_RATE_SERVICE])
            for listener in asking:
                wanted, listener.already = listener.already, None
                free = (device for device in devices if not self._is_worn(device))
                mine = next((device for device in free if wanted is not None and wanted.is_it(device)), None)
                if mine is not None:
                    found[listener] = mine
        return found

    async def _hear(self, waiting: list[_Listener]) -> dict[_Listener, BLEDevice]:
        """One scan: until somebody is found, comes or goes. Straps that stand still are told of once a scan only."""
        found: dict[_Listener, BLEDevice] = {}

        def heard(device: BLEDevice, advertisement: AdvertisementData) -> None:
            for listener in waiting:
                if listener not in found and not self._is_worn(device) and listener.hears(device, advertisement):
                    found[listener] = device
                    self._news.set()

        scanner = BleakScanner(heard, **_arguments(self._backend))
        with no_adapter_is_said():
            await _answered(scanner.start())
        for listener in waiting:
            if not listener.begun.done():
                listener.begun.set_result(None)
        try:
            await self._news.wait()
        finally:
            # A radio that was turned off in between has stopped already, and says so in many ways.
            with suppress(Exception):
                await _answered(scanner.stop())
        return found

    def _is_worn(self, device: BLEDevice) -> bool:
        return (self._backend, device.address.casefold()) in _worn_now()

    async def _serve(self, found: dict[_Listener, BLEDevice]) -> None:
        """Each in turn, and the radio is theirs until they have left."""
        self.serving = True
        try:
            for listener, device in found.items():
                if not listener.found.done() and not self._is_worn(device):  # one before may have taken it
                    listener.found.set_result(device)
                    await listener.left.wait()
        finally:
            self.serving = False


async def _answered(order: Awaitable[None]) -> None:
    """Wait for the system's Bluetooth, but not for ever. Raises `RadioStuck`."""
    try:
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            await order
    except TimeoutError as error:
        raise RadioStuck from error


_scanners: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Backend | None, _SharedScanner]] = WeakKeyDictionary()


@asynccontextmanager
async def _listening(backend: Backend | None, listener: _Listener) -> AsyncIterator[_SharedScanner]:
    """Join the one scanner that this event loop has for `backend`; the last to leave puts it away."""
    kept = _scanners.setdefault(asyncio.get_running_loop(), {})
    scanner = kept.setdefault(backend, _SharedScanner(backend))
    try:
        async with scanner.listening(listener):
            yield scanner
    finally:
        if scanner.is_idle and kept.get(backend) is scanner:
            del kept[backend]


def begin_scan_anew() -> None:
    """The system's Bluetooth went or came back: a scan that was running may hear nothing any more."""
    scanner = _scanners.get(asyncio.get_running_loop(), {}).get(None)
    if scanner is not None:
        scanner.begin_anew()


def _arguments(backend: Backend | None) -> BleakScanner.ExtraArgs:
    return {} if backend is None else {"backend": backend.scanner}


@asynccontextmanager
async def reach(
    wanted: Wanted, seconds: float, *, backend: Backend | None = None, begun: Callable[[], None] = lambda: None
) -> AsyncIterator[BLEDevice | None]:
    """Look for a strap for `seconds`; None when it is not heard. Otherwise nobody else connects or scans until this ends.

    Straps that this computer is connected to count as heard. `begun` is called when the radio has begun to scan.

    Raises:
        NoAdapter: there is nothing to look with.
        RadioStuck: what there is does not answer.
        BleakError: what else the system’s Bluetooth reports.
    """

    def is_it(device: BLEDevice, advertisement: AdvertisementData) -> bool:
        return wanted.is_it(device) or wanted.is_it(nearby(device, advertisement))

    listener = _Listener(is_it, wanted)
    listener.begun.add_done_callback(lambda _: begun())
    async with _listening(backend, listener) as scanner:
        yield await _found(listener, scanner, seconds)


async def _found(listener: _Listener, scanner: _SharedScanner, seconds: float) -> BLEDevice | None:
    """Time in which somebody else connects is not time in which this strap was not heard."""
    while True:
        alone = not scanner.serving
        if await listener.waited(seconds):
            return listener.found.result()
        if alone and not scanner.serving:
            return None


async def scan(seconds: float, *, backend: Backend | None = None) -> list[Nearby]:
    """Everybody heard within `seconds`: heart-rate straps first, then by strength.

    Raises:
        NoAdapter: there is nothing to listen with.
        RadioStuck: what there is does not answer.
        BleakError: what else the system’s Bluetooth reports.
    """
    heard: dict[str, Nearby] = {}

    def take_down(device: BLEDevice, advertisement: AdvertisementData) -> bool:
        heard[device.address] = nearby(device, advertisement)
        return False

    listener = _Listener(take_down, None)
    async with _listening(backend, listener):
        await listener.waited(seconds)
    return sorted(heard.values(), key=lambda one: (not one.heart_rate, -one.rssi_dbm, one.address))
