"""Passkeys at the doors: who gets in with one, and what is refused, by a device in software."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import delete, update

from alerts.people import SERVICE, Actor
from api import passkeys
from api.app import build
from api.attempts import BY_ADDRESS, Attempts, TooManyTries, Tried
from api.challenges import LASTS_S, MOST, Challenges, Purpose
from api.lan import Home
from api.settings import Settings
from journal.erasure import Everything
from journal.models import SessionRow, WayBackRow
from journal.passkeys import MOST as MOST_PASSKEYS
from sensing.clock import SystemClock
from tests.authenticator import Authenticator, data, text
from tests.integration.journal_home import raw_files
from tests.integration.visitors import bare_visitor, code_of, is_problem, running, visitor
from tests.quick_passwords import GOOD, OTHER, quick
from tests.raw_sql import raw

HERE = "http://localhost"


class Ticking:
    """A clock that a test turns on by hand."""

    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def service(tmp_path):
    service = build(Settings(data_dir=tmp_path / "data"), clock=SystemClock(), source_for=lambda _: None)
    service.journal.ways_in._passwords = quick()
    return service


@pytest.fixture
def ticking(service):
    service.challenges._monotonic_s = ticking = Ticking()
    return ticking


def at(app, address=HERE, **headers):
    """Somebody whose pages are at this address."""
    client = bare_visitor(app, {"origin": address} | headers)
    client.base_url = address
    return client


@pytest.fixture
def mira(app):
    client = at(app)
    assert client.post("/welcome").status_code == 303
    return client


def asked(client, proof=""):
    answer = client.post("/api/account/passkeys/ask", json={"proof": proof})
    assert answer.status_code == 200, answer.text
    return answer.json()


def kept(client, credential, name="Phone"):
    return client.post("/api/account/passkeys", json={"name": name, "credential": credential})


def has_passkey(client, proof="", name="Phone", **device):
    """A device that keeps a passkey of this person's."""
    device = Authenticator(HERE, **device)
    answer = kept(client, device.make(asked(client, proof)), name)
    assert answer.status_code == 201, answer.text
    device.id, device.words = answer.json()["id"], answer.json()["words"]
    return device


def asked_who(client):
    answer = client.post("/sign-in/passkey/ask")
    assert answer.status_code == 200, answer.text
    return answer.json()


def come(client, credential):
    return client.post("/sign-in/passkey", json={"credential": credential})


def sign_in(client, device):
    return come(client, device.sign(asked_who(client)))


def chosen(client, proof="", name="mira", password=GOOD):
    told = {"sign_in_name": name, "password": password, "proof": proof}
    answer = client.post("/api/account/password", json=told)
    assert answer.status_code == 200, answer.text


def is_in(client):
    return client.get("/api/account").status_code == 200


def session(client):
    return client.cookies["flooding_session"]


def grows_old(service):
    """Everybody signed in some minutes ago."""
    with service.journal.database.write() as connection:
        connection.execute(update(SessionRow).values(created_at=datetime.now(UTC) - timedelta(minutes=6)))


def other_person(app, mira, name="Jonas"):
    client = at(app)
    answer = client.post("/join", json={"code": code_of(mira)["code"], "name": name})
    assert answer.status_code == 200, answer.text
    return client


# Adding one and coming in with it


def test_a_passkey_opens_the_account_without_a_name(app, mira):
    device = has_passkey(mira, name="  My phone ")
    phone = at(app)
    answer = sign_in(phone, device)
    assert (answer.status_code, answer.json()["go"]) == (200, "/talk")
    (one,) = phone.get("/api/account").json()["passkeys"]
    today = datetime.now(UTC).date().isoformat()
    assert (one["name"], one["place"], one["used_on"]) == ("My phone", "localhost", today)


def test_a_clinician_has_passkeys_too(app, service, mira):
    has_passkey(mira)
    _, code = service.journal.invitations.make(SERVICE, called="", for_clinician=True, now=datetime.now(UTC))
    weiss = at(app)
    weiss.post("/join", json={"code": code, "name": "Dr. Weiss", "sign_in_name": "weiss", "password": OTHER})
    device = has_passkey(weiss, proof=OTHER)
    assert device.words is None
    assert sign_in(at(app), device).json()["go"] == "/clients"


