"""Two installations, a home and a clinic: what is granted goes there, nothing else; what is taken back goes from there."""

import json
import socket
import threading
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner

from alerts import steps
from alerts.not_now import NotNow
from alerts.people import SERVICE, Actor
from alerts.policy_settings import PolicySettings
from alerts.ports import NotAllowed
from alerts.talk_state import Phase
from api.app import build
from api.cli import app
from api.clinic_door import BadClinicAddress, ClinicAway, ClinicDoor, clinic_address, over_http
from api.publishing import CannotMeet, Publisher, meet, publish
from api.settings import Settings
from journal import publication
from journal.archive_restoring import PACKET_COLUMNS
from journal.content import Content
from journal.erasure import Everything, OneEntry, OneRecording
from journal.models import (
    EntryTextRow,
    MeasurementRow,
    PersonRow,
    PublicationRow,
    RecordingRow,
    TalkRow,
)
from journal.publication import LEASE, BadItem, Told, item_from, packed
from tests.fakes import ManualClock
from tests.integration.journal_home import at, join, raw_files
from tests.integration.practice import AtTheDoors
from tests.integration.visitors import running

ADDRESS = "http://127.0.0.1"
DAY = timedelta(days=1)


class Clinic:
    """A clinic's server with Dr. Far, reached as a home reaches it; it can be down, or lose answers."""

    def __init__(self, app):
        self.doors = AtTheDoors(app)
        self.journal, self.client = self.doors.journal, app.state.first
        self.far, far_id = self.doors.clinician("Dr. Far")
        self.far_id = Actor(far_id)
        self.is_down, self.loses_answers, self.asked, self.sent = False, False, [], []

    def send(self, method, address, headers, body):
        """`api.clinic_door.Send` without a network."""
        assert address.startswith(ADDRESS)
        if self.is_down:
            raise ConnectionRefusedError
        path = address.removeprefix(ADDRESS)
        self.asked.append(f"{method} {path}")
        self.sent.append(body)
        answer = self.client.request(method, path, headers=headers, content=body)
        if self.loses_answers:
            raise TimeoutError
        return answer.status_code, answer.content

    def code(self, called="M. from home"):
        return self.journal.published.invite(self.far_id, called=called, now=datetime.now(UTC))

    def clients(self):
        return self.far.get("/api/clients").json()

    def record(self):
        """The one client's record here, as its wearer would be: nobody can sign in as them."""
        with self.journal.database.read() as connection:
            return connection.scalars(select(PublicationRow.wearer_id)).one()

    def entries(self):
        answer = self.far.get(f"/api/clients/{self.record()}/entries")
        return answer.json() if answer.status_code == 200 else []

    def entry(self, entry_id):
        return self.far.get(f"/api/clients/{self.record()}/entries/{entry_id}").json()

    def count(self, *tables):
        with self.journal.database.read() as connection:
            return [connection.scalar(select(func.count()).select_from(table)) for table in tables]


class Home:
    """Mira's own installation: a talk of two with an entry and words, and another entry."""

    def __init__(self, app, clinic):
        self.doors, self.clinic = AtTheDoors(app), clinic
        self.journal, self.links = self.doors.journal, self.doors.journal.clinic_links
        self.mira, self.entry_id = Actor(self.doors.mira_id), self.doors.entry_id
        self.now = datetime.now(UTC)

    def meets(self, code=None):
        self.admission_id = meet(
            self.links, self.mira, address=ADDRESS, code=code or self.clinic.code(), send=self.clinic.send, now=self.now
        )
        return self

    def shows(self, **what):
        how = {"with_words": False, "now": self.now} | what
        return self.journal.sharing.show(self.mira, self.admission_id, **how)

    def link(self):
        return next(one for one in self.links.mine(self.mira) if one.admission_id == self.admission_id)

    def publishes(self, **how):
        return publish(self.links, self.link(), self.clinic.send, **{"now": self.now} | how)

    def looks(self):
        return [(look.looked.value, look.entry_id) for look in self.links.looks(self.mira)]


@pytest.fixture
def both(tmp_path):
    with ExitStack() as stack:

        def installed(name, **more):
            service = build(Settings(data_dir=tmp_path / name), clock=ManualClock(), source_for=lambda _: None, **more)
            return stack.enter_context(running(service))

        clinic = Clinic(installed("clinic"))
        clinic.before = clinic.count(TalkRow, RecordingRow, MeasurementRow, PersonRow)
        clinic.folder = tmp_path / "clinic"
        home = Home(installed("home", send_to_clinic=clinic.send), clinic)
        home.folder = tmp_path / "home"
        yield home


