"""A clinician sees of many talks exactly what is shown, in no order of severity, and is in the log before seeing it."""

import json
import uuid
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text, update

from alerts.people import SERVICE, Actor
from alerts.ports import NotAllowed
from journal.access_heads import BadHeadsFile, beside_the_keys
from journal.access_log import Looked
from journal.models import ClientCardRow, EntryRow, PersonRow, RecordingRow, TalkFiguresRow, TalkRow
from journal.trends.clients import CASELOAD_FIGURES, CASELOAD_WEEKS
from journal.trends.figures import Figure, by_week, compare
from tests.fakes import BEGAN
from tests.integration.journal_home import Home, add_person
from tests.raw_sql import unguard_access_log

DAY = timedelta(days=1)
NOW = BEGAN + DAY  # a Friday
HERE = timezone(timedelta(minutes=60))


class Practice(Home):
    """Dr. Weiss and Dr. Blau; Mira and Lena with talks of their own."""

    def __init__(self, folder):
        super().__init__(folder)
        self.weiss, self.blau = self.clinician("Dr. Weiss"), self.clinician("Dr. Blau")
        self.clients = self.journal.clients

    def clinician(self, name):
        actor = add_person(self.database, name)
        with self.database.write() as connection:
            connection.execute(update(PersonRow).where(PersonRow.id == actor.person_id).values(is_clinician=True))
        return actor

    def admit(self, wearer=None, clinician=None, *, now=NOW):
        admission_id, code = self.journal.sharing.invite(wearer or self.mira, called="T", now=now)
        self.journal.sharing.accept(clinician or self.weiss, code, now=now)
        return admission_id

    def show(self, admission_id, wearer=None, **what):
        given_one = {"with_words": False, "now": NOW} | what
        return self.journal.sharing.show(wearer or self.mira, admission_id, **given_one)

    def talked(self, days_ago, wearer=None, *, floods=1, entry=True, figures=True, created=None, **columns):
        """A finished talk as it would be kept; its entry's id, or its talk's where it left none."""
        wearer, began_at = (wearer or self.mira).person_id, NOW - days_ago * DAY
        talk_id, recording_id, entry_id = (uuid.uuid4().hex for _ in range(3))
        ended_at = began_at + timedelta(hours=1)
        with self.database.write() as connection:
            connection.execute(
                insert(TalkRow).values(id=talk_id, began_at=began_at, ended_at=ended_at, simulated=False)
            )
            connection.execute(
                insert(RecordingRow).values(
                    id=recording_id, talk_id=talk_id, owner_id=wearer, began_at=began_at, utc_offset_min=60,
                    threshold_bpm=100.0,
                )
            )  # fmt: skip
            number = connection.scalar(select(RecordingRow.number).where(RecordingRow.id == recording_id))
            if figures:
                values = {
                    "basis": "b", "from_minutes": False, "algorithm_version": "2", "heard_s": 3000.0, "lost_s": 60.0,
                    "above_line_s": 120.0 * floods, "baseline_bpm": 70.0, "rmssd_baseline_ms": 30.0,
                    "floods": json.dumps([[112.0, 42.0, 300]] * floods), "near_misses": 1, "pauses_taken": 1,
                    "pauses_kept": 1,
                }  # fmt: skip
                own = {"recording": number, "owner_id": wearer, "talk_id": talk_id, "began_at": began_at}
                connection.execute(insert(TalkFiguresRow).values(own | {"utc_offset_min": 60} | values | columns))
            if entry:
                connection.execute(
                    insert(EntryRow).values(
                        id=entry_id, owner_id=wearer, talk_id=talk_id, created_at=created or ended_at,
                        happened_at=began_at, utc_offset_min=60,
                    )
                )  # fmt: skip
        return entry_id if entry else talk_id

    def seen(self, reader=None, *, now=NOW, wearer=None):
        return self.clients.trend(reader or self.weiss, (wearer or self.mira).person_id, now=now)

    def line(self, reader=None, *, now=NOW):
        (client,) = self.clients.caseload(reader or self.weiss, now=now)
        return client

    def looks(self, wearer=None):
        assert self.journal.access_log.broken(wearer or self.mira) is None
        return [look.looked for look in self.journal.access_log.looks(wearer or self.mira)]


