"""What goes wrong with Bluetooth on Linux, one fault after the other: every packet comes exactly once, and the strap is back soon.

`worn` checks the packets, `on_fake_bluez` that nothing leaks.
"""

import asyncio
from dataclasses import replace

import pytest

from sensing.source import Link
from sensing.strap import StrapSettings
from tests.integration import fake_bluez
from tests.integration.worn import PATIENT, QUICK, on_fake_bluez, worn

pytestmark = fake_bluez.needed

BACK_WITHIN_S = 5.0
PROGRAMS_ON_THE_BUS = 2  # bleak, and what watches BlueZ's comings and goings
OF_THE_PROGRAM = StrapSettings()
"""As people get it."""


def chest(number=1, name=None, **more):
    return fake_bluez.FakeStrap(name or f"Chest {number}", address=f"AA:BB:CC:DD:EE:0{number}", **more)


async def back(wearing, since_s):
    """It is heard again, soon enough after `since_s`."""
    await wearing.beats()
    assert asyncio.get_running_loop().time() - since_s < BACK_WITHIN_S


async def searching(bluez):
    """A scan is on, and the bus is being watched."""
    while not bluez.scans or len(await bluez.match_rules()) < PROGRAMS_ON_THE_BUS:  # noqa: ASYNC110  a bus has no event for it
        await asyncio.sleep(0.01)


def now_s():
    return asyncio.get_running_loop().time()


def test_twenty_link_losses(bus):
    strap = chest()

    async def story(bluez):
        async with worn(bluez, strap, PATIENT) as wearing:
            for _ in range(20):
                await wearing.beats(30)
                bluez.break_link(strap)
                await wearing.until_said(Link.LOST)
            await wearing.beats()
        assert wearing.said().count(Link.CONNECTED) == strap.connections == 21
        while strap.subscribers:  # noqa: ASYNC110  the bus has no event for its having noticed that we left
            await asyncio.sleep(0.01)

    on_fake_bluez(bus, story, strap, within_s=40)


def test_a_radio_that_is_busy_scanning_or_connecting(bus):
    strap = chest(busy_connects=1)

    async def story(bluez):
        bluez.busy_scans = 2
        async with worn(bluez, strap) as wearing:
            await wearing.beats()
        details = [event.detail for event in wearing.links if event.link is Link.FAILED]
        assert details == ["Bluetooth is busy with something else"] * 2  # the two scans are one spell of it

    on_fake_bluez(bus, story, strap)


@pytest.mark.parametrize("what", ["connect_hangs", "notify_hangs"])
def test_an_order_that_is_never_answered(bus, what):
    strap = chest(**{what: True})

    async def story(bluez):
        async with worn(bluez, strap, replace(QUICK, connect_s=0.3)) as wearing:
            assert (await wearing.until_said(Link.FAILED)).detail == "the strap did not answer in time"
            since_s = now_s()
            setattr(strap, what, False)
            await back(wearing, since_s)

    on_fake_bluez(bus, story, strap)


def test_a_device_that_bluez_forgets_when_scanning_stops(bus):
    strap = chest(forgotten=2)

    async def story(bluez):
        async with worn(bluez, strap) as wearing:
            await wearing.beats()
        assert wearing.said().count(Link.FAILED) == 2
        assert Link.HELD not in wearing.said()

    on_fake_bluez(bus, story, strap)


def test_a_link_that_only_bluez_believes_in(bus):
    """A crash left it: the strap is not connected and, as far as BlueZ lets us hear, does not advertise."""
    strap = chest()

    async def story(bluez):
        bluez.haunt(strap)
        async with worn(bluez, strap) as wearing:
            await wearing.until_said(Link.SILENT)
            since_s = now_s()
            await back(wearing, since_s)
        assert strap.connections == 1

    on_fake_bluez(bus, story, strap)


def test_a_silent_link_again_and_again(bus):
    strap = chest()

    async def story(bluez):
        async with worn(bluez, strap) as wearing:
            for _ in range(3):
                await wearing.beats()
                await wearing.until_said(Link.SILENT)
            await wearing.beats()

    on_fake_bluez(bus, story, strap)


