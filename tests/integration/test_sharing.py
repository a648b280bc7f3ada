"""A wearer shows an entry to a clinician and takes it back; who has looked is told to the wearer; nobody else gets anywhere."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from starlette.datastructures import URL

from alerts.pause import Pause
from alerts.people import SERVICE, Actor
from alerts.ports import NotAllowed
from alerts.seen import NOBODY
from api.attempts import BY_ADDRESS
from api.routes import shown as shown_routes
from api.routes.auth import COOKIE
from api.views.shown import shown_page
from api.words.clock_times import LocalTimes
from api.words.entry import pause_done
from tests.integration.journal_home import at
from tests.integration.practice import CANARY, at_the_doors
from tests.integration.visitors import is_problem, visitor


@pytest.fixture
def doors(tmp_path):
    with at_the_doors(tmp_path / "data") as doors:
        yield doors


@pytest.fixture
def admission_id(doors):
    return doors.admit()


def test_a_clinician_sees_nothing_before_something_is_shown(doors, admission_id):
    is_problem(doors.read(), 404)
    is_problem(doors.listed(), 404)
    page = doors.weiss.get(f"/clients/{doors.mira_id}/entries", headers={"accept": "text/html"})
    assert "Nothing to show. No reason is asked." in page.text
    assert doors.log()["lines"] == []


def test_without_words_no_word_leaves_with_them_they_do(doors, admission_id):
    doors.show(admission_id)
    for path in (
        "/api/clients/{}/entries/{}",
        "/clients/{}/entries/{}",
        "/api/clients/{}/entries",
        "/clients/{}/entries",
    ):
        answer = doors.weiss.get(path.format(doors.mira_id, doors.entry_id))
        assert answer.status_code == 200
        assert CANARY not in answer.text, path
    told = doors.read().json()
    assert (told["words"], told["own_words"], told["title"]) == (None, False, "A talk")
    assert len(told["timeline"]["bpm"]) > 400
    doors.show(admission_id, with_words=True)
    told = doors.read().json()
    assert told["title"] == "He said fine and looked at his phone-canary."
    assert [one["about"] for one in told["words"]] == [
        "What happened just before",
        "What I did",
        "What it reminds me of",
        "Notes at times",
    ]
    assert told["words"][-1]["text"] == "20:01 The door-canary"
    page = doors.weiss.get(f"/clients/{doors.mira_id}/entries/{doors.entry_id}").text
    assert "The kitchen at home-canary." in page
    assert "Mira reads in a log that you opened this" in page


def test_the_wearer_reads_who_has_looked_in_plain_words(doors, admission_id):
    doors.show(admission_id)
    doors.listed()
    doors.read()
    doors.show(admission_id, with_words=True)
    doors.read()
    log = doors.log()
    assert [line["words"] for line in log["lines"]] == [
        "Dr. Weiss read your entry of Thursday 12 March, 20:00, with your words.",
        "Dr. Weiss read your entry of Thursday 12 March, 20:00, without your words.",
        "Dr. Weiss saw the list of the entries you show.",
    ]
    assert (log["intact"], log["state"]) == (True, "Every line is as it was written, and none is missing.")
    page = doors.mira.get("/sharing").text
    assert "Dr. Weiss read your entry of Thursday 12 March, 20:00, with your words." in page
    own = doors.weiss.get("/looks").text
    assert own.count("Mira") == 3
    assert "Mira" not in doors.blau.get("/looks").text


def test_what_is_taken_back_is_shut_with_the_next_request(doors, admission_id):
    grant_id = doors.show(admission_id)
    assert doors.read().status_code == 200
    assert doors.mira.post(f"/api/sharing/grants/{grant_id}/hide").status_code == 204
    is_problem(doors.read(), 404)
    doors.show(admission_id)
    assert doors.mira.post(f"/api/sharing/{admission_id}/end").status_code == 204
    is_problem(doors.read(), 404)
    assert doors.mira.get("/api/sharing").json()["clinicians"] == []
    assert len(doors.log()["lines"]) == 1, "the log stays"


def test_a_clinician_ends_it_too(doors, admission_id):
    doors.show(admission_id)
    assert doors.weiss.post(f"/api/clients/{doors.mira_id}/leave").status_code == 204
    is_problem(doors.read(), 404)
    is_problem(doors.weiss.post(f"/api/clients/{doors.mira_id}/leave"), 404)


def test_what_is_shown_is_said_in_words(doors, admission_id):
    doors.show(admission_id, from_day="2026-01-12", until_day="2199-03-31", zone="Europe/Berlin")
    doors.show(admission_id, with_words=True)
    (clinician,) = doors.mira.get("/api/sharing").json()["clinicians"]
    assert (clinician["called"], clinician["waiting"]) == ("Dr. Weiss", False)
    assert [one["words"] for one in clinician["shown"]] == [
        "Everything since 12 January 2026: the heart’s side, without your words, to the end of 31 March 2199",
        "The entry of Thursday 12 March, 20:00: with your words",
    ]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({}, "one of the two"),
        ({"entry_id": "e", "from_day": "2026-01-12"}, "one of the two"),
        ({"from_day": "2026-01-12", "until_day": "2026-02-01"}, "past already"),
        ({"from_day": "2026-01-12", "zone": "Mars"}, "no time zone"),
        ({"from_day": "someday"}, "from_day"),
        ({"from_day": "0001-01-01", "zone": "Asia/Tokyo"}, "1900"),
        ({"from_day": "2026-01-12", "until_day": "9999-12-31"}, "2200"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(doors, admission_id, what, said):
    answer = doors.mira.post(f"/api/sharing/{admission_id}/show", json={"with_words": False} | what)
    assert said in is_problem(answer, 422)


def test_nobody_else_reads_shows_ends_or_takes_notes(doors, admission_id):
    grant_id = doors.show(admission_id)
    jonas, _ = doors.wearer("Jonas")
    for stranger in (doors.blau, jonas, visitor(doors.app), doors.mira):
        assert doors.read(stranger).status_code in {401, 404}
        assert doors.listed(stranger).status_code in {401, 404}
        for path in (f"/api/clients/{doors.mira_id}/leave", f"/api/clients/{doors.mira_id}/notes"):
            body = {"text": "x", "for_wearer": True}
            assert stranger.post(path, json=body).status_code in {401, 404}
    for stranger in (doors.blau, doors.weiss, jonas, visitor(doors.app)):
        body = {"entry_id": doors.entry_id, "with_words": True}
        assert stranger.post(f"/api/sharing/{admission_id}/show", json=body).status_code in {401, 404}
        assert stranger.post(f"/api/sharing/grants/{grant_id}/hide").status_code in {401, 404}
        assert stranger.post(f"/api/sharing/{admission_id}/end").status_code in {401, 404}
    assert doors.read().status_code == 200


def test_a_clinician_has_no_journal_and_a_wearer_no_caseload(doors):
    for path in ("/talk", "/journal", "/two", "/data", "/sharing", "/api/entries", "/api/archive", "/api/sharing"):
        assert doors.weiss.get(path).status_code == 404, path
    is_problem(doors.weiss.post("/api/talks"), 404)
    for path in ("/looks", f"/clients/{doors.mira_id}/entries"):
        assert doors.mira.get(path).status_code == 404, path


def test_a_wearer_sees_beforehand_what_would_be_shown(doors):
    plain = doors.mira.get(f"/entries/{doors.entry_id}/as-shown").text
    assert CANARY not in plain
    assert "This is what a clinician sees" in plain
    assert "The kitchen at home-canary." in doors.mira.get(f"/entries/{doors.entry_id}/as-shown?words=true").text
    jonas, _ = doors.wearer("Jonas")
    assert jonas.get(f"/entries/{doors.entry_id}/as-shown?words=true").status_code == 404
    assert doors.weiss.get(f"/entries/{doors.entry_id}/as-shown").status_code == 404
    assert doors.log()["lines"] == [], "looking at one's own is no reading by another"


def events(doors, clinician_id, *, between):
    """Everything that an open page is sent while `between` happens, one step at each of its looks."""

    async def followed():
        asked = (_Request(doors, clinician_id), doors.service, Actor(clinician_id), doors.mira_id)
        stream = shown_routes.follow(*asked, shown_routes.standing_here(*asked))
        return [(event.event, event.data) async for event in stream]

    steps = iter(between)

    async def look(_):
        next(steps, lambda: None)()

    original = shown_routes.asyncio.sleep
    shown_routes.asyncio.sleep = look
    try:
        return doors.app.state.first.portal.call(followed)
    finally:
        shown_routes.asyncio.sleep = original


class _Request:
    url = URL("http://127.0.0.1/")

    def __init__(self, doors, clinician_id):
        self.cookies = {COOKIE: doors.journal.people.open_session(Actor(clinician_id), now=datetime.now(UTC))}


def test_an_open_page_is_told_at_once_when_it_is_taken_back(doors, admission_id):
    grant_id = doors.show(admission_id)
    hide = lambda: doors.journal.sharing.hide(Actor(doors.mira_id), grant_id, now=datetime.now(UTC))  # noqa: E731
    sent = events(doors, doors.weiss_id, between=[lambda: None, hide])
    assert [name for name, _ in sent] == ["shown", "bye"]
    assert sent[-1][1] == {"over": True}
    assert shown_routes.LOOKED_AT_EVERY_S < 1
    assert doors.entry_id not in json.dumps(sent), "the stream tells nothing of what is shown"


def test_an_open_page_is_told_when_more_is_shown_and_when_the_server_stops(doors, admission_id):
    doors.show(admission_id)
    sent = events(
        doors,
        doors.weiss_id,
        between=[
            lambda: doors.journal.sharing.show(
                Actor(doors.mira_id), admission_id, from_at=at(0), with_words=False, now=datetime.now(UTC)
            ),
            doors.service.live.release_followers,
        ],
    )
    assert [name for name, _ in sent] == ["shown", "shown", "bye"]
    assert sent[-1][1] == {"over": False}


def test_an_open_page_is_told_when_its_time_has_run_out_or_its_reader_signed_out(doors, admission_id, monkeypatch):
    doors.show(admission_id, from_day="2020-01-01")

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=100)

    sent = events(doors, doors.weiss_id, between=[lambda: monkeypatch.setattr(shown_routes, "datetime", Later)])
    assert [name for name, _ in sent] == ["shown", "bye"], "a session lasts ninety days"


def test_nobody_follows_what_is_not_shown(doors, admission_id):
    for client in (doors.weiss, doors.blau):
        is_problem(client.get(f"/api/clients/{doors.mira_id}/live"), 404)


def test_notes_are_the_clinicians_own_unless_they_say_otherwise(doors, admission_id):
    doors.show(admission_id)
    notes = f"/api/clients/{doors.mira_id}/notes"
    own = doors.weiss.post(notes, json={"text": "Ask about the door.", "for_wearer": False}).json()["id"]
    both = doors.weiss.post(
        notes, json={"text": "You came back.", "for_wearer": True, "entry_id": doors.entry_id}
    ).json()["id"]
    assert [note["text"] for note in doors.weiss.get(notes).json()] == ["You came back.", "Ask about the door."]
    assert [note["text"] for note in doors.mira.get("/api/sharing").json()["notes"]] == ["You came back."]
    page = doors.mira.get("/sharing").text
    assert "You came back." in page
    assert "Ask about the door." not in page
    assert doors.blau.get(notes).json() == []
    is_problem(doors.blau.post(f"/api/notes/{own}/erase"), 404)
    is_problem(doors.mira.post(f"/api/notes/{both}/erase"), 404)
    is_problem(doors.blau.post(f"/api/notes/{own}", json={"text": "x", "for_wearer": True}), 404)
    assert doors.weiss.post(f"/api/notes/{both}", json={"text": "Changed.", "for_wearer": False}).status_code == 204
    assert doors.mira.get("/api/sharing").json()["notes"] == []
    doors.mira.post(f"/api/sharing/{admission_id}/end")
    assert len(doors.weiss.get(notes).json()) == 2, "what one wrote stays one's own"
    is_problem(doors.weiss.post(notes, json={"text": "x", "for_wearer": False}), 404)
    assert doors.weiss.post(f"/api/notes/{own}/erase").status_code == 204
    assert b"Ask about the door" not in b"".join(
        path.read_bytes() for path in doors.service.settings.data_dir.iterdir()
    )


def test_a_note_is_not_written_on_an_entry_that_is_not_shown(doors, admission_id):
    with pytest.raises(NotAllowed):
        doors.journal.clinician_notes.write(
            Actor(doors.weiss_id),
            doors.mira_id,
            text="x",
            for_wearer=False,
            entry_id=doors.entry_id,
            now=datetime.now(UTC),
        )


def test_every_log_of_the_house_is_checked_without_being_told(doors, admission_id):
    doors.show(admission_id)
    doors.read()
    (checked,) = doors.journal.access_log.check_all(SERVICE)
    assert (checked.owner_id, checked.lines, checked.fault) == (doors.mira_id, 1, None)
    with pytest.raises(NotAllowed):
        doors.journal.access_log.check_all(Actor(doors.mira_id))
    assert date.fromisoformat(doors.log()["lines"][0]["at"][:10])


def test_a_clinician_with_whom_it_has_ended_writes_nothing_to_the_wearer_any_more(doors, admission_id):
    notes = f"/api/clients/{doors.mira_id}/notes"
    own = doors.weiss.post(notes, json={"text": "Ask about the door.", "for_wearer": False}).json()["id"]
    told = doors.weiss.post(notes, json={"text": "You came back.", "for_wearer": True}).json()["id"]
    doors.mira.post(f"/api/sharing/{admission_id}/end")
    for note_id in (own, told):
        answer = doors.weiss.post(f"/api/notes/{note_id}", json={"text": "Why did you end it?", "for_wearer": True})
        is_problem(answer, 404)
    assert [note["text"] for note in doors.mira.get("/api/sharing").json()["notes"]] == ["You came back."]
    changed = {"text": "It has ended.", "for_wearer": False}
    assert doors.weiss.post(f"/api/notes/{own}", json=changed).status_code == 204, "their own stay theirs"


def test_a_wearers_code_is_guessed_no_oftener_by_who_is_signed_in(doors):
    code = doors.mira.post("/api/sharing/invitations", json={"called": "T"}).json()["code"]
    for _ in range(BY_ADDRESS.amount):
        is_problem(doors.weiss.post("/api/clients/accept", json={"code": "AAAA-AAAA-AAAA"}), 404)
    is_problem(doors.weiss.post("/api/clients/accept", json={"code": code}), 429)


def test_a_clinician_does_not_learn_which_of_the_two_called_a_pause(doors, admission_id):
    """The other of the talk has shown nothing to anybody, so what they did is not told."""
    local = LocalTimes(at(0), 60, None)
    called = Pause("p1", doors.mira_id, at(60), at(1260), minimum=timedelta(minutes=20), cap_at=at(3660))
    by_the_other = replace(called, called_by=NOBODY)
    doors.show(admission_id)
    shown = doors.journal.shown.entry(Actor(doors.weiss_id), doors.mira_id, doors.entry_id, now=datetime.now(UTC))
    told = []
    for pause in (called, by_the_other):
        state = replace(shown.detail.state, pauses=(pause,))
        found = doors.journal.timelines.read(Actor(doors.mira_id), shown.detail.talk, state, doors.service.detector)
        told.append(shown_page(replace(shown, detail=replace(shown.detail, state=state)), found, [], at(3600)))
    assert told[0] == told[1]
    assert told[0]["pauses"] == [{"sentence": "A pause at 20:01, to be back at 20:21."}]
    assert pause_done(called, local) != pause_done(by_the_other, local), "the wearer reads who"


@pytest.mark.parametrize("name", ["\u200b", "\u202eM", "a\nb", "\x00", " \u2060 ", "M\u2066x"])
def test_whoever_reads_has_a_name_that_can_be_seen_and_leaves_the_line_as_it_is(doors, admission_id, name):
    for client, path in ((doors.weiss, "/api/account/name"), (doors.mira, "/api/pair/name")):
        assert "can be seen" in is_problem(client.post(path, json={"name": name}), 422)
    is_problem(doors.mira.post("/api/sharing/invitations", json={"called": name}), 422)
    is_problem(visitor(doors.app).post("/join", json={"code": "AAAA", "name": name}), 422)
    for good in ("Dr. Weiß", "مهدی\u200cزاده", "👩\u200d⚕️ Ana", "Ünsal-Öz"):
        assert doors.weiss.post("/api/account/name", json={"name": good}).status_code == 204
