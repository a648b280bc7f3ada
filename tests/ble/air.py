"""Virtual Bluetooth: straps with a whole stack of their own (bumble) on one air, out of which they can walk.

Sits on bumble's virtual controllers and mends what those leave out (bumble 0.0.236): cancelling a connection that does not
come about, the public address as a sender, and a link that dies of silence (supervision timeout).
"""

import asyncio

from bumble import hci
from bumble.controller import Controller
from bumble.core import UUID, AdvertisingData, PhysicalTransport
from bumble.device import Device
from bumble.gatt import Characteristic, CharacteristicValue, Service
from bumble.host import Host
from bumble.link import LocalLink
from bumble.transport.common import AsyncPipeSink

SUPERVISION_TIMEOUT_S = 0.4
"""Real links allow 0.1 to 32 s; BlueZ asks for 0.42 s."""


class VirtualController(Controller):
    """A controller as plain as an old one: Linux would otherwise use commands that bumble does not know.

    `air` is where it is.
    """

    le_features = Controller.le_features & ~(hci.LeFeatureMask.LL_PRIVACY | hci.LeFeatureMask.LE_EXTENDED_ADVERTISING)

    def on_hci_le_create_connection_cancel_command(self, command):
        """Core Specification 5.4, Vol 4, Part E, 7.8.13: the pending connection completes with an error."""
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is not None:
            asyncio.get_running_loop().call_soon(self._say_cancelled, pending.peer_address)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def _say_cancelled(self, peer_address):
        self.send_hci_packet(
            hci.HCI_LE_Connection_Complete_Event(
                status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                connection_handle=0,
                role=hci.Role.CENTRAL,
                peer_address_type=peer_address.address_type,
                peer_address=peer_address,
                connection_interval=0,
                peripheral_latency=0,
                supervision_timeout=0,
                central_clock_accuracy=0,
            )
        )


class Air(LocalLink):
    """Where controllers hear each other, unless one is away."""

    def __init__(self):
        super().__init__()
        self._away = set()

    def walk_away(self, controller):
        """Out of range: nothing goes through any more, and after a while both sides notice."""
        self._away.add(controller)
        for connection in list(controller.le_connections.values()):
            asyncio.get_running_loop().call_later(SUPERVISION_TIMEOUT_S, self._time_out, controller, connection)

    def come_back(self, controller):
        """In range again."""
        self._away.discard(controller)

    def _time_out(self, controller, connection):
        other = self.find_le_controller(connection.peer_address)
        sides = [(controller, connection)]
        if other is not None and connection.self_address in other.le_connections:
            sides.append((other, other.le_connections[connection.self_address]))
        for side, its in sides:
            if side.le_connections.get(its.peer_address) is its:
                side.on_le_disconnected(its, hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)

    def send_acl_data(self, sender_controller, destination_address, transport, data):
        connection = sender_controller.le_connections.get(destination_address)
        receiver = self.find_le_controller(destination_address)
        if connection is None or receiver is None or {sender_controller, receiver} & self._away:
            return
        asyncio.get_running_loop().call_soon(
            receiver.on_link_acl_data, connection.self_address, PhysicalTransport.LE, data
        )

    def send_advertising_pdu(self, sender_controller, packet):
        if sender_controller in self._away:
            return
        for controller in self.controllers - self._away - {sender_controller}:
            asyncio.get_running_loop().call_soon(controller.on_ll_advertising_pdu, packet)

    def send_ll_control_pdu(self, sender_address, receiver_address, packet):
        ends = {self.find_le_controller(sender_address), self.find_le_controller(receiver_address)}
        if not ends & self._away:
            super().send_ll_control_pdu(sender_address, receiver_address, packet)


def device_on(air, name, address, controller=None):
    """A host with its controller on `air`."""
    controller = controller or VirtualController(name, link=air)
    device = Device(name=name, address=hci.Address(address), host=Host(controller, AsyncPipeSink(controller)))
    return controller, device


def _readable(uuid, value, *, notify=False):
    properties = Characteristic.Properties.READ
    if notify:
        properties |= Characteristic.Properties.NOTIFY
    return Characteristic(UUID.from_16_bits(uuid), properties, Characteristic.READABLE, value)


class VirtualStrap:
    """A heart-rate strap: Heart Rate, Battery and Device Information. `written` is what came to its control point."""

    def __init__(self, air, name, address):
        self.name, self.address, self.written = name, address, []
        self._air = air
        self.controller, self.device = device_on(air, name, f"{address}")
        self._measurement = Characteristic(
            UUID.from_16_bits(0x2A37), Characteristic.Properties.NOTIFY, Characteristic.READABLE, b""
        )
        control = Characteristic(
            UUID.from_16_bits(0x2A39),
            Characteristic.Properties.WRITE,
            Characteristic.WRITEABLE,
            CharacteristicValue(write=lambda _, value: self.written.append(bytes(value))),
        )
        heart = Service(UUID.from_16_bits(0x180D), [self._measurement, _readable(0x2A38, b"\x01"), control])
        battery = Service(UUID.from_16_bits(0x180F), [_readable(0x2A19, b"\x53", notify=True)])
        about = Service(
            UUID.from_16_bits(0x180A),
            [_readable(0x2A29, b"Virtual"), _readable(0x2A24, b"Strap"), _readable(0x2A26, b"1.0")],
        )
        self.device.add_services([heart, battery, about])
        self.device.advertising_data = bytes(
            AdvertisingData(
                [
                    (AdvertisingData.FLAGS, bytes([0x06])),
                    (AdvertisingData.COMPLETE_LOCAL_NAME, name.encode()),
                    (AdvertisingData.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, bytes.fromhex("0d18")),
                ]
            )
        )
        self._subscribed = asyncio.Event()
        self._measurement.on("subscription", self._on_subscription)
        self.device.on(Device.EVENT_CONNECTION, self._on_connection)

    async def put_on(self):
        """It wakes, and advertises whenever nobody is connected."""
        await self.device.power_on()
        await self.device.start_advertising(
            auto_restart=True, advertising_interval_min=20.0, advertising_interval_max=20.0
        )

    async def take_off(self):
        """It sleeps."""
        await self.device.stop_advertising()
        await self.device.power_off()

    def walk_away(self):
        """The wearer leaves the room."""
        self._air.walk_away(self.controller)

    def come_back(self):
        """The wearer is in the room again."""
        self._air.come_back(self.controller)

    async def subscribed(self):
        """Wait until somebody listens."""
        await self._subscribed.wait()

    async def notify(self, packet):
        """Send a packet; return whether somebody listened."""
        if not self._subscribed.is_set():
            return False
        await self.device.notify_subscribers(self._measurement, packet)
        return True

    def _on_subscription(self, _, notify_enabled, __):
        (self._subscribed.set if notify_enabled else self._subscribed.clear)()

    def _on_connection(self, connection):
        connection.on(connection.EVENT_DISCONNECTION, lambda _: self._subscribed.clear())
