"""The service with two wearers at once, each with their own strap, on a fake BlueZ."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from alerts import steps
from alerts.people import Actor
from api.app import build
from api.settings import Settings
from sensing.source import About
from tests.integration import fake_bluez
from tests.integration.journal_home import add_person
from tests.integration.worn import numbered_packet, on_fake_bluez
from tests.raw_sql import raw

pytestmark = fake_bluez.needed

ONE = fake_bluez.FakeStrap("HRM", address="AA:BB:CC:DD:EE:01", values={fake_bluez.BATTERY: b"\x53"})
OTHER = fake_bluez.FakeStrap("HRM", address="AA:BB:CC:DD:EE:02", values={fake_bluez.BATTERY: b"\x2a"})


async def heard(live, service, actor, count):
    """The first packets of a talk's recording, once they are stored."""
    while True:
        await asyncio.to_thread(service.journal.recorder.flush)
        stored = await asyncio.to_thread(service.journal.recorder.measurements, actor, live.talk.recording_id)
        if len(stored) >= count:
            return [one.packet for one in stored]
        await asyncio.sleep(0.02)


def test_two_wearers_hear_their_own_strap_each_though_both_have_one_name(bus, tmp_path):
    async def story(bluez):
        service = build(Settings(data_dir=tmp_path))
        mira, jonas = (add_person(service.journal.database, name) for name in ("Mira", "Jonas"))
        now = service.clock.utc_now()
        service.journal.straps.remember(mira, About(ONE.name, ONE.address), now=now)
        service.journal.straps.remember(jonas, About(OTHER.name, OTHER.address), now=now)
        try:
            talks = {}
            for actor, strap in ((mira, ONE), (jonas, OTHER)):
                talks[strap.address] = await service.live.start(
                    actor, utc_offset_min=0, strap=strap.name, simulated=False, threshold_bpm=100.0
                )
            for number in range(5):
                for offset, strap in ((0, ONE), (100, OTHER)):
                    await strap.subscribed()
                    bluez.notify(strap, numbered_packet(offset + number))
            for offset, actor, strap in ((0, mira, ONE), (100, jonas, OTHER)):
                packets = await heard(talks[strap.address], service, actor, 5)
                assert packets == [numbered_packet(offset + number) for number in range(5)]
            while any(live.about is None for live in talks.values()):  # noqa: ASYNC110  it has no event for it
                await asyncio.sleep(0.02)
            assert talks[ONE.address].about.battery_percent == 83
            assert talks[OTHER.address].about.battery_percent == 42
            for live in talks.values():
                await live.change(steps.end_talk)
                await live.closed.wait()
            assert service.journal.straps.mine(mira)[0].battery_percent == 83
        finally:
            await service.live.close()
            service.journal.close()

    on_fake_bluez(bus, story, ONE, OTHER, within_s=20)


def test_a_talk_begins_with_the_strap_worn_last_and_never_with_one_that_is_somebody_elses(bus, tmp_path):
    async def story(bluez):
        service = build(Settings(data_dir=tmp_path, strap="HRM 1"))
        mira, jonas = (add_person(service.journal.database, name) for name in ("Mira", "Jonas"))
        assert service.strap_of(mira) == "HRM 1"
        now = service.clock.utc_now()
        service.journal.straps.remember(mira, About("HRM 1", ONE.address), now=now)
        assert service.strap_of(mira) == "HRM 1"
        assert service.strap_of(jonas) is None
        service.journal.straps.remember(jonas, About("HRM 2", OTHER.address), now=now)
        assert service.strap_of(jonas) == "HRM 2"
        live = await service.start_talk(mira)
        assert live.talk.strap == "HRM 1"
        service.journal.straps.forget(mira, ONE.address)
        assert service.strap_of(jonas) == "HRM 2"  # Mira has it on; whether it is remembered is no matter
        with suppress(Exception):
            await service.live.close()
        service.journal.close()

    on_fake_bluez(bus, story, within_s=20)


def test_each_of_two_wears_the_strap_named_for_them_or_their_own_and_one_strap_is_never_on_both(bus, tmp_path):
    async def story(bluez):
        service = build(Settings(data_dir=tmp_path, strap="HRM 1", other_strap="HRM 1"))
        try:
            mira = add_person(service.journal.database, "Mira")
            now = datetime.now(UTC)
            code = service.journal.pairs.make_code(mira, for_other=True, now=now)
            jonas = Actor(service.journal.pairs.come_in(code, name="Jonas", now=now).id)

            async def straps():
                for one in (mira, jonas):
                    service.journal.pairs.opt_in(one, now=datetime.now(UTC))
                await service.start_together(mira)
                lives = [await service.live.open_for(one) for one in (mira, jonas)]
                await lives[0].change(steps.end_talk)
                for live in lives:
                    await live.closed.wait()
                return [live.talk.strap for live in lives]

            assert await straps() == ["HRM 1", None]
            service.journal.straps.remember(jonas, About("HRM 1", OTHER.address), now=now)
            assert await straps() == [None, "HRM 1"]
            service.journal.straps.remember(mira, About("HRM 1", ONE.address), now=now)
            assert await straps() == ["HRM 1", "HRM 1"]  # two straps of one name, each known by its address
            service.journal.straps.remember(mira, About("HRM 0", "AA:BB:CC:DD:EE:00"), now=now)
            service.journal.straps.forget(mira, ONE.address)
            assert await straps() == ["HRM 0", "HRM 1"]
        finally:
            await service.live.close()
            await service.messenger.close()
            service.journal.close()

    on_fake_bluez(bus, story, within_s=20)


def test_changes_of_the_link_and_what_the_strap_told_are_in_the_recording(bus, tmp_path):
    strap = fake_bluez.FakeStrap("Chest 9", values={fake_bluez.BATTERY: b"\x53"})

    async def story(bluez):
        service = build(Settings(data_dir=tmp_path, strap=strap.name))
        mira = add_person(service.journal.database, "Mira")
        try:
            live = await service.start_talk(mira)
            await strap.subscribed()
            bluez.notify(strap, numbered_packet(1))
            while live.about is None:  # noqa: ASYNC110  it has no event for it
                await asyncio.sleep(0.02)
            bluez.break_link(strap)
            await strap.subscribed()
            await live.change(steps.end_talk)
            await live.closed.wait()
            with service.journal.database.read() as connection:
                rows = raw(connection, "SELECT link, detail FROM link_event ORDER BY id").all()
        finally:
            await service.live.close()
            service.journal.close()
        links = [link for link, _ in rows]
        assert links[:3] == ["searching", "connecting", "connected"]
        assert ("about", "Chest 9, battery 83 %") in rows
        assert links.index("about") < links.index("lost")
        assert links.count("connected") == 2

    on_fake_bluez(bus, story, strap, within_s=20)
