"""The accelerometer of Polar straps: every packet on the page, every frame type, and motion second by second."""

import math
import pickle
import re
import struct
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sensing.motion import MotionMeter, MotionSecond, mean_amplitude_deviation_mg
from sensing.polar import (
    ASK_SETTINGS,
    PMD_CONTROL_POINT,
    PMD_DATA,
    PMD_SERVICE,
    STOP,
    Answer,
    Malformed,
    MalformedPacket,
    Outcome,
    Stopped,
    offers_acceleration,
    parse_control,
)
from sensing.polar_frames import AccelerationFrame, parse_frame
from sensing.polar_settings import NothingFits, Offer, Settings, choose, parse_factor, parse_settings, start_command

PAGE = (Path(__file__).parents[3] / "firmware_notes" / "polar.md").read_text(encoding="utf-8")
MARKED = r"(features|command|answer|frame)((?: [0-9a-f]{2})+)"
VERITY_FACTOR = struct.unpack("<f", bytes.fromhex("40 da 7f 39"))[0]
COUNTS, MG = 0x80, 0x81
STRAP_STARTS_NS = 599_616_000_000_000_000  # 2019-01-01, as an H10 does


def rows(word, columns):
    """The cells of the page's table rows with `columns` columns whose first is a packet marked with `word`."""
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        marked = re.fullmatch(f"`{MARKED}`", cells[0])
        if marked and marked[1] == word and len(cells) == columns:
            yield pytest.param(bytes.fromhex(marked[2]), *cells[1:], id=f"{word}{marked[2][:30]}")


FRAMES = [row.values for row in rows("frame", 6)]
REAL_FRAMES = [packet for packet, *_ in FRAMES]
REAL_ANSWERS = [row.values[0] for row in rows("answer", 3)]
H10_FRAMES = [parse_frame(packet) for packet, source, *_ in FRAMES if source.startswith("H10")]


# Every packet on the page


@pytest.mark.parametrize(("packet", "source", "says"), list(rows("features", 3)))
def test_features_on_the_page_offer_acceleration(packet, source, says):
    assert says == "acceleration"
    assert offers_acceleration(packet)


@pytest.mark.parametrize(("packet", "source", "says"), list(rows("answer", 3)))
def test_an_answer_on_the_page_says_what_the_page_says(packet, source, says):
    answer = parse_control(packet)
    assert (answer.measurement, answer.more_follows) == (2, False)
    assert str(answer.outcome) + in_words(answer) == says


def in_words(answer):
    if answer.outcome is not Outcome.DONE:
        return ""
    if answer.command == 2:
        factor = parse_factor(answer.parameters)
        return ": no factor" if factor is None else f": factor {factor:.6f}"
    offer = parse_settings(answer.parameters)
    listed = [
        (offer.sample_rates_hz, "Hz"),
        (offer.resolutions_bit, "bit"),
        (offer.ranges_g, "g"),
        (offer.channels, "axes"),
    ]
    return ": " + "; ".join(f"{', '.join(map(str, values))} {unit}" for values, unit in listed if values)


@pytest.mark.parametrize(("packet", "source", "asks"), list(rows("command", 3)))
def test_a_command_on_the_page_is_the_one_this_program_sends(packet, source, asks):
    sent = {"ask for the settings": ASK_SETTINGS, "stop": STOP}
    for answer in filter(lambda answer: answer.command == 1, map(parse_control, REAL_ANSWERS)):
        chosen = choose(parse_settings(answer.parameters))
        axes = f", {chosen.channels} axes" if chosen.channels else ""
        words = f"start: {chosen.sample_rate_hz} Hz, {chosen.resolution_bit} bit, {chosen.range_g} g{axes}"
        sent[words] = start_command(chosen)
    assert sent[asks] == packet


@pytest.mark.parametrize(("packet", "source", "time", "count", "first", "last"), list(rows("frame", 6)))
def test_a_frame_on_the_page_decodes_to_what_the_page_says(packet, source, time, count, first, last):
    frame = parse_frame(packet, VERITY_FACTOR if "factor" in source else None)
    assert frame.last_sample_ns == int(time)
    assert len(frame.samples_mg) == int(count)
    assert [round(value) for value in frame.samples_mg[0]] == [int(value) for value in first.split()]
    assert [round(value) for value in frame.samples_mg[-1]] == [int(value) for value in last.split()]