def test_a_device_is_asked_for_a_passkey_it_finds_again_and_to_check_who_holds_it(app, mira):
    has_passkey(mira)
    options = asked(mira)
    choice = options["authenticatorSelection"]
    assert (choice["residentKey"], choice["userVerification"]) == ("required", "required")
    assert options["rp"] == {"name": "flooding-detector", "id": "localhost"}
    assert options["attestation"] == "none"
    (known,) = options["excludeCredentials"]
    assert sorted(known["transports"]) == ["hybrid", "internal"], "what no browser knows is not kept"
    who = asked_who(at(app))
    assert (who["userVerification"], who["allowCredentials"]) == ("required", [])


def test_one_that_counts_and_one_that_does_not_both_come_in_again_and_again(app, mira):
    for counts in (True, False):
        device = has_passkey(mira, counts=counts)
        assert [sign_in(at(app), device).status_code for _ in range(3)] == [200] * 3


# What closes, and the way back


def test_the_first_passkey_closes_the_click_and_tells_words_for_the_day_it_is_lost(app, mira):
    device = has_passkey(mira)
    assert at(app).post("/welcome").status_code == 404
    assert at(app).post("/way-back", json={"words": device.words}).status_code == 200
    assert has_passkey(mira, name="Key ring").words is None, "the words that there are stay"


def test_who_has_a_password_is_told_no_words(app, mira):
    chosen(mira)
    assert has_passkey(mira, proof=GOOD).words is None


def test_a_code_for_another_phone_of_ones_own_ends_with_the_first_passkey(app, mira):
    code = code_of(mira, for_other=False)["code"]
    has_passkey(mira)
    assert at(app).post("/join", json={"code": code}).status_code == 404
    assert "passkey" in is_problem(mira.post("/api/pair/code", json={"for_other": False}), 409)
    is_problem(mira.post("/api/pair/way-back"), 409)
    assert "Open mine on another phone" not in mira.get("/two").text


def test_the_only_way_in_is_not_removed(app, service, mira):
    device = has_passkey(mira)
    with service.journal.database.write() as connection:
        connection.execute(delete(WayBackRow))
    said = is_problem(mira.post(f"/api/account/passkeys/{device.id}/remove", json={}), 409)
    assert "only way in" in said
    assert sign_in(at(app), device).status_code == 200, "nothing has changed"
    chosen(mira)
    assert mira.post(f"/api/account/passkeys/{device.id}/remove", json={"proof": GOOD}).status_code == 200


def test_somebody_new_locks_nobody_out_who_has_a_passkey(app, service, mira):
    has_passkey(mira)
    with service.journal.database.write() as connection:
        connection.execute(delete(WayBackRow))
    assert service.journal.invitations.make(SERVICE, called="", for_clinician=False, now=datetime.now(UTC))


def test_a_removed_passkey_opens_nothing_and_ends_what_it_opened(app, mira):
    device = has_passkey(mira)
    phone = at(app)
    sign_in(phone, device)
    before = session(mira)
    assert mira.post(f"/api/account/passkeys/{device.id}/remove", json={}).status_code == 200
    assert not is_in(phone)
    assert is_in(mira)
    assert session(mira) != before
    is_problem(sign_in(at(app), device), 401)
    assert mira.get("/api/account").json()["passkeys"] == []


def test_the_page_says_where_removing_the_last_passkey_lets_a_click_in_again(app, mira):
    device = has_passkey(mira)
    said = "A click at this computer opens your account again then"
    assert said in mira.get("/account").text
    another = has_passkey(mira)
    assert said not in mira.get("/account").text
    for one in (device, another):
        mira.post(f"/api/account/passkeys/{one.id}/remove", json={})
    assert at(app).post("/welcome").status_code == 303
    has_passkey(mira)
    chosen(mira)
    assert said not in mira.get("/account").text


