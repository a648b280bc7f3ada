"""The live talk of one wearer: listening -> monitor -> policy -> recorder and page. Two people in a talk are two of these.

What people share (suggestions, the pause) is the stored state, changed by read, step, compare-and-set. Memory holds
only the monitor, and that is rebuilt from the stored measurements when the process starts again.

Nothing that fails here ends the talk: a radio that is off, a database that is locked and a packet that makes no sense
are logged, kept to be tried again where that is possible, and the talk goes on.
"""

import asyncio
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from alerts import policy, steps
from alerts.agreement import Agreed
from alerts.body_record import BodyRecord
from alerts.listening import Listening, Told
from alerts.marks import marks, new_marks, samples
from alerts.people import Actor
from alerts.policy_settings import PolicySettings
from alerts.ports import Messages, Recorder, Talk, TalkStore
from alerts.seen import seen_by, views_of
from alerts.shared_state import SharedState
from alerts.talk_clock import TalkClock
from alerts.talk_state import Phase, TalkState
from alerts.telling import to_tell, to_withdraw
from hrv.monitor import ArousalMonitor
from hrv.reading import Reading
from hrv.retrace import apply, retrace
from hrv.trace import Trace
from hrv.whole_seconds import LONGEST_RECORDING_S
from sensing.clock import Clock
from sensing.measurement import HeartRateMeasurement
from sensing.source import About, Link, LinkEvent, Notification, Source

log = structlog.get_logger(__name__)

PATIENCE_REAL_S = 0.25
"""Silence is believed this much later than it began: packets that a busy event loop still holds come first."""

RETRY_REAL_S = 1.0
"""How soon the journal is asked again after it failed, before a talk goes on and after it has ended."""

MOST_ELSEWHERE = 600
"""So many packets of another worker wait while the talk is restored here."""

CLOSED_WITHIN_S = 2.0
"""So long the end of a talk waits for the worker that carries it."""

LOOK_EVERY_REAL_S = 15
"""How often the stored state is read where nobody says that it has changed (`look_again`). With 2,000 talks, a read of each
every second was half of what the server did."""

FORGOTTEN_AFTER = timedelta(hours=8)
"""A talk that has lasted so long was not interrupted but forgotten; it is ended and the strap let go."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What a live talk works with.

    Attributes:
        monitor: makes the monitor of a talk, with the settings that are in force for it.
        publish: called on the event loop when there is something new; must not block.
        messages: the wearer's own channels; None where nobody has any.
        heard: called on the event loop with each packet and change of the link that a talk carried here has heard.
    """

    store: TalkStore
    recorder: Recorder
    clock: Clock
    monitor: Callable[[Talk], ArousalMonitor]
    settings: PolicySettings
    publish: Callable[["LiveTalk"], None]
    messages: Messages | None = None
    heard: Callable[["LiveTalk", Notification | LinkEvent], None] = lambda _live, _event: None