@pytest.mark.parametrize("while_searching", [False, True])
def test_the_adapter_is_turned_off_and_on(bus, while_searching):
    strap = chest(on_air=not while_searching)

    async def story(bluez):
        async with worn(bluez, strap, OF_THE_PROGRAM) as wearing:
            if while_searching:
                await searching(bluez)
            else:
                await wearing.beats()
            bluez.power(on=False)
            assert "turn it on" in (await wearing.until_said(Link.FAILED)).detail
            strap.on_air = True
            since_s = now_s()
            bluez.power(on=True)
            await back(wearing, since_s)
        assert wearing.said().count(Link.FAILED) == 1  # one condition, said once

    on_fake_bluez(bus, story, strap, within_s=20)


@pytest.mark.parametrize("while_searching", [False, True])
def test_bluetoothd_is_killed_and_started_again(bus, while_searching):
    strap = chest(on_air=not while_searching)

    async def story(bluez):
        async with worn(bluez, strap, OF_THE_PROGRAM) as wearing:
            for _ in range(2):
                if while_searching:
                    await searching(bluez)
                else:
                    await wearing.beats()
                await bluez.crash()
                await wearing.until_said(Link.FAILED)
                strap.on_air = True
                since_s = now_s()
                await bluez.start()
                await back(wearing, since_s)
                if while_searching:
                    break

    on_fake_bluez(bus, story, strap, within_s=30)


def test_the_message_bus_dies_and_comes_back(mortal_bus):
    strap = chest()

    async def story(bluez):
        async with worn(bluez, strap, OF_THE_PROGRAM) as wearing:
            await wearing.beats()
            mortal_bus.die()
            await wearing.until_said(Link.FAILED)
            await bluez.crash()
            mortal_bus.start()
            since_s = now_s()
            await bluez.start()
            await back(wearing, since_s)

    on_fake_bluez(mortal_bus.address, story, strap, within_s=20)


def test_a_strap_that_lets_nobody_in_is_said_to_be_held_once(bus):
    strap = chest(refuses=True)

    async def story(bluez):
        async with worn(bluez, strap) as wearing:
            held = await wearing.until_said(Link.HELD)
            assert "another app" in held.detail
            scans = bluez.scans
            while bluez.scans < scans + 3:  # noqa: ASYNC110  it goes on trying, and says nothing new
                await asyncio.sleep(0.01)
            assert wearing.links[-1] is held
            strap.refuses = False
            await wearing.beats()

    on_fake_bluez(bus, story, strap)


def test_a_strap_that_is_not_heard_for_long_is_said_to_be_unheard_once(bus):
    strap = chest(on_air=False)

    async def story(bluez):
        async with worn(bluez, strap, replace(QUICK, scan_s=0.05, unheard_s=0.1)) as wearing:
            unheard = await wearing.until_said(Link.UNHEARD)
            assert "another app" in unheard.detail
            scans = bluez.scans
            while bluez.scans < scans + 3:  # noqa: ASYNC110  it goes on searching, and says nothing new
                await asyncio.sleep(0.01)
            assert wearing.links[-1] is unheard
            since_s = now_s()
            strap.on_air = True
            await back(wearing, since_s)

    on_fake_bluez(bus, story, strap)


def test_two_straps_connect_in_turn_and_each_stays_with_its_own(bus):
    straps = [chest(1), chest(2)]

    async def story(bluez):
        async with worn(bluez, straps[0], PATIENT) as one, worn(bluez, straps[1], PATIENT) as other:
            for _ in range(5):
                await asyncio.gather(one.beats(), other.beats())
                for strap in straps:
                    bluez.break_link(strap)
                await asyncio.gather(one.until_said(Link.LOST), other.until_said(Link.LOST))
            await asyncio.gather(one.beats(), other.beats())
        # The fake answers a second scan or connect with "in progress", and that would be said.
        assert Link.FAILED not in one.said() + other.said()

    on_fake_bluez(bus, story, *straps, within_s=20)


def test_a_strap_that_is_away_does_not_keep_the_other_from_connecting(bus):
    here, away = chest(1), chest(2, on_air=False)

    async def story(bluez):
        async with worn(bluez, away, OF_THE_PROGRAM) as other:
            await other.until_said(Link.SEARCHING)
            since_s = now_s()
            async with worn(bluez, here, OF_THE_PROGRAM) as one:
                await back(one, since_s)
                for _ in range(2):
                    bluez.break_link(here)
                    await one.until_said(Link.LOST)
                    await back(one, now_s())
            away.on_air = True
            await back(other, now_s())

    on_fake_bluez(bus, story, here, away, within_s=30)


