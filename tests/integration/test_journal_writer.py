"""The one writer: what it acknowledged is on the disk, and what it accepted is not lost while there is a way to write it."""

import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import structlog
from sqlalchemy import delete, select

from api.logs import configure
from journal import database as journal_database
from journal import writer as module
from journal.models import LinkEventRow, RecordingRow, TalkRow
from journal.writer import LinkToWrite, MeasurementToWrite, WriteFailed, Writer, WriterFull, WriterStopped
from tests.integration.journal_home import Home, open_journal, rows, start, wait_until
from tests.raw_sql import raw

SOON_S = 0.005
NEVER_S = 3600.0
"""A writer that commits only when it is asked to."""


class Failing:
    """A database whose writes fail while `error` is set."""

    def __init__(self, database):
        self.database = database
        self.error = None
        self.attempts = 0

    @contextmanager
    def write_beside(self):
        self.attempts += 1
        if self.error is not None:
            raise self.error
        with self.database.write_beside() as connection:
            yield connection


@pytest.fixture
def home(tmp_path):
    with Home(tmp_path) as home:
        yield home


@pytest.fixture
def failing(home):
    return Failing(home.database)


@pytest.fixture
def make(failing):
    """Make writers on the failing database; they end with the test."""
    made = []

    def make(every_s=SOON_S, most_waiting=500_000):
        made.append(Writer(failing, every_s=every_s, most_waiting=most_waiting))
        return made[-1]

    yield make
    failing.error = None
    for writer in made:
        writer.stop()
        assert not writer._thread.is_alive()


def packet(home, number, recording_id=None):
    return MeasurementToWrite(recording_id or home.talk.recording_id, 1000 * number, number.to_bytes(4, "big"), None)


def numbers(home, recording_id=None):
    """The stored packets' numbers; the sequence must have neither holes nor doubles."""
    found = rows(home.database, recording_id or home.talk.recording_id)
    assert [seq for seq, _, _ in found] == list(range(len(found)))
    return [int.from_bytes(content, "big") for _, _, content in found]


def test_flushed_is_committed(home, make):
    writer = make(every_s=NEVER_S)
    for number in range(5):
        writer.put(packet(home, number))
    assert writer.committed == 0
    assert numbers(home) == []
    writer.flush()
    assert writer.committed == 5
    assert numbers(home) == list(range(5))


def test_nobody_has_to_ask(home, make):
    writer = make()
    writer.put(packet(home, 0))
    wait_until(lambda: writer.committed == 1)
    assert numbers(home) == [0]


def test_many_rows_are_one_commit(home, failing, make):
    writer = make(every_s=NEVER_S)
    for number in range(500):
        writer.put(packet(home, number))
    writer.flush()
    assert failing.attempts == 1


def test_backlog_is_written_in_portions_without_waiting_between_them(home, make, monkeypatch):
    monkeypatch.setattr(module, "MOST_PER_COMMIT", 10)
    writer = make(every_s=NEVER_S)
    for number in range(95):
        writer.put(packet(home, number))
    writer.flush(within_s=5)
    assert numbers(home) == list(range(95))


def test_nothing_to_write_opens_no_transaction(failing, make):
    writer = make()
    writer.flush()
    writer.stop()
    assert failing.attempts == 0


def test_two_packets_of_one_moment_are_both_kept(home, make):
    writer = make(every_s=NEVER_S)
    recording_id = home.talk.recording_id
    for content in (b"a", b"b", b"a"):
        writer.put(MeasurementToWrite(recording_id, 1000, content, None))
    writer.flush()
    assert rows(home.database, recording_id) == [(0, 1000, b"a"), (1, 1000, b"b"), (2, 1000, b"a")]


