"""Many wearers whose pages read a strap each: simulated, over real WebSockets, keeping what is not acknowledged as a page does.

`python -m tests.socket_wearers 500 60` starts a server with so many open talks, plays so many seconds, compares what was sent with
what is on the disk, and prints what one process bore. The parts are for other loads, too: `seed` makes accounts, talks and sessions
in a data folder before a server opens it, `Wearer` is one page, `play` is many at once.
"""

import asyncio
import itertools
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from api.routes.auth import COOKIE
from journal.journal import open_journal
from sensing.numbered import number_of
from tests.fakes import packet
from tests.integration.journal_home import add_person

AGAIN_S = 0.5
_RNG = random.Random()  # noqa: S311  so that wearers are not in step, not a secret
SETTLES_WITHIN_S = 30.0


@dataclass(frozen=True)
class Seat:
    """One wearer with an open talk, signed in."""

    person_id: str
    session: str
    talk_id: str
    recording_id: str


def seed(folder, wearers):
    """Accounts with a session and an open talk each, in a data folder that no program has open."""
    journal, now = open_journal(folder), datetime.now(UTC)
    try:
        seats = []
        for number in range(wearers):
            actor = add_person(journal.database, f"Wearer{number}")
            talk = journal.talks.start(
                actor, began_at=now, utc_offset_min=60, strap=None, simulated=False, threshold_bpm=100.0
            )
            session = journal.people.open_session(actor, now=now)
            seats.append(Seat(str(actor.person_id), session, talk.id, talk.recording_id))
        return seats
    finally:
        journal.close()


class Wearer:
    """One page: a packet a second, kept until it is acknowledged, sent again on every new connection."""

    def __init__(self, seat, url, *, every_s=1.0):
        self.seat = seat
        self.sent = {}  # number -> bytes: everything that the strap ever gave
        self.ack_s = []
        self.connections = 0
        self.closed = []
        self._url = f"{url.replace('http', 'ws', 1)}/api/talks/{seat.talk_id}/strap"
        self._origin = url
        self._every_s = every_s
        self._stream = _RNG.getrandbits(43)
        self._kept = {}  # count -> (time in ms, hex, when it was received)
        self._unsent = set()
        self._socket = None
        self._news = asyncio.Event()
        self._turn = itertools.cycle((0, 1))

    @property
    def waiting(self):
        """How many packets are kept here and not acknowledged."""
        return len(self._kept)

    async def wear(self, until):
        """Read the strap until `until` is set, then until all is acknowledged or nothing more comes."""
        strap = asyncio.create_task(self._strap(until))
        page = asyncio.create_task(self._page())
        await strap
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLES_WITHIN_S):
                await self._all_stored()
        page.cancel()
        await asyncio.wait({page})
        if self._socket is not None:
            await self._socket.close()

    async def _all_stored(self):
        while self._kept:
            self._news.clear()
            await self._news.wait()

    def _said(self, **told):
        return json.dumps({"clock": self._stream, "now": _now_ms()} | told, separators=(",", ":"))

    async def _strap(self, until):
        """Wearers are not in step: each begins at a moment of its own."""
        await asyncio.sleep(_RNG.random() * self._every_s)
        due = time.monotonic()
        for count in itertools.count(1):
            if until.is_set():
                return
            told = packet(70 + count % 20, 1, self._turn)
            self.sent[number_of(self._stream, count)] = told
            self._kept[count] = (_now_ms(), told.hex(), time.perf_counter())
            self._unsent.add(count)
            await self._send()
            due += self._every_s
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _send(self):
        while self._socket is not None and self._unsent:
            counts = sorted(self._unsent)[:256]
            self._unsent -= set(counts)
            packets = [[count, *self._kept[count][:2]] for count in counts if count in self._kept]
            if packets:
                with suppress(ConnectionClosed):
                    await self._socket.send(self._said(stream=self._stream, packets=packets))

    async def _page(self):
        while True:
            with suppress(OSError, ConnectionClosed, InvalidHandshake, TimeoutError):
                await self._connection()
            self._socket = None
            await asyncio.sleep(AGAIN_S * (0.5 + _RNG.random()))

    async def _connection(self):
        headers = {"Cookie": f"{COOKIE}={self.seat.session}"}
        async with connect(
            self._url, origin=self._origin, additional_headers=headers, compression=None, open_timeout=20
        ) as socket:
            self.connections += 1
            waiting = [[self._stream, min(self._kept), max(self._kept)]] if self._kept else []
            await socket.send(self._said(strap="Simulated strap", waiting=waiting))
            async for text in socket:
                await self._hear(json.loads(text), socket)
            self.closed.append(socket.close_code)

    async def _hear(self, told, socket):
        for _, first, last in told.get("stored", ()):
            for count in range(first, last + 1):
                if count in self._kept:
                    self.ack_s.append(time.perf_counter() - self._kept.pop(count)[2])
                    self._unsent.discard(count)
        self._news.set()
        if told.get("ready"):
            self._socket, self._unsent = socket, set(self._kept)
            await self._send()


