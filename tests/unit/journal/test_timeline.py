"""An entry's timeline: from stored packets and the talk's state alone, and the same as the talk was live."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts import steps
from alerts.live_talk import LiveTalk, Tools
from alerts.pause import Pause, PauseTrigger
from alerts.policy_settings import PolicySettings
from alerts.ports import Stored
from alerts.talk_state import Phase, TalkState
from hrv.monitor import ArousalMonitor
from hrv.settings import DetectorSettings
from hrv.trace import Gap, Point, gaps
from journal.timeline import timeline
from tests.fakes import BEGAN, MIRA, TALK, ManualClock, MemoryRecorder, MemoryStore, ScriptedHeart, packet

DETECTOR = DetectorSettings()


def at(t_s):
    return BEGAN + timedelta(seconds=t_s)


def stored(*stretches):
    """Packets once a second for stretches of `(seconds, bpm)`; None is silence."""
    found, beat_s, second = [], 0.0, 0
    for seconds, bpm in stretches:
        for _ in range(seconds):
            second += 1
            if bpm is None:
                beat_s = second
            else:
                beats = int((second - beat_s) * bpm / 60)
                beat_s += beats * 60 / bpm
                found.append(Stored(second - 0.1, packet(bpm, beats), None))
    return found


def points(*rates):
    return [Point(second, bpm, None) for second, bpm in enumerate(rates)]


@pytest.mark.parametrize(
    ("rates", "found"),
    [
        ((), []),
        ((70, 71, 70), []),
        ((70, None, None, 70), []),
        ((70, None, None, None, 70), [Gap(1, 4)]),
        ((None, None, None, 70, 70), [Gap(0, 3)]),
        ((70, 70, None, None, None), [Gap(2, 5)]),
        ((70, None, None, 70, None, None, None, None, 70), [Gap(4, 8)]),
        ((None, None, None), [Gap(0, 3)]),
    ],
)
def test_gap_is_three_seconds_or_more_without_a_heart_rate(rates, found):
    assert gaps(points(*rates)) == found


def test_talk_without_packets_has_an_empty_timeline():
    ended = replace(TALK, ended_at=at(90), strap=None)
    found = timeline(ended, TalkState(BEGAN, Phase.ENDED, ended_at=at(90)), [], DETECTOR)
    assert [point.heart_rate_bpm for point in found.points] == [None] * 91
    assert found.gaps == [Gap(0, 91)]
    assert found.episodes == []
    assert (found.peak, found.baseline, found.near_usual_bpm, found.near_usual_from_s) == (None, None, None, None)
    assert found.threshold.bpm == 100


def test_open_talk_without_packets_has_an_empty_timeline():
    found = timeline(TALK, TalkState(BEGAN), [], DETECTOR)
    assert found.episodes == []
    assert found.gaps == []


def test_timeline_of_a_calm_talk_peaks_where_the_heart_did():
    found = timeline(TALK, TalkState(BEGAN, topic_began_at=at(310)), stored((400, 70), (20, 84), (80, 70)), DETECTOR)
    assert found.episodes == []
    assert 400 <= found.peak.t_s <= 425
    assert found.peak.heart_rate_bpm == pytest.approx(84, abs=1)
    assert found.baseline.heart_rate_bpm == pytest.approx(70, abs=1)
    assert [minute.minute for minute in found.minutes] == list(range(9))
    assert sum(minute.seconds_s for minute in found.minutes) == len(found.points)


def test_flood_without_a_baseline_has_no_rise():
    state = TalkState(BEGAN, topic_began_at=at(5))
    found = timeline(TALK, state, stored((60, 80), (60, 90), (120, 115), (120, 80)), DETECTOR)
    assert found.baseline is None
    assert [phase.kind.value for phase in found.phases] == ["baseline", "talk", "flood", "after"]


def test_malformed_packet_is_passed_over():
    packets = stored((120, 70))
    broken = sorted([*packets, Stored(50.5, b"\x10", None)], key=lambda row: row.t_s)
    assert timeline(TALK, TalkState(BEGAN), broken, DETECTOR) == timeline(TALK, TalkState(BEGAN), packets, DETECTOR)


def test_silence_up_to_the_end_of_the_talk_is_part_of_it():
    ended = replace(TALK, ended_at=at(180))
    found = timeline(ended, TalkState(BEGAN, Phase.ENDED, ended_at=at(180)), stored((120, 70)), DETECTOR)
    assert found.points[-1].t_s == 180
    assert found.gaps[-1].to_s == 181
    assert 120 <= found.gaps[-1].from_s <= 123


def test_near_usual_is_told_from_the_first_second_of_the_two_calm_minutes():
    pause = Pause("p", "mira", at(420), at(1620), timedelta(minutes=20), at(4000))
    state = TalkState(BEGAN, Phase.TALKING, topic_began_at=at(310), pauses=(pause,))
    found = timeline(TALK, state, stored((330, 70), (100, 115), (100, 95), (300, 72)), DETECTOR)
    assert found.near_usual_bpm == pytest.approx(77, abs=1)
    # down since 530; the median of 60 s follows half a minute later, and a tenth may be missing
    assert 530 <= found.near_usual_from_s <= 565
    assert timeline(TALK, replace(state, pauses=()), stored((330, 70)), DETECTOR).near_usual_from_s is None


@pytest.fixture
def _threads_run_at_once(monkeypatch):
    async def at_once(work, *args, **kwargs):
        return work(*args, **kwargs)

    monkeypatch.setattr("alerts.live_talk.asyncio.to_thread", at_once)


def bpm_at(t_s):
    """A flood, then rest; four silences, the last at the very end."""
    if 200 <= t_s < 204 or 350 <= t_s < 362 or 600 <= t_s < 640 or t_s >= 1925:
        return None
    return 112 if 400 <= t_s < 520 else 72


def run_live():
    """A whole talk on a fake clock: topic, flood, pause, return, end."""
    clock, store, recorder = ManualClock(), MemoryStore(), MemoryRecorder()
    talk = store.start(
        MIRA, began_at=clock.utc_now(), utc_offset_min=60, strap="A strap", simulated=False, threshold_bpm=100.0
    )
    settings = PolicySettings()
    live = LiveTalk(
        talk,
        ScriptedHeart(clock, bpm_at),
        Tools(store, recorder, clock, lambda _: ArousalMonitor(), settings, lambda _: None),
    )

    async def tell():
        running = asyncio.create_task(live.run())
        try:
            await clock.advance(470.4)
            await live.change(lambda state, now: steps.call_pause(state, "mira", now, settings, fresh_id="p"))
            await clock.advance(1400.3)
            await live.change(lambda state, now: steps.change_pause(state, PauseTrigger.RETURN, now))
            await clock.advance(60.1)
            await live.change(steps.end_talk)
            await clock.advance(1)
            await running
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    asyncio.run(tell())
    state = store.state
    return replace(talk, topic_began_at=state.topic_began_at, ended_at=state.ended_at), state, recorder, live


@pytest.mark.usefixtures("_threads_run_at_once")
def test_timeline_equals_what_the_talk_was_live():
    talk, state, recorder, live = run_live()
    found = timeline(talk, state, recorder.measurements(MIRA, talk.recording_id), DETECTOR)
    assert found.points == live.trace.points
    assert found.minutes == list(recorder.minutes.values())
    assert found.episodes == list(recorder.episodes.values())
    (flood,) = found.episodes
    assert (found.peak.t_s, found.peak.heart_rate_bpm) == (int(flood.peak_t_s), flood.peak_bpm)
    assert [phase.kind.value for phase in found.phases] == ["baseline", "talk", "rise", "flood", "pause", "after"]
    assert [gap.to_s - gap.from_s >= 3 for gap in found.gaps] == [True] * len(found.gaps)
    assert {any(gap.from_s - 4 <= silent <= gap.to_s for gap in found.gaps) for silent in (352, 610, 1928)} == {True}


def test_the_flood_of_a_talk_that_goes_on_has_not_ended():
    packets = stored((420, 72), (180, 112))
    state = TalkState(BEGAN, Phase.TALKING, at(300))
    (episode,) = timeline(TALK, state, packets, DETECTOR).episodes
    assert episode.ended_t_s is None
    (episode,) = timeline(replace(TALK, ended_at=at(600)), state, packets, DETECTOR).episodes
    assert episode.end == "talk_ended"
