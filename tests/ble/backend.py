"""bleak's two backend classes on a bumble host: the real scanner API, client API and strap.py over a whole BLE stack."""

import asyncio

from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError
from bleak.uuids import normalize_uuid_str
from bumble.core import AdvertisingData, BaseBumbleError
from bumble.device import Device, Peer
from bumble.gatt import Characteristic
from bumble.hci import HCI_LE_Create_Connection_Cancel_Command

from sensing.scanner import Backend
from tests.ble.air import device_on

_PROPERTIES = {
    "read": Characteristic.Properties.READ,
    "write": Characteristic.Properties.WRITE,
    "notify": Characteristic.Properties.NOTIFY,
}


async def central_on(air):
    """A computer with a radio on `air`: the backend for it, and its device."""
    _, device = device_on(air, "computer", "C0:00:00:00:00:01")
    await device.power_on()
    members = {"central": device}
    return Backend(type("AirScanner", (_Scanner,), members), type("AirClient", (_Client,), members)), device


class _Scanner(BaseBleakScanner):
    central: Device

    def __init__(self, detection_callback, service_uuids, scanning_mode, **_):
        super().__init__(detection_callback, service_uuids)

    async def start(self):
        self.seen_devices = {}
        self.central.on(Device.EVENT_ADVERTISEMENT, self._hear)
        await self.central.start_scanning(legacy=True)

    async def stop(self):
        self.central.remove_listener(Device.EVENT_ADVERTISEMENT, self._hear)
        await self.central.stop_scanning(legacy=True)

    def _hear(self, advertisement):
        name = advertisement.data.get(AdvertisingData.Type.COMPLETE_LOCAL_NAME)
        found = advertisement.data.get(AdvertisingData.Type.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS) or []
        uuids = [normalize_uuid_str(uuid.to_hex_str()) for uuid in found]
        data = AdvertisementData(name, {}, {}, uuids, None, advertisement.rssi, ())
        address = advertisement.address.to_string(with_type_qualifier=False)
        self.call_detection_callbacks(self.create_or_update_device(address, address, name, None, data), data)


class _Client(BaseBleakClient):
    central: Device

    def __init__(self, address_or_ble_device, services=None, **kwargs):
        super().__init__(address_or_ble_device, **kwargs)
        self._connection = None

    name = property(lambda self: self.address)
    mtu_size = property(lambda _: 23)
    is_connected = property(lambda self: self._connection is not None)

    async def connect(self, pair, **_):
        try:
            self._connection = await self.central.connect(self.address, timeout=self._timeout)
        except asyncio.CancelledError:
            await self.central.send_sync_command(HCI_LE_Create_Connection_Cancel_Command())
            raise
        except (BaseBumbleError, TimeoutError) as error:
            raise BleakDeviceNotFoundError(self.address, str(error)) from error
        self._connection.on(self._connection.EVENT_DISCONNECTION, self._on_gone)
        self._peer = Peer(self._connection)
        await self._peer.discover_services()
        self.services = BleakGATTServiceCollection()
        for service in self._peer.services:
            await self._peer.discover_characteristics(service=service)
            its = BleakGATTService(service, service.handle, normalize_uuid_str(service.uuid.to_hex_str()))
            self.services.add_service(its)
            for one in service.characteristics:
                properties = [name for name, flag in _PROPERTIES.items() if one.properties & flag]
                uuid = normalize_uuid_str(one.uuid.to_hex_str())
                self.services.add_characteristic(
                    BleakGATTCharacteristic(one, one.handle, uuid, properties, lambda: 20, its)
                )

    def _on_gone(self, _):
        self._connection, self.services = None, None
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def disconnect(self):
        if self._connection is not None:
            await self._connection.disconnect()

    def _linked(self):
        if self._connection is None:
            raise BleakError("Not connected")
        return self._peer

    async def start_notify(self, characteristic, callback, **_):
        await self._linked().subscribe(characteristic.obj, lambda value: callback(bytearray(value)))

    async def stop_notify(self, characteristic):
        await self._linked().unsubscribe(characteristic.obj)

    async def read_gatt_char(self, characteristic, **_):
        return bytearray(await self._linked().read_value(characteristic.obj))

    async def write_gatt_char(self, characteristic, data, response):
        await self._linked().write_value(characteristic.obj, bytes(data), with_response=response)

    async def pair(self, *_, **__):
        raise NotImplementedError

    async def unpair(self):
        raise NotImplementedError

    async def read_gatt_descriptor(self, *_, **__):
        raise NotImplementedError

    async def write_gatt_descriptor(self, *_, **__):
        raise NotImplementedError