@pytest.mark.parametrize(("packet", "source", "why"), list(rows("frame", 3)))
def test_a_refused_frame_on_the_page_is_refused_for_the_reason_given(packet, source, why):
    with pytest.raises(MalformedPacket) as refused:
        parse_frame(packet, VERITY_FACTOR)
    assert refused.value.reason == why


def test_no_marked_packet_on_the_page_escapes_these_tests():
    tested = [("features", 3), ("answer", 3), ("command", 3), ("frame", 6), ("frame", 3)]
    assert len(re.findall(f"`{MARKED}`", PAGE)) == sum(len(list(rows(*table))) for table in tested) > 20
    assert len(re.findall("`(?:features|command|answer|frame) ", PAGE)) == len(re.findall(f"`{MARKED}`", PAGE))


def test_the_uuids_are_those_on_the_page():
    assert all(f"| {uuid} |" in PAGE for uuid in (PMD_SERVICE, PMD_CONTROL_POINT, PMD_DATA))


def test_gravity_is_in_every_real_frame():
    for packet, source, *_ in FRAMES:
        frame = parse_frame(packet, VERITY_FACTOR if "factor" in source else None)
        assert np.mean([math.hypot(*sample) for sample in frame.samples_mg]) == pytest.approx(1000, rel=0.07)


# Features, answers, settings


@pytest.mark.parametrize("bits", range(256))
def test_bit_two_alone_says_whether_acceleration_is_offered(bits):
    assert offers_acceleration(bytes([0x0F, bits])) == bool(bits & 4)


def test_a_strap_without_pmd_offers_no_acceleration():
    assert offers_acceleration(None) is False


@pytest.mark.parametrize(
    ("features", "reason"),
    [("", Malformed.EMPTY), ("0f", Malformed.TRUNCATED), ("f0 05", Malformed.NOT_FEATURES)],
)
def test_bytes_that_are_not_the_features_are_refused(features, reason):
    with pytest.raises(MalformedPacket) as refused:
        offers_acceleration(bytes.fromhex(features))
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (0, Outcome.DONE),
        (3, Outcome.NOT_SUPPORTED),
        (5, Outcome.WRONG_PARAMETER),
        (6, Outcome.ALREADY_IN_STATE),
        (8, Outcome.WRONG_SAMPLE_RATE),
        (10, Outcome.MTU_TOO_SMALL),
        (11, Outcome.WRONG_CHANNELS),
        (13, Outcome.CHARGING),
        (14, Outcome.MEMORY_FULL),
        (15, Outcome.UNKNOWN),
        (255, Outcome.UNKNOWN),
    ],
)
def test_error_codes_have_words(code, outcome):
    assert parse_control(bytes([0xF0, 2, 2, code, 0])).outcome is outcome


def test_an_answer_is_read_field_by_field():
    assert parse_control(bytes.fromhex("f0 01 02 00 01 00 01 34")) == Answer(1, 2, 0, True, bytes.fromhex("00 01 34"))
    assert parse_control(bytes.fromhex("f0 03 02 06")) == Answer(3, 2, 6)
    assert parse_control(bytearray.fromhex("f0 02 02 00 00 01")) == Answer(2, 2, 0, False, b"\x01")


def test_an_answer_in_two_parts_is_one_when_its_parameters_are_joined():
    parts = [parse_control(bytes.fromhex(packet)) for packet in ("f0 01 02 00 01 00 02 1a 00", "f0 01 02 00 00 34 00")]
    assert [part.more_follows for part in parts] == [True, False]
    assert parse_settings(b"".join(part.parameters for part in parts)).sample_rates_hz == (26, 52)


