"""What a Bluetooth stack reports, on one line in words for people. What is not known here is passed on as it came."""

import sys

from bleak.exc import BleakDBusError, BleakDeviceNotFoundError, BleakError

from sensing.no_radio import RadioStuck

_BY_DBUS_ERROR = {
    "org.bluez.Error.InProgress": "Bluetooth is busy with something else",
    "org.bluez.Error.NotReady": "Bluetooth was turned off",
    "org.freedesktop.DBus.Error.ServiceUnknown": "the Bluetooth service stopped",
    "org.freedesktop.DBus.Error.NoReply": "the Bluetooth service stopped",
    "org.freedesktop.DBus.Error.UnknownObject": "Bluetooth has forgotten the strap",
    "org.freedesktop.DBus.Error.UnknownMethod": "Bluetooth has forgotten the strap",
}


def in_words(error: Exception) -> str:
    """What went wrong, on one line.

    >>> in_words(BleakDBusError("org.bluez.Error.InProgress", ["Operation already in progress"]))
    'Bluetooth is busy with something else'
    >>> in_words(TimeoutError())
    'the strap did not answer in time'
    """
    match error:
        case RadioStuck():
            return str(error)
        case BleakDBusError() if error.dbus_error in _BY_DBUS_ERROR:
            return _BY_DBUS_ERROR[error.dbus_error]
        case BleakDeviceNotFoundError():
            return "the strap went out of reach before it could be connected"
        case TimeoutError():
            return "the strap did not answer in time"
        case EOFError() | ConnectionError():
            return "the connection to the system’s Bluetooth was lost"
    return f"Bluetooth reports: {str(error) or type(error).__name__}".splitlines()[0]


def may_be_refusal(error: Exception) -> bool:
    """Whether a connection that did not come about may be the strap's own doing, and not the radio's.

    BlueZ says what the strap did with an error of its own; bleak's other errors there are about devices it has forgotten.

    >>> may_be_refusal(TimeoutError()), may_be_refusal(BleakDBusError("org.bluez.Error.NotReady", []))
    (True, False)
    """
    if isinstance(error, BleakDBusError):
        return error.dbus_error not in _BY_DBUS_ERROR
    if isinstance(error, BleakError):
        return sys.platform != "linux" and not isinstance(error, BleakDeviceNotFoundError)
    return isinstance(error, TimeoutError)
