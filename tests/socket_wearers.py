"""Many wearers whose pages read a strap each: simulated, over real WebSockets, keeping what is not acknowledged as a page does.

`seed` makes accounts, open talks and sessions before a server opens the journal, `Wearer` is one page, `play` is many at once.
`python -m tests.socket_wearers SEATS URL RESULT SECONDS` is many in a process of their own (`tests.load`): it says when all are connected
and when the time is over, and ends when everything is acknowledged.
"""

import asyncio
import hashlib
import itertools
import json
import pickle
import random
import secrets
import sys
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvloop
from sqlalchemy import insert
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from api.routes.auth import COOKIE
from journal.journal import open_journal
from journal.models import PersonRow, SessionRow
from journal.people import SESSION_LASTS
from journal.talks import add_talk
from sensing.numbered import number_of
from tests.fakes import packet

AGAIN_S = 0.5
_RNG = random.Random()  # noqa: S311  so that wearers are not in step, not a secret
SETTLES_WITHIN_S = 60.0
ALL_CONNECTED_WITHIN_S = 120.0
ARE_SETTLED_AFTER_S = 5.0
"""What a talk stores when its page first names the strap is stored by then, with thousands that come at once, too."""
CONNECTED, BEGUN, OVER = "all are connected", "the straps have begun", "the time is over"


@dataclass(frozen=True)
class Seat:
    """One wearer with an open talk, signed in."""

    person_id: str
    session: str
    talk_id: str
    recording_id: str


def seed(folder, wearers, database=None):
    """Accounts with a session and an open talk each, in a journal that no program has open; in one transaction."""
    journal, now = open_journal(folder, url=database), datetime.now(UTC)
    try:
        with journal.database.write() as connection:
            return [_seat(connection, number, now) for number in range(wearers)]
    finally:
        journal.close()


def _seat(connection, number, now):
    person_id, session = uuid.uuid4().hex, secrets.token_urlsafe(32)
    connection.execute(insert(PersonRow).values(id=person_id, name=f"Simulated {number}", created_at=now))
    began_at = now - timedelta(seconds=60 * _RNG.random())  # their minutes do not end at one moment
    talk = add_talk(
        connection, person_id, began_at=began_at, utc_offset_min=60, strap=None, simulated=False, threshold_bpm=100.0
    )
    connection.execute(
        insert(SessionRow).values(
            token_sha256=hashlib.sha256(session.encode()).hexdigest(),
            person_id=person_id,
            created_at=now,
            expires_at=now + SESSION_LASTS,
            device="Simulated",
            used_on=now.date().isoformat(),
        )
    )
    return Seat(person_id, session, talk.id, talk.recording_id)


@dataclass
class Played:
    """What one page has lived through; times are the machine's monotonic ones.

    Attributes:
        sent: number -> bytes: everything that the strap ever gave.
        acknowledged: number -> when the strap gave it, and when it was acknowledged.
        refused: numbers that the server called no part of the talk.
        connections: how often the page was connected.
        closed: the codes with which the server ended a connection.
    """

    sent: dict[int, bytes] = field(default_factory=dict)
    acknowledged: dict[int, tuple[float, float]] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    connections: int = 0
    closed: list[int] = field(default_factory=list)


class Wearer:
    """One page: a packet a second, kept until it is acknowledged, sent again on every new connection."""

    def __init__(self, seat, url, *, every_s=1.0):
        self.played = Played()
        self.is_ready = asyncio.Event()
        self._seat = seat
        self._url = f"{url.replace('http', 'ws', 1)}/api/talks/{seat.talk_id}/strap"
        self._origin = url
        self._every_s = every_s
        self._stream = _RNG.getrandbits(43)
        self._kept = {}  # count -> (time in ms, hex, when it was received)
        self._unsent = set()
        self._socket = None
        self._news = asyncio.Event()
        self._turn = itertools.cycle((0, 1))

    async def wear(self, begins, until):
        """Be connected; from `begins` on read the strap until `until` is set, then until all is acknowledged or nothing more comes."""
        page = asyncio.create_task(self._page())
        await begins.wait()
        await self._strap(until)
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
            self.played.sent[number_of(self._stream, count)] = told
            self._kept[count] = (_now_ms(), told.hex(), time.monotonic())
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
        headers = {"Cookie": f"{COOKIE}={self._seat.session}"}
        async with connect(
            self._url, origin=self._origin, additional_headers=headers, compression=None, open_timeout=20
        ) as socket:
            self.played.connections += 1
            waiting = [[self._stream, min(self._kept), max(self._kept)]] if self._kept else []
            await socket.send(self._said(strap="Simulated strap", waiting=waiting))
            async for text in socket:
                await self._hear(json.loads(text), socket)
            self.played.closed.append(socket.close_code)

    async def _hear(self, told, socket):
        now = time.monotonic()
        for stream, first, last in told.get("stored", ()):
            for count in range(first, last + 1):
                if stream == self._stream and count in self._kept:
                    self.played.acknowledged[number_of(stream, count)] = (self._forget(count), now)
        for stream, first, last in told.get("unwanted", ()):
            for count in range(first, last + 1):
                if stream == self._stream and count in self._kept:
                    self._forget(count)
                    self.played.refused.add(number_of(stream, count))
        self._news.set()
        if told.get("ready"):
            self.is_ready.set()
            self._socket, self._unsent = socket, set(self._kept)
            await self._send()

    def _forget(self, count):
        self._unsent.discard(count)
        return self._kept.pop(count)[2]


def _now_ms():
    return time.monotonic() * 1000


async def play(seats, url, seconds, *, every_s=1.0, settles_s=0.0, told=lambda _: None):
    """All of them for so long: what each lived through.

    Straps begin `settles_s` after all pages are connected; that, the beginning and the end are `told`.
    """
    wearers = [Wearer(seat, url, every_s=every_s) for seat in seats]
    begins, until = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        for wearer in wearers:
            group.create_task(wearer.wear(begins, until))
        with suppress(TimeoutError):
            async with asyncio.timeout(ALL_CONNECTED_WITHIN_S):
                for wearer in wearers:
                    await wearer.is_ready.wait()
        told(CONNECTED)
        await asyncio.sleep(settles_s)
        told(BEGUN)
        begins.set()
        await asyncio.sleep(seconds)
        until.set()
        told(OVER)
    return [wearer.played for wearer in wearers]


def main(seats, url, result, seconds):
    """Play, and write what everybody lived through, and the processor time that it took here from the beginning of the straps on."""
    spent_s = {}

    def told(what):
        spent_s[what] = time.process_time()
        print(what, flush=True)

    seated = pickle.loads(seats.read_bytes())  # noqa: S301  our own
    played = uvloop.run(play(seated, url, seconds, settles_s=ARE_SETTLED_AFTER_S, told=told))
    result.write_bytes(pickle.dumps((played, spent_s[OVER] - spent_s[BEGUN])))


if __name__ == "__main__":
    from tests.socket_wearers import main  # so that what is written can be read elsewhere

    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), float(sys.argv[4]))
