"""Stories on the fake BlueZ: a strap that sends numbered packets, somebody who takes down all that comes, and no leaks."""

import asyncio
from contextlib import aclosing, asynccontextmanager

from sensing.clock import SystemClock
from sensing.measurement import HeartRateMeasurement, pack
from sensing.source import AboutEvent, LinkEvent, Notification
from sensing.strap import Strap, StrapSettings
from tests.integration import fake_bluez
from tests.stories import without_about

QUICK = StrapSettings(
    scan_s=1.0, connect_s=1.0, silence_s=0.3, disconnect_s=1.0, first_pause_s=0.02, longest_pause_s=0.05
)
PATIENT = StrapSettings(scan_s=1.0, connect_s=1.0, first_pause_s=0.02, longest_pause_s=0.05)
MATCHES_OF_BLEAK = 3


def on_fake_bluez(bus, story, *straps, within_s=10, **adapter):
    """Run `story(bluez)` in an event loop of its own, and see that it leaves no task, handler or D-Bus match behind."""

    async def run():
        async with fake_bluez.FakeBlueZ(bus, straps, **adapter) as bluez:
            try:
                async with asyncio.timeout(within_s):
                    await story(bluez)
                    while await bluez.match_rules() not in ([], [MATCHES_OF_BLEAK]):  # noqa: ASYNC110  the bus has no event
                        await asyncio.sleep(0.01)  # for its having noticed that a program left
                assert not fake_bluez.handlers_of_bleak()
            finally:
                await fake_bluez.let_go_of_the_bus()
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(run())


def heard(wanted, settings=QUICK, **more):
    """What a strap delivers, without what it tells of itself."""
    return without_about(Strap(wanted, clock=SystemClock(), settings=settings, **more))


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


class Worn:
    """A strap that somebody listens to, and all that came from it."""

    def __init__(self, bluez, strap, settings=QUICK, **more):
        self.strap, self.bluez = strap, bluez
        self.sent, self.received, self.links, self.about = [], [], [], []
        self._events = Strap(strap.name, clock=SystemClock(), settings=settings, **more).events
        self._came = asyncio.Event()

    async def take_down(self):
        async with aclosing(self._events()) as events:
            async for event in events:
                kinds = {Notification: self.received, LinkEvent: self.links, AboutEvent: self.about}
                kinds[type(event)].append(event)
                self._came.set()

    async def until(self, done):
        while not done():
            self._came.clear()
            await self._came.wait()

    async def until_said(self, link):
        """Wait until `link` is said, not counting what was said before this call; gives the event."""
        before = len(self.links)
        await self.until(lambda: any(event.link is link for event in self.links[before:]))
        return next(event for event in self.links[before:] if event.link is link)

    async def beats(self, count=5):
        """The strap sends, once it is listened to, and all of it is received."""
        await self.strap.subscribed()
        for _ in range(count):
            packet = numbered_packet(len(self.sent) // 2)  # equal packets in a row are legal
            self.sent.append(packet)
            self.bluez.notify(self.strap, packet)
        await self.until(lambda: len(self.received) >= len(self.sent))

    def said(self):
        return [event.link for event in self.links]

    def check(self):
        """N sent = N received, in order, exactly once."""
        assert [event.packet for event in self.received] == self.sent


@asynccontextmanager
async def worn(bluez, strap, settings=QUICK, **more):
    """Listen to `strap` while this lasts, and see in the end that every packet came exactly once."""
    wearing = Worn(bluez, strap, settings, **more)
    task = asyncio.create_task(wearing.take_down())
    try:
        yield wearing
    finally:
        task.cancel()
        await asyncio.wait({task})
    assert task.cancelled(), task.exception()
    wearing.check()
