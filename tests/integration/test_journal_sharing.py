"""A wearer shows what they want to a clinician they admitted; each reading is in a log that tells when it was changed."""

from contextlib import closing
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from alerts.not_now import NotNow
from alerts.people import Actor
from alerts.ports import NotAllowed
from journal.access_heads import BadHeadsFile, beside_the_keys
from journal.access_log import Looked
from journal.chain import Broken, Fault
from journal.content import Content
from journal.database import open_database
from journal.erasure import OneEntry
from journal.models import PersonRow
from journal.sharing import CODE_LASTS
from tests.fakes import BEGAN
from tests.integration.journal_home import Home, add_person, end
from tests.raw_sql import raw, unguard_access_log

DAY = timedelta(days=1)
NOW = BEGAN + DAY


class Practice(Home):
    """Mira's home, with Dr. Weiss and Dr. Blau, and an entry of Mira's with words."""

    def __init__(self, folder):
        super().__init__(folder)
        self.weiss, self.blau = self.clinician("Dr. Weiss"), self.clinician("Dr. Blau")
        end(self.journal, self.mira, self.talk)
        self.entry_id = self.journal.recorder.entry(self.mira, self.talk.id)
        self.journal.texts.save(self.mira, self.entry_id, Content(notes="He said fine."), version=0, now=NOW, tab="t")

    def clinician(self, name):
        actor = add_person(self.database, name)
        with self.database.write() as connection:
            connection.execute(update(PersonRow).where(PersonRow.id == actor.person_id).values(is_clinician=True))
        return actor

    def admit(self, clinician=None, *, now=NOW):
        admission_id, code = self.journal.sharing.invite(self.mira, called="My therapist", now=now)
        return self.journal.sharing.accept(clinician or self.weiss, code, now=now), admission_id

    def show(self, admission_id, **what):
        return self.journal.sharing.show(self.mira, admission_id, **({"with_words": False, "now": NOW} | what))

    def read(self, reader=None, *, now=NOW, entry_id=None):
        return self.journal.shown.entry(reader or self.weiss, self.mira.person_id, entry_id or self.entry_id, now=now)

    def listed(self, reader=None, *, now=NOW):
        return self.journal.shown.entries(reader or self.weiss, self.mira.person_id, now=now)


@pytest.fixture
def practice(tmp_path):
    with Practice(tmp_path / "data") as practice:
        yield practice


@pytest.fixture
def admission_id(practice):
    return practice.admit()[1]


def test_a_clinician_comes_in_by_a_code_and_sees_nothing_until_something_is_shown(practice):
    admission, admission_id = practice.admit()
    assert (admission.called, admission.wearer_name) == ("Dr. Weiss", "Mira")
    assert [one.id for one in practice.journal.sharing.of_clinician(practice.weiss)] == [admission_id]
    for look in (practice.read, practice.listed):
        with pytest.raises(NotAllowed):
            look()
    assert practice.journal.access_log.looks(practice.mira) == []


def test_a_code_works_once_and_for_a_clinician_only(practice):
    _, code = practice.journal.sharing.invite(practice.mira, called="T", now=NOW)
    for stranger in (practice.jonas, practice.mira, Actor("nobody")):
        with pytest.raises(NotAllowed):
            practice.journal.sharing.accept(stranger, code, now=NOW)
    practice.journal.sharing.accept(practice.weiss, code.lower().replace("-", " "), now=NOW)
    with pytest.raises(NotAllowed):
        practice.journal.sharing.accept(practice.blau, code, now=NOW)


def test_a_code_runs_out_and_goes_with_an_invitation_that_was_taken_back(practice):
    admission_id, code = practice.journal.sharing.invite(practice.mira, called="T", now=NOW)
    with pytest.raises(NotNow, match="run out"):
        practice.journal.sharing.accept(practice.weiss, code, now=NOW + CODE_LASTS)
    practice.journal.sharing.end(practice.mira, admission_id, now=NOW)
    with pytest.raises(NotAllowed):
        practice.journal.sharing.accept(practice.weiss, code, now=NOW)


def test_the_same_clinician_is_not_admitted_twice(practice, admission_id):
    _, code = practice.journal.sharing.invite(practice.mira, called="T", now=NOW)
    with pytest.raises(NotNow, match="already"):
        practice.journal.sharing.accept(practice.weiss, code, now=NOW)


def test_a_clinicians_account_has_nothing_to_show(practice):
    with pytest.raises(NotAllowed):
        practice.journal.sharing.invite(practice.weiss, called="Me", now=NOW)


def test_one_entry_is_shown_without_words_then_with_them(practice, admission_id):
    practice.show(admission_id, entry_id=practice.entry_id)
    assert practice.read().words is None
    assert practice.read().detail.talk.id == practice.talk.id
    practice.show(admission_id, entry_id=practice.entry_id, with_words=True)
    assert practice.read().words.notes == "He said fine."
    assert [line.id for line in practice.listed()] == [practice.entry_id]


