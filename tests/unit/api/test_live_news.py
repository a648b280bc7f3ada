"""When a page's stream is told: what its wearer may see of the talk at once, heartbeats in their turn."""

import asyncio
from types import SimpleNamespace

from alerts.live_talk import Tools
from alerts.talk_state import Phase, TalkState
from api import live
from tests.fakes import BEGAN


def test_a_change_of_what_the_wearer_sees_of_the_talk_goes_out_at_once_and_heartbeats_wait_for_their_turn(monkeypatch):
    monkeypatch.setattr(live, "EVENTS_PER_SECOND", 1e-6)  # a turn that no test waits for

    async def tell():
        talks = live.LiveTalks(lambda publish: Tools(*[None] * 5, publish), lambda _: None)
        talk = SimpleNamespace(
            talk=SimpleNamespace(id="talk", wearer_id="mira"), seen=TalkState(BEGAN), is_carried=False
        )
        talks._publish(talk)
        news = talks.news(talk)
        await anext(news)
        following = asyncio.ensure_future(anext(news))
        for _ in range(20):
            talks._publish(talk)
            await asyncio.sleep(0)
        assert not following.done(), "a heartbeat did not wait for its turn"
        talk.seen = TalkState(BEGAN, Phase.TALKING)
        talks._publish(talk)
        async with asyncio.timeout(5):
            await following
        leaving = asyncio.ensure_future(anext(news, None))
        talks.release_followers()
        async with asyncio.timeout(5):
            assert await leaving is None

    asyncio.run(tell())
