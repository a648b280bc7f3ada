"""The doors of an account: how one gets in, what is refused and how, and that a refusal tells nothing."""

import asyncio
import io
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from sqlalchemy import update

from alerts.people import SERVICE, Actor
from api import attempts
from api.app import build
from api.attempts import BY_ADDRESS, BY_NAME, WINDOW_MIN, TooManyTries, Tried
from api.logs import configure
from api.server import Server, bind
from api.settings import Settings
from api.token_scopes import DOORS
from journal.api_tokens import LONGEST, Scope
from journal.models import ApiTokenRow, InvitationRow
from journal.passwords import Passwords
from sensing.clock import SystemClock
from tests.integration.visitors import (
    ORIGIN,
    bare_visitor,
    code_of,
    come_in,
    is_problem,
    newcomer,
    talk_of,
    visitor,
)
from tests.quick_passwords import GOOD, OTHER, Counting, quick

DAY = timedelta(days=1)


@pytest.fixture
def service(tmp_path):
    service = build(Settings(data_dir=tmp_path / "data"), clock=SystemClock(), source_for=lambda _: None)
    service.journal.ways_in._passwords = quick()
    return service


@pytest.fixture
def wall(monkeypatch):
    """The clock on the wall, as the library that counts tries reads it. Turned on by hand."""

    class Wall:
        def __init__(self):
            self.now_s = 1_700_000_000.0

        def time(self):
            return self.now_s

    wall = Wall()
    monkeypatch.setattr("limits.storage.memory.time", wall)
    monkeypatch.setattr(attempts, "time", wall)
    return wall


@pytest.fixture
def kept(mira):
    """Mira has chosen a password."""
    chosen(mira)
    return mira


def chosen(client, name="mira", password=GOOD, proof=""):
    answer = client.post("/api/account/password", json={"sign_in_name": name, "password": password, "proof": proof})
    assert answer.status_code == 200, answer.text
    return answer


def sign_in(app, name="mira", password=GOOD, client=None):
    client = client or visitor(app)
    return client, client.post("/sign-in", json={"name": name, "password": password})


def invited(app, *, clinician=False, name="kim"):
    """Somebody who has come in by an invitation of the owner's."""
    _, code = app.state.service.journal.invitations.make(
        SERVICE, called="", for_clinician=clinician, now=datetime.now(UTC)
    )
    return join(app, code, name)


def join(app, code, name="kim", client=None):
    client = client or visitor(app)
    told = {"code": code, "name": name.title(), "sign_in_name": name, "password": OTHER}
    return client, client.post("/join", json=told)


