"""Devices on the air: what each advertises, and which of them is the strap that somebody wants."""

from dataclasses import dataclass
from typing import Protocol

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.uuids import normalize_uuid_16

from sensing.about import battery_percent

HEART_RATE_SERVICE = normalize_uuid_16(0x180D)
_BATTERY_SERVICE = normalize_uuid_16(0x180F)


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
        battery_percent: as far as it advertises that; few straps do.
    """

    name: str | None
    address: str
    rssi_dbm: int
    heart_rate: bool
    battery_percent: int | None = None


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """The strap somebody wants.

    Attributes:
        text: its whole name or its address, as the wearer gave it.
        device_id: the address (on macOS the identifier) it is remembered by on this computer. Where it is known, it alone
            decides: two straps can share a name, and nobody may be shown another person's heart.
        never: ids of straps that are other people's, in lower case.
    """

    text: str
    device_id: str | None = None
    never: frozenset[str] = frozenset()

    def is_it(self, device: _Named) -> bool:
        """Whether `device` is the one."""
        if device.address.casefold() in self.never:
            return False
        if self.device_id is not None:
            return device.address.casefold() == self.device_id.casefold()
        return matches(device, self.text)


def nearby(device: BLEDevice, advertisement: AdvertisementData) -> Nearby:
    """What an advertisement tells."""
    battery = advertisement.service_data.get(_BATTERY_SERVICE)
    return Nearby(
        advertisement.local_name or device.name,
        device.address,
        advertisement.rssi,
        HEART_RATE_SERVICE in advertisement.service_uuids,
        battery_percent(battery[:1]) if battery else None,
    )
