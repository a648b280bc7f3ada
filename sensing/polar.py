"""The accelerometer of Polar straps, through PMD, the Polar Measurement Data service. Bytes in, frozen values out. No I/O.

Sources, as named below; all are in polarofficial/polar-ble-sdk:
    PMD 2022: "Polar Measurement Data Specification for 3rd Party", technical_documentation/ at commit 39c809a.
    PMD 2024: "online_measurement.pdf", version 1.0, August 2024, technical_documentation/.
    SDK: release 8.0.0, what its Android client does in .../gatt/client/pmd/ (BlePMDClient, PmdSetting, AccData).
Where they disagree, packets that straps really sent decide; firmware_notes/polar.md shows them, and lists what no packet
was found for.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from struct import Struct

PMD_SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
PMD_CONTROL_POINT = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
PMD_DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"

_ACCELERATION = 2  # PMD 2022, "PMD Measurement Types"
_MEASUREMENT_MASK = 0x3F  # PMD 2024, 4.2.9: the two upper bits say how it is recorded

ASK_SETTINGS = bytes((0x01, _ACCELERATION))
STOP = bytes((0x03, _ACCELERATION))
_START = bytes((0x02, _ACCELERATION))

_LONGEST_ATTRIBUTE = 512  # Core Specification 5.4, Vol 3, Part F, 3.2.9
_SHOWN_BYTES = 20


class Malformed(StrEnum):
    """Why bytes are not what a Polar strap sends."""

    EMPTY = "no bytes at all"
    TOO_LONG = "longer than any attribute can be (512 bytes)"
    TRUNCATED = "ends before what it announces"
    NOT_FEATURES = "not the features: the first byte is not 0f"
    NOT_FROM_CONTROL_POINT = "neither an answer (f0) nor a notice (01) of the control point"
    UNKNOWN_SETTING = "a setting of unknown size"
    BAD_FACTOR = "a conversion factor that no accelerometer has"
    NOT_ACCELERATION = "a measurement other than acceleration"
    UNKNOWN_FRAME_TYPE = "a frame type that acceleration does not have"
    NO_SAMPLES = "a frame without samples"
    NO_FACTOR = "values in units of a conversion factor that is not known"
    BAD_DELTA_WIDTH = "deltas that are not 1 to 32 bits wide"
    OUT_OF_RANGE = "deltas that lead out of the 16 bits of a value"


class MalformedFrame(ValueError):
    """Bytes of the PMD service that cannot be read without guessing. Carries the `packet` and the `reason`."""

    def __init__(self, packet: bytes, reason: Malformed) -> None:
        super().__init__(packet, reason)
        self.packet = packet
        self.reason = reason

    def __str__(self) -> str:
        shown = self.packet[:_SHOWN_BYTES].hex(" ") + (" …" if len(self.packet) > _SHOWN_BYTES else "")
        return f"malformed Polar packet [{shown}]: {self.reason}"


_FEATURES = 0x0F


def offers_acceleration(features: bytes | None) -> bool:
    """Whether the strap can stream acceleration.

    Source: PMD 2022, "Read Features from device"; seen from H10, OH1 and Verity Sense.

    Args:
        features: what reading the control point yields; None where the strap has no such characteristic, as the H9 and
            every strap that is not a Polar.

    Raises:
        MalformedFrame: when the bytes are not the features.

    >>> offers_acceleration(bytes.fromhex("0f 05 00 00"))
    True
    >>> offers_acceleration(None)
    False
    """
    if features is None:
        return False
    _check_length(features, 2)
    if features[0] != _FEATURES:
        raise MalformedFrame(features, Malformed.NOT_FEATURES)
    return bool(features[1] >> _ACCELERATION & 1)


def _check_length(packet: bytes, least: int) -> None:
    if not packet:
        raise MalformedFrame(packet, Malformed.EMPTY)
    if len(packet) < least:
        raise MalformedFrame(packet, Malformed.TRUNCATED)
    if len(packet) > _LONGEST_ATTRIBUTE:
        raise MalformedFrame(packet, Malformed.TOO_LONG)


class Outcome(StrEnum):
    """What became of a command, in words for people. In the order of the strap's codes; the last has none.

    Source: PMD 2022, "Control Point Error Codes", up to 13; 14 is the SDK's.
    """

    DONE = "done"
    UNKNOWN_COMMAND = "the strap does not know this command"
    UNKNOWN_MEASUREMENT = "the strap does not know this measurement"
    NOT_SUPPORTED = "the strap does not offer this measurement"
    WRONG_LENGTH = "the strap finds the command too short or too long"
    WRONG_PARAMETER = "the strap refuses the settings in the command"
    ALREADY_IN_STATE = "the strap is already doing that"
    WRONG_RESOLUTION = "the strap does not offer this resolution"
    WRONG_SAMPLE_RATE = "the strap does not offer this sample rate"
    WRONG_RANGE = "the strap does not offer this range"
    MTU_TOO_SMALL = "the connection carries packets that are too small for the strap (ATT_MTU below 232)"
    WRONG_CHANNELS = "the strap does not offer this number of axes"
    NOT_NOW = "the strap cannot do that in the state it is in"
    CHARGING = "the strap is in its charger: take it out"
    MEMORY_FULL = "the strap's memory is full"
    UNKNOWN = "the strap names an error that is not documented"


_OUTCOME_OF_CODE = tuple(Outcome)
_ANSWER = 0xF0
_STOPPED = 0x01
_MORE_AT = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """What the control point says to a command.

    Attributes:
        command: 1 asked for the settings, 2 started, 3 stopped.
        measurement: what it was about; 2 is acceleration.
        error_code: 0 where all is well; `outcome` has it in words.
        more_follows: the parameters go on in the next answer. Append them before they are parsed.
        parameters: for `parse_settings` after 1, for `parse_factor` after 2.
    """

    command: int
    measurement: int
    error_code: int
    more_follows: bool = False
    parameters: bytes = b""

    @property
    def outcome(self) -> Outcome:
        """The error code in words."""
        return _OUTCOME_OF_CODE[min(self.error_code, len(_OUTCOME_OF_CODE) - 1)]


@dataclass(frozen=True, slots=True)
class Stopped:
    """The strap itself ended streams. `measurements` are their types; 2 is acceleration."""

    measurements: frozenset[int]


def parse_control(packet: bytes) -> Answer | Stopped:
    """Decode one indication of the control point.

    Source: PMD 2022, "Request Stream Settings" and "Start Stream". The SDK also reads answers of four bytes, without the
    flag, and the notice that a stream was stopped, which no published packet shows.

    Raises:
        MalformedFrame: when the bytes cannot be read without guessing; nothing else, whatever the bytes.

    >>> parse_control(bytes.fromhex("f0 03 02 06 00")).outcome
    <Outcome.ALREADY_IN_STATE: 'the strap is already doing that'>
    """
    _check_length(packet, 1)
    if packet[0] == _STOPPED:
        return Stopped(frozenset(measurement & _MEASUREMENT_MASK for measurement in packet[1:]))
    if packet[0] != _ANSWER:
        raise MalformedFrame(packet, Malformed.NOT_FROM_CONTROL_POINT)
    _check_length(packet, _MORE_AT)
    more_follows = len(packet) > _MORE_AT and packet[_MORE_AT] > 0
    return Answer(packet[1], packet[2] & _MEASUREMENT_MASK, packet[3], more_follows, bytes(packet[_MORE_AT + 1 :]))


_SAMPLE_RATE, _RESOLUTION, _RANGE, _CHANNELS, _FACTOR = 0, 1, 2, 4, 5
_SIZE_OF_SETTING = {_SAMPLE_RATE: 2, _RESOLUTION: 2, _RANGE: 2, 3: 4, _CHANNELS: 1, _FACTOR: 4, 6: 16}
_FLOAT = Struct("<f")
_LEAST_FACTOR, _LARGEST_FACTOR = 1e-5, 10.0  # 2 g in 16 bits of g: 6e-5; values in mg: 1

_LEAST_SAMPLE_RATE_HZ = 25  # the lowest of the H10; OH1 has 50, Verity Sense 52
_WANTED_RESOLUTION_BIT = 16  # the one all of them have
_WANTED_RANGE_G = 8  # the one all of them have
_AXES = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """The settings a strap offers for acceleration. What it does not name is empty, and must not be sent to it either."""

    sample_rates_hz: tuple[int, ...] = ()
    resolutions_bit: tuple[int, ...] = ()
    ranges_g: tuple[int, ...] = ()
    channels: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings chosen from an offer; None is not sent."""

    sample_rate_hz: int
    resolution_bit: int
    range_g: int | None = None
    channels: int | None = None