def test_an_entry_that_is_shown_goes_there_with_its_words_and_reads_as_any_other(both):
    both.meets()
    both.shows(entry_id=both.entry_id, with_words=True)
    done = both.publishes()
    assert (done.sent, done.left, done.trouble) == (1, 0, None)
    (client,) = [one for one in both.clinic.clients() if one["name"] == "M. from home"]
    assert client["wearer_id"] == both.clinic.record()
    (line,) = both.clinic.entries()
    told = both.clinic.entry(line["id"])
    assert "I went quiet-canary." in {passage["text"] for passage in told["words"]}
    own = both.doors.mira.get(f"/api/entries/{both.entry_id}/timeline").json()
    assert told["timeline"]["bpm"] == own["bpm"]
    assert told["timeline"]["phases"] == own["phases"]
    assert "reads it, too" not in both.clinic.far.get(line["url"]).text, "a note would reach nobody at home"
    notes = f"/api/clients/{both.clinic.record()}/notes"
    assert both.clinic.far.post(notes, json={"text": "x", "for_wearer": True}).status_code == 422
    assert both.clinic.far.post(notes, json={"text": "x", "for_wearer": False}).status_code == 201
    page = both.clinic.far.get(f"/clients/{both.clinic.record()}")
    assert page.status_code == 200
    assert "From the client’s home, which confirmed it on" in page.text


def test_every_look_at_the_clinic_comes_back_into_the_wearers_log(both):
    both.meets()
    both.shows(entry_id=both.entry_id, with_words=True)
    both.publishes()
    (line,) = both.clinic.entries()
    both.clinic.entry(line["id"])
    assert both.looks() == []
    both.publishes()
    assert both.looks() == [("words", both.entry_id), ("entries", None)]
    both.publishes()
    assert len(both.looks()) == 2, "told once"
    log = both.doors.mira.get("/api/sharing/log").json()
    assert log["lines"][0]["words"].startswith("At the clinic: Dr. Far read your entry of")
    page = both.doors.mira.get("/sharing").text
    assert "Last heard of" in page


def test_words_go_only_where_they_are_shown_and_go_from_there_when_they_no_longer_are(both):
    both.meets()
    with_words = both.shows(entry_id=both.entry_id, with_words=True)
    both.shows(from_at=at(-9999))
    both.publishes()
    (line,) = both.clinic.entries()
    assert both.clinic.entry(line["id"])["words"]
    both.journal.sharing.hide(both.mira, with_words.id, now=both.now)
    before = both.clinic.count(EntryTextRow)
    both.publishes()
    assert both.clinic.entry(line["id"])["words"] is None
    assert both.clinic.count(EntryTextRow)[0] == before[0] - 1
    both.clinic.sent.clear()
    both.journal.texts.save(both.mira, both.entry_id, Content(notes="new-canary"), version=1, tab="t", now=both.now)
    both.publishes()
    assert not any(b"canary" in body for body in both.clinic.sent)


def test_from_a_day_on_takes_quiet_talks_and_leaves_what_was_before(both):
    both.meets()
    quiet = both.journal.talks.start(
        both.mira, began_at=at(90_000), utc_offset_min=60, strap=None, simulated=False, threshold_bpm=100.0
    )
    both.shows(from_at=at(50_000))
    assert both.publishes().sent == 0, "a talk that goes on stays at home"
    state, version = both.journal.talks.load(both.mira, quiet.id)
    over = replace(state, phase=Phase.ENDED, ended_at=at(90_060))
    both.journal.talks.save(both.mira, quiet.id, over, expected_version=version)
    assert both.publishes().sent == 1
    assert both.clinic.entries() == []
    trend = both.clinic.far.get(f"/api/clients/{both.clinic.record()}/trends")
    assert trend.status_code == 200


