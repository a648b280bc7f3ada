"""A fake org.bluez on a private D-Bus daemon: what bleak's BlueZ backend talks to, with straps that obey the test.

It behaves as BlueZ does where that matters here: a device is known only after a scan and forgotten when scanning stops
(if nobody is connected), a second scan by the same program is "in progress", and a program that does not leave the bus
stays subscribed across connections, so that each value is signalled once per subscriber.
"""

import asyncio
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import pytest
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

BASE = "0000{:04x}-0000-1000-8000-00805f9b34fb"
HEART_RATE_SERVICE = BASE.format(0x180D)
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


needed = pytest.mark.skipif(sys.platform != "linux" or dbus_daemon_path() is None, reason=INSTALL)
"""For tests that want all this."""


class PrivateBus:
    """A D-Bus daemon of our own, that can die and come back at the same address."""

    def __init__(self, folder):
        self._config = folder / "bus.conf"
        self._socket = folder / "bus.socket"
        self._config.write_text(_CONFIG.format(socket=self._socket))
        self.start()

    def start(self):
        command = [dbus_daemon_path(), f"--config-file={self._config}", "--nofork", "--print-address=1"]
        self._daemon = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.address = self._daemon.stdout.readline().strip().partition(",guid=")[0]

    def die(self):
        self._daemon.kill()
        self._daemon.wait(5)
        self._daemon.stdout.close()
        self._socket.unlink(missing_ok=True)


@contextmanager
def private_system_bus(folder):
    """Run a D-Bus daemon of our own; gives its address."""
    bus = PrivateBus(folder)
    try:
        yield bus.address
    finally:
        bus.die()


@dataclass(frozen=True)
class FakeCharacteristic:
    """A characteristic of a fake strap. Object paths must look as BlueZ's do."""

    number: int
    flags: tuple = ("notify",)
    service: int = 0x180D

    @property
    def service_at(self) -> str:
        return f"service00{self.service & 0xFF:02x}"

    @property
    def at(self) -> str:
        return f"{self.service_at}/char{self.number:04x}"


MEASUREMENT = FakeCharacteristic(0x2A37)
LOCATION = FakeCharacteristic(0x2A38, ("read",))
CONTROL_POINT = FakeCharacteristic(0x2A39, ("write",))
BATTERY = FakeCharacteristic(0x2A19, ("read", "notify"), 0x180F)
MANUFACTURER = FakeCharacteristic(0x2A29, ("read",), 0x180A)
MODEL = FakeCharacteristic(0x2A24, ("read",), 0x180A)
FIRMWARE = FakeCharacteristic(0x2A26, ("read",), 0x180A)


@dataclass
class FakeStrap:
    """A strap on the fake air. What is not a count or a set is for the test to change.

    Attributes:
        values: what can be read, by characteristic; only the measurement is always there.
        aborts, busy_connects, forgotten: so many connections are aborted by the adapter, refused because it is busy, or
            fail because the device was forgotten when scanning stopped.
        refuses: heard, but it lets nobody in.
        subscribers: the programs to which each value is signalled, once each, also those that never said goodbye.
        listening: those of them that subscribed on the link that stands.
        written: what was written to it, by characteristic.
    """

    name: str
    address: str = "AA:BB:CC:DD:EE:01"
    on_air: bool = True
    refuses: bool = False
    connect_hangs: bool = False
    notify_hangs: bool = False
    haunted: bool = False
    aborts: int = 0
    busy_connects: int = 0
    forgotten: int = 0
    values: dict = field(default_factory=dict)
    written: list = field(default_factory=list)
    connections: int = 0
    subscribers: set = field(default_factory=set)
    listening: set = field(default_factory=set)
    battery_subscribers: set = field(default_factory=set)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def subscribed(self) -> None:
        """Wait until somebody listens."""
        while not self.listening:
            self.changed.clear()
            await self.changed.wait()

    async def written_to(self) -> None:
        """Wait until something is written."""
        while not self.written:
            self.changed.clear()
            await self.changed.wait()

    @property
    def path(self) -> str:
        return f"{ADAPTER}/dev_{self.address.replace(':', '_')}"

    @property
    def characteristics(self) -> list:
        return [MEASUREMENT, *self.values]

    @property
    def characteristic_path(self) -> str:
        return f"{self.path}/{MEASUREMENT.at}"


