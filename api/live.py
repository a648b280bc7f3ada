"""The talks that this process carries: started, resumed after a crash, followed by pages, and let go in time."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import structlog

from alerts.live_talk import LiveTalk, Tools
from alerts.people import SERVICE, Actor
from alerts.ports import NotAllowed, Talk
from alerts.talk_state import Phase, TalkState
from alerts.talk_step import IllegalTalkStep
from sensing.source import Source

log = structlog.get_logger(__name__)

EVENTS_PER_SECOND = 5
KNOWN_WITHIN_S = 5.0


class NotYet(Exception):
    """The stored talk cannot be read at the moment. Nothing is lost; it is tried on and on."""


class LiveTalks:
    """Every live talk of this process, by its id.

    Args:
        tools: what each talk works with; `tools.publish` is this object's own.
        source_for: where a talk's heartbeats come from; None for a person without a strap.
        listener: told of every news of a talk, on the event loop (the simulated body hears of the pause so).
    """

    def __init__(
        self,
        tools: Callable[[Callable[[LiveTalk], None]], Tools],
        source_for: Callable[[Talk], Source | None],
        listener: Callable[[LiveTalk], None] = lambda _: None,
    ) -> None:
        self._tools = tools(self._publish)
        self._source_for = source_for
        self._listener = listener
        self._live: dict[str, LiveTalk] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._followers: dict[str, set[_Follower]] = {}
        self._published: dict[str, TalkState] = {}
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
        return self._carry(talk)

    async def resume(self) -> list[Talk]:
        """Carry on with the talks that a stop or a crash left open; return them."""
        talks = await asyncio.to_thread(self._tools.store.unfinished, SERVICE)
        for talk in talks:
            self._carry(talk)
        return talks

    def _carry(self, talk: Talk) -> LiveTalk:
        self._forget_ended(talk.wearer_id)
        live = LiveTalk(talk, self._source_for(talk), self._tools)
        self._live[talk.id] = live
        task = asyncio.create_task(live.run(), name=f"talk {talk.id}")
        task.add_done_callback(self._done)
        self._tasks[talk.id] = task
        return live

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks = {talk_id: other for talk_id, other in self._tasks.items() if other is not task}
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("talk_failed", talk=task.get_name(), exc_info=error)

    def _forget_ended(self, wearer_id: str) -> None:
        over = [i for i, t in self._live.items() if t.talk.wearer_id == wearer_id and t.state.phase is Phase.ENDED]
        for talk_id in over:
            # Its task may still be storing what a locked disk did not take; it is kept until that is done.
            self._live.pop(talk_id)
            self._published.pop(talk_id, None)

    async def find(self, actor: Actor, talk_id: str) -> LiveTalk:
        """The actor's live talk.

        Raises:
            NotAllowed: there is none of theirs with this id.
            IllegalTalkStep: it has ended.
        """
        live = self._live.get(talk_id)
        if live is not None and live.talk.wearer_id == actor.person_id:
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

    async def finished(self, talk_id: str) -> None:
        """Wait until the talk has let go of its strap and stored what it can now."""
        live = self._live.get(talk_id)
        if live is not None:
            await live.closed.wait()

    async def news(self, talk_id: str) -> AsyncIterator[None]:
        """Yield at once, and then whenever there is something new.

        A change of what is shared is told without delay, all else at most `EVENTS_PER_SECOND` times a real second.
        """
        follower = _Follower()
        self._followers.setdefault(talk_id, set()).add(follower)
        try:
            while not self._closing:
                follower.rest()
                yield
                await follower.next()
        finally:
            self._followers[talk_id].discard(follower)

    def _publish(self, live: LiveTalk) -> None:
        self._listener(live)
        # What people share goes out at once, an alarm above all; heartbeats can wait for their turn.
        urgent = self._published.get(live.talk.id) is not live.state
        self._published[live.talk.id] = live.state
        for follower in self._followers.get(live.talk.id, ()):
            follower.wake(urgent=urgent)

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


class _Follower:
    """One page's stream: when it is to be told the next time."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._urgent = asyncio.Event()

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
