"""What a strap tells of itself, where it is built otherwise than most."""

import asyncio

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.uuids import normalize_uuid_16

from sensing import about
from sensing.source import About


class TwoBatteries:
    """A connected strap with two batteries, as bleak shows it."""

    def __init__(self):
        self.services = BleakGATTServiceCollection()
        for handle, percent in ((1, 83), (11, 20)):
            service = BleakGATTService(percent, handle, normalize_uuid_16(0x180F))
            self.services.add_service(service)
            level = BleakGATTCharacteristic(percent, handle + 1, about.BATTERY_LEVEL, ["read"], lambda: 20, service)
            self.services.add_characteristic(level)

    async def read_gatt_char(self, characteristic):
        return bytes([characteristic.obj])


def test_a_strap_with_two_batteries_tells_of_itself():
    told = []
    asyncio.run(about.tell(TwoBatteries(), BLEDevice("AA:BB", "Two", None), told.append))
    assert told == [About("Two", "AA:BB", 83)]