def test_sign_out_everywhere_ends_what_a_passkey_opened(app, mira):
    device = has_passkey(mira)
    phone = at(app)
    sign_in(phone, device)
    mira.post("/api/account/sign-out")
    assert not is_in(phone)
    assert not is_in(mira)
    assert sign_in(phone, device).status_code == 200


def test_a_passkey_has_a_name_that_its_owner_changes(app, mira):
    device = has_passkey(mira)
    assert mira.post(f"/api/account/passkeys/{device.id}/name", json={"name": " Key ring "}).status_code == 204
    assert mira.get("/api/account").json()["passkeys"][0]["name"] == "Key ring"
    for name in (" ", "", "x" * 61, "\u202e"):
        is_problem(mira.post(f"/api/account/passkeys/{device.id}/name", json={"name": name}), 422)


def test_so_many_and_no_more(app, mira):
    has_passkey(mira)
    for _ in range(MOST_PASSKEYS - 1):
        has_passkey(mira)
    assert "10 passkeys" in is_problem(kept(mira, Authenticator(HERE).make(asked(mira))), 409)
    assert len(mira.get("/api/account").json()["passkeys"]) == MOST_PASSKEYS


# A phone that lies open


def test_adding_and_removing_ask_for_what_the_account_asks_for(app, service, mira):
    chosen(mira)
    is_problem(mira.post("/api/account/passkeys/ask", json={}), 403)
    is_problem(mira.post("/api/account/passkeys/ask", json={"proof": "not this one"}), 403)
    device = has_passkey(mira, proof=GOOD)
    is_problem(mira.post(f"/api/account/passkeys/{device.id}/remove", json={}), 403)
    assert sign_in(at(app), device).status_code == 200


WAYS_THAT_CHANGE = {
    "/api/account/passkeys/ask": {},
    "/api/account/way-back": {},
    "/api/account/password": {"sign_in_name": "mira", "password": GOOD},
    "/api/account/tokens": {"name": "Lamp", "scopes": ["talk"], "days": 1},
}


@pytest.mark.parametrize("path", WAYS_THAT_CHANGE)
def test_with_a_passkey_alone_the_words_or_a_fresh_sign_in_are_the_proof(app, service, mira, path):
    device = has_passkey(mira)
    told = WAYS_THAT_CHANGE[path]
    grows_old(service)
    assert "It is a while" in is_problem(mira.post(path, json=told), 403)
    is_problem(mira.post(path, json=told | {"proof": "wrong words"}), 403)
    assert mira.get("/account").text.count('data-testid="proof"') == 5
    assert mira.post(path, json=told | {"proof": device.words}).status_code in {200, 201}
    if path.endswith("/password"):
        return
    grows_old(service)
    is_problem(mira.post(path, json=told), 403)
    assert sign_in(mira, device).status_code == 200
    assert 'data-testid="proof"' not in mira.get("/account").text
    assert mira.post(path, json=told).status_code in {200, 201}


def test_with_a_password_a_fresh_sign_in_is_no_proof(app, mira):
    chosen(mira)
    is_problem(mira.post("/api/account/passkeys/ask", json={}), 403)


# Challenges


def test_an_answer_is_good_once(app, mira):
    """Also for one that does not count, whose answer could otherwise be sent again and again."""
    for counts in (True, False):
        device = has_passkey(mira, counts=counts)
        phone = at(app)
        credential = device.sign(asked_who(phone))
        cookie = phone.cookies["flooding_passkey"]
        assert come(phone, credential).status_code == 200
        thief = at(app)
        thief.cookies.set("flooding_passkey", cookie)
        is_problem(come(thief, credential), 401)
        assert not is_in(thief)


def test_an_answer_is_used_up_also_where_it_was_wrong(app, mira):
    device = has_passkey(mira)
    phone = at(app)
    options = asked_who(phone)
    is_problem(come(phone, replace(device, key=Authenticator(HERE).key).sign(options)), 401)
    is_problem(come(phone, device.sign(options)), 401)


def test_a_challenge_is_for_the_browser_that_asked(app, mira):
    device = has_passkey(mira)
    asker, other = at(app), at(app)
    credential = device.sign(asked_who(asker))
    is_problem(come(other, credential), 401)
    asked_who(other)
    is_problem(come(other, credential), 401)
    assert come(asker, credential).status_code == 200


