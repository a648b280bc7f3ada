"""The one writer of what straps deliver: rows from every recording, committed together, acknowledged after the commit."""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import structlog
from sqlalchemy import Connection, Select, func, insert, select, update

from journal.database import Database
from journal.models import Base, LinkEventRow, MeasurementRow, RecordingRow
from journal.statements import add_each_once

log = structlog.get_logger(__name__)

COMMIT_EVERY_S = 0.5
"""A packet waits for its turn, then for the commit: with this, 99 in 100 are acknowledged within a second, also of thousands."""

MOST_WAITING = 500_000
MOST_PER_COMMIT = 20_000
FIRST_RETRY_S = 0.1
LONGEST_RETRY_S = 5.0
STOP_WITHIN_S = 2.0


class WriterFull(RuntimeError):
    """So much waits for a database that does not answer that memory is not safe. Nothing accepted so far is lost."""


class WriteFailed(RuntimeError):
    """What was waiting could not be committed in time."""


class WriterStopped(RuntimeError):
    """The journal is closed; nothing more can be recorded."""


@dataclass(frozen=True, slots=True)
class MeasurementToWrite:
    """A notification of a recording."""

    recording_id: str
    t_ms: int
    packet: bytes
    motion_mg: int | None
    page_number: int | None = None


@dataclass(frozen=True, slots=True)
class LinkToWrite:
    """A change of a recording's link."""

    recording_id: str
    t_ms: int
    link: str
    detail: str


@dataclass(frozen=True, slots=True)
class StrapToWrite:
    """What a page that reads the strap of a recording calls it."""

    recording_id: str
    strap: str


Item = MeasurementToWrite | LinkToWrite | StrapToWrite
Told = Callable[[dict[str, list[int]]], None]
"""Told, in the writer's thread, which numbers of which recordings a commit has brought to the disk."""


class Writer:
    """A thread that commits what `put` queued, about twice a second.

    A failing commit keeps its rows, says so in `last_error`, and is tried again until it succeeds.
    """

    def __init__(
        self, database: Database, *, every_s: float = COMMIT_EVERY_S, most_waiting: int = MOST_WAITING
    ) -> None:
        self._database = database
        self._every_s = every_s
        self._most_waiting = most_waiting
        # When each item came, and the item.
        self._waiting: deque[tuple[float, Item]] = deque()
        self._accepted = 0
        self._committed = 0
        self._news = threading.Condition()
        self._hurry = False
        self._stop_by_s: float | None = None
        self._last_error: str | None = None
        self._told: Told | None = None
        self._thread = threading.Thread(target=self._run, name="journal writer", daemon=True)
        self._thread.start()

    @property
    def committed(self) -> int:
        """How many items are on the disk."""
        return self._committed

    @property
    def waiting(self) -> int:
        """How many were accepted and are not on the disk yet."""
        return len(self._waiting)

    @property
    def last_error(self) -> str | None:
        """Why the last commit failed; None after one that did not."""
        return self._last_error

    @property
    def lag_s(self) -> float:
        """How long the oldest item has been waiting."""
        with self._news:
            return time.monotonic() - self._waiting[0][0] if self._waiting else 0.0

    def tell_of_numbered(self, told: Told) -> None:
        """Call `told` after each commit of packets that pages have numbered. It must not block."""
        self._told = told

    def put(self, item: Item) -> None:
        """Queue an item. Does not touch the disk, and waits for nothing that does.

        Raises:
            WriterFull: too much is waiting already.
            WriterStopped: after `stop`.
        """
        with self._news:
            if self._stop_by_s is not None:
                raise WriterStopped("the journal is closed")
            if len(self._waiting) >= self._most_waiting:
                raise WriterFull(
                    f"{self._most_waiting} rows wait for the database: {self._last_error or 'it is too slow'}"
                )
            self._waiting.append((time.monotonic(), item))
            self._accepted += 1
            if len(self._waiting) == MOST_PER_COMMIT:
                self._news.notify_all()

    def flush(self, within_s: float = 10.0) -> None:
        """Wait until everything queued before this call is on the disk.

        Raises:
            WriteFailed: it could not be written in time. It is still waiting.
        """
        with self._news:
            goal = self._accepted
            self._hurry = True
            self._news.notify_all()
            if not self._news.wait_for(lambda: self._committed >= goal, within_s):
                raise WriteFailed(f"not written within {within_s:g} s: {self._reason()}")

    def stop(self) -> None:
        """Take nothing more, commit what waits and end the thread, within two seconds.

        Raises:
            WriteFailed: some of it could not be written in time, and is lost.
        """
        with self._news:
            if self._stop_by_s is None:
                self._stop_by_s = time.monotonic() + STOP_WITHIN_S
            self._news.notify_all()
        self._thread.join(STOP_WITHIN_S)
        with self._news:
            if self._waiting:
                raise WriteFailed(f"{len(self._waiting)} rows were not written: {self._reason()}")

    def _reason(self) -> str:
        return self._last_error or "the database is too slow"

    def _run(self) -> None:
        retry_s = FIRST_RETRY_S
        while (batch := self._next_batch()) is not None:
            if not batch:
                continue
            if self._commit(batch):
                retry_s = FIRST_RETRY_S
            else:
                self._rest(retry_s)
                retry_s = min(2 * retry_s, LONGEST_RETRY_S)

    def _next_batch(self) -> list[Item] | None:
        """Wait until there is a reason to commit; None when it is time to end."""
        with self._news:
            self._news.wait_for(self._is_due, self._every_s)
            if self._stop_by_s is not None and (not self._waiting or time.monotonic() >= self._stop_by_s):
                return None
            batch = [item for _, item in islice(self._waiting, MOST_PER_COMMIT)]
            self._hurry = self._hurry and len(batch) < len(self._waiting)
            return batch

    def _is_due(self) -> bool:
        return self._hurry or self._stop_by_s is not None or len(self._waiting) >= MOST_PER_COMMIT

    def _rest(self, retry_s: float) -> None:
        """After a failure; `flush` and `stop` cut it short."""
        with self._news:
            self._news.wait(retry_s if self._stop_by_s is None else FIRST_RETRY_S)
            self._hurry = True

    def _commit(self, batch: list[Item]) -> bool:
        """Write a batch; the rows leave the queue only after the commit."""
        try:
            with self._database.write_beside() as connection:
                _write(connection, batch)
        except Exception as error:  # noqa: BLE001  whatever it is, the rows are kept and it is tried again
            # The message alone: a traceback would print the rows, and those are a person's heartbeats.
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            if self._last_error is None:
                log.error("journal_write_failed", waiting=len(batch), reason=reason)  # noqa: TRY400  see above
            self._last_error = reason
            return False
        if self._last_error is not None:
            log.info("journal_write_recovered", written=len(batch))
        self._last_error = None
        self._tell(batch)
        with self._news:
            for _ in batch:
                self._waiting.popleft()
            self._committed += len(batch)
            self._news.notify_all()
        return True

    def _tell(self, batch: Iterable[Item]) -> None:
        numbered: defaultdict[str, list[int]] = defaultdict(list)
        for item in batch:
            if isinstance(item, MeasurementToWrite) and item.page_number is not None:
                numbered[item.recording_id].append(item.page_number)
        if numbered and self._told is not None:
            try:
                self._told(numbered)
            except Exception as error:  # noqa: BLE001  who cannot be told asks again; the rows are on the disk
                log.warning("commit_not_told", error=type(error).__name__)


