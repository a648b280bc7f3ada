"""One wearer's talk from the first packet to the entry, with time as an argument."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from alerts import steps
from alerts.channels import Message
from alerts.live_talk import LiveTalk, Tools
from alerts.pause import PauseState, PauseTrigger
from alerts.policy_settings import PolicySettings
from alerts.suggestion import Answer
from alerts.talk_state import Phase
from alerts.talk_step import IllegalTalkStep
from api.views.talk import talk_view
from hrv.monitor import ArousalMonitor
from hrv.reading import ArousalState
from hrv.settings import DetectorSettings
from sensing.source import Link, LinkEvent, Notification
from tests.fakes import MIRA, ManualClock, MemoryRecorder, MemoryStore, ScriptedHeart

SETTINGS = PolicySettings()
FLOOD_AT_S = 420


def flood_then_rest(t_s):
    """Usual 72; 112 from the flood until twenty minutes later; then usual again."""
    return 112 if FLOOD_AT_S <= t_s < FLOOD_AT_S + 600 else 72


class Home:
    """A live talk on fakes."""

    def __init__(self, bpm_at=flood_then_rest):
        self.clock = ManualClock()
        self.store = MemoryStore()
        self.recorder = MemoryRecorder()
        self.published = 0
        self.heart = ScriptedHeart(self.clock, bpm_at) if bpm_at else None
        self.talk = self.store.start(
            MIRA, began_at=self.clock.utc_now(), utc_offset_min=60, strap=None, simulated=False, threshold_bpm=100.0
        )
        self.live = self.again()

    def again(self):
        """A process that starts on the same store."""
        tools = Tools(self.store, self.recorder, self.clock, lambda _: ArousalMonitor(), SETTINGS, self._publish)
        return LiveTalk(self.talk, self.heart, tools)

    def _publish(self, _):
        self.published += 1

    def story(self, tell):
        """Run `tell(self)` beside the live talk."""

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

    async def accept(self):
        suggestion = self.live.state.open_suggestion("mira")
        await self.live.change(
            lambda state, now: steps.answer_suggestion(
                state, "mira", suggestion.id, Answer.ACCEPT, now, SETTINGS, fresh_id="p"
            )
        )


@pytest.fixture(autouse=True)
def _threads_run_at_once(monkeypatch):
    async def at_once(work, *args, **kwargs):
        return work(*args, **kwargs)

    monkeypatch.setattr("alerts.live_talk.asyncio.to_thread", at_once)


def test_a_flood_becomes_a_suggestion_an_episode_and_an_entry():
    async def tell(home):
        await home.clock.advance(FLOOD_AT_S + 40)
        assert home.live.state.open_suggestion("mira") is not None
        assert home.store.state == home.live.state
        (episode,) = home.recorder.episodes.values()
        assert episode.baseline_bpm == pytest.approx(72, abs=1)
        assert FLOOD_AT_S <= episode.onset_t_s <= FLOOD_AT_S + 10
        assert home.live.entry_id == "entry"
        assert home.published > 0

    Home().story(tell)


def test_a_calm_talk_suggests_nothing_and_leaves_no_entry():
    async def tell(home):
        await home.clock.advance(1200)
        assert home.live.state.suggestions == ()
        assert home.recorder.entries == []
        assert len(home.recorder.minutes) >= 19

    Home(lambda _: 75).story(tell)


def test_a_taken_pause_is_ready_after_twenty_minutes_near_the_usual_and_not_before():
    async def tell(home):
        await home.clock.advance(FLOOD_AT_S + 60)
        await home.accept()
        await home.clock.advance(1199)
        assert home.live.state.pause.state is PauseState.RUNNING
        await home.clock.advance(10)
        assert home.live.state.pause.state is PauseState.READY
        assert home.live.reading.state is ArousalState.RECOVERED
        await home.live.change(lambda s, now: steps.change_pause(s, PauseTrigger.RETURN, now))
        assert home.live.state.pauses[-1].state is PauseState.RETURNED

    Home().story(tell)


def test_without_a_strap_a_pause_can_be_called_and_is_ready_by_the_clock():
    async def tell(home):
        await home.clock.advance(400)
        await home.live.change(lambda s, now: steps.call_pause(s, "mira", now, SETTINGS, "p"))
        assert home.live.entry_id == "entry"
        await home.clock.advance(1265)
        assert home.live.state.pause.state is PauseState.READY

    Home(None).story(tell)


def test_silence_in_a_pause_never_makes_it_ready():
    async def tell(home):
        await home.clock.advance(FLOOD_AT_S + 60)
        await home.accept()
        await home.clock.advance(1500)
        assert home.live.state.pause.state is PauseState.RUNNING

    Home(lambda t_s: 72 if t_s < FLOOD_AT_S else 112 if t_s < FLOOD_AT_S + 60 else None).story(tell)


def test_a_step_repeats_on_what_somebody_else_wrote_first():
    async def tell(home):
        await home.clock.advance(310)
        other = steps.call_pause(home.store.state, "jonas", home.clock.utc_now(), SETTINGS, "by-jonas")
        home.store.save(MIRA, "talk", other, expected_version=home.store.version)
        with pytest.raises(IllegalTalkStep, match="already running"):
            await home.live.change(lambda s, now: steps.call_pause(s, "mira", now, SETTINGS, "by-mira"))
        assert [pause.id for pause in home.store.state.pauses] == ["by-jonas"]
        assert home.live.state.pause.id == "by-jonas"

    Home(lambda _: 75).story(tell)


def test_a_new_process_goes_on_where_the_old_one_stopped():
    home = Home()

    async def first(home):
        await home.clock.advance(FLOOD_AT_S + 100)

    home.story(first)
    before = home.live
    home.live = home.again()

    async def second(home):
        await home.clock.advance(0)
        assert home.live.state.suggestions == before.state.suggestions
        assert home.live.reading.state is ArousalState.FLOODED
        assert home.live.trace.points == before.trace.points
        await home.clock.advance(30)
        assert len(home.live.state.suggestions) == 1
        assert len(home.recorder.episodes) == 1

    home.story(second)


def test_a_clock_set_back_while_the_process_was_down_does_not_run_the_recording_backwards():
    home = Home(lambda _: 75)

    async def first(home):
        await home.clock.advance(400)

    home.story(first)
    home.clock = ManualClock(home.talk.began_at + timedelta(seconds=100))
    home.heart = ScriptedHeart(home.clock, lambda _: 75)
    home.live = home.again()

    async def second(home):
        await home.clock.advance(10)
        times = [n.t_s for n in home.recorder.packets]
        assert times == sorted(times)
        assert home.live.now_t_s() >= 400

    home.story(second)


def test_a_malformed_packet_is_kept_counted_and_harms_nothing():
    async def tell(home):
        home.heart.also += [Notification(0.5, b"\x10"), Notification(0.6, b"")]
        await home.clock.advance(60)
        assert home.live.malformed == 2
        assert home.recorder.packets[0].packet == b"\x10"
        assert home.live.reading.heart_rate_bpm == pytest.approx(75, abs=1)

    Home(lambda _: 75).story(tell)


def test_changes_of_the_link_are_part_of_the_recording():
    async def tell(home):
        home.heart.also.append(LinkEvent(3.0, Link.LOST, "the link broke"))
        await home.clock.advance(10)
        assert home.recorder.links == [LinkEvent(3.0, Link.LOST, "the link broke")]

    Home(lambda _: 75).story(tell)


def test_ending_the_talk_lets_go_of_the_strap_and_closes_the_episode():
    home = Home()

    async def tell(home):
        await home.clock.advance(FLOOD_AT_S + 100)
        await home.live.change(steps.end_talk)
        await home.clock.advance(1)
        assert home.heart.closed
        assert home.store.state.phase is Phase.ENDED
        (episode,) = home.recorder.episodes.values()
        assert episode.end == "talk_ended"

    home.story(tell)


def test_stopping_the_process_leaves_the_talk_open():
    home = Home()

    async def tell(home):
        await home.clock.advance(100)

    home.story(tell)
    assert home.heart.closed
    assert home.store.state.phase is not Phase.ENDED


class Failing:
    """Stands before a store or recorder and fails in the named calls while `broken`."""

    def __init__(self, real, *calls):
        self.broken = True
        self._real, self._calls = real, calls

    def __getattr__(self, name):
        real = getattr(self._real, name)
        if name not in self._calls:
            return real

        def call(*args, **kwargs):
            if self.broken:
                raise OSError("database is locked")
            return real(*args, **kwargs)

        return call


def test_a_database_that_is_locked_for_a_while_delays_what_is_stored_and_nothing_else():
    home = Home()
    home.recorder = Failing(home.recorder, "minute", "episode", "entry")
    home.store = Failing(home.store, "save")
    home.live = home.again()

    async def tell(home):
        await home.clock.advance(FLOOD_AT_S + 60)
        assert home.live.reading.state is ArousalState.FLOODED
        home.recorder.broken = home.store.broken = False
        await home.clock.advance(3)
        assert home.live.state.open_suggestion("mira") is not None
        assert set(home.recorder.minutes) >= set(range(7))
        assert len(home.recorder.episodes) == 1
        assert home.live.entry_id == "entry"

    home.story(tell)


def test_a_journal_that_takes_nothing_more_does_not_stop_the_alarm():
    home = Home()
    home.recorder = Failing(home.recorder, "measurement", "link")
    home.live = home.again()

    async def tell(home):
        await home.clock.advance(FLOOD_AT_S + 60)
        assert home.live.state.open_suggestion("mira") is not None

    home.story(tell)


class BrokenRadio:
    """A source that cannot even begin."""

    tries = 0

    async def events(self):
        BrokenRadio.tries += 1
        raise OSError("Bluetooth is turned off")
        yield


def test_a_radio_that_is_off_is_recorded_as_a_gap_and_the_talk_can_be_paused_and_ended(monkeypatch):
    monkeypatch.setattr("alerts.listening.SOURCE_RETRY_REAL_S", 0.001)
    home = Home()
    home.heart = BrokenRadio()
    home.live = home.again()

    async def tell(home):
        await home.clock.advance(300)
        await asyncio.sleep(0.01)
        assert BrokenRadio.tries > 1
        assert home.recorder.links[0].link is Link.FAILED
        assert "turned off" in home.recorder.links[0].detail
        await home.live.change(lambda s, now: steps.call_pause(s, "mira", now, SETTINGS, "p"))
        await home.live.change(steps.end_talk)
        await home.clock.advance(1)
        assert home.store.state.phase is Phase.ENDED

    home.story(tell)


def test_a_packet_from_the_past_is_dropped_and_harms_nothing():
    async def tell(home):
        await home.clock.advance(60)
        home.heart.also.append(Notification(10.0, b"\x00\x48"))
        await home.clock.advance(30)
        assert home.live.reading.heart_rate_bpm == pytest.approx(75, abs=1)
        assert home.live.reading.t_s >= 88

    Home(lambda _: 75).story(tell)


def test_after_a_sleep_of_the_machine_the_pause_goes_by_the_clock_on_the_wall():
    class LaptopClock(ManualClock):
        slept = timedelta(0)

        def utc_now(self):
            return super().utc_now() + self.slept

    home = Home()
    home.clock = LaptopClock()
    home.heart = ScriptedHeart(home.clock, lambda _: 72)
    home.live = home.again()

    async def tell(home):
        await home.clock.advance(400)
        await home.live.change(lambda s, now: steps.call_pause(s, "mira", now, SETTINGS, "p"))
        home.clock.slept = timedelta(minutes=25)
        await home.clock.advance(2)
        assert home.live.now() == home.clock.utc_now()
        assert home.live.state.pause.state is PauseState.RUNNING, "nobody was heard while it slept"
        await home.clock.advance(200)
        assert home.live.state.pause.state is PauseState.READY

    home.story(tell)


def test_a_clock_set_back_in_the_middle_of_a_talk_changes_nothing():
    class SetBack(ManualClock):
        back = timedelta(0)

        def utc_now(self):
            return super().utc_now() - self.back

    home = Home()
    home.clock = SetBack()
    home.heart = ScriptedHeart(home.clock, flood_then_rest)
    home.live = home.again()

    async def tell(home):
        await home.clock.advance(FLOOD_AT_S + 60)
        home.clock.back = timedelta(minutes=30)
        await home.accept()
        await home.clock.advance(1265)
        assert home.live.state.pause.state is PauseState.READY

    home.story(tell)


def test_a_forgotten_talk_ends_by_itself_and_lets_go_of_the_strap():
    async def tell(home):
        await home.clock.advance(8 * 3600 + 5)
        assert home.store.state.phase is Phase.ENDED
        assert home.heart.closed

    Home(lambda t_s: 75 if t_s < 100 else None).story(tell)


def test_a_talk_found_open_days_later_is_ended_where_its_packets_end():
    home = Home()

    async def first(home):
        await home.clock.advance(FLOOD_AT_S + 100)

    home.story(first)
    home.clock = ManualClock(home.talk.began_at + timedelta(days=3))
    home.heart = ScriptedHeart(home.clock, lambda _: 75)
    home.live = home.again()

    async def second(home):
        await home.live.closed.wait()
        assert home.store.state.phase is Phase.ENDED
        last_s = (home.store.state.ended_at - home.talk.began_at).total_seconds()
        assert last_s == pytest.approx(FLOOD_AT_S + 100, abs=2)
        (episode,) = home.recorder.episodes.values()
        assert episode.ended_t_s == pytest.approx(last_s, abs=2)

    home.story(second)


def test_a_step_waits_until_the_stored_talk_is_known():
    home = Home(lambda _: 75)

    async def first(home):
        await home.clock.advance(400)

    home.story(first)
    home.live = home.again()

    async def second():
        paused = asyncio.create_task(home.live.change(lambda s, now: steps.call_pause(s, "mira", now, SETTINGS, "p")))
        running = asyncio.create_task(home.live.run())
        state = await paused
        assert state.phase is Phase.TALKING
        assert home.live.reading.baseline is not None
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    asyncio.run(second())


def test_what_another_process_did_is_followed_within_a_second():
    async def tell(home):
        await home.clock.advance(310)
        other = steps.call_pause(home.store.state, "jonas", home.clock.utc_now(), SETTINGS, "by-jonas")
        home.store.save(MIRA, "talk", other, expected_version=home.store.version)
        home.live._work.set()
        await home.clock.advance(2)
        assert home.live.state.pause.id == "by-jonas"

    Home(lambda _: 75).story(tell)


def test_hearing_never_waits_for_the_disk():
    """While a write hangs, packets are heard, the flood is seen, and the suggestion is in force."""
    home = Home()

    async def tell(home):
        await home.clock.advance(100)
        hanging = asyncio.Event()

        async def never(*_, **__):
            await hanging.wait()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("alerts.live_talk.asyncio.to_thread", never)
            await home.clock.advance(FLOOD_AT_S)
            assert home.live.reading.state is ArousalState.FLOODED
            assert home.live.state.open_suggestion("mira") is not None
            assert home.store.state.suggestions == ()
            hanging.set()

    home.story(tell)


def test_pausing_and_leaving_work_while_nothing_can_be_stored_and_are_stored_later(monkeypatch):
    monkeypatch.setattr("alerts.live_talk.RETRY_REAL_S", 0.001)
    home = Home(lambda _: 75)
    home.store = Failing(home.store, "save")
    home.live = home.again()

    async def tell(home):
        await home.clock.advance(310)
        await home.live.change(lambda s, now: steps.call_pause(s, "mira", now, SETTINGS, "p"))
        assert home.live.state.pause is not None
        await home.live.change(steps.end_talk)
        await home.live.closed.wait()
        assert home.store.state.phase is not Phase.ENDED
        home.store.broken = False
        await asyncio.sleep(0.05)
        assert home.store.state.phase is Phase.ENDED
        assert len(home.store.state.pauses) == 1

    home.story(tell)


def test_an_older_version_of_an_episode_never_reaches_the_journal_after_a_newer_one():
    home = Home()
    home.recorder = Failing(home.recorder, "episode")
    home.live = home.again()

    async def tell(home):
        await home.clock.advance(FLOOD_AT_S + 100)
        home.recorder.broken = False
        await home.live.change(steps.end_talk)
        await home.live.closed.wait()
        (episode,) = home.recorder.episodes.values()
        assert episode.ended_t_s is not None

    home.story(tell)


def test_a_stored_packet_from_the_past_does_not_keep_a_restart_from_its_talk():
    home = Home(lambda _: 75)

    async def first(home):
        await home.clock.advance(60)
        home.heart.also.append(Notification(10.0, b"\x00\x48"))
        await home.clock.advance(30)

    home.story(first)
    home.live = home.again()

    async def second(home):
        await home.clock.advance(5)
        assert home.live.restored.is_set()
        assert home.live.reading.t_s >= 88

    home.story(second)


@pytest.mark.parametrize("with_strap", [True, False])
def test_a_clock_that_jumps_by_days_ends_the_talk_where_it_was_left(with_strap):
    class Jumping(ManualClock):
        ahead = timedelta(0)

        def utc_now(self):
            return super().utc_now() + self.ahead

    home = Home()
    home.clock = Jumping()
    home.heart = ScriptedHeart(home.clock, lambda _: 75) if with_strap else None
    home.live = home.again()

    async def tell(home):
        await home.clock.advance(400)
        await home.live.change(lambda s, now: steps.call_pause(s, "mira", now, SETTINGS, "p"))
        home.clock.ahead = timedelta(days=8)
        await home.clock.advance(2)
        await home.live.closed.wait()
        assert home.store.state.phase is Phase.ENDED
        lasted = home.store.state.ended_at - home.talk.began_at
        assert timedelta(seconds=399) <= lasted < timedelta(seconds=405)

    home.story(tell)


def test_what_is_logged_of_a_talk_holds_no_heartbeat():
    async def tell(home):
        home.heart.also += [Notification(0.5, bytes.fromhex("104d01"))]
        with capture_logs() as logged:
            await home.clock.advance(5)
        what = "malformed_packet odd trailing byte after the RR intervals"
        assert logged == [
            {"event": what, "talk": "talk", "error": "MalformedMeasurement", "log_level": "warning"},
        ]

    Home(lambda _: 75).story(tell)


def test_a_rise_that_turned_is_kept_and_makes_the_entry():
    def rise_and_turn(t_s):
        return 72 if t_s < 420 else 72 + 26 * max(0.0, 1 - abs(t_s - 480) / 60)

    home = Home(rise_and_turn)

    async def tell(home):
        await home.clock.advance(1000)

    home.story(tell)
    (near_miss,) = home.recorder.near_misses
    assert 420 < near_miss.from_s < 490 < near_miss.to_s
    assert near_miss.peak_bpm == pytest.approx(96, abs=4)
    assert home.recorder.entries == ["talk"]
    assert home.recorder.episodes == {}


class Told:
    """Messages in a list."""

    def __init__(self):
        self.told = []
        self.withdrawn = []

    def tell(self, announcement):
        self.told.append((announcement.message, announcement.key))

    def withdraw(self, key):
        self.withdrawn.append(key)

    def failing(self, wearer_id):
        return ()


class HomeWithChannels(Home):
    """A live talk whose wearer has channels."""

    def again(self):
        self.messages = getattr(self, "messages", None) or Told()
        tools = Tools(
            self.store, self.recorder, self.clock, lambda _: ArousalMonitor(), SETTINGS, self._publish, self.messages
        )
        return LiveTalk(self.talk, self.heart, tools)


def test_a_suggestion_nobody_sees_is_told_once_elsewhere_and_again_to_the_same_key_only_after_a_restart():
    async def tell(home):
        await home.clock.advance(FLOOD_AT_S + 40)
        ((message, key),) = home.messages.told
        assert message is Message.SUGGESTED
        await home.clock.advance(100)
        assert len(home.messages.told) == 1
        successor = home.again()
        running = asyncio.create_task(successor.run())
        await home.clock.advance(1)
        # The store of deliveries knows that key: it is for the case that the process died in between.
        assert home.messages.told[1:] == [(Message.SUGGESTED, key)]
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await home.accept()
        assert home.messages.withdrawn[-1] == key
        await home.clock.advance(900)
        assert home.messages.told[2:] == [(Message.ALL_CLEAR, f"{key}/clear")]

    HomeWithChannels().story(tell)


def test_the_server_greys_a_silent_heart_after_ten_seconds_and_gives_notice_after_thirty():
    async def tell(home):
        await home.clock.advance(400)
        view = home.view()
        assert (view.heart.stale, view.notice) == (False, None)
        await home.clock.advance(13)
        assert (home.view().heart.stale, home.view().heart.bpm) == (True, None)
        assert home.view().notice is None
        await home.clock.advance(25)
        assert home.view().notice.state == "open"
        assert home.live.state.suggestions == ()
        home.silent = False
        await home.clock.advance(30)
        assert (home.view().heart.stale, home.view().notice) == (False, None)
        assert len(home.live.state.notices) == 1

    class Silent(Home):
        silent = True

        def __init__(self):
            super().__init__(lambda t_s: None if t_s > 400 and self.silent else 75)

        def view(self):
            return talk_view(self.live, speed=1.0, policy=SETTINGS, detector=DetectorSettings())

    Silent().story(tell)


def test_a_process_that_dies_before_a_suggestion_is_stored_raises_the_same_one_again(monkeypatch):
    async def tell(home):
        await home.clock.advance(400)
        save, broken = home.store.save, []

        def locked(*args, **kwargs):
            broken.append(1)
            raise OSError("database is locked")

        monkeypatch.setattr(home.store, "save", locked)
        await home.clock.advance(FLOOD_AT_S - 400 + 30)
        lost = home.live.state.open_suggestion("mira")
        assert broken
        assert home.store.state.suggestions == ()
        monkeypatch.setattr(home.store, "save", save)
        successor = home.again()
        running = asyncio.create_task(successor.run())
        await home.clock.advance(3)
        assert successor.state.open_suggestion("mira").id == lost.id
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    Home().story(tell)
