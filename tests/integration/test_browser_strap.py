"""The WebSocket of a strap that a page reads: what it takes, when it acknowledges, and whom and what it refuses."""

import asyncio
import itertools
import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from starlette.websockets import WebSocketDisconnect

from alerts.ports import NotAllowed
from api import strap_sockets
from api.app import build
from api.settings import Settings
from api.strap_frames import MOST_BYTES, Close
from journal.database import DatabaseBusy
from journal.writer import WriteFailed, WriterFull
from sensing.numbered import number_of
from sensing.source import Notification
from tests.fakes import ManualClock, packet
from tests.integration.visitors import ORIGIN, bare_visitor, is_problem, newcomer, opened, running, visitor
from tests.raw_sql import raw

STREAM = 7
GOODBYE = "websocket.close"


class Talk:
    """A wearer in a talk, at the doors of the running app."""

    def __init__(self, app):
        self.app, self.service = app, app.state.service
        self.mira = newcomer(app)
        self.id = self.mira.post("/api/talks", json={}).json()["id"]

    @contextmanager
    def socket(self, client=None):
        path = f"ws://127.0.0.1/api/talks/{self.id}/strap"
        with (client or self.mira).websocket_connect(path) as socket:
            yield Page(socket)

    @contextmanager
    def page(self, waiting=()):
        with self.socket() as page:
            page.say(strap="Polar H10 A1", waiting=list(waiting))
            yield page

    def rows(self):
        """What is on the disk: number, time in ms and bytes of each packet."""
        with self.service.journal.database.read() as connection:
            found = raw(connection, "SELECT page_number, t_ms, packet FROM measurement ORDER BY seq")
            return [tuple(row) for row in found]

    def recording_id(self):
        (own,) = self.mira.get("/api/recordings").json()
        return own["id"]

    def numbers(self):
        return [number for number, _, _ in self.rows()]


class Page:
    """What the page's script does, by hand."""

    def __init__(self, socket):
        self.socket = socket
        self.now_ms = 1e12

    def say(self, **told):
        self.socket.send_text(json.dumps({"clock": STREAM, "now": self.now_ms} | told))

    def send(self, *counts, stream=STREAM):
        self.say(stream=stream, packets=[[count, self.now_ms, packet_of(count).hex()] for count in counts])

    def hear(self):
        return json.loads(self.socket.receive_text())

    def hears_ready(self):
        told = []
        while (heard := self.hear()) != {"ready": True}:
            told += heard["stored"]
        return told

    def acknowledged(self, *counts):
        """Read until all of these are."""
        missing = set(counts)
        while missing:
            for _, first, last in self.hear().get("stored", ()):
                missing -= set(range(first, last + 1))

    def goodbye(self):
        """Read to the end; the code."""
        while (heard := self.socket.receive())["type"] != GOODBYE:
            pass
        assert heard["reason"]
        return heard["code"]

    def has_heard_something(self):
        return self.socket.portal.call(self.socket._send_rx.statistics).current_buffer_used > 0


def packet_of(count):
    return packet(60 + count % 40, 1, itertools.repeat(0))


@contextmanager
def a_talk(folder, **settings):
    service = build(Settings(data_dir=folder / "data", **settings))
    with running(service) as app:
        yield Talk(app)


@pytest.fixture
def talk(tmp_path):
    with a_talk(tmp_path) as talk:
        yield talk


def test_packets_are_acknowledged_and_on_the_disk_once_however_often_they_are_sent(talk):
    with talk.page() as page:
        assert page.hears_ready() == []
        page.send(1, 2)
        page.send(2, 3)
        page.acknowledged(1, 2, 3)
        page.send(3, 1, 4)
        page.acknowledged(1, 3, 4)
    assert talk.numbers() == [number_of(STREAM, count) for count in (1, 2, 3, 4)]