def test_from_a_day_on_shows_what_happened_from_then_on(practice, admission_id):
    grant = practice.show(admission_id, from_at=BEGAN + DAY)
    assert practice.listed() == []
    with pytest.raises(NotAllowed):
        practice.read()
    practice.journal.sharing.hide(practice.mira, grant.id, now=NOW)
    practice.show(admission_id, from_at=BEGAN)
    assert practice.read().line.id == practice.entry_id


def test_what_was_taken_back_has_run_out_or_has_ended_is_shown_no_more(practice, admission_id):
    grant = practice.show(admission_id, entry_id=practice.entry_id)
    practice.journal.sharing.hide(practice.mira, grant.id, now=NOW)
    with pytest.raises(NotAllowed):
        practice.read()
    practice.show(admission_id, entry_id=practice.entry_id, until_at=NOW + DAY)
    assert practice.read(now=NOW + DAY - timedelta(seconds=1))
    with pytest.raises(NotAllowed):
        practice.read(now=NOW + DAY)
    practice.show(admission_id, entry_id=practice.entry_id)
    practice.journal.sharing.end(practice.weiss, admission_id, now=NOW)
    with pytest.raises(NotAllowed):
        practice.read()
    assert practice.journal.sharing.of_wearer(practice.mira) == []
    assert practice.journal.sharing.of_clinician(practice.weiss) == []
    with pytest.raises(NotNow, match="ended"):
        practice.show(admission_id, entry_id=practice.entry_id)


def test_nobody_else_reads_shows_or_takes_back(practice, admission_id):
    grant = practice.show(admission_id, entry_id=practice.entry_id)
    jonas_entry = practice.journal.recorder.entry(practice.jonas, practice.talk.id)
    for reader in (practice.blau, practice.jonas, practice.lena, practice.mira, Actor("")):
        with pytest.raises(NotAllowed):
            practice.read(reader)
    with pytest.raises(NotAllowed):
        practice.read(entry_id=jonas_entry)
    for stranger in (practice.jonas, practice.weiss, practice.blau):
        with pytest.raises(NotAllowed):
            practice.journal.sharing.hide(stranger, grant.id, now=NOW)
        with pytest.raises(NotAllowed):
            practice.journal.sharing.show(stranger, admission_id, from_at=BEGAN, with_words=True, now=NOW)
    with pytest.raises(NotAllowed):
        practice.show(admission_id, entry_id=jonas_entry)
    with pytest.raises(NotAllowed):
        practice.journal.sharing.end(practice.jonas, admission_id, now=NOW)


@pytest.mark.parametrize("what", [{}, {"entry_id": "e", "from_at": BEGAN}, {"from_at": BEGAN, "until_at": NOW}])
def test_what_makes_no_sense_is_said(practice, admission_id, what):
    with pytest.raises(ValueError, match=r"one of the two|past already"):
        practice.show(admission_id, **what)


def test_each_reading_is_told_to_the_wearer_and_to_nobody_else(practice, admission_id):
    practice.show(admission_id, entry_id=practice.entry_id)
    practice.listed()
    practice.read(now=NOW + DAY)
    looks = practice.journal.access_log.looks(practice.mira)
    assert [(look.looked, look.entry_id, look.reader, look.at) for look in looks] == [
        (Looked.ENTRY, practice.entry_id, "Dr. Weiss", NOW + DAY),
        (Looked.ENTRIES, None, "Dr. Weiss", NOW),
    ]
    assert practice.journal.access_log.looks(practice.jonas) == []
    assert practice.journal.access_log.broken(practice.mira) is None
    assert practice.journal.access_log.head(practice.mira).count == 2


def test_an_erased_entry_leaves_a_line_that_no_longer_says_what_it_was_about(practice, admission_id):
    practice.show(admission_id, entry_id=practice.entry_id)
    practice.read()
    preview = practice.journal.erasure.preview(practice.mira, OneEntry(practice.entry_id))
    practice.journal.erasure.erase(practice.mira, OneEntry(practice.entry_id), token=preview.token)
    (look,) = practice.journal.access_log.looks(practice.mira)
    assert (look.entry_id, look.is_erased) == (None, True)
    assert practice.journal.access_log.broken(practice.mira) is None
    with practice.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM access_salt")).scalar() == 0
        (said,) = connection.execute(text("SELECT said FROM access_log")).one()
    assert practice.entry_id not in said


def test_the_log_is_only_added_to_through_the_program(practice, admission_id):
    practice.show(admission_id, entry_id=practice.entry_id)
    practice.read()
    for statement in ("DELETE FROM access_log", "UPDATE access_log SET said = ''"):
        with pytest.raises(IntegrityError, match="only added to"), practice.database.write() as connection:
            connection.execute(text(statement))


