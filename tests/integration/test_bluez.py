"""The real strap.py through bleak's real BlueZ backend, against a fake org.bluez on a private D-Bus daemon."""

import asyncio
import time
from contextlib import aclosing

import pytest

from sensing.no_radio import NoAdapter, Obstacle, RadioStuck
from sensing.scanner import scan
from sensing.source import Link, LinkEvent, Notification
from sensing.strap import StrapSettings
from tests.integration import fake_bluez
from tests.integration.worn import PATIENT, heard, next_link, numbered_packet, on_fake_bluez

pytestmark = fake_bluez.needed


def test_every_packet_is_received_exactly_once_over_five_link_losses(bus):
    """60 notifications, link loss, reconnect, five times over; equal packets in a row are kept; each gap is recorded."""
    worn = fake_bluez.FakeStrap("Chest 1")

    async def story(bluez):
        sent, received, links = [], [], []
        async with aclosing(heard("Chest 1", PATIENT)) as events:
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
        async with aclosing(heard("Chest 1")) as events:
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
        async with aclosing(heard("Chest 1", PATIENT)) as events:
            await next_link(events, Link.CONNECTED if connected else Link.CONNECTING)
            while not connected and not bluez.connecting:  # noqa: ASYNC110  the fake has no event for it
                await asyncio.sleep(0.01)
            began = time.monotonic()
        assert time.monotonic() - began < 1.0
        assert bluez.disconnects == 1
        assert not bluez.connected(worn)

    on_fake_bluez(bus, story, worn)


def test_a_hanging_connect_is_reported_and_tried_again(bus):
    worn = fake_bluez.FakeStrap("Chest 1", connect_hangs=True)

    async def story(bluez):
        settings = StrapSettings(scan_s=1.0, connect_s=0.2, first_pause_s=0.02)
        async with aclosing(heard("Chest 1", settings)) as events:
            assert "did not answer" in (await next_link(events, Link.FAILED)).detail
            worn.connect_hangs = False
            await next_link(events, Link.CONNECTED)

    on_fake_bluez(bus, story, worn)


def test_a_hanging_subscription_is_reported_and_made_again(bus):
    worn = fake_bluez.FakeStrap("Chest 1", notify_hangs=True)

    async def story(bluez):
        settings = StrapSettings(scan_s=1.0, connect_s=0.3, first_pause_s=0.02)
        async with aclosing(heard("Chest 1", settings)) as events:
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
        async with aclosing(heard("Chest 1", settings)) as events:
            assert "does not answer" in (await next_link(events, Link.FAILED)).detail
            bluez.scan_hangs = False
            await next_link(events, Link.CONNECTED)

    on_fake_bluez(bus, story, fake_bluez.FakeStrap("Chest 1"))


def test_a_connection_aborted_by_the_adapter_is_survived(bus):
    worn = fake_bluez.FakeStrap("Chest 1", aborts=1)

    async def story(bluez):
        async with aclosing(heard("Chest 1")) as events:
            await next_link(events, Link.CONNECTED)

    on_fake_bluez(bus, story, worn)


def test_a_strap_that_comes_late_is_found_by_a_later_scan(bus):
    worn = fake_bluez.FakeStrap("Chest 1", on_air=False)

    async def story(bluez):
        settings = StrapSettings(scan_s=0.1, first_pause_s=0.02)
        async with aclosing(heard("Chest 1", settings)) as events:
            await next_link(events, Link.SEARCHING)
            await asyncio.sleep(0.2)
            worn.on_air = True
            assert (await anext(events)).link is Link.CONNECTING

    on_fake_bluez(bus, story, worn)


def test_a_talk_that_ends_while_bleak_asks_for_the_version_keeps_no_later_one_from_its_strap(bus, monkeypatch):
    from bleak.backends.bluezdbus import version  # only on Linux

    worn = fake_bluez.FakeStrap("Chest 1")
    asked = asyncio.Event()

    async def never_answers():
        asked.set()
        await asyncio.Event().wait()

    async def no_bluetoothctl():
        return None

    async def story(bluez):
        monkeypatch.setattr(version.BlueZFeatures, "checked_bluez_version", False)
        monkeypatch.setattr(version.BlueZFeatures, "_check_bluez_event", None)
        monkeypatch.setattr(version, "_get_bluetoothctl_version", never_answers)
        async with aclosing(heard(worn.name, PATIENT)) as events:
            await next_link(events, Link.CONNECTING)
            await asked.wait()
        monkeypatch.setattr(version, "_get_bluetoothctl_version", no_bluetoothctl)
        async with aclosing(heard(worn.name, PATIENT)) as events:
            assert [(await anext(events)).link for _ in range(3)] == [Link.SEARCHING, Link.CONNECTING, Link.CONNECTED]

    on_fake_bluez(bus, story, worn)


def test_two_straps_share_one_radio_without_getting_in_each_others_way(bus):
    one = fake_bluez.FakeStrap("Chest 1")
    other = fake_bluez.FakeStrap("Chest 2", address="AA:BB:CC:DD:EE:02")

    async def connect_and_hear(bluez, worn, number):
        async with aclosing(heard(worn.name, PATIENT)) as events:
            links = [await anext(events) for _ in range(3)]
            assert [event.link for event in links] == [Link.SEARCHING, Link.CONNECTING, Link.CONNECTED]
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
            async for _ in heard("Chest 1"):
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
