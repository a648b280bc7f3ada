"""What a strap tells of itself on the air, and the reset of its energy counter. Beside the heartbeats, never in their way.

Sources: Bluetooth SIG, Heart Rate Service 1.0, sections 3.2 (Body Sensor Location) and 3.3 (Control Point); Battery
Service 1.0; Device Information Service 1.1.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.uuids import normalize_uuid_16

from sensing.measurement import MalformedMeasurement, parse
from sensing.source import About

BATTERY_LEVEL = normalize_uuid_16(0x2A19)
BODY_SENSOR_LOCATION = normalize_uuid_16(0x2A38)
CONTROL_POINT = normalize_uuid_16(0x2A39)
MANUFACTURER = normalize_uuid_16(0x2A29)
MODEL = normalize_uuid_16(0x2A24)
FIRMWARE = normalize_uuid_16(0x2A26)

RESET_ENERGY = b"\x01"
ANSWER_S = 5.0
"""How long one answer may take."""

_FULL_COUNTER_KJ = 0xFFFF
_FULL_PERCENT = 100
_WORN_AT = ("somewhere else", "chest", "wrist", "finger", "hand", "ear lobe", "foot")


def battery_percent(value: bytes) -> int | None:
    r"""A Battery Level; None for what cannot be one.

    >>> battery_percent(b"\x53"), battery_percent(b"\xff"), battery_percent(b"")
    (83, None, None)
    """
    return value[0] if len(value) == 1 and value[0] <= _FULL_PERCENT else None


def worn_at(value: bytes) -> str | None:
    r"""A Body Sensor Location, in words; None for a reserved one.

    >>> worn_at(b"\x01"), worn_at(b"\x09")
    ('chest', None)
    """
    return _WORN_AT[value[0]] if len(value) == 1 and value[0] < len(_WORN_AT) else None


def words(value: bytes) -> str | None:
    r"""A string of the Device Information Service, on one line; straps end it with zeros, or forget it.

    >>> words(b"H10\x00"), words(b" \x00")
    ('H10', None)
    """
    text = value.split(b"\0", 1)[0].decode("utf-8", "replace")
    return " ".join("".join(char for char in text if char.isprintable()).split()) or None


def wants_energy_reset(packet: bytes) -> bool:
    """Whether the energy counter is full; it stays so until it is reset.

    >>> wants_energy_reset(bytes.fromhex("08 48 ff ff")), wants_energy_reset(bytes.fromhex("08 48 fe ff"))
    (True, False)
    """
    try:
        return parse(packet).energy_kj == _FULL_COUNTER_KJ
    except MalformedMeasurement:
        return False


async def tell(client: BleakClient, device: BLEDevice, told: Callable[[About], None]) -> None:
    """Ask the strap about itself, tell it once, and again whenever the battery changes. What it does not answer is None."""
    about = About(device.name, device.address)

    def on_battery(_: BleakGATTCharacteristic, value: bytearray) -> None:
        nonlocal about
        percent = battery_percent(bytes(value))
        if percent is not None and percent != about.battery_percent:
            about = replace(about, battery_percent=percent)
            told(about)

    about = replace(
        about,
        battery_percent=battery_percent(await _read(client, BATTERY_LEVEL)),
        worn_at=worn_at(await _read(client, BODY_SENSOR_LOCATION)),
        manufacturer=words(await _read(client, MANUFACTURER)),
        model=words(await _read(client, MODEL)),
        firmware=words(await _read(client, FIRMWARE)),
    )
    told(about)
    level = _first(client, BATTERY_LEVEL)
    if level is not None and "notify" in level.properties:
        with suppress(Exception):
            async with asyncio.timeout(ANSWER_S):
                await client.start_notify(level, on_battery)


def _first(client: BleakClient, uuid: str) -> BleakGATTCharacteristic | None:
    """The first with this UUID: a strap with two batteries has two (Battery Service 1.0, 1.2), and bleak picks neither."""
    return next((one for one in client.services.characteristics.values() if one.uuid == uuid), None)


async def _read(client: BleakClient, uuid: str) -> bytes:
    """The value; empty where the strap has none, or does not answer."""
    characteristic = _first(client, uuid)
    if characteristic is None or "read" not in characteristic.properties:
        return b""
    with suppress(Exception):
        async with asyncio.timeout(ANSWER_S):
            return bytes(await client.read_gatt_char(characteristic))
    return b""


async def reset_energy(client: BleakClient) -> None:
    """Reset the energy counter, where the strap has one (mandatory beside the energy field)."""
    control_point = _first(client, CONTROL_POINT)
    if control_point is None:
        return
    with suppress(Exception):
        async with asyncio.timeout(ANSWER_S):
            await client.write_gatt_char(control_point, RESET_ENERGY, response=True)