def test_of_two_straps_with_one_name_only_the_remembered_one_is_connected(bus):
    mine, theirs = chest(1, name="HRM"), chest(2, name="HRM")

    async def story(bluez):
        async with worn(bluez, mine, device_id=mine.address.lower()) as wearing:
            for _ in range(3):
                await wearing.beats()
                bluez.break_link(mine)
                await wearing.until_said(Link.LOST)
        assert theirs.connections == 0

    on_fake_bluez(bus, story, theirs, mine)


def test_two_wearers_who_know_a_name_only_never_hear_one_strap(bus):
    """Two straps of one name: each wearer gets one of them, and while there is one only, the other wearer gets none."""
    one, other = chest(1, name="HRM"), chest(2, name="HRM", on_air=False)

    async def story(bluez):
        async with worn(bluez, one, PATIENT) as first, worn(bluez, other, PATIENT) as second:
            await one.subscribed()
            scans = bluez.scans
            while bluez.scans < scans + 2:  # noqa: ASYNC110  the other goes on searching
                await asyncio.sleep(0.01)
            assert (first.said() + second.said()).count(Link.CONNECTED) == 1
            assert len(one.subscribers) == 1
            other.on_air = True
            await other.subscribed()
            assert sorted(map(len, (one.subscribers, other.subscribers))) == [1, 1]

    on_fake_bluez(bus, story, one, other)


def test_what_the_strap_tells_of_itself_and_its_battery_as_it_goes_down(bus):
    strap = chest(
        values={
            fake_bluez.BATTERY: b"\x53",
            fake_bluez.LOCATION: b"\x01",
            fake_bluez.MANUFACTURER: b"Polar Electro Oy\0",
            fake_bluez.MODEL: b"H10",
            fake_bluez.FIRMWARE: b"3.1.1",
        }
    )

    async def story(bluez):
        async with worn(bluez, strap) as wearing:
            await wearing.beats()
            await wearing.until(lambda: wearing.about)
            about = wearing.about[0].about
            assert (about.device_id, about.name) == (strap.address, strap.name)
            assert str(about) == "Polar Electro Oy H10, firmware 3.1.1, chest, battery 83 %"
            while not strap.battery_subscribers:
                strap.changed.clear()
                await strap.changed.wait()
            bluez.tell_battery(strap, 82)
            await wearing.until(lambda: len(wearing.about) == 2)
            assert wearing.about[1].about.battery_percent == 82

    on_fake_bluez(bus, story, strap)


def test_a_full_energy_counter_is_reset_through_the_control_point(bus):
    from sensing.measurement import HeartRateMeasurement, pack

    strap = chest(values={fake_bluez.CONTROL_POINT: b""})

    async def story(bluez):
        async with worn(bluez, strap) as wearing:
            await wearing.beats()
            assert strap.written == []
            full = pack(HeartRateMeasurement(70, energy_kj=0xFFFF))
            wearing.sent.append(full)
            bluez.notify(strap, full)
            await strap.written_to()
        assert strap.written == [(fake_bluez.CONTROL_POINT, b"\x01")]

    on_fake_bluez(bus, story, strap)


class Day:
    """How far the time of day is ahead of the monotonic clock."""

    ahead_s = 0.0

    def __call__(self):
        return self.ahead_s


def test_a_computer_that_slept_says_so_and_connects_again(bus):
    strap, day = chest(), Day()

    async def story(bluez):
        async with worn(bluez, strap, PATIENT, ahead_s=day) as wearing:
            await wearing.beats()
            await wearing.until(lambda: wearing.about)
            day.ahead_s += 3600  # the lid was closed; the link did not outlive it, and nobody says so
            slept = await wearing.until_said(Link.SLEPT)
            assert "slept" in slept.detail
            await wearing.beats()
        assert Link.SILENT not in wearing.said()

    on_fake_bluez(bus, story, strap, within_s=20)


def test_a_clock_that_is_set_breaks_no_link(bus):
    strap, day = chest(), Day()
    settings = replace(PATIENT, silence_s=1.0)

    async def story(bluez):
        async with worn(bluez, strap, settings, ahead_s=day) as wearing:
            await wearing.beats()
            await wearing.until(lambda: wearing.about)
            day.ahead_s += 3600
            for _ in range(8):
                await wearing.beats(1)
                await asyncio.sleep(0.05)  # a strap's pace, in this small world
        assert wearing.said() == [Link.SEARCHING, Link.CONNECTING, Link.CONNECTED]

    on_fake_bluez(bus, story, strap)