def test_sent_again_or_cut_off_anywhere_nothing_is_doubled_or_lost(both):
    both.meets()
    second = both.journal.texts.create(both.mira, now=both.now, happened_at=at(-1000))
    both.shows(from_at=at(-9999))
    both.clinic.loses_answers = True
    assert both.publishes().trouble is not None
    both.clinic.loses_answers = False
    first_only = iter([False, True])
    whole = both.clinic.send

    def dies_after_one_item(method, address, headers, body):
        if method == "PUT" and next(first_only):
            raise ConnectionResetError
        return whole(method, address, headers, body)

    cut = publish(both.links, both.link(), dies_after_one_item, now=both.now)
    assert "does not answer now" in cut.trouble
    assert both.link().trouble == cut.trouble
    assert both.publishes().sent == 1
    assert both.link().trouble is None
    counts = both.clinic.count(TalkRow, RecordingRow, MeasurementRow)
    assert both.publishes().sent == 0
    assert both.clinic.count(TalkRow, RecordingRow, MeasurementRow) == counts
    assert len(both.clinic.entries()) == 2
    assert second != both.entry_id


def test_a_list_or_an_item_that_comes_late_changes_nothing(both):
    both.meets()
    grant = both.shows(entry_id=both.entry_id, with_words=True)
    old, token = both.links.next_list(both.mira, both.admission_id, now=both.now)
    item = both.links.item(both.mira, both.admission_id, both.entry_id, now=both.now)
    headers = {"authorization": f"Publish {token}", "content-type": "application/json"}

    def sent(method, path, body):
        return both.clinic.send(method, ADDRESS + path, headers, body)[0]

    assert sent("PUT", f"/api/publish/items/{both.entry_id}", item) == 409, "no list has named it yet"
    assert both.publishes().sent == 1
    both.journal.texts.save(both.mira, both.entry_id, Content(notes="newer"), version=1, tab="t", now=both.now)
    assert both.publishes().sent == 1
    assert sent("PUT", f"/api/publish/items/{both.entry_id}", item) == 409
    both.journal.sharing.hide(both.mira, grant.id, now=both.now)
    both.publishes()
    assert sent("POST", "/api/publish/list", old.model_dump_json().encode()) == 409
    assert sent("PUT", f"/api/publish/items/{both.entry_id}", item) == 409
    assert both.clinic.entries() == []


def test_taken_back_or_erased_while_the_clinic_is_down_it_is_gone_at_the_next_contact(both):
    both.meets()
    second = both.journal.texts.create(both.mira, now=both.now, happened_at=at(-1000))
    grant = both.shows(entry_id=both.entry_id, with_words=True)
    both.shows(entry_id=second)
    both.publishes()
    assert len(both.clinic.entries()) == 2
    both.clinic.is_down = True
    both.journal.sharing.hide(both.mira, grant.id, now=both.now)
    token = both.journal.erasure.preview(both.mira, OneEntry(second)).token
    both.journal.erasure.erase(both.mira, OneEntry(second), token=token)
    assert both.publishes().trouble is not None
    both.clinic.is_down = False
    both.publishes()
    assert both.clinic.entries() == []
    assert both.clinic.count(TalkRow, RecordingRow, MeasurementRow) == both.clinic.before[:3]


def test_a_heart_that_is_erased_at_home_goes_from_there_also_when_nothing_new_does(both):
    both.meets()
    both.shows(entry_id=both.entry_id)
    both.publishes()
    both.links.switch(both.mira, both.admission_id, on=False)
    (recording,) = both.journal.recordings.own(both.mira)
    wish = OneRecording(recording.id)
    both.journal.erasure.erase(both.mira, wish, token=both.journal.erasure.preview(both.mira, wish).token)
    both.publishes()
    assert both.clinic.count(TalkRow, RecordingRow, MeasurementRow) == both.clinic.before[:3]
    (line,) = both.clinic.entries()
    assert both.clinic.entry(line["id"])["timeline"] is None
    both.publishes(by_hand=True)
    assert both.clinic.count(TalkRow, RecordingRow, MeasurementRow) == both.clinic.before[:3]


def test_who_erases_everything_at_home_is_forgotten_there_at_once(both):
    both.meets()
    both.shows(from_at=at(-9999), with_words=True)
    both.publishes()
    mira = both.doors.mira
    token = mira.post("/api/erase/preview", json={"what": "everything"}).json()["token"]
    assert mira.post("/api/erase", json={"what": "everything", "token": token}).status_code == 200
    assert both.clinic.count(TalkRow, RecordingRow, MeasurementRow, PersonRow) == both.clinic.before


