"""The doors of the house: who gets in, what is refused and how, and what a refusal gives away."""

import html
import json
import shlex
import sys
import tomllib
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from alerts.people import Actor
from api.app import build
from api.formats.fhir import HOW_TO_INSTALL
from api.own_journal import WrongJournal
from api.problems import MOST_BODY_BYTES
from api.settings import Settings
from hrv.minutes import Minute
from journal.models import PersonRow
from sensing.clock import SystemClock
from sensing.no_radio import NoAdapter, Obstacle
from sensing.scanner import Nearby
from tests.integration.journal_home import wait_until
from tests.integration.visitors import ORIGIN, bare_visitor, is_problem, newcomer, running, visitor
from tests.raw_sql import raw


@pytest.fixture
def jonas(app, service):
    """A second account, as a later version will make it."""
    person_id = uuid.uuid4().hex
    with service.journal.database.write() as connection:
        connection.execute(insert(PersonRow).values(id=person_id, name="Jonas", created_at=datetime.now(UTC)))
    client = visitor(app)
    token = service.journal.people.open_session(Actor(person_id), now=datetime.now(UTC))
    client.cookies.set("flooding_session", token)
    return client


PLACEHOLDERS = {
    "talk_id": "no-such-talk",
    "entry_id": "no-such-entry",
    "channel_id": "no-such-channel",
    "draft_id": "none",
    "taken": "acknowledge",
}


def routes(app):
    """Every documented route and method, with placeholders filled."""
    for path, methods in app.openapi()["paths"].items():
        for method in methods:
            for name, value in PLACEHOLDERS.items():
                path = path.replace(f"{{{name}}}", value)  # noqa: PLW2901
            yield method.upper(), path


def test_without_a_session_every_route_but_health_asks_to_begin_at_the_start(app):
    stranger = visitor(app)
    seen = 0
    for method, path in routes(app):
        answer = stranger.request(method, path, json={})
        if path.startswith("/health/"):
            assert answer.status_code == 200
            continue
        if path == "/api/publish/begin":  # a home's program comes with a clinician's code, and without one it is no use
            is_problem(answer, 422)
            continue
        is_problem(answer, 401)
        seen += 1
    assert seen >= 12


