"""Whatever the server sends to one of two people, over 200 random talks: nothing in it derives from the other's body but one sentence.

Each talk is lived three times with the same clock, the same hearts and the same steps of both, except for one thing:
Mira's body is calm, or it floods, or it is calm and she raises the sentence silently at the moment when the flood would
have. Every byte that reaches Jonas is kept, by his stream and by his own channels, and whether his stream was hurried:
the first and the third differ from the second in the sentence only, and the second and the third in nothing.
"""

import asyncio
import json
import random
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from alerts import steps
from alerts.live_talk import LiveTalk, Tools
from alerts.pause import PauseTrigger
from alerts.policy_settings import PolicySettings
from alerts.ports import Talk
from alerts.suggestion import Answer, NotFlooding, Suggestion
from alerts.talk_state import TalkState
from api.live import LiveTalks
from api.views.talk import talk_view
from hrv.baseline import Baseline
from hrv.monitor import ArousalMonitor
from hrv.reading import ArousalState, Episode, Reading, Second, Signal, Threshold, ThresholdKind
from hrv.settings import ALGORITHM_VERSION, DetectorSettings
from tests.fakes import BEGAN, ManualClock, MemoryRecorder, MemoryStore, ScriptedHeart

MIRA, JONAS = "mira", "jonas"
TALKS = 200
MINUTE_S = 60
SHORT = PolicySettings(
    pause_minimum=timedelta(seconds=40),
    pause_cap=timedelta(seconds=100),
    suggestion_lasts=timedelta(seconds=40),
    snooze=timedelta(seconds=15),
    refractory=timedelta(seconds=80),
    settling=timedelta(seconds=10),
    missed_after=timedelta(seconds=20),
    escalate_after=timedelta(seconds=4),
    notice_after=timedelta(seconds=6),
    mute=timedelta(seconds=25),
    calm_s=10,
    quiet_s=20,
)
"""The policy's times, shortened: what is said does not depend on how long it takes."""

THRESHOLD = Threshold(100.0, 95.0, ThresholdKind.FIXED)
SENTENCE = ("shared", "may_raise", "version")
"""What the sentence is in a view: the card, whether it may be raised again, and that the view has changed."""


@pytest.fixture(autouse=True)
def _threads_run_at_once(monkeypatch):
    async def at_once(work, *args, **kwargs):
        return work(*args, **kwargs)

    monkeypatch.setattr("alerts.live_talk.asyncio.to_thread", at_once)


class ScriptedMonitor:
    """A detector whose verdict is a function of the second: fast, so that hundreds of talks can be lived."""

    def __init__(self, flooded_at, bpm_at):
        self._flooded_at, self._bpm_at = flooded_at, bpm_at
        self._t_s, self._began_s, self._calm_s = 0, None, 0

    def update(self, t_s, measurement, motion_mg=None):
        return self._reading(t_s)

    def tick(self, t_s):
        return self._reading(t_s)

    def finish(self, t_s):
        return self._reading(t_s)

    def begin_topic(self, t_s):
        pass

    begin_pause = end_pause = begin_topic

    def _reading(self, t_s):
        seconds = tuple(self._second(t) for t in range(self._t_s, int(t_s)))
        self._t_s = max(self._t_s, int(t_s))
        flooded = self._flooded_at(self._t_s)
        self._began_s = (self._began_s if self._began_s is not None else self._t_s) if flooded else None
        self._calm_s = 0 if flooded else min(120, self._calm_s + len(seconds))
        return Reading(
            t_s=self._t_s, state=ArousalState.FLOODED if flooded else ArousalState.CALM, signal=Signal.OK,
            heart_rate_bpm=self._bpm_at(self._t_s), rmssd_ms=30.0, rmssd_missing=None, sdnn_ms=40.0, sdnn_missing=None,
            quality=1.0, threshold=THRESHOLD, baseline=Baseline(72.0, 35.0, 60, provisional=False),
            near_usual_s=self._calm_s, changes=(), episode=self._episode() if flooded else None, why="scripted",
            seconds=seconds,
        )  # fmt: skip

    def _second(self, t_s):
        state = ArousalState.FLOODED if self._flooded_at(t_s) else ArousalState.CALM
        return Second(t_s, self._bpm_at(t_s), 30.0, state, Signal.OK)

    def _episode(self):
        began = float(self._began_s)
        return Episode(
            began_t_s=began, onset_t_s=began, ended_t_s=None, end=None, peak_bpm=112.0, peak_t_s=began,
            baseline_bpm=72.0, baseline_provisional=False, rise_bpm=40.0, above_threshold_s=1, rmssd_baseline_ms=35.0,
            rmssd_flood_ms=20.0, rmssd_flood_missing=None, signal_ok_share=1.0, threshold=THRESHOLD,
            algorithm_version=ALGORITHM_VERSION,
        )  # fmt: skip