def test_threads_that_put_and_flush_at_once_lose_nothing(home, make):
    writer = make(every_s=0.001)
    others = [start(home.journal, home.lena).recording_id, home.talk.recording_id]
    errors = []

    def strap(recording_id, first):
        try:
            for number in range(first, first + 300):
                writer.put(packet(home, number, recording_id))
                if number % 50 == 0:
                    writer.flush()
        except Exception as error:  # noqa: BLE001  a thread's error must reach the test
            errors.append(error)

    straps = [threading.Thread(target=strap, args=(it, first)) for it in others for first in (0, 1000)]
    for thread in straps:
        thread.start()
    for thread in straps:
        thread.join()
    writer.flush()
    assert errors == []
    for recording_id in others:
        found = numbers(home, recording_id)
        for first in (0, 1000):
            assert [n for n in found if first <= n < first + 1000] == list(range(first, first + 300))


def test_recording_goes_on_where_the_last_process_stopped(tmp_path):
    with Home(tmp_path) as home:
        for number in range(3):
            home.journal.writer.put(packet(home, number))
    journal = open_journal(tmp_path)
    try:
        journal.writer.put(packet(home, 3))
        journal.writer.flush()
        home.database = journal.database
        assert numbers(home) == [0, 1, 2, 3]
    finally:
        journal.close()


def test_failing_commit_keeps_its_rows_says_so_and_lags_until_it_succeeds(home, failing, make):
    writer = make()
    failing.error = OSError("no space left on the device\nand more for programmers")
    writer.put(packet(home, 0))
    wait_until(lambda: writer.last_error is not None)
    assert writer.last_error == "no space left on the device"
    early_s = writer.lag_s
    writer.put(LinkToWrite(home.talk.recording_id, 500, "lost", ""))
    writer.put(packet(home, 1))
    wait_until(lambda: failing.attempts >= 3)
    assert writer.lag_s > early_s > 0
    assert writer.committed == 0
    with pytest.raises(WriteFailed, match="no space left"):
        writer.flush(within_s=0.05)
    failing.error = None
    writer.flush()
    assert (writer.last_error, writer.lag_s, writer.committed) == (None, 0.0, 3)
    assert numbers(home) == [0, 1]
    with home.database.read() as connection:
        assert connection.scalars(select(LinkEventRow.t_ms)).all() == [500]


@pytest.mark.parametrize("error", [OSError(), MemoryError(), RuntimeError("\n")], ids=repr)
def test_error_without_a_message_does_not_end_the_writer(home, failing, make, error):
    writer = make()
    failing.error = error
    writer.put(packet(home, 0))
    wait_until(lambda: writer.last_error is not None)
    failing.error = None
    writer.flush()
    assert numbers(home) == [0]


def test_commit_that_fails_halfway_is_repeated_whole_and_once(home, make, monkeypatch):
    """The rows were inserted, the commit was not: nothing may be there twice afterwards."""
    writer = make(every_s=NEVER_S)
    write, failures = module._write, iter([OSError("halfway")])

    def halfway(connection, batch):
        write(connection, batch)
        for error in failures:
            raise error

    monkeypatch.setattr(module, "_write", halfway)
    for number in range(3):
        writer.put(packet(home, number))
    writer.flush()
    assert numbers(home) == [0, 1, 2]
    assert writer.committed == 3


def test_failing_database_is_not_tried_without_a_pause(home, failing, make):
    writer = make(every_s=0.0)
    failing.error = OSError("gone")
    for number in range(10):
        writer.put(packet(home, number))
    with pytest.raises(WriteFailed):
        writer.flush(within_s=0.4)
    assert failing.attempts <= 5


def test_lag_is_the_oldest_rows_age_even_if_it_came_during_a_commit(home, failing, make):
    writer = make(every_s=NEVER_S)
    inside, go_on = threading.Event(), threading.Event()
    write = failing.database.write_beside

    @contextmanager
    def slow():
        with write() as connection:
            yield connection
            inside.set()
            assert go_on.wait(5)

    failing.database = type("Slow", (), {"write_beside": staticmethod(slow)})
    writer.put(packet(home, 0))
    flushing = threading.Thread(target=writer.flush)
    flushing.start()
    assert inside.wait(5)
    writer.put(packet(home, 1))
    came_s = time.monotonic()
    time.sleep(0.03)
    go_on.set()
    flushing.join()
    lag_s, age_s = writer.lag_s, time.monotonic() - came_s
    assert age_s >= lag_s - 0.001
    assert lag_s >= 0.03
    failing.database = home.database


