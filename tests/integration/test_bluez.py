"""The real strap.py through bleak's real BlueZ backend, against a fake org.bluez on a private D-Bus daemon."""

import asyncio
import sys
import time
from contextlib import aclosing

import pytest

from sensing.clock import SystemClock
from sensing.measurement import HeartRateMeasurement, pack
from sensing.scanner import NoAdapter, Obstacle, RadioStuck, scan
from sensing.source import AboutEvent, Link, LinkEvent, Notification
from sensing.strap import Strap, StrapSettings
from tests.integration import fake_bluez

if sys.platform != "linux":
    pytest.skip("BlueZ exists on Linux only", allow_module_level=True)

if fake_bluez.dbus_daemon_path() is None:
    pytest.skip(fake_bluez.INSTALL, allow_module_level=True)

QUICK = StrapSettings(
    scan_s=1.0, connect_s=1.0, silence_s=0.3, disconnect_s=1.0, first_pause_s=0.02, longest_pause_s=0.05
)
PATIENT = StrapSettings(scan_s=1.0, connect_s=1.0, first_pause_s=0.02, longest_pause_s=0.05)


@pytest.fixture
def bus(tmp_path, monkeypatch):
    with fake_bluez.private_system_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield address


def on_fake_bluez(bus, story, *straps, **adapter):
    """Run `story(bluez)` in an event loop of its own, and see that it leaves no task behind."""

    async def run():
        async with fake_bluez.FakeBlueZ(bus, straps, **adapter) as bluez:
            try:
                async with asyncio.timeout(10):
                    await story(bluez)
            finally:
                await fake_bluez.let_go_of_the_bus()
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())


class listener:  # noqa: N801  called like the function it stands for
    """A strap whose events leave out what it tells of itself, which may come at any moment."""

    def __init__(self, wanted, settings=QUICK, **more):
        self._strap = Strap(wanted, clock=SystemClock(), settings=settings, **more)

    async def events(self):
        async with aclosing(self._strap.events()) as events:
            async for event in events:
                if not isinstance(event, AboutEvent):
                    yield event


def numbered_packet(number):
    """A legal packet that can be told from every other by its interval."""
    return pack(HeartRateMeasurement(70, rr_ticks=(500 + number,)))


async def next_link(events, link):
    """Read on until `link`; nothing but changes of the link may come before it."""
    async for event in events:
        assert isinstance(event, LinkEvent), event
        if event.link is link:
            return event
    raise AssertionError(f"ended before {link}")