def test_a_challenge_runs_out_in_five_minutes(app, ticking, mira):
    device = has_passkey(mira)
    for passes_s, status in ((LASTS_S - 1, 200), (LASTS_S, 401)):
        phone = at(app)
        credential = device.sign(asked_who(phone))
        ticking.now_s += passes_s
        assert come(phone, credential).status_code == status
    options = asked(mira)
    ticking.now_s += LASTS_S
    is_problem(kept(mira, Authenticator(HERE).make(options)), 422)


def test_a_challenge_for_the_one_is_nothing_for_the_other(app, mira):
    has_passkey(mira)
    mira.cookies.set("flooding_passkey", session(mira))  # names the same waiting browser
    device = has_passkey(mira, name="Other")
    is_problem(come(mira, device.sign(asked(mira))), 401)


def test_a_passkey_is_kept_once_and_only_in_the_session_that_asked(app, service, mira):
    device = Authenticator(HERE)
    made = device.make(asked(mira))
    again = at(app)
    again.cookies.set(
        "flooding_session",
        service.journal.people.open_session(Actor(id_of(service, mira)), now=datetime.now(UTC)),
    )
    is_problem(kept(again, made), 422)
    assert kept(mira, made).status_code == 201
    is_problem(kept(mira, made), 422)
    assert "known already" in is_problem(kept(mira, device.make(asked(mira))), 409)


def id_of(service, client):
    return service.journal.people.person_for(session(client), now=datetime.now(UTC)).id


def test_however_many_ask_few_challenges_wait_and_the_newest_are_good():
    ticking = Ticking()
    challenges = Challenges(ticking)
    given = {}
    for number in range(3 * MOST):
        given[number] = challenges.give(f"browser {number}", Purpose.SIGN_IN)
        assert len(challenges) <= MOST
        ticking.now_s += 0.001
    assert challenges.take(f"browser {3 * MOST - 1}", Purpose.SIGN_IN) == given[3 * MOST - 1]
    assert challenges.take("browser 0", Purpose.SIGN_IN) is None
    ticking.now_s += LASTS_S
    challenges.give("the next", Purpose.SIGN_IN)
    assert len(challenges) == 1, "what has run out goes"


# Another page, another device, another person


NEIGHBOURS = (
    "http://localhost:9999",
    "https://localhost",
    "http://127.0.0.1",
    "http://evil.example",
    "http://localhost.evil.example",
)


@pytest.mark.parametrize("origin", NEIGHBOURS)
def test_what_was_signed_for_another_page_opens_nothing(app, mira, origin):
    device = has_passkey(mira)
    phone = at(app)
    is_problem(come(phone, replace(device, origin=origin).sign(asked_who(phone))), 401)
    is_problem(kept(mira, Authenticator(origin).make(asked(mira))), 422)


def test_a_program_at_another_port_that_passes_an_answer_on_does_not_get_in_by_claiming_to_be_here(app, mira):
    """Whatever the request says of the port, an answer has to be for the page that this server serves."""
    device = has_passkey(mira)
    relay = at(app)
    options = asked_who(relay)
    credential = replace(device, origin="http://localhost:9999").sign(options)
    answer = relay.post(
        "/sign-in/passkey",
        json={"credential": credential},
        headers={"host": "localhost:9999", "origin": "http://localhost:9999"},
    )
    is_problem(answer, 401)
    assert not is_in(relay)


def test_a_passkey_of_another_name_and_one_that_did_not_check_who_holds_it_open_nothing(app, mira):
    device = has_passkey(mira)
    for wrong in ({"name": "evil.example"}, {"verifies": False}):
        phone = at(app)
        is_problem(come(phone, replace(device, **wrong).sign(asked_who(phone))), 401)
        is_problem(kept(mira, Authenticator(HERE, **wrong).make(asked(mira))), 422)


