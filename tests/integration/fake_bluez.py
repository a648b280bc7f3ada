"""A fake org.bluez on a private D-Bus daemon: what bleak's BlueZ backend talks to, with straps that obey the test.

It behaves as BlueZ does where that matters here: a device is known only after a scan and forgotten when scanning stops
(if nobody is connected), a second scan by the same program is "in progress", and a program that does not leave the bus
stays subscribed across connections, so that each value is signalled once per subscriber.
"""

import asyncio
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field

from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

HEART_RATE_SERVICE = "0000180d-0000-1000-8000-00805f9b34fb"
HEART_RATE_MEASUREMENT = "00002a37-0000-1000-8000-00805f9b34fb"
ADAPTER = "/org/bluez/hci0"
INSTALL = "dbus-daemon is missing: apt-get install dbus"

_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
</busconfig>
"""


def dbus_daemon_path() -> str | None:
    return shutil.which("dbus-daemon")


@contextmanager
def private_system_bus(folder):
    """Run a D-Bus daemon of our own; gives its address."""
    config = folder / "bus.conf"
    config.write_text(_CONFIG.format(socket=folder / "bus.socket"))
    command = [dbus_daemon_path(), f"--config-file={config}", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        try:
            yield daemon.stdout.readline().strip()
        finally:
            daemon.terminate()
            daemon.wait(5)


@dataclass
class FakeStrap:
    """A strap on the fake air. `on_air`, `connect_hangs` and `notify_hangs` are for the test to change."""

    name: str
    address: str = "AA:BB:CC:DD:EE:01"
    on_air: bool = True
    connect_hangs: bool = False
    notify_hangs: bool = False
    aborts: int = 0
    connections: int = 0
    subscribers: set = field(default_factory=set)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def subscribed(self) -> None:
        """Wait until somebody listens."""
        while not self.subscribers:
            self.changed.clear()
            await self.changed.wait()

    @property
    def path(self) -> str:
        return f"{ADAPTER}/dev_{self.address.replace(':', '_')}"

    @property
    def service_path(self) -> str:
        return f"{self.path}/service0010"

    @property
    def characteristic_path(self) -> str:
        return f"{self.service_path}/char0011"


class FakeBlueZ:
    """`async with FakeBlueZ(address, straps) as bluez`, then `bluez.notify(strap, packet)`, `bluez.break_link(strap)`."""

    def __init__(self, address: str, straps=(), *, with_adapter=True, powered=True):
        self._address = address
        self._straps = {strap.path: strap for strap in straps}
        self._bus = None
        self._scanner = None
        self._advertising = None
        self._later = set()
        self.objects = {}
        self.disconnects = 0
        self.scan_hangs = False
        self.scan_error = None
        if with_adapter:
            self.objects[ADAPTER] = {
                "org.bluez.Adapter1": {
                    "Address": Variant("s", "00:00:00:00:00:01"),
                    "Powered": Variant("b", powered),
                    "Roles": Variant("as", ["central", "peripheral"]),
                }
            }

    async def __aenter__(self):
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.add_message_handler(self._on_message)
        await self._bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member="AddMatch",
                signature="s",
                body=["type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'"],
            )
        )
        await self._bus.request_name("org.bluez")
        return self

    async def __aexit__(self, *_):
        if self._advertising is not None:
            self._advertising.cancel()
        for task in self._later:
            task.cancel()
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()

    # What the test does to the straps.

    def connected(self, strap) -> bool:
        device = self.objects.get(strap.path, {}).get("org.bluez.Device1")
        return device is not None and device["Connected"].value

    def notify(self, strap, packet: bytes) -> None:
        for _ in strap.subscribers:
            self._change(
                strap.characteristic_path, "org.bluez.GattCharacteristic1", {"Value": Variant("ay", bytes(packet))}
            )

    def break_link(self, strap) -> None:
        """The link is lost: services stay cached, subscriptions stay with the programs that hold them."""
        self._change(
            strap.path, "org.bluez.Device1", {"ServicesResolved": Variant("b", False), "Connected": Variant("b", False)}
        )

    # What bluetoothd does.

    def _on_message(self, message: Message):
        if message.message_type is MessageType.SIGNAL:
            if message.member == "NameOwnerChanged" and not message.body[2]:
                self._forget_program(message.body[0])
            return None
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        handler = getattr(self, f"_{message.member}", None)
        if handler is None or (message.path != "/" and message.path not in self.objects):
            return Message.new_error(message, "org.freedesktop.DBus.Error.UnknownObject", "no such object or method")
        return handler(message)

    def _GetManagedObjects(self, message):  # noqa: N802  the method's name on the bus
        return Message.new_method_return(message, "a{oa{sa{sv}}}", [self.objects])

    def _SetDiscoveryFilter(self, message):  # noqa: N802  same
        return Message.new_method_return(message)

    def _StartDiscovery(self, message):  # noqa: N802  same
        if self._scanner is not None:
            return Message.new_error(message, "org.bluez.Error.InProgress", "Operation already in progress")
        if self.scan_error is not None:
            return Message.new_error(message, self.scan_error, "not now")
        if self.scan_hangs:
            return True  # handled, never answered
        self._scanner = message.sender
        self._advertising = asyncio.get_running_loop().call_later(0.01, self._advertise)
        return Message.new_method_return(message)

    def _StopDiscovery(self, message):  # noqa: N802  same
        if self._scanner != message.sender:
            return Message.new_error(message, "org.bluez.Error.Failed", "No discovery started")
        self._stop_scanning()
        return Message.new_method_return(message)

    def _stop_scanning(self):
        self._scanner = None
        self._advertising.cancel()
        for strap in self._straps.values():
            if not strap.on_air and strap.path in self.objects and not self.connected(strap):
                self._remove(strap)

    def _advertise(self):
        for strap in self._straps.values():
            if strap.on_air and strap.path not in self.objects:
                self._add(strap.path, "org.bluez.Device1", _device_properties(strap))
            elif strap.on_air and not self.connected(strap):
                self._change(strap.path, "org.bluez.Device1", {"RSSI": Variant("n", -60)})
        self._advertising = asyncio.get_running_loop().call_later(0.02, self._advertise)

    def _Connect(self, message):  # noqa: N802  same
        strap = self._straps[message.path]
        if strap.connect_hangs:
            return True  # handled, never answered
        if not strap.on_air:
            return Message.new_error(message, "org.bluez.Error.Failed", "le-connection-abort-by-remote")
        if strap.aborts:
            strap.aborts -= 1
            self._soon(self._abort(strap))
            return Message.new_error(message, "org.bluez.Error.Failed", "le-connection-abort-by-local")
        strap.connections += 1
        self._change(strap.path, "org.bluez.Device1", {"Connected": Variant("b", True)})
        self._soon(self._resolve(strap))
        return Message.new_method_return(message)

    async def _abort(self, strap):
        self._change(strap.path, "org.bluez.Device1", {"Connected": Variant("b", True)})
        await asyncio.sleep(0.01)
        self._change(strap.path, "org.bluez.Device1", {"Connected": Variant("b", False)})

    async def _resolve(self, strap):
        await asyncio.sleep(0.005)
        if strap.service_path not in self.objects:
            self._add(strap.service_path, "org.bluez.GattService1", _service_properties(strap))
            self._add(strap.characteristic_path, "org.bluez.GattCharacteristic1", _characteristic_properties(strap))
        self._change(strap.path, "org.bluez.Device1", {"ServicesResolved": Variant("b", True)})

    def _Disconnect(self, message):  # noqa: N802  same
        self.disconnects += 1
        self.break_link(self._straps[message.path])
        return Message.new_method_return(message)

    def _StartNotify(self, message):  # noqa: N802  same
        strap = self._strap_of(message.path)
        if strap.notify_hangs:
            return True
        strap.subscribers.add(message.sender)
        strap.changed.set()
        return Message.new_method_return(message)

    def _StopNotify(self, message):  # noqa: N802  same
        self._strap_of(message.path).subscribers.discard(message.sender)
        return Message.new_method_return(message)

    def _forget_program(self, program):
        for strap in self._straps.values():
            strap.subscribers.discard(program)
        if program == self._scanner:
            self._stop_scanning()

    def _strap_of(self, path):
        return next(strap for strap in self._straps.values() if path.startswith(strap.path + "/"))

    def _soon(self, coroutine):
        task = asyncio.ensure_future(coroutine)
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    # Objects and signals.

    def _add(self, path, interface, properties):
        self.objects[path] = {interface: properties}
        self._signal(
            "/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "oa{sa{sv}}", [path, {interface: properties}]
        )

    def _remove(self, strap):
        for path in (strap.characteristic_path, strap.service_path, strap.path):
            interfaces = list(self.objects.pop(path, {}))
            if interfaces:
                self._signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", "oas", [path, interfaces])

    def _change(self, path, interface, changed):
        if path in self.objects:
            self.objects[path][interface].update(changed)
            self._signal(
                path, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", [interface, changed, []]
            )

    def _signal(self, path, interface, member, signature, body):
        self._bus.send(Message.new_signal(path, interface, member, signature, body))


def _device_properties(strap):
    return {
        "Adapter": Variant("o", ADAPTER),
        "Address": Variant("s", strap.address),
        "Alias": Variant("s", strap.name),
        "Name": Variant("s", strap.name),
        "RSSI": Variant("n", -60),
        "UUIDs": Variant("as", [HEART_RATE_SERVICE]),
        "Connected": Variant("b", False),
        "Paired": Variant("b", False),
        "ServicesResolved": Variant("b", False),
    }


def _service_properties(strap):
    return {
        "UUID": Variant("s", HEART_RATE_SERVICE),
        "Device": Variant("o", strap.path),
        "Primary": Variant("b", True),
    }


def _characteristic_properties(strap):
    return {
        "UUID": Variant("s", HEART_RATE_MEASUREMENT),
        "Service": Variant("o", strap.service_path),
        "Flags": Variant("as", ["notify"]),
        "Notifying": Variant("b", False),
    }


async def let_go_of_the_bus() -> None:
    """Close the bus connection that bleak keeps for the running event loop, so that nothing is left to complain about."""
    from bleak.backends.bluezdbus import manager

    kept = manager._global_instances.pop(asyncio.get_running_loop(), None)
    if kept is not None and kept._bus is not None:
        kept._bus.disconnect()
        if kept._bus_watcher_task is not None:
            await asyncio.wait({kept._bus_watcher_task})


__all__ = [
    "INSTALL",
    "BusType",
    "FakeBlueZ",
    "FakeStrap",
    "dbus_daemon_path",
    "let_go_of_the_bus",
    "private_system_bus",
]
