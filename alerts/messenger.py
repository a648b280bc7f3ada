"""Carries what the policy wants told to the wearer's own channels. Nothing here can delay the talk, or another channel.

Each message goes to each channel in a task of its own, and each attempt runs in a thread of its own: one that hangs hangs
alone. A channel that fails is tried again, less and less often, while the message still means something. An attempt is
written down before it is made, so that after a crash nothing is sent twice: rather once too few, as the page says it too.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from alerts.channels import Announcement, Channel, Message, Sender, Trouble
from alerts.few_a_minute import FewAMinute
from alerts.people import Actor
from alerts.ports import ChannelStore, NotAllowed

log = structlog.get_logger(__name__)

ANSWER_WITHIN_S = 5.0
"""A channel that has not answered by then is shown as failing. Its attempt is left to end by itself."""

FIRST_RETRY_S = 2.0
LONGEST_RETRY_S = 60.0

MOST_TESTS, WITHIN_S = 5, 60.0
"""Test alerts of one person, to all of their channels together, within that time."""


class TooManyTests(Exception):
    """Enough test alerts for now. `wait_s`: when the next one may be sent."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"{MOST_TESTS} test alerts a minute")
        self.wait_s = wait_s


class Messenger:
    """The channels of everybody on this machine.

    Args:
        store: the channels, and what has been tried.
        sender: sends one message, blocking.
        sleep: waits real seconds.
        answer_within_s: how long a channel may think before it is shown as failing.
        monotonic_s: the seconds that test alerts are counted by.
    """

    def __init__(
        self,
        store: ChannelStore,
        sender: Sender,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        answer_within_s: float = ANSWER_WITHIN_S,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._sender = sender
        self._sleep = sleep
        self._answer_within_s = answer_within_s
        self._monotonic_s = monotonic_s
        self._tests = FewAMinute(MOST_TESTS, within_s=WITHIN_S)
        self._tasks: dict[asyncio.Task[None], Announcement] = {}
        self._withdrawn: set[str] = set()
        self._failing: dict[str, Channel] = {}

    def tell(self, announcement: Announcement) -> None:
        """Begin to send it. Returns at once, never raises."""
        task = asyncio.get_running_loop().create_task(self._tell_all(announcement), name="message")
        self._tasks[task] = announcement
        task.add_done_callback(self._done)

    def withdraw(self, key: str) -> None:
        """It has been answered: what has not arrived yet is not tried again."""
        if any(announcement.key == key for announcement in self._tasks.values()):
            self._withdrawn.add(key)

    def failing(self, wearer_id: str) -> tuple[Channel, ...]:
        """The wearer's channels whose last attempt has failed, or has not been answered yet."""
        return tuple(channel for channel in self._failing.values() if channel.owner_id == wearer_id)

    def forget(self, channel_id: str) -> None:
        """The channel has been removed."""
        self._failing.pop(channel_id, None)

    async def test(self, actor: Actor, channel: Channel) -> Trouble | None:
        """Send the test alert once, and return what became of it within `ANSWER_WITHIN_S`. Raises `TooManyTests`."""
        wait_s = self._tests.wait_s(actor.person_id, self._monotonic_s())
        if wait_s:
            raise TooManyTests(wait_s)
        attempt = self._begin(channel, Message.TEST)
        await asyncio.wait({attempt}, timeout=self._answer_within_s)
        trouble = attempt.result() if attempt.done() else Trouble.NO_ANSWER
        await self._remember(actor, channel, trouble)
        return trouble

    async def close(self) -> None:
        """Let everything go. A thread that hangs ends with the process."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task

    def _done(self, task: asyncio.Task[None]) -> None:
        announcement = self._tasks.pop(task)
        if all(other.key != announcement.key for other in self._tasks.values()):
            self._withdrawn.discard(announcement.key)
        if not task.cancelled() and (error := task.exception()) is not None:
            # Only its kind: the text may hold an address.
            log.error("message_not_carried", error=type(error).__name__)

    async def _tell_all(self, announcement: Announcement) -> None:
        actor = Actor(announcement.wearer_id)
        channels = await self._channels(actor, announcement)
        async with asyncio.TaskGroup() as group:
            for channel in channels:
                group.create_task(self._carry(actor, channel, announcement))

    async def _channels(self, actor: Actor, announcement: Announcement) -> list[Channel]:
        """Those that it goes to; a journal that does not answer is asked again."""
        retry_s, spent_s = FIRST_RETRY_S, 0.0
        while True:
            try:
                channels = await asyncio.to_thread(self._store.channels, actor)
                if announcement.follows is None:
                    return channels
                told = await asyncio.to_thread(self._store.told, actor, announcement.follows)
                return [channel for channel in channels if channel.id in told]
            except Exception as error:
                if spent_s > announcement.lasts_s:
                    raise
                log.warning("channels_not_read_yet", error=type(error).__name__)
            await self._sleep(retry_s)
            spent_s += retry_s

    async def _carry(self, actor: Actor, channel: Channel, announcement: Announcement) -> None:
        retry_s, spent_s = FIRST_RETRY_S, 0.0
        while spent_s <= announcement.lasts_s and announcement.key not in self._withdrawn:
            if not await self._claimed(actor, channel, announcement):
                return
            trouble = await self._attempt(actor, channel, announcement.message)
            await self._settle(actor, channel, announcement, trouble)
            if trouble is None:
                return
            await self._sleep(retry_s)
            spent_s += retry_s
            retry_s = min(2 * retry_s, LONGEST_RETRY_S)

    async def _claimed(self, actor: Actor, channel: Channel, announcement: Announcement) -> bool:
        """Write the attempt down before it is made. False when it has arrived, nobody knows, or the channel is gone."""
        waited_s = 0.0
        while waited_s <= announcement.lasts_s and announcement.key not in self._withdrawn:
            try:
                return await asyncio.to_thread(
                    self._store.claim, actor, channel.id, announcement.talk_id, announcement.key, datetime.now(UTC)
                )
            except NotAllowed:
                return False
            except Exception as error:  # noqa: BLE001  a journal that is locked now may take it in a moment
                log.warning("attempt_not_written_yet", error=type(error).__name__)
            await self._sleep(FIRST_RETRY_S)
            waited_s += FIRST_RETRY_S
        return False

    async def _attempt(self, actor: Actor, channel: Channel, message: Message) -> Trouble | None:
        """One attempt, to its end. When that takes long the page is told meanwhile."""
        attempt = self._begin(channel, message)
        await asyncio.wait({attempt}, timeout=self._answer_within_s)
        if not attempt.done():
            await self._remember(actor, channel, Trouble.NO_ANSWER)
        return await attempt

    def _begin(self, channel: Channel, message: Message) -> "asyncio.Future[Trouble | None]":
        """Send in a thread of its own: a pool would fill up with channels that hang."""
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Trouble | None] = loop.create_future()

        def send() -> None:
            try:
                trouble = self._sender.send(channel.address, message)
            except Exception as error:  # noqa: BLE001  whatever a service's library raises, it was not sent
                log.warning("channel_failed", kind=channel.kind, error=type(error).__name__)
                trouble = Trouble.NOT_TAKEN
            with suppress(RuntimeError):  # the loop has been closed meanwhile
                loop.call_soon_threadsafe(_answer, outcome, trouble)

        threading.Thread(target=send, name=f"channel {channel.id}", daemon=True).start()
        return outcome

    async def _settle(
        self, actor: Actor, channel: Channel, announcement: Announcement, trouble: Trouble | None
    ) -> None:
        with suppress(Exception):
            await asyncio.to_thread(self._store.settle, actor, channel.id, announcement.key, trouble, datetime.now(UTC))
        await self._remember(actor, channel, trouble)

    async def _remember(self, actor: Actor, channel: Channel, trouble: Trouble | None) -> None:
        if trouble is None:
            self._failing.pop(channel.id, None)
        else:
            self._failing[channel.id] = channel
        try:
            await asyncio.to_thread(self._store.note, actor, channel.id, trouble)
        except Exception as error:  # noqa: BLE001  it is shown from memory all the same
            log.warning("outcome_not_written", error=type(error).__name__)


def _answer(outcome: "asyncio.Future[Trouble | None]", trouble: Trouble | None) -> None:
    if not outcome.done():
        outcome.set_result(trouble)