def test_nobody_comes_in_as_somebody_else(app, mira):
    hers = has_passkey(mira)
    jonas = other_person(app, mira)
    his = has_passkey(jonas)
    for forged in (
        replace(his, credential_id=hers.credential_id),
        replace(his, user_handle=hers.user_handle),
        replace(his, credential_id=hers.credential_id, user_handle=hers.user_handle),
        replace(hers, user_handle=his.user_handle),
        replace(hers, user_handle=b""),
    ):
        phone = at(app)
        is_problem(come(phone, forged.sign(asked_who(phone))), 401)
        assert not is_in(phone)
    assert sign_in(at(app), hers).json()["name"] != sign_in(at(app), his).json()["name"]


def test_a_passkey_that_is_anothers_already_is_not_ones_own(app, mira):
    hers = has_passkey(mira)
    jonas = other_person(app, mira)
    mine = Authenticator(HERE, credential_id=hers.credential_id)
    is_problem(kept(jonas, mine.make(asked(jonas))), 409)
    assert sign_in(at(app), hers).status_code == 200


def test_anothers_passkey_looks_like_none(app, mira):
    device = has_passkey(mira)
    jonas = other_person(app, mira)
    for path, body in (("name", {"name": "x"}), ("remove", {})):
        answers = [jonas.post(f"/api/account/passkeys/{one}/{path}", json=body) for one in (device.id, "none")]
        assert {answer.status_code for answer in answers} == {404}
        assert answers[0].content == answers[1].content
    assert sign_in(at(app), device).status_code == 200


def test_who_is_unknown_and_who_signs_wrongly_are_answered_alike(app, mira):
    device = has_passkey(mira)
    answers = []
    for one in (
        Authenticator(HERE),
        replace(device, key=Authenticator(HERE).key),
        replace(device, origin="http://evil.example"),
    ):
        phone = at(app)
        answers.append(come(phone, one.sign(asked_who(phone))))
    answers.append(come(at(app), device.sign({"challenge": text(b"never given")})))
    seen = {(answer.status_code, answer.content, tuple(sorted(answer.headers.items()))) for answer in answers}
    assert len(seen) == 1, seen


def test_whoever_asks_is_asked_alike_whether_or_not_anybody_has_a_passkey(app, mira):
    def told():
        options = asked_who(at(app))
        del options["challenge"]
        return options

    before = told()
    has_passkey(mira)
    assert told() == before


BROKEN = {
    "nothing": {},
    "no response": {"id": "AAAA", "rawId": "AAAA", "type": "public-key"},
    "a number for a name": {"id": 1, "rawId": 1, "type": "public-key", "response": {}},
    "no base64": {"id": "é", "rawId": "é", "type": "public-key", "response": {"clientDataJSON": "é"}},
    "half of it": None,
    "a list": {"id": ["AAAA"], "response": []},
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_is_no_answer_at_all_is_refused_as_any_other(app, mira, broken):
    device = has_passkey(mira)
    phone = at(app)
    credential = broken
    if credential is None:
        credential = device.sign(asked_who(phone))
        half = text(data(credential["response"]["authenticatorData"])[:20])
        credential["response"]["authenticatorData"] = half
    else:
        asked_who(phone)
    is_problem(come(phone, credential), 401)
    asked(mira)
    is_problem(kept(mira, credential), 422)


# Counters


def test_a_counter_that_goes_backwards_is_refused_and_said(app, mira):
    device = has_passkey(mira)
    copy = replace(device)
    for _ in range(3):
        sign_in(at(app), device)
    phone = at(app)
    said = is_problem(sign_in(phone, copy), 403)
    assert "copy" in said
    assert not is_in(phone)
    assert sign_in(at(app), device).status_code == 200


def test_a_counter_that_stops_counting_has_gone_backwards(app, mira):
    device = has_passkey(mira)
    sign_in(at(app), device)
    device.uses, device.counts = 0, False
    is_problem(sign_in(at(app), device), 403)


def test_of_two_uses_with_one_count_at_once_one_is_good(app, mira):
    device = has_passkey(mira)
    clients = [at(app) for _ in range(4)]
    answers = [replace(device).sign(asked_who(client)) for client in clients]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(come, clients, answers))
    assert sorted(answer.status_code for answer in found) == [200, 403, 403, 403]