def test_without_a_session_pages_lead_to_the_start_and_help_needs_none(app):
    stranger = visitor(app, accept="text/html")
    for path in ("/talk", "/journal", "/two", "/channels", "/more", "/data", "/account", "/entries/none"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/welcome")
    for path in ("/help", "/how", "/welcome"):
        assert stranger.get(path).status_code == 200


def test_another_persons_talk_and_entry_look_like_none_at_all(app, mira, jonas):
    talk = mira.post("/api/talks", json={}).json()["id"]
    mira.post(f"/api/talks/{talk}/topic")
    entry = mira.post(f"/api/talks/{talk}/pause").json()["entry"]["id"]
    webhook = {"kind": "webhook", "told": {"url": "http://127.0.0.1:9/"}}
    channel = mira.post("/api/channels", json=webhook).json()["id"]
    for method, path in routes(app):
        if "no-such" not in path:
            continue
        body = {
            "suggestion_id": "x",
            "notice_id": "x",
            "minutes": 10,
            "version": 0,
            "tab": "t",
            "content": {},
            "shown": True,
        }
        of_mira = path.replace("no-such-talk", talk).replace("no-such-entry", entry).replace("no-such-channel", channel)
        hers = jonas.request(method, of_mira, json=body)
        nobodys = jonas.request(method, path, json=body)
        assert is_problem(hers, 404) == is_problem(nobodys, 404)
    assert jonas.get("/api/entries").json() == []
    assert jonas.get("/api/channels").json() == []
    assert [line["id"] for line in mira.get("/api/entries").json()] == [entry]


def test_pages_are_kept_out_of_caches_and_frames(mira):
    for path in ("/talk", "/journal", "/api/entries", "/help", "/nothing"):
        headers = mira.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(app):
    cookie = visitor(app).post("/welcome").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_a_session_that_somebody_planted_is_not_taken_over(app, service):
    client = visitor(app)
    client.cookies.set("flooding_session", "planted")
    answer = client.post("/welcome")
    assert "planted" not in answer.headers["set-cookie"]
    assert service.journal.people.person_for("planted", now=datetime.now(UTC)) is None


def test_two_first_starts_are_one_account(app):
    first, second = visitor(app), visitor(app)
    first.post("/welcome")
    second.post("/welcome")
    talk = first.post("/api/talks", json={}).json()["id"]
    assert second.get(f"/api/talks/{talk}").status_code == 200


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"origin": ORIGIN}, True),
        ({"origin": ORIGIN, "sec-fetch-site": "same-origin"}, True),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, True),
        ({}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"origin": "null"}, False),
        ({"origin": "null", "sec-fetch-site": "cross-site"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "http://127.0.0.1:9999"}, False),
        ({"origin": "ftp://127.0.0.1"}, False),
        ({"origin": "http://[::1"}, False),
        ({"origin": ORIGIN, "sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
    ],
)
def test_a_write_passes_only_from_our_own_page_or_from_no_page(app, headers, passes):
    assert bare_visitor(app, headers).post("/welcome").status_code == (303 if passes else 403)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[::1"])
def test_another_hosts_name_is_refused(app, host):
    assert visitor(app, host=host).get("/welcome").status_code == 400


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("suggestion/accept", b"{"),
        ("suggestion/accept", b"[]"),
        ("suggestion/accept", b'{"suggestion_id": ""}'),
        ("suggestion/accept", b'{"suggestion_id": 5}'),
        ("suggestion/dismiss", b'{"suggestion_id": "x", "reason": "angry"}'),
        ("pause/extend", b'{"minutes": 1e9}'),
        ("pause/extend", b'{"minutes": -5}'),
        ("pause/extend", b'{"minutes": "NaN"}'),
        ("pause/extend", b"\xff\xfe"),
    ],
)
def test_a_malformed_body_is_a_clear_refusal_and_changes_nothing(mira, path, body):
    talk = mira.post("/api/talks", json={}).json()["id"]
    before = mira.get(f"/api/talks/{talk}").json()["version"]
    answer = mira.post(f"/api/talks/{talk}/{path}", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    is_problem(answer, answer.status_code)
    assert mira.get(f"/api/talks/{talk}").json()["version"] == before


def test_an_illegal_step_is_a_conflict_in_words_for_people(mira):
    talk = mira.post("/api/talks", json={}).json()["id"]
    assert is_problem(mira.post("/api/talks", json={}), 409)
    assert is_problem(mira.post(f"/api/talks/{talk}/pause/return"), 409) == "No pause is running."
    mira.post(f"/api/talks/{talk}/pause")
    said = is_problem(mira.post(f"/api/talks/{talk}/pause/return"), 409)
    assert said == "The pause isn’t ready yet. The page shows what it waits for."
    assert is_problem(mira.post(f"/api/talks/{talk}/pause"), 409) == "A pause is already running."


def test_leaving_always_works_also_twice(mira):
    talk = mira.post("/api/talks", json={}).json()["id"]
    assert mira.post(f"/api/talks/{talk}/end").json()["phase"] == "ended"
    assert mira.post(f"/api/talks/{talk}/end").status_code == 200
    assert "Start a talk" in mira.get("/talk").text
    assert mira.post("/api/talks", json={}).status_code == 201


def test_an_extension_names_the_new_time_and_keeps_it(mira):
    talk = mira.post("/api/talks", json={}).json()["id"]
    pause = mira.post(f"/api/talks/{talk}/pause").json()["pause"]
    promised = next(choice["return_at"] for choice in pause["extend"] if choice["minutes"] == 10)
    assert mira.post(f"/api/talks/{talk}/pause/extend", json={"minutes": 10}).json()["pause"]["return_at"] == promised


def test_an_entry_without_a_strap_says_so_instead_of_drawing(mira):
    talk = mira.post("/api/talks", json={}).json()["id"]
    entry = mira.post(f"/api/talks/{talk}/pause").json()["entry"]["id"]
    mira.post(f"/api/talks/{talk}/end")
    timeline = mira.get(f"/api/entries/{entry}/timeline").json()
    assert [bpm for bpm in timeline["bpm"] if bpm is not None] == []
    assert timeline["usual_bpm"] is None
    assert mira.get(f"/entries/{entry}").status_code == 200


def test_no_answer_carries_a_bare_nan(mira):
    talk = mira.post("/api/talks", json={}).json()["id"]
    text = mira.get(f"/api/talks/{talk}").text
    json.loads(text, parse_constant=lambda constant: pytest.fail(f"{constant} is not JSON"))


def test_an_entry_is_read_with_the_line_that_was_in_force_whatever_is_set_today(tmp_path):
    def entry_line(threshold_bpm):
        settings = Settings(data_dir=tmp_path, threshold_bpm=threshold_bpm)
        service = build(settings, clock=SystemClock(), source_for=lambda _: None)
        with running(service) as app:
            mira = newcomer(app)
            if not mira.get("/api/entries").json():
                talk = mira.post("/api/talks", json={}).json()["id"]
                mira.post(f"/api/talks/{talk}/pause")
                mira.post(f"/api/talks/{talk}/end")
            (entry,) = mira.get("/api/entries").json()
            return mira.get(f"/api/entries/{entry['id']}/timeline").json()["line"]["bpm"]

    assert entry_line(90) == 90
    assert entry_line(120) == 90


def test_a_demo_never_opens_a_journal_of_real_talks_nor_the_other_way_round(tmp_path):
    for first, second, word in ((False, True, "real"), (True, False, "simulated")):
        folder = tmp_path / word
        service = build(Settings(data_dir=folder, simulated=first), clock=SystemClock(), source_for=lambda _: None)
        person = service.journal.people.first_person(name="Mira", now=datetime.now(UTC))
        service.journal.talks.start(
            Actor(person.id),
            began_at=datetime.now(UTC),
            utc_offset_min=0,
            strap=None,
            simulated=first,
            threshold_bpm=100.0,
        )
        service.journal.close()
        with pytest.raises(WrongJournal, match=f"holds {word} talks"):
            build(Settings(data_dir=folder, simulated=second), clock=SystemClock(), source_for=lambda _: None)
        build(Settings(data_dir=folder, simulated=first), source_for=lambda _: None).journal.close()


def test_the_page_says_what_stands_in_the_way_of_bluetooth(tmp_path):
    class Radioless:
        async def events(self):
            raise NoAdapter(Obstacle.POWERED_OFF)
            yield

    service = build(
        Settings(data_dir=tmp_path, strap="Polar H10"), clock=SystemClock(), source_for=lambda _: Radioless()
    )
    with running(service) as app:
        mira = newcomer(app)
        talk = mira.post("/api/talks", json={}).json()["id"]
        mira.post(f"/api/talks/{talk}/topic")
        heart = mira.get(f"/api/talks/{talk}").json()["heart"]
        assert (heart["link"], heart["obstacle"]) == ("failed", "Bluetooth is turned off; turn it on")
        assert mira.post(f"/api/talks/{talk}/end").status_code == 200


def test_straps_are_chosen_listed_and_forgotten_by_their_wearer_only(mira, jonas):
    choice = {"id": "AA:BB:CC:DD:EE:01", "name": "Polar H10 A1B2C3D4"}
    assert mira.put("/api/straps", json=choice).status_code == 204
    (line,) = mira.get("/api/straps").json()
    assert (line["id"], line["name"], line["battery_percent"]) == (choice["id"], choice["name"], None)
    assert jonas.get("/api/straps").json() == []
    taken = jonas.put("/api/straps", json=choice)
    assert taken.status_code == 409
    assert "forget" in taken.json()["detail"]
    assert jonas.delete(f"/api/straps/{choice['id']}").status_code == 404
    assert mira.delete(f"/api/straps/{choice['id']}").status_code == 204
    assert mira.get("/api/straps").json() == []


def test_a_search_for_straps_without_bluetooth_says_what_to_do(mira, monkeypatch, tmp_path):
    monkeypatch.setattr("api.routes.straps.scan", no_bluetooth)
    answer = mira.get("/api/straps/nearby")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "Bluetooth is turned off; turn it on."


@pytest.mark.parametrize("device_id", ["", " ", "\0", "a/b", "AA:BB\n", "x" * 65, 1, None, ["AA:BB"]])
def test_what_is_no_straps_id_is_not_chosen(mira, device_id):
    assert mira.put("/api/straps", json={"id": device_id, "name": "HRM 1"}).status_code == 422
    assert mira.get("/api/straps").json() == []


def test_a_battery_on_the_air_is_newer_than_the_one_remembered(mira, monkeypatch):
    async def two_straps(_):
        return [
            Nearby("HRM 1", "AA:BB:CC:DD:EE:01", -60, heart_rate=True, battery_percent=71),
            Nearby("HRM 2", "AA:BB:CC:DD:EE:02", -70, heart_rate=True),
        ]

    monkeypatch.setattr("api.routes.straps.scan", two_straps)
    assert mira.put("/api/straps", json={"id": "AA:BB:CC:DD:EE:01", "name": "HRM 1"}).status_code == 204
    told = mira.get("/api/straps/nearby").json()
    assert [(one["mine"], one["battery_percent"]) for one in told] == [(True, 71), (False, None)]


async def no_bluetooth(_):
    raise NoAdapter(Obstacle.POWERED_OFF)


def test_words_are_saved_as_one_types_and_a_late_window_loses_none(mira):
    made = mira.post("/api/entries", json={"happened_at": "2026-07-01T20:00:00Z", "zone": "Pacific/Auckland"})
    assert made.status_code == 201
    address = f"/api/entries/{made.json()['id']}/content"
    content = {"trigger": {"text": "He said fine.", "categories": ["Feeling unheard"]}, "tags": ["evening"]}
    saved = mira.put(address, json={"version": 0, "tab": "one", "zone": "Pacific/Auckland", "content": content})
    assert saved.json() == {"version": 1}
    late = mira.put(address, json={"version": 0, "tab": "two", "content": {"notes": "typed in the other window"}})
    assert "Both texts are kept" in is_problem(late, 409)
    assert late.json()["stored"] == mira.get(address).json()
    stored = mira.get(address).json()
    assert stored["content"]["trigger"]["text"] == "He said fine."
    assert stored["drafts"][0]["content"]["notes"] == "typed in the other window"
    assert mira.delete(f"{address.removesuffix('content')}drafts/{stored['drafts'][0]['id']}").status_code == 204
    assert mira.get(address).json()["drafts"] == []
    (line,) = mira.get("/api/entries", params={"words": "FINE", "kind": "by_hand", "tag": ""}).json()
    assert (line["title"], line["began"], line["kinds"]) == ("He said fine.", "2026-07-02T08:00:00+12:00", ["by_hand"])
    assert mira.get("/api/entries", params={"words": "violin"}).json() == []
    page = mira.get(line["url"]).text
    assert "He said fine." in page
    assert "Thursday 2 July" in page


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"version": 0, "tab": "t", "content": {"mood": 3}},
        {"version": -1, "tab": "t", "content": {}},
        {"version": 0, "tab": "", "content": {}},
        {"version": 0, "tab": "t", "zone": "Mars/Olympus", "content": {}},
        {"version": 0, "tab": "t", "content": {"notes": "x" * 20_001}},
    ],
)
def test_words_that_cannot_be_stored_are_refused_without_repeating_them(mira, body):
    entry = mira.post("/api/entries", json={}).json()["id"]
    answer = mira.put(f"/api/entries/{entry}/content", json=body)
    assert "xxx" not in is_problem(answer, 422)
    assert mira.get(f"/api/entries/{entry}/content").json()["version"] == 0


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-03-12T19:00:00", "now"])
def test_a_time_that_no_clock_showed_makes_no_entry(mira, when):
    is_problem(mira.post("/api/entries", json={"happened_at": when, "zone": "Pacific/Auckland"}), 422)
    assert mira.get("/api/entries").json() == []