def test_the_strap_can_say_that_it_stopped_a_stream():
    assert parse_control(bytes.fromhex("01 02 85")) == Stopped(frozenset({2, 5}))


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        ("", Malformed.EMPTY),
        ("f0 02 02", Malformed.TRUNCATED),
        ("0f 05 00 00", Malformed.NOT_FROM_CONTROL_POINT),
        ("f0" * 513, Malformed.TOO_LONG),
    ],
)
def test_what_the_control_point_does_not_send_is_refused(packet, reason):
    with pytest.raises(MalformedPacket) as refused:
        parse_control(bytes.fromhex(packet))
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ("00 01", Malformed.TRUNCATED),
        ("00 01 34", Malformed.TRUNCATED),
        ("00 01 34 00 01", Malformed.TRUNCATED),
        ("00 ff 34 00", Malformed.TRUNCATED),
        ("07 01 00", Malformed.UNKNOWN_SETTING),
        ("05 01 00 00 80", Malformed.TRUNCATED),
    ],
)
def test_settings_that_cannot_be_read_are_refused(parameters, reason):
    for parse in (parse_settings, parse_factor):
        with pytest.raises(MalformedPacket) as refused:
            parse(bytes.fromhex(parameters))
        assert refused.value.reason is reason


@pytest.mark.parametrize("factor", [0.0, -0.000244, math.inf, math.nan, 1e-9, 1e30])
def test_a_factor_that_makes_no_sense_is_refused(factor):
    with pytest.raises(MalformedPacket) as refused:
        parse_factor(b"\x05\x01" + struct.pack("<f", factor))
    assert refused.value.reason is Malformed.BAD_FACTOR


def test_settings_this_program_has_no_use_for_are_skipped():
    unused = "03 01 01 02 03 04" + "06 01" + "aa" * 16
    assert parse_settings(bytes.fromhex(unused + "00 01 34 00")) == Offer(sample_rates_hz=(52,))


# What is chosen

sizes = st.lists(st.integers(1, 0xFFFF), max_size=6, unique=True).map(tuple)


@given(sizes, sizes)
def test_the_lowest_rate_from_25_hz_and_the_range_nearest_to_8_g_are_chosen(rates_hz, ranges_g):
    assume(any(rate_hz >= 25 for rate_hz in rates_hz))
    chosen = choose(Offer(rates_hz, (16,), ranges_g, (3,)))
    assert chosen.sample_rate_hz >= 25
    assert all(rate_hz < 25 or rate_hz >= chosen.sample_rate_hz for rate_hz in rates_hz)
    assert all(abs(range_g - 8) >= abs(chosen.range_g - 8) for range_g in ranges_g)
    assert (chosen.range_g is None) == (not ranges_g)


def test_of_two_ranges_equally_near_the_wider_is_chosen():
    assert choose(Offer((50,), (16,), (4, 12))).range_g == 12


@pytest.mark.parametrize(
    "offer",
    [
        Offer(),
        Offer((10, 24), (16,), (8,), (3,)),
        Offer((50,), (8, 24), (8,), (3,)),
        Offer((50,), (16,), (8,), (1,)),
    ],
)
def test_where_nothing_fits_the_error_says_what_is_offered(offer):
    with pytest.raises(NothingFits) as nothing:
        choose(offer)
    assert nothing.value.offer is offer
    assert "motion is not measured" in str(nothing.value)
    assert pickle.loads(pickle.dumps(nothing.value)).offer == offer  # noqa: S301  our own
    assert str(offer.sample_rates_hz) in str(nothing.value)


@given(
    st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.none() | st.integers(0, 0xFFFF), st.none() | st.integers(0, 255)
)
def test_the_settings_of_a_start_command_are_read_back(rate_hz, resolution_bit, range_g, channels):
    command = start_command(Settings(rate_hz, resolution_bit, range_g, channels))
    assert command[:2] == b"\x02\x02"
    sent = parse_settings(command[2:])
    named = tuple(() if value is None else (value,) for value in (rate_hz, resolution_bit, range_g, channels))
    assert sent == Offer(*named)


@pytest.mark.parametrize("settings", [Settings(0x10000, 16), Settings(50, 16, channels=256), Settings(-1, 16)])
def test_a_setting_that_does_not_fit_its_field_is_not_sent(settings):
    with pytest.raises(ValueError, match="too few for"):
        start_command(settings)


# Frames, packed by the tests themselves: bit by bit, as the specification draws it


def header(frame_type, last_sample_ns=1):
    return b"\x02" + struct.pack("<QB", last_sample_ns, frame_type)


def pack_plain(samples, frame_type, last_sample_ns):
    size = frame_type + 1
    values = (value for sample in samples for value in sample)
    return header(frame_type, last_sample_ns) + b"".join(
        value.to_bytes(size, "little", signed=True) for value in values
    )


