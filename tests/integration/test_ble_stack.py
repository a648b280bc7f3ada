"""The real strap.py over a whole virtual BLE stack: link layer, ATT and GATT on both sides, and walking out of range."""

import asyncio
from contextlib import aclosing

import pytest

from sensing.clock import SystemClock
from sensing.measurement import HeartRateMeasurement, pack
from sensing.source import AboutEvent, Link, LinkEvent, Notification
from sensing.strap import Strap, StrapSettings

pytest.importorskip("bumble", reason="bumble is missing: pip install -e '.[test]'")

from tests.ble.air import Air, VirtualStrap
from tests.ble.backend import central_on

SETTINGS = StrapSettings(connect_s=1.0, first_pause_s=0.05, longest_pause_s=0.1)


def on_the_air(story, count=1):
    """Run `story(backend, straps)` with straps that are put on, and see that nothing of ours is left running."""

    async def run():
        async with asyncio.timeout(20):
            air = Air()
            straps = [VirtualStrap(air, f"Virtual {at}", f"F0:00:00:00:00:0{at}") for at in range(1, count + 1)]
            for strap in straps:
                await strap.put_on()
            backend, _ = await central_on(air)
            await story(backend, straps)
            left = [task.get_coro().__qualname__ for task in asyncio.all_tasks() if of_sensing(task)]
            assert left == []
            for strap in straps:
                await strap.take_off()

    asyncio.run(run())


def of_sensing(task):
    """Whether `task` is ours, and not one of the virtual stack."""
    return "/sensing/" in task.get_coro().cr_code.co_filename


class Heard:
    """Everything a strap's listener gets, by kind."""

    def __init__(self, backend, strap):
        self.strap, self.sent, self.packets, self.links, self.about = strap, [], [], [], []
        self._events = Strap(strap.name, clock=SystemClock(), settings=SETTINGS, backend=backend).events
        self._news = asyncio.Event()

    async def __aenter__(self):
        self._task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_):
        self._task.cancel()
        await asyncio.wait({self._task})

    async def _listen(self):
        async with aclosing(self._events()) as events:
            async for event in events:
                kinds = {Notification: self.packets, LinkEvent: self.links, AboutEvent: self.about}
                kinds[type(event)].append(event)
                self._news.set()

    async def until(self, done):
        while not done():
            self._news.clear()
            await self._news.wait()

    async def beats(self, count):
        """Send, once somebody listens, and wait until all of it is here."""
        await self.strap.subscribed()
        for _ in range(count):
            packet = pack(HeartRateMeasurement(70, rr_ticks=(500 + len(self.sent) // 2,)))
            self.sent.append(packet)
            await self.strap.notify(packet)
        await self.until(lambda: len(self.packets) >= len(self.sent))
        assert [event.packet for event in self.packets] == self.sent

    def said(self, link):
        return sum(event.link is link for event in self.links)


def test_out_of_range_and_back_again():
    async def story(backend, straps):
        (strap,) = straps
        async with Heard(backend, strap) as heard:
            for times in range(1, 4):
                await heard.beats(20)
                strap.walk_away()
                await heard.until(lambda: heard.said(Link.LOST) == times)  # noqa: B023  awaited in this round
                strap.come_back()
            await heard.beats(20)
        assert heard.said(Link.CONNECTED) == 4

    on_the_air(story)


def test_a_strap_that_leaves_while_it_is_being_connected_is_given_up_and_found_again():
    async def story(backend, straps):
        (strap,) = straps
        async with Heard(backend, strap) as heard:
            await heard.until(lambda: heard.said(Link.CONNECTING))
            strap.walk_away()
            await heard.until(lambda: heard.said(Link.FAILED) + heard.said(Link.LOST))
            strap.come_back()
            await heard.beats(5)

    on_the_air(story)


def test_two_straps_and_one_of_them_goes_out():
    async def story(backend, straps):
        async with Heard(backend, straps[0]) as one, Heard(backend, straps[1]) as other:
            await asyncio.gather(one.beats(10), other.beats(10))
            straps[0].walk_away()
            await one.until(lambda: one.said(Link.LOST))
            await other.beats(10)
            straps[0].come_back()
            await asyncio.gather(one.beats(10), other.beats(10))
        assert not other.said(Link.LOST)

    on_the_air(story, 2)


def test_eight_straps_lose_nothing():
    async def story(backend, straps):
        heard = [Heard(backend, strap) for strap in straps]
        for one in heard:
            await one.__aenter__()
        await asyncio.gather(*(one.beats(50) for one in heard))
        for one in heard:
            await one.__aexit__()

    on_the_air(story, 8)


def test_what_a_strap_tells_of_itself_and_the_reset_of_its_energy_counter():
    async def story(backend, straps):
        (strap,) = straps
        async with Heard(backend, strap) as heard:
            await heard.until(lambda: heard.about)
            assert str(heard.about[0].about) == "Virtual Strap, firmware 1.0, chest, battery 83 %"
            await strap.subscribed()
            await strap.notify(pack(HeartRateMeasurement(70, energy_kj=0xFFFF)))
            while not strap.written:  # noqa: ASYNC110  the virtual strap has no event for it
                await asyncio.sleep(0.01)
            assert strap.written == [b"\x01"]

    on_the_air(story)
