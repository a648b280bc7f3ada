"""Fakes that come in by the same doors as the real things."""

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

from alerts.people import Actor
from alerts.ports import Stored, Talk, TalkConflict
from alerts.talk_state import TalkState
from sensing.measurement import TICKS_PER_SECOND, Contact, HeartRateMeasurement, pack
from sensing.source import Notification

BEGAN = datetime(2026, 3, 12, 19, 0, tzinfo=UTC)


_TURN = itertools.cycle((0, 1))


class ManualClock:
    """Time stands until a test moves it; sleepers wake in order."""

    speed = 1.0

    def __init__(self, starts_at=BEGAN):
        self._starts_at = starts_at
        self._now_s = 0.0
        self._sleepers = []
        self._order = itertools.count()

    def monotonic_s(self):
        return self._now_s

    def utc_now(self):
        return self._starts_at + timedelta(seconds=self._now_s)

    async def sleep(self, seconds):
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now_s + seconds, next(self._order), woken))
        await woken

    async def advance(self, seconds):
        """Move time on, waking each sleeper at its moment."""
        until = self._now_s + seconds
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            self._now_s, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
            await _settle()
        self._now_s = until


async def _settle():
    for _ in range(12):
        await asyncio.sleep(0)


class MemoryStore:
    """Talks in memory, with compare-and-set."""

    def __init__(self):
        self.talk = None
        self.state = None
        self.version = 1
        self.saves = 0

    def start(self, actor, *, began_at, utc_offset_min, strap, simulated, threshold_bpm):
        self.talk = Talk(
            "talk", actor.person_id, "recording", began_at, utc_offset_min, strap, simulated, threshold_bpm
        )
        self.state = TalkState(began_at)
        return self.talk

    def load(self, actor, talk_id):
        return self.state, self.version

    def save(self, actor, talk_id, state, *, expected_version):
        if expected_version != self.version:
            raise TalkConflict
        self.state, self.version = state, self.version + 1
        self.saves += 1
        return self.version


class MemoryRecorder:
    """What was recorded, in lists."""

    def __init__(self):
        self.packets = []
        self.links = []
        self.straps = []
        self.minutes = {}
        self.episodes = {}
        self.near_misses = []
        self.entries = []

    def measurement(self, recording_id, notification):
        self.packets.append(notification)

    def link(self, recording_id, event):
        self.links.append(event)

    def met_strap(self, actor, about, now):
        self.straps.append((actor, about))

    def wear_in_page(self, recording_id, strap):
        self.straps.append((recording_id, strap))

    def flush(self):
        pass

    def measurements(self, actor, recording_id):
        return [Stored(n.t_s, n.packet, n.motion_mg) for n in self.packets]

    def minute(self, actor, recording_id, minute):
        self.minutes[minute.minute] = minute

    def near_miss(self, actor, recording_id, near_miss):
        self.near_misses.append(near_miss)

    def episode(self, actor, recording_id, episode):
        self.episodes[episode.began_t_s] = episode

    def entry(self, actor, talk_id):
        if not self.entries:
            self.entries.append(talk_id)
        return "entry"


class ScriptedHeart:
    """A source whose heart rate is a function of the talk's seconds; None is silence."""

    def __init__(self, clock, bpm_at):
        self.closed = False
        self.also = []
        self._clock = clock
        self._bpm_at = bpm_at
        self._beat_s = clock.monotonic_s()
        self._turn = itertools.cycle((0, 1))  # one's own: two hearts must not hear each other through a fake

    async def events(self):
        try:
            while True:
                await self._clock.sleep(1)
                while self.also:
                    yield self.also.pop(0)
                now_s = self._clock.monotonic_s()
                bpm = self._bpm_at(now_s)
                if bpm is None:
                    self._beat_s = now_s
                else:
                    yield Notification(now_s, packet(bpm, self._beats(bpm, now_s), self._turn))
        finally:
            self.closed = True

    def _beats(self, bpm, now_s):
        beats = int((now_s - self._beat_s) * bpm / 60)
        self._beat_s += beats * 60 / bpm
        return beats


def packet(bpm, beats=1, turn=_TURN):
    """A notification with so many beats at `bpm`. No two in a row are equal to the tick, as no heart's are."""
    ticks = round(60 / bpm * TICKS_PER_SECOND)
    return pack(HeartRateMeasurement(round(bpm), Contact.GOOD, None, tuple(ticks + next(turn) for _ in range(beats))))


MIRA = Actor("mira")
TALK = Talk("talk", "mira", "recording", BEGAN, 60, "A strap", simulated=False, threshold_bpm=100.0)
