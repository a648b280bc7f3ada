"""The supervised loop of strap.py on simulated straps, through bleak's own scanner and client."""

import asyncio
import time
from contextlib import aclosing
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason

from sensing.clock import AcceleratedClock
from sensing.measurement import Contact, parse
from sensing.no_radio import NoAdapter, Obstacle
from sensing.physiology import SimulatedBody
from sensing.scanner import Backend, scan
from sensing.simulated import SimulatedStrap, Spell, Trouble, air
from sensing.source import Link, LinkEvent, Notification
from sensing.strap import Strap, StrapSettings
from tests.stories import told, without_about

QUICK = StrapSettings(scan_s=0.3, connect_s=0.5, silence_s=0.1, first_pause_s=0.01, longest_pause_s=0.02)


class Worn:
    """A simulated strap at 120 times the speed of life, and the Strap that listens to it."""

    def __init__(self, settings=QUICK, **strap):
        self.clock = AcceleratedClock(120.0, datetime(2026, 3, 12, 20, tzinfo=UTC))
        self.strap = SimulatedStrap("Chest 1", SimulatedBody(), self.clock, **strap)
        self.backend = air([self.strap])
        self.listener = Strap("chest 1", clock=self.strap.arrival_clock, settings=settings, backend=self.backend)

    def events(self):
        return without_about(self.listener)


async def until(events, link):
    """Read on until `link`; gives every packet that came before it."""
    packets = []
    async for event in events:
        if isinstance(event, Notification):
            packets.append(event)
        elif event.link is link:
            return packets
    raise AssertionError(f"ended before {link}")


async def sent(strap, count):
    """Let the strap send, without reading."""
    while strap.packets_sent < count:  # noqa: ASYNC110  a strap has no event for a test to wait for
        await asyncio.sleep(0.01)


async def packets(events, count):
    read = []
    async for event in events:
        assert isinstance(event, Notification), event
        read.append(event)
        if len(read) == count:
            return read
    raise AssertionError("ended too early")


def test_it_searches_connects_and_delivers():
    async def story():
        worn = Worn()
        async with aclosing(worn.events()) as events:
            links = [(await anext(events)).link for _ in range(3)]
            assert links == [Link.SEARCHING, Link.CONNECTING, Link.CONNECTED]
            assert all(parse(one.packet).contact is Contact.GOOD for one in await packets(events, 5))

    told(story)


def test_no_beat_is_lost_or_doubled_while_the_event_loop_stalls():
    async def story():
        worn = Worn()
        async with aclosing(worn.events()) as events:
            await until(events, Link.CONNECTED)
            read = await packets(events, 60)
            time.sleep(0.4)  # noqa: ASYNC251  the stall: 48 s of the body's life
            read += await packets(events, 120)
        ticks = [one for event in read for one in parse(event.packet).rr_ticks]
        beats = [beat.rr_ticks for beat in SimulatedBody().advance(200.0)]
        first = next(at for at in range(5) if beats[at : at + 20] == ticks[:20])
        assert ticks == beats[first : first + len(ticks)]
        times = [event.t_s for event in read]
        assert all(0.9 < after - before < 1.1 for before, after in pairwise(times))

    told(story)


def test_every_packet_arrives_once_over_link_losses():
    """A client that is dropped without saying goodbye stays subscribed: this fails if the loop forgets to disconnect."""

    async def story():
        worn = Worn()
        read = []
        async with aclosing(worn.events()) as events:
            for _ in range(5):
                await until(events, Link.CONNECTED)
                read += await packets(events, 20)
                worn.strap.break_link()
                read += await until(events, Link.LOST)
        assert len(read) == worn.strap.packets_sent
        assert len({event.packet for event in read}) > 50

    told(story)


def test_a_silent_strap_is_given_up_and_found_again():
    async def story():
        worn = Worn()
        async with aclosing(worn.events()) as events:
            await until(events, Link.CONNECTED)
            worn.strap.silent = True
            await until(events, Link.SILENT)
            worn.strap.silent = False
            await until(events, Link.CONNECTED)
            await packets(events, 3)

    told(story)


def test_a_strap_out_of_range_is_searched_for_until_it_returns():
    async def story():
        worn = Worn()
        async with aclosing(worn.events()) as events:
            await until(events, Link.CONNECTED)
            worn.strap.in_range = False
            await until(events, Link.LOST)
            await until(events, Link.SEARCHING)
            returning = asyncio.get_running_loop().call_later(0.7, setattr, worn.strap, "in_range", True)
            assert (await anext(events)).link is Link.CONNECTING  # two searches in vain are one state: no more events
            assert returning.when() <= asyncio.get_running_loop().time()

    told(story)


def test_a_scenario_can_take_the_strap_out_of_range_for_a_while():
    async def story():
        worn = Worn(spells=[Spell(Trouble.OUT_OF_RANGE, 10.0, 30.0)])
        async with aclosing(worn.events()) as events:
            await until(events, Link.CONNECTED)
            await until(events, Link.LOST)
            await until(events, Link.CONNECTED)
            assert worn.strap.body_now_s() >= 30.0

    told(story)


def test_electrodes_off_the_skin_are_reported_and_bring_no_intervals():
    async def story():
        worn = Worn(body_s=395.0)
        async with aclosing(worn.events()) as events:
            await until(events, Link.CONNECTED)
            read = [parse(event.packet) for event in await packets(events, 40)]
        off = [one for one in read if one.contact is Contact.LOST]
        assert 24 <= len(off) <= 26
        assert all(one.rr_ticks == () and one.heart_rate_bpm is None for one in off)
        assert read[-1].contact is Contact.GOOD
        assert read[-1].rr_ticks

    told(story)