TAMPERINGS = {
    "changed": (
        "UPDATE access_log SET said = replace(said, 'entry', 'words') WHERE place = 2",
        Broken(2, Fault.CHANGED),
    ),
    "no JSON any more": ("UPDATE access_log SET said = '' WHERE place = 2", Broken(2, Fault.CHANGED)),
    "removed": ("DELETE FROM access_log WHERE place = 2", Broken(2, Fault.MISSING)),
    "removed, and the rest moved up": (
        "DELETE FROM access_log WHERE place = 2; UPDATE access_log SET place = place - 1 WHERE place > 2",
        Broken(2, Fault.CHANGED),
    ),
    "reordered": (
        "UPDATE access_log SET place = -place WHERE place IN (2, 3); UPDATE access_log SET place = 5 + place WHERE place < 0",
        Broken(2, Fault.CHANGED),
    ),
    "cut off": ("DELETE FROM access_log WHERE place > 2", Broken(3, Fault.CUT_OFF)),
    "emptied": ("DELETE FROM access_log", Broken(1, Fault.CUT_OFF)),
}


@pytest.mark.parametrize(("statements", "found"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_a_line_that_was_changed_in_the_file_is_found(tmp_path, statements, found):
    with Practice(tmp_path / "data") as practice:
        _, admission_id = practice.admit()
        practice.show(admission_id, entry_id=practice.entry_id)
        for day in range(4):
            practice.read(now=NOW + day * DAY)
    with closing(open_database(tmp_path / "data")) as database, database.write() as connection:
        unguard_access_log(connection)
        for statement in statements.split(";"):
            raw(connection, statement)
    with Home(tmp_path / "data") as again:
        assert again.journal.access_log.broken(practice.mira) == found
        again.journal.access_log.looks(practice.mira)  # what is left can still be read


@pytest.mark.sqlite_only("copies the file")
def test_an_older_copy_of_the_whole_journal_is_found(tmp_path):
    with Practice(tmp_path / "data") as practice:
        _, admission_id = practice.admit()
        practice.show(admission_id, entry_id=practice.entry_id)
        practice.read()
    older = (tmp_path / "data" / "journal.db").read_bytes()
    with Home(tmp_path / "data") as again:
        again.journal.shown.entry(practice.weiss, practice.mira.person_id, practice.entry_id, now=NOW)
    (tmp_path / "data" / "journal.db").write_bytes(older)
    with Home(tmp_path / "data") as again:
        assert again.journal.access_log.broken(practice.mira) == Broken(2, Fault.CUT_OFF)


def test_a_kill_between_a_line_and_its_head_is_no_fault(practice, admission_id, monkeypatch):
    practice.show(admission_id, entry_id=practice.entry_id)
    monkeypatch.setattr(practice.journal.access_log, "advance", lambda *_: None)
    practice.read()
    monkeypatch.undo()
    assert practice.journal.access_log.broken(practice.mira) is None
    practice.read()
    assert practice.journal.access_log.broken(practice.mira) is None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no json",
        "[]",
        '{"format": "another"}',
        '{"format": "flooding access log", "version": 1, "key": "00", "heads": {}}',
    ],
)
def test_without_its_file_nothing_is_shown_and_the_file_is_left(practice, admission_id, content):
    practice.show(admission_id, entry_id=practice.entry_id)
    path = beside_the_keys(practice.journal.keyring.path)
    path.write_text(content)
    with pytest.raises(BadHeadsFile, match="put a copy"):
        practice.read()
    assert path.read_text() == content
    with practice.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM access_log")).scalar() == 0


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["entry", "from", "from later", "hide", "end", "admit", "later"]),
        st.booleans(),
        st.integers(0, 3),
    ),
    max_size=10,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(STEPS)
def test_never_is_more_shown_than_what_stands(tmp_path_factory, steps):
    """A model beside it: whatever was shown and taken back, what is read is exactly what stands now."""
    with Practice(tmp_path_factory.mktemp("practice") / "data") as practice:
        sharing, now, admission_id, standing = practice.journal.sharing, NOW, None, {}
        for step, words, number in steps:
            if step == "admit":
                if admission_id is None:
                    admission_id, standing = practice.admit(now=now)[1], {}
            elif step == "later":
                now += DAY
                standing = {grant: told for grant, told in standing.items() if told[1] is None or now < told[1]}
            elif admission_id is None:
                continue
            elif step == "end":
                sharing.end(practice.mira, admission_id, now=now)
                admission_id, standing = None, {}
            elif step == "hide":
                for grant_id in list(standing)[number : number + 1]:
                    sharing.hide(practice.mira, grant_id, now=now)
                    del standing[grant_id]
            else:
                what = {
                    "entry": {"entry_id": practice.entry_id},
                    "from": {"from_at": BEGAN},
                    "from later": {"from_at": BEGAN + timedelta(seconds=1)},
                }[step]
                until = now + number * DAY if number else None
                grant = sharing.show(practice.mira, admission_id, **what, with_words=words, until_at=until, now=now)
                standing[grant.id] = (words if step != "from later" else None, until)
            covering = [told for told, _ in standing.values() if told is not None]
            if covering:
                assert (practice.read(now=now).words is not None) == any(covering)
            else:
                with pytest.raises(NotAllowed):
                    practice.read(now=now)
        assert practice.journal.access_log.broken(practice.mira) is None