@dataclass(frozen=True)
class Script:
    """One talk: when Mira's body floods, and what both do, in seconds of the talk."""

    flood_from_s: int
    flood_to_s: int
    answers: tuple
    steps: tuple
    mira_has_strap: bool
    jonas_has_strap: bool
    end_s: int


def script(seed):
    chance = random.Random(seed)  # noqa: S311  a story, not a secret
    flood_from_s = chance.randint(10, 130)
    flood_to_s = flood_from_s + chance.randint(5, 150)
    answers = tuple(
        (
            flood_from_s + chance.randint(1, 90) + 0.25,
            chance.choice([Answer.SNOOZE, Answer.DISMISS, Answer.ACKNOWLEDGE, "unsnooze", "unsilence"]),
        )
        for _ in range(chance.randint(0, 4))
    )
    steps = [
        (
            chance.randint(5, 230) + chance.choice([0.1, 0.4, 0.7]),
            chance.choice([MIRA, JONAS]),
            chance.choice(list(STEPS)),
        )
        for _ in range(chance.randint(0, 7))
    ]
    if chance.random() < 0.6:
        # Once the cap has passed, coming back does not wait for any body, so that both worlds allow it.
        called = chance.randint(flood_from_s, 160) + 0.6
        back = called + SHORT.pause_cap.total_seconds() + 70
        steps += [(called, chance.choice([MIRA, JONAS]), "pause"), (back, MIRA, "return"), (back + 5, JONAS, "return")]
    return Script(
        flood_from_s,
        flood_to_s,
        answers,
        tuple(sorted(steps)),
        mira_has_strap=True,
        jonas_has_strap=chance.random() < 0.7,
        end_s=chance.randint(110, 350),
    )


STEPS = {
    "pause": lambda who: lambda state, now: steps.call_pause(state, who, now, SHORT, "p"),
    "extend": lambda who: (
        lambda state, now: steps.change_pause(
            state, PauseTrigger.EXTEND, now, extend_by=timedelta(seconds=30), person_id=who
        )
    ),
    "put_away": lambda who: lambda state, _: steps.put_away(state, who),
    "acknowledge": lambda who: lambda state, _: steps.acknowledge_shared(state, who),
    "mute": lambda who: lambda state, now: steps.mute(state, who, now, SHORT),
    "topic": lambda _: steps.begin_topic,
    "end": lambda _: steps.end_talk,
}
RETURN = {"return": lambda who: lambda state, now: steps.change_pause(state, PauseTrigger.RETURN, now, person_id=who)}


class Told:
    """Channels that keep what leaves by them."""

    def __init__(self, sent):
        self._sent = sent

    def tell(self, announcement):
        self._keep(announcement.wearer_id, {"told": announcement.message, "key": announcement.key})

    def withdraw(self, key):
        self._keep(key.split("/")[1], {"withdrawn": key})

    def failing(self, wearer_id):
        return ()

    def _keep(self, who, what):
        if who in self._sent:
            self._sent[who].append(json.dumps(what))


