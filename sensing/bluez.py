"""BlueZ's own comings and goings, which bleak does not watch: its service restarts, its adapter is turned off and on.

A bluetoothd that was killed takes nothing back. bleak then goes on believing in links, devices and services that are gone
until something makes it ask again. Losing its connection to the bus does, and bleak handles that well, so that is what
happens to it here.
"""

import asyncio
import sys
from contextlib import suppress

from sensing.scanner import begin_scan_anew

_AGAIN_S = 1.0


async def follow() -> None:
    """Watch the system bus until cancelled; begin anew whatever a change made stale. Elsewhere than on Linux: nothing."""
    if sys.platform != "linux":
        return
    while True:
        with suppress(Exception):  # no bus: searching says so, and this is tried again
            await _follow()
        await asyncio.sleep(_AGAIN_S)


def forget_half_a_question() -> None:
    """To be called when connecting is over, however it ended.

    bleak asks for BlueZ's version once in a process, and whoever connects meanwhile waits for the answer. Cancelled in
    that, it would wait for ever, and no strap would be let in again until the program is started anew.
    """
    if sys.platform == "linux" and not BlueZFeatures.checked_bluez_version:
        BlueZFeatures._check_bluez_event = None  # noqa: SLF001  no public way leads there; a test holds bleak to it


if sys.platform == "linux":
    from bleak.backends.bluezdbus import manager
    from bleak.backends.bluezdbus.version import BlueZFeatures
    from dbus_fast import BusType, Message, MessageType
    from dbus_fast.aio import MessageBus

    _RULES = (
        "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='org.bluez'",
        "type='signal',sender='org.bluez',member='PropertiesChanged',arg0='org.bluez.Adapter1'",
    )

    async def _follow() -> None:
        """Until the bus is gone."""
        bus = MessageBus(bus_type=BusType.SYSTEM)
        try:
            await bus.connect()
            bus.add_message_handler(_on_message)
            for rule in _RULES:
                await bus.call(
                    Message(
                        destination="org.freedesktop.DBus",
                        path="/org/freedesktop/DBus",
                        interface="org.freedesktop.DBus",
                        member="AddMatch",
                        signature="s",
                        body=[rule],
                    )
                )
            await _gone(bus)
        finally:
            bus.disconnect()

    async def _gone(bus: MessageBus) -> None:
        """Wait until the bus is gone, and begin anew."""
        try:
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast leaves it untyped
        finally:
            begin_scan_anew()

    def _on_message(message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            return
        if message.member == "NameOwnerChanged" and message.body[0] == "org.bluez":
            if not message.body[2]:
                _forget_everything()
            begin_scan_anew()
        elif message.member == "PropertiesChanged" and "Powered" in message.body[1]:
            begin_scan_anew()

    def _forget_everything() -> None:
        # No public way leads there; a test holds bleak to it.
        kept = manager._global_instances.get(asyncio.get_running_loop())  # noqa: SLF001  see above
        if kept is not None and kept._bus is not None:  # noqa: SLF001  see above
            kept._bus.disconnect()  # noqa: SLF001  see above
