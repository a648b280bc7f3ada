"""The live talk of one wearer: source -> monitor -> policy -> recorder and page.

What people share (suggestions, the pause) is the stored state, changed by read, step, compare-and-set. Memory holds
only the monitor, and that is rebuilt from the stored measurements when the process starts again.
"""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from alerts import policy
from alerts.marks import marks, new_marks, samples
from alerts.people import Actor
from alerts.policy import PolicySettings
from alerts.ports import Recorder, Talk, TalkConflict, TalkStore
from alerts.talk_state import Phase, TalkState
from hrv.minutes import Minute, MinuteAggregator
from hrv.monitor import ArousalMonitor
from hrv.reading import Episode, Reading
from hrv.retrace import apply, retrace
from hrv.trace import Trace
from sensing.clock import Clock
from sensing.measurement import MalformedMeasurement, parse
from sensing.source import LinkEvent, Notification, Source

log = structlog.get_logger(__name__)

EPISODE_REFRESH_S = 60
"""While an episode lasts its stored context is brought up to date this often."""

PATIENCE_REAL_S = 0.25
"""Silence is believed this much later than it began: packets that a busy event loop still holds come first."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a live talk works with. `publish` is called on the event loop when there is something new, and must not block."""

    store: TalkStore
    recorder: Recorder
    clock: Clock
    monitor: Callable[[], ArousalMonitor]
    settings: PolicySettings
    publish: Callable[["LiveTalk"], None]