class FakeBlueZ:
    """`async with FakeBlueZ(address, straps) as bluez`, then `bluez.notify(strap, packet)`, `bluez.break_link(strap)`."""

    def __init__(self, address: str, straps=(), *, with_adapter=True, powered=True):
        self._address = address
        self._straps = {strap.path: strap for strap in straps}
        self._bus = None
        self._scanner = None
        self._advertising = None
        self._later = set()
        self._powered = powered if with_adapter else None
        self.objects = {}
        self.disconnects = 0
        self.scans = 0
        self.connecting = 0
        self.most_connecting = 0
        self.scan_hangs = False
        self.scan_error = None
        self.busy_scans = 0

    async def __aenter__(self):
        await self.start()
        return self

    async def __aexit__(self, *_):
        await self.crash()

    async def start(self):
        """The daemon starts: it knows its adapter, and no device."""
        self.objects = {}
        if self._powered is not None:
            self.objects[ADAPTER] = {
                "org.bluez.Adapter1": {
                    "Address": Variant("s", "00:00:00:00:00:01"),
                    "Powered": Variant("b", self._powered),
                    "Roles": Variant("as", ["central", "peripheral"]),
                }
            }
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.add_message_handler(self._on_message)
        await self._ask_bus("AddMatch", "s", ["type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'"])
        await self._bus.request_name("org.bluez")
        for path, interfaces in self.objects.items():
            self._announce(path, interfaces)

    async def crash(self):
        """The daemon dies: links and subscriptions are gone, and nobody is told but by the bus."""
        if self._bus is None:
            return
        if self._advertising is not None:
            self._advertising.cancel()
        for task in self._later:
            task.cancel()
        self._scanner = None
        self.objects = {}
        for strap in self._straps.values():
            strap.subscribers.clear()
            strap.listening.clear()
            strap.battery_subscribers.clear()
        self._bus.disconnect()
        with suppress(Exception):  # the bus may have died before
            await self._bus.wait_for_disconnect()
        self._bus = None

    async def match_rules(self):
        """How many match rules each program on the bus has."""
        reply = await self._ask_bus("GetAllMatchRules", interface="org.freedesktop.DBus.Debug.Stats")
        own = self._bus.unique_name
        return sorted(len(rules) for name, rules in reply.body[0].items() if name != own and rules)

    async def _ask_bus(self, member, signature="", body=(), *, interface="org.freedesktop.DBus"):
        return await self._bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface=interface,
                member=member,
                signature=signature,
                body=list(body),
            )
        )

    # What the test does to the straps.

    def connected(self, strap) -> bool:
        device = self.objects.get(strap.path, {}).get("org.bluez.Device1")
        return device is not None and device["Connected"].value

    def notify(self, strap, packet: bytes) -> None:
        for _ in strap.subscribers:
            self._change(
                strap.characteristic_path, "org.bluez.GattCharacteristic1", {"Value": Variant("ay", bytes(packet))}
            )

    def power(self, *, on: bool) -> None:
        """The adapter is turned off or on. Off: links break and scanning ends."""
        self._powered = on
        if not on:
            for strap in self._straps.values():
                if self.connected(strap):
                    self.break_link(strap)
            self._scanner = None
            if self._advertising is not None:
                self._advertising.cancel()
        self._change(ADAPTER, "org.bluez.Adapter1", {"Powered": Variant("b", on)})

    def haunt(self, strap) -> None:
        """After a crash of a program BlueZ believes in a link that delivers nothing."""
        strap.haunted = True
        self._add(strap.path, {"org.bluez.Device1": _device_properties(strap)})
        self._add_services(strap)
        changed = {"Connected": Variant("b", True), "ServicesResolved": Variant("b", True)}
        self._change(strap.path, "org.bluez.Device1", changed)

    def tell_battery(self, strap, percent) -> None:
        """The battery's level changes."""
        self._change(
            f"{strap.path}/{BATTERY.at}", "org.bluez.GattCharacteristic1", {"Value": Variant("ay", bytes([percent]))}
        )

    def break_link(self, strap) -> None:
        """The link is lost: services stay cached, subscriptions stay with the programs that hold them."""
        strap.listening.clear()
        strap.haunted = False
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
        if not self._powered:
            return Message.new_error(message, "org.bluez.Error.NotReady", "Resource Not Ready")
        if self.busy_scans:
            self.busy_scans -= 1
            return Message.new_error(message, "org.bluez.Error.InProgress", "Operation already in progress")
        if self.scan_error is not None:
            return Message.new_error(message, self.scan_error, "not now")
        if self.scan_hangs:
            return True  # handled, never answered
        self._scanner = message.sender
        self.scans += 1
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
            forgotten = strap.forgotten > 0 or not strap.on_air
            if forgotten and strap.path in self.objects and not self.connected(strap):
                strap.forgotten = max(0, strap.forgotten - 1)
                self._remove(strap)

    def _advertise(self):
        for strap in self._straps.values():
            if strap.on_air and strap.path not in self.objects:
                self._add(strap.path, {"org.bluez.Device1": _device_properties(strap)})
            elif strap.on_air and not self.connected(strap):
                self._change(strap.path, "org.bluez.Device1", {"RSSI": Variant("n", -60)})
        self._advertising = asyncio.get_running_loop().call_later(0.02, self._advertise)

    def _Connect(self, message):  # noqa: N802  same
        strap = self._straps[message.path]
        if self.connecting or strap.busy_connects:
            strap.busy_connects = max(0, strap.busy_connects - 1)
            return Message.new_error(message, "org.bluez.Error.InProgress", "Operation already in progress")
        if strap.connect_hangs:
            self.connecting += 1
            return True  # handled, never answered
        if not strap.on_air:
            return Message.new_error(message, "org.bluez.Error.Failed", "le-connection-abort-by-remote")
        if strap.refuses:
            return Message.new_error(message, "org.bluez.Error.Failed", "le-connection-refused")
        if strap.aborts:
            strap.aborts -= 1
            self._soon(self._abort(strap))
            return Message.new_error(message, "org.bluez.Error.Failed", "le-connection-abort-by-local")
        self.connecting += 1
        self._soon(self._let_in(message, strap))
        return True

    async def _let_in(self, message, strap):
        """Connecting takes its time; a second attempt meanwhile is "in progress"."""
        await asyncio.sleep(0.01)
        self.connecting -= 1
        strap.connections += 1
        self._change(strap.path, "org.bluez.Device1", {"Connected": Variant("b", True)})
        self._bus.send(Message.new_method_return(message))
        await self._resolve(strap)

    async def _abort(self, strap):
        self._change(strap.path, "org.bluez.Device1", {"Connected": Variant("b", True)})
        await asyncio.sleep(0.01)
        self._change(strap.path, "org.bluez.Device1", {"Connected": Variant("b", False)})

    async def _resolve(self, strap):
        await asyncio.sleep(0.005)
        if strap.path in self.objects:
            self._add_services(strap)
            self._change(strap.path, "org.bluez.Device1", {"ServicesResolved": Variant("b", True)})

    def _add_services(self, strap):
        for one in strap.characteristics:
            service = f"{strap.path}/{one.service_at}"
            if service not in self.objects:
                self._add(service, {"org.bluez.GattService1": _service_properties(strap, one)})
            if f"{strap.path}/{one.at}" not in self.objects:
                properties = _characteristic_properties(service, one)
                self._add(f"{strap.path}/{one.at}", {"org.bluez.GattCharacteristic1": properties})

    def _Disconnect(self, message):  # noqa: N802  same
        strap = self._straps[message.path]
        if strap.connect_hangs:
            self.connecting = 0
        self.disconnects += 1
        self.break_link(strap)
        return Message.new_method_return(message)

    def _ReadValue(self, message):  # noqa: N802  same
        strap = self._strap_of(message.path)
        return Message.new_method_return(message, "ay", [strap.values[self._one_of(strap, message.path)]])

    def _WriteValue(self, message):  # noqa: N802  same
        strap = self._strap_of(message.path)
        strap.written.append((self._one_of(strap, message.path), bytes(message.body[0])))
        strap.changed.set()
        return Message.new_method_return(message)

    def _StartNotify(self, message):  # noqa: N802  same
        strap = self._strap_of(message.path)
        if not message.path.endswith(MEASUREMENT.at):
            strap.battery_subscribers.add(message.sender)
            strap.changed.set()
            return Message.new_method_return(message)
        if strap.notify_hangs:
            return True
        strap.subscribers.add(message.sender)
        if not strap.haunted:
            strap.listening.add(message.sender)
        strap.changed.set()
        return Message.new_method_return(message)

    def _StopNotify(self, message):  # noqa: N802  same
        self._strap_of(message.path).subscribers.discard(message.sender)
        return Message.new_method_return(message)

    def _forget_program(self, program):
        for strap in self._straps.values():
            strap.subscribers.discard(program)
            strap.battery_subscribers.discard(program)
        if program == self._scanner:
            self._stop_scanning()

    def _strap_of(self, path):
        return next(strap for strap in self._straps.values() if path.startswith(strap.path + "/"))

    @staticmethod
    def _one_of(strap, path):
        return next(one for one in strap.characteristics if path.endswith(one.at))

    def _soon(self, coroutine):
        task = asyncio.ensure_future(coroutine)
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    # Objects and signals.

    def _add(self, path, interfaces):
        self.objects[path] = interfaces
        self._announce(path, interfaces)

    def _announce(self, path, interfaces):
        self._signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "oa{sa{sv}}", [path, interfaces])

    def _remove(self, strap):
        below = [path for path in self.objects if path.startswith(f"{strap.path}/")]
        for path in (*reversed(below), strap.path):
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
        if self._bus is not None and self._bus.connected:
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