def test_nothing_is_acknowledged_before_it_is_on_the_disk(talk, monkeypatch):
    @contextmanager
    def locked():
        raise DatabaseBusy("locked")
        yield

    with talk.page() as page:
        page.hears_ready()
        for way in ("write", "write_beside"):
            monkeypatch.setattr(talk.service.journal.database, way, locked)
        page.send(1)
        page.say()
        with pytest.raises(WriteFailed):
            talk.service.journal.writer.flush(0.3)
        assert not page.has_heard_something(), "an acknowledgement before the commit"
        page.send(1)  # what was not acknowledged is sent again
        page.send(2)
        with pytest.raises(WriteFailed):
            talk.service.journal.writer.flush(0.3)
        assert not page.has_heard_something()
        assert talk.rows() == []
        monkeypatch.undo()
        page.acknowledged(1, 2)
    assert talk.numbers() == [number_of(STREAM, 1), number_of(STREAM, 2)]


def test_the_database_itself_takes_a_packet_once(talk):
    """Where the process that took it first is not the one that takes it again."""
    with talk.page() as page:
        page.hears_ready()
        page.send(1)
        page.acknowledged(1)
    recorder = talk.service.journal.recorder  # past everything that remembers
    recorder.measurement(talk.recording_id(), Notification(5.0, b"again", None, number_of(STREAM, 1)))
    recorder.measurement(talk.recording_id(), Notification(6.0, b"new", None, number_of(STREAM, 2)))
    recorder.flush()
    assert [(number, bytes(told)) for number, _, told in talk.rows()] == [
        (number_of(STREAM, 1), packet_of(1)),
        (number_of(STREAM, 2), b"new"),
    ]


def test_after_a_restart_a_page_is_told_what_is_stored_and_sends_the_rest(tmp_path):
    with a_talk(tmp_path) as talk, talk.page() as page:
        page.hears_ready()
        page.send(1, 2, 3)
        page.acknowledged(1, 2, 3)
    service = build(Settings(data_dir=tmp_path / "data"))
    with running(service) as app:
        talk.app, talk.service = app, service
        talk.mira = newcomer(app)
        with talk.page(waiting=[[STREAM, 2, 5]]) as page:
            assert page.hears_ready() == [[STREAM, 2, 3]]
            page.send(2, 3, 4, 5)
            page.acknowledged(2, 3, 4, 5)
        view = talk.mira.get(f"/api/talks/{talk.id}").json()
        assert view["strap"] == "Polar H10 A1"
    assert talk.numbers() == [number_of(STREAM, count) for count in range(1, 6)]


def test_a_talk_that_begins_without_a_strap_has_one_from_then_on_in_page_export_and_archive(talk):
    assert talk.mira.get(f"/api/talks/{talk.id}").json()["strap"] is None
    with talk.page() as page:
        page.hears_ready()
        assert talk.mira.get(f"/api/talks/{talk.id}").json()["strap"] == "Polar H10 A1"
        page.say(link="connected")
        page.send(1)
        page.acknowledged(1)
        assert talk.mira.get(f"/api/talks/{talk.id}").json()["heart"]["link"] == "connected"
    (own,) = talk.mira.get("/api/recordings").json()
    assert (own["strap"], own["packets"]) == ("Polar H10 A1", 1)


def test_what_was_kept_is_stored_at_its_own_time(tmp_path):
    clock = ManualClock()
    service = build(Settings(data_dir=tmp_path / "data"), clock=clock, source_for=lambda _: None)
    with running(service) as app:
        talk = Talk(app)
        with talk.page() as page:
            page.hears_ready()
            talk.mira.portal.call(clock.advance, 7200.0)
            page.now_ms += 7_200_000.0
            page.say(
                stream=STREAM,
                packets=[[1, page.now_ms - 7_000_000.0, packet_of(1).hex()], [2, page.now_ms, packet_of(2).hex()]],
            )
            page.acknowledged(1, 2)
        assert [(number & 0xFFFFF, t_ms) for number, t_ms, _ in talk.rows()] == [(1, 200_000), (2, 7_200_000)]