def test_the_journal_page_finds_and_says_when_nothing_was_found(mira):
    assert "find-words" not in mira.get("/journal").text
    mira.post("/api/entries", json={})
    assert "find-words" in mira.get("/journal").text
    page = mira.get("/journal", params={"words": "<violin>", "kind": "", "from_day": "", "tag": ""})
    assert page.status_code == 200
    assert "No entry has this." in page.text
    assert "&lt;violin&gt;" in page.text


def test_ones_own_data_is_shown_taken_along_erased_as_shown_and_brought_back(mira, service):
    talk = mira.post("/api/talks", json={}).json()["id"]
    entry = mira.post(f"/api/talks/{talk}/pause").json()["entry"]["id"]
    wish = {"what": "entry", "id": entry}
    told = mira.post("/api/erase/preview", json=wish).json()
    said = is_problem(mira.post("/api/erase", json=wish | {"token": told["token"]}), 409)
    assert said == "Nothing was erased: a talk is still open; end it first, then erase."
    mira.post(f"/api/talks/{talk}/end")
    mira.put(f"/api/entries/{entry}/content", json={"version": 0, "tab": "t", "content": {"notes": "violin"}})
    archive = mira.get("/api/archive")
    assert archive.headers["content-type"] == "application/zip"
    assert archive.headers["cache-control"] == "no-store"
    is_problem(mira.post("/api/erase", json=wish | {"token": "another"}), 409)
    erased = mira.post("/api/erase", json=wish | {"token": told["token"]}).json()
    assert (erased["entries"], erased["with_words"], erased["recordings"]) == (1, 1, 1)
    assert mira.get("/api/entries").json() == []
    assert mira.get("/api/recordings").json() == []
    is_problem(mira.get(f"/api/talks/{talk}"), 404)
    said = is_problem(mira.post("/api/archive", content=archive.content[:-30]), 422)
    assert said.startswith("Nothing was brought back, and nothing changed: this is no zip file")
    back = mira.post("/api/archive", content=archive.content).json()
    assert back == {
        "entries": 1,
        "checks": 0,
        "recordings": 1,
        "packets": 0,
        "already_there": 0,
        "turn_to": 0,
        "straps": 0,
    }
    assert mira.get(f"/api/entries/{entry}/content").json()["content"]["notes"] == "violin"
    wait_until(lambda: timelines(service) == 1)
    assert mira.get(f"/entries/{entry}").status_code == 200


