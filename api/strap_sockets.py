"""The pages that read straps for this process's talks: one connection a recording, heard on the event loop.

A packet costs no task and no thread: the reader of its connection gives it to the live talk, which puts it into the writer's queue
and judges it. Once a commit, the writer's thread says which numbers are on the disk, and each connection tells its page.

Everything is bounded. A message has a size, a second has so many messages, a page that says nothing or takes nothing is let go,
and what waits for a database that doesn't answer waits in the writer, which takes so much and no more.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from weakref import WeakKeyDictionary, WeakValueDictionary

from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from alerts.few_a_minute import FewAMinute
from alerts.live_talk import LiveTalk
from alerts.people import Actor
from alerts.ports import NotAllowed
from api.strap_afterwards import AfterTalk
from api.strap_frames import (
    REASONS,
    BadFrame,
    Close,
    Frame,
    Hello,
    LinkNow,
    Packets,
    acknowledgement,
    read_frame,
    ready,
    refusal,
)
from journal.errors import DatabaseError
from journal.recorder import JournalRecorder
from sensing.page_strap import PageStrap
from sensing.source import Link, Notification

IDLE_S = 60.0
"""A page says at least every twenty seconds that it is still here."""

SLOW_S = 10.0
MOST_MESSAGES = 120
MOST_MESSAGES_WITHIN_S = 10.0
"""A page sends about one a second, and up to ten while it sends what it has kept."""

MOST_SPANS = 1000
AWAY = "the page that reads the strap is away"


Carrying = LiveTalk | AfterTalk


class StrapSockets:
    """Every such page, by its live talk."""

    def __init__(self, recorder: JournalRecorder) -> None:
        self._recorder = recorder
        self._straps: WeakKeyDictionary[Carrying, PageStrap] = WeakKeyDictionary()
        self._talks: WeakValueDictionary[str, Carrying] = WeakValueDictionary()
        self._connections: dict[Carrying, _Connection] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        recorder.tell_of_numbered(self._committed)

    async def carry(self, websocket: WebSocket, live: Carrying, *, may_still: Callable[[], bool]) -> None:
        """Hear an accepted connection to its end. A page of the same talk that was heard before is let go.

        With a talk that is over, what the page still keeps of it is taken. `may_still` asks the disk whether its wearer is
        signed in there: whoever signs out later is let go by `end`, and whoever did while this was made ready, by this.
        """
        if live.talk.simulated or live.talk.strap is not None:
            await _say_goodbye(websocket, Close.SIMULATED if live.talk.simulated else Close.OTHER_STRAP)
            return
        self._loop = asyncio.get_running_loop()
        if isinstance(live, AfterTalk):  # made anew for each connection; what it takes is known by one of them
            known = self._talks.get(live.talk.recording_id)
            live = known if isinstance(known, AfterTalk) else live
            self._talks[live.talk.recording_id] = live
        try:
            strap = await self._strap_of(live)
        except (
            DatabaseError,
            NotAllowed,
        ) as error:  # it does not answer now; or what was to be heard is erased meanwhile
            await _say_goodbye(websocket, Close.COME_AGAIN if isinstance(error, NotAllowed) else Close.LATER)
            return
        connection = _Connection(websocket, live, strap)
        before = self._connections.get(live)
        self._connections[live] = connection
        if before is not None:
            before.end(Close.REPLACED)
        try:
            await self._let_go_of_who_left(connection, may_still)
            await connection.run()
        finally:
            if self._connections.get(live) is connection:
                del self._connections[live]
                live.link_of_page(Link.LOST, AWAY)

    @staticmethod
    async def _let_go_of_who_left(connection: "_Connection", may_still: Callable[[], bool]) -> None:
        try:
            if not await asyncio.to_thread(may_still):
                connection.end(Close.COME_AGAIN)
        except DatabaseError:
            connection.end(Close.LATER)

    def given_away(self, actor: Actor) -> None:
        """Another worker hears the actor's strap now: as with a newer page here, this one is not the one that counts."""
        for live, connection in self._connections.items():
            if live.talk.wearer_id == actor.person_id:
                connection.end(Close.REPLACED)

    def end(self, actor: Actor) -> None:
        """Let go of the pages of `actor`: who may still come comes again."""
        for live, connection in self._connections.items():
            if live.talk.wearer_id == actor.person_id:
                connection.end(Close.COME_AGAIN)

    async def _strap_of(self, live: Carrying) -> PageStrap:
        known = self._straps.get(live)
        if known is None:
            actor, recording_id = Actor(live.talk.wearer_id), live.talk.recording_id
            stored = await asyncio.to_thread(self._recorder.page_numbers, actor, recording_id)
            # Another connection may have asked meanwhile: what it has taken since, this answer doesn't know.
            known = self._straps.setdefault(live, PageStrap(stored))
            self._talks[recording_id] = live
        return known

    def _committed(self, numbers: dict[str, list[int]]) -> None:
        """In the writer's thread."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._tell, numbers)

    def _tell(self, numbers: dict[str, list[int]]) -> None:
        for recording_id, stored in numbers.items():
            live = self._talks.get(recording_id)
            if live is None:
                continue
            self._straps[live].is_stored(stored)
            connection = self._connections.get(live)
            if connection is not None:
                connection.tell()


class _Connection:
    """One page. Ends when it goes, when it misbehaves, when the talk ends, or when it is told to."""

    def __init__(self, websocket: WebSocket, live: Carrying, strap: PageStrap) -> None:
        self._websocket = websocket
        self._live = live
        self._strap = strap
        self._few = FewAMinute(MOST_MESSAGES, within_s=MOST_MESSAGES_WITHIN_S)
        self._greeted = False
        self._said_ready = False
        self._close: Close | None = None
        self._reason = ""
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Hear and tell until one of them is over."""
        name = f"strap of {self._live.talk.id}"
        workers = [asyncio.create_task(work, name=name) for work in (self._hear(), self._tell(), self._until_over())]
        try:
            over, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.wait(workers)
        for worker in over:
            worker.result()

    def tell(self) -> None:
        """There is something to acknowledge."""
        self._news.set()

    def end(self, close: Close, reason: str = "") -> None:
        """Tell the page why, and let it go. The first reason counts."""
        if self._close is None:
            self._close, self._reason = close, reason or REASONS[close]
            self._news.set()

    async def _until_over(self) -> None:
        await self._live.closed.wait()  # everything is committed by now, and acknowledged before the goodbye
        self.end(Close.TALK_ENDED)
        await asyncio.Event().wait()

    async def _hear(self) -> None:
        with suppress(WebSocketDisconnect):
            while self._close is None:
                try:
                    async with asyncio.timeout(IDLE_S):
                        message = await self._websocket.receive()
                except TimeoutError:
                    self.end(Close.IDLE)
                    break
                if message["type"] == "websocket.disconnect":
                    return
                self._take(message)
        await asyncio.Event().wait()  # the goodbye is said by the other half

    def _take(self, message: Message) -> None:
        try:
            frame = self._frame(message)
        except BadFrame as bad:
            self.end(bad.code, str(bad))
            return
        self._strap.hear(frame.now.stream, frame.now.now_ms, self._live.caught_up_s())
        match frame:
            case Hello(strap=name, waiting=waiting):
                self._greeted = True
                self._live.wear_in_page(name)
                self._strap.ask(waiting)
                self.tell()
            case Packets():
                self._take_packets(frame)
            case LinkNow(link=link):
                self._live.link_of_page(link, "")

    def _frame(self, message: Message) -> Frame:
        if self._few.wait_s("page", asyncio.get_running_loop().time()):
            raise BadFrame(REASONS[Close.TOO_FAST], Close.TOO_FAST)
        text = message.get("text")
        if not isinstance(text, str):
            raise BadFrame("a message is text")
        frame = read_frame(text)
        if isinstance(frame, Hello) is self._greeted:
            raise BadFrame("the first message says which strap it is, and no other")
        return frame

    def _take_packets(self, frame: Packets) -> None:
        for new in self._strap.take(frame.stream, frame.packets):
            if not self._live.wants(new.t_s):
                self._strap.is_unwanted(new.number)
            elif not self._live.hear_from_page(Notification(new.t_s, new.packet, None, new.number)):
                self._strap.was_not_taken(new.number)
                self.end(Close.LATER)
        self.tell()

    async def _tell(self) -> None:
        while self._close is None:
            await self._news.wait()
            self._news.clear()
            try:
                async with asyncio.timeout(SLOW_S):
                    await self._say_what_is_stored()
            except TimeoutError:
                self.end(Close.SLOW)
            except (WebSocketDisconnect, RuntimeError):  # it has gone meanwhile
                return
        await _say_goodbye(self._websocket, self._close, self._reason)

    async def _say_what_is_stored(self) -> None:
        if self._greeted:
            for spans, in_words in ((self._strap.to_tell(), acknowledgement), (self._strap.unwanted(), refusal)):
                for at in range(0, len(spans), MOST_SPANS):
                    await self._websocket.send_text(in_words(spans[at : at + MOST_SPANS]))
            if not self._said_ready:
                self._said_ready = True
                await self._websocket.send_text(ready())


async def _say_goodbye(websocket: WebSocket, close: Close, reason: str = "") -> None:
    with suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
        if websocket.application_state is WebSocketState.CONNECTED:
            async with asyncio.timeout(SLOW_S):
                await websocket.close(close, reason or REASONS[close])
