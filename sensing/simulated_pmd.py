"""A simulated strap's side of PMD: it answers as a Polar H10 does, and makes frames of acceleration."""

import math
from struct import pack

from bleak.backends.client import NotifyCallback

from sensing.polar import ASK_SETTINGS, PMD_CONTROL_POINT, PMD_DATA, STOP

FEATURES = bytes.fromhex("0f 05 00 00")
RATE_HZ = 25

_OFFER = bytes.fromhex("00 04 1900 3200 6400 c800  01 01 1000  02 03 0200 0400 0800")
_DONE, _ALREADY_IN_STATE, _NOT_SUPPORTED = 0, 6, 3
_WAVE_HZ = 2.0
_GRAVITY_MG = 1000.0


class PmdServer:
    """The control point of one link."""

    def __init__(self) -> None:
        self.streaming = False
        self._answer: NotifyCallback | None = None
        self._data: NotifyCallback | None = None

    def subscribed(self, uuid: str, callback: NotifyCallback) -> bool:
        """Take a subscription; return whether it was one of PMD's."""
        if uuid == PMD_CONTROL_POINT:
            self._answer = callback
        elif uuid == PMD_DATA:
            self._data = callback
        else:
            return False
        return True

    def command(self, packet: bytes) -> None:
        """Do as told, and answer."""
        if packet == ASK_SETTINGS:
            self._reply(packet, _DONE, _OFFER)
        elif packet == STOP:
            self.streaming = False
            self._reply(packet, _DONE)
        elif packet[:1] == b"\x02":
            self._reply(packet, _ALREADY_IN_STATE if self.streaming else _DONE)
            self.streaming = True
        else:
            self._reply(packet, _NOT_SUPPORTED)

    def send(self, frame: bytes) -> None:
        """A frame goes out if the stream is on."""
        if self.streaming and self._data is not None:
            self._data(bytearray(frame))

    def _reply(self, packet: bytes, error: int, parameters: bytes = b"") -> None:
        if self._answer is not None:
            self._answer(bytearray(bytes((0xF0, packet[0], packet[1], error, 0)) + parameters))


def acceleration_frame(ends_s: float, motion_mg: float) -> bytes:
    """One second of samples that ends at body second `ends_s`, moving by `motion_mg` (mean amplitude deviation).

    A sine of amplitude a has a mean amplitude deviation of 2a/π.
    """
    amplitude_mg = motion_mg * math.pi / 2
    samples = b""
    for index in range(RATE_HZ):
        at_s = ends_s - (RATE_HZ - 1 - index) / RATE_HZ
        z_mg = _GRAVITY_MG + amplitude_mg * math.sin(2 * math.pi * _WAVE_HZ * at_s)
        samples += pack("<hhh", 0, 0, round(z_mg))
    return bytes((2,)) + pack("<Q", round(ends_s * 1e9)) + bytes((1,)) + samples
