"""How the second person comes in, what a code opens, and what neither can reach of the other."""

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from alerts.people import Actor
from alerts.ports import NotAllowed
from api.app import build
from api.lan import Home
from api.settings import Settings
from journal.database import DatabaseBusy
from sensing.clock import SystemClock
from tests.integration.journal_home import Home as JournalHome
from tests.integration.journal_home import wait_until
from tests.integration.visitors import bare_visitor, code_of, come_in, is_problem, newcomer, running, talk_of, visitor

NOW = datetime(2026, 3, 12, 18, 0, tzinfo=UTC)


@pytest.fixture
def jonas(app, mira):
    client, answer = come_in(app, code_of(mira)["code"])
    assert answer.status_code == 200
    return client


def test_a_code_works_once(app, mira):
    code = code_of(mira)["code"]
    assert come_in(app, code)[1].status_code == 200
    assert come_in(app, code, "Eve")[1].status_code == 404


def test_looking_at_a_link_does_not_use_it_up(app, mira):
    code = code_of(mira)["code"]
    for _ in range(3):
        assert "invites you" in visitor(app).get(f"/join/{code}").text
    assert come_in(app, code)[1].status_code == 200


def test_a_code_is_over_after_ten_minutes_and_when_a_new_one_is_made(tmp_path):
    with JournalHome(tmp_path) as home:
        pairs = home.journal.pairs
        first = pairs.make_code(home.lena, for_other=True, now=NOW)
        second = pairs.make_code(home.lena, for_other=True, now=NOW)
        with pytest.raises(NotAllowed):
            pairs.come_in(first, name="Kim", now=NOW)
        with pytest.raises(NotAllowed):
            pairs.come_in(second, name="Kim", now=NOW + timedelta(minutes=10))
        assert pairs.come_in(second, name="Kim", now=NOW + timedelta(minutes=9)).name == "Kim"


def test_no_code_of_hers_opens_his_account(mira, jonas):
    assert "come in already" in is_problem(mira.post("/api/pair/code", json={"for_other": True}), 409)


def test_a_code_for_ones_own_phone_opens_ones_own_journal_only(app, mira, jonas):
    phone, answer = come_in(app, code_of(jonas, for_other=False)["code"], name="somebody else")
    assert answer.json()["name"] == "Jonas"
    assert phone.get("/api/pair").json()["me"] == "Jonas"


def test_a_code_is_refused_where_somebody_is_signed_in(app, mira):
    code = code_of(mira)["code"]
    assert "signed in" in is_problem(mira.post("/join", json={"code": code, "name": "Jonas"}), 409)
    assert come_in(app, code)[1].status_code == 200


def test_with_two_people_a_click_at_the_machine_opens_nobodys_journal(app, mira, jonas):
    stranger = visitor(app, accept="text/html")
    assert stranger.post("/welcome").status_code == 404
    assert "their own words" in stranger.get("/welcome").text


def test_who_erased_everything_does_not_come_into_the_others_journal_by_a_click(app, mira, jonas):
    token = mira.post("/api/erase/preview", json={"what": "everything"}).json()["token"]
    assert mira.post("/api/erase", json={"what": "everything", "token": token}).status_code == 200
    assert mira.post("/welcome").status_code == 404
    assert "their own words" in visitor(app, accept="text/html").get("/welcome").text
    assert jonas.get("/api/entries").status_code == 200
    token = jonas.post("/api/erase/preview", json={"what": "everything"}).json()["token"]
    assert jonas.post("/api/erase", json={"what": "everything", "token": token}).status_code == 200
    assert jonas.post("/welcome").status_code == 303


def test_the_way_back_opens_ones_own_account_and_the_old_words_stop_working(app, mira):
    code = code_of(mira)
    phone = visitor(app)
    assert phone.post("/way-back", json={"words": code["way_back"].lower().replace("-", " ")}).json()["name"] == "You"
    new = mira.post("/api/pair/way-back").json()["words"]
    assert visitor(app).post("/way-back", json={"words": code["way_back"]}).status_code == 404
    assert visitor(app).post("/way-back", json={"words": new}).status_code == 200


def test_who_has_said_no_name_is_the_other_and_a_name_is_told_to_both(mira, jonas):
    assert jonas.get("/api/pair").json()["other"] == "The other"
    mira.post("/api/pair/name", json={"name": "Mira"})
    jonas.post("/api/pair/name", json={"name": "Jo"})
    assert jonas.get("/api/pair").json()["other"] == "Mira"
    assert mira.get("/api/pair").json()["other"] == "Jo"


