"""The one radio: who is nearby, finding a strap, and taking turns.

BlueZ answers a second scan or connect with "in progress" while one is running, so everything that makes the radio
busy waits for its turn.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from weakref import WeakKeyDictionary

from bleak import BleakScanner
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
)
from bleak.uuids import normalize_uuid_16

ANSWERS_WITHIN_S = 5.0
"""How long the system's Bluetooth may take to begin and to end a search, beyond the search itself."""

HEART_RATE_SERVICE = normalize_uuid_16(0x180D)
HEART_RATE_MEASUREMENT = normalize_uuid_16(0x2A37)


@dataclass(frozen=True, slots=True)
class Backend:
    """What bleak's two `backend=` arguments take. Without one, bleak uses the operating system's Bluetooth."""

    scanner: type[BaseBleakScanner]
    client: type[BaseBleakClient]


class Obstacle(StrEnum):
    """What is missing when there is no radio, in words for people."""

    NO_ADAPTER = "no Bluetooth adapter was found; plug one in"
    NO_LOW_ENERGY = "the Bluetooth adapter cannot do Bluetooth Low Energy; use another one"
    POWERED_OFF = "Bluetooth is turned off; turn it on"
    DENIED = "this program may not use Bluetooth; allow it in the system’s settings"
    NO_BLUEZ = "the Bluetooth service is not running; install BlueZ and start it (systemctl start bluetooth)"
    NO_SYSTEM_BUS = "the system’s message bus (D-Bus) cannot be reached; it runs wherever BlueZ does"
    UNKNOWN = "Bluetooth is not available"


class NoAdapter(Exception):
    """There is no radio to look for straps with: a state of the machine, not of the air. Carries the `obstacle`."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle)
        self.obstacle = obstacle

    def __str__(self) -> str:
        return f"Cannot listen for straps: {self.obstacle}. To see everything without a strap, try: flooding demo"


class RadioStuck(Exception):
    """The system's Bluetooth took an order and never answered. It may come back by itself."""

    def __str__(self) -> str:
        return "Bluetooth does not answer; turn it off and on, or restart it (Linux: systemctl restart bluetooth)"


_BY_REASON = {
    BleakBluetoothNotAvailableReason.NO_BLUETOOTH: Obstacle.NO_ADAPTER,
    BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE: Obstacle.NO_LOW_ENERGY,
    BleakBluetoothNotAvailableReason.POWERED_OFF: Obstacle.POWERED_OFF,
    BleakBluetoothNotAvailableReason.DENIED_BY_USER: Obstacle.DENIED,
    BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM: Obstacle.DENIED,
    BleakBluetoothNotAvailableReason.DENIED_BY_UNKNOWN: Obstacle.DENIED,
}
_BY_DBUS_ERROR = {
    "org.freedesktop.DBus.Error.ServiceUnknown": Obstacle.NO_BLUEZ,
    "org.freedesktop.DBus.Error.NameHasNoOwner": Obstacle.NO_BLUEZ,
    "org.freedesktop.DBus.Error.AccessDenied": Obstacle.DENIED,
    "org.bluez.Error.NotReady": Obstacle.POWERED_OFF,
}


@contextmanager
def _no_adapter_is_said() -> Iterator[None]:
    """Turn the ways in which starting a scan says "no radio" into `NoAdapter`; let everything else through."""
    try:
        yield
    except BleakBluetoothNotAvailableError as error:
        raise NoAdapter(_BY_REASON.get(error.reason, Obstacle.UNKNOWN)) from error
    except BleakDBusError as error:
        if error.dbus_error not in _BY_DBUS_ERROR:
            raise
        raise NoAdapter(_BY_DBUS_ERROR[error.dbus_error]) from error
    except PermissionError as error:
        raise NoAdapter(Obstacle.DENIED) from error
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise NoAdapter(Obstacle.NO_SYSTEM_BUS) from error


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


def radio_turn() -> asyncio.Lock:
    """The running loop's lock on the radio. Hold it while scanning or connecting."""
    return _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())


@asynccontextmanager
async def _search(seconds: float) -> AsyncIterator[None]:
    """A turn on the radio for a search of `seconds`. Nobody keeps it for much longer: others wait for theirs."""
    async with radio_turn():
        try:
            async with asyncio.timeout(seconds + ANSWERS_WITHIN_S):
                with _no_adapter_is_said():
                    yield
        except TimeoutError as error:
            raise RadioStuck from error


class _Named(Protocol):
    @property
    def name(self) -> str | None: ...
    @property
    def address(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Nearby:
    """A device heard on the air.

    Attributes:
        name: None when it does not say.
        address: its Bluetooth address; on macOS an identifier that only this computer knows it by.
        rssi_dbm: how strongly it is received; nearer to 0 is stronger.
        heart_rate: whether it advertises the Heart Rate service.
    """

    name: str | None
    address: str
    rssi_dbm: int
    heart_rate: bool


def matches(device: _Named, wanted: str) -> bool:
    """Whether `device` is the strap the wearer named, by its whole name or its address, in any case.

    >>> matches(Nearby("Polar H10 A1B2C3D4", "AA:BB:CC:DD:EE:FF", -60, True), "polar h10 a1b2c3d4")
    True
    >>> matches(Nearby("Polar H10 A1B2C3D4", "AA:BB:CC:DD:EE:FF", -60, True), "aa-bb-cc-dd-ee-ff")
    True
    >>> matches(Nearby("Polar H10 A1B2C3D4", "AA:BB:CC:DD:EE:FF", -60, True), "Polar H10")
    False
    """
    asked = wanted.strip().casefold()
    by_address = device.address.casefold()
    return asked in (by_address, by_address.replace(":", "-")) or asked == (device.name or "").strip().casefold() != ""


def _nearby(device: BLEDevice, advertisement: AdvertisementData) -> Nearby:
    return Nearby(
        advertisement.local_name or device.name,
        device.address,
        advertisement.rssi,
        HEART_RATE_SERVICE in advertisement.service_uuids,
    )


def _arguments(backend: Backend | None) -> BleakScanner.ExtraArgs:
    return {} if backend is None else {"backend": backend.scanner}


async def find(wanted: str, seconds: float, *, backend: Backend | None = None) -> BLEDevice | None:
    """Look for the strap called `wanted` for at most `seconds`, once it is this search's turn.

    Raises:
        NoAdapter: there is nothing to look with.
        RadioStuck: what there is does not answer.
        BleakError: what else the system’s Bluetooth reports.
    """

    def is_wanted(device: BLEDevice, advertisement: AdvertisementData) -> bool:
        return matches(device, wanted) or matches(_nearby(device, advertisement), wanted)

    async with _search(seconds):
        return await BleakScanner.find_device_by_filter(is_wanted, timeout=seconds, **_arguments(backend))


async def scan(seconds: float, *, backend: Backend | None = None) -> list[Nearby]:
    """Everybody heard within `seconds`: heart-rate straps first, then by strength.

    Raises:
        NoAdapter: there is nothing to listen with.
        RadioStuck: what there is does not answer.
        BleakError: what else the system’s Bluetooth reports.
    """
    async with _search(seconds):
        heard = await BleakScanner.discover(timeout=seconds, return_adv=True, **_arguments(backend))
    nearby = [_nearby(device, advertisement) for device, advertisement in heard.values()]
    return sorted(nearby, key=lambda one: (not one.heart_rate, -one.rssi_dbm, one.address))
