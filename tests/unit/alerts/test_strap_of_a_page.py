"""A strap that the wearer's page reads, in a live talk: heard as any other, and what comes late is kept and alarms nobody."""

import asyncio
from contextlib import suppress

import pytest

from alerts.live_talk import LiveTalk, Tools
from alerts.policy_settings import PolicySettings
from api.views.talk import talk_view
from hrv.monitor import ArousalMonitor
from hrv.reading import Signal
from hrv.settings import DetectorSettings
from sensing.source import Link, Notification
from tests.fakes import MIRA, ManualClock, MemoryRecorder, MemoryStore, packet


class FullRecorder(MemoryRecorder):
    """A journal that takes nothing more."""

    def measurement(self, recording_id, notification):
        raise RuntimeError("full")


class Home:
    """A live talk without a radio's strap, on fakes."""

    def __init__(self, recorder=None):
        self.clock, self.store, self.recorder = ManualClock(), MemoryStore(), recorder or MemoryRecorder()
        self.talk = self.store.start(
            MIRA, began_at=self.clock.utc_now(), utc_offset_min=60, strap=None, simulated=False, threshold_bpm=100.0
        )
        self.live = self.again()
        self.beats = 0.0

    def again(self):
        """A process that starts on the same store."""
        tools = Tools(
            self.store, self.recorder, self.clock, lambda _: ArousalMonitor(), PolicySettings(), lambda _: None
        )
        return LiveTalk(self.talk, None, tools)

    def story(self, tell):
        async def both():
            running = asyncio.create_task(self.live.run())
            await self.clock.advance(0)
            try:
                await tell(self)
            finally:
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running

        asyncio.run(both())

    def page(self, t_s, bpm):
        """The page sends the packet that its strap gave at `t_s`."""
        self.beats += bpm / 60
        beats, self.beats = int(self.beats), self.beats % 1
        return self.live.hear_from_page(Notification(t_s, packet(bpm, beats), None, int(t_s)))

    async def live_at(self, bpm, seconds):
        for _ in range(seconds):
            await self.clock.advance(1)
            self.page(self.clock.monotonic_s(), bpm)

    def view(self):
        return talk_view(self.live, speed=1.0, policy=PolicySettings(), detector=DetectorSettings())


@pytest.fixture(autouse=True)
def _threads_run_at_once(monkeypatch):
    async def at_once(work, *args, **kwargs):
        return work(*args, **kwargs)

    monkeypatch.setattr("alerts.live_talk.asyncio.to_thread", at_once)


def test_a_flood_that_a_page_hears_is_suggested_as_any_other():
    async def tell(home):
        home.live.wear_in_page("Polar H10 A1")
        await home.live_at(72, 420)
        await home.live_at(115, 60)
        assert home.live.state.open_suggestion("mira") is not None
        assert home.view().strap == "Polar H10 A1"
        assert home.recorder.straps == [("recording", "Polar H10 A1")]

    Home().story(tell)


def test_what_was_kept_and_comes_late_is_recorded_and_never_an_alarm():
    async def tell(home):
        home.live.wear_in_page("S")
        await home.live_at(72, 400)
        await home.clock.advance(600)  # nothing goes through
        before = home.live.reading
        for t_s in range(401, 990):
            assert home.page(float(t_s), 140)
        assert len(home.recorder.packets) == 400 + 589
        assert home.live.reading is before, "nothing was judged"
        await home.live_at(72, 120)
        assert home.live.state.suggestions == ()
        assert home.live.reading.heart_rate_bpm == pytest.approx(72, abs=2)

    Home().story(tell)


def test_a_strap_that_is_put_on_in_mid_talk_is_not_said_to_have_been_silent():
    async def tell(home):
        await home.clock.advance(900)
        assert home.live.state.notices == ()
        home.live.wear_in_page("S")
        await home.clock.advance(20)
        assert home.live.state.notices == ()
        await home.clock.advance(15)
        assert len(home.live.state.notices) == 1, "from then on silence is told, after half a minute"
        await home.live_at(72, 30)
        assert home.live.reading.signal is Signal.OK
        assert home.live.state.open_notice("mira") is None

    Home().story(tell)


def test_a_process_that_starts_again_knows_what_the_page_has_brought():
    async def tell(home):
        home.live.wear_in_page("S")
        await home.live_at(72, 60)
        again = home.again()
        running = asyncio.create_task(again.run())
        await home.clock.advance(2)
        assert again.reading.heart_rate_bpm == pytest.approx(72, abs=2)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    Home().story(tell)


def test_what_the_journal_does_not_take_is_not_taken():
    async def tell(home):
        home.live.wear_in_page("S")
        assert home.page(0.0, 72) is False

    Home(FullRecorder()).story(tell)


def test_the_link_of_a_pages_strap_is_told_and_recorded_once_each_time_it_changes():
    async def tell(home):
        home.live.wear_in_page("S")
        for link in (Link.CONNECTED, Link.CONNECTED, Link.LOST):
            home.live.link_of_page(link, "")
        assert [event.link for event in home.recorder.links] == [Link.CONNECTED, Link.LOST]
        assert home.view().heart.link is Link.LOST

    Home().story(tell)