@pytest.fixture
def practice(tmp_path):
    with Practice(tmp_path / "data") as practice:
        yield practice


@pytest.fixture
def admission_id(practice):
    return practice.admit()


def test_a_caseload_tells_the_last_weeks_of_what_is_shown(practice, admission_id):
    for days_ago in (60, 40, 38, 37, 30, 9, 8, 7, 2, 1):
        practice.talked(days_ago, floods=days_ago > 20)
    practice.show(admission_id, from_at=NOW - 365 * DAY)
    client, talks = practice.line(), [one.figures for one in practice.seen().talks]
    assert (client.name, client.wearer_id) == ("Mira", practice.mira.person_id)
    assert client.last_talk == NOW - DAY
    assert client.last_talk.utcoffset() == timedelta(hours=1)
    monday = datetime(2026, 3, 9, tzinfo=UTC).date()
    first = monday - timedelta(weeks=CASELOAD_WEEKS - 1)
    assert list(client.weeks) == by_week(talks, first_monday=first, weeks=CASELOAD_WEEKS, figures=CASELOAD_FIGURES)
    assert sum(week.talks for week in client.weeks) == 9
    middle = monday - timedelta(weeks=3)
    lately = [talk for talk in talks if talk.began.date() >= first]
    parts = [talk for talk in lately if talk.began.date() < middle], [t for t in lately if t.began.date() >= middle]
    assert client.direction == compare(*parts)[Figure.FLOODS]
    assert client.direction.is_clear


def test_a_client_who_has_not_talked_for_long_has_a_last_talk(practice, admission_id):
    practice.talked(300)
    practice.talked(200)
    practice.show(admission_id, from_at=NOW - 250 * DAY)
    client = practice.line()
    assert client.last_talk == NOW - 200 * DAY
    assert [week.talks for week in client.weeks] == [0] * CASELOAD_WEEKS


def test_clients_stand_by_appointment_then_by_name(practice):
    for name in ("Zoe", "anton", "Berta", "Carl"):
        wearer = add_person(practice.database, name)
        admission_id = practice.admit(wearer)
        day = {"Zoe": 3, "Berta": 5, "Carl": 3}.get(name)
        if day:
            practice.clients.set_appointment(practice.weiss, admission_id, datetime(2026, 3, day, 9, 30))  # noqa: DTZ001  on no clock
    found = practice.clients.caseload(practice.weiss, now=NOW)
    assert [one.name for one in found] == ["Carl", "Zoe", "Berta", "anton"]
    assert found[0].next_appointment == datetime(2026, 3, 3, 9, 30)  # noqa: DTZ001  on no clock
    practice.clients.set_appointment(practice.weiss, found[0].admission_id, None)
    assert practice.clients.caseload(practice.weiss, now=NOW)[-1].name == "Carl"


def test_only_the_clinician_of_an_admission_sets_its_appointment(practice, admission_id):
    when = datetime(2026, 3, 3, 9, 30)  # noqa: DTZ001  on no clock
    for stranger in (practice.blau, practice.mira, practice.jonas, SERVICE, Actor(None), Actor("nobody")):
        with pytest.raises(NotAllowed):
            practice.clients.set_appointment(stranger, admission_id, when)
    with pytest.raises(NotAllowed):
        practice.clients.set_appointment(practice.weiss, "none", when)
    with pytest.raises(ValueError, match="time zone"):
        practice.clients.set_appointment(practice.weiss, admission_id, NOW)
    assert practice.line().next_appointment is None


