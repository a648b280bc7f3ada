"""A clinician's pages over weeks: only what is shown, in the log before it is sent, the same as JSON, CSV and on paper."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest

from api.routes.auth import COOKIE
from api.routes.clients import right_now
from journal.access_log import Looked
from tests.clinic import CALM, MONDAY, NOW, admit, clinician, cookie_of, flooded, remember, show_since
from tests.integration.journal_home import add_person
from tests.integration.visitors import is_problem, visitor

WEEK = timedelta(weeks=1)
PAGES = ("", "/compare", "/report")
FILES = ("/trends", "/compare", "/csv", "/fhir")


class Practice:
    """Mira shows Dr. Okafor what happened since 26 January; Dr. Blau is admitted and shown nothing."""

    def __init__(self, service):
        self.journal = service.journal
        self.mira, self.jonas = (add_person(self.journal.database, name) for name in ("Mira", "Jonas"))
        self.okafor, self.blau = clinician(self.journal), clinician(self.journal, "Dr. Blau")
        for week in range(12):
            for day in (1, 3):
                figures = CALM if week > 7 else flooded(CALM)
                remember(self.journal, self.mira, MONDAY + (week - 11) * WEEK + timedelta(days=day, hours=18), figures)
        self.admission = admit(self.journal, self.mira, self.okafor)
        self.since = MONDAY - 6 * WEEK
        self.grant = show_since(self.journal, self.mira, self.admission, self.since)
        admit(self.journal, self.mira, self.blau)
        self.address = f"/clients/{self.mira.person_id}"
        self.api = f"/api/clients/{self.mira.person_id}"

    def looks(self):
        return [look.looked for look in self.journal.access_log.looks(self.mira)]


@pytest.fixture
def practice(service):
    return Practice(service)


@pytest.fixture
def come(app):
    """A person at the door, by their cookie."""
    app.dependency_overrides[right_now] = lambda: NOW

    def at_the_door(service, actor, **headers):
        client = visitor(app, **({"accept": "text/html"} | headers))
        if actor is not None:
            client.cookies.set(COOKIE, cookie_of(service.journal, actor))
        return client

    return at_the_door


@pytest.fixture
def okafor(practice, service, come):
    return come(service, practice.okafor)


def words(answer):
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>", " ", answer.text, flags=re.DOTALL)))


def test_the_caseload_says_who_shares_what_and_what_is_new(practice, okafor):
    told = words(okafor.get("/clients"))
    assert "Nobody is ranked." in told
    assert "Mira everything since 26 January" in told
    assert "First 14 entries" in told
    assert "Thu 12 March" in told
    assert "fewer:" in told
    assert practice.looks() == [Looked.CASELOAD]
    line = okafor.get("/api/clients").json()
    assert [one["name"] for one in line] == ["Mira"]
    assert line[0]["direction"] in told
    assert line[0]["floods_per_hour"]["words"].split(" ")[0] in told


def test_trends_tell_only_what_is_shown_and_are_in_the_log_first(practice, okafor):
    told = words(okafor.get(practice.address))
    assert "Mira shares everything since 26 January, decides what you see" in told
    assert practice.looks() == [Looked.TRENDS]
    json = okafor.get(f"{practice.api}/trends?weeks=12").json()
    assert len(json["talks"]) == 14
    assert min(talk["began"] for talk in json["talks"]) >= "2026-01-26"
    for figure in json["figures"]:
        assert figure["sentence"] in told
    floods = next(one for one in json["figures"] if one["key"] == "floods_per_hour")
    assert floods["weeks"][-1]["estimate"]["value"] == 0.0
    assert floods["sentence"].startswith("Lower in the last four weeks: at most ")
    assert floods["weeks"][0]["words"] == "no talk"


@pytest.mark.parametrize("weeks", [8, 12, 26, 52])
def test_as_many_weeks_are_drawn_as_were_asked_for(practice, okafor, weeks):
    page = okafor.get(f"{practice.address}?weeks={weeks}").text
    assert page.count('data-testid="figure-') == 11
    json = okafor.get(f"{practice.api}/trends?weeks={weeks}").json()
    assert {len(figure["weeks"]) for figure in json["figures"]} == {weeks}


@pytest.mark.parametrize("weeks", ["0", "-3", "1000", "many"])
def test_weeks_that_are_none_are_refused(practice, okafor, weeks):
    assert okafor.get(f"{practice.address}?weeks={weeks}").status_code == 422
    assert practice.looks() == []


def test_who_is_shown_nothing_sees_nothing_and_leaves_nothing_in_the_log(practice, service, come):
    anonymous = come(service, None, accept="application/json")
    strangers = [
        come(service, one, accept="application/json") for one in (practice.blau, practice.mira, practice.jonas)
    ]
    for path in [practice.address + page for page in PAGES] + [practice.api + file for file in FILES]:
        for who in strangers:
            is_problem(who.get(path), 404)
        is_problem(anonymous.get(path), 401)
    for who in strangers[1:]:
        for path in ("/clients", "/api/clients", "/clients/how"):
            is_problem(who.get(path), 404)
    assert practice.looks() == []


def test_taken_back_is_taken_back_at_the_next_request(practice, okafor):
    assert okafor.get(practice.address).status_code == 200
    practice.journal.sharing.hide(practice.mira, practice.grant.id, now=NOW)
    for path in [practice.address + page for page in PAGES] + [practice.api + file for file in FILES]:
        assert okafor.get(path).status_code == 404, path
    told = words(okafor.get("/clients"))
    assert "Nothing to show. No reason is asked." in told
    assert "stopped sharing on 14 March" in told
    assert f'href="{practice.address}"' not in okafor.get("/clients").text


def test_an_appointment_is_kept_shown_and_cleared(practice, okafor):
    form = {"admission": practice.admission, "when": "2026-03-17T09:00"}
    assert okafor.post("/clients/appointment", data=form).status_code == 303
    assert "Tue 17 March, 9:00" in words(okafor.get("/clients"))
    assert okafor.post("/clients/appointment", data=form | {"when": ""}).status_code == 303
    assert "Set one" in words(okafor.get("/clients"))
    for when in ("tomorrow", "2026-03-17T09:00+01:00", "2026-99-17T09:00"):
        answer = okafor.post("/clients/appointment", data=form | {"when": when})
        assert answer.status_code == 422
        assert "This is no day and time." in answer.text


def test_nobody_sets_another_clinicians_appointment(practice, service, come):
    for who in (practice.blau, practice.mira):
        answer = come(service, who, accept="application/json").post(
            "/clients/appointment", data={"admission": practice.admission, "when": "2026-03-17T09:00"}
        )
        is_problem(answer, 404)


def test_a_name_is_found(practice, okafor):
    assert "Mira" in words(okafor.get("/clients?name=MIR"))
    assert "No client by that name." in words(okafor.get("/clients?name=Zoe"))


def test_without_clients_the_caseload_says_how_one_comes(service, come):
    nobody = come(service, clinician(service.journal, "Dr. New"))
    told = words(nobody.get("/clients"))
    assert "Nobody here yet." in told
    assert "gives it to you" in told


def test_two_periods_are_the_last_four_weeks_and_the_four_before(practice, okafor):
    told = words(okafor.get(f"{practice.address}/compare"))
    assert "19 January to 15 February" in told
    assert "16 February to 14 March" in told
    json = okafor.get(f"{practice.api}/compare").json()
    floods = next(one for one in json["figures"] if one["key"] == "floods_per_hour")
    assert floods["change_words"] in told
    assert (json["before"]["talks"], json["after"]["talks"]) == (6, 8)
    assert (floods["is_clear"], floods["goes_down"]) == (True, True)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("from_a=2026-02-30&to_a=2026-03-02", "is no day"),
        ("from_a=2026-03-02&to_a=2026-02-02", "Swap the two days"),
        ("from_b=2026-03-02", "A period needs two days"),
        ("from_a=2026-02-01&to_a=2026-03-05&from_b=2026-03-01&to_b=2026-03-14", "share days"),
    ],
)
def test_days_that_make_no_period_are_said_in_words_and_read_nothing(practice, okafor, days, said):
    for path in (practice.address, practice.api):
        answer = okafor.get(f"{path}/compare?{days}")
        assert answer.status_code == 422
        assert said in answer.text
    assert practice.looks() == []


def test_the_report_says_who_when_what_and_its_limits(practice, okafor):
    told = words(okafor.get(f"{practice.address}/report?from=2026-01-12&to=2026-03-14"))
    assert practice.looks() == [Looked.REPORT]
    for said in (
        "12 January to 14 March 2026",
        "Mira shares everything since 26 January with Dr. A. Okafor , and decides what is shown".replace(" ,", ","),
        "Tue 27 January, 19:00",
        "Detector version: 3.",
        "Not a medical device. It suggests, and never diagnoses.",
        "It does not say why, or what was felt",
        "Printed on 14 March 2026",
    ):
        assert said in told, said
    assert "20 January" not in told
    assert okafor.get(f"{practice.address}/report?from=x&to=y").status_code == 422


def test_the_files_hold_what_is_shown_and_are_in_the_log(practice, okafor):
    answer = okafor.get(f"{practice.api}/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert answer.headers["content-disposition"] == 'attachment; filename="talks-2026-03-14.csv"'
    assert len(rows) == 14
    assert rows[0]["began"] == "2026-01-27T19:00:00+01:00"
    assert practice.looks() == [Looked.EXPORT]
    pytest.importorskip("fhir.resources")
    bundle = okafor.get(f"{practice.api}/fhir").json()
    assert sum(one["resource"]["resourceType"] == "Observation" for one in bundle["entry"]) == 140
    assert practice.looks() == [Looked.EXPORT, Looked.EXPORT]


def test_without_the_extra_fhir_is_501_and_nothing_is_read(practice, okafor, monkeypatch):
    monkeypatch.setattr("api.formats.fhir.is_installed", lambda: False)
    is_problem(okafor.get(f"{practice.api}/fhir", headers={"accept": "application/json"}), 501)
    assert practice.looks() == []


def test_a_wearer_sees_the_same_of_their_own_and_nobody_is_written_down(practice, service, come):
    mira = come(service, practice.mira)
    told = words(mira.get("/trends"))
    assert "What your talks say over weeks" in told
    assert "Lower in the last four weeks" in told
    assert "/report" not in mira.get("/trends").text
    assert practice.looks() == []
    jonas = words(come(service, practice.jonas).get("/trends"))
    assert "No talk in these weeks." in jonas
    assert come(service, practice.okafor, accept="application/json").get("/trends").status_code == 404
    assert 'href="/trends"' in mira.get("/review").text


def test_navigation_is_each_ones_own(practice, service, okafor, come):
    clinic, own = okafor.get("/clients").text, come(service, practice.mira).get("/more").text
    for address in ("/clients", "/looks", "/account", "/clients/how"):
        assert f'href="{address}"' in clinic
    for address in ("/talk", "/journal", "/help"):
        assert f'href="{address}"' not in clinic
    for address in ("/talk", "/journal", "/review", "/two", "/more", "/help", "/sharing"):
        assert f'href="{address}"' in own


def test_no_page_judges(practice, okafor):
    for path in ("/clients", "/clients/how", *(practice.address + page for page in PAGES)):
        told = words(okafor.get(path)).lower()
        for forbidden in ("should", "abnormal", "risk", "failed", "score", "!"):
            assert forbidden not in told.replace("<!", ""), (path, forbidden)


def test_simulated_talks_are_called_simulated(practice, okafor, service):
    assert "Simulated" not in words(okafor.get(practice.address))
    remember(practice.journal, practice.mira, datetime(2026, 3, 13, 18, tzinfo=UTC), CALM, simulated=True)
    for page in PAGES:
        assert "Simulated: a body in these talks is not a real one." in words(okafor.get(practice.address + page))


def test_a_page_about_a_client_that_stays_open_hears_when_nothing_is_shown_any_more(practice, okafor, service, come):
    wearer_id = practice.address.rpartition("/")[2]
    for path in ("", "/compare", "/report", "/entries"):
        told = okafor.get(f"{practice.address}{path}").text
        assert f'id="shown" data-wearer="{wearer_id}"' in told, path
        assert "/static/js/still_shown.js" in told, path
    assert "/static/js/still_shown.js" in okafor.get("/clients").text, "the back button asks anew"
    own = come(service, practice.mira).get("/trends").text
    assert "still_shown.js" not in own
    assert 'id="shown"' not in own
