"""The frames in which a Polar strap sends its acceleration. Bytes in, frozen values out. No I/O.

The sources are named in `sensing.polar`.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from sensing.polar import ACCELERATION, AXES, MEASUREMENT_MASK, Malformed, MalformedPacket, check_length

Vector = tuple[float, float, float]

_HEADER_BYTES = 10
_FRAME_TYPE_AT = 9
_TYPE_IN_COUNTS = 0x80
_TYPE_IN_MG = 0x81
_BYTES_PER_VALUE = {0x00: 1, 0x01: 2, 0x02: 3}
_REFERENCE = Struct("<3h")
_WIDEST_DELTA_BITS = 32  # the SDK's integers
_INT16 = range(-0x8000, 0x8000)
_MG_PER_G = 1000


@dataclass(frozen=True, slots=True)
class AccelerationFrame:
    """One notification of the accelerometer, decoded.

    Attributes:
        last_sample_ns: the strap's own time of the last sample, in ns since 2000-01-01. The H10 starts at 2019-01-01
            whenever it was off, and no strap's clock need be right: only differences mean anything.
        samples_mg: x, y, z in mg, oldest first, gravity included; never empty.
    """

    last_sample_ns: int
    samples_mg: tuple[Vector, ...]


def parse_frame(packet: bytes, factor: float | None = None) -> AccelerationFrame:
    """Decode one notification of `PMD_DATA`.

    Byte 0 is the measurement, 1 to 8 the time of the last sample (PMD 2022, "Start Stream"), 9 the frame type:

    - 0, 1, 2: values of 8, 16, 24 bits in mg (PMD 2022, "Frame types ACC"). The factor is not applied (SDK). 1 is what the
      H10 sends. 0 and 2 are unverified: no packet was found, and PMD 2024, table 7, has 0 in g for Verity Sense.
    - 128: compressed, in counts that times the factor are g (SDK). Verity Sense with older firmware.
    - 129: compressed, in mg, times the factor where the strap names one (SDK). Verity Sense with newer firmware.

    A compressed frame is a reference sample of 16 bits per axis, then blocks: the width of a delta in bits, the number of
    samples, and the deltas, signed, lowest bit first, each to be added to the value before (PMD 2022, "Delta frame sample
    example"). A width of zero is refused: no strap is known to send it.

    Args:
        packet: the notification's bytes.
        factor: what `parse_factor` found in the answer to the start command.

    Raises:
        MalformedPacket: when the bytes cannot be read without guessing; nothing else, whatever the bytes.

    >>> parse_frame(bytes.fromhex("02 ea 54 a2 42 8b 45 52 08 01 45 ff e4 ff b5 03"))
    AccelerationFrame(last_sample_ns=599618164814402794, samples_mg=((-187.0, -28.0, 949.0),))
    """
    check_length(packet, 1)
    if packet[0] & MEASUREMENT_MASK != ACCELERATION:
        raise MalformedPacket(packet, Malformed.NOT_ACCELERATION)
    check_length(packet, _HEADER_BYTES)
    scale = _mg_per_unit(packet, factor)
    values = _raw_values(packet) if packet[_FRAME_TYPE_AT] in _BYTES_PER_VALUE else _summed_values(packet)
    if not values:
        raise MalformedPacket(packet, Malformed.NO_SAMPLES)
    scaled = [value * scale for value in values]
    return AccelerationFrame(
        int.from_bytes(packet[1:_FRAME_TYPE_AT], "little"),
        tuple(zip(scaled[0::AXES], scaled[1::AXES], scaled[2::AXES], strict=True)),
    )


def _mg_per_unit(packet: bytes, factor: float | None) -> float:
    """What one unit of the frame's values is, in mg."""
    frame_type = packet[_FRAME_TYPE_AT]
    if frame_type in _BYTES_PER_VALUE:
        return 1.0
    if frame_type == _TYPE_IN_MG:
        return 1.0 if factor is None else factor
    if frame_type != _TYPE_IN_COUNTS:
        raise MalformedPacket(packet, Malformed.UNKNOWN_FRAME_TYPE)
    if factor is None:
        raise MalformedPacket(packet, Malformed.NO_FACTOR)
    return factor * _MG_PER_G


def _raw_values(packet: bytes) -> list[int]:
    """The values of an uncompressed frame, axis by axis."""
    size = _BYTES_PER_VALUE[packet[_FRAME_TYPE_AT]]
    if (len(packet) - _HEADER_BYTES) % (size * AXES):
        raise MalformedPacket(packet, Malformed.TRUNCATED)
    return [
        int.from_bytes(packet[at : at + size], "little", signed=True) for at in range(_HEADER_BYTES, len(packet), size)
    ]


def _summed_values(packet: bytes) -> list[int]:
    """The values of a compressed frame, axis by axis."""
    blocks_at = _HEADER_BYTES + _REFERENCE.size
    check_length(packet, blocks_at)
    values: list[int] = list(_REFERENCE.unpack_from(packet, _HEADER_BYTES))
    for delta in _deltas(packet, blocks_at):
        value = values[-AXES] + delta
        if value not in _INT16:
            raise MalformedPacket(packet, Malformed.OUT_OF_RANGE)
        values.append(value)
    return values


def _deltas(packet: bytes, at: int) -> Iterator[int]:
    """The deltas of all blocks from byte `at` to the end."""
    while at < len(packet):
        check_length(packet, at + 2)
        width, count = packet[at], packet[at + 1] * AXES
        if not 1 <= width <= _WIDEST_DELTA_BITS:
            raise MalformedPacket(packet, Malformed.BAD_DELTA_WIDTH)
        end = at + 2 + math.ceil(width * count / 8)
        check_length(packet, end)
        bits = int.from_bytes(packet[at + 2 : end], "little")
        yield from (_signed(bits >> width * index, width) for index in range(count))
        at = end


def _signed(bits: int, width: int) -> int:
    """The lowest `width` bits as a two's complement."""
    sign = 1 << width - 1
    return (bits & (sign << 1) - 1 ^ sign) - sign
