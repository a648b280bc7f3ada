"""Two real processes of the program on one PostgreSQL: one is killed, the other goes on with its talk."""

import itertools
import json
import signal
import time

import psycopg
import pytest
from websockets.sync.client import connect

from tests.fakes import packet
from tests.postgres import server


@pytest.fixture
def address():
    address = server().migrated()
    yield address
    server().give_back(address)


class Strap:
    """A page that reads a strap."""

    def __init__(self, visitor, talk_id):
        cookies = next(handler.cookiejar for handler in visitor._opener.handlers if hasattr(handler, "cookiejar"))
        self._opening = connect(
            f"{visitor.url.replace('http', 'ws')}/api/talks/{talk_id}/strap",
            origin=visitor.url,
            additional_headers={"cookie": "; ".join(f"{one.name}={one.value}" for one in cookies)},
        )
        self.socket = self._opening.__enter__()
        self._say(strap="Polar H10 A1", waiting=[])

    def _say(self, **told):
        self.socket.send(json.dumps({"clock": 7, "now": time.monotonic() * 1000} | told))

    def send(self, count):
        """Send a packet; return when it is acknowledged."""
        content = packet(60 + count, 1, itertools.repeat(0)).hex()
        self._say(stream=7, packets=[[count, time.monotonic() * 1000, content]])
        while not any(a <= count <= b for _, a, b in json.loads(self.socket.recv(timeout=20)).get("stored", ())):
            pass

    def close(self):
        self._opening.__exit__(None, None, None)


def run(start, folder, address, *more):
    return start("run", "--port", 0, "--data", folder, "--database", address, *more)


def stored(address):
    with psycopg.connect(address) as connection:
        return [row[0] for row in connection.execute("SELECT packet FROM measurement ORDER BY seq")]


def test_a_killed_worker_loses_nothing_acknowledged_and_the_other_carries_on(start, visit, tmp_path, address):
    first, second = (run(start, tmp_path / "data", address).wait_for_page() for _ in range(2))
    mira = visit(first.url)
    talk_id = mira.post("/api/talks", {})["id"]
    strap = Strap(mira, talk_id)
    for count in range(1, 6):
        strap.send(count)
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    acknowledged = [packet(60 + count, 1, itertools.repeat(0)) for count in range(1, 6)]
    assert stored(address) == acknowledged
    mira.url = second.url
    assert mira.get(f"/api/talks/{talk_id}")["phase"] == "baseline"
    strap = Strap(mira, talk_id)
    strap.send(6)
    strap.close()
    assert stored(address) == [*acknowledged, packet(66, 1, itertools.repeat(0))]
    mira.post(f"/api/talks/{talk_id}/end")
    assert mira.get("/api/recordings")


def test_two_processes_serve_one_address_one_that_is_killed_is_begun_anew_and_both_end_in_order(
    start, visit, tmp_path, address
):
    program = run(start, tmp_path / "data", address, "--workers", 2).wait_for_page(within_s=90)
    mira = visit(program.url)
    talk_id = mira.post("/api/talks", {})["id"]
    for _ in range(20):  # whichever of the two answers
        assert mira.get(f"/api/talks/{talk_id}")["phase"] == "baseline"
    code, took_s = program.stop(signal.SIGTERM, within_s=20)
    assert code == 0, took_s