def test_every_packet_is_received_exactly_once_over_five_link_losses(bus):
    """60 notifications, link loss, reconnect, five times over; equal packets in a row are kept; each gap is recorded."""
    worn = fake_bluez.FakeStrap("Chest 1")

    async def story(bluez):
        sent, received, links = [], [], []
        async with aclosing(listener("Chest 1", PATIENT).events()) as events:
            for cycle in range(6):
                links.append(await next_link(events, Link.CONNECTED))
                await worn.subscribed()
                for number in range(60):
                    packet = numbered_packet(cycle * 60 + number // 2)
                    sent.append(packet)
                    bluez.notify(worn, packet)
                for _ in range(60):
                    event = await anext(events)
                    assert isinstance(event, Notification)
                    received.append(event)
                bluez.break_link(worn)
                links.append(await next_link(events, Link.LOST))
        assert [event.packet for event in received] == sent
        assert [event.link for event in links] == [Link.CONNECTED, Link.LOST] * 6
        in_order = sorted([*received, *links], key=lambda event: event.t_s)
        assert [isinstance(event, LinkEvent) for event in in_order] == ([True] + [False] * 60 + [True]) * 6
        assert worn.connections == 6

    on_fake_bluez(bus, story, worn)


def test_a_silent_link_is_given_up_and_made_again(bus):
    worn = fake_bluez.FakeStrap("Chest 1")

    async def story(bluez):
        async with aclosing(listener("Chest 1").events()) as events:
            await next_link(events, Link.CONNECTED)
            silent = await next_link(events, Link.SILENT)
            assert "nothing received" in silent.detail
            await next_link(events, Link.CONNECTED)
            await worn.subscribed()
            bluez.notify(worn, numbered_packet(1))
            assert (await anext(events)).packet == numbered_packet(1)
            assert len(worn.subscribers) == 1

    on_fake_bluez(bus, story, worn)


@pytest.mark.parametrize("connected", [True, False])
def test_closing_takes_less_than_a_second_and_disconnects(bus, connected):
    worn = fake_bluez.FakeStrap("Chest 1", connect_hangs=not connected)

    async def story(bluez):
        async with aclosing(listener("Chest 1", PATIENT).events()) as events:
            await next_link(events, Link.CONNECTED if connected else Link.CONNECTING)
            await asyncio.sleep(0.05)
            began = time.monotonic()
        assert time.monotonic() - began < 1.0
        assert bluez.disconnects == 1
        assert not bluez.connected(worn)

    on_fake_bluez(bus, story, worn)


def test_a_hanging_connect_is_reported_and_tried_again(bus):
    worn = fake_bluez.FakeStrap("Chest 1", connect_hangs=True)

    async def story(bluez):
        settings = StrapSettings(scan_s=1.0, connect_s=0.2, first_pause_s=0.02)
        async with aclosing(listener("Chest 1", settings).events()) as events:
            assert "did not answer" in (await next_link(events, Link.FAILED)).detail
            worn.connect_hangs = False
            await next_link(events, Link.CONNECTED)

    on_fake_bluez(bus, story, worn)


def test_a_hanging_subscription_is_reported_and_made_again(bus):
    worn = fake_bluez.FakeStrap("Chest 1", notify_hangs=True)

    async def story(bluez):
        settings = StrapSettings(scan_s=1.0, connect_s=0.3, first_pause_s=0.02)
        async with aclosing(listener("Chest 1", settings).events()) as events:
            assert "did not answer" in (await next_link(events, Link.FAILED)).detail
            worn.notify_hangs = False
            await next_link(events, Link.CONNECTED)
            await worn.subscribed()
            bluez.notify(worn, numbered_packet(1))
            assert (await anext(events)).packet == numbered_packet(1)

    on_fake_bluez(bus, story, worn)


def test_a_search_that_is_never_answered_lets_go_of_the_radio_and_is_tried_again(bus, monkeypatch):
    monkeypatch.setattr("sensing.scanner.ANSWERS_WITHIN_S", 0.2)

    async def story(bluez):
        bluez.scan_hangs = True
        with pytest.raises(RadioStuck, match="does not answer"):
            await scan(0.1)
        settings = StrapSettings(scan_s=0.1, first_pause_s=0.02)
        async with aclosing(listener("Chest 1", settings).events()) as events:
            assert "does not answer" in (await next_link(events, Link.FAILED)).detail
            bluez.scan_hangs = False
            await next_link(events, Link.CONNECTED)

    on_fake_bluez(bus, story, fake_bluez.FakeStrap("Chest 1"))


def test_a_connection_aborted_by_the_adapter_is_survived(bus):
    worn = fake_bluez.FakeStrap("Chest 1", aborts=1)

    async def story(bluez):
        async with aclosing(listener("Chest 1").events()) as events:
            await next_link(events, Link.CONNECTED)

    on_fake_bluez(bus, story, worn)


def test_a_strap_that_comes_late_is_found_by_a_later_scan(bus):
    worn = fake_bluez.FakeStrap("Chest 1", on_air=False)

    async def story(bluez):
        settings = StrapSettings(scan_s=0.1, first_pause_s=0.02)
        async with aclosing(listener("Chest 1", settings).events()) as events:
            await next_link(events, Link.SEARCHING)
            await asyncio.sleep(0.2)
            worn.on_air = True
            assert (await anext(events)).link is Link.CONNECTING

    on_fake_bluez(bus, story, worn)


def test_two_straps_share_one_radio_without_getting_in_each_others_way(bus):
    one = fake_bluez.FakeStrap("Chest 1")
    other = fake_bluez.FakeStrap("Chest 2", address="AA:BB:CC:DD:EE:02")

    async def connect_and_hear(bluez, worn, number):
        async with aclosing(listener(worn.name, PATIENT).events()) as events:
            heard = [await anext(events) for _ in range(3)]
            assert [event.link for event in heard] == [Link.SEARCHING, Link.CONNECTING, Link.CONNECTED]
            await worn.subscribed()
            bluez.notify(worn, numbered_packet(number))
            assert (await anext(events)).packet == numbered_packet(number)

    async def story(bluez):
        await asyncio.gather(connect_and_hear(bluez, one, 1), connect_and_hear(bluez, other, 2))

    on_fake_bluez(bus, story, one, other)


def test_a_scan_names_who_is_nearby(bus):
    async def story(bluez):
        (found,) = await scan(0.1)
        assert (found.name, found.address, found.rssi_dbm, found.heart_rate) == (
            "Chest 1",
            "AA:BB:CC:DD:EE:01",
            -60,
            True,
        )

    on_fake_bluez(bus, story, fake_bluez.FakeStrap("Chest 1"))


@pytest.mark.parametrize(
    ("adapter", "obstacle"),
    [({"with_adapter": False}, Obstacle.NO_ADAPTER), ({"powered": False}, Obstacle.POWERED_OFF)],
)
def test_no_usable_adapter_is_said_with_the_way_to_the_demo(bus, adapter, obstacle):
    async def story(bluez):
        with pytest.raises(NoAdapter, match="flooding demo") as scanning:
            await scan(0.1)
        with pytest.raises(NoAdapter) as listening:
            async for _ in listener("Chest 1").events():
                pass
        assert scanning.value.obstacle is listening.value.obstacle is obstacle

    on_fake_bluez(bus, story, **adapter)


def test_no_bluez_on_the_bus_is_said(bus):
    async def run():
        try:
            with pytest.raises(NoAdapter) as raised:
                await scan(0.1)
        finally:
            await fake_bluez.let_go_of_the_bus()
        assert raised.value.obstacle is Obstacle.NO_BLUEZ

    asyncio.run(run())


def test_no_message_bus_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'nobody'}")

    async def run():
        with pytest.raises(NoAdapter) as raised:
            await scan(0.1)
        assert raised.value.obstacle is Obstacle.NO_SYSTEM_BUS

    asyncio.run(run())