def _write(connection: Connection, batch: Iterable[Item]) -> None:
    by_recording: defaultdict[str, list[Item]] = defaultdict(list)
    for item in batch:
        by_recording[item.recording_id].append(item)
    rows: dict[type[Base], list[dict[str, object]]] = {MeasurementRow: [], LinkEventRow: []}
    numbered: list[dict[str, object]] = []
    for recording_id, number, last_seq in connection.execute(_places(by_recording)):
        seqs = count(0 if last_seq is None else last_seq + 1)
        for item in by_recording.pop(recording_id):
            if isinstance(item, MeasurementToWrite):
                row = {"seq": next(seqs), "t_ms": item.t_ms, "packet": item.packet, "motion_mg": item.motion_mg}
                if item.page_number is None:
                    rows[MeasurementRow].append({"recording": number, **row})
                else:
                    numbered.append({"recording": number, **row, "page_number": item.page_number})
            elif isinstance(item, StrapToWrite):
                named = update(RecordingRow).where(RecordingRow.number == number).values(page_strap=item.strap)
                connection.execute(named)
            else:
                rows[LinkEventRow].append(
                    {"recording": number, "t_ms": item.t_ms, "link": item.link, "detail": item.detail}
                )
    for table, values in rows.items():
        if values:
            connection.execute(insert(table), values)
    add_each_once(connection, MeasurementRow, ("recording", "page_number"), numbered)
    if by_recording:
        log.warning("recordings_gone", rows=sum(map(len, by_recording.values())))


def _places(recording_ids: Iterable[str]) -> Select[*tuple[Any, ...]]:
    """Where each recording's rows go on. Asked for every batch: a recording may have been erased since the last."""
    last_seq = (
        select(func.max(MeasurementRow.seq)).where(MeasurementRow.recording == RecordingRow.number).scalar_subquery()
    )
    return select(RecordingRow.id, RecordingRow.number, last_seq).where(RecordingRow.id.in_(recording_ids))