WRONG_IN_A_SENTENCE = re.compile(r"\bYou(?:’s| has\b| is\b)|\b(?:by|and|to|of|as|,) You\b|(?<=[a-z,] )The other")


def test_without_a_name_no_sentence_of_either_is_made_for_one(app, mira, jonas):
    version = mira.post("/api/agreement", json={"word": "Slow", "first": {"meanwhile": ["Walking"]}}).json()["draft"]
    mira.post(f"/api/agreement/{version['number']}/yes", json={})
    seen = {}
    for who, client in (("her", mira), ("his", jonas)):
        for path in ("/two", "/agreement", "/talk", "/join/AAAA-BBBB-CCCC"):
            page = client.get(path, headers={"accept": "text/html"})
            assert page.status_code == 200
            words = " ".join(re.sub(r"<[^>]+>", " | ", re.sub(r"</?b>", "", page.text)).split())
            assert not (found := WRONG_IN_A_SENTENCE.search(words)), words[found.start() - 40 : found.end() + 40]
            seen[who, path] = words
    assert "You have said yes" in seen["her", "/agreement"]
    assert "The other has said yes" in seen["his", "/agreement"]
    assert "Leave the other’s side" in seen["his", "/two"]
    assert "You and Jonas" in seen["her", "/two"]
    assert "This phone is yours" in seen["her", "/join/AAAA-BBBB-CCCC"]
    assert "You are signed in" in is_problem(mira.post("/join", json={"code": "AAAA", "name": ""}), 409)
    own = visitor(app, accept="text/html").get(f"/join/{code_of(mira, for_other=False)['code']}").text
    assert "If you are not You" not in own


def test_a_talk_for_two_begins_with_both_yeses_and_not_before(mira, jonas):
    first = mira.post("/api/pair/yes").json()
    assert (first["my_yes"], first["other_yes"], first["talk_id"]) == (True, False, None)
    mira.post("/api/pair/no")
    assert jonas.post("/api/pair/yes").json()["talk_id"] is None
    assert mira.post("/api/pair/yes").json()["talk_id"] is not None
    assert talk_of(mira) == talk_of(jonas)


@pytest.fixture
def talk(mira, jonas):
    mira.post("/api/pair/yes")
    jonas.post("/api/pair/yes")
    talk_id = talk_of(mira)
    mira.post(f"/api/talks/{talk_id}/topic")
    return talk_id


def test_either_calls_the_pause_and_neither_view_says_who(mira, jonas, talk):
    jonas.post(f"/api/talks/{talk}/pause")
    hers, his = (client.get(f"/api/talks/{talk}").json()["pause"] for client in (mira, jonas))
    assert hers["return_at"] == his["return_at"]
    assert hers == his
    assert not {"called_by", "suggestion_id"} & set(hers)


def test_each_has_an_entry_that_the_other_cannot_tell_from_none(mira, jonas, talk):
    mira.post(f"/api/talks/{talk}/pause")
    for client in (mira, jonas):
        wait_until(lambda client=client: client.get(f"/api/talks/{talk}").json()["entry"] is not None)
    entries = {client: client.get(f"/api/talks/{talk}").json()["entry"]["id"] for client in (mira, jonas)}
    assert entries[mira] != entries[jonas]
    for client, other in ((mira, jonas), (jonas, mira)):
        for path in ("/api/entries/{}/timeline", "/entries/{}"):
            theirs, nobodys = client.get(path.format(entries[other])), client.get(path.format("none"))
            assert theirs.status_code == nobodys.status_code == 404
            assert theirs.text == nobodys.text
        assert [line["id"] for line in client.get("/api/entries").json()] == [entries[client]]


def test_leaving_ends_the_talk_for_both_and_says_nothing_of_who(mira, jonas, talk):
    jonas.post(f"/api/talks/{talk}/end")
    hers = mira.post(f"/api/talks/{talk}/end").json()
    assert hers["phase"] == "ended"
    assert "jonas" not in str(hers).lower()


def test_leaving_the_pair_asks_nobody_and_ends_the_agreement_for_both(mira, jonas):
    number = mira.post("/api/agreement", json={"pause_min": 30}).json()["draft"]["number"]
    for client in (mira, jonas):
        client.post(f"/api/agreement/{number}/yes", json={})
    assert jonas.get("/api/agreement").json()["in_force"]["terms"]["pause_min"] == 30
    jonas.post("/api/pair/leave")
    for client in (mira, jonas):
        assert client.get("/api/pair").json()["other"] is None
        assert client.get("/api/agreement").json()["in_force"] is None