def test_nobody_else_sees_a_trend_or_a_caseload_and_no_attempt_is_in_the_log(practice, admission_id):
    practice.talked(1)
    practice.show(admission_id, from_at=BEGAN - DAY)
    for stranger in (practice.blau, practice.mira, practice.jonas, practice.lena, SERVICE, Actor(None), Actor("x")):
        with pytest.raises(NotAllowed):
            practice.seen(stranger)
    with pytest.raises(NotAllowed):
        practice.seen(wearer=practice.jonas)
    with pytest.raises(NotAllowed):
        practice.clients.trend(practice.weiss, "nobody", now=NOW)
    for stranger in (practice.mira, practice.jonas, SERVICE, Actor(None), Actor("x")):
        with pytest.raises(NotAllowed):
            practice.clients.caseload(stranger, now=NOW)
    assert practice.clients.caseload(practice.blau, now=NOW) == []
    assert practice.looks() == []


def test_one_entry_shows_its_talk_alone(practice, admission_id):
    entries = [practice.talked(days_ago) for days_ago in (3, 2, 1)]
    practice.show(admission_id, entry_id=entries[1])
    assert [one.entry_id for one in practice.seen().talks] == [entries[1]]
    assert practice.line().last_talk == NOW - 2 * DAY


def test_from_a_moment_on_also_shows_quiet_talks_that_left_no_entry(practice, admission_id):
    practice.talked(5, entry=False, floods=0)
    entry = practice.talked(2)
    practice.talked(1, entry=False, floods=0)
    practice.show(admission_id, from_at=NOW - 3 * DAY)
    assert [(one.entry_id, len(one.figures.floods)) for one in practice.seen().talks] == [(entry, 1), (None, 0)]
    assert practice.line().weeks[-1].figures[Figure.FLOODS].value == pytest.approx(1 / (6000 / 3600))


def test_an_admission_without_anything_shown_has_nothing_and_is_not_in_the_log(practice, admission_id):
    practice.talked(1)
    client = practice.line()
    assert (client.shown, client.stopped_at, client.last_talk, client.weeks) == ((), None, None, ())
    assert (client.direction, client.new_entries) == (None, 0)
    with pytest.raises(NotAllowed):
        practice.seen()
    assert practice.looks() == []


@pytest.mark.parametrize("way", ["taken back", "run out", "ended by the wearer", "ended by the clinician"])
def test_what_has_stopped_leaves_a_name_and_a_day(practice, admission_id, way):
    practice.talked(1)
    until = NOW + 2 * DAY
    grant = practice.show(admission_id, from_at=BEGAN - DAY, until_at=until if way == "run out" else None)
    assert practice.line().stopped_at is None
    if way == "taken back":
        practice.journal.sharing.hide(practice.mira, grant.id, now=until)
    elif way != "run out":
        who = practice.mira if way == "ended by the wearer" else practice.weiss
        practice.journal.sharing.end(who, admission_id, now=until)
    client = practice.line(now=NOW + 5 * DAY)
    assert (client.name, client.stopped_at, client.shown) == ("Mira", until, ())
    assert (client.last_talk, client.weeks, client.direction, client.new_entries) == (None, (), None, 0)
    with pytest.raises(NotAllowed):
        practice.seen(now=NOW + 5 * DAY)
    assert practice.looks() == [Looked.CASELOAD]


def test_who_admits_again_is_one_client(practice, admission_id):
    practice.show(admission_id, from_at=BEGAN)
    practice.journal.sharing.end(practice.mira, admission_id, now=NOW)
    again = practice.admit(now=NOW + DAY)
    client = practice.line(now=NOW + DAY)
    assert (client.admission_id, client.stopped_at) == (again, None)