def pack_block(deltas, width):
    """`deltas` of whole samples, lowest bit first, the last byte filled up with zeros."""
    bits = "".join(f"{delta % (1 << width):0{width}b}"[::-1] for delta in deltas)
    bits += "0" * (-len(bits) % 8)
    packed = bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))
    return bytes([width, len(deltas) // 3]) + packed


def pack_compressed(reference, blocks, frame_type, last_sample_ns):
    packed = b"".join(pack_block(deltas, width) for width, deltas in blocks)
    return header(frame_type, last_sample_ns) + struct.pack("<3h", *reference) + packed


def summed(reference, blocks):
    values = list(reference)
    for _, deltas in blocks:
        for delta in deltas:
            values.append(values[-3] + delta)
    return values


times_ns = st.integers(0, 2**64 - 1)


@st.composite
def plain_samples(draw):
    frame_type = draw(st.sampled_from([0, 1, 2]))
    value = st.integers(-(1 << 8 * frame_type + 7), (1 << 8 * frame_type + 7) - 1)
    return frame_type, draw(st.lists(st.tuples(value, value, value), min_size=1, max_size=36))


@st.composite
def compressed_samples(draw, width=None):
    """A reference and blocks whose sums stay within 16 bits; widths as drawn, or `width` throughout."""
    reference = draw(st.tuples(*[st.integers(-0x8000, 0x7FFF)] * 3))
    values, blocks = list(reference), []
    for _ in range(draw(st.integers(0, 3))):
        bits = width or draw(st.integers(1, 32))
        deltas = []
        for _ in range(3 * draw(st.integers(0, 6))):
            lowest = max(-0x8000 - values[-3], -(1 << bits - 1))
            highest = min(0x7FFF - values[-3], (1 << bits - 1) - 1)
            assume(lowest <= highest)
            deltas.append(draw(st.integers(lowest, highest)))
            values.append(values[-3] + deltas[-1])
        blocks.append((bits, deltas))
    return reference, blocks


@given(plain_samples(), times_ns, st.none() | st.just(2.0))
def test_what_is_packed_plainly_is_parsed_again_whatever_the_factor(samples, last_sample_ns, factor):
    frame_type, samples = samples
    assert parse_frame(pack_plain(samples, frame_type, last_sample_ns), factor) == AccelerationFrame(
        last_sample_ns, tuple(samples)
    )


@given(compressed_samples(), times_ns)
def test_what_is_packed_as_deltas_is_parsed_again(samples, last_sample_ns):
    frame = parse_frame(pack_compressed(*samples, MG, last_sample_ns))
    assert frame.last_sample_ns == last_sample_ns
    assert [value for sample in frame.samples_mg for value in sample] == summed(*samples)


@pytest.mark.parametrize("width", range(1, 33))
def test_the_extreme_deltas_of_every_width_are_read(width):
    lowest, highest = max(-(1 << width - 1), -0x8000), min((1 << width - 1) - 1, 0x7FFF)
    blocks = [(width, [lowest, highest, 0]), (width, [-1, 0, lowest])]
    frame = parse_frame(pack_compressed((0, 0, 0), blocks[:1], MG, 1))
    assert frame.samples_mg == ((0, 0, 0), (lowest, highest, 0))
    frame = parse_frame(pack_compressed((1, 0, 0), [(width, [lowest, 0, 0]), blocks[1]], MG, 1))
    assert frame.samples_mg == ((1, 0, 0), (lowest + 1, 0, 0), (lowest, 0, lowest))


@given(compressed_samples(), st.floats(1e-5, 10))
def test_counts_times_the_factor_are_g_and_mg_times_the_factor_are_mg(samples, factor):
    values = summed(*samples)
    counts = parse_frame(pack_compressed(*samples, COUNTS, 1), factor)
    assert [value for sample in counts.samples_mg for value in sample] == pytest.approx(
        [v * factor * 1000 for v in values]
    )
    scaled = parse_frame(pack_compressed(*samples, MG, 1), factor)
    assert [value for sample in scaled.samples_mg for value in sample] == pytest.approx([v * factor for v in values])


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        (b"", Malformed.EMPTY),
        (b"\x00" + bytes(20), Malformed.NOT_ACCELERATION),
        (b"\x02" + bytes(8), Malformed.TRUNCATED),
        (header(1) + bytes(6 * 84), Malformed.TOO_LONG),
        (header(0), Malformed.NO_SAMPLES),
        (header(1) + bytes(5), Malformed.TRUNCATED),
        (header(1) + bytes(7), Malformed.TRUNCATED),
        (header(3) + bytes(6), Malformed.UNKNOWN_FRAME_TYPE),
        (header(0x82) + bytes(6), Malformed.UNKNOWN_FRAME_TYPE),
        (header(COUNTS) + bytes(6), Malformed.NO_FACTOR),
        (header(MG) + bytes(5), Malformed.TRUNCATED),
        (header(MG) + bytes(6) + b"\x08", Malformed.TRUNCATED),
        (header(MG) + bytes(6) + b"\x08\x01\x00\x00", Malformed.TRUNCATED),
        (header(MG) + bytes(6) + b"\x00\xff", Malformed.BAD_DELTA_WIDTH),
        (header(MG) + bytes(6) + b"\x21\x00", Malformed.BAD_DELTA_WIDTH),
        (header(MG) + b"\xff\x7f" + bytes(4) + b"\x02\x01\x01", Malformed.OUT_OF_RANGE),
        (header(MG) + b"\x00\x80" + bytes(4) + b"\x01\x01\x01", Malformed.OUT_OF_RANGE),
    ],
)
def test_malformed_frames_say_why(packet, reason):
    with pytest.raises(MalformedPacket) as refused:
        parse_frame(packet)
    assert refused.value.reason is reason


