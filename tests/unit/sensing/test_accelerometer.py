"""The accelerometer beside the heartbeats, on simulated straps through bleak's own client."""

from contextlib import aclosing
from datetime import UTC, datetime
from struct import iter_unpack, pack

import pytest

from sensing import simulated_pmd
from sensing.accelerometer import FRESH_S
from sensing.clock import AcceleratedClock
from sensing.motion import MotionMeter
from sensing.physiology import SimulatedBody
from sensing.polar import STOP
from sensing.polar_frames import parse_frame
from sensing.simulated import SimulatedStrap, air
from sensing.simulated_pmd import PmdServer, acceleration_frame
from sensing.source import Link, LinkEvent, Notification
from sensing.strap import Strap, StrapSettings
from tests.stories import told

FACTOR = 0.000244
QUICK = StrapSettings(scan_s=0.3, connect_s=0.5, silence_s=0.1, first_pause_s=0.01, longest_pause_s=0.02)


class Worn:
    """A simulated strap at 60 times the speed of life, and the Strap that listens to it."""

    def __init__(self, motion_mg):
        clock = AcceleratedClock(60.0, datetime(2026, 3, 12, 20, tzinfo=UTC))
        self.strap = SimulatedStrap("Chest 1", SimulatedBody(), clock, motion_mg=motion_mg)
        self.events = Strap("chest 1", clock=self.strap.arrival_clock, settings=QUICK, backend=air([self.strap])).events


async def read(events, count, *, before=None):
    """The next `count` packets, or all up to a change of the link."""
    found = []
    async for event in events:
        if isinstance(event, Notification):
            found.append(event)
        elif isinstance(event, LinkEvent) and event.link is before:
            return found
        if len(found) == count:
            return found
    raise AssertionError("ended too early")


def motions(worn, count=40):
    found = []

    async def story():
        async with aclosing(worn.events()) as events:
            found.extend(await read(events, count))

    told(story)
    return [one.motion_mg for one in found]


@pytest.mark.parametrize("moving_mg", [0, 4, 60, 400])
def test_each_heartbeat_comes_with_the_motion_of_its_second(moving_mg):
    known = [motion for motion in motions(Worn(lambda _: moving_mg)) if motion is not None]
    assert len(known) >= 25
    # The second in which the stream begins, or goes on after the machine stood still, holds a part of a wave only.
    off = [motion for motion in known if motion != pytest.approx(moving_mg, abs=1 + 0.06 * moving_mg)]
    assert len(off) <= 3, known


def test_a_strap_without_an_accelerometer_has_heartbeats_and_no_motion():
    assert motions(Worn(None)) == [None] * 40


def test_the_stream_is_stopped_before_the_strap_is_let_go(monkeypatch):
    """A Polar H10 that was not told to stop stays awake until its battery is empty."""
    commands = []
    command = PmdServer.command
    monkeypatch.setattr(PmdServer, "command", lambda self, packet: (commands.append(packet), command(self, packet)))
    motions(Worn(lambda _: 4))
    assert commands[-1] == STOP
    assert len(commands) == 3


def test_a_stream_that_is_on_already_is_started_anew(monkeypatch):
    """Only the answer to a start names the factor of its values."""
    monkeypatch.setattr(PmdServer, "streaming", True, raising=False)
    server = PmdServer.__init__
    monkeypatch.setattr(PmdServer, "__init__", lambda self: (server(self), setattr(self, "streaming", True))[0])
    assert motions(Worn(lambda _: 50))[-1] == pytest.approx(50, abs=4)


OBSTACLES = {
    "it does not answer": lambda self, packet: None,
    "it refuses": lambda self, packet: self._reply(packet, 3),
    "it answers nonsense": lambda self, packet: self._answer(bytearray(b"\x00\x01")),
    "its settings are cut off": lambda self, packet: self._reply(packet, 0, b"\x00\x04\x19"),
    "it offers nothing that fits": lambda self, packet: self._reply(packet, 0, bytes.fromhex("00 01 0100 01 01 0800")),
}


@pytest.mark.parametrize("obstacle", OBSTACLES.values(), ids=OBSTACLES)
def test_whatever_becomes_of_the_accelerometer_heartbeats_go_on(obstacle, monkeypatch):
    monkeypatch.setattr(PmdServer, "command", obstacle)
    assert motions(Worn(lambda _: 4)) == [None] * 40


def counts_frame(ends_s, motion_mg):
    """A frame as Verity Sense sends it: compressed, in counts."""
    plain = acceleration_frame(ends_s, motion_mg)
    counts = [round(value_mg / 1000 / FACTOR) for (value_mg,) in iter_unpack("<h", plain[10:])]
    deltas = [new - old for old, new in zip(counts, counts[3:], strict=False)]
    blocks = bytes((16, len(deltas) // 3)) + pack(f"<{len(deltas)}h", *deltas)
    return plain[:9] + b"\x80" + pack("<3h", *counts[:3]) + blocks


def test_an_answer_that_comes_twice_is_not_the_answer_to_the_next_command(monkeypatch):
    """BlueZ delivers everything twice after a link that was not closed; the factor is in the answer to the start alone."""
    reply = PmdServer._reply

    def reply_twice(self, packet, error, parameters=b""):
        parameters = b"\x05\x01" + pack("<f", FACTOR) if packet[0] == 2 else parameters
        for _ in range(2):
            reply(self, packet, error, parameters)

    monkeypatch.setattr(PmdServer, "_reply", reply_twice)
    monkeypatch.setattr("sensing.simulated.acceleration_frame", counts_frame)
    assert motions(Worn(lambda _: 60))[-1] == pytest.approx(60, abs=5)


def test_a_strap_that_offers_no_acceleration_is_not_asked(monkeypatch):
    asked = []
    monkeypatch.setattr("sensing.simulated.FEATURES", bytes.fromhex("0f 01 00 00"))
    monkeypatch.setattr(PmdServer, "command", lambda self, packet: asked.append(packet))
    assert motions(Worn(lambda _: 4)) == [None] * 40
    assert asked == []


def test_after_a_loss_the_stream_is_started_again():
    worn = Worn(lambda _: 30)

    async def story():
        async with aclosing(worn.events()) as events:
            await read(events, 20)
            worn.strap.break_link()
            await read(events, 10_000, before=Link.CONNECTED)
            again = await read(events, 30)
            assert again[-1].motion_mg == pytest.approx(30, abs=3)

    told(story)


def test_motion_that_is_no_longer_fresh_is_not_told(monkeypatch):
    """An accelerometer that falls silent is not the same as a wearer who sits still."""
    worn = Worn(lambda _: 30)

    async def story():
        async with aclosing(worn.events()) as events:
            before = await read(events, 20)
            assert before[-1].motion_mg is not None
            monkeypatch.setattr(PmdServer, "send", lambda self, frame: None)
            after = await read(events, 20)
            assert after[-1].motion_mg is None
            assert after[-1].t_s - before[-1].t_s > FRESH_S

    told(story)


def test_the_simulated_frames_move_as_much_as_they_say():
    meter = MotionMeter(simulated_pmd.RATE_HZ)
    told_mg = [
        second.motion_mg for at in range(1, 8) for second in meter.update(at, parse_frame(acceleration_frame(at, 80)))
    ]
    assert [motion for motion in told_mg if motion] == pytest.approx([80] * len([m for m in told_mg if m]), rel=0.06)