def test_ones_hearts_minutes_are_taken_along_for_other_programs_without_a_word_and_nobody_elses(mira, jonas, service):
    talk = mira.post("/api/talks", json={}).json()["id"]
    entry = mira.post(f"/api/talks/{talk}/pause").json()["entry"]["id"]
    mira.put(f"/api/entries/{entry}/content", json={"version": 0, "tab": "t", "content": {"notes": "violin"}})
    mira.post(f"/api/talks/{talk}/end")
    actor = whose(service, mira)
    (recording,) = mira.get("/api/recordings").json()
    service.journal.recorder.minute(actor, recording["id"], Minute(0, 60, 58, 72.04, 70.0, 75.0, None, 0))
    bundle = mira.get("/api/fhir")
    assert bundle.headers["content-type"] == "application/fhir+json"
    assert bundle.headers["content-disposition"].endswith('-fhir.json"')
    heart, rmssd = [one["resource"] for one in bundle.json()["entry"][1:]]
    assert heart["valueQuantity"]["value"] == 72.0
    assert "dataAbsentReason" in rmssd
    points = mira.get("/api/open-mhealth")
    assert [json.loads(line)["body"]["heart_rate"]["value"] for line in points.text.splitlines()] == [72.0]
    for told in (bundle, points):
        assert "violin" not in told.text
        assert told.headers["cache-control"] == "no-store"
    assert jonas.get("/api/open-mhealth").text == ""
    assert len(jonas.get("/api/fhir").json()["entry"]) == 1
    assert 'href="/api/fhir"' in mira.get("/data").text


