"""A service that others reach: behind a proxy that speaks TLS, under one name. Nobody who comes through it sits at the machine."""

from datetime import UTC, datetime

import pytest
from fastapi import Request

from alerts.people import SERVICE
from api.app import build
from api.attempts import BY_ADDRESS
from api.routes.pair import join_url
from api.routes.passkeys import _place_here as place_here
from api.settings import BadSetting, Settings, read_settings
from tests.integration.visitors import bare_visitor, running
from tests.quick_passwords import GOOD, quick

PUBLIC = "https://lamp.example.org"
THROUGH_PROXY = {
    "host": "lamp.example.org",
    "origin": PUBLIC,
    "x-forwarded-proto": "https",
    "x-forwarded-for": "203.0.113.7",
}


@pytest.fixture
def service(tmp_path):
    service = build(Settings(data_dir=tmp_path / "data", public_url=PUBLIC), source_for=lambda _: None)
    service.journal.ways_in._passwords = quick()
    return service


@pytest.fixture
def app(service):
    with running(service) as app:
        yield app


def through_proxy(app, *, at="127.0.0.1", **headers):
    """Somebody whose requests come to the app from `at`, as a proxy sends them on."""
    return bare_visitor(app, THROUGH_PROXY | headers, client=(at, 50000))


def test_whoever_comes_through_the_proxy_does_not_sit_at_the_machine(app, service):
    """The proxy's own connections come from this machine, and so does everybody's click."""
    assert through_proxy(app).post("/welcome").status_code == 404
    assert service.journal.people.everybody(SERVICE) == []


def test_the_start_page_offers_no_click_and_says_where_a_code_comes_from(app):
    page = through_proxy(app, accept="text/html").get("/welcome").text
    assert 'data-testid="welcome-begin"' not in page
    assert "This phone" not in page
    assert "whoever runs this" in page


def test_an_account_made_by_invitation_gets_a_cookie_for_tls_alone(app, service):
    _, code = service.journal.invitations.make(SERVICE, called="Mira", for_clinician=False, now=datetime.now(UTC))
    answer = through_proxy(app).post(
        "/join", json={"code": code, "name": "Mira", "sign_in_name": "mira", "password": GOOD}
    )
    assert answer.status_code == 200, answer.text
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-flooding_session=")
    assert "Secure" in cookie


def test_it_is_tls_whatever_the_proxy_forgets_to_say(app):
    """Else every write would be refused as another site's, and a cookie would go without its lock."""
    forgetful = {key: value for key, value in THROUGH_PROXY.items() if key != "x-forwarded-proto"}
    answer = bare_visitor(app, forgetful, client=("127.0.0.1", 50000)).post("/welcome")
    assert answer.status_code == 404  # refused for who asks, not for where the page came from


def test_another_name_is_nobodys(app):
    assert bare_visitor(app, THROUGH_PROXY | {"host": "evil.example.org"}).get("/welcome").status_code == 400


def test_tries_are_counted_by_the_address_that_the_proxy_tells(app):
    wrong = {"name": "mira", "password": "wrong"}
    tried = [
        through_proxy(app, **{"x-forwarded-for": f"203.0.113.{n}"}).post("/sign-in", json=wrong | {"name": f"n{n}"})
        for n in range(BY_ADDRESS.amount + 5)
    ]
    assert {answer.status_code for answer in tried} == {401}


def test_a_strangers_word_for_who_they_are_is_not_believed(app):
    """Only the proxy says where somebody comes from; who reaches the port itself does not."""
    wrong = {"password": "wrong"}
    tried = [
        through_proxy(app, at="203.0.113.9", **{"x-forwarded-for": f"198.51.100.{n}"}).post(
            "/sign-in", json=wrong | {"name": f"n{n}"}
        )
        for n in range(BY_ADDRESS.amount + 1)
    ]
    assert [answer.status_code for answer in tried][-2:] == [401, 429]


def test_browsers_are_told_to_come_by_tls_only(app):
    assert through_proxy(app).get("/health/live").headers["strict-transport-security"] == "max-age=31536000"


def test_a_code_for_another_phone_names_the_public_address(service):
    assert join_url(service, "abcd", "http://127.0.0.1:8000/") == f"{PUBLIC}/join/abcd"


@pytest.mark.parametrize(
    "url",
    [
        "http://lamp.example.org",
        "lamp.example.org",
        "https://",
        "https://a.org/path",
        "https://u:p@a.org",
        "https://a.org?x=1",
    ],
)
def test_what_is_no_public_address_is_refused(monkeypatch, url):
    monkeypatch.setenv("FLOODING_PUBLIC_URL", url)
    with pytest.raises(BadSetting, match=r"^FLOODING_PUBLIC_URL=.*https://"):
        read_settings()


def test_an_address_that_others_reach_needs_a_proxy_with_tls_before_it(monkeypatch):
    monkeypatch.setenv("FLOODING_HOST", "0.0.0.0")
    with pytest.raises(BadSetting, match=r"^FLOODING_HOST=0\.0\.0\.0: .*FLOODING_PUBLIC_URL"):
        read_settings()
    monkeypatch.setenv("FLOODING_PUBLIC_URL", PUBLIC)
    assert read_settings().host == "0.0.0.0"


@pytest.mark.parametrize(
    ("url", "origin"), [(PUBLIC, PUBLIC), ("https://lamp.example.org:8443", "https://lamp.example.org:8443")]
)
def test_a_passkey_is_for_the_public_address_and_not_for_the_port_behind_the_proxy(tmp_path, url, origin):
    service = build(Settings(data_dir=tmp_path / "data", public_url=url), source_for=lambda _: None)
    with running(service) as app:
        seen = {}

        @app.get("/test/place")
        def place(request: Request) -> None:
            seen["place"] = place_here(request)

        through_proxy(app).get("/test/place")
    assert (seen["place"].name, seen["place"].origin) == ("lamp.example.org", origin)