def _now_ms():
    return time.monotonic() * 1000


async def play(seats, url, seconds, *, every_s=1.0, meanwhile=None):
    """All of them for so long; `meanwhile()` is awaited beside them. The wearers, afterwards."""
    wearers = [Wearer(seat, url, every_s=every_s) for seat in seats]
    until = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for wearer in wearers:
            group.create_task(wearer.wear(until))
        beside = group.create_task(meanwhile()) if meanwhile else None
        await asyncio.sleep(seconds)
        if beside is not None:
            await beside
        until.set()
    return wearers


def compare(wearers, stored):
    """`stored`: (number, bytes) of every packet on the disk. How many were lost, doubled, or are not what was sent."""
    sent = {number: told for wearer in wearers for number, told in wearer.sent.items()}
    numbers = [number for number, _ in stored]
    lost = len(sent.keys() - set(numbers))
    doubled = len(numbers) - len(set(numbers))
    changed = sum(sent.get(number) != bytes(told) for number, told in stored)
    return {"sent": len(sent), "lost": lost, "doubled": doubled, "changed": changed}


def stored_in(folder):
    """Every numbered packet of a SQLite data folder."""
    with sqlite3.connect(f"file:{folder / 'journal.db'}?mode=ro", uri=True) as file:
        return file.execute("SELECT page_number, packet FROM measurement WHERE page_number IS NOT NULL").fetchall()


class Server:
    """`flooding run` in a process of its own."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "api", "run", "--port", "0", "--data", str(folder)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        for line in self.process.stdout:
            if found := re.search(r"http://\S+", line):
                self.url = found.group()
                break

    def cpu_s(self):
        """Processor time so far, as the kernel counts it."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self):
        """Resident."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def stop(self):
        """End it in order; how long that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        return time.monotonic() - began


def of(values, share):
    """The value below which `share` of them are."""
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def main(wearers, seconds):
    """Play, and print what it took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "data"
        seats = seed(folder, wearers)
        server = Server(folder)
        try:
            time.sleep(3)
            idle_mb, before_s, began = server.memory_mb(), server.cpu_s(), time.monotonic()
            client_s = time.process_time()
            played = asyncio.run(play(seats, server.url, seconds))
            took_s, used_s = time.monotonic() - began, server.cpu_s() - before_s
            client_s, memory_mb = time.process_time() - client_s, server.memory_mb()
            stopped_s = server.stop()
        finally:
            server.process.kill()
            server.process.wait()
        found = compare(played, stored_in(folder))
    acks = [ack for wearer in played for ack in wearer.ack_s]
    print(f"{wearers} simulated wearers at 1 Hz for {seconds} s: {found}, {len(acks)} acknowledged")
    print(f"acknowledged after: p50 {of(acks, 0.5):.3f} s, p99 {of(acks, 0.99):.3f} s, longest {max(acks):.3f} s")
    print(f"server: {used_s / took_s:.0%} of a core, {used_s / len(acks) * 1e6:.0f} us a packet, {memory_mb:.0f} MB "
          f"({(memory_mb - idle_mb) / wearers * 1000:.0f} kB a wearer over the start), stopped in {stopped_s:.1f} s")  # fmt: skip
    print(f"client: {client_s / took_s:.0%} of a core; connections {sum(w.connections for w in played)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