def test_leaving_the_pair_in_a_talk_ends_the_talk_of_both(mira, jonas, talk):
    jonas.post("/api/pair/leave")
    assert [talk_of(client) for client in (mira, jonas)] == [None, None]
    assert mira.post(f"/api/talks/{talk}/end").json()["phase"] == "ended"


def test_leaving_the_pair_ends_no_talk_of_ones_own(mira, jonas):
    own = mira.post("/api/talks", json={}).json()["id"]
    jonas.post("/api/pair/leave")
    assert talk_of(mira) == own


def test_a_yes_pressed_twice_is_no_yes_to_the_next_talk(mira, jonas, talk):
    assert mira.post("/api/pair/yes").json()["talk_id"] == talk
    jonas.post(f"/api/talks/{talk}/end")
    his = jonas.post("/api/pair/yes").json()
    assert (his["my_yes"], his["other_yes"], his["talk_id"]) == (True, False, None)


def test_both_who_press_yes_pause_and_end_at_one_moment_are_in_one_talk_and_one_pause(mira, jonas):
    def both(path):
        with ThreadPoolExecutor(2) as pool:
            return [answer.status_code for answer in pool.map(lambda client: client.post(path), (mira, jonas))]

    for _ in range(5):
        assert both("/api/pair/yes") == [200, 200]
        talk_id = talk_of(mira)
        assert talk_id == talk_of(jonas) is not None
        assert sorted(both(f"/api/talks/{talk_id}/pause")) == [200, 409]
        hers, his = (client.get(f"/api/talks/{talk_id}").json()["pause"] for client in (mira, jonas))
        assert hers == his
        assert both(f"/api/talks/{talk_id}/end") == [200, 200]
        pair = mira.get("/api/pair").json()
        assert (pair["my_yes"], pair["other_yes"], pair["talk_id"]) == (False, False, None)


def test_signing_out_ends_what_is_followed_on_that_phone_and_nothing_of_the_others(service, app, mira, jonas, talk):
    ended = []

    async def follow():
        for client in (mira, jonas):
            live = await service.live.open_for(Actor(person_of(service, client)))
            streams.append(service.live.news(live))
            await anext(streams[-1])

    async def look():
        for stream in streams:
            try:
                async with asyncio.timeout(3):
                    while True:
                        await anext(stream)
            except StopAsyncIteration:
                ended.append(True)
            except TimeoutError:
                ended.append(False)

    streams = []
    app.state.first.portal.call(follow)
    jonas.post("/sign-out")
    app.state.first.portal.call(look)
    assert ended == [False, True]


def person_of(service, client):
    return service.journal.people.person_for(client.cookies["flooding_session"], now=datetime.now(UTC)).id


def test_her_yes_is_never_his(mira, jonas):
    number = mira.post("/api/agreement", json={}).json()["draft"]["number"]
    refused = mira.post(f"/api/agreement/{number}/yes", json={"for_other": True})
    assert "own phone" in is_problem(refused, 409)
    assert is_problem(mira.post("/api/agreement", json={"pause_min": 10}), 422).startswith("A pause lasts")
    for no_text in (b'{"word": "\\ud800"}', b'{"neither": ["\\ud800"]}'):
        is_problem(mira.post("/api/agreement", content=no_text, headers={"content-type": "application/json"}), 422)


@pytest.mark.parametrize("terms", [{"word": "\ud800"}, {"neither": ["\ud800"]}, {"second": {"opening": ["\ud800"]}}])
def test_half_a_character_is_no_line_of_an_agreement(mira, jonas, terms):
    refused = mira.post("/api/agreement", content=json.dumps(terms), headers={"content-type": "application/json"})
    is_problem(refused, 422)
    assert mira.get("/api/agreement").json()["history"] == []


@pytest.mark.parametrize("body", [b"x" * 3_000_000, (b"x" * 100_000 for _ in range(30))], ids=["told", "in pieces"])
def test_a_body_larger_than_any_page_sends_is_refused_before_anybody_asks_who(app, body):
    refused = visitor(app).post("/join", content=body, headers={"content-type": "application/json"})
    assert "two million" in is_problem(refused, 413)
    assert refused.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("pieces", "least_bytes_per_s"), [(1, 4_000), (10**9, 10**12)], ids=["it stops", "it drips"])