class LiveTalk:
    """One wearer's talk while it lasts. `run` ends when the talk does; cancelling it leaves the talk open in the store."""

    def __init__(self, talk: Talk, source: Source | None, tools: Tools) -> None:
        self.talk = talk
        self.trace = Trace()
        self.entry_id: str | None = None
        self.malformed = 0
        self._actor = Actor(talk.wearer_id)
        self._source = source
        self._tools = tools
        self._monitor = tools.monitor()
        self._minutes = MinuteAggregator()
        self._state = TalkState(talk.began_at)
        self._version = 0
        self._reading: Reading | None = None
        self._link: LinkEvent | None = None
        self._episode_stored_t_s = 0.0
        self._changing = asyncio.Lock()
        self._over = asyncio.Event()
        # The clock's monotonic time at t_s = 0.
        age_s = (tools.clock.utc_now() - talk.began_at).total_seconds()
        self._zero_s = tools.clock.monotonic_s() - age_s

    @property
    def state(self) -> TalkState:
        """The shared state as last read or written here."""
        return self._state

    @property
    def version(self) -> int:
        """The version of `state`."""
        return self._version

    @property
    def reading(self) -> Reading | None:
        """The newest reading; None without a strap, or before the first second."""
        return self._reading

    @property
    def link(self) -> LinkEvent | None:
        """The newest change of the link, on the recording's axis."""
        return self._link

    def now_t_s(self) -> float:
        """Seconds since the talk began."""
        return self._tools.clock.monotonic_s() - self._zero_s

    async def run(self) -> None:
        """Restore what is stored, then listen to the strap and watch the clock until the talk ends."""
        await self._restore()
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(self._watch())]
            if self._source is not None:
                workers.append(group.create_task(self._listen(self._source)))
            await self._over.wait()
            for worker in workers:
                worker.cancel()
        await self._close()

    async def change(self, step: Callable[[TalkState, datetime], TalkState]) -> TalkState:
        """Apply a person's step to the stored state and tell everyone.

        `step` gets the state and the time, and is repeated when somebody else changed the state first. What it raises
        reaches the caller, and nothing has changed.
        """
        now = self._tools.clock.utc_now()
        changed = await self._compare_and_set(lambda state: step(state, now))
        self._publish()
        return changed

    async def _compare_and_set(self, step: Callable[[TalkState], TalkState]) -> TalkState:
        store, talk_id = self._tools.store, self.talk.id
        async with self._changing:
            while True:
                before = self._state
                after = step(before)
                if after is before:
                    return before
                try:
                    self._version = await asyncio.to_thread(
                        store.save, self._actor, talk_id, after, expected_version=self._version
                    )
                except TalkConflict:
                    self._state, self._version = await asyncio.to_thread(store.load, self._actor, talk_id)
                    await self._follow(before, self._state)
                    continue
                self._state = after
                await self._follow(before, after)
                return after

    async def _follow(self, before: TalkState, after: TalkState) -> None:
        """Tell the monitor what people did, and see that a pause has its entry."""
        for mark in new_marks(self.talk, before, after):
            apply(self._monitor, mark)
        if len(after.pauses) > len(before.pauses):
            await self._ensure_entry()
        if after.phase is Phase.ENDED:
            self._over.set()

    async def _restore(self) -> None:
        store, recorder = self._tools.store, self._tools.recorder
        self._state, self._version = await asyncio.to_thread(store.load, self._actor, self.talk.id)
        stored = await asyncio.to_thread(recorder.measurements, self._actor, self.talk.recording_id)
        if stored and self.now_t_s() < stored[-1].t_s:
            # The machine's clock was set back while the process was down; the recording's axis only goes forward.
            self._zero_s = self._tools.clock.monotonic_s() - stored[-1].t_s
        for reading in retrace(self._monitor, samples(stored), marks(self.talk, self._state)):
            self._note(reading)
            if reading.changes:
                await self._record_episode(reading.episode)
        if self._state.pauses:
            await self._ensure_entry()
        self._publish()

    async def _listen(self, source: Source) -> None:
        async with aclosing(source.events()) as events:
            async for event in events:
                if isinstance(event, LinkEvent):
                    self._hear_link(event)
                else:
                    await self._hear(event)

    def _hear_link(self, event: LinkEvent) -> None:
        self._link = LinkEvent(event.t_s - self._zero_s, event.link, event.detail)
        self._tools.recorder.link(self.talk.recording_id, self._link)
        self._publish()

    async def _hear(self, notification: Notification) -> None:
        # To the millisecond, as it is stored: a replay must see the very times that the live run saw.
        t_s = round(max(0.0, notification.t_s - self._zero_s) * 1000) / 1000
        packet, motion_mg = notification.packet, notification.motion_mg
        self._tools.recorder.measurement(self.talk.recording_id, Notification(t_s, packet, motion_mg))
        try:
            measurement = parse(packet)
        except MalformedMeasurement as malformed:
            self.malformed += 1
            if self.malformed == 1:
                log.warning("malformed_packet", packet=packet.hex(), reason=str(malformed))
            return
        await self._take(self._monitor.update(t_s, measurement, motion_mg))

    async def _watch(self) -> None:
        """Once a second: time passes for the monitor and the policy whether or not the strap speaks."""
        while True:
            t_s = self.now_t_s()
            if self._source is None:
                await self._take(None)
            else:
                await self._take(self._monitor.tick(max(0.0, t_s - PATIENCE_REAL_S * self._tools.clock.speed)))
            await self._tools.clock.sleep(1.0 - t_s % 1.0)

    async def _take(self, reading: Reading | None) -> None:
        now = self._tools.clock.utc_now()
        if reading is not None:
            now = self.talk.began_at + timedelta(seconds=reading.t_s)
            finished = self._note(reading)
            await self._record(reading, finished)
        await self._compare_and_set(
            lambda state: policy.step(
                state, self.talk.wearer_id, reading, now, self._tools.settings, fresh_id=uuid.uuid4().hex
            )
        )
        self._publish()

    def _note(self, reading: Reading) -> list[Minute]:
        self._reading = reading
        self.trace.add(reading)
        return self._minutes.add(reading)

    async def _record(self, reading: Reading, minutes: list[Minute]) -> None:
        for minute in minutes:
            await self._record_minute(minute)
        due = reading.t_s >= self._episode_stored_t_s + EPISODE_REFRESH_S
        if reading.episode is not None and (reading.changes or reading.episode.ended_t_s is not None or due):
            self._episode_stored_t_s = reading.t_s
            await self._record_episode(reading.episode)

    async def _record_minute(self, minute: Minute) -> None:
        await asyncio.to_thread(self._tools.recorder.minute, self._actor, self.talk.recording_id, minute)

    async def _record_episode(self, episode: Episode | None) -> None:
        if episode is not None:
            await asyncio.to_thread(self._tools.recorder.episode, self._actor, self.talk.recording_id, episode)
            await self._ensure_entry()

    async def _ensure_entry(self) -> None:
        if self.entry_id is None:
            self.entry_id = await asyncio.to_thread(self._tools.recorder.entry, self._actor, self.talk.id)

    async def _close(self) -> None:
        if self._source is not None:
            last = self._monitor.finish(self.now_t_s())
            await self._record(last, self._note(last))
            unfinished = self._minutes.finish()
            if unfinished is not None:
                await self._record_minute(unfinished)
        await asyncio.to_thread(self._tools.recorder.flush)
        self._publish()

    def _publish(self) -> None:
        self._tools.publish(self)