def test_each_reading_is_a_line_in_the_log_of_each_who_shows_something(practice, admission_id):
    practice.show(admission_id, from_at=BEGAN)
    lena = practice.admit(practice.lena)
    for _ in range(2):
        practice.clients.caseload(practice.weiss, now=NOW)
    practice.show(lena, practice.lena, from_at=BEGAN)
    practice.clients.caseload(practice.weiss, now=NOW)
    practice.seen()
    assert practice.looks() == [Looked.TRENDS, Looked.CASELOAD, Looked.CASELOAD, Looked.CASELOAD]
    assert practice.looks(practice.lena) == [Looked.CASELOAD]
    (look,) = practice.journal.access_log.looks(practice.lena)
    assert (look.reader, look.at, look.entry_id) == ("Dr. Weiss", NOW, None)
    assert practice.journal.access_log.head(practice.mira).count == 4


def test_all_heads_are_kept_by_one_write(practice, admission_id, monkeypatch):
    practice.show(admission_id, from_at=BEGAN)
    practice.show(practice.admit(practice.lena), practice.lena, from_at=BEGAN)
    file, written = practice.journal.access_log._heads._file, []
    write = file._write
    monkeypatch.setattr(file, "_write", lambda told: (written.append(len(told["heads"])), write(told)))
    practice.clients.caseload(practice.weiss, now=NOW)
    assert written[-1:] == [2]
    del written[:]
    practice.clients.caseload(practice.weiss, now=NOW)
    assert written == [2]


def test_a_kill_between_the_lines_and_their_heads_is_no_fault_and_nothing_was_told(practice, admission_id, monkeypatch):
    practice.show(admission_id, from_at=BEGAN)
    practice.show(practice.admit(practice.lena), practice.lena, from_at=BEGAN)

    def killed(_heads):
        raise KeyboardInterrupt

    monkeypatch.setattr(practice.journal.access_log, "advance_all", killed)
    with pytest.raises(KeyboardInterrupt):
        practice.clients.caseload(practice.weiss, now=NOW)
    monkeypatch.undo()
    assert practice.looks() == practice.looks(practice.lena) == [Looked.CASELOAD]
    practice.clients.caseload(practice.weiss, now=NOW)
    assert practice.looks() == practice.looks(practice.lena) == [Looked.CASELOAD] * 2


def test_a_caseload_line_that_was_cut_off_is_found(practice, admission_id):
    practice.show(admission_id, from_at=BEGAN)
    for _ in range(3):
        practice.line()
    with practice.database.write() as connection:
        unguard_access_log(connection)
        connection.execute(text("DELETE FROM access_log WHERE place = 3"))
    assert practice.journal.access_log.broken(practice.mira).place == 3


def test_without_the_logs_file_nothing_is_shown(practice, admission_id):
    practice.talked(1)
    practice.show(admission_id, from_at=BEGAN)
    beside_the_keys(practice.journal.keyring.path).write_text("no json")
    for look in (practice.line, practice.seen):
        with pytest.raises(BadHeadsFile, match="put a copy"):
            look()
    with practice.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM access_log")).scalar() == 0
        assert connection.execute(select(ClientCardRow.looked_at)).all() == []


def test_new_is_what_was_not_there_or_not_shown_at_the_last_look(practice, admission_id):
    old = practice.talked(30)
    practice.talked(3)
    practice.show(admission_id, from_at=NOW - 5 * DAY)
    assert (practice.line().new_entries, practice.line().is_first) == (1, True)
    practice.seen()
    assert (practice.line().new_entries, practice.line().is_first) == (0, False)
    practice.talked(2, created=NOW + DAY)
    practice.talked(1, entry=False)
    assert practice.line(now=NOW + DAY).new_entries == 1
    practice.show(admission_id, entry_id=old, now=NOW + DAY)
    assert practice.line(now=NOW + DAY).new_entries == 2
    practice.seen(now=NOW + 2 * DAY)
    assert practice.line(now=NOW + 2 * DAY).new_entries == 0