def test_without_the_library_that_checks_fhir_the_page_says_what_to_do(mira, monkeypatch):
    monkeypatch.setitem(sys.modules, "fhir.resources.R4B.bundle", None)
    assert HOW_TO_INSTALL in is_problem(mira.get("/api/fhir"), 501)
    monkeypatch.setattr("api.formats.fhir.find_spec", lambda _: None)
    page = mira.get("/data").text
    assert 'href="/api/fhir"' not in page
    assert "FHIR needs one more library" in page
    assert HOW_TO_INSTALL in html.unescape(page)
    assert 'href="/api/open-mhealth"' in page


def test_what_installs_the_library_for_fhir_is_a_clones_own_and_in_the_readme():
    root = Path(__file__).parents[2]
    assert f"`{HOW_TO_INSTALL}`" in (root / "README.md").read_text()
    pip, *options = shlex.split(HOW_TO_INSTALL)
    assert (pip, options) == (".venv/bin/pip", ["install", "-c", "constraints.txt", "-e", ".[fhir]"])
    assert (root / "constraints.txt").is_file()
    assert "fhir" in tomllib.loads((root / "pyproject.toml").read_text())["project"]["optional-dependencies"]


def whose(service, client):
    """Who this client is signed in as."""
    return Actor(service.journal.people.person_for(client.cookies["flooding_session"], now=datetime.now(UTC)).id)


