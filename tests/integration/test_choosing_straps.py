"""Which strap a talk begins with, where there are two wearers."""

import asyncio
from contextlib import asynccontextmanager

from api.app import build
from api.settings import Settings
from sensing.source import About
from tests.integration.journal_home import add_person


@asynccontextmanager
async def two_wearers(tmp_path, strap=None):
    service = build(Settings(data_dir=tmp_path, strap=strap), source_for=lambda _: None)
    try:
        yield service, *(add_person(service.journal.database, name) for name in ("Mira", "Jonas"))
    finally:
        await service.live.close()
        service.journal.close()


def test_two_who_begin_at_once_do_not_get_the_same_strap(tmp_path):
    async def story():
        async with two_wearers(tmp_path, "HRM 1") as (service, mira, jonas):
            talks = await asyncio.gather(service.start_talk(mira), service.start_talk(jonas))
            assert {live.talk.strap for live in talks} == {"HRM 1", None}

    asyncio.run(story())


def test_straps_of_one_name_are_told_apart_by_their_ids(tmp_path):
    async def story():
        async with two_wearers(tmp_path) as (service, mira, jonas):
            for number, wearer in enumerate((mira, jonas)):
                service.journal.straps.remember(wearer, About("HRM", f"AA:0{number}"), now=service.clock.utc_now())
            for wearer in (mira, jonas):
                live = await service.start_talk(wearer)
                assert live.talk.strap == "HRM"

    asyncio.run(story())