def test_the_bits_that_say_how_it_is_recorded_do_not_hide_the_measurement():
    assert parse_frame(b"\x82" + header(0)[1:] + b"\x01\x02\x03").samples_mg == ((1, 2, 3),)


def test_a_bytearray_is_read_like_bytes():
    for packet in REAL_FRAMES:
        assert parse_frame(bytearray(packet), 1.0) == parse_frame(packet, 1.0)


def test_the_error_survives_pickling_between_processes_and_stays_short():
    error = pickle.loads(pickle.dumps(MalformedPacket(bytes(400), Malformed.EMPTY)))  # noqa: S301  our own
    assert (error.packet, error.reason) == (bytes(400), Malformed.EMPTY)
    assert len(str(error)) < 150
    assert str(Malformed.EMPTY) in str(error)


def parses_or_is_malformed(parse, packet, *args):
    try:
        return parse(packet, *args)
    except MalformedPacket as error:
        refused = error
    assert refused.packet == packet
    return refused


@pytest.mark.parametrize("packet", REAL_FRAMES + REAL_ANSWERS, ids=lambda packet: packet[:12].hex())
def test_every_beginning_of_a_real_packet_parses_or_is_malformed(packet):
    for length in range(len(packet)):
        beginning = packet[:length]
        frame = parses_or_is_malformed(parse_frame, beginning, VERITY_FACTOR)
        if isinstance(frame, AccelerationFrame):
            assert frame.last_sample_ns == int.from_bytes(packet[1:9], "little")
        for parse in (parse_control, parse_settings, parse_factor, offers_acceleration):
            parses_or_is_malformed(parse, beginning)


@given(st.binary(max_size=600), st.none() | st.just(VERITY_FACTOR))
def test_random_bytes_raise_nothing_but_malformed(packet, factor):
    for parse in (parse_control, parse_settings, parse_factor, offers_acceleration):
        parses_or_is_malformed(parse, packet)
    parses_or_is_malformed(parse_frame, packet, factor)


@given(st.sampled_from([0, 1, 2, 3, COUNTS, MG, 0xFF]), st.binary(max_size=502), st.none() | st.just(VERITY_FACTOR))
def test_random_frames_raise_nothing_but_malformed_and_stay_bounded(frame_type, body, factor):
    frame = parses_or_is_malformed(parse_frame, header(frame_type) + body, factor)
    if isinstance(frame, AccelerationFrame):
        assert 1 <= len(frame.samples_mg) <= 1 + len(body) * 8 // 3


# Motion


def frames_of(magnitude_mg, *, rate_hz=50, per_frame=36, count=10):
    """`count` frames of a strap on which z is `magnitude_mg(t)`; the first sample at t = 0 of the strap."""
    for frame in range(count):
        indices = range(frame * per_frame, (frame + 1) * per_frame)
        samples = tuple((0.0, 0.0, magnitude_mg(index / rate_hz)) for index in indices)
        yield AccelerationFrame(STRAP_STARTS_NS + round(indices[-1] / rate_hz * 1e9), samples)