def timelines(service):
    with service.journal.database.read() as connection:
        return raw(connection, "SELECT count(*) FROM timeline").scalar()


def test_after_everything_is_erased_the_page_begins_anew(mira, service):
    mira.post("/api/entries", json={})
    token = mira.post("/api/erase/preview", json={"what": "everything"}).json()["token"]
    assert mira.post("/api/erase", json={"what": "everything", "token": token}).status_code == 200
    is_problem(mira.get("/api/entries"), 401)
    assert mira.post("/welcome").status_code == 303
    assert mira.get("/api/entries").json() == []


def test_an_upload_that_is_too_large_is_refused(mira, monkeypatch):
    monkeypatch.setattr("api.routes.own_data.MOST_UPLOADED_BYTES", 10)
    assert "flooding archive restore" in is_problem(mira.post("/api/archive", content=b"x" * 11), 413)


def test_an_upload_may_be_larger_than_what_a_page_sends(mira):
    is_problem(mira.post("/api/archive", content=b"x" * (MOST_BODY_BYTES + 1)), 422)


@pytest.mark.parametrize("path", ["/journal?from_day=abc", "/journal?to_day=2026-02-30", "/review?day=12.3.2026"])
def test_a_bad_day_in_an_address_is_told_with_its_field_and_an_example(mira, path):
    field, told = path.split("?")[1].split("=")
    page = mira.get(path, headers={"accept": "text/html"})
    assert page.status_code == 422
    assert f"{field} expects a day, as in 2026-03-12; “{told}” is none." in page.text
    assert "Input" not in page.text


def test_what_does_not_fit_is_said_in_our_words_and_not_said_again_from_a_body(mira):
    said = is_problem(mira.post("/api/agreement", json={"pause_min": "secret"}), 422)
    assert said == "pause_min expects a whole number, as in 20."
    said = is_problem(mira.post("/api/pair", json={}), 422)
    assert said == "name is needed, and is not there."
    said = is_problem(mira.post("/api/pair", content=b"{", headers={"content-type": "application/json"}), 422)
    assert said == "The body is no JSON."


def test_days_without_a_day_are_not_everything(mira):
    assert "Everything" in is_problem(mira.post("/api/erase/preview", json={"what": "period"}), 422)