def test_talks_that_wait_are_counted_and_weeks_tell_their_algorithms(practice, admission_id):
    practice.talked(3, algorithm_version="1")
    practice.talked(2, figures=False)
    practice.talked(1, algorithm_version="2", from_minutes=True)
    practice.show(admission_id, from_at=BEGAN - 9 * DAY)
    trend = practice.seen()
    assert (len(trend.talks), trend.waiting, trend.is_simulated) == (2, 1, False)
    assert [one.figures.from_minutes for one in trend.talks] == [False, True]
    assert practice.line().weeks[-1].algorithm_versions == {"1", "2"}
    with practice.database.write() as connection:
        connection.execute(update(TalkRow).values(simulated=True))
    assert practice.seen().is_simulated


def test_a_wearer_sees_what_a_clinician_would_see_and_is_in_no_log(practice, admission_id):
    for days_ago in (3, 2, 1):
        practice.talked(days_ago, entry=days_ago != 2)
    practice.show(admission_id, from_at=BEGAN - 9 * DAY)
    own, shown = practice.clients.own_trend(practice.mira, now=NOW), practice.seen()
    assert (own.talks, own.name, own.shown) == (shown.talks, "Mira", ())
    assert practice.clients.own_trend(practice.lena, now=NOW).talks == ()
    assert practice.looks() == [Looked.TRENDS]
    for nobody in (SERVICE, Actor(None), Actor("x")):
        with pytest.raises(NotAllowed):
            practice.clients.own_trend(nobody, now=NOW)


GRANTS = st.lists(
    st.tuples(st.sampled_from(["entry", "from"]), st.integers(0, 5), st.none() | st.integers(1, 4), st.booleans()),
    max_size=5,
)
TALKS = st.lists(st.tuples(st.integers(0, 90), st.booleans()), min_size=1, max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(talks=TALKS, grants=GRANTS, later=st.integers(0, 4))
def test_exactly_what_a_grant_covers_is_shown_and_nothing_after_revocation(practice, talks, grants, later):
    """A model beside it: grants of entries and days, some run out, some taken back."""
    weiss, mira, now = practice.clinician("Dr. W"), add_person(practice.database, "M"), NOW + later * DAY
    admission_id = practice.admit(mira, weiss)
    there = [(practice.talked(days, mira, entry=entry), days, entry) for days, entry in talks]
    standing = []
    for kind, number, until, taken_back in grants:
        talk_id, days, has_entry = there[number % len(there)]
        if kind == "entry" and not has_entry:
            continue
        what = {"entry_id": talk_id} if kind == "entry" else {"from_at": NOW - days * DAY}
        grant = practice.show(admission_id, mira, **what, until_at=None if until is None else NOW + until * DAY)
        if taken_back:
            practice.journal.sharing.hide(mira, grant.id, now=NOW)
        elif until is None or later < until:
            standing.append((kind, talk_id, days))
    covered = sorted(
        -days
        for talk_id, days, _ in there
        if any(talk_id == other if kind == "entry" else days <= since for kind, other, since in standing)
    )
    client = practice.line(weiss, now=now)
    if standing:
        shown = [(one.figures.began - NOW) // DAY for one in practice.seen(weiss, now=now, wearer=mira).talks]
        assert shown == covered
        assert client.last_talk == (NOW + covered[-1] * DAY)
    else:
        assert (client.last_talk, client.weeks) == (None, ())
        with pytest.raises(NotAllowed):
            practice.seen(weiss, now=now, wearer=mira)
    assert len(practice.looks(mira)) == 2 * bool(standing)
    practice.journal.sharing.end(mira, admission_id, now=now)
    with pytest.raises(NotAllowed):
        practice.seen(weiss, now=now, wearer=mira)
    client = practice.line(weiss, now=now)
    assert (client.last_talk, client.weeks, client.new_entries, client.shown) == (None, (), 0, ())
    assert len(practice.looks(mira)) == 2 * bool(standing)