def arrival_s(frame, first_sample_arrives_s):
    return first_sample_arrives_s + (frame.last_sample_ns - STRAP_STARTS_NS) / 1e9


def metered(frames, *, rate_hz=50, first_sample_arrives_s=100.005, delays_s=()):
    """The seconds a meter yields for frames that arrive as they end, each after its delay."""
    meter = MotionMeter(rate_hz)
    seconds = []
    for frame, delay_s in zip_longest(frames, delays_s, fillvalue=0.0):
        seconds += meter.update(arrival_s(frame, first_sample_arrives_s) + delay_s, frame)
    return seconds


def shaking(t_s):
    return 1000.0 + 400.0 * math.sin(2 * math.pi * 3 * t_s) + 90.0 * math.cos(2 * math.pi * 0.7 * t_s)


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=60))
def test_mad_is_the_formula(magnitudes_mg):
    r = np.array(magnitudes_mg)
    assert mean_amplitude_deviation_mg(magnitudes_mg) == pytest.approx(np.mean(np.abs(r - np.mean(r))), abs=1e-6)


def test_without_a_sample_there_is_no_mad():
    with pytest.raises(ValueError, match="at least one"):
        mean_amplitude_deviation_mg([])


@pytest.mark.parametrize("position_mg", [(0.0, 0.0, 1000.0), (600.0, 0.0, -800.0), (-577.0, 577.0, 577.0)])
def test_a_still_strap_has_no_motion_in_any_position(position_mg):
    meter = MotionMeter(25)
    frames = [AccelerationFrame(round(end_s * 1e9), (position_mg,) * 25) for end_s in range(1, 7)]
    seconds = [second for end_s, frame in enumerate(frames, start=1) for second in meter.update(end_s + 0.99, frame)]
    assert seconds == [MotionSecond(t_s, 0) for t_s in range(1, 6)]


@pytest.mark.parametrize("amplitude_mg", [50, 200, 700])
def test_a_sine_has_two_over_pi_of_its_amplitude(amplitude_mg):
    seconds = metered(frames_of(lambda t_s: 1000 + amplitude_mg * math.sin(2 * math.pi * 3 * t_s)))
    assert len(seconds) == 7
    assert [second.motion_mg for second in seconds] == pytest.approx([2 / math.pi * amplitude_mg] * 7, rel=0.02)


def test_each_second_is_the_formula_over_the_samples_of_that_second():
    seconds = metered(frames_of(shaking))
    assert [second.t_s for second in seconds] == list(range(100, 107))
    for second in seconds:
        r = np.array([shaking(i / 50) for i in range(360) if math.floor(100.005 + i / 50) == second.t_s])
        assert len(r) == 50
        assert abs(second.motion_mg - np.mean(np.abs(r - r.mean()))) <= 0.5


def test_jitter_of_the_arrivals_does_not_move_the_seconds():
    delays_s = [0.0, 0.9, 0.1, 2.4, 1.1, 0.0, 4.0]
    assert metered(frames_of(shaking), delays_s=delays_s) == metered(frames_of(shaking))


def test_a_strap_somewhat_faster_than_it_says_is_told_second_by_second_too():
    def half_second_beat(t_s):
        return 1000.0 + 100.0 * (-1) ** math.floor(2 * t_s)

    sliver, *seconds = metered(frames_of(half_second_beat, rate_hz=50.92, count=80), rate_hz=50)
    assert sliver == MotionSecond(99, None)
    assert [second.t_s for second in seconds] == list(range(100, 156))
    assert [second.motion_mg for second in seconds] == pytest.approx([100] * 56, abs=2)


def test_real_frames_of_a_strap_worn_still_show_the_noise_of_a_breathing_chest():
    meter = MotionMeter(50)
    begin_ns = H10_FRAMES[0].last_sample_ns
    seconds = [
        second for frame in H10_FRAMES for second in meter.update(100 + (frame.last_sample_ns - begin_ns) / 1e9, frame)
    ]
    assert [second.t_s for second in seconds] == [99, 100, 101]
    assert all(second.motion_mg < 10 for second in seconds)


