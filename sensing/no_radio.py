"""When there is no radio to look for straps with: what is missing, in words for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
)


class Obstacle(StrEnum):
    """What is missing when there is no radio, in words for people."""

    NO_ADAPTER = "no Bluetooth adapter was found; plug one in"
    NO_LOW_ENERGY = "the Bluetooth adapter cannot do Bluetooth Low Energy; use another one"
    POWERED_OFF = "Bluetooth is turned off; turn it on"
    DENIED = "this program may not use Bluetooth; allow it in the system’s settings"
    NO_BLUEZ = "the Bluetooth service is not running; install BlueZ and start it (systemctl start bluetooth)"
    NO_SYSTEM_BUS = "the system’s message bus (D-Bus) cannot be reached; install it and BlueZ, and start both (systemctl start dbus bluetooth)"
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
def no_adapter_is_said() -> Iterator[None]:
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