def test_a_reader_that_falls_behind_gets_one_gap_marker_where_packets_are_missing():
    async def story():
        worn = Worn(StrapSettings(queue_size=10, first_pause_s=0.01))
        async with aclosing(worn.events()) as events:
            await until(events, Link.CONNECTED)
            await sent(worn.strap, 30)
            kept = await until(events, Link.OVERFLOW)
            assert len(kept) == 10
            (after,) = await packets(events, 1)
        assert after.t_s - kept[-1].t_s > 15

    told(story)


def test_closing_disconnects_within_a_second():
    async def story():
        worn = Worn()
        async with aclosing(worn.events()) as events:
            await until(events, Link.CONNECTED)
            began = time.monotonic()
        assert time.monotonic() - began < 1.0
        assert worn.strap.connectable

    told(story)


def test_cancelling_the_reader_disconnects():
    async def story():
        worn = Worn()

        async def read():
            async with aclosing(worn.events()) as events:
                async for _ in events:
                    pass

        reader = asyncio.create_task(read())
        await sent(worn.strap, 3)
        reader.cancel()
        await asyncio.wait({reader}, timeout=1.0)
        assert reader.cancelled()
        assert worn.strap.connectable

    told(story)


def test_closing_does_not_wait_for_a_link_that_will_not_go():
    async def story():
        worn = Worn()

        class Stubborn(worn.backend.client):
            async def disconnect(self):
                try:
                    await asyncio.sleep(60)
                finally:
                    await super().disconnect()

        strap = Strap("Chest 1", clock=worn.clock, backend=Backend(worn.backend.scanner, Stubborn))
        async with aclosing(strap.events()) as events:
            await until(events, Link.CONNECTED)
            began = time.monotonic()
        assert time.monotonic() - began < 1.0

    told(story)


def without_radio(reason, backend):
    """The backend's scanner, on a machine where Bluetooth is not available."""

    class Deaf(backend.scanner):
        available = False

        async def start(self):
            if not Deaf.available:
                raise BleakBluetoothNotAvailableError("nothing there", reason)
            await super().start()

    return Deaf


@pytest.mark.parametrize(
    ("reason", "obstacle"),
    [
        (BleakBluetoothNotAvailableReason.NO_BLUETOOTH, Obstacle.NO_ADAPTER),
        (BleakBluetoothNotAvailableReason.NO_BLE_CENTRAL_ROLE, Obstacle.NO_LOW_ENERGY),
        (BleakBluetoothNotAvailableReason.POWERED_OFF, Obstacle.POWERED_OFF),
        (BleakBluetoothNotAvailableReason.DENIED_BY_SYSTEM, Obstacle.DENIED),
        (BleakBluetoothNotAvailableReason.UNKNOWN, Obstacle.UNKNOWN),
    ],
)
def test_no_radio_at_the_start_is_an_error_that_names_the_demo(reason, obstacle):
    async def story():
        worn = Worn()
        deaf = Backend(without_radio(reason, worn.backend), worn.backend.client)
        with pytest.raises(NoAdapter, match="flooding demo") as raised:
            await until(Strap("Chest 1", clock=worn.clock, backend=deaf).events(), Link.CONNECTING)
        assert raised.value.obstacle is obstacle
        assert "\n" not in str(raised.value)
        with pytest.raises(NoAdapter):
            await scan(0.1, backend=deaf)

    told(story)


def test_a_radio_that_disappears_in_the_middle_is_a_gap_and_not_the_end():
    async def story():
        worn = Worn()
        deaf = without_radio(BleakBluetoothNotAvailableReason.POWERED_OFF, worn.backend)
        deaf.available = True
        strap = Strap("Chest 1", clock=worn.clock, settings=QUICK, backend=Backend(deaf, worn.backend.client))
        async with aclosing(strap.events()) as events:
            await until(events, Link.CONNECTED)
            deaf.available = False
            worn.strap.break_link()
            await until(events, Link.FAILED)
            deaf.available = True
            await until(events, Link.CONNECTED)

    told(story)


def test_a_scan_lists_straps_nearest_first():
    async def story():
        clock = AcceleratedClock(120.0, datetime.now(UTC))
        straps = [
            SimulatedStrap(f"Chest {number}", SimulatedBody(), clock, address=f"51:AA:00:00:00:0{number}")
            for number in (2, 1)
        ]
        straps[0].in_range = False
        found = await scan(0.05, backend=air(straps))
        assert [(one.name, one.heart_rate) for one in found] == [("Chest 1", True)]

    told(story)


def test_the_pause_reaches_the_body_and_a_restart_goes_on_where_it_was():
    async def story():
        worn = Worn(body_s=650.0)
        worn.strap.begin_pause(652.0)
        assert worn.strap.body.pause_began_s == 652.0
        again = SimulatedStrap("Chest 1", SimulatedBody(pause_began_s=652.0), worn.clock, body_s=1500.0)
        async with aclosing(without_about(Strap("Chest 1", clock=again.arrival_clock, backend=air([again])))) as events:
            await until(events, Link.CONNECTED)
            read = await packets(events, 10)
        assert parse(read[-1].packet).heart_rate_bpm < 80
        flooded = SimulatedBody()
        flooded.advance(1500.0)
        assert 60 * 1024 / flooded.advance(1501.0)[0].rr_ticks > 105

    told(story)


def test_link_events_say_what_happened_on_one_line():
    async def story():
        worn = Worn()
        async with aclosing(worn.events()) as events:
            async for event in events:
                if isinstance(event, LinkEvent):
                    assert event.detail
                    assert "\n" not in event.detail
                    if event.link is Link.CONNECTED:
                        return

    told(story)
