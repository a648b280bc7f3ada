import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from alerts.people import Actor
from alerts.ports import NotAllowed
from journal.models import PersonRow, SessionRow
from journal.people import SESSION_LASTS, Person
from tests.fakes import BEGAN
from tests.integration.journal_home import Home, add_person, open_journal

LATER = BEGAN + SESSION_LASTS


@pytest.fixture
def journal(tmp_path):
    opened = open_journal(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def home(tmp_path):
    with Home(tmp_path) as home:
        yield home


def count(database, table):
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_two_simultaneous_first_starts_make_one_account(journal):
    at_once, found = threading.Barrier(6), []

    def start():
        at_once.wait()
        found.append(journal.people.first_person(name="Mira", now=BEGAN))

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert len(set(found)) == 1
    assert count(journal.database, PersonRow) == 1


def test_first_account_keeps_its_name(journal):
    first = journal.people.first_person(name="Mira", now=BEGAN)
    assert journal.people.first_person(name="You", now=BEGAN) == first == Person(first.id, "Mira")


def test_where_there_are_several_accounts_a_click_cannot_choose(journal):
    add_person(journal.database, "Mira")
    add_person(journal.database, "Jonas")
    with pytest.raises(NotAllowed):
        journal.people.first_person(name="Lena", now=BEGAN)


def test_session_says_whose_it_is_until_it_expires(home):
    people = home.journal.people
    token = people.open_session(home.mira, now=BEGAN)
    assert people.person_for(token, now=BEGAN) == Person(home.mira.person_id, "Mira")
    assert people.person_for(token, now=LATER - timedelta(microseconds=1)) is not None
    assert people.person_for(token, now=LATER) is None
    assert people.session_lasts_s == SESSION_LASTS.total_seconds()


@pytest.mark.sqlite_only("looks into the bytes of the file and its log")
def test_token_is_nowhere_in_the_files(home):
    token = home.journal.people.open_session(home.mira, now=BEGAN)
    assert len(token) >= 43
    contents = [path.read_bytes() for path in home.folder.iterdir()]
    assert any(home.mira.person_id.encode() in content for content in contents)
    assert not any(token.encode() in content for content in contents)


def test_every_session_has_a_token_of_its_own(home):
    people = home.journal.people
    tokens = {people.open_session(home.mira, now=BEGAN) for _ in range(5)}
    assert len(tokens) == 5
    assert {people.person_for(token, now=BEGAN).id for token in tokens} == {home.mira.person_id}


@pytest.mark.parametrize("token", ["", "guess", "0" * 64, "ü\0", "' OR 1=1 --"])
def test_unknown_token_is_nobody(home, token):
    home.journal.people.open_session(home.mira, now=BEGAN)
    assert home.journal.people.person_for(token, now=BEGAN) is None


def test_hash_itself_is_no_token(home):
    home.journal.people.open_session(home.mira, now=BEGAN)
    with home.database.read() as connection:
        stored = connection.scalars(select(SessionRow.token_sha256)).one()
    assert home.journal.people.person_for(stored, now=BEGAN) is None


def test_closed_session_is_over_and_others_are_not(home):
    people = home.journal.people
    phone, laptop = (people.open_session(home.mira, now=BEGAN) for _ in range(2))
    people.close_session(home.mira, phone)
    assert people.person_for(phone, now=BEGAN) is None
    assert people.person_for(laptop, now=BEGAN) is not None
    with pytest.raises(NotAllowed):
        people.close_session(home.mira, phone)


def test_somebody_elses_session_stays_open(home):
    people = home.journal.people
    token = people.open_session(home.mira, now=BEGAN)
    with pytest.raises(NotAllowed):
        people.close_session(home.jonas, token)
    assert people.person_for(token, now=BEGAN) is not None


def test_expired_sessions_go_when_somebody_signs_in(home):
    people = home.journal.people
    people.open_session(home.mira, now=BEGAN)
    kept = people.open_session(home.jonas, now=BEGAN + timedelta(days=1))
    people.open_session(home.mira, now=LATER)
    assert count(home.database, SessionRow) == 2
    assert people.person_for(kept, now=LATER) is not None


def test_nobody_without_an_account_is_signed_in(home):
    with pytest.raises(NotAllowed):
        home.journal.people.open_session(Actor("nobody"), now=BEGAN)
    assert count(home.database, SessionRow) == 0
