"""Several workers on one PostgreSQL: LISTEN and NOTIFY between them, and advisory locks for what only one may do.

All of it is one connection of this worker's own, in a thread. A lock of the session goes with the connection, so whatever a
worker that was killed has carried is free at once. A server that was away is asked again; then this worker first takes back
what it carried, and leaves to the others for a moment what was theirs.
"""

import asyncio
import hashlib
import os
import select
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import URL

from alerts.workers import AGAIN, LOST, Heard
from journal.errors import DatabaseBusy
from journal.postgresql import CONNECT

if TYPE_CHECKING:
    import psycopg

log = structlog.get_logger(__name__)

CHANNEL = "flooding"
MOST_BYTES = 7_500
"""A NOTIFY carries less than 8,000 bytes."""

MOST_WAITING = 20_000
"""What cannot be told for so long is told by AGAIN."""

ANSWER_WITHIN_S = 5.0
LOOK_EVERY_S = 1.0
FIRST_RETRY_S, LONGEST_RETRY_S = 0.1, 2.0
GRACE_S = 3.0
"""After a cut each worker takes its own back first: it has in memory what is not on the disk yet."""


class PostgresWorkers:
    """This worker among those on the same database. Implements `alerts.workers.Workers`."""

    are_several = True

    def __init__(self, url: URL) -> None:
        self._url = url
        self._me = uuid.uuid4().hex[:12]
        self._heard: Heard | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._to_tell: deque[str] = deque(maxlen=MOST_WAITING)
        self._asked: deque[tuple[Callable[[psycopg.Connection[Any]], Any], Future[Any]]] = deque()
        self._held: set[str] = set()
        self._cut_off_until_s = 0.0
        self._connected = threading.Event()
        self._stopping = False
        self._wake_out, self._wake_in = os.pipe()
        os.set_blocking(self._wake_in, False)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def tell(self, what: str, *words: str) -> None:
        """Tell all others; together with what else waits."""
        self._to_tell.append(" ".join((what, *words)))
        self._wake()

    def listen(self, heard: Heard) -> None:
        """Have what others tell heard on the running event loop."""
        self._loop, self._heard = asyncio.get_running_loop(), heard
        self._wake()

    def carry(self, names: Collection[str], *, at_once: bool = False) -> set[str]:
        """Which of these this worker holds the lock of, now or before. Raises `DatabaseBusy`."""
        wanted = [name for name in names if name not in self._held]
        if wanted and (at_once or time.monotonic() >= self._cut_off_until_s):
            self._ask(lambda connection: self._take(connection, wanted))
        return self._held & set(names)

    def let_go(self, name: str) -> None:
        """Free its lock, so that another one may have it."""
        if name in self._held:
            with suppress(DatabaseBusy):  # with the connection the lock is gone, too
                self._ask(lambda connection: self._free(connection, name))

    def close(self) -> None:
        """Tell what waits, and free everything with the connection."""
        self._stopping = True
        self._wake()
        if self._thread is not None:
            self._thread.join(2.0)

    def _ask(self, what: "Callable[[psycopg.Connection[Any]], Any]") -> Any:  # noqa: ANN401  whatever is asked
        answer: Future[Any] = Future()
        self._asked.append((what, answer))
        self._wake()
        try:
            return answer.result(ANSWER_WITHIN_S)
        except TimeoutError:
            raise DatabaseBusy("the journal does not answer: what the other workers do is not known") from None

    def _wake(self) -> None:
        with self._starting:
            if self._thread is None and not self._stopping:  # whoever neither tells nor asks needs no connection
                self._thread = threading.Thread(target=self._run, name="workers", daemon=True)
                self._thread.start()
        with suppress(OSError):  # full: it wakes anyway; closed: there is nobody to wake
            os.write(self._wake_in, b"x")

    def _run(self) -> None:
        import psycopg  # noqa: PLC0415  the driver is an extra, and this thread runs only with it

        retry_s, address = FIRST_RETRY_S, _libpq(self._url)
        while not self._stopping:
            try:
                with psycopg.connect(address, autocommit=True, **CONNECT) as connection:
                    retry_s = FIRST_RETRY_S
                    self._begin(connection)
                    while not self._stopping:
                        self._once(connection)
                    self._tell_all(connection)
            except (psycopg.Error, OSError) as error:
                self._cut_off(error)
                time.sleep(retry_s)
                retry_s = min(2 * retry_s, LONGEST_RETRY_S)
        self._held.clear()

    def _begin(self, connection: "psycopg.Connection[Any]") -> None:
        """Listen, take back what was carried, and have everyone look: anything may have happened."""
        # Telling needs no disk: what counts is stored before it is told.
        connection.execute("SET synchronous_commit = off")
        connection.execute(f"LISTEN {CHANNEL}")
        carried, self._held = self._held, set()
        if carried:
            self._take(connection, sorted(carried))
            for name in carried - self._held:
                self._hear(LOST, (name,))
        if self._connected.is_set():
            self._hear(AGAIN, ())
        self._connected.set()

    def _cut_off(self, error: Exception) -> None:
        if self._connected.is_set() and time.monotonic() >= self._cut_off_until_s:
            log.warning("other_workers_not_reached", error=type(error).__name__)
        self._cut_off_until_s = time.monotonic() + GRACE_S
        while self._asked:
            _, answer = self._asked.popleft()
            answer.set_exception(DatabaseBusy("the journal does not answer: it cannot be reached"))

    def _once(self, connection: "psycopg.Connection[Any]") -> None:
        self._tell_all(connection)
        while self._asked:
            what, answer = self._asked.popleft()
            try:
                answer.set_result(what(connection))
            except BaseException as error:
                answer.set_exception(DatabaseBusy(f"the journal does not answer: {type(error).__name__}"))
                raise
        self._take_in(connection)
        ready, _, _ = select.select([connection.fileno(), self._wake_out], [], [], LOOK_EVERY_S)
        if self._wake_out in ready:
            os.read(self._wake_out, 4096)
        if connection.fileno() in ready:
            self._take_in(connection)
        elif not ready:
            connection.execute("SELECT 1")  # a server that is gone says nothing by itself

    def _take_in(self, connection: "psycopg.Connection[Any]") -> None:
        for notify in connection.notifies(timeout=0):
            told_by, *lines = notify.payload.split("\n")
            if told_by != self._me:
                for line in lines:
                    what, *words = line.split(" ")
                    self._hear(what, tuple(words))

    def _hear(self, what: str, words: tuple[str, ...]) -> None:
        if self._loop is not None and self._heard is not None:
            with suppress(RuntimeError):  # the loop is closed: whoever listened has gone
                self._loop.call_soon_threadsafe(self._heard, what, words)

    def _tell_all(self, connection: "psycopg.Connection[Any]") -> None:
        while self._to_tell:
            lines, size = [self._me], len(self._me)
            while self._to_tell and (len(lines) == 1 or size + len(self._to_tell[0].encode()) < MOST_BYTES):
                line = self._to_tell.popleft()
                lines.append(line)
                size += len(line.encode()) + 1
            connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, "\n".join(lines)))

    def _take(self, connection: "psycopg.Connection[Any]", names: Collection[str]) -> None:
        keys = {_key(name): name for name in names if name not in self._held}
        if keys:
            free = "SELECT key FROM unnest(%s::bigint[]) AS key WHERE pg_try_advisory_lock(key)"
            self._held |= {keys[key] for (key,) in connection.execute(free, (list(keys),))}

    def _free(self, connection: "psycopg.Connection[Any]", name: str) -> None:
        connection.execute("SELECT pg_advisory_unlock(%s::bigint)", (_key(name),))
        self._held.discard(name)


def _key(name: str) -> int:
    """The number of an advisory lock. Two names with one number would wait for each other; of 64 bits that is never."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def _libpq(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