class Two:
    """Two live talks on fakes, and every byte that leaves for each of them."""

    def __init__(self, played, *, flooded, monitors=None, of=(JONAS,), silent_s=range(0)):
        self.played, self.clock, self.store = played, ManualClock(), MemoryStore()
        self.store.state = TalkState(BEGAN, people=(MIRA, JONAS))
        self.sent = {who: [] for who in of}
        self.sent_s = dict.fromkeys(of, -1)
        self.shared_at_s = {}
        floods = {
            MIRA: lambda t_s: flooded and played.flood_from_s <= t_s < played.flood_to_s,
            JONAS: lambda _: False,
        }
        beats = {
            who: (lambda t_s, floods=floods[who], usual=usual: 112.0 if floods(t_s) else usual)
            for who, usual in ((MIRA, 72.0), (JONAS, 66.0))
        }
        usually = beats[MIRA]
        beats[MIRA] = lambda t_s: None if int(t_s) in silent_s else usually(t_s)
        self.lives = {}
        for who, has_strap in ((MIRA, played.mira_has_strap), (JONAS, played.jonas_has_strap)):
            talk = Talk("talk", who, f"recording of {who}", BEGAN, 60, "A strap" if has_strap else None, False, 100.0)
            monitor = monitors or (lambda _, who=who: ScriptedMonitor(floods[who], beats[who]))
            tools = Tools(self.store, MemoryRecorder(), self.clock, monitor, SHORT, self._send, Told(self.sent))
            heart = ScriptedHeart(self.clock, beats[who]) if has_strap else None
            self.lives[who] = LiveTalk(talk, heart, tools, beside=self.lives.get(MIRA))

    def _send(self, live):
        who = live.talk.wearer_id
        if who not in self.sent:
            return
        view = talk_view(
            live, speed=1.0, policy=live.settings, detector=DetectorSettings(), points_after_s=self.sent_s[who]
        )
        self.sent_s[who] = view.points[-1][0] if view.points else self.sent_s[who]
        if view.shared is not None:
            self.shared_at_s.setdefault(view.shared.id, live.now_t_s())
        self.sent[who].append(view.model_dump_json())

    def live_through(self, *, raise_at_s=()):
        asyncio.run(self._live_through(raise_at_s))
        return self

    async def _live_through(self, raise_at_s):
        running = [asyncio.create_task(live.run()) for live in self.lives.values()]
        await self.clock.advance(0)
        plan = [(t_s, who, (STEPS | RETURN)[name](who)) for t_s, who, name in self.played.steps]
        plan += [(t_s, MIRA, self._answer(given)) for t_s, given in self.played.answers]
        plan += [(t_s, MIRA, lambda state, now: steps.raise_silently(state, MIRA, now, SHORT)) for t_s in raise_at_s]
        for t_s, who, step in sorted(plan, key=lambda planned: planned[0]):
            if t_s < self.played.end_s:
                await self.clock.advance(t_s - self.clock.monotonic_s())
                await self._do(who, step)
        await self.clock.advance(self.played.end_s - self.clock.monotonic_s())
        for task in running:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _do(self, who, step):
        try:
            await self.lives[who].change(step)
        except ValueError as refused:
            if who is JONAS:
                self.sent[JONAS].append(json.dumps({"refused": str(refused)}))

    def _answer(self, given):
        def step(state, now):
            suggestion = state.latest_suggestion(MIRA)
            if given == "unsnooze":
                return steps.cancel_snooze(state, MIRA, now)
            if given == "unsilence":
                return steps.unsilence(state, MIRA)
            if suggestion is None:
                return state
            return steps.answer_suggestion(
                state, MIRA, suggestion.id, given, now, SHORT, fresh_id="a", reason=NotFlooding.MOVING
            )

        return step


def without_the_sentence(sent):
    """What was sent, without the sentence and what follows from it; what is then said twice in a row, once."""
    left = []
    for text in sent:
        if ("/shared/" in text and '"key"' in text) or '"withdrawn"' in text:
            continue
        view = {name: value for name, value in json.loads(text).items() if name not in SENTENCE}
        if not left or left[-1] != view:
            left.append(view)
    return left


@pytest.mark.parametrize("first", range(0, TALKS, 20))
def test_what_reaches_the_other_differs_by_the_sentence_only_and_equals_a_silent_raise(first):
    told = 0
    for seed in range(first, first + 20):
        played = script(seed)
        flooded = Two(played, flooded=True).live_through()
        calm = Two(played, flooded=False).live_through()
        assert without_the_sentence(flooded.sent[JONAS]) == without_the_sentence(calm.sent[JONAS]), seed
        if not flooded.shared_at_s:
            assert flooded.sent[JONAS] == calm.sent[JONAS], seed
            continue
        told += 1
        silent = Two(played, flooded=False).live_through(raise_at_s=[t_s - 0.5 for t_s in flooded.shared_at_s.values()])
        assert flooded.sent[JONAS] == silent.sent[JONAS], seed
    assert told >= 5, "talks in which nothing was said prove nothing"


