"""Several workers on one real PostgreSQL: one talk shown by both, one pause of two, and what happens when one is gone."""

import itertools
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from alerts.people import Actor
from alerts.talk_state import Phase
from api.cli.several import require_postgresql
from api.settings import BadSetting, Settings
from api.told import Told, told_in
from journal.postgresql import url_of
from journal.workers import PostgresWorkers
from tests.fakes import packet
from tests.integration.journal_home import wait_until
from tests.integration.two_workers import two_workers
from tests.postgres import server

STREAM = 7


@pytest.fixture
def address():
    address = server().migrated()
    yield address
    server().give_back(address)


@pytest.fixture
def both(tmp_path, address):
    with two_workers(tmp_path, address) as both:
        yield both


class Strap:
    """A page's socket, by hand."""

    def __init__(self, socket):
        self.socket, self.count = socket, itertools.count(1)
        self.say(strap="Polar H10 A1", waiting=[])

    def say(self, **told):
        self.socket.send_text(json.dumps({"clock": STREAM, "now": time.monotonic() * 1000} | told))

    def send(self, bpm):
        """One packet, and wait until it is on the disk."""
        number = next(self.count)
        content = packet(bpm, 1, itertools.repeat(0)).hex()
        self.say(stream=STREAM, packets=[[number, time.monotonic() * 1000, content]])
        while True:
            for _, first, last in json.loads(self.socket.receive_text()).get("stored", ()):
                if first <= number <= last:
                    return


@contextmanager
def strap(client, talk_id):
    with client.websocket_connect(f"ws://127.0.0.1/api/talks/{talk_id}/strap") as socket:
        yield Strap(socket)


def is_carried_by(worker, talk_id):
    return any(one.talk.id == talk_id and one.is_carried for one in worker.state.service.live._live.values())


def live_of(worker, talk_id):
    (live,) = (one for one in worker.state.service.live._live.values() if one.talk.id == talk_id)
    return live


def bpm_at(client, talk_id):
    return client.get(f"/api/talks/{talk_id}").json()["heart"]["bpm"]


def begin(both):
    return both.mira.post("/api/talks", json={}).json()["id"]


def test_one_talk_is_shown_by_both_workers_and_carried_by_one(both):
    talk_id = begin(both)
    elsewhere = both.at(both.b, both.mira)
    assert elsewhere.get(f"/api/talks/{talk_id}").status_code == 200
    assert (live_of(both.a, talk_id).is_carried, live_of(both.b, talk_id).is_carried) == (True, False)
    with strap(both.mira, talk_id) as page:
        page.send(72)
        wait_until(lambda: live_of(both.b, talk_id).reading is not None)
        page.send(84)
        wait_until(lambda: live_of(both.b, talk_id)._newest[1] == packet(84, 1, itertools.repeat(0)))
        assert live_of(both.b, talk_id).strap == live_of(both.a, talk_id).strap == "Polar H10 A1"


def test_a_page_at_the_other_worker_takes_the_recording_there_and_nothing_is_lost(both):
    talk_id = begin(both)
    elsewhere = both.at(both.b, both.mira)
    with strap(both.mira, talk_id) as page:
        page.send(70)
    with strap(elsewhere, talk_id) as page:
        page.count = itertools.count(2)
        page.send(75)
    assert live_of(both.b, talk_id).is_carried
    both.mira.get(f"/api/talks/{talk_id}")
    assert not live_of(both.a, talk_id).is_carried
    stored = both.a.state.service.journal.recorder.measurements(
        Actor(live_of(both.a, talk_id).talk.wearer_id), live_of(both.a, talk_id).talk.recording_id
    )
    assert [one.packet for one in stored] == [packet(bpm, 1, itertools.repeat(0)) for bpm in (70, 75)]


def test_a_step_at_one_worker_is_in_force_at_the_other_within_a_moment(both):
    talk_id = begin(both)
    elsewhere = both.at(both.b, both.mira)
    elsewhere.get(f"/api/talks/{talk_id}")
    both.mira.post(f"/api/talks/{talk_id}/topic")
    wait_until(lambda: live_of(both.b, talk_id).state.phase is Phase.TALKING, within_s=0.9)  # before it looks by itself
    elsewhere.post(f"/api/talks/{talk_id}/pause")
    wait_until(lambda: live_of(both.a, talk_id).state.pause is not None, within_s=0.9)
    assert elsewhere.post(f"/api/talks/{talk_id}/end").status_code == 200
    wait_until(live_of(both.a, talk_id).closed.is_set)


def test_two_partners_on_two_workers_share_one_pause_whoever_presses_first(both):
    jonas = both.at(both.b, both.partner())
    for client in (both.mira, jonas):
        client.post("/api/pair/yes")
    talk_id = jonas.get("/api/pair").json()["talk_id"]
    assert talk_id is not None
    jonas.get(f"/api/talks/{talk_id}")
    both.mira.post(f"/api/talks/{talk_id}/topic")
    pages = [client for client in (both.mira, jonas) for _ in range(8)]
    begin_now = threading.Barrier(len(pages))

    def press(client):
        begin_now.wait()
        return client.post(f"/api/talks/{talk_id}/pause").status_code

    with ThreadPoolExecutor(len(pages)) as pool:
        codes = list(pool.map(press, pages))
    assert sorted(set(codes)) in ([200], [200, 409])
    talks = both.a.state.service.journal.talks
    state, _ = talks.load(Actor(live_of_mira(both, talk_id).talk.wearer_id), talk_id)
    assert len(state.pauses) == 1
    for worker in (both.a, both.b):
        wait_until(lambda worker=worker: state_of(worker, talk_id) == state)