def test_by_itself_the_program_sends_what_is_shown_and_lets_go_of_what_no_home_confirms(both):
    both.meets()
    both.shows(entry_id=both.entry_id)
    now = both.now
    publisher = Publisher(both.links, both.journal.published, both.clinic.send, lambda: now)
    publisher.once()
    assert len(both.clinic.entries()) == 1
    there = both.clinic.journal
    Publisher(there.clinic_links, there.published, both.clinic.send, lambda: now + LEASE + DAY).once()
    assert both.clinic.count(TalkRow, RecordingRow, MeasurementRow, PersonRow) == both.clinic.before


def test_the_command_says_what_was_sent_and_what_was_wrong(both, monkeypatch):
    both.meets()
    both.shows(entry_id=both.entry_id)
    monkeypatch.setattr("api.clinic_door.over_http", both.clinic.send)
    monkeypatch.setattr("api.cli.whose.opened", lambda _: nullcontext(both.journal))
    told = CliRunner().invoke(app, ["publish", "--person", "Mira"])
    assert (told.exit_code, told.output) == (0, f"Dr. Far at {ADDRESS}: 1 sent, nothing missing there.\n")
    both.clinic.is_down = True
    told = CliRunner().invoke(app, ["publish", "--off", "--person", "Mira"])
    assert told.exit_code == 1
    assert "does not answer now. What is missing goes the next time." in told.output
    assert not both.link().is_on


def test_switched_off_nothing_new_goes_by_itself_and_what_is_taken_back_still_goes_from_there(both):
    both.meets()
    grant = both.shows(entry_id=both.entry_id)
    both.publishes()
    both.links.switch(both.mira, both.admission_id, on=False)
    second = both.journal.texts.create(both.mira, now=both.now, happened_at=at(-1000))
    both.shows(entry_id=second)
    done = both.publishes()
    assert (done.sent, done.left) == (0, 1)
    both.journal.sharing.hide(both.mira, grant.id, now=both.now)
    both.publishes()
    assert both.clinic.entries() == []
    assert both.publishes(by_hand=True).sent == 1


def test_ended_at_home_the_clinic_has_nothing_and_the_last_looks_have_come(both):
    both.meets()
    both.shows(entry_id=both.entry_id, with_words=True)
    both.publishes()
    both.clinic.entry(both.clinic.entries()[0]["id"])
    both.journal.sharing.end(both.mira, both.admission_id, now=both.now)
    both.clinic.is_down = True
    assert both.publishes().trouble is not None
    assert both.link().is_ended
    assert "the clinic is told as soon as it answers" in both.doors.mira.get("/sharing").text
    both.clinic.is_down = False
    assert both.publishes().is_over
    assert both.links.mine(both.mira) == []
    assert both.clinic.count(TalkRow, RecordingRow, MeasurementRow, PersonRow) == both.clinic.before
    assert both.looks()[0] == ("words", both.entry_id)


def test_ended_at_the_clinic_home_lets_go_and_nothing_is_left_there(both):
    both.meets()
    both.shows(entry_id=both.entry_id)
    both.publishes()
    assert both.clinic.far.post(f"/api/clients/{both.clinic.record()}/leave", json={}).status_code == 204
    assert both.publishes().is_over
    assert both.links.mine(both.mira) == []
    assert both.journal.sharing.of_wearer(both.mira) == []
    assert both.clinic.count(TalkRow, RecordingRow, MeasurementRow, PersonRow) == both.clinic.before


def test_a_record_whose_clinician_is_gone_opens_to_nobody_and_goes(both):
    both.meets()
    both.shows(entry_id=both.entry_id, with_words=True)
    both.publishes()
    journal, now = both.clinic.journal, both.now
    everything = Everything()
    for person in journal.people.everybody(SERVICE):
        actor = Actor(person.id)
        journal.erasure.erase(actor, everything, token=journal.erasure.preview(actor, everything).token)
    assert journal.people.everybody(SERVICE) == []
    assert journal.people.first_person(name="You", now=now).id != both.clinic.record()
    assert journal.published.expire(SERVICE, now=now) == 1
    assert both.clinic.count(TalkRow, RecordingRow, MeasurementRow, EntryTextRow) == [0, 0, 0, 0]
    assert both.publishes().is_over