REFUSED = {
    "no JSON": ("{", Close.MALFORMED),
    "nothing of the kind": (json.dumps({"clock": STREAM, "now": 1, "stream": STREAM, "packets": "x"}), Close.MALFORMED),
    "a second greeting": (json.dumps({"clock": STREAM, "now": 1, "strap": "Another"}), Close.MALFORMED),
    "too large": ("[" + " " * MOST_BYTES + "]", Close.TOO_LARGE),
}


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_ends_the_connection_with_a_reason_and_nothing_is_kept_or_logged(talk, capfd, text, code):
    with talk.page() as page:
        page.hears_ready()
        page.socket.send_text(text)
        assert page.goodbye() == code
    assert talk.rows() == []
    assert "strap" not in capfd.readouterr().err


def test_bytes_and_a_late_greeting_are_refused(talk):
    for say in (lambda page: page.socket.send_bytes(b"x"), lambda page: page.send(1), lambda page: page.say()):
        with talk.socket() as page:
            say(page)
            assert page.goodbye() == Close.MALFORMED
    assert talk.rows() == []


def test_a_page_that_says_too_much_is_let_go_and_what_it_said_before_is_kept(talk):
    with talk.page() as page:
        page.hears_ready()
        page.send(1)
        for _ in range(strap_sockets.MOST_MESSAGES):
            page.say()
        assert page.goodbye() == Close.TOO_FAST
    talk.service.journal.recorder.flush()
    assert talk.numbers() == [number_of(STREAM, 1)]


def test_a_page_that_says_nothing_is_let_go(talk, monkeypatch):
    monkeypatch.setattr(strap_sockets, "IDLE_S", 0.05)
    with talk.page() as page:
        assert page.goodbye() == Close.IDLE


def test_a_page_that_takes_nothing_is_let_go(talk, monkeypatch):
    monkeypatch.setattr(strap_sockets, "SLOW_S", 0.05)

    async def never(*_):
        await asyncio.Event().wait()

    monkeypatch.setattr("starlette.websockets.WebSocket.send_text", never)
    with talk.page() as page:
        assert page.goodbye() == Close.SLOW


def test_a_newer_page_takes_the_place_of_the_older_and_is_told_what_that_one_sent(talk):
    with talk.page() as older, talk.page() as newer:
        assert older.goodbye() == Close.REPLACED
        newer.hears_ready()
        newer.send(1)
        newer.acknowledged(1)
    assert talk.numbers() == [number_of(STREAM, 1)]


def test_when_the_talk_ends_everything_is_acknowledged_before_the_goodbye(talk):
    with talk.page() as page:
        page.hears_ready()
        page.send(1, 2)
        talk.mira.post(f"/api/talks/{talk.id}/end", json={})
        page.acknowledged(1, 2)
        assert page.goodbye() == Close.TALK_ENDED


def test_what_a_page_still_keeps_of_a_talk_that_is_over_is_taken_and_nothing_from_after_its_end(tmp_path):
    clock = ManualClock(datetime.now(UTC) - timedelta(hours=1))
    service = build(Settings(data_dir=tmp_path / "data"), clock=clock, source_for=lambda _: None)
    with running(service) as app:
        talk = Talk(app)
        with talk.page() as page:
            page.hears_ready()
            page.send(1)
            page.acknowledged(1)
        talk.mira.portal.call(clock.advance, 60.0)
        talk.mira.post(f"/api/talks/{talk.id}/end", json={})
        with talk.page() as page:
            assert page.hears_ready() == []
            ago = [(2, 3590), (3, 3000), (1, 3590)]
            page.say(stream=STREAM, packets=[[n, page.now_ms - s * 1000, packet_of(n).hex()] for n, s in ago])
            told = {(kind, *span) for _ in range(3) for kind, spans in page.hear().items() for span in spans}
        assert told == {("stored", STREAM, 1, 1), ("stored", STREAM, 2, 2), ("unwanted", STREAM, 3, 3)}
    assert talk.numbers() == [number_of(STREAM, 1), number_of(STREAM, 2)]