def live_of_mira(both, talk_id):
    return next(one for one in both.a.state.service.live._live.values() if one.talk.id == talk_id)


def state_of(worker, talk_id):
    return next(one for one in worker.state.service.live._live.values() if one.talk.id == talk_id).state


def test_no_step_is_lost_when_both_workers_are_pressed_at_once(both):
    """Compare-and-set under contention: each of many extensions counts once, whichever worker took it."""
    talk_id = begin(both)
    elsewhere = both.at(both.b, both.mira)
    both.mira.post(f"/api/talks/{talk_id}/topic")
    both.mira.post(f"/api/talks/{talk_id}/pause")
    elsewhere.get(f"/api/talks/{talk_id}")
    wait_until(lambda: live_of(both.b, talk_id).state.pause is not None)
    pages = [both.mira, elsewhere] * 12

    def more(client):
        return client.post(f"/api/talks/{talk_id}/pause/extend", json={"minutes": 5}).status_code

    with ThreadPoolExecutor(12) as pool:
        codes = list(pool.map(more, pages))
    live = live_of(both.a, talk_id)
    state, _ = both.a.state.service.journal.talks.load(Actor(live.talk.wearer_id), talk_id)
    (pause,) = state.pauses
    assert pause.extensions == codes.count(200) > 0
    assert set(codes) <= {200, 409}


def test_signing_out_everywhere_ends_the_streams_of_the_other_worker(both):
    talk_id = begin(both)
    elsewhere = both.at(both.b, both.mira)
    elsewhere.get(f"/api/talks/{talk_id}")
    live_b = both.b.state.service.live
    actor = Actor(live_of(both.b, talk_id).talk.wearer_id)
    ended = threading.Event()

    async def follow():
        async for _ in live_b.news(live_of(both.b, talk_id)):
            pass
        ended.set()

    both.b.state.first.portal.start_task_soon(follow)
    wait_until(lambda: live_b.streams == 1)
    both.a.state.service.end_streams(actor)
    assert ended.wait(5)


def test_tries_are_counted_together(both):
    told = {"name": "mira", "password": "wrong-canary-not"}
    pages = [both.at(both.a, both.mira), both.at(both.b, both.mira)]
    codes = []
    for turn in range(14):
        codes.append(pages[turn % 2].post("/sign-in", json=told).status_code)
        time.sleep(0.02)
    assert 429 in codes[:13], codes


def test_a_challenge_that_one_worker_gave_is_answered_at_the_other_once(both):
    from api.challenges import Purpose

    a, b = (worker.state.service.challenges for worker in (both.a, both.b))
    given = a.give("a browser", Purpose.SIGN_IN)
    wait_until(lambda: len(b) == 1)
    assert b.take("a browser", Purpose.SIGN_IN) == given
    wait_until(lambda: len(a) == 0)
    assert a.take("a browser", Purpose.SIGN_IN) is None


def test_what_a_worker_that_is_gone_has_carried_another_takes_up(tmp_path, address):
    with two_workers(tmp_path, address) as both:
        talk_id = begin(both)
        elsewhere = both.at(both.b, both.mira)
        elsewhere.get(f"/api/talks/{talk_id}")
        with strap(both.mira, talk_id) as page:
            page.send(70)
        # As after kill -9: the connection is gone, and nothing was said.
        workers = both.a.state.service.workers
        workers._stopping = True
        workers._wake()
        wait_until(lambda: is_carried_by(both.b, talk_id), within_s=8)
        wait_until(live_of(both.b, talk_id).restored.is_set)
        assert live_of(both.b, talk_id)._newest[1] == packet(70, 1, itertools.repeat(0))


def test_a_lock_has_one_holder_and_is_free_when_its_worker_is_cut_off(address):
    first, second = (PostgresWorkers(url_of(address)) for _ in range(2))
    try:
        assert first.carry(["r"]) == {"r"}
        assert second.carry(["r", "s"]) == {"s"}
        first.let_go("r")
        assert second.carry(["r"]) == {"r"}
    finally:
        first.close()
        assert second.carry(["r"]) == {"r"}
        second.close()


def test_a_worker_that_was_cut_off_takes_its_own_back(address):
    workers = PostgresWorkers(url_of(address))
    other = PostgresWorkers(url_of(address))
    try:
        assert workers.carry(["r"]) == {"r"}
        server().execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'flooding' AND pid <> pg_backend_pid()"
        )
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and not _holds(address):
            time.sleep(0.05)
        assert other.carry(["r"]) == set()
        assert workers.carry(["r"]) == {"r"}
    finally:
        workers.close()
        other.close()


def _holds(address):
    import psycopg

    with psycopg.connect(address) as connection:
        found = connection.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted").fetchone()
    return found[0] > 0


@pytest.mark.parametrize("words", [(), ("r",), ("r", "-", "x", "00", "-"), ("r", "-", "1", "zz", "-"), ("r", "-", "1")])
def test_what_another_version_tells_is_passed_over(words):
    assert told_in("heard", words) is None or words == ()
    assert told_in("of another version", words) is None
    assert told_in("state", ("t", "4")).what is Told.STATE


def test_several_processes_on_a_file_are_refused_in_words():
    with pytest.raises(BadSetting, match="PostgreSQL"):
        require_postgresql(Settings(workers=2))
    require_postgresql(Settings(workers=1))
