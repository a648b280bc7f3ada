"""The talks that this process carries: started, resumed after a crash, followed by pages, and let go in time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from datetime import datetime

import structlog

from alerts.agreement import Agreed, Side
from alerts.live_talk import LiveTalk, Tools
from alerts.people import SERVICE, Actor
from alerts.ports import NotAllowed, Talk
from alerts.talk_state import Phase, TalkState
from alerts.talk_step import IllegalTalkStep
from sensing.source import Source

log = structlog.get_logger(__name__)

Key = tuple[str, str]
"""A talk and its wearer."""

EVENTS_PER_SECOND = 5
KNOWN_WITHIN_S = 5.0


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
    """

    def __init__(
        self,
        tools: Callable[[Callable[[LiveTalk], None]], Tools],
        source_for: Callable[[Talk], Source | None],
        listener: Callable[[LiveTalk], None] = lambda _: None,
        when_over: Callable[[], None] = lambda: None,
        agreed_for: Callable[[Actor], Agreed | None] = lambda _: None,
    ) -> None:
        self._tools = tools(self._publish)
        self._source_for = source_for
        self._listener = listener
        self._when_over = when_over
        self._agreed_for = agreed_for
        self._live: dict[Key, LiveTalk] = {}
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._followers: dict[Key, set[_Follower]] = {}
        self._published: dict[Key, TalkState] = {}
        self._closing = False

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
        return await self._carry(talk)

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
            await self._carry(talk)

    async def resume(self) -> list[Talk]:
        """Carry on with the talks that a stop or a crash left open; return them."""
        talks = await asyncio.to_thread(self._tools.store.unfinished, SERVICE)
        for talk in talks:
            await self._carry(talk)
        return talks

    async def _carry(self, talk: Talk) -> LiveTalk:
        self._forget_ended(talk.wearer_id)
        agreed = await self._agreed(talk)
        beside = next((live for live in self._live.values() if live.talk.id == talk.id), None)
        live = LiveTalk(talk, self._source_for(talk), self._tools, beside, agreed)
        self._live[_key(live)] = live
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
        for live in list(self._live.values()):
            live.agreed = await asyncio.to_thread(self._agreed_for, Actor(live.talk.wearer_id))

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
            self._live.pop(key)
            self._published.pop(key, None)

    def forget_ended(self, actor: Actor) -> None:
        """Let go of what is still in memory of the actor's ended talks: it has been erased."""
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
        raise NotAllowed

    async def open_for(self, actor: Actor) -> LiveTalk | None:
        """The actor's talk that has not ended."""
        found = next(
            (
                live
                for live in self._live.values()
                if live.talk.wearer_id == actor.person_id and live.state.phase is not Phase.ENDED
            ),
            None,
        )
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
        tasks = list(self._tasks.values())
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