class NothingFits(ValueError):
    """The strap offers no acceleration that motion could be measured with. Carries the `offer`."""

    def __init__(self, offer: Offer) -> None:
        super().__init__(offer)
        self.offer = offer

    def __str__(self) -> str:
        return (
            "motion is not measured: it needs 3 axes of 16 bit at 25 Hz or more, and the strap offers "
            f"{self.offer.sample_rates_hz} Hz, {self.offer.resolutions_bit} bit, {self.offer.channels} axes"
        )


def parse_settings(parameters: bytes) -> Offer:
    """The parameters of the answer to `ASK_SETTINGS`.

    Each setting is its type, a count, and that many values: uint16, but one byte for the number of channels.
    Source: PMD 2024, table 5, and PMD 2022, "Request Stream Settings". The sizes of types 3 and 6, which are skipped, are
    the SDK's.

    Raises:
        MalformedFrame: when the bytes cannot be read without guessing; nothing else, whatever the bytes.

    >>> parse_settings(bytes.fromhex("00 01 34 00 01 01 10 00 02 01 08 00 04 01 03"))
    Offer(sample_rates_hz=(52,), resolutions_bit=(16,), ranges_g=(8,), channels=(3,))
    """
    values = _values_of_settings(parameters)
    return Offer(
        *(
            tuple(int.from_bytes(value, "little") for value in values.get(setting, ()))
            for setting in (_SAMPLE_RATE, _RESOLUTION, _RANGE, _CHANNELS)
        )
    )


