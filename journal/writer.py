"""The one writer of what straps deliver: rows from every recording, committed together, acknowledged after the commit."""

import threading
import time
from collections import deque
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, func, insert, select

from journal.database import Database
from journal.models import LinkEventRow, MeasurementRow, RecordingRow

log = structlog.get_logger(__name__)

COMMIT_EVERY_S = 1.0
MOST_WAITING = 500_000
LONGEST_RETRY_S = 5.0
STOP_WITHIN_S = 2.0


class WriterFull(RuntimeError):
    """So much waits for a database that does not answer that memory is not safe. Nothing accepted so far is lost."""


class WriteFailed(RuntimeError):
    """What was waiting could not be committed in time. It is still waiting."""


@dataclass(frozen=True, slots=True)
class MeasurementToWrite:
    """A notification of a recording."""

    recording_id: str
    t_ms: int
    packet: bytes
    motion_mg: int | None


@dataclass(frozen=True, slots=True)
class LinkToWrite:
    """A change of a recording's link."""

    recording_id: str
    t_ms: int
    link: str
    detail: str


Item = MeasurementToWrite | LinkToWrite


class Writer:
    """A thread that commits what `put` queued, about once a second.

    A failing commit keeps its rows, says so in `last_error`, and is tried again until it succeeds.
    """

    def __init__(
        self, database: Database, *, every_s: float = COMMIT_EVERY_S, most_waiting: int = MOST_WAITING
    ) -> None:
        self._database = database
        self._every_s = every_s
        self._most_waiting = most_waiting
        self._waiting: deque[Item] = deque()
        self._oldest_s: float | None = None
        self._accepted = 0
        self._committed = 0
        self._news = threading.Condition()
        self._hurry = False
        self._stopping = False
        self._last_error: str | None = None
        self._numbers: dict[str, int] = {}
        self._next_seq: dict[int, int] = {}
        self._thread = threading.Thread(target=self._run, name="journal writer", daemon=True)
        self._thread.start()

    @property
    def committed(self) -> int:
        """How many items are on the disk."""
        return self._committed

    @property
    def last_error(self) -> str | None:
        """Why the last commit failed; None after one that did not."""
        return self._last_error

    @property
    def lag_s(self) -> float:
        """How long the oldest item has been waiting."""
        oldest_s = self._oldest_s
        return 0.0 if oldest_s is None else time.monotonic() - oldest_s

    def put(self, item: Item) -> None:
        """Queue an item. Does not block and does not touch the disk.

        Raises:
            WriterFull: too much is waiting already.
        """
        if len(self._waiting) >= self._most_waiting:
            raise WriterFull(f"{self._most_waiting} rows wait for the database: {self._last_error or 'it is too slow'}")
        with self._news:
            self._waiting.append(item)
            self._accepted += 1
            if self._oldest_s is None:
                self._oldest_s = time.monotonic()

    def flush(self, within_s: float = 10.0) -> None:
        """Wait until everything queued before this call is on the disk.

        Raises:
            WriteFailed: it could not be written in time.
        """
        with self._news:
            goal = self._accepted
            self._hurry = True
            self._news.notify_all()
            if not self._news.wait_for(lambda: self._committed >= goal, within_s):
                raise WriteFailed(
                    f"not written within {within_s:g} s: {self._last_error or 'the database is too slow'}"
                )

    def stop(self) -> None:
        """Commit what waits and end the thread. Raises `WriteFailed` when that takes too long."""
        try:
            self.flush(STOP_WITHIN_S)
        finally:
            with self._news:
                self._stopping = True
                self._news.notify_all()
            self._thread.join(STOP_WITHIN_S)

    def _run(self) -> None:
        retry_s = 0.1
        while True:
            with self._news:
                self._news.wait_for(lambda: self._hurry or self._stopping, self._every_s)
                if self._stopping:
                    return
                self._hurry = False
                batch = list(self._waiting)
            if batch and not self._commit(batch):
                time.sleep(retry_s)
                retry_s = min(2 * retry_s, LONGEST_RETRY_S)
            else:
                retry_s = 0.1

    def _commit(self, batch: list[Item]) -> bool:
        """Write a batch; the rows leave the queue only after the commit."""
        next_seq = dict(self._next_seq)
        try:
            with self._database.write() as connection:
                self._write(connection, batch, next_seq)
        except Exception as error:
            if self._last_error is None:
                log.exception("journal_write_failed", waiting=len(batch))
            self._last_error = str(error).splitlines()[0]
            with self._news:
                self._hurry = True
            return False
        self._next_seq = next_seq
        self._last_error = None
        with self._news:
            for _ in batch:
                self._waiting.popleft()
            self._oldest_s = time.monotonic() if self._waiting else None
            self._committed += len(batch)
            self._news.notify_all()
        return True

    def _write(self, connection: Connection, batch: list[Item], next_seq: dict[int, int]) -> None:
        measurements, links = [], []
        for item in batch:
            number = self._number(connection, item.recording_id)
            if number is None:
                continue  # erased in the meantime
            if isinstance(item, MeasurementToWrite):
                seq = next_seq[number] if number in next_seq else _stored_seq(connection, number)
                next_seq[number] = seq + 1
                measurements.append(
                    {
                        "recording": number,
                        "seq": seq,
                        "t_ms": item.t_ms,
                        "packet": item.packet,
                        "motion_mg": item.motion_mg,
                    }
                )
            else:
                links.append({"recording": number, "t_ms": item.t_ms, "link": item.link, "detail": item.detail})
        if measurements:
            connection.execute(insert(MeasurementRow), measurements)
        if links:
            connection.execute(insert(LinkEventRow), links)

    def _number(self, connection: Connection, recording_id: str) -> int | None:
        if recording_id not in self._numbers:
            found = connection.scalar(select(RecordingRow.number).where(RecordingRow.id == recording_id))
            if found is None:
                return None
            self._numbers[recording_id] = found
        return self._numbers[recording_id]


def _stored_seq(connection: Connection, number: int) -> int:
    """The next sequence number of a recording that this process has not written yet."""
    last = connection.scalar(select(func.max(MeasurementRow.seq)).where(MeasurementRow.recording == number))
    return 0 if last is None else last + 1