def test_full_queue_refuses_and_loses_nothing_it_accepted(home, failing, make):
    writer = make(most_waiting=5)
    failing.error = OSError("gone")
    for number in range(5):
        writer.put(packet(home, number))
    wait_until(lambda: writer.last_error is not None)
    with pytest.raises(WriterFull, match="5 rows wait for the database: gone"):
        writer.put(packet(home, 5))
    failing.error = None
    writer.flush()
    writer.put(packet(home, 6))
    writer.flush()
    assert numbers(home) == [0, 1, 2, 3, 4, 6]


def test_recording_erased_in_the_meantime_does_not_stop_the_others(home, make):
    writer = make(every_s=NEVER_S)
    other = start(home.journal, home.lena)
    for recording_id in (home.talk.recording_id, other.recording_id):
        writer.put(packet(home, 0, recording_id))
    writer.flush()
    writer.put(packet(home, 1, other.recording_id))
    writer.put(LinkToWrite(other.recording_id, 1, "lost", ""))
    writer.put(packet(home, 1))
    with home.database.write() as connection:
        connection.execute(delete(TalkRow).where(TalkRow.id == other.id))
    writer.flush(within_s=2)
    assert writer.last_error is None
    assert numbers(home) == [0, 1]
    assert numbers(home, other.recording_id) == []


def test_erased_recordings_number_is_not_given_again(home):
    """Rows that still wait for an erased recording must not land in the next one."""
    erased = start(home.journal, home.lena)
    with home.database.write() as connection:
        number = select(RecordingRow.number)
        before = connection.scalar(number.where(RecordingRow.id == erased.recording_id))
        connection.execute(delete(TalkRow).where(TalkRow.id == erased.id))
    talk = start(home.journal, home.lena)
    with home.database.read() as connection:
        assert connection.scalar(number.where(RecordingRow.id == talk.recording_id)) > before


def test_stopping_commits_what_waits_and_takes_nothing_more(home, make):
    writer = make(every_s=NEVER_S)
    for number in range(50):
        writer.put(packet(home, number))
    writer.stop()
    assert numbers(home) == list(range(50))
    assert not writer._thread.is_alive()
    with pytest.raises(WriterStopped):
        writer.put(packet(home, 50))
    writer.flush(within_s=0.1)
    writer.stop()


def test_stopping_while_others_put_keeps_all_that_was_accepted(home, make):
    writer = make(every_s=0.001)
    accepted = []

    def strap():
        with suppress(WriterStopped):
            for number in range(1_000_000):
                writer.put(packet(home, number))
                accepted.append(number)
                time.sleep(0.0001)  # a backlog would test how fast the disk is

    thread = threading.Thread(target=strap)
    thread.start()
    wait_until(lambda: writer.committed > 100)
    writer.stop()
    thread.join()
    assert numbers(home) == accepted


def test_stopping_on_a_dead_database_says_what_is_lost_and_does_not_hang(home, failing, make, monkeypatch):
    monkeypatch.setattr(module, "STOP_WITHIN_S", 0.3)
    writer = make()
    failing.error = OSError("the disk is gone")
    writer.put(packet(home, 0))
    wait_until(lambda: writer.last_error is not None)
    began_s = time.monotonic()
    with pytest.raises(WriteFailed, match="the disk is gone"):
        writer.stop()
    assert time.monotonic() - began_s < 1.0
    wait_until(lambda: not writer._thread.is_alive())
    with suppress(WriteFailed):
        writer.stop()
    writer._waiting.clear()


def test_stopping_tries_once_more_at_once_however_long_the_next_try_was_away(home, failing, make, monkeypatch):
    monkeypatch.setattr(module, "FIRST_RETRY_S", NEVER_S)
    monkeypatch.setattr(module, "LONGEST_RETRY_S", NEVER_S)
    writer = make()
    failing.error = OSError("gone")
    writer.put(packet(home, 0))
    wait_until(lambda: writer.last_error is not None)
    time.sleep(0.02)
    failing.error = None
    writer.stop()
    assert numbers(home) == [0]