def test_a_look_at_what_is_erased_since_stays_and_no_longer_says_what_it_was(both):
    both.meets()
    both.shows(entry_id=both.entry_id, with_words=True)
    both.publishes()
    both.clinic.entry(both.clinic.entries()[0]["id"])
    both.publishes()
    wish = OneEntry(both.entry_id)
    both.journal.erasure.erase(both.mira, wish, token=both.journal.erasure.preview(both.mira, wish).token)
    assert both.looks() == [("words", None), ("entries", None)]
    assert both.entry_id.encode() not in raw_files(both.folder)


def test_a_home_that_is_not_heard_of_leaves_nothing_there_for_ever(both):
    both.meets()
    both.shows(from_at=at(-9999), with_words=True)
    both.publishes()
    published = both.clinic.journal.published
    wearer = both.clinic.record()
    soon, later = datetime.now(UTC) + LEASE - DAY, datetime.now(UTC) + LEASE + DAY
    assert published.expire(SERVICE, now=soon) == 0
    shown = both.clinic.journal.shown
    assert shown.entries(both.clinic.far_id, wearer, now=soon)
    with pytest.raises(NotAllowed):
        shown.entries(both.clinic.far_id, wearer, now=later)
    assert published.expire(SERVICE, now=later) == 1
    assert both.clinic.count(TalkRow, RecordingRow, MeasurementRow, PersonRow) == both.clinic.before
    assert b"M. from home" not in raw_files(both.clinic.folder)
    assert both.publishes().is_over, "home is told that it is known no more"


def test_an_end_that_the_wearer_set_comes_before_the_lease(both):
    both.meets()
    both.shows(from_at=at(-9999), until_at=both.now + DAY)
    both.publishes()
    shown = both.clinic.journal.shown
    with pytest.raises(NotAllowed):
        shown.entries(both.clinic.far_id, both.clinic.record(), now=both.now + 2 * DAY)


def test_nothing_of_the_other_of_a_talk_leaves_home(both):
    journal = both.journal
    talk = journal.talks.start(
        both.mira, began_at=at(5000), utc_offset_min=60, strap=None, simulated=False, threshold_bpm=100.0
    )
    jonas = Actor(both.doors.weiss_id)  # anybody whose id can be looked for
    join(journal.database, talk, jonas)
    state, version = journal.talks.load(both.mira, talk.id)
    state = replace(state, people=(both.mira.person_id, jonas.person_id))
    state = steps.begin_topic(state, at(5060))
    state = steps.call_pause(state, jonas.person_id, at(5100), PolicySettings(), fresh_id="pause-of-jonas")
    state = steps.end_talk(state, at(5200))
    journal.talks.save(both.mira, talk.id, state, expected_version=version)
    journal.recorder.entry(both.mira, talk.id)
    both.meets()
    both.shows(from_at=at(-9999), with_words=True)
    assert both.publishes().sent == 2
    sent = b"".join(both.clinic.sent)
    assert b"called_at" in sent
    for name in (jonas.person_id, both.mira.person_id, "pause-of-jonas", talk.id):
        assert name.encode() not in sent, name


def test_one_clinics_token_opens_nothing_of_anothers_client(both):
    both.meets()
    both.shows(entry_id=both.entry_id, with_words=True)
    both.publishes()
    first, entry_id = both.admission_id, both.entry_id
    (line,) = both.clinic.entries()
    both.meets(both.clinic.code("Another"))
    second = both.links.next_list(both.mira, both.admission_id, now=both.now)[1]
    told, token = both.links.next_list(both.mira, first, now=both.now)
    headers = {"authorization": f"Publish {second}", "content-type": "application/json"}
    empty = told.model_copy(update={"items": {}, "grants": []}).model_dump_json().encode()
    assert both.clinic.send("POST", f"{ADDRESS}/api/publish/list", headers, empty)[0] == 200
    assert both.clinic.far.get(line["url"].replace("/clients", "/api/clients")).status_code == 200
    assert both.clinic.send("PUT", f"{ADDRESS}/api/publish/items/{entry_id}", headers, b"{}")[0] == 422
    for wrong in ("Publish nothing", f"Bearer {token}", ""):
        answer = both.clinic.send("POST", f"{ADDRESS}/api/publish/end", {"authorization": wrong}, b"")
        assert answer[0] == 401