@pytest.mark.parametrize("how", ["/api/account/sign-out", "/sign-out"])
def test_whoever_signs_out_is_not_heard_any_longer(talk, how):
    with talk.page() as page:
        page.hears_ready()
        talk.mira.post(how, json={})
        assert page.goodbye() == Close.COME_AGAIN


def test_a_journal_that_is_full_keeps_the_packet_in_the_page(talk, monkeypatch):
    def full(*_):
        raise WriterFull

    with talk.page() as page:
        page.hears_ready()
        monkeypatch.setattr(talk.service.journal.writer, "put", full)
        page.send(1)
        assert page.goodbye() == Close.LATER
        monkeypatch.undo()
    with talk.page(waiting=[[STREAM, 1, 1]]) as page:
        assert page.hears_ready() == []
        page.send(1)
        page.acknowledged(1)
    assert talk.numbers() == [number_of(STREAM, 1)]


def test_a_simulated_talk_takes_no_real_strap(tmp_path):
    with a_talk(tmp_path, simulated=True) as talk, talk.socket() as page:
        assert page.goodbye() == Close.SIMULATED


def test_a_talk_with_a_strap_of_the_radio_takes_no_second_one(tmp_path):
    service = build(Settings(data_dir=tmp_path / "data", strap="HRM"), source_for=lambda _: None)
    with running(service) as app:
        talk = Talk(app)
        with talk.socket() as page:
            assert page.goodbye() == Close.OTHER_STRAP


def test_strangers_other_sites_and_programs_are_refused_before_anything_is_opened(talk):
    path = f"/api/talks/{talk.id}/strap"
    assert is_problem(opened(visitor(talk.app), path), 401)
    is_problem(opened(talk.mira, "/api/talks/another/strap"), 404)
    for origin in ("https://evil.example", "null"):
        other = bare_visitor(talk.app, {"origin": origin, "sec-fetch-site": "cross-site"})
        other.cookies = talk.mira.cookies
        with pytest.raises(WebSocketDisconnect) as refused, talk.socket(other):
            pass
        assert refused.value.code == 1008
    assert talk.rows() == []
    own = bare_visitor(talk.app, {"origin": ORIGIN})
    own.cookies = talk.mira.cookies
    assert opened(own, path).status_code == 101


def test_whoever_signs_out_while_the_socket_is_made_ready_is_not_heard(talk, monkeypatch):
    recorder = talk.service.journal.recorder
    asked, signed_out, numbers = threading.Event(), threading.Event(), recorder.page_numbers

    def while_signing_out(*what):
        asked.set()
        assert signed_out.wait(10)
        return numbers(*what)

    def sign_out():
        assert asked.wait(10)
        talk.mira.post("/sign-out", json={})
        signed_out.set()

    monkeypatch.setattr(recorder, "page_numbers", while_signing_out)
    leaving = threading.Thread(target=sign_out)
    leaving.start()
    with talk.page() as page:
        assert page.goodbye() == Close.COME_AGAIN
    leaving.join()


def test_of_a_talk_that_is_over_the_newer_page_takes_the_older_ones_place_too(talk):
    talk.mira.post(f"/api/talks/{talk.id}/end", json={})
    with talk.page() as older:
        older.hears_ready()
        with talk.page() as newer:
            newer.hears_ready()
            assert older.goodbye() == Close.REPLACED


def test_a_journal_that_does_not_answer_at_the_beginning_is_said_to_the_page(talk, monkeypatch):
    def busy(*_):
        raise DatabaseBusy("locked")

    monkeypatch.setattr(talk.service.journal.recorder, "page_numbers", busy)
    with talk.page() as page:
        assert page.goodbye() == Close.LATER


def test_a_recording_that_is_erased_meanwhile_sends_the_page_to_ask_again(talk, monkeypatch):
    def gone(*_):
        raise NotAllowed

    monkeypatch.setattr(talk.service.journal.recorder, "page_numbers", gone)
    with talk.page() as page:
        assert page.goodbye() == Close.COME_AGAIN