def _service_properties(strap, one):
    return {
        "UUID": Variant("s", BASE.format(one.service)),
        "Device": Variant("o", strap.path),
        "Primary": Variant("b", True),
    }


def _characteristic_properties(service, one):
    return {
        "UUID": Variant("s", BASE.format(one.number)),
        "Service": Variant("o", service),
        "Flags": Variant("as", list(one.flags)),
        "Notifying": Variant("b", False),
    }


def handlers_of_bleak() -> list:
    """What is still registered with bleak's manager of the running event loop."""
    from bleak.backends.bluezdbus import manager

    kept = manager._global_instances.get(asyncio.get_running_loop())
    if kept is None:
        return []
    advertisements = [one for some in kept._advertisement_callbacks.values() for one in some]
    watchers = [one for some in kept._device_watchers.values() for one in some]
    conditions = [one for some in kept._condition_callbacks.values() for one in some]
    return [*advertisements, *kept._device_removed_callbacks, *watchers, *conditions]


async def let_go_of_the_bus() -> None:
    """Close the bus connection that bleak keeps for the running event loop, so that nothing is left to complain about."""
    from bleak.backends.bluezdbus import manager

    kept = manager._global_instances.pop(asyncio.get_running_loop(), None)
    if kept is not None and kept._bus is not None:
        kept._bus.disconnect()
        if kept._bus_watcher_task is not None:
            await asyncio.wait({kept._bus_watcher_task})


__all__ = [
    "BATTERY",
    "CONTROL_POINT",
    "FIRMWARE",
    "INSTALL",
    "LOCATION",
    "MANUFACTURER",
    "MODEL",
    "BusType",
    "FakeBlueZ",
    "FakeStrap",
    "PrivateBus",
    "dbus_daemon_path",
    "handlers_of_bleak",
    "let_go_of_the_bus",
    "needed",
    "private_system_bus",
]