def test_a_body_that_comes_too_slowly_is_refused_and_the_connection_ends(app, monkeypatch, pieces, least_bytes_per_s):
    monkeypatch.setattr("api.slow_bodies.PATIENCE_S", 0.05)
    monkeypatch.setattr("api.slow_bodies.LEAST_BYTES_PER_S", least_bytes_per_s)
    said, left = [], iter(range(pieces))

    async def receive():
        if next(left, None) is None:
            await asyncio.Event().wait()
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message):
        said.append(message)

    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/join",
        "raw_path": b"/join", "query_string": b"", "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    app.state.first.portal.call(app, scope, receive, send)
    begun, body = said[0], b"".join(message.get("body", b"") for message in said[1:])
    assert begun["status"] == 408
    assert dict(begun["headers"])[b"connection"] == b"close"
    assert "too slowly" in json.loads(body)["detail"]


def test_a_talk_whose_agreement_cannot_be_read_now_is_carried_all_the_same(service, mira, jonas, monkeypatch):
    def locked(_):
        raise DatabaseBusy("the journal does not answer")

    monkeypatch.setattr(service.live, "_agreed_for", locked)
    mira.post("/api/pair/yes")
    assert jonas.post("/api/pair/yes").status_code == 200
    for client in (mira, jonas):
        assert client.get(f"/api/talks/{talk_of(client)}").json()["for_two"]


def test_what_was_agreed_for_somebody_who_was_only_a_name_waits_for_their_own_yes(app, mira):
    mira.post("/api/pair", json={"name": "Jonas"})
    for minutes in (30, 120):
        number = mira.post("/api/agreement", json={"pause_min": minutes, "cap_min": 240}).json()["draft"]["number"]
        for for_other in (False, True):
            told = mira.post(f"/api/agreement/{number}/yes", json={"for_other": for_other}).json()
    assert told["in_force"]["terms"]["pause_min"] == 120
    jonas, _ = come_in(app, code_of(mira)["code"])
    his = jonas.get("/api/agreement").json()
    assert his["in_force"] is None
    assert (his["draft"]["number"], his["draft"]["second_yes_at"]) == (number, None)
    assert jonas.post(f"/api/agreement/{number}/yes", json={}).json()["in_force"]["number"] == number


def test_an_agreement_reached_in_the_middle_of_a_talk_holds_for_its_next_pause(mira, jonas, talk):
    number = mira.post("/api/agreement", json={"pause_min": 30, "second": {"meanwhile": ["Piano"]}}).json()["draft"][
        "number"
    ]
    for client in (mira, jonas):
        client.post(f"/api/agreement/{number}/yes", json={})
    his = jonas.post(f"/api/talks/{talk}/pause").json()["pause"]
    assert (his["minimum_min"], his["meanwhile"]) == (30, ["Piano"])
    assert mira.get(f"/api/talks/{talk}").json()["pause"]["meanwhile"] == []


def test_a_talk_for_two_goes_on_after_a_restart(tmp_path):
    settings = Settings(data_dir=tmp_path)

    def life(story):
        with running(build(settings, clock=SystemClock(), source_for=lambda _: None)) as app:
            return story(app)

    def before(app):
        mira = newcomer(app)
        jonas, _ = come_in(app, code_of(mira)["code"])
        for client in (mira, jonas):
            client.post("/api/pair/yes")
        talk_id = talk_of(mira)
        promised = jonas.post(f"/api/talks/{talk_id}/pause").json()["pause"]["return_at"]
        return talk_id, promised, [client.cookies["flooding_session"] for client in (mira, jonas)]

    talk_id, promised, cookies = life(before)

    def after(app):
        views = []
        for cookie in cookies:
            client = visitor(app)
            client.cookies.set("flooding_session", cookie)
            views.append(client.get(f"/api/talks/{talk_id}").json())
        return views

    for view in life(after):
        assert view["for_two"]
        assert view["pause"]["return_at"] == promised


def test_in_the_homes_network_a_click_from_another_machine_makes_no_account(tmp_path):
    home = Home(("192.168.1.5",), "https://192.168.1.5:8000", tmp_path / "unused", "AA:BB")
    service = build(Settings(data_dir=tmp_path, lan=True), clock=SystemClock(), source_for=lambda _: None, home=home)
    with running(service, client=("127.0.0.1", 1)) as app:
        stranger = bare_visitor(app, {"host": "192.168.1.5:8000"})  # its address is none of this machine's
        assert stranger.post("/welcome").status_code == 404
        assert "isn’t known here yet" in stranger.get("/welcome").text
        assert app.state.first.post("/welcome", follow_redirects=False).status_code == 303
        assert code_of(app.state.first)["url"].startswith("https://192.168.1.5:8000/join/")
        assert bare_visitor(app, {"host": "192.168.1.6"}).get("/welcome").status_code == 400