def test_the_flooded_one_is_told_more_and_so_the_test_above_can_fail():
    played = Script(100, 400, (), (), mira_has_strap=True, jonas_has_strap=True, end_s=300)
    flooded, calm = (Two(played, flooded=it, of=(MIRA,)).live_through() for it in (True, False))
    assert without_the_sentence(flooded.sent[MIRA]) != without_the_sentence(calm.sent[MIRA])
    assert any('"suggestion":{' in text for text in flooded.sent[MIRA])


def test_with_the_real_detector_it_is_the_same():
    detector = DetectorSettings(baseline_s=60)
    played = Script(150, 500, ((200.25, Answer.SNOOZE),), ((290.4, JONAS, "pause"),), True, True, end_s=420)
    flooded = Two(played, flooded=True, monitors=lambda _: ArousalMonitor(detector)).live_through()
    assert flooded.shared_at_s
    calm = Two(played, flooded=False, monitors=lambda _: ArousalMonitor(detector)).live_through()
    assert without_the_sentence(flooded.sent[JONAS]) == without_the_sentence(calm.sent[JONAS])


def test_the_name_of_an_alert_says_nothing_of_the_others_alerts():
    """It is made of a count, so that a process that died raises the same one again: a count of one's own."""
    jonas = Two(script(1), flooded=False).lives[JONAS]
    hers = Suggestion("s", MIRA, 1.0, BEGAN, BEGAN)
    assert jonas._next_id(jonas.state) == jonas._next_id(jonas.state.with_suggestion(hers))
    assert jonas._next_id(jonas.state) != jonas._next_id(jonas.state.with_suggestion(replace(hers, wearer_id=JONAS)))


@pytest.mark.parametrize("silent_s", [range(5, 50), range(30, 90), range(100, 400)], ids=str)
def test_a_strap_that_falls_silent_reaches_its_wearer_only(silent_s):
    played = Script(1000, 1000, (), ((2.1, JONAS, "topic"), (140.2, JONAS, "mute")), True, True, end_s=200)
    talks = [
        Two(played, flooded=False, monitors=lambda _: ArousalMonitor(), of=(MIRA, JONAS), silent_s=its).live_through()
        for its in (range(0), silent_s)
    ]
    good, silent = talks
    assert any('"notice":{' in text for text in silent.sent[MIRA])
    assert silent.sent[JONAS] == good.sent[JONAS]


def test_the_others_news_do_not_stir_ones_own_stream():
    """How often a strap speaks, or that it has stopped, would be told by the rhythm of the other's stream."""

    async def look():
        two = Two(script(1), flooded=False)
        talks = LiveTalks(lambda publish: Tools(two.store, None, two.clock, None, SHORT, publish), lambda _: None)
        stream = talks.news(two.lives[JONAS])
        await anext(stream)
        (follower,) = talks._followers["talk", JONAS]
        talks._publish(two.lives[JONAS])
        follower.rest()
        hers = [
            Suggestion("s", MIRA, 1.0, BEGAN, BEGAN),
            Suggestion("s", MIRA, 1.0, BEGAN, BEGAN, escalated_at=BEGAN),
        ]
        for suggestion in hers:
            two.lives[MIRA]._shared.decide(lambda state, it=suggestion: state.with_suggestion(it))
            talks._publish(two.lives[MIRA])
            assert not follower._woken.is_set()
        two.lives[MIRA]._shared.decide(lambda state: steps.mute(state, MIRA, BEGAN, SHORT))
        talks._publish(two.lives[JONAS])
        assert follower._woken.is_set()
        assert not follower._urgent.is_set(), "what was done about her body hurried his stream"
        two.lives[MIRA]._shared.decide(lambda state: steps.begin_topic(state, BEGAN))
        talks._publish(two.lives[JONAS])
        assert follower._urgent.is_set()
        await stream.aclose()

    asyncio.run(look())