class LiveTalk:
    """One wearer's talk while it lasts. `run` ends when the talk does; cancelling it leaves the talk open in the store.

    Where another worker carries it, it shows what that one hears: it writes nothing of the body and decides nothing by the
    rules, and people's steps go the same way.

    Attributes:
        agreed: what the two agreed, where an agreement is in force: the pause goes by it.
        strap: what the heartbeats come from; None without a strap. A page may bring one while the talk goes on.
    """

    def __init__(
        self,
        talk: Talk,
        source: Source | None,
        tools: Tools,
        beside: "LiveTalk | None" = None,
        agreed: Agreed | None = None,
        *,
        is_carried: bool = True,
    ) -> None:
        """`beside` is the other person's live talk, where this process has it; `is_carried`: here, and by no other worker."""
        self.is_carried = is_carried
        self.closed_elsewhere = asyncio.Event()
        self._elsewhere: list[Notification | LinkEvent] = []
        self._newest: tuple[float, bytes] = (-1.0, b"")
        self.talk = talk
        self.agreed = agreed
        self.restored = asyncio.Event()
        self.closed = asyncio.Event()
        self._actor = Actor(talk.wearer_id)
        self._source = source
        self.strap = talk.worn
        self._worn_since_s: float | None = 0.0 if source is not None or (not is_carried and talk.strap) else None
        self._tools = tools
        self._shared: SharedState = (
            SharedState(tools.store, talk.id, TalkState(talk.began_at)) if beside is None else beside._shared  # noqa: SLF001  its own kind
        )
        self._shared.adopted.append(self._follow)
        self._record = BodyRecord(talk, tools.recorder, keeps=is_carried)
        self._said: set[str] = set()
        self._id_of: tuple[TalkState, str] | None = None
        self._work = asyncio.Event()
        self._over = asyncio.Event()
        self._begin_anew()
        self._time = TalkClock(tools.clock, talk.began_at)
        told = Told(self._judge, self._take, self._meet, self._publish, self._say, self._pass_on)
        self._listening = Listening(talk.recording_id, tools.recorder, tools.clock, self._time, told)

    def _begin_anew(self) -> None:
        """Nothing has been heard yet."""
        self._record.begin_anew()
        self._monitor = self._tools.monitor(self.talk)
        self._retraced = False

    @property
    def state(self) -> TalkState:
        """The shared state as last read or written here."""
        return self._shared.state

    @property
    def seen(self) -> TalkState:
        """The shared state as this wearer may see it. Whatever leaves for their page, stream or channels is made of it."""
        return seen_by(self._shared.state, self.talk.wearer_id)

    @property
    def version(self) -> int:
        """Grows with every change of `seen`; with two people it says nothing of what the other alone has done."""
        state = self._shared.state
        return views_of(state, self.talk.wearer_id) if state.people else self._shared.version

    @property
    def settings(self) -> PolicySettings:
        """The policy's times, with what the two agreed."""
        return self._tools.settings if self.agreed is None else self.agreed.terms.applied_to(self._tools.settings)

    @property
    def reading(self) -> Reading | None:
        """The newest reading; None without a strap, or before the first second."""
        return self._record.latest

    @property
    def trace(self) -> Trace:
        """The readings so far, second by second."""
        return self._record.trace

    @property
    def entry_id(self) -> str | None:
        """The talk's entry, once it is written."""
        return self._record.entry_id

    @property
    def link(self) -> LinkEvent | None:
        """The newest change of the link, on the recording's axis."""
        return self._listening.link

    @property
    def malformed(self) -> int:
        """How many packets made no sense."""
        return self._listening.malformed

    @property
    def about(self) -> About | None:
        """What the strap has said of itself."""
        return self._listening.about

    @property
    def failing_channels(self) -> tuple[str, ...]:
        """The names of the wearer's channels that do not take what is sent."""
        messages = self._tools.messages
        return () if messages is None else tuple(c.label for c in messages.failing(self.talk.wearer_id))

    def now_t_s(self) -> float:
        """Seconds since the talk began. Never runs backwards."""
        return self._time.now_t_s()

    def caught_up_s(self) -> float:
        """The same, after a sleep of this machine, too: by it a page's clock is set beside ours."""
        self._time.catch_up()
        return self.now_t_s()

    def wear_in_page(self, strap: str) -> None:
        """A page of the wearer's reads a strap for this talk: from now on seconds without it are silence."""
        if self._worn_since_s is None:
            self._worn_since_s = self.now_t_s()
        if self.strap != strap:
            self.strap = strap
            wear = partial(self._tools.recorder.wear_in_page, self._actor, self.talk.recording_id, strap)
            self._record.owed.add("page strap", wear)
            self._work.set()

    def wants(self, t_s: float) -> bool:
        """Whether what a page has received then belongs to the talk: nothing runs outside a talk."""
        ended_at = self.state.ended_at
        return ended_at is None or t_s <= (ended_at - self.talk.began_at).total_seconds()

    def hear_from_page(self, notification: Notification) -> bool:
        """Take a packet from the wearer's page, its `t_s` on the recording's axis. False when the journal is full."""
        return self._listening.hear_from_page(notification)

    def hear_elsewhere(self, event: Notification | LinkEvent) -> None:
        """What the worker that carries this recording has heard. What is known already is not heard twice."""
        if not self._retraced:
            self._elsewhere = [*self._elsewhere[1 - MOST_ELSEWHERE :], event]
            return
        if isinstance(event, Notification):
            newest = (event.t_s, event.packet)
            if event.t_s < self._newest[0] or newest == self._newest:
                return
            self._newest = newest
            if self._worn_since_s is None:
                self._worn_since_s = event.t_s
        self._listening.hear_elsewhere(event)

    def look_again(self) -> None:
        """Somebody else may have changed what is shared."""
        self._work.set()

    async def hand_over(self) -> None:
        """Bring what is known here to the disk, for the worker that carries it next. `run` has been cancelled."""
        await self._settle()
        try:
            await asyncio.to_thread(self._tools.recorder.flush)
        except Exception as error:  # noqa: BLE001  the rows wait in this worker's writer, and come a little later
            self._say("not_flushed", error)

    def let_go(self) -> None:
        """Follow what is shared no more: another one stands in its place."""
        with suppress(ValueError):
            self._shared.adopted.remove(self._follow)

    def link_of_page(self, link: Link, detail: str) -> None:
        """The link of the strap that the wearer's page reads has changed."""
        self._listening.link_of_page(self.now_t_s(), link, detail)

    def now(self) -> datetime:
        """The talk's own time of day: everything in it, people's steps and the body's, is dated by this one clock."""
        return self._time.now()

    async def run(self) -> None:
        """Restore what is stored, then listen to the strap and watch the clock until the talk ends."""
        while not self.restored.is_set():
            try:
                await self._restore()
            except Exception as error:  # noqa: BLE001  a database that is locked now may open in a moment
                self._say("not_restored_yet", error)
                self._begin_anew()
                await asyncio.sleep(RETRY_REAL_S)
            else:
                self.restored.set()
        if self.state.phase is not Phase.ENDED:
            await self._carry()
        await self._close()

    async def _carry(self) -> None:
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(self._watch()), group.create_task(self._keep())]
            if self._source is not None:
                workers.append(group.create_task(self._listening.follow(self._source)))
            await self._over.wait()
            for worker in workers:
                worker.cancel()

    async def change(self, step: Callable[[TalkState, datetime], TalkState]) -> TalkState:
        """Apply a person's step to the stored state and tell everyone.

        `step` gets the state and the time, and is repeated when somebody else changed the state first. What it raises
        reaches the caller, and nothing has changed.
        """
        await self.restored.wait()
        now = self.now()
        error = await self._shared.change(self._actor, lambda state: step(state, now))
        if error is None:
            error = await self._record.owed.pay()
        if error is not None:
            self._say("not_stored_yet", error)
        self._publish()
        return self.state

    def _follow(self, before: TalkState, after: TalkState) -> None:
        """Another state is in force: tell the monitor what people did, and see that a pause has its entry."""
        if after.phase is Phase.ENDED:
            self._over.set()
        if not self._retraced:
            return  # what is stored of this talk is being read, and with it all that happens meanwhile
        for mark in new_marks(self.talk, before, after):
            apply(self._monitor, mark)
        if len(after.pauses) > len(before.pauses):
            self._record.owe_entry()
        self._tell(before, after)
        self._work.set()
        if after.people and seen_by(after, self.talk.wearer_id) != seen_by(before, self.talk.wearer_id):
            self._publish()

    def _tell(self, before: TalkState, after: TalkState) -> None:
        """What is due goes on its way to the wearer's own channels, and is not waited for."""
        messages = self._tools.messages
        if messages is None or not self.is_carried:
            return
        for key in to_withdraw(self.talk, before, after):
            messages.withdraw(key)
        for announcement in to_tell(self.talk, before, after, self.now(), self._tools.clock.speed):
            messages.tell(announcement)

    async def _restore(self) -> None:
        await self._shared.load(self._actor)
        stored = await asyncio.to_thread(self._tools.recorder.measurements, self._actor, self.talk.recording_id)
        self._time.not_before(max(self._last_step_s(), stored[-1].t_s if stored else 0.0))
        for reading in retrace(self._monitor, samples(stored), marks(self.talk, self.state)):
            self._record.note(reading)
        if stored:
            self._newest = (stored[-1].t_s, stored[-1].packet)
        self._retraced = True
        if self._worn_since_s is None and stored:
            self._worn_since_s = stored[0].t_s
        if self.state.pauses:
            self._record.owe_entry()
        # What was on its way when the process stopped; what has arrived, or may have, is not sent again.
        self._tell(TalkState(self.talk.began_at), self.state)
        if self.is_carried and self._is_forgotten():
            self._end_forgotten()
        await self._settle()
        waited, self._elsewhere = self._elsewhere, []
        for event in waited:
            self.hear_elsewhere(event)
        self._publish()

    def _judge(self, t_s: float, measurement: HeartRateMeasurement, motion_mg: int | None) -> Reading:
        return self._monitor.update(t_s, measurement, motion_mg)

    def _pass_on(self, event: Notification | LinkEvent) -> None:
        if self.is_carried:
            self._tools.heard(self, event)

    def _meet(self, about: About) -> None:
        """Remember the strap as this wearer's."""
        if not self.talk.simulated:
            met = partial(self._tools.recorder.met_strap, self._actor, about, self.now())
            self._record.owed.add(("strap", about.device_id), met)
            self._work.set()

    async def _watch(self) -> None:
        """Once a second: time passes for the monitor and the policy whether or not the strap speaks."""
        clock = self._tools.clock
        while True:
            self._time.catch_up()
            t_s = self.now_t_s()
            believed_s = max(0.0, t_s - PATIENCE_REAL_S * clock.speed)
            try:
                if self.is_carried and self._is_forgotten():
                    self._end_forgotten()
                else:
                    self._take(None if self._worn_since_s is None else self._monitor.tick(believed_s))
            except Exception as error:  # noqa: BLE001  one second that fails must not end the talk
                self._say("second_failed", error)
            await clock.sleep(1.0 - t_s % 1.0)

    async def _keep(self) -> None:
        """Store what is to be stored, whenever there is something and at least once a real second.

        The only place that waits for the disk while the talk goes on: hearing and watching never do.
        """
        seconds = 0
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._work.wait()
            seconds = 0 if self._work.is_set() else seconds + 1
            self._work.clear()
            await self._settle(look=seconds % LOOK_EVERY_REAL_S == 0)

    async def _settle(self, *, look: bool = True) -> bool:
        """Store the state and what is owed; return whether everything is stored. `look`: and see what others did."""
        for settle in (partial(self._shared.settle, self._actor, look=look), self._record.owed.pay):
            error = await settle()
            if error is not None:
                self._say("not_stored_yet", error)
                return False
        return self._shared.is_stored

    def _is_forgotten(self) -> bool:
        return self.state.phase is not Phase.ENDED and self.now_t_s() > FORGOTTEN_AFTER.total_seconds()

    def _end_forgotten(self) -> None:
        """End it where it was left: at the last heartbeat, or the last thing that somebody did."""
        # With two, one's own last heartbeat would be in the end that both see.
        alone = not self.state.people
        heard_s = alone and next(
            (point.t_s for point in reversed(self.trace.points) if point.heart_rate_bpm is not None), 0
        )
        last = self._time.at(max(heard_s, self._last_step_s()))
        self._shared.decide(lambda state: steps.end_talk(state, last))

    def _last_step_s(self) -> float:
        return (_last_step(self.seen) - self.talk.began_at).total_seconds()

    def _take(self, reading: Reading | None) -> None:
        now = self.now()
        if reading is not None:
            now = self._time.at(reading.t_s)
            self._record.note(reading)
        if self.is_carried:
            self._judge_by_the_rules(reading, now)
        if not self._record.owed.is_empty:
            self._work.set()
        self._publish()

    def _judge_by_the_rules(self, reading: Reading | None, now: datetime) -> None:
        wearer_id, settings = self.talk.wearer_id, self.settings
        silent_s = 0.0 if reading is None else self.trace.silent_s(reading.t_s)
        if reading is not None and self._worn_since_s:
            silent_s = min(silent_s, max(0.0, reading.t_s - self._worn_since_s))
        self._shared.decide(
            lambda state: policy.step(
                state, wearer_id, reading, now, settings, fresh_id=self._next_id(state), silent_s=silent_s
            )
        )

    def _next_id(self, state: TalkState) -> str:
        """The same for the same alert, also when a process that died before it was stored raises it anew.

        Only of what this wearer may see: a count of both people's alerts could be read back out of it.
        """
        if self._id_of is None or self._id_of[0] is not state:  # asked for every second, and the state seldom changes
            own = seen_by(state, self.talk.wearer_id)
            place = f"{self.talk.id}/{self.talk.wearer_id}/{len(own.suggestions)}/{len(own.notices)}"
            self._id_of = (state, uuid.uuid5(uuid.NAMESPACE_OID, place).hex)
        return self._id_of[1]

    async def _close(self) -> None:
        """Let go, and store what is left; what cannot be stored now is tried until it is."""
        if self._worn_since_s is not None:
            self._finish()
        stored = await self._settle()
        try:
            await asyncio.to_thread(self._tools.recorder.flush)
        except Exception as error:  # noqa: BLE001  the rows wait in the writer; leaving always works
            self._say("not_flushed", error)
        if not self.is_carried:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSED_WITHIN_S):
                    await self.closed_elsewhere.wait()
        self.closed.set()
        self._publish()
        while not stored:
            await asyncio.sleep(RETRY_REAL_S)
            stored = await self._settle()

    def _finish(self) -> None:
        ended_at = self.state.ended_at or self.now()
        last_s = self.reading.t_s if self.reading else 0.0
        end_s = min(max(last_s, (ended_at - self.talk.began_at).total_seconds()), LONGEST_RECORDING_S)
        self._record.finish(self._monitor.finish(end_s))

    def _say(self, what: str, error: Exception) -> None:
        """Log each kind of trouble once a talk, without anything of the wearer in it."""
        if what not in self._said:
            self._said.add(what)
            # Only the kind of error: its text can hold what was being stored.
            log.warning(what, talk=self.talk.id, error=type(error).__name__)

    def _publish(self) -> None:
        self._tools.publish(self)


def _last_step(state: TalkState) -> datetime:
    """When somebody last did something in the talk."""
    moments = [state.started_at, state.topic_began_at]
    moments += [moment for pause in state.pauses for moment in (pause.called_at, pause.ready_at)]
    if not state.people:
        # With two, when one's own body was answered would be in the end that both see.
        moments += [moment for s in state.suggestions for moment in (s.raised_at, s.answered_at)]
    return max(moment for moment in moments if moment is not None)