# Sessions, other sites, tries


def test_a_session_that_was_planted_is_nobodys_after_signing_in(app, service, mira):
    device = has_passkey(mira)
    victim = at(app)
    victim.cookies.set("flooding_session", "planted")
    answer = sign_in(victim, device)
    assert answer.status_code == 200
    assert "planted" not in answer.headers["set-cookie"]
    assert service.journal.people.person_for("planted", now=datetime.now(UTC)) is None


def test_the_session_that_a_browser_brought_ends(app, mira):
    device = has_passkey(mira)
    browser = other_person(app, mira)
    copied = session(browser)
    assert sign_in(browser, device).status_code == 200
    thief = at(app)
    thief.cookies.set("flooding_session", copied)
    assert not is_in(thief)


def test_the_waiting_browsers_cookie_is_its_hosts_alone_and_goes_when_it_is_used(app, mira):
    device = has_passkey(mira)
    phone = at(app)
    answer = phone.post("/sign-in/passkey/ask")
    cookie = answer.headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/", f"max-age={LASTS_S}"} <= {p.strip() for p in cookie.split(";")}
    assert come(phone, device.sign(answer.json())).status_code == 200
    assert "flooding_passkey" not in phone.cookies
    safe = at(app, "https://localhost")
    cookie = safe.post("/sign-in/passkey/ask").headers["set-cookie"]
    assert cookie.startswith("__Host-flooding_passkey=")
    assert "secure" in cookie.lower()


CROSS_SITE = {
    "another site": {"origin": "https://evil.example"},
    "a neighbour’s port": {"origin": HERE + ":9999", "sec-fetch-site": "same-site"},
    "no origin, but another site": {"sec-fetch-site": "cross-site"},
}


@pytest.mark.parametrize("headers", CROSS_SITE.values(), ids=CROSS_SITE)
def test_no_other_sites_page_asks_for_or_answers_a_challenge(app, mira, headers):
    device = has_passkey(mira)
    phone = at(app)
    credential = device.sign(asked_who(phone))
    stranger = bare_visitor(app, headers)
    stranger.base_url = HERE
    stranger.cookies = phone.cookies
    for path, body in (
        ("/sign-in/passkey/ask", {}),
        ("/sign-in/passkey", {"credential": credential}),
        ("/api/account/passkeys/ask", {}),
        ("/api/account/passkeys", {"name": "x", "credential": credential}),
    ):
        assert stranger.post(path, json=body).status_code == 403
    assert come(phone, credential).status_code == 200, "the challenge still waits"


def test_asking_and_missing_are_counted_and_hits_are_not(app, mira):
    device = has_passkey(mira)
    phone = at(app)
    for _ in range(BY_ADDRESS.amount - 1):
        asked_who(phone)
    assert come(phone, device.sign(asked_who(phone))).status_code == 200
    is_problem(phone.post("/sign-in/passkey/ask"), 429)
    for _ in range(BY_ADDRESS.amount):
        is_problem(come(phone, device.sign({"challenge": text(b"never given")})), 401)
    is_problem(come(phone, device.sign({"challenge": text(b"never given")})), 429)


# Where it works, and where not


def test_at_an_address_that_is_a_number_the_page_leads_to_one_that_has_a_name(app, mira):
    has_passkey(mira)
    here = visitor(app, accept="text/html")
    page = here.get("/sign-in").text
    assert 'href="http://localhost/sign-in"' in page
    assert "Sign in with a passkey" not in page
    assert "http://localhost" in is_problem(visitor(app).post("/sign-in/passkey/ask"), 409)
    assert "Sign in with a passkey" in at(app).get("/sign-in").text


@contextmanager
def at_home(tmp_path, client):
    home = Home(("192.0.2.7", "lamp.local"), "https://192.0.2.7:8000", tmp_path / "none.pem", "AA")
    service = build(Settings(data_dir=tmp_path / "home"), source_for=lambda _: None, home=home)
    with running(service, client=client) as app:
        yield app