def test_a_code_works_once_until_it_runs_out_and_for_the_same_home_again(both):
    published, now = both.clinic.journal.published, datetime.now(UTC)
    code = both.clinic.code()
    with pytest.raises(NotNow, match="run out"):
        published.come_in(code, "a" * 64, now=now + 8 * DAY)
    assert published.come_in(code, "a" * 64, now=now) == "Dr. Far"
    assert published.come_in(code, "a" * 64, now=now) == "Dr. Far"
    with pytest.raises(NotAllowed):
        published.come_in(code, "b" * 64, now=now)
    assert b"".join(code.encode().split(b"-")) not in raw_files(both.clinic.folder)


def test_nobody_signs_in_to_the_record_and_it_counts_as_no_account(both):
    people = both.clinic.journal.people
    before = {person.id for person in people.everybody(SERVICE)}
    both.meets()
    assert {person.id for person in people.everybody(SERVICE)} == before
    assert both.clinic.record() not in before


def test_what_is_no_item_is_refused_and_nothing_of_it_is_kept(both):
    both.meets()
    both.shows(entry_id=both.entry_id)
    told, token = both.links.next_list(both.mira, both.admission_id, now=both.now)
    headers = {"authorization": f"Publish {token}", "content-type": "application/json"}
    both.clinic.send("POST", f"{ADDRESS}/api/publish/list", headers, told.model_dump_json().encode())
    good = json.loads(both.links.item(both.mira, both.admission_id, both.entry_id, now=both.now))
    spoilt = [
        b"",
        b"[]",
        b"{",
        b"[" * 100_000,
        json.dumps(good | {"entry": {"id": 3}}).encode(),
        json.dumps(good | {"talk": {"simulated": False, "state": {}}}).encode(),
        json.dumps(good | {"recording": good["recording"] | {"packets": "AAAA"}}).encode(),
        json.dumps(good | {"recording": good["recording"] | {"threshold_bpm": 1e9}}).encode(),
        json.dumps(good | {"words": {"schema": 1, "content": {"notes": "shown without"}}}).encode(),
    ]
    before = both.clinic.count(TalkRow, RecordingRow, MeasurementRow, EntryTextRow)
    for body in spoilt:
        status, answer = both.clinic.send("PUT", f"{ADDRESS}/api/publish/items/{both.entry_id}", headers, body)
        assert status == 422, (status, answer)
    assert both.clinic.count(TalkRow, RecordingRow, MeasurementRow, EntryTextRow) == before


@pytest.mark.sqlite_only("looks into the bytes of the file and its log")
def test_the_tokens_are_hashed_there_and_sealed_here(both):
    both.meets()
    _, token = both.links.next_list(both.mira, both.admission_id, now=both.now)
    assert token.encode() not in raw_files(both.clinic.folder)
    assert token.encode() not in raw_files(both.folder)


def test_the_page_sends_nothing_without_consent_and_says_what_is_wrong(both):
    mira, clinic = both.doors.mira, both.clinic

    def typed(**fields):
        form = {"address": ADDRESS, "code": "AAAA", "agree": "yes"} | fields
        return mira.post("/sharing/clinics", data=form)

    assert typed(agree="").status_code == 422
    assert "say first that you want it" in typed(agree="").json()["detail"]
    assert typed(address="http://clinic.example").status_code == 422
    assert clinic.asked == []


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "clinic.example",
        "http://clinic.example",
        "https://",
        "https://a/b",
        "https://u:p@a",
        "ftp://a",
        "https://a?b",
        "https://[",
        "https://a:x",
    ],
)
def test_an_address_without_tls_or_with_more_than_a_name_is_refused(typed):
    with pytest.raises(BadClinicAddress):
        clinic_address(typed)


@pytest.mark.parametrize("name", ["my clinic", "a..b", "a" * 64 + ".example"])
def test_at_an_address_that_nobody_can_have_nobody_is_met(both, name):
    with pytest.raises(CannotMeet):
        meet(both.links, both.mira, address=clinic_address(f"https://{name}"), code="x", send=over_http, now=both.now)


@pytest.mark.parametrize("said", [b"what?\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"])
def test_who_speaks_no_http_is_away(said):
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer():
            for _ in range(2):
                asked, _ = listener.accept()
                with asked:
                    asked.recv(65_536)
                    asked.sendall(said)

        answering = threading.Thread(target=answer)
        answering.start()
        with pytest.raises(ClinicAway):
            ClinicDoor(f"http://127.0.0.1:{listener.getsockname()[1]}", over_http).meet("x", "0" * 64)
        answering.join()


