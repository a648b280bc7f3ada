"""The Heart Rate Measurement characteristic, 0x2A37: bytes in, a frozen measurement out. No I/O.

Source: Bluetooth SIG, Heart Rate Service 1.0, section 3.1, and GATT Specification Supplement, "Heart Rate Measurement".
"""

from dataclasses import dataclass
from enum import StrEnum
from struct import Struct

HEART_RATE_MEASUREMENT = "00002a37-0000-1000-8000-00805f9b34fb"
"""The characteristic’s UUID, 0x2A37, in full."""

TICKS_PER_SECOND = 1024

_WIDE_HEART_RATE = 0x01
_ENERGY = 0x08
_RR = 0x10
_KNOWN_FLAGS = 0x1F  # bits 5 to 7 are reserved and ignored
_MAX_NARROW_HEART_RATE = 0xFF
_MAX_UINT16 = 0xFFFF
_LONGEST_ATTRIBUTE = 512  # Core Specification 5.4, Vol 3, Part F, 3.2.9
_LONGEST_NOTIFICATION = 20  # what fits the default ATT_MTU of 23; every strap may rely on it


class Contact(StrEnum):
    """What the strap says about skin contact (flag bits 1 and 2)."""

    UNSUPPORTED = "unsupported"
    LOST = "lost"
    GOOD = "good"


class Malformed(StrEnum):
    """Why bytes are not a Heart Rate Measurement."""

    EMPTY = "no bytes at all"
    TRUNCATED = "ends before the fields its flags announce"
    ODD_BYTE = "odd trailing byte after the RR intervals"
    TRAILING_BYTES = "bytes after the last field its flags announce"
    ZERO_RR = "an RR interval of zero"
    TOO_LONG = "longer than any attribute can be (512 bytes)"


class MalformedMeasurement(ValueError):
    """A packet that cannot be read without guessing. Carries the `packet` and the `reason`."""

    def __init__(self, packet: bytes, reason: Malformed) -> None:
        super().__init__(packet, reason)
        self.packet = packet
        self.reason = reason

    def __str__(self) -> str:
        shown = self.packet[:_LONGEST_NOTIFICATION].hex(" ") + (
            " …" if len(self.packet) > _LONGEST_NOTIFICATION else ""
        )
        return f"malformed heart rate packet [{shown}]: {self.reason}"


@dataclass(frozen=True, slots=True)
class HeartRateMeasurement:
    """One notification, decoded.

    Attributes:
        heart_rate_bpm: the strap's own smoothed figure; None while it sends 0 ("none yet").
        contact: skin contact as the strap reports it.
        energy_kj: energy expended since the last reset, or None when the packet has no such field. 0xFFFF is a legal
            value: the counter is full and the strap waits for a reset through 0x2A39.
        rr_ticks: RR intervals in 1/1024 s, oldest first; empty when the packet carries none.
    """

    heart_rate_bpm: int | None
    contact: Contact = Contact.UNSUPPORTED
    energy_kj: int | None = None
    rr_ticks: tuple[int, ...] = ()


_CONTACT_OF_BITS = (Contact.UNSUPPORTED, Contact.UNSUPPORTED, Contact.LOST, Contact.GOOD)
_BITS_OF_CONTACT = {Contact.UNSUPPORTED: 0b00, Contact.LOST: 0b10, Contact.GOOD: 0b11}
_CONTACT = tuple(_CONTACT_OF_BITS[flags >> 1 & 0b11] for flags in range(256))
_HEADER_BYTES = tuple(
    2 + (1 if flags & _WIDE_HEART_RATE else 0) + (2 if flags & _ENERGY else 0) for flags in range(256)
)
_UNPACK_RR = tuple(Struct(f"<{count}H").unpack_from for count in range(_LONGEST_ATTRIBUTE // 2))


def parse(packet: bytes) -> HeartRateMeasurement:
    """Decode one notification.

    A set RR flag with no interval behind it is read as "no interval": straps send it between beats.

    Raises:
        MalformedMeasurement: when the bytes cannot be read without guessing; nothing else, whatever the bytes.

    >>> parse(bytes.fromhex("10 43 72 03 8a 03"))
    HeartRateMeasurement(heart_rate_bpm=67, contact=<Contact.UNSUPPORTED: 'unsupported'>, energy_kj=None, rr_ticks=(882, 906))
    """
    length = len(packet)
    if not length:
        raise MalformedMeasurement(packet, Malformed.EMPTY)
    flags = packet[0]
    rr_at = _HEADER_BYTES[flags]
    if length < rr_at:
        raise MalformedMeasurement(packet, Malformed.TRUNCATED)
    heart_rate_bpm = packet[1] | packet[2] << 8 if flags & _WIDE_HEART_RATE else packet[1]
    return HeartRateMeasurement(
        heart_rate_bpm or None,
        _CONTACT[flags],
        packet[rr_at - 2] | packet[rr_at - 1] << 8 if flags & _ENERGY else None,
        _rr_ticks(packet, rr_at) if length > rr_at else (),
    )


def _rr_ticks(packet: bytes, at: int) -> tuple[int, ...]:
    """The intervals from byte `at` to the end."""
    if not packet[0] & _RR:
        raise MalformedMeasurement(packet, Malformed.TRAILING_BYTES)
    if len(packet) > _LONGEST_ATTRIBUTE:
        raise MalformedMeasurement(packet, Malformed.TOO_LONG)
    byte_count = len(packet) - at
    if byte_count & 1:
        raise MalformedMeasurement(packet, Malformed.ODD_BYTE)
    ticks: tuple[int, ...] = _UNPACK_RR[byte_count >> 1](packet, at)
    if 0 in ticks:
        raise MalformedMeasurement(packet, Malformed.ZERO_RR)
    return ticks


def pack(measurement: HeartRateMeasurement, *, wide_heart_rate: bool = False) -> bytes:
    """Encode a measurement as a strap would; the reverse of `parse`.

    Args:
        measurement: what to send. A heart rate of None is sent as 0.
        wide_heart_rate: send the heart rate as uint16 although it would fit a uint8. Above 255 it always is.

    Raises:
        ValueError: a value does not fit its field, or the packet would not fit the 20 bytes of the default ATT_MTU.

    >>> pack(HeartRateMeasurement(67, rr_ticks=(882, 906))).hex(" ")
    '10 43 72 03 8a 03'
    """
    bpm = measurement.heart_rate_bpm or 0
    wide = wide_heart_rate or bpm > _MAX_NARROW_HEART_RATE
    flags = _BITS_OF_CONTACT[measurement.contact] << 1 | (_WIDE_HEART_RATE if wide else 0)
    fields = _field("heart rate", bpm, 2 if wide else 1)
    if measurement.energy_kj is not None:
        flags |= _ENERGY
        fields += _field("energy", measurement.energy_kj, 2)
    if measurement.rr_ticks:
        flags |= _RR
        fields += b"".join(_field("RR interval", ticks, 2, least=1) for ticks in measurement.rr_ticks)
    if len(fields) >= _LONGEST_NOTIFICATION:
        raise ValueError(
            f"{len(measurement.rr_ticks)} RR intervals make {len(fields) + 1} bytes; a notification has room for 20"
        )
    return bytes([flags]) + fields


def _field(name: str, value: int, size: int, *, least: int = 0) -> bytes:
    """`value` as a little-endian field of `size` bytes."""
    if not least <= value <= _MAX_UINT16:
        raise ValueError(f"{name} must lie between {least} and {_MAX_UINT16}, not {value}")
    return value.to_bytes(size, "little")
