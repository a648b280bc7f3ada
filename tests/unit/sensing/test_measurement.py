"""0x2A37: all flags, both ways, and nothing but MalformedMeasurement for bytes that are not a measurement."""

import pickle

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sensing.measurement import Contact, HeartRateMeasurement, Malformed, MalformedMeasurement, pack, parse

uint16 = st.integers(0, 0xFFFF)
measurements = st.builds(
    HeartRateMeasurement,
    heart_rate_bpm=st.none() | st.integers(1, 0xFFFF),
    contact=st.sampled_from(Contact),
    energy_kj=st.none() | uint16,
    rr_ticks=st.lists(st.integers(1, 0xFFFF), max_size=9).map(tuple),
)


@given(measurements, st.booleans())
def test_what_is_packed_is_parsed_again(measurement, wide):
    try:
        packet = pack(measurement, wide_heart_rate=wide)
    except ValueError:
        assume(len(measurement.rr_ticks) < 8)
        raise
    assert len(packet) <= 20
    assert parse(packet) == measurement


@given(st.integers(0, 0xFF), st.integers(1, 0xFF), uint16, st.lists(st.integers(1, 0xFFFF), max_size=7))
def test_every_combination_of_flags_is_read_field_by_field(flags, bpm, energy, rr):
    rr = rr if flags & 0x10 else []
    packet = bytes([flags, bpm]) + (b"\x01" if flags & 1 else b"")
    packet += energy.to_bytes(2, "little") if flags & 8 else b""
    packet += b"".join(ticks.to_bytes(2, "little") for ticks in rr)
    read = parse(packet)
    assert read.heart_rate_bpm == (bpm + 256 if flags & 1 else bpm)
    contact = {0: Contact.UNSUPPORTED, 2: Contact.UNSUPPORTED, 4: Contact.LOST, 6: Contact.GOOD}[flags & 6]
    assert read.contact is contact
    assert read.energy_kj == (energy if flags & 8 else None)
    assert read.rr_ticks == tuple(rr)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("contact", Contact)
@pytest.mark.parametrize("has_energy", [False, True])
@pytest.mark.parametrize("has_rr", [False, True])
@given(st.integers(0, 0xFF), uint16, st.lists(st.integers(1, 0xFFFF), min_size=1, max_size=7))
def test_under_every_combination_of_flags_both_directions_agree(wide, contact, has_energy, has_rr, bpm, energy, rr):
    """Twenty-four combinations, each by name: none is left to chance."""
    measurement = HeartRateMeasurement(
        bpm or None, contact, energy if has_energy else None, tuple(rr) if has_rr else ()
    )
    packet = pack(measurement, wide_heart_rate=wide)
    assert packet[0] & 1 == wide
    assert bool(packet[0] & 8) is has_energy
    assert bool(packet[0] & 16) is has_rr
    assert parse(packet) == measurement
    assert pack(parse(packet), wide_heart_rate=wide) == packet


@given(st.binary(max_size=600))
def test_random_bytes_raise_nothing_but_malformed(packet):
    measurement, refused = None, None
    try:
        measurement = parse(packet)
    except MalformedMeasurement as error:
        refused = error
    if refused is not None:
        assert refused.packet == packet
        assert str(Malformed(refused.reason)) in str(refused)
    else:
        assert 0 not in measurement.rr_ticks
        assert measurement.heart_rate_bpm != 0


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        ("", Malformed.EMPTY),
        ("06", Malformed.TRUNCATED),
        ("01 48", Malformed.TRUNCATED),
        ("08 48 01", Malformed.TRUNCATED),
        ("09 48 00 01", Malformed.TRUNCATED),
        ("10 48 03", Malformed.ODD_BYTE),
        ("10 48 03 03 03", Malformed.ODD_BYTE),
        ("10 48 03 03 00 00", Malformed.ZERO_RR),
        ("00 48 03 03", Malformed.TRAILING_BYTES),
        ("10 48" + "03 03" * 256, Malformed.TOO_LONG),
    ],
)
def test_malformed_packets_say_why(packet, reason):
    with pytest.raises(MalformedMeasurement) as refused:
        parse(bytes.fromhex(packet))
    assert refused.value.reason is reason


def test_more_intervals_than_the_default_mtu_has_room_for_are_read():
    assert len(parse(bytes([0x10, 72]) + b"\x03\x03" * 12).rr_ticks) == 12


def test_a_full_energy_counter_is_a_value_and_not_a_missing_one():
    assert parse(bytes.fromhex("08 48 ff ff")).energy_kj == 0xFFFF


def test_a_bytearray_is_read_like_bytes():
    assert parse(bytearray.fromhex("10 43 72 03")) == parse(bytes.fromhex("10 43 72 03"))


def test_the_error_survives_pickling_between_processes():
    error = pickle.loads(pickle.dumps(MalformedMeasurement(b"\x10\x48\x03", Malformed.ODD_BYTE)))  # noqa: S301  our own
    assert (error.packet, error.reason) == (b"\x10\x48\x03", Malformed.ODD_BYTE)


@pytest.mark.parametrize(
    "measurement",
    [
        HeartRateMeasurement(0x10000),
        HeartRateMeasurement(-1),
        HeartRateMeasurement(72, energy_kj=0x10000),
        HeartRateMeasurement(72, rr_ticks=(0,)),
        HeartRateMeasurement(72, rr_ticks=(0x10000,)),
        HeartRateMeasurement(72, rr_ticks=(800,) * 10),
        HeartRateMeasurement(72, energy_kj=1, rr_ticks=(800,) * 9),
    ],
)
def test_what_no_strap_could_send_is_not_packed(measurement):
    with pytest.raises(ValueError, match=r"must lie between|room for 20"):
        pack(measurement)


def test_nine_intervals_fit_and_eight_with_energy():
    assert len(pack(HeartRateMeasurement(72, rr_ticks=(800,) * 9))) == 20
    assert len(pack(HeartRateMeasurement(72, energy_kj=1, rr_ticks=(800,) * 8))) == 20