def parse_factor(parameters: bytes) -> float | None:
    """The conversion factor in the parameters of the answer to a start command; None where the strap names none.

    Source: PMD 2022, "Start Stream": setting 5, an IEEE 754 single. The H10 sends one reserved byte in its place, and
    Verity Sense with newer firmware nothing.

    Raises:
        MalformedFrame: when the bytes cannot be read without guessing; nothing else, whatever the bytes.

    >>> round(parse_factor(bytes.fromhex("05 01 40 da 7f 39")), 9)
    0.000244
    >>> parse_factor(bytes.fromhex("01")) is None
    True
    """
    factors = [_FLOAT.unpack(value)[0] for value in _values_of_settings(parameters).get(_FACTOR, ())]
    if not factors:
        return None
    factor: float = factors[0]
    if not _LEAST_FACTOR <= factor <= _LARGEST_FACTOR:
        raise MalformedFrame(parameters, Malformed.BAD_FACTOR)
    return factor


def _values_of_settings(parameters: bytes) -> dict[int, list[bytes]]:
    """The values of each setting, still as bytes. A lone byte is reserved and holds no setting."""
    values: dict[int, list[bytes]] = {}
    at = 0 if len(parameters) > 1 else len(parameters)
    while at < len(parameters):
        size = _SIZE_OF_SETTING.get(parameters[at])
        if size is None:
            raise MalformedFrame(parameters, Malformed.UNKNOWN_SETTING)
        first = at + 2
        _check_length(parameters, first)
        end = first + size * parameters[at + 1]
        _check_length(parameters, end)
        values[parameters[at]] = [parameters[value_at : value_at + size] for value_at in range(first, end, size)]
        at = end
    return values


def choose(offer: Offer) -> Settings:
    """Of what is offered: the lowest sample rate of at least 25 Hz, 16 bit, the range nearest to 8 g, three axes.

    Of two ranges equally near, the wider.

    Raises:
        NothingFits: the strap names no such rate, resolution or number of axes.

    >>> choose(Offer((200, 100, 50, 25), (16,), (2, 4, 8)))
    Settings(sample_rate_hz=25, resolution_bit=16, range_g=8, channels=None)
    """
    fast_enough = [rate_hz for rate_hz in offer.sample_rates_hz if rate_hz >= _LEAST_SAMPLE_RATE_HZ]
    three_axes = not offer.channels or _AXES in offer.channels
    if not (fast_enough and three_axes and _WANTED_RESOLUTION_BIT in offer.resolutions_bit):
        raise NothingFits(offer)
    return Settings(
        sample_rate_hz=min(fast_enough),
        resolution_bit=_WANTED_RESOLUTION_BIT,
        range_g=min(offer.ranges_g, key=lambda range_g: (abs(range_g - _WANTED_RANGE_G), -range_g), default=None),
        channels=_AXES if offer.channels else None,
    )