def token_of(client, *scopes, days=1, proof=""):
    answer = client.post(
        "/api/account/tokens", json={"name": "Lamp", "scopes": list(scopes), "days": days, "proof": proof}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def program(app, token, **headers):
    return bare_visitor(app, {"authorization": f"Bearer {token}"} | headers)


def is_in(client):
    return client.get("/api/account").status_code == 200


# Signing in and coming in


def test_a_wearer_and_a_clinician_sign_in_by_name_and_password(app, kept):
    invited(app, clinician=True, name="weiss")
    for name, password, start in (("MIRA ", GOOD, "/talk"), ("weiss", OTHER, "/clients")):
        client, answer = sign_in(app, name, password)
        assert (answer.status_code, answer.json()["go"]) == (200, start)
        assert is_in(client)


def test_an_invited_wearer_gets_an_account_a_password_and_words(app, kept):
    kim, answer = invited(app)
    told = answer.json()
    assert (told["name"], told["go"]) == ("Kim", "/talk")
    assert kim.get("/api/entries").json() == []
    assert sign_in(app, "kim", OTHER)[1].status_code == 200
    assert visitor(app).post("/way-back", json={"words": told["way_back"]}).json()["name"] == "Kim"


@pytest.mark.parametrize(
    ("change", "status"),
    [({"name": " "}, 409), ({"password": "short"}, 422), ({"sign_in_name": ""}, 422), ({"sign_in_name": "mira"}, 409)],
)
def test_an_invitation_that_was_filled_in_wrongly_still_works(app, service, kept, change, status):
    _, code = service.journal.invitations.make(SERVICE, called="", for_clinician=False, now=datetime.now(UTC))
    told = {"code": code, "name": "Kim", "sign_in_name": "kim", "password": OTHER} | change
    said = is_problem(visitor(app).post("/join", json=told), status)
    assert "short" not in said
    assert join(app, code)[1].status_code == 200


def admission_code(service, client):
    _, code = service.journal.sharing.invite(Actor(id_of(service, client)), called="Dr. Weiss", now=datetime.now(UTC))
    return code


def id_of(service, client):
    return service.journal.people.person_for(client.cookies["flooding_session"], now=datetime.now(UTC)).id


def test_a_clinician_without_an_account_makes_one_by_a_wearers_code_and_is_admitted(app, service, kept):
    code = admission_code(service, kept)
    page = visitor(app).get(f"/join/{code}").text
    assert "invites you as a clinician" in page
    assert f"/sign-in#{code}" in page
    weiss, answer = join(app, code, "weiss")
    assert answer.json()["go"] == "/clients"
    assert len(service.journal.sharing.of_clinician(Actor(id_of(service, weiss)))) == 1
    assert "opens nothing" in visitor(app).get(f"/join/{code}").text


def test_a_clinician_who_is_signed_in_accepts_a_wearers_code(app, service, kept):
    weiss, _ = invited(app, clinician=True, name="weiss")
    code = admission_code(service, kept)
    assert "Accept" in weiss.get(f"/join/{code}").text
    assert weiss.post("/join", json={"code": code}).json() == {"name": "Weiss", "way_back": None, "go": "/clients"}
    assert len(service.journal.sharing.of_clinician(Actor(id_of(service, weiss)))) == 1
    assert weiss.post("/join", json={"code": code}).status_code == 404


def test_a_wearers_own_code_is_no_use_to_the_wearer_and_is_not_used_up(app, service, kept):
    code = admission_code(service, kept)
    assert "This phone is" in kept.get(f"/join/{code}").text
    is_problem(kept.post("/join", json={"code": code}), 409)
    assert join(app, code, "weiss")[1].status_code == 200


def test_a_clinician_opens_no_phone_of_a_wearers(app, kept):
    weiss, _ = invited(app, clinician=True, name="weiss")
    kim, _ = come_in(app, code_of(kept)["code"], name="Kim")  # without a password, so with a code for another phone
    other, _ = invited(app, name="lena")
    for code in (code_of(kim, for_other=False)["code"], code_of(other)["code"]):
        is_problem(weiss.post("/join", json={"code": code, "name": "x"}), 409)
        assert "This phone is Weiss’s" in weiss.get(f"/join/{code}").text


def test_without_a_code_there_is_a_field_for_one_and_the_first_page_leads_there(app):
    stranger = visitor(app, accept="text/html")
    assert "Type your code" in stranger.get("/join").text
    for page in (stranger.get("/welcome").text, newcomer_left(app).get("/welcome").text):
        assert all(f'href="{door}"' in page for door in ("/join", "/sign-in"))
        assert 'name="words"' in page


def newcomer_left(app):
    client = newcomer(app, accept="text/html")
    client.post("/sign-out")
    return client


def test_the_first_start_is_one_click_and_a_password_closes_it(app, mira):
    again = visitor(app)
    assert again.post("/welcome").status_code == 303
    chosen(mira)
    assert visitor(app).post("/welcome").status_code == 404
    assert 'data-testid="welcome-begin"' not in visitor(app).get("/welcome").text
    assert sign_in(app)[1].status_code == 200


def test_nobody_new_locks_the_wearer_out(app, service, mira):
    code = admission_code(service, mira)
    assert "way back" in is_problem(join(app, code, "weiss")[1], 409)
    words = mira.post("/api/account/way-back", json={}).json()["words"]
    assert join(app, code, "weiss")[1].status_code == 200
    assert visitor(app).post("/welcome").status_code == 404
    assert visitor(app).post("/way-back", json={"words": words}).status_code == 200


# One's own account


def test_another_password_asks_for_the_old_one_and_signs_out_everywhere_else(app, kept):
    phone, _ = sign_in(app)
    before = kept.cookies["flooding_session"]
    wrong = {"sign_in_name": "mira", "password": OTHER, "proof": "not this one"}
    is_problem(kept.post("/api/account/password", json=wrong), 403)
    assert is_in(phone)
    chosen(kept, password=OTHER, proof=GOOD)
    assert is_in(kept)
    assert kept.cookies["flooding_session"] != before
    assert not is_in(phone)
    assert sign_in(app)[1].status_code == 401
    assert sign_in(app, password=OTHER)[1].status_code == 200


def test_who_has_forgotten_the_password_chooses_a_new_one_with_their_words(app, kept):
    words = kept.post("/api/account/way-back", json={"proof": GOOD}).json()["words"]
    phone = visitor(app)
    assert phone.post("/way-back", json={"words": words}).json()["go"] == "/talk"
    chosen(phone, password=OTHER, proof=words)
    assert not is_in(kept)
    assert sign_in(app, password=OTHER)[1].status_code == 200


def test_a_phone_that_lies_open_for_a_moment_gives_nobody_a_lasting_way_in(app, kept):
    for path, told in (
        ("/api/account/way-back", {}),
        ("/api/account/tokens", {"name": "Lamp", "scopes": ["talk"], "days": 1}),
        ("/api/account/password", {"sign_in_name": "mira", "password": OTHER}),
    ):
        is_problem(kept.post(path, json=told), 403)
    is_problem(kept.post("/api/pair/way-back"), 409)
    # A code for one's own other phone, scanned from the screen, would be a way in for ninety days.
    assert "password" in is_problem(kept.post("/api/pair/code", json={"for_other": False}), 409)
    assert "Open mine on another phone" not in kept.get("/two").text
    assert code_of(kept)["way_back"] is None


def test_signing_out_everywhere_ends_here_and_there(app, kept):
    phone, _ = sign_in(app)
    token = token_of(kept, "body:read", proof=GOOD)["token"]
    kept.post("/api/account/sign-out")
    assert not is_in(kept)
    assert not is_in(phone)
    assert program(app, token).get("/api/recordings").status_code == 200


def test_one_device_is_signed_out_and_not_the_others(app, kept):
    phone, _ = sign_in(app, client=visitor(app, **{"user-agent": "Mozilla/5.0 (iPhone) Version/18 Safari/604.1"}))
    devices = {one["called"]: one for one in kept.get("/api/account").json()["devices"]}
    assert [one["is_here"] for one in devices.values()].count(True) == 1
    assert kept.post(f"/api/account/devices/{devices['Safari on an iPhone']['id']}/sign-out").status_code == 204
    assert not is_in(phone)
    assert is_in(kept)


def followed(app, service, client):
    """A stream that this person follows, begun on the event loop; and whether it ends."""

    async def begin():
        live = await service.live.open_for(Actor(id_of(service, client)))
        stream = service.live.news(live)
        await anext(stream)
        return stream

    return app.state.first.portal.call(begin)


def ends(app, stream):
    async def look():
        try:
            async with asyncio.timeout(3):  # passes at once; only a stream that goes on waits
                async for _ in stream:
                    pass
        except TimeoutError:
            return False
        return True

    return app.state.first.portal.call(look)


@pytest.mark.parametrize("how", ["everywhere", "there", "password", "token", "another signs in"])
def test_what_is_followed_ends_at_once_with_what_let_it_in(app, service, mira, how):
    mira.post("/api/talks", json={})
    token = token_of(mira, "talk")
    words = mira.post("/api/account/way-back", json={}).json()["words"]
    phone = visitor(app)
    phone.post("/way-back", json={"words": words})
    stream = followed(app, service, mira)
    if how == "everywhere":
        mira.post("/api/account/sign-out")
    elif how == "there":
        (there,) = [one for one in mira.get("/api/account").json()["devices"] if not one["is_here"]]
        mira.post(f"/api/account/devices/{there['id']}/sign-out")
    elif how == "password":
        chosen(mira)
    elif how == "token":
        mira.post(f"/api/account/tokens/{token['id']}/revoke")
    else:
        invited(app)
        sign_in(app, "kim", OTHER, client=mira)
    assert ends(app, stream)


def test_a_clinician_has_an_account_page_and_no_tokens(app, kept):
    weiss, _ = invited(app, clinician=True, name="weiss")
    page = weiss.get("/account").text
    assert "Sign out everywhere" in page
    assert "Let a program in" not in page
    is_problem(
        weiss.post("/api/account/tokens", json={"name": "x", "scopes": ["talk"], "days": 1, "proof": OTHER}), 404
    )
    assert weiss.post("/api/account/name", json={"name": "Dr. W."}).status_code == 204
    assert weiss.get("/api/account").json()["name"] == "Dr. W."


def test_a_clinician_closes_their_account_with_their_password_and_what_was_shown_to_them_ends(app, service, kept):
    weiss, _ = join(app, admission_code(service, kept), "weiss")
    mira = Actor(id_of(service, kept))
    is_problem(weiss.post("/api/account/close", json={}), 403)
    is_problem(kept.post("/api/account/close", json={"proof": GOOD}), 404)
    assert weiss.post("/api/account/close", json={"proof": OTHER}).status_code == 200
    assert not is_in(weiss)
    assert sign_in(app, "weiss", OTHER)[1].status_code == 401
    assert service.journal.sharing.of_wearer(mira) == []
    assert is_in(kept)


def test_who_has_a_code_tries_sign_in_names_no_oftener_than_passwords(app, service, kept, wall):
    """“This name is taken” tells who is here: to the one who was let in, and not again and again."""
    told = {"code": made(app), "name": "Kim", "sign_in_name": "mira", "password": OTHER}
    answers = [visitor(app).post("/join", json=told).status_code for _ in range(BY_ADDRESS.amount + 1)]
    assert answers == [409] * BY_ADDRESS.amount + [429]
    wall.now_s += WINDOW_MIN * 60 + 1
    assert join(app, told["code"], "kim")[1].status_code == 200, "the code still works"


# Session fixation


def ways_to_sign_in(app, client):
    """Every way to become somebody at a door, for a client that brings a session already."""
    words = app.state.words
    return {
        "password": lambda c: c.post("/sign-in", json={"name": "mira", "password": GOOD}),
        "words": lambda c: c.post("/way-back", json={"words": words}),
        "a code": lambda c: c.post("/join", json={"code": own_code(app, client)}),
        "an invitation": lambda c: join(app, made(app), client=c)[1],
    }


def own_code(app, client):
    """A code for another phone of one's own, as it is made while there is no password."""
    service = app.state.service
    return service.journal.pairs.make_code(Actor(id_of(service, client)), for_other=False, now=datetime.now(UTC))


def made(app):
    invitations = app.state.service.journal.invitations
    return invitations.make(SERVICE, called="", for_clinician=False, now=datetime.now(UTC))[1]


@pytest.mark.parametrize("way", ["password", "words", "a code", "an invitation"])
def test_a_session_that_was_planted_is_nobodys_after_signing_in(app, service, kept, way):
    app.state.words = kept.post("/api/account/way-back", json={"proof": GOOD}).json()["words"]
    victim = visitor(app)
    victim.cookies.set("flooding_session", "planted")
    answer = ways_to_sign_in(app, kept)[way](victim)
    assert answer.status_code == 200, answer.text
    assert "planted" not in answer.headers["set-cookie"]
    assert service.journal.people.person_for("planted", now=datetime.now(UTC)) is None


@pytest.mark.parametrize("way", ["password", "words"])
def test_the_session_that_a_browser_brought_ends_when_somebody_signs_in_there(app, kept, way):
    """Whoever planted a session of their own, or kept a copy of the one before, has nothing of it."""
    app.state.words = kept.post("/api/account/way-back", json={"proof": GOOD}).json()["words"]
    browser, _ = invited(app)
    copied = browser.cookies["flooding_session"]
    answer = ways_to_sign_in(app, kept)[way](browser)
    assert answer.status_code == 200
    thief = visitor(app)
    thief.cookies.set("flooding_session", copied)
    assert not is_in(thief)
    assert browser.get("/api/account").json()["sign_in_name"] == "mira"


def test_over_tls_the_cookie_is_this_hosts_alone_and_one_of_the_open_network_says_nothing(app, kept):
    safe = "https://127.0.0.1"
    answer = bare_visitor(app, {"origin": safe}).post(f"{safe}/sign-in", json={"name": "mira", "password": GOOD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-flooding_session=")
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= {part.strip().lower() for part in cookie.split(";")}
    assert "domain" not in cookie.lower()
    token = cookie.split("=", 1)[1].split(";")[0]
    for name, status in (("__Host-flooding_session", 200), ("flooding_session", 401)):
        client = bare_visitor(app, {"cookie": f"{name}={token}"})
        assert client.get(f"{safe}/api/account").status_code == status


# Cross-site requests


def writes(app):
    """Every route that changes something, the pages' own too."""
    for included in app.routes:
        for route in getattr(getattr(included, "original_router", None), "routes", ()):
            for method in getattr(route, "methods", set()) - {"GET", "HEAD", "OPTIONS"}:  # a socket has none
                yield method, route.path


CROSS_SITE = {
    "another site’s form": {"origin": "https://evil.example", "content-type": "application/x-www-form-urlencoded"},
    "another site’s script": {"origin": "https://evil.example", "content-type": "application/json"},
    "a sandboxed frame": {"origin": "null"},
    "no origin, but another site": {"sec-fetch-site": "cross-site"},
    "a neighbour’s port": {"origin": ORIGIN + ":9999", "sec-fetch-site": "same-site"},
    "our origin claimed, another site": {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
}


@pytest.mark.parametrize("headers", CROSS_SITE.values(), ids=CROSS_SITE)
def test_nothing_is_written_for_another_sites_page_whoever_is_signed_in(app, kept, headers):
    victim = bare_visitor(app, headers)
    victim.cookies.set("flooding_session", kept.cookies["flooding_session"])
    seen = set()
    for method, path in writes(app):
        answer = victim.request(method, path, content=b"{}")
        assert answer.status_code == 403, path
        assert answer.json()["detail"] == "This request came from another site."
        assert "set-cookie" not in answer.headers
        seen.add(path)
    assert {"/sign-in", "/join", "/way-back", "/welcome", "/sign-out", "/api/account/password"} <= seen
    assert is_in(kept)


# Brute force


def test_a_name_is_tried_ten_times_and_then_not_even_the_right_password_opens(app, kept, wall):
    for _ in range(BY_NAME.amount):
        assert sign_in(app, password="a wrong guess")[1].status_code == 401
        wall.now_s += 1
    refused = sign_in(app)[1]
    assert "10 minutes" in is_problem(refused, 429)
    assert 0 < int(refused.headers["retry-after"]) <= WINDOW_MIN * 60
    wall.now_s += int(refused.headers["retry-after"])
    assert sign_in(app)[1].status_code == 200
    page = visitor(app, accept="text/html")
    for _ in range(BY_NAME.amount):
        answer = page.post("/sign-in", json={"name": "mira", "password": "a wrong guess"})
    answer = page.post("/sign-in", json={"name": "mira", "password": GOOD})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (429, "text/html")


def test_a_name_that_is_tried_on_purpose_keeps_its_owner_out_of_neither_the_words_nor_for_long(app, kept, wall):
    words = kept.post("/api/account/way-back", json={"proof": GOOD}).json()["words"]
    for _ in range(BY_NAME.amount + 5):
        sign_in(app, password="a wrong guess")
    assert sign_in(app)[1].status_code == 429
    assert is_in(kept)
    assert visitor(app).post("/way-back", json={"words": words}).status_code == 200
    wall.now_s += WINDOW_MIN * 60 + 1
    assert sign_in(app)[1].status_code == 200


def test_the_right_password_begins_the_count_anew_for_its_name_only(app, kept, wall):
    for _ in range(4):
        for _ in range(BY_NAME.amount - 1):
            answer = sign_in(app, password="a wrong guess")[1]
        if answer.status_code == 429:
            break
        sign_in(app)
    assert answer.status_code == 429, "an address may guess as often as it likes between its own sign-ins"


def test_an_address_is_counted_over_all_names(app, kept, wall):
    answers = [sign_in(app, name=f"somebody {i}")[1].status_code for i in range(BY_ADDRESS.amount + 1)]
    assert answers == [401] * BY_ADDRESS.amount + [429]


def test_many_guesses_at_once_are_no_more_than_one_after_another(app, service, kept):
    hasher = Counting()
    service.journal.ways_in._passwords = Passwords(hasher)
    clients = [visitor(app) for _ in range(25)]
    with ThreadPoolExecutor(25) as pool:
        answers = list(pool.map(lambda client: sign_in(app, password="a wrong guess", client=client)[1], clients))
    assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 15
    assert len(hasher.worked) == BY_NAME.amount


@pytest.mark.parametrize("door", ["words", "a code", "looking at a code"])
def test_words_and_codes_are_tried_thirty_times_and_a_right_one_costs_nothing(app, kept, wall, door):
    words = kept.post("/api/account/way-back", json={"proof": GOOD}).json()["words"]
    code = made(app)
    stranger = visitor(app)
    right, wrong = {
        "words": (
            lambda: visitor(app).post("/way-back", json={"words": words}),
            lambda: stranger.post("/way-back", json={"words": "AAAA"}),
        ),
        "a code": (lambda: visitor(app).get(f"/join/{code}"), lambda: stranger.post("/join", json={"code": "AAAA"})),
        "looking at a code": (lambda: visitor(app).get(f"/join/{code}"), lambda: stranger.get("/join/AAAA")),
    }[door]
    for _ in range(BY_ADDRESS.amount):
        assert right().status_code == 200
        assert wrong().status_code in {200, 404}
    assert wrong().status_code == 429
    assert right().status_code == 429
    wall.now_s += WINDOW_MIN * 60 + 1
    assert right().status_code == 200


def test_proofs_are_tried_as_seldom_as_passwords(app, kept, wall):
    told = {"sign_in_name": "mira", "password": OTHER, "proof": "a wrong guess"}
    answers = [kept.post("/api/account/password", json=told).status_code for _ in range(BY_NAME.amount + 1)]
    assert answers == [403] * BY_NAME.amount + [429]


def test_each_thing_is_counted_by_itself(wall):
    counted = attempts.Attempts()
    for _ in range(BY_ADDRESS.amount):
        counted.missed(Tried.CODE, address="here")
    with pytest.raises(TooManyTries):
        counted.check(Tried.CODE, address="here")
    counted.check(Tried.WORDS, address="here")
    counted.check(Tried.CODE, address="there")


def test_no_header_moves_a_guesser_to_another_address(service):
    """There is no proxy before this server, so what claims to be one’s word is a stranger’s."""
    with bind("127.0.0.1", 0):
        assert Server(lambda: None, lambda: None).config.proxy_headers is False


# Enumeration of people


def same(*answers):
    """All answers are alike, in everything that is sent."""
    seen = {(answer.status_code, answer.content, tuple(sorted(answer.headers.items()))) for answer in answers}
    assert len(seen) == 1, seen
    return answers[0].status_code


def test_an_unknown_name_and_a_wrong_password_are_answered_alike_by_the_same_work(app, service, kept):
    hasher = Counting()
    service.journal.ways_in._passwords = passwords = Passwords(hasher)
    service.journal.ways_in.set_password(
        Actor(id_of(service, kept)), "mira", GOOD, proof=kept_words(kept), now=datetime.now(UTC)
    )
    passwords.verify("x", None)
    hasher.worked.clear()
    names = ("mira", "nobody", "", "\ud800".encode("utf-8", "surrogatepass"))[:2]
    assert same(*(sign_in(app, name, "a wrong guess")[1] for name in names)) == 401
    assert len(hasher.worked) == 2
    assert len(set(hasher.worked)) == 1


def kept_words(client):
    return client.post("/api/account/way-back", json={"proof": GOOD}).json()["words"]


def test_a_name_is_the_same_unknown_one_whether_it_is_a_clinicians_or_has_no_password(app, kept):
    invited(app, clinician=True, name="weiss")
    come_in(app, code_of(kept)["code"], name="Jonas")
    answers = [sign_in(app, name, "a wrong guess")[1] for name in ("mira", "weiss", "jonas", "nobody")]
    assert same(*answers) == 401


def test_words_that_were_another_persons_once_are_like_any_others(app, kept):
    old = kept_words(kept)
    kept_words(kept)
    answers = [visitor(app).post("/way-back", json={"words": words}) for words in (old, "AAAA-AAAA-AAAA", "ü")]
    assert same(*answers) == 404


def dead_codes(app, service, client):
    """One of each kind that opens nothing: unknown, used, run out, taken back."""
    now = datetime.now(UTC)
    actor = Actor(id_of(service, client))
    used = made(app)
    join(app, used, "kim")
    revoked, code = service.journal.invitations.make(SERVICE, called="", for_clinician=True, now=now)
    service.journal.invitations.revoke(SERVICE, revoked.id)
    pair_used = code_of(client)["code"]
    come_in(app, pair_used)
    _, ran_out = service.journal.sharing.invite(actor, called="", now=now - 8 * DAY)
    ended, taken_back = service.journal.sharing.invite(actor, called="", now=now)
    service.journal.sharing.end(actor, ended, now=now)
    pair_over = service.journal.pairs.make_code(actor, for_other=False, now=now - DAY)
    over = made(app)  # the last, since making one more lets those go that have run out
    with service.journal.database.write() as connection:
        connection.execute(update(InvitationRow).values(expires_at=now))
    return ["AAAA-AAAA-AAAA", "ü", used, over, code, pair_used, pair_over, ran_out, taken_back]


def test_codes_that_open_nothing_are_answered_alike_whatever_they_once_opened(app, service, kept):
    codes = dead_codes(app, service, kept)
    assert same(*(visitor(app).get(f"/join/{code}") for code in codes)) == 200
    assert same(*(join(app, code, "eve")[1] for code in codes)) == 404


def test_tokens_that_open_nothing_are_answered_alike(app, service, mira):
    revoked, over = token_of(mira, "body:read"), token_of(mira, "body:read")
    mira.post(f"/api/account/tokens/{revoked['id']}/revoke")
    with service.journal.database.write() as connection:
        connection.execute(update(ApiTokenRow).where(ApiTokenRow.id == over["id"]).values(expires_at=datetime.now(UTC)))
    answers = [
        program(app, token).get("/api/recordings") for token in (revoked["token"], over["token"], "flooding_x", "")
    ]
    answers.append(bare_visitor(app, {"authorization": b"Bearer \xff"}).get("/api/recordings"))
    assert same(*answers) == 401
    assert answers[0].headers["www-authenticate"] == 'Bearer error="invalid_token"'


# Hashing


def test_passwords_are_hashed_off_the_event_loop_and_few_at_once(app, service, kept):
    hasher = Counting()
    service.journal.ways_in._passwords = Passwords(hasher)
    sign_in(app, password="a wrong guess")
    kept.post("/api/account/way-back", json={"proof": "a wrong guess"})
    assert len(hasher.worked) == 2
    assert app.state.first.portal.call(threading.get_ident) not in hasher.threads
    assert service.hashing._value == 2


# Tokens for programs


def documented(app):
    return {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}


def test_every_door_in_the_table_is_a_door_of_the_house(app):
    assert set(DOORS) <= documented(app)


CLOSED = ("account", "pair", "agreement", "erase", "turn-to", "channels", "straps", "sharing", "clients")


def test_what_is_of_two_of_an_account_or_cannot_be_undone_has_no_door_for_programs():
    assert not [path for _, path in DOORS if any(word in path for word in CLOSED)]
    assert ("POST", "/api/archive") not in DOORS
    assert ("POST", "/api/entries/{entry_id}/curve") not in DOORS


@pytest.mark.parametrize("scope", Scope)
def test_a_token_opens_its_own_doors_and_no_other_not_even_with_a_cookie(app, mira, scope):
    client = program(app, token_of(mira, scope)["token"])
    client.cookies.set("flooding_session", mira.cookies["flooding_session"])
    for method, path in sorted(documented(app)):
        if path.endswith("/live") and path.startswith("/api/talks"):
            path_now = "/api/talks/none/live"
        else:
            path_now = path.replace("{number}", "1")
        answer = client.request(method, path_now, json={})
        if DOORS.get((method, path)) == scope:
            assert answer.status_code not in {401, 403}, (method, path)
        else:
            is_problem(answer, 403)
            assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def test_no_page_opens_to_a_token(app, mira):
    client = program(app, token_of(mira, *Scope)["token"], accept="text/html")
    for path in (
        "/",
        "/talk",
        "/journal",
        "/account",
        "/more",
        "/data",
        "/two",
        "/welcome",
        "/join",
        "/sign-in",
        "/help",
    ):
        assert client.get(path).status_code == 403, path
    for path in ("/welcome", "/join", "/sign-in", "/way-back", "/sign-out", "/talk"):
        assert client.post(path, json={}).status_code == 403, path


def test_a_program_acts_for_its_owner_alone_without_a_cookie_or_an_origin(app, mira):
    jonas, _ = come_in(app, code_of(mira)["code"])
    mine = mira.post("/api/talks", json={}).json()["id"]
    his = program(app, token_of(jonas, "talk", "journal:read")["token"])
    hers = program(app, token_of(mira, "talk")["token"])
    assert his.get(f"/api/talks/{mine}").status_code == 404
    assert hers.get(f"/api/talks/{mine}").status_code == 200
    answer = hers.post(f"/api/talks/{mine}/end")
    assert answer.json()["phase"] == "ended"
    assert "set-cookie" not in answer.headers
    assert talk_of(mira) is None


def test_a_bad_token_is_refused_where_a_cookie_would_let_one_in(app, mira):
    client = program(app, "flooding_guess")
    client.cookies.set("flooding_session", mira.cookies["flooding_session"])
    is_problem(client.get("/api/recordings"), 401)


def test_a_token_is_shown_once_and_its_end_is_in_sight(app, mira):
    made_now = token_of(mira, "talk", days=LONGEST.days)
    assert made_now["token"] not in mira.get("/api/account").text + mira.get("/account").text
    for days in (0, LONGEST.days + 1):
        told = {"name": "Lamp", "scopes": ["talk"], "days": days}
        is_problem(mira.post("/api/account/tokens", json=told), 422)
    is_problem(mira.post("/api/account/tokens", json={"name": "Lamp", "scopes": [], "days": 1}), 422)
    is_problem(mira.post("/api/account/tokens", json={"name": "Lamp", "scopes": ["everything"], "days": 1}), 422)


def test_anothers_token_and_device_look_like_none(app, mira):
    jonas, _ = come_in(app, code_of(mira)["code"])
    token = token_of(mira, "talk")["id"]
    (device,) = [one["id"] for one in mira.get("/api/account").json()["devices"]]
    for path in ("/api/account/tokens/{}/revoke", "/api/account/devices/{}/sign-out"):
        assert same(*(jonas.post(path.format(one)) for one in (token, device, "none"))) == 404
    assert is_in(mira)


# Nothing secret in a log


class Told(logging.Handler):
    """Everything that any logger says."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@pytest.fixture
def logs(monkeypatch, capfd):
    """All that a running server says, by whichever way."""
    told, root = Told(), logging.getLogger()
    before = root.level
    for client in ("httpx2", "httpcore2"):  # the visitor's own
        monkeypatch.setattr(logging.getLogger(client), "level", logging.CRITICAL)
    root.addHandler(told)
    root.setLevel(logging.DEBUG)
    monkeypatch.setattr("sys.stderr", stream := io.StringIO())
    configure()
    try:
        yield lambda: "\n".join([*told.lines, stream.getvalue(), *capfd.readouterr()])
    finally:
        root.removeHandler(told)
        root.setLevel(before)
        structlog.reset_defaults()


CANARY = "canary"


def test_no_password_word_code_or_token_is_in_a_log_also_when_something_breaks(tmp_path, logs, monkeypatch):
    """Over a real server, as `flooding run` starts it, whose every logger speaks."""
    import httpx2 as httpx

    service = build(Settings(data_dir=tmp_path / "data"), clock=SystemClock(), source_for=lambda _: None)
    service.journal.ways_in._passwords = quick()
    from api.app import create_app

    listener = bind("127.0.0.1", 0)
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = Server(create_app(service), service.live.release_followers)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    secrets = {f"{CANARY} password", f"{CANARY} wrong one", f"{CANARY}-code", f"{CANARY} words"}
    try:
        with httpx.Client(
            base_url=base, headers={"origin": base}, limits=httpx.Limits(max_keepalive_connections=0)
        ) as client:
            client.post("/welcome")
            password = {"sign_in_name": "mira", "password": f"{CANARY} password"}
            assert client.post("/api/account/password", json=password).status_code == 200
            proof = {"proof": f"{CANARY} password"}
            secrets.add(client.post("/api/account/way-back", json=proof).json()["words"])
            told = {"name": "Lamp", "scopes": ["body:read"], "days": 1} | proof
            secrets.add(token := client.post("/api/account/tokens", json=told).json()["token"])
            secrets.add(code := client.post("/api/pair/code", json={"for_other": True}).json()["code"])
            secrets.add(client.cookies["flooding_session"])

            def everything():
                client.post("/sign-in", json={"name": "mira", "password": f"{CANARY} wrong one"})
                client.post("/sign-in", json={"name": "mira", "password": [f"{CANARY} wrong one"]})
                client.post("/sign-in", content=f'{{"password": "{CANARY} wrong one"')
                client.post("/api/account/password", json=password | {"password": f"{CANARY} wrong one"})
                client.get(f"/join/{CANARY}-code")
                client.get(f"/join/{code}")
                client.post("/join", json={"code": f"{CANARY}-code", "password": f"{CANARY} wrong one"})
                client.post("/way-back", json={"words": f"{CANARY} words"})
                bearer = {"authorization": f"Bearer {token}"}
                client.get("/api/recordings", headers=bearer)
                client.get("/api/account", headers=bearer)

            everything()

            def breaks(*_, **__):
                raise RuntimeError("it broke here")

            for store, name in (
                ("ways_in", "person_for"), ("ways_in", "set_password"), ("invitations", "opening"),
                ("people", "by_way_back"), ("tokens", "program_for"),
            ):  # fmt: skip
                monkeypatch.setattr(getattr(service.journal, store), name, breaks)
            everything()
    finally:
        server.should_exit = True
        thread.join()
    said = logs()
    assert "it broke here" in said
    assert not [secret for secret in (*secrets, CANARY) if secret in said]


def test_a_code_in_an_address_is_told_to_no_other_page(app, kept):
    answer = visitor(app).get(f"/join/{made(app)}")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert '<meta name="referrer" content="no-referrer">' in answer.text
    assert 'src="http' not in answer.text


def test_no_secret_gets_into_an_address_where_a_form_leaves_before_its_script(app):
    """A form without a method is sent in the address, and an address is kept in histories."""
    mira = newcomer(app)
    for client, path in (
        (visitor(app), "/sign-in"),
        (visitor(app), "/welcome"),
        (visitor(app), "/join"),
        (mira, "/account"),
    ):
        page = client.get(path, headers={"accept": "text/html"}).text
        assert page.count("<form") == page.count('<form method="post"') > 0, path