def test_switched_off_while_it_sends_no_more_goes(both):
    both.meets()
    both.journal.texts.create(both.mira, now=both.now, happened_at=at(-1000))
    both.shows(from_at=at(-9999))

    def send(method, *more):
        if method == "PUT":
            both.links.switch(both.mira, both.admission_id, on=False)
        return both.clinic.send(method, *more)

    assert publish(both.links, both.link(), send, now=both.now).sent == 1
    assert both.publishes(by_hand=True).sent == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, b""), (404, b'{"status": 404, "detail": "There is nothing here."}'), (401, b"<h1>Who?</h1>"), (410, b"")],
)
def test_what_somebody_else_answers_at_the_clinics_address_ends_nothing(both, status, body):
    """As a proxy before a clinic that is down. Else home would forget the clinic, and what is there would stay for its lease."""
    both.meets()
    both.shows(entry_id=both.entry_id, with_words=True)
    both.publishes()
    both.journal.sharing.end(both.mira, both.admission_id, now=both.now)
    done = publish(both.links, both.link(), lambda *_: (status, body), now=both.now)
    assert not done.is_over
    assert done.trouble is not None
    assert both.publishes().is_over
    assert both.clinic.count(TalkRow, RecordingRow, MeasurementRow) == both.clinic.before[:3]


@pytest.mark.parametrize(
    "told", [{"from_at": "0001-01-01T00:00:00+14:00"}, {"until_at": "9999-12-31T23:00:00-14:00"}, {"zone": "a\x00b"}]
)
def test_a_list_that_no_database_could_keep_is_refused_whole(both, told):
    both.meets()
    grant = both.shows(from_at=at(-9999))
    both.publishes()
    whole, token = both.links.next_list(both.mira, both.admission_id, now=both.now)
    body = json.loads(whole.model_dump_json())
    body["grants"][0] |= told
    headers = {"authorization": f"Publish {token}", "content-type": "application/json"}
    status, _ = both.clinic.send("POST", f"{ADDRESS}/api/publish/list", headers, json.dumps(body).encode())
    assert (status, grant.until_at) == (422, None)


@pytest.mark.parametrize(
    "look", [{"at": "0001-01-01T00:00:00+14:00"}, {"reader": "Dr.\x00"}, {"at": "9999-12-31T23:59:59-01:00"}]
)
def test_a_reading_that_no_database_could_keep_is_trouble_and_no_error(both, look):
    both.meets()
    looks = [{"place": 1, "at": "2026-03-01T12:00:00Z", "looked": "words", "reader": "Dr. Far", "item_id": None} | look]
    answer = json.dumps({"looks": looks}).encode()
    assert publish(both.links, both.link(), lambda *_: (200, answer), now=both.now).trouble is not None


def test_who_answers_drop_by_drop_is_away_in_time(monkeypatch):
    """Else one clinic would hold up what is taken back from the others."""
    monkeypatch.setattr("api.clinic_door.ANSWERS_WITHIN_S", 0.3)
    is_away = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer():
            for _ in range(2):
                asked, _ = listener.accept()
                with asked, suppress(OSError):
                    asked.recv(65_536)
                    asked.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                    while not is_away.wait(0.1):
                        asked.sendall(b" ")

        answering = threading.Thread(target=answer)
        answering.start()
        with pytest.raises(ClinicAway, match="does not answer now"):
            ClinicDoor(f"http://127.0.0.1:{listener.getsockname()[1]}", over_http).tell(
                "x", Told(number=1, grants=[], items={})
            )
        is_away.set()
        socket.create_connection(listener.getsockname()).close()
        answering.join()


def test_a_small_item_that_unpacks_into_millions_of_packets_is_refused(both, monkeypatch):
    monkeypatch.setattr(publication, "MOST_PACKETS", 1000)
    both.meets()
    both.shows(entry_id=both.entry_id)
    both.links.next_list(both.mira, both.admission_id, now=both.now)
    item = json.loads(both.links.item(both.mira, both.admission_id, both.entry_id, now=both.now))
    columns = ",".join(PACKET_COLUMNS)
    item["recording"]["packets"] = packed((columns + "\r\n" + "0,00,\r\n" * 1000).encode())
    assert len(item_from(json.dumps(item).encode()).packets) == 1000
    item["recording"]["packets"] = packed((columns + "\r\n" + "0,00,\r\n" * 1001).encode())
    with pytest.raises(BadItem, match="too many packets"):
        item_from(json.dumps(item).encode())
