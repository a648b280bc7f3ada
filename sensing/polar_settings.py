"""The settings a Polar strap's accelerometer offers, which of them to take, and the command that starts the stream. Pure.

The sources are named in `sensing.polar`.
"""

from dataclasses import dataclass
from struct import Struct

from sensing.polar import ACCELERATION, AXES, Malformed, MalformedPacket, check_length

_START = bytes((0x02, ACCELERATION))

_SAMPLE_RATE, _RESOLUTION, _RANGE, _CHANNELS, _FACTOR = 0, 1, 2, 4, 5
_SIZE_OF_SETTING = {_SAMPLE_RATE: 2, _RESOLUTION: 2, _RANGE: 2, 3: 4, _CHANNELS: 1, _FACTOR: 4, 6: 16}
_FLOAT = Struct("<f")
_LEAST_FACTOR, _LARGEST_FACTOR = 1e-5, 10.0  # 2 g in 16 bits of g: 6e-5; values in mg: 1

_LEAST_SAMPLE_RATE_HZ = 25  # the lowest of the H10; OH1 has 50, Verity Sense 52
_WANTED_RESOLUTION_BIT = 16  # the one all of them have
_WANTED_RANGE_G = 8  # the one all of them have


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
        MalformedPacket: when the bytes cannot be read without guessing; nothing else, whatever the bytes.

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
        MalformedPacket: when the bytes cannot be read without guessing; nothing else, whatever the bytes.

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
        raise MalformedPacket(parameters, Malformed.BAD_FACTOR)
    return factor


def _values_of_settings(parameters: bytes) -> dict[int, list[bytes]]:
    """The values of each setting, still as bytes. A lone byte is reserved and holds no setting."""
    values: dict[int, list[bytes]] = {}
    at = 0 if len(parameters) > 1 else len(parameters)
    while at < len(parameters):
        size = _SIZE_OF_SETTING.get(parameters[at])
        if size is None:
            raise MalformedPacket(parameters, Malformed.UNKNOWN_SETTING)
        first = at + 2
        check_length(parameters, first)
        end = first + size * parameters[at + 1]
        check_length(parameters, end)
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
    three_axes = not offer.channels or AXES in offer.channels
    if not (fast_enough and three_axes and _WANTED_RESOLUTION_BIT in offer.resolutions_bit):
        raise NothingFits(offer)
    return Settings(
        sample_rate_hz=min(fast_enough),
        resolution_bit=_WANTED_RESOLUTION_BIT,
        range_g=min(offer.ranges_g, key=lambda range_g: (abs(range_g - _WANTED_RANGE_G), -range_g), default=None),
        channels=AXES if offer.channels else None,
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