def start_command(settings: Settings) -> bytes:
    """The command that starts the stream. Write it after notifications of `PMD_DATA` are on.

    The H10 refuses a start that leaves out a setting it offers (polar-ble-sdk#124), and one it does not offer.

    Raises:
        ValueError: a setting does not fit its field.

    >>> start_command(Settings(52, 16, 8, 3)).hex(" ")
    '02 02 00 01 34 00 01 01 10 00 02 01 08 00 04 01 03'
    """
    chosen = {
        _SAMPLE_RATE: settings.sample_rate_hz,
        _RESOLUTION: settings.resolution_bit,
        _RANGE: settings.range_g,
        _CHANNELS: settings.channels,
    }
    return _START + b"".join(_setting(setting, value) for setting, value in chosen.items() if value is not None)


def _setting(setting: int, value: int) -> bytes:
    """One setting with one value."""
    size = _SIZE_OF_SETTING[setting]
    if not 0 <= value < 1 << 8 * size:
        raise ValueError(f"setting {setting} has {size} bytes, too few for {value}")
    return bytes((setting, 1)) + value.to_bytes(size, "little")


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
        MalformedFrame: when the bytes cannot be read without guessing; nothing else, whatever the bytes.

    >>> parse_frame(bytes.fromhex("02 ea 54 a2 42 8b 45 52 08 01 45 ff e4 ff b5 03"))
    AccelerationFrame(last_sample_ns=599618164814402794, samples_mg=((-187.0, -28.0, 949.0),))
    """
    _check_length(packet, 1)
    if packet[0] & _MEASUREMENT_MASK != _ACCELERATION:
        raise MalformedFrame(packet, Malformed.NOT_ACCELERATION)
    _check_length(packet, _HEADER_BYTES)
    scale = _mg_per_unit(packet, factor)
    values = _raw_values(packet) if packet[_FRAME_TYPE_AT] in _BYTES_PER_VALUE else _summed_values(packet)
    if not values:
        raise MalformedFrame(packet, Malformed.NO_SAMPLES)
    scaled = [value * scale for value in values]
    return AccelerationFrame(
        int.from_bytes(packet[1:_FRAME_TYPE_AT], "little"),
        tuple(zip(scaled[0::_AXES], scaled[1::_AXES], scaled[2::_AXES], strict=True)),
    )


def _mg_per_unit(packet: bytes, factor: float | None) -> float:
    """What one unit of the frame's values is, in mg."""
    frame_type = packet[_FRAME_TYPE_AT]
    if frame_type in _BYTES_PER_VALUE:
        return 1.0
    if frame_type == _TYPE_IN_MG:
        return 1.0 if factor is None else factor
    if frame_type != _TYPE_IN_COUNTS:
        raise MalformedFrame(packet, Malformed.UNKNOWN_FRAME_TYPE)
    if factor is None:
        raise MalformedFrame(packet, Malformed.NO_FACTOR)
    return factor * _MG_PER_G


def _raw_values(packet: bytes) -> list[int]:
    """The values of an uncompressed frame, axis by axis."""
    size = _BYTES_PER_VALUE[packet[_FRAME_TYPE_AT]]
    if (len(packet) - _HEADER_BYTES) % (size * _AXES):
        raise MalformedFrame(packet, Malformed.TRUNCATED)
    return [
        int.from_bytes(packet[at : at + size], "little", signed=True) for at in range(_HEADER_BYTES, len(packet), size)
    ]


def _summed_values(packet: bytes) -> list[int]:
    """The values of a compressed frame, axis by axis."""
    blocks_at = _HEADER_BYTES + _REFERENCE.size
    _check_length(packet, blocks_at)
    values: list[int] = list(_REFERENCE.unpack_from(packet, _HEADER_BYTES))
    for delta in _deltas(packet, blocks_at):
        value = values[-_AXES] + delta
        if value not in _INT16:
            raise MalformedFrame(packet, Malformed.OUT_OF_RANGE)
        values.append(value)
    return values


def _deltas(packet: bytes, at: int) -> Iterator[int]:
    """The deltas of all blocks from byte `at` to the end."""
    while at < len(packet):
        _check_length(packet, at + 2)
        width, count = packet[at], packet[at + 1] * _AXES
        if not 1 <= width <= _WIDEST_DELTA_BITS:
            raise MalformedFrame(packet, Malformed.BAD_DELTA_WIDTH)
        end = at + 2 + math.ceil(width * count / 8)
        _check_length(packet, end)
        bits = int.from_bytes(packet[at + 2 : end], "little")
        yield from (_signed(bits >> width * index, width) for index in range(count))
        at = end


def _signed(bits: int, width: int) -> int:
    """The lowest `width` bits as a two's complement."""
    sign = 1 << width - 1
    return (bits & (sign << 1) - 1 ^ sign) - sign