def test_stopping_while_a_commit_hangs_does_not_hang(home, failing, make, monkeypatch):
    monkeypatch.setattr(module, "STOP_WITHIN_S", 0.2)
    go_on, write = threading.Event(), failing.database.write_beside

    @contextmanager
    def hangs():
        assert go_on.wait(5)
        with write() as connection:
            yield connection

    failing.database = type("Hanging", (), {"write_beside": staticmethod(hangs)})
    writer = make()
    writer.put(packet(home, 0))
    wait_until(lambda: failing.attempts == 1)
    with pytest.raises(WriteFailed):
        writer.stop()
    go_on.set()
    writer._thread.join(5)
    assert numbers(home) == [0]
    failing.database = home.database


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here that is always full")
def test_a_log_that_takes_nothing_does_not_end_the_writer(home, failing, make, monkeypatch):
    """Where the disk is full, the log on it is, too."""
    writer, failing.error = make(), RuntimeError("disk full")
    with Path("/dev/full").open("w", buffering=1) as full:
        monkeypatch.setattr("sys.stderr", full)
        configure()
        try:
            writer.put(packet(home, 1))
            wait_until(lambda: failing.attempts > 1)
        finally:
            structlog.reset_defaults()
            monkeypatch.undo()
            with suppress(OSError):
                full.close()
    failing.error = None
    writer.flush()
    assert numbers(home) == [1]


def test_log_of_a_failure_holds_no_heartbeats(home, make, monkeypatch, capsys):
    writer = make(every_s=NEVER_S)
    write, broken = module._write, [True]

    def fails(connection, batch):
        if broken:
            broken.clear()
            raw(connection, "INSERT INTO nothing VALUES (?)", (b"a very private packet",))
        write(connection, batch)

    monkeypatch.setattr(module, "_write", fails)
    writer.put(packet(home, 0))
    writer.flush()
    said = capsys.readouterr()
    assert "journal_write_failed" in said.out + said.err
    assert "private" not in said.out + said.err


RECORD = """
import sys
from pathlib import Path
from journal.journal import open_journal
from journal.writer import MeasurementToWrite
journal = open_journal(Path(sys.argv[1]), url=sys.argv[4] or None)
number = int(sys.argv[3])
while True:
    for number in range(number, number + 7):
        journal.writer.put(MeasurementToWrite(sys.argv[2], 1000 * number, number.to_bytes(4, "big"), None))
    number += 1
    journal.writer.flush()
    print(number, flush=True)
"""


def record_until_killed(folder, recording_id, first, acknowledgements):
    """Record in another process, kill it in the middle, and return how many packets it had acknowledged."""
    command = [
        sys.executable,
        "-c",
        RECORD,
        folder,
        recording_id,
        str(first),
        journal_database.address_of(folder) or "",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as recorder:
        for _ in range(acknowledgements):
            assert recorder.stdout.readline()
        recorder.send_signal(signal.SIGKILL)
        said = recorder.stdout.read().split("\n")
        recorder.wait()
    whole_lines = [line for line in said[:-1] if line]
    return int(whole_lines[-1]) if whole_lines else first + 7 * acknowledgements


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_acknowledged_survives_kill_9_and_recording_goes_on(tmp_path):
    with Home(tmp_path) as home:
        pass
    first = 0
    for acknowledgements in (3, 20):
        acknowledged = record_until_killed(tmp_path, home.talk.recording_id, first, acknowledgements)
        assert acknowledged >= first + 7 * acknowledgements
        journal = open_journal(tmp_path)
        try:
            home.database = journal.database
            found = numbers(home)
            assert found == list(range(len(found)))
            assert len(found) >= acknowledged
            first = len(found)
            journal.writer.put(packet(home, first))
            journal.writer.flush()
            first += 1
            assert numbers(home) == list(range(first))
        finally:
            journal.close()
