"""The talks that this process carries or shows: started, resumed after a crash, followed by pages, and let go in time.

Of several workers exactly one carries a wearer's recording (`alerts.workers`). Another one whose page asks for it shows it:
it restores what is stored and then follows what the carrying worker tells. Whoever finds a recording that nobody carries
takes it up, as after a crash.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import structlog

from alerts.agreement import Agreed, Side
from alerts.live_talk import LiveTalk, Tools
from alerts.people import SERVICE, Actor
from alerts.ports import NotAllowed, Talk
from alerts.talk_state import Phase, TalkState
from alerts.talk_step import IllegalTalkStep
from alerts.workers import OnlyOne, Workers
from api.told import Following, Told, ToldOf, told_in, words_of
from sensing.source import LinkEvent, Notification, Source

log = structlog.get_logger(__name__)

Key = tuple[str, str]
"""A talk and its wearer."""

EVENTS_PER_SECOND = 5
KNOWN_WITHIN_S = 5.0
LOOK_AROUND_EVERY_S = 1.0
"""How soon a recording is taken up whose worker is gone."""

HANDED_OVER_WITHIN_S = 8.0
HANDED_OVER_LOOK_S = 0.05
UNSEEN_S = 60.0
"""A recording that another worker carries, and that no page here follows for so long, is shown here no more."""


class NotYet(Exception):
    """The stored talk cannot be read at the moment. Nothing is lost; it is tried on and on."""


class LiveTalks:
    """Every live talk of this process, by its id and its wearer: a talk of two is two of them.

    Args:
        tools: what each talk works with; `tools.publish` is this object's own.
        source_for: where a talk's heartbeats come from; None for a person without a strap.
        listener: told of every news of a talk, on the event loop (the simulated body hears of the pause so).
        when_over: told when a talk has ended and everything of it is stored.
        agreed_for: what a person and their other agreed, where it is in force. Asks the disk.
        workers: this worker among the others.
        given_away: told of a wearer whose recording another worker carries from now on.
    """

    def __init__(
        self,
        tools: Callable[[Callable[[LiveTalk], None]], Tools],
        source_for: Callable[[Talk], Source | None],
        listener: Callable[[LiveTalk], None] = lambda _: None,
        when_over: Callable[[], None] = lambda: None,
        agreed_for: Callable[[Actor], Agreed | None] = lambda _: None,
        workers: Workers | None = None,
        given_away: Callable[[Actor], None] = lambda _: None,
    ) -> None:
        self._tools = replace(tools(self._publish), heard=self.heard)
        self._source_for = source_for
        self._listener = listener
        self._when_over = when_over
        self._agreed_for = agreed_for
        self._live: dict[Key, LiveTalk] = {}
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._followers: dict[Key, set[_Follower]] = {}
        self._published: dict[Key, TalkState] = {}
        self._closing = False
        self._workers = workers or OnlyOne()
        self._given_away = given_away
        self._following = Following()
        self._seen_s: dict[Key, float] = {}
        self._taking_up = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None
        self._answers: dict[Told, Callable[[ToldOf], None]] = {
            Told.AGAIN: self._hear_again,
            Told.STATE: self._hear_state,
            Told.SHOW: lambda told: self._follow(told.name, is_new=True),
            Told.FOLLOW: lambda told: self._follow(told.name, is_new=False),
            Told.HEARD: self._hear_heard,
            Told.CLOSED: self._hear_closed,
            Told.RELEASE: self._hear_release,
            Told.LOST: self._hear_release,
            Told.AGREED: lambda _: self._keep(asyncio.create_task(self._look_at_agreements())),
            Told.ERASED: lambda told: self._forget_ended(told.name),
        }

    async def start(
        self, actor: Actor, *, utc_offset_min: int, strap: str | None, simulated: bool, threshold_bpm: float
    ) -> LiveTalk:
        """Start a talk for `actor`. Raises `TalkConflict` while another of theirs is open."""
        talk = await asyncio.to_thread(
            self._tools.store.start,
            actor,
            began_at=self._tools.clock.utc_now(),
            utc_offset_min=utc_offset_min,
            strap=strap,
            simulated=simulated,
            threshold_bpm=threshold_bpm,
        )
        return await self._take_up(talk, at_once=True)

    async def start_together(
        self,
        actor: Actor,
        *,
        now: datetime,
        utc_offset_min: int,
        straps: Mapping[Side, str | None],
        simulated: bool,
        threshold_bpm: float,
    ) -> None:
        """Start the talk that both have opted in to. Raises `NotNow` when they have not, or when one is in a talk."""
        talks = await asyncio.to_thread(
            self._tools.store.start_together,
            actor,
            now=now,
            began_at=self._tools.clock.utc_now(),
            utc_offset_min=utc_offset_min,
            straps=straps,
            simulated=simulated,
            threshold_bpm=threshold_bpm,
        )
        for talk in talks:
            await self._take_up(talk, at_once=True)

    async def resume(self) -> list[Talk]:
        """Carry on with the talks that a stop or a crash left open, and that no other worker carries; return them."""
        if self._workers.are_several:
            self._looking = asyncio.create_task(self._look_around(), name="looks around")
        return await self._take_up_free()

    async def _take_up_free(self) -> list[Talk]:
        """Carry every unfinished talk that nobody carries."""
        talks = await asyncio.to_thread(self._tools.store.unfinished, SERVICE)
        wanted = {talk.recording_id: talk for talk in talks if not self._is_carried_here(talk)}
        free = await asyncio.to_thread(self._workers.carry, list(wanted)) if wanted else set()
        taken = [talk for talk in talks if talk.recording_id in free]
        for talk in taken:
            async with self._taking_up:
                if not self._is_carried_here(talk):
                    await self._begin(talk, is_carried=True)
        return taken

    async def _look_around(self) -> None:
        """Once a second: whose worker is gone is taken up, and what is shown here is said to be followed still."""
        while True:
            await asyncio.sleep(LOOK_AROUND_EVERY_S)
            try:
                await self._take_up_free()
                await self._look_at_shown()
            except Exception as error:  # noqa: BLE001  a database that does not answer is asked again in a second
                log.warning("not_looked_around", error=type(error).__name__)

    async def _look_at_shown(self) -> None:
        now_s = asyncio.get_running_loop().time()
        for key, live in list(self._live.items()):
            if live.is_carried:
                continue
            if self._followers.get(key):
                self._seen_s[key] = now_s
            if now_s - self._seen_s.setdefault(key, now_s) > UNSEEN_S:
                await self._drop(key)
            elif live.state.phase is not Phase.ENDED:
                self._workers.tell(Told.FOLLOW, live.talk.recording_id)

    def _is_carried_here(self, talk: Talk) -> bool:
        live = self._live.get((talk.id, talk.wearer_id))
        return live is not None and live.is_carried

    async def _take_up(self, talk: Talk, *, at_once: bool = False) -> LiveTalk:
        """Carry the talk, or show it where another worker carries it."""
        async with self._taking_up:
            known = self._live.get((talk.id, talk.wearer_id))
            if known is not None:
                return known
            carried = await asyncio.to_thread(self._workers.carry, [talk.recording_id], at_once=at_once)
            return await self._begin(talk, is_carried=talk.recording_id in carried)

    async def carried_here(self, actor: Actor, talk_id: str) -> LiveTalk:
        """The actor's live talk, carried by this worker from now on: a page of theirs brings the heartbeats here.

        Raises:
            NotAllowed: there is none of theirs with this id.
            IllegalTalkStep: it has ended.
            NotYet: the worker that carries it does not let it go.
        """
        live = await self.find(actor, talk_id)
        if live.is_carried:
            return live
        recording_id, give_up_s = live.talk.recording_id, asyncio.get_running_loop().time() + HANDED_OVER_WITHIN_S
        self._workers.tell(Told.RELEASE, recording_id)
        while recording_id not in await asyncio.to_thread(self._workers.carry, [recording_id], at_once=True):
            if asyncio.get_running_loop().time() > give_up_s:
                raise NotYet
            await asyncio.sleep(HANDED_OVER_LOOK_S)
        async with self._taking_up:
            if not self._is_carried_here(live.talk):
                await self._begin(live.talk, is_carried=True)
        return await self.find(actor, talk_id)

    async def _begin(self, talk: Talk, *, is_carried: bool) -> LiveTalk:
        self._forget_ended(talk.wearer_id)
        if self._workers.are_several:
            await self._drop((talk.id, talk.wearer_id))
        agreed = await self._agreed(talk)
        beside = next((live for live in self._live.values() if live.talk.id == talk.id), None)
        source = self._source_for(talk) if is_carried else None
        live = LiveTalk(talk, source, self._tools, beside, agreed, is_carried=is_carried)
        self._live[_key(live)] = live
        if not is_carried:
            self._workers.tell(Told.SHOW, talk.recording_id)
        task = asyncio.create_task(live.run(), name=f"talk {talk.id}")
        task.add_done_callback(self._done)
        self._tasks[_key(live)] = task
        return live

    async def _agreed(self, talk: Talk) -> Agreed | None:
        """What holds in this talk; nothing where the disk does not say: a talk that is stored must not be left uncarried."""
        try:
            return await asyncio.to_thread(self._agreed_for, Actor(talk.wearer_id))
        except Exception as error:  # noqa: BLE001  the usual pause does until somebody agrees anew, or the next start
            log.warning("agreement_not_read", talk=talk.id, error=type(error).__name__)
            return None

    async def look_at_agreements(self) -> None:
        """What somebody agreed has changed: the next pause of each talk goes by what holds now."""
        self._workers.tell(Told.AGREED, "")
        await self._look_at_agreements()

    async def _look_at_agreements(self) -> None:
        for live in list(self._live.values()):
            live.agreed = await asyncio.to_thread(self._agreed_for, Actor(live.talk.wearer_id))

    async def _drop(self, key: Key) -> LiveTalk | None:
        """Let go of what stands here for this recording; pages that follow it come again, and find what stands then."""
        live, task = self._live.pop(key, None), self._tasks.get(key)
        self._published.pop(key, None)
        self._seen_s.pop(key, None)
        if live is None:
            return None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
        live.let_go()
        for follower in self._followers.get(key, ()):
            follower.end()
        return live

    async def _give_away(self, recording_id: str, *, is_lost: bool) -> None:
        """Another worker asks for a recording that is carried here, or has it already."""
        async with self._taking_up:
            found = next((live for live in self._live.values() if live.talk.recording_id == recording_id), None)
            if found is None or not found.is_carried or found.state.phase is Phase.ENDED:
                return
            live = await self._drop(_key(found))
            if live is not None:
                self._given_away(Actor(live.talk.wearer_id))
                await live.hand_over()
            if not is_lost:
                await asyncio.to_thread(self._workers.let_go, recording_id)

    def hear(self, what: str, words: tuple[str, ...]) -> None:
        """What another worker tells, on the event loop."""
        told = told_in(what, words)
        if told is not None:
            self._answers[told.what](told)

    def _hear_again(self, _: ToldOf) -> None:
        for live in self._live.values():
            live.look_again()
            if not live.is_carried:
                self._workers.tell(Told.SHOW, live.talk.recording_id)

    def _hear_state(self, told: ToldOf) -> None:
        for live in self._live.values():
            if live.talk.id == told.name:
                live.look_again()

    def _hear_heard(self, told: ToldOf) -> None:
        for live in self._of(told.name, is_carried=False):
            if told.event is not None:
                live.strap = told.strap or live.strap
                live.hear_elsewhere(told.event)

    def _hear_closed(self, told: ToldOf) -> None:
        for live in self._of(told.name, is_carried=False):
            live.closed_elsewhere.set()

    def _hear_release(self, told: ToldOf) -> None:
        self._keep(asyncio.create_task(self._give_away(told.name, is_lost=told.what is Told.LOST)))

    def _keep(self, task: "asyncio.Task[None]") -> None:
        """The loop alone would forget a task that nobody waits for."""
        self._following.tasks.add(task)
        task.add_done_callback(self._following.tasks.discard)

    def _of(self, recording_id: str, *, is_carried: bool) -> list[LiveTalk]:
        live = (live for live in self._live.values() if live.talk.recording_id == recording_id)
        return [one for one in live if one.is_carried is is_carried]

    def _follow(self, recording_id: str, *, is_new: bool) -> None:
        """Another worker shows a recording: it is told what is heard from now on, and what the disk may not have yet."""
        for live in self._of(recording_id, is_carried=True):
            is_new |= self._following.follow(recording_id, asyncio.get_running_loop().time())
            for event in self._following.recent(recording_id) if is_new else ():
                self._workers.tell(Told.HEARD, *words_of(recording_id, live.strap, event))

    def heard(self, live: LiveTalk, event: Notification | LinkEvent) -> None:
        """A talk that is carried here has heard something: whoever shows it elsewhere is told."""
        if not self._workers.are_several:
            return
        recording_id = live.talk.recording_id
        self._following.remember(recording_id, event)
        if self._following.is_followed(recording_id, asyncio.get_running_loop().time()):
            self._workers.tell(Told.HEARD, *words_of(recording_id, live.strap, event))

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks = {key: other for key, other in self._tasks.items() if other is not task}
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("talk_failed", talk=task.get_name(), exc_info=error)
        elif not task.cancelled():
            self._when_over()

    def _forget_ended(self, wearer_id: str) -> None:
        over = [key for key, t in self._live.items() if key[1] == wearer_id and t.state.phase is Phase.ENDED]
        for key in over:
            # Its task may still be storing what a locked disk did not take; it is kept until that is done.
            self._following.forget(self._live.pop(key).talk.recording_id)
            self._published.pop(key, None)

    def forget_ended(self, actor: Actor) -> None:
        """Let go of what is still in memory of the actor's ended talks: it has been erased."""
        self._workers.tell(Told.ERASED, str(actor.person_id))
        self._forget_ended(str(actor.person_id))

    async def find(self, actor: Actor, talk_id: str) -> LiveTalk:
        """The actor's live talk.

        Raises:
            NotAllowed: there is none of theirs with this id.
            IllegalTalkStep: it has ended.
        """
        live = self._live.get((talk_id, str(actor.person_id)))
        if live is not None:
            await _known(live)
            return live
        state, _ = await asyncio.to_thread(self._tools.store.load, actor, talk_id)
        if state.phase is Phase.ENDED:
            raise IllegalTalkStep("the talk has ended")
        open_talk = await self._open_elsewhere(actor)
        if open_talk is None or open_talk.talk.id != talk_id:
            raise NotAllowed
        await _known(open_talk)
        return open_talk

    async def _open_elsewhere(self, actor: Actor) -> LiveTalk | None:
        """The actor's open talk that another worker began; nothing where there is no other."""
        if not self._workers.are_several or actor.person_id is None:
            return None
        talk = await asyncio.to_thread(self._tools.store.open_talk, actor)
        return None if talk is None else await self._take_up(talk)

    async def open_for(self, actor: Actor) -> LiveTalk | None:
        """The actor's talk that has not ended."""
        found = next(
            (
                live
                for live in self._live.values()
                if live.talk.wearer_id == actor.person_id and live.state.phase is not Phase.ENDED
            ),
            None,
        ) or await self._open_elsewhere(actor)
        if found is not None:
            await _known(found)
        return found

    def straps_of_others(self, actor: Actor) -> set[str]:
        """The names, or ids, of the straps that others wear in their talks now, in lower case."""
        worn = [
            live
            for live in self._live.values()
            if live.talk.wearer_id != actor.person_id and live.state.phase is not Phase.ENDED
        ]
        ids = {live.about.device_id.casefold() for live in worn if live.about is not None}
        return ids | {live.talk.strap.casefold() for live in worn if live.talk.strap is not None}

    async def news(self, live: LiveTalk) -> AsyncIterator[None]:
        """Yield at once, and then whenever there is something new for this wearer.

        A change of what this wearer may see of the talk is told without delay, all else at most `EVENTS_PER_SECOND` times a
        real second. The other's news are not this wearer's: when their strap speaks, or is silent, nobody else's stream
        stirs, and what is done about their body hurries nobody else's.
        """
        follower = _Follower()
        self._followers.setdefault(_key(live), set()).add(follower)
        try:
            while not (self._closing or follower.is_over):
                follower.rest()
                yield
                await follower.next()
        finally:
            self._followers[_key(live)].discard(follower)

    def _publish(self, live: LiveTalk) -> None:
        self._listener(live)
        if live.is_carried and live.closed.is_set():
            self._workers.tell(Told.CLOSED, live.talk.recording_id)
        # What this wearer may see of the talk goes out at once, an alarm above all; heartbeats can wait for their turn.
        seen = live.seen
        urgent = self._published.get(_key(live)) != seen
        self._published[_key(live)] = seen
        for follower in self._followers.get(_key(live), ()):
            follower.wake(urgent=urgent)

    def end_streams(self, actor: Actor) -> None:
        """End the streams that `actor` follows: a page that may still follow asks again, and is let in again."""
        for (_, wearer_id), followers in self._followers.items():
            if wearer_id == actor.person_id:
                for follower in followers:
                    follower.end()

    @property
    def wearers(self) -> int:
        """How many are in a talk that has not ended."""
        return sum(live.state.phase is not Phase.ENDED for live in self._live.values())

    @property
    def streams(self) -> int:
        """How many pages follow one."""
        return sum(map(len, self._followers.values()))

    @property
    def malformed(self) -> int:
        """How many packets of these talks made no sense."""
        return sum(live.malformed for live in self._live.values())

    @property
    def is_closing(self) -> bool:
        """The server was asked to stop: every stream ends."""
        return self._closing

    def release_followers(self) -> None:
        """End every stream; called as soon as the server is asked to stop."""
        self._closing = True
        for followers in self._followers.values():
            for follower in followers:
                follower.wake(urgent=True)

    async def close(self) -> None:
        """Let go of straps and talks. The talks stay open in the store, to be resumed."""
        self.release_followers()
        tasks = list(self._tasks.values()) + ([self._looking] if self._looking else [])
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, Exception):
                await task


def _key(live: LiveTalk) -> Key:
    return live.talk.id, live.talk.wearer_id


class _Follower:
    """One page's stream: when it is to be told the next time."""

    def __init__(self) -> None:
        self.is_over = False
        self._woken = asyncio.Event()
        self._urgent = asyncio.Event()

    def end(self) -> None:
        """Nothing more is told here."""
        self.is_over = True
        self.wake(urgent=True)

    def wake(self, *, urgent: bool) -> None:
        """There is something new."""
        self._woken.set()
        if urgent:
            self._urgent.set()

    def rest(self) -> None:
        """Everything so far is about to be told."""
        self._woken.clear()
        self._urgent.clear()

    async def next(self) -> None:
        """Wait for news, and leave the page a moment's peace unless they are urgent."""
        with suppress(TimeoutError):
            async with asyncio.timeout(1 / EVENTS_PER_SECOND):
                await self._urgent.wait()
        await self._woken.wait()


async def _known(live: LiveTalk) -> None:
    """Wait until the stored talk has been read; after a start this takes a moment. Raises `NotYet`."""
    try:
        async with asyncio.timeout(KNOWN_WITHIN_S):
            await live.restored.wait()
    except TimeoutError:
        raise NotYet from None
