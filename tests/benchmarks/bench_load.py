"""What one machine bears: simulated wearers at 1 Hz, each a page on a WebSocket of its own, until their packets are on the disk.

`python -m tests.benchmarks load [--wearers=2000] [--seconds=180] [--most=4000] [--workers=2]`. The wearers are a process of their own
on the same machine, and take a part of its processors. Everything is bounded and stops by itself; how far it is is said on stderr.
"""

import os
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from journal.database import open_database
from journal.models import MeasurementRow, RecordingRow
from journal.statements import add_each_once
from sensing.numbered import number_of
from tests.benchmarks.timing import machine, table
from tests.fakes import packet
from tests.load import Found, PostgresPlace, SqlitePlace, compare, stored, under_load
from tests.socket_wearers import seed

WANTED_P99_S = 1.0
"""The writer commits twice a second, so that half a second is the longest that a packet waits for its turn."""

FIRST_STEP, STEP = 250, 1.4
STEP_S = 20.0
BARE_S = 10.0
PLACES = {"SQLite": SqlitePlace, "PostgreSQL": PostgresPlace}


@dataclass(frozen=True)
class Borne:
    """One load and what it took."""

    wearers: int
    seconds: float
    found: Found
    connected_s: float
    idle_mb: float
    memory_mb: float
    server_s: float
    client_s: float

    @property
    def is_good(self):
        return self.found.is_whole and self.found.ack_s(0.99) <= WANTED_P99_S

    def row(self, name):
        found = self.found
        lost = found.sent_and_missing + found.acknowledged_and_missing
        return (
            name,
            f"{self.wearers:,}",
            f"{self.seconds:.0f} s",
            f"{found.sent:,}",
            f"{found.acknowledged:,}",
            f"{lost:,}",
            f"{found.doubled + found.changed:,}",
            f"{found.ack_s(0.5):.2f} s",
            f"{found.ack_s(0.99):.2f} s",
            f"{self.connected_s:.0f} s",
            f"{self.server_s / self.seconds:.0%}",
            f"{self.server_s / max(1, found.sent) * 1e6:.0f} µs",
            f"{self.memory_mb:.0f} MB",
            f"{(self.memory_mb - self.idle_mb) / self.wearers * 1000:.0f} kB",
            f"{self.client_s / self.seconds:.0%}",
        )


HEADER = (
    "database", "wearers", "for", "sent", "acknowledged", "lost", "doubled or changed", "ack p50", "ack p99", "all connected in",
    "server, of a core", "a packet", "memory", "a wearer", "client, of a core",
)  # fmt: skip


def say(what):
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def borne(place_of, wearers, seconds, **server):
    """One load on a new journal."""
    with tempfile.TemporaryDirectory() as name, closing(place_of(Path(name))) as place:
        say(f"{place.name}: {wearers:,} wearers for {seconds:.0f} s …")
        with under_load(place, wearers, seconds, **server) as run:
            before_s = run.server.cpu_s()
            run.pages.wait_until_over()
            server_s, memory_mb = run.server.cpu_s() - before_s, run.server.memory_mb()
            played, client_s = run.pages.lived_through()
            found = compare(played, stored(place))
        took = Borne(wearers, seconds, found, run.pages.connected_s, run.idle_mb, memory_mb, server_s, client_s)
        say(f"  {found.sent:,} sent, {found.acknowledged:,} acknowledged, p99 {found.ack_s(0.99):.2f} s")
        return took


def largest(place_of, most, **server):
    """More and more wearers, until something is lost or an acknowledgement takes too long: the last good one, the first bad one."""
    good, wearers = None, FIRST_STEP
    while wearers <= most:
        one = borne(place_of, wearers, STEP_S, **server)
        if not one.is_good:
            return good, one
        good, wearers = one, int(wearers * STEP)
    return good, None