def test_a_gap_gives_seconds_without_a_number():
    frames = list(frames_of(shaking, count=20))
    whole = {second.t_s: second.motion_mg for second in metered(frames)}
    with_gap = {second.t_s: second.motion_mg for second in metered(frames[:5] + frames[12:])}
    assert list(with_gap) == list(whole)
    assert {t_s for t_s, motion_mg in with_gap.items() if motion_mg is None} == {104, 105, 106, 107, 108}
    assert all(with_gap[t_s] == whole[t_s] for t_s in (100, 101, 102, 109, 110, 111))


@pytest.mark.parametrize(("samples", "has_a_number"), [(25, True), (24, False)])
def test_half_of_the_expected_samples_is_enough_and_less_is_not(samples, has_a_number):
    meter = MotionMeter(50)
    meter.update(10.99, AccelerationFrame(10_990_000_000, ((0.0, 0.0, 1000.0),) * samples))
    [second] = meter.update(11.5, AccelerationFrame(11_500_000_000, ((0.0, 0.0, 1000.0),)))
    assert second == MotionSecond(10, 0 if has_a_number else None)


def test_a_frame_that_comes_again_counts_once():
    frames = list(frames_of(shaking))
    repeated = [frame for frame in frames for _ in range(3)]
    assert metered(repeated) == metered(frames)
    assert metered(frames[:6] + frames[2:6] + frames[6:]) == metered(frames)


def test_a_late_frame_counts_where_its_second_is_open_and_changes_nothing_that_was_told():
    frames = list(frames_of(shaking, per_frame=10, count=40))
    in_order = metered(frames)
    swapped = frames.copy()
    # Both lie within 102.2 to 102.6.
    swapped[11], swapped[12] = frames[12], frames[11]
    assert metered(swapped) == in_order
    swapped = frames.copy()
    # The later one closes second 102, which the earlier one belongs to.
    swapped[14], swapped[15] = frames[15], frames[14]
    seconds = metered(swapped)
    assert [second.t_s for second in seconds] == [second.t_s for second in in_order]
    assert [a.t_s for a, b in zip(seconds, in_order, strict=True) if a != b] == [102]


def test_late_frames_leave_nothing_behind():
    frames = list(frames_of(shaking, per_frame=25, count=400))
    meter = MotionMeter(50)
    for frame, late in zip(frames[50:], frames, strict=False):
        at = arrival_s(frame, 100.005)
        meter.update(at, frame)
        meter.update(at, AccelerationFrame(late.last_sample_ns + 23_000_000_000, late.samples_mg))
        assert len(meter._magnitudes_mg) <= 1
        assert len(meter._frames_seen) <= 16


@pytest.mark.parametrize("jump_s", [-6 * 365 * 86400, -30, 30, 3600])
def test_a_strap_whose_clock_was_set_is_laid_on_the_axis_anew(jump_s):
    frames = list(frames_of(shaking, count=20))
    moved = [AccelerationFrame(f.last_sample_ns + jump_s * 1_000_000_000, f.samples_mg) for f in frames[10:]]
    meter = MotionMeter(50)
    arrivals = [arrival_s(frame, 100.005) for frame in frames]
    seconds = [s for at, frame in zip(arrivals, frames[:10] + moved, strict=True) for s in meter.update(at, frame)]
    assert seconds == metered(frames)


@given(st.lists(st.tuples(st.floats(0, 20), times_ns, st.integers(1, 60)), max_size=30))
def test_whatever_the_strap_says_about_time_the_seconds_run_on_one_by_one(frames):
    meter, at, told = MotionMeter(25), 0.0, []
    for later_s, last_sample_ns, count in frames:
        at += later_s
        told += meter.update(at, AccelerationFrame(last_sample_ns, ((1.0, 2.0, 3.0),) * count))
    assert [second.t_s for second in told] == list(range(told[0].t_s, told[0].t_s + len(told))) if told else True
    assert all(second.motion_mg in {None, 0} for second in told)
    assert len(told) <= at + 15


@pytest.mark.parametrize("rate_hz", [0, -1, math.nan])
def test_a_rate_that_is_not_positive_is_refused(rate_hz):
    with pytest.raises(ValueError, match="greater than 0"):
        MotionMeter(rate_hz)