def test_a_phone_at_home_is_not_led_to_itself(tmp_path):
    with at_home(tmp_path, ("192.0.2.20", 50000)) as app:
        phone = at(app, "https://192.0.2.7")
        page = phone.get("/sign-in").text
        assert "localhost" not in page
        assert "Sign in with a passkey" not in page


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "192.0.2.7"])
def test_a_number_is_no_place_for_a_passkey(host):
    assert passkeys.place_of("http", host, 8000) is None


def test_the_place_has_the_port_only_where_it_is_not_the_usual_one():
    assert passkeys.place_of("http", "localhost", 80).origin == "http://localhost"
    assert passkeys.place_of("https", "lamp.local", 443).origin == "https://lamp.local"
    assert passkeys.place_of("https", "lamp.local", 80).origin == "https://lamp.local:80"


def test_without_the_library_no_page_offers_it_and_the_doors_say_what_to_install(app, mira, monkeypatch):
    device = has_passkey(mira)
    credential = device.sign(asked_who(mira))
    monkeypatch.setattr("api.passkeys.find_spec", lambda _: None)
    phone = at(app)
    assert "asskey" not in phone.get("/sign-in").text
    for client, path, body in (
        (phone, "/sign-in/passkey/ask", {}),
        (phone, "/sign-in/passkey", {"credential": credential}),
        (mira, "/api/account/passkeys/ask", {}),
        (mira, "/api/account/passkeys", {"name": "x", "credential": credential}),
    ):
        assert ".[passkeys]" in is_problem(client.post(path, json=body), 501)
    page = mira.get("/account").text
    assert "Add a passkey" not in page
    assert "Phone" in page, "one that there is can still be removed"
    assert mira.post(f"/api/account/passkeys/{device.id}/remove", json={}).status_code == 200
    assert "asskey" not in mira.get("/account").text


# What is kept


def test_who_erases_everything_leaves_no_passkey_behind_and_the_archive_has_none(app, service, mira):
    device = has_passkey(mira, name="Passkey-name-kept")
    actor = Actor(id_of(service, mira))
    with ZipFile(BytesIO(mira.get("/api/archive").content)) as file:
        archive = b"".join(file.read(name) for name in file.namelist())
    assert b"flooding-detector" in archive
    for part in (device.credential_id, text(device.credential_id).encode(), b"Passkey-name-kept"):
        assert part not in archive
    folder = service.settings.data_dir
    assert device.credential_id in raw_files(folder)
    erasure = service.journal.erasure
    erasure.erase(actor, Everything(), token=erasure.preview(actor, Everything()).token)
    assert device.credential_id not in raw_files(folder)
    assert b"Passkey-name-kept" not in raw_files(folder)
    is_problem(sign_in(at(app), device), 401)


def test_a_day_is_kept_of_the_last_use_and_nothing_finer(app, service, mira):
    sign_in(at(app), has_passkey(mira))
    with service.journal.database.read() as connection:
        ((used_on,),) = raw(connection, "SELECT used_on FROM passkey").all()
    assert used_on == datetime.now(UTC).date().isoformat()


@pytest.mark.parametrize("told", [5, True, "usb", {"usb": 1}])
def test_ways_to_reach_a_passkey_that_are_no_list_are_none(mira, told):
    device = Authenticator(HERE)
    made = device.make(asked(mira))
    made["response"]["transports"] = told
    assert kept(mira, made, "Key").status_code == 201


def test_whoever_has_a_whole_network_of_addresses_tries_no_oftener():
    """Each subscriber has 2⁶⁴ of version 6: enough to push everybody else's challenges out, and to guess for ever."""
    attempts = Attempts()
    for n in range(BY_ADDRESS.amount):
        attempts.take(Tried.CHALLENGE, address=f"2001:db8:0:1::{n:x}")
    with pytest.raises(TooManyTries):
        attempts.take(Tried.CHALLENGE, address="2001:db8:0:1:ffff::1")
    attempts.take(Tried.CHALLENGE, address="2001:db8:0:2::1")
    attempts.take(Tried.CHALLENGE, address="::ffff:192.0.2.1")
    attempts.take(Tried.CHALLENGE, address="somewhere")