def bare(place_of, together):
    """Rows a second that the database itself takes: the same rows, so many in a commit, by the statement of the writer alone."""
    with tempfile.TemporaryDirectory() as name, closing(place_of(Path(name))) as place:
        seed(place.folder, together, place.database)
        database = open_database(place.folder, url=place.database)
        try:
            with database.read() as connection:
                numbers = list(connection.scalars(select(RecordingRow.number)))
            told, rows = packet(70, 1, iter((0,))), 0
            began, count = time.perf_counter(), 0
            while (spent_s := time.perf_counter() - began) < BARE_S:
                count += 1
                values = [
                    {"recording": number, "seq": count, "t_ms": count * 1000, "packet": told, "motion_mg": None,
                     "page_number": number_of(number, count)}
                    for number in numbers
                ]  # fmt: skip
                with database.write_beside() as connection:
                    add_each_once(connection, MeasurementRow, ("recording", "page_number"), values)
                rows += len(values)
            return rows / spent_s
        finally:
            database.close()


def report(wearers="2000", seconds="180", most="6000", workers="2"):
    wearers, seconds, most, workers = int(wearers), float(seconds), int(most), int(workers)
    yield machine()
    yield ""
    yield (
        "Every wearer is simulated: a page with a WebSocket of its own that sends a packet a second, keeps it until it is acknowledged, "
        "and is in no step with the others. A packet is acknowledged when the detector has judged it and a commit has brought it to "
        "the disk; the writer commits about twice a second. Wearers and server share the machine. "
        f"Wanted: nothing lost, p99 ≤ {WANTED_P99_S:g} s."
    )
    yield ""
    several = {} if workers == 1 else {"workers": workers}
    ways = [(name, place_of, {}) for name, place_of in PLACES.items()]
    if several:
        ways.append((f"PostgreSQL, {workers} workers", PostgresPlace, several))
    steps = sorted({one for one in (100, 300, 1000) if one < wearers} | {wearers})
    grown = [borne(SqlitePlace, one, min(seconds, 60.0)) for one in steps[:-1]]
    full = [(name, borne(place_of, wearers, seconds, **server)) for name, place_of, server in ways]
    yield from table(HEADER, [one.row("SQLite") for one in grown] + [one.row(name) for name, one in full])
    yield ""
    yield _loads()
    yield ""
    rows = []
    for name, place_of, server in ways:
        good, bad = largest(place_of, most, **server)
        if good is None:
            rows.append((name, f"fewer than {FIRST_STEP}", f"{bad.found.ack_s(0.99):.2f} s", "", "", "", _why(bad)))
            continue
        limit = bare(place_of, good.wearers)
        rows.append(
            (
                name,
                f"{good.wearers:,}",
                f"{good.found.ack_s(0.99):.2f} s",
                f"{good.wearers:,} rows/s",
                f"{limit:,.0f} rows/s",
                f"1 : {limit / good.wearers:.0f}",
                _why(bad) if bad else f"nothing, up to {most:,}",
            )
        )
    header = ("database", "largest number", "ack p99", "its rows", "the database alone", "ratio", "what was too much")
    yield from table(header, rows)
    yield ""
    yield (
        f"The largest number: {FIRST_STEP} wearers, then {STEP} times as many again and again, {STEP_S:.0f} s each. The database alone: the "
        "same rows in commits of the same size, by the writer’s own statement, without detector, sockets or clients."
    )
    yield ""
    yield _loads()


def _why(bad):
    found = bad.found
    lost = found.sent_and_missing + found.acknowledged_and_missing
    said = f"{bad.wearers:,}: p99 {found.ack_s(0.99):.2f} s"
    return (
        f"{said}, {found.sent - found.acknowledged:,} not acknowledged, {lost:,} lost" if not found.is_whole else said
    )


def _loads():
    return (
        f"While this was measured {os.getloadavg()[1]:.0f} programs wanted {os.cpu_count()} processors; of a quiet machine that "
        "is two to four. The more of them, the longer everything takes."
    )
