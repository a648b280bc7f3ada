"""PMD, the Polar Measurement Data service, and what its control point says. Bytes in, frozen values out. No I/O.

The settings that a stream is started with are in `sensing.polar_settings`, the frames it sends in `sensing.polar_frames`.

Sources, as named in all three; all are in polarofficial/polar-ble-sdk:
    PMD 2022: "Polar Measurement Data Specification for 3rd Party", technical_documentation/ at commit 39c809a.
    PMD 2024: "online_measurement.pdf", version 1.0, August 2024, technical_documentation/.
    SDK: release 8.0.0, what its Android client does in .../gatt/client/pmd/ (BlePMDClient, PmdSetting, AccData).
Where they disagree, packets that straps really sent decide; firmware_notes/polar.md shows them, and lists what no packet
was found for.
"""

from dataclasses import dataclass
from enum import StrEnum

PMD_SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
PMD_CONTROL_POINT = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
PMD_DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"

ACCELERATION = 2  # PMD 2022, "PMD Measurement Types"
MEASUREMENT_MASK = 0x3F  # PMD 2024, 4.2.9: the two upper bits say how it is recorded
AXES = 3

ASK_SETTINGS = bytes((0x01, ACCELERATION))
STOP = bytes((0x03, ACCELERATION))

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


class MalformedPacket(ValueError):
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
        MalformedPacket: when the bytes are not the features.

    >>> offers_acceleration(bytes.fromhex("0f 05 00 00"))
    True
    >>> offers_acceleration(None)
    False
    """
    if features is None:
        return False
    check_length(features, 2)
    if features[0] != _FEATURES:
        raise MalformedPacket(features, Malformed.NOT_FEATURES)
    return bool(features[1] >> ACCELERATION & 1)


def check_length(packet: bytes, least: int) -> None:
    """Refuse a packet that is shorter than `least` bytes, or longer than any can be.

    Raises:
        MalformedPacket: it is.
    """
    if not packet:
        raise MalformedPacket(packet, Malformed.EMPTY)
    if len(packet) < least:
        raise MalformedPacket(packet, Malformed.TRUNCATED)
    if len(packet) > _LONGEST_ATTRIBUTE:
        raise MalformedPacket(packet, Malformed.TOO_LONG)


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
        MalformedPacket: when the bytes cannot be read without guessing; nothing else, whatever the bytes.

    >>> parse_control(bytes.fromhex("f0 03 02 06 00")).outcome
    <Outcome.ALREADY_IN_STATE: 'the strap is already doing that'>
    """
    check_length(packet, 1)
    if packet[0] == _STOPPED:
        return Stopped(frozenset(measurement & MEASUREMENT_MASK for measurement in packet[1:]))
    if packet[0] != _ANSWER:
        raise MalformedPacket(packet, Malformed.NOT_FROM_CONTROL_POINT)
    check_length(packet, _MORE_AT)
    more_follows = len(packet) > _MORE_AT and packet[_MORE_AT] > 0
    return Answer(packet[1], packet[2] & MEASUREMENT_MASK, packet[3], more_follows, bytes(packet[_MORE_AT + 1 :]))
