"""Accounts as they are kept: passwords, invitations, devices, tokens for programs."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from alerts.not_now import NotNow
from alerts.people import SERVICE
from alerts.ports import NotAllowed
from journal.api_tokens import LONGEST, MOST, ApiTokens, Scope
from journal.erasure import Everything
from journal.invitations import LASTS, Admitting
from journal.models import ApiTokenRow, PasswordRow, PersonRow, SessionRow
from journal.people import Person
from journal.ways_in import WaysIn, WrongProof
from tests.fakes import BEGAN
from tests.integration.journal_home import Home, add_person, open_journal, raw_files
from tests.quick_passwords import GOOD, OTHER, quick

DAY = timedelta(days=1)


@pytest.fixture
def home(tmp_path):
    with Home(tmp_path / "data") as home:
        home.ways_in = WaysIn(home.database, quick())
        yield home


@pytest.fixture
def alone(tmp_path):
    """A machine with one person, who came in by a click."""
    journal = open_journal(tmp_path / "data")
    journal.people.first_person(name="You", now=BEGAN)
    yield journal
    journal.close()


def choose(home, actor, name="mira", password=GOOD, proof="", now=BEGAN):
    home.ways_in.set_password(actor, name, password, proof=proof, now=now)


def test_who_has_chosen_a_password_signs_in_with_it_however_the_name_is_typed(home):
    choose(home, home.mira, name=" Mira ")
    assert home.ways_in.person_for("MIRA", GOOD) == Person(home.mira.person_id, "Mira")
    assert home.ways_in.mine(home.mira).sign_in_name == "mira"


@pytest.mark.parametrize(
    ("name", "password"), [("mira", OTHER), ("jonas", GOOD), ("", GOOD), ("a\ud800", GOOD), ("mira", "\ud800")]
)
def test_anything_else_is_nobody(home, name, password):
    choose(home, home.mira)
    assert home.ways_in.person_for(name, password) is None


@pytest.mark.sqlite_only("looks into the bytes of the file and its log")
def test_neither_password_nor_code_nor_token_is_in_the_files(home):
    choose(home, home.mira)
    _, code = home.journal.invitations.make(SERVICE, called="Kim", for_clinician=False, now=BEGAN)
    _, secret = home.journal.tokens.make(home.mira, name="Lamp", scopes={Scope.TALK}, lasts=DAY, now=BEGAN)
    contents = raw_files(home.folder)
    assert b"$argon2id$" in contents
    for told in (GOOD, code, code.replace("-", ""), secret, secret.removeprefix("flooding_")):
        assert told.encode() not in contents


def test_a_sign_in_name_is_one_persons(home):
    choose(home, home.mira)
    with pytest.raises(NotNow, match="taken"):
        choose(home, home.jonas, name="MIRA", password=OTHER)
    assert home.ways_in.person_for("mira", OTHER) is None
    assert home.ways_in.mine(home.jonas).sign_in_name is None


def test_another_password_asks_for_the_old_one_or_the_words_that_bring_one_back(home):
    choose(home, home.mira)
    words = home.journal.people.new_way_back(home.mira)
    for proof in ("", OTHER, "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"):
        with pytest.raises(WrongProof):
            choose(home, home.mira, password=OTHER, proof=proof)
        with pytest.raises(WrongProof):
            home.ways_in.new_words(home.mira, proof=proof)
    assert home.ways_in.person_for("mira", GOOD)
    choose(home, home.mira, password=OTHER, proof=GOOD)
    choose(home, home.mira, password=GOOD, proof=words.lower().replace("-", " "))
    assert home.ways_in.person_for("mira", GOOD)
    assert home.journal.people.by_way_back(home.ways_in.new_words(home.mira, proof=GOOD)).name == "Mira"


def test_a_changed_password_ends_every_session_and_what_would_open_one(home):
    people, pairs = home.journal.people, home.journal.pairs
    theirs = people.open_session(home.mira, now=BEGAN)
    others = people.open_session(home.jonas, now=BEGAN)
    code = pairs.make_code(home.mira, for_other=False, now=BEGAN)
    choose(home, home.mira)
    assert people.person_for(theirs, now=BEGAN) is None
    assert people.person_for(others, now=BEGAN) is not None
    assert pairs.opening(code, now=BEGAN) is None


def test_a_hash_is_renewed_at_the_next_sign_in_when_its_parameters_have_changed(home):
    choose(home, home.mira)

    def kept():
        with home.database.read() as connection:
            return connection.scalar(select(PasswordRow.password_hash))

    stronger, before = WaysIn(home.database, quick(time_cost=2)), kept()
    assert stronger.person_for("mira", OTHER) is None
    assert kept() == before
    assert stronger.person_for("mira", GOOD)
    assert "t=2" in kept()
    assert stronger.person_for("mira", GOOD)


def test_with_a_password_no_click_opens_the_only_account(alone):
    (you,) = alone.people.everybody(SERVICE)
    assert alone.people.opens_by_click()
    WaysIn(alone.database, quick()).set_password(actor_of(you), "mira", GOOD, proof="", now=BEGAN)
    assert not alone.people.opens_by_click()
    assert alone.people.is_only_one()


def actor_of(person):
    return type(SERVICE)(person.id)


def test_no_click_opens_a_clinicians_account(tmp_path):
    journal = open_journal(tmp_path / "data")
    _, code = journal.invitations.make(SERVICE, called="", for_clinician=True, now=BEGAN)
    journal.invitations.come_in(code, name="Dr. Weiss", sign_in=new(journal), now=BEGAN)
    assert not journal.people.opens_by_click()
    assert not journal.people.is_only_one()
    journal.close()


def new(journal, name="kim", password=OTHER):
    return WaysIn(journal.database, quick()).prepared(name, password)


@pytest.mark.parametrize("for_clinician", [False, True])
def test_an_invitation_lets_one_person_in_once_within_a_week(home, for_clinician):
    invitations = home.journal.invitations
    made, code = invitations.make(SERVICE, called="Kim", for_clinician=for_clinician, now=BEGAN)
    assert invitations.opening(code, now=BEGAN) == made == invitations.waiting(SERVICE, now=BEGAN)[0]
    with pytest.raises(NotAllowed):
        invitations.come_in(code, name="Kim", sign_in=new(home.journal), now=BEGAN + LASTS)
    kim = invitations.come_in(code.lower(), name="Kim", sign_in=new(home.journal), now=BEGAN + LASTS - DAY)
    assert (kim.name, kim.is_clinician) == ("Kim", for_clinician)
    assert home.ways_in.person_for("kim", OTHER) == kim
    assert invitations.opening(code, now=BEGAN) is None
    assert invitations.waiting(SERVICE, now=BEGAN) == []
    with pytest.raises(NotAllowed):
        invitations.come_in(code, name="Eve", sign_in=new(home.journal, "eve"), now=BEGAN)


def test_a_taken_sign_in_name_uses_no_invitation_up(home):
    choose(home, home.mira, name="kim")
    _, code = home.journal.invitations.make(SERVICE, called="", for_clinician=False, now=BEGAN)
    with pytest.raises(NotNow, match="taken"):
        home.journal.invitations.come_in(code, name="Kim", sign_in=new(home.journal), now=BEGAN)
    with home.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(PersonRow)) == 3
    assert home.journal.invitations.come_in(code, name="Kim", sign_in=new(home.journal, "kimkim"), now=BEGAN)


def test_an_invitation_that_was_taken_back_opens_nothing(home):
    invitations = home.journal.invitations
    made, code = invitations.make(SERVICE, called="", for_clinician=False, now=BEGAN)
    assert invitations.revoke(SERVICE, made.id)
    assert not invitations.revoke(SERVICE, made.id)
    assert invitations.opening(code, now=BEGAN) is None


def test_nobody_new_locks_out_the_one_who_comes_in_by_a_click(alone):
    (you,) = alone.people.everybody(SERVICE)
    with pytest.raises(NotNow, match="way back"):
        alone.invitations.make(SERVICE, called="", for_clinician=True, now=BEGAN)
    _, code = alone.sharing.invite(actor_of(you), called="Dr. Weiss", now=BEGAN)
    with pytest.raises(NotNow, match="way back"):
        alone.invitations.come_in(code, name="Dr. Weiss", sign_in=new(alone), now=BEGAN)
    words = alone.ways_in.words_if_none(actor_of(you))
    assert alone.people.by_way_back(words) == you
    assert alone.ways_in.words_if_none(actor_of(you)) is None
    alone.invitations.come_in(code, name="Dr. Weiss", sign_in=new(alone), now=BEGAN)
    assert not alone.people.opens_by_click()


def test_a_wearers_code_makes_a_clinicians_account_and_admits_it_in_one_step(home):
    invitations, sharing = home.journal.invitations, home.journal.sharing
    _, code = sharing.invite(home.mira, called="Dr. Weiss", now=BEGAN)
    assert invitations.opening(code, now=BEGAN) == Admitting("Mira", "Dr. Weiss")
    weiss = invitations.come_in(code, name="Dr. Weiss", sign_in=new(home.journal), now=BEGAN)
    assert weiss.is_clinician
    assert [one.wearer_name for one in sharing.of_clinician(actor_of(weiss))] == ["Mira"]
    assert invitations.opening(code, now=BEGAN) is None


def test_a_wearers_code_that_was_taken_back_or_has_run_out_makes_no_account(home):
    invitations, sharing = home.journal.invitations, home.journal.sharing
    ended, code = sharing.invite(home.mira, called="", now=BEGAN)
    _, old = sharing.invite(home.mira, called="", now=BEGAN - timedelta(days=7))
    sharing.end(home.mira, ended, now=BEGAN)
    for dead in (code, old, "AAAA-AAAA-AAAA"):
        assert invitations.opening(dead, now=BEGAN) is None
        with pytest.raises(NotAllowed):
            invitations.come_in(dead, name="Eve", sign_in=new(home.journal), now=BEGAN)


def test_signing_in_anew_ends_the_session_that_the_browser_brought(home):
    people = home.journal.people
    jonas = people.open_session(home.jonas, now=BEGAN)
    kept = people.open_session(home.jonas, now=BEGAN)
    mira = people.open_session(home.mira, now=BEGAN, instead_of=jonas)
    assert people.person_for(jonas, now=BEGAN) is None
    assert people.person_for(kept, now=BEGAN) is not None
    assert people.person_for(mira, now=BEGAN).name == "Mira"


def test_devices_are_told_by_day_and_each_can_be_signed_out(home):
    people = home.journal.people
    phone = people.open_session(home.mira, now=BEGAN, device="Safari on an iPhone")
    laptop = people.open_session(home.mira, now=BEGAN, device="Firefox on Linux")
    people.open_session(home.jonas, now=BEGAN)
    later = BEGAN + 3 * DAY
    people.person_for(phone, now=later)
    told = {one.called: one for one in people.devices(home.mira, here=laptop, now=later)}
    assert {name: (one.used_on, one.is_here) for name, one in told.items()} == {
        "Safari on an iPhone": (later.date().isoformat(), False),
        "Firefox on Linux": (BEGAN.date().isoformat(), True),
    }
    with pytest.raises(NotAllowed):
        people.close_device(home.jonas, told["Safari on an iPhone"].id)
    people.close_device(home.mira, told["Safari on an iPhone"].id)
    assert people.person_for(phone, now=later) is None
    assert people.person_for(told["Firefox on Linux"].id, now=later) is None
    assert people.person_for(laptop, now=later) is not None


def test_signing_out_everywhere_spares_only_where_one_is_and_others(home):
    people, pairs = home.journal.people, home.journal.pairs
    here, there = (people.open_session(home.mira, now=BEGAN) for _ in range(2))
    others = people.open_session(home.jonas, now=BEGAN)
    code = pairs.make_code(home.mira, for_other=False, now=BEGAN)
    people.close_sessions(home.mira, but=here)
    assert [people.person_for(token, now=BEGAN) is not None for token in (here, there, others)] == [True, False, True]
    assert pairs.opening(code, now=BEGAN) is None
    people.close_sessions(home.mira)
    assert people.person_for(here, now=BEGAN) is None


def test_a_token_says_whose_program_it_is_until_it_ends(home):
    tokens = home.journal.tokens
    made, secret = tokens.make(home.mira, name="Lamp", scopes=[Scope.TALK, Scope.BODY_READ], lasts=30 * DAY, now=BEGAN)
    program = tokens.program_for(secret, now=BEGAN + DAY)
    assert (program.person, program.scopes) == (
        Person(home.mira.person_id, "Mira"),
        {Scope.TALK, Scope.BODY_READ},
    )
    assert tokens.mine(home.mira, now=BEGAN + DAY)[0].used_on == (BEGAN + DAY).date().isoformat()
    assert tokens.program_for(secret, now=BEGAN + 30 * DAY) is None
    assert tokens.program_for(secret + "x", now=BEGAN) is None
    with pytest.raises(NotAllowed):
        tokens.revoke(home.jonas, made.id)
    tokens.revoke(home.mira, made.id)
    assert tokens.program_for(secret, now=BEGAN) is None
    assert tokens.mine(home.mira, now=BEGAN) == []


@pytest.mark.parametrize(("scopes", "lasts"), [([], DAY), ([Scope.TALK], LONGEST + DAY), ([Scope.TALK], timedelta(0))])
def test_a_token_for_nothing_or_for_ever_is_not_made(home, scopes, lasts):
    with pytest.raises(ValueError, match=r"token lasts|at least one"):
        home.journal.tokens.make(home.mira, name="Lamp", scopes=scopes, lasts=lasts, now=BEGAN)


def test_tokens_are_few_and_those_that_ended_make_room(home):
    tokens: ApiTokens = home.journal.tokens
    for number in range(MOST):
        tokens.make(home.mira, name=str(number), scopes=[Scope.TALK], lasts=DAY, now=BEGAN)
    with pytest.raises(NotNow):
        tokens.make(home.mira, name="one more", scopes=[Scope.TALK], lasts=DAY, now=BEGAN)
    tokens.make(home.mira, name="later", scopes=[Scope.TALK], lasts=DAY, now=BEGAN + DAY)


@pytest.fixture
def weiss(home):
    actor = add_person(home.database, "Dr. Weiss")
    with home.database.write() as connection:
        connection.execute(update(PersonRow).where(PersonRow.id == actor.person_id).values(is_clinician=True))
    return actor


WEARERS_ONLY = {
    "a talk": lambda j, who: j.talks.start(
        who, began_at=BEGAN, utc_offset_min=0, strap=None, simulated=False, threshold_bpm=100.0
    ),
    "an entry": lambda j, who: j.texts.create(who, now=BEGAN),
    "a token": lambda j, who: j.tokens.make(who, name="Lamp", scopes=[Scope.TALK], lasts=DAY, now=BEGAN),
    "a pair": lambda j, who: j.pairs.begin(who, other_name="Kim", now=BEGAN),
    "a code for a phone": lambda j, who: j.pairs.make_code(who, for_other=True, now=BEGAN),
    "somebody to turn to": lambda j, who: j.turn_to.add(who, name="Ana", how="", now=BEGAN),
    "a channel": lambda j, who: j.channels.add(
        who, kind="webhook", label="Lamp", address="json://127.0.0.1/", now=BEGAN
    ),
}


@pytest.mark.parametrize("what", WEARERS_ONLY)
def test_a_clinicians_account_keeps_nothing_of_a_wearers(home, weiss, what):
    with pytest.raises(NotAllowed):
        WEARERS_ONLY[what](home.journal, weiss)
    WEARERS_ONLY[what](home.journal, home.lena)


def test_a_clinician_has_ways_in_of_their_own(home, weiss):
    choose(home, weiss, name="weiss")
    assert home.ways_in.person_for("weiss", GOOD).is_clinician
    home.ways_in.new_words(weiss, proof=GOOD)
    home.journal.people.rename(weiss, "Dr. W.")
    home.journal.people.open_session(weiss, now=BEGAN)


def test_who_erases_everything_leaves_no_way_in_behind(home):
    choose(home, home.lena, name="lena")
    home.journal.people.open_session(home.lena, now=BEGAN)
    home.journal.tokens.make(home.lena, name="Lamp", scopes=[Scope.TALK], lasts=DAY, now=BEGAN)
    token = home.journal.erasure.preview(home.lena, Everything()).token
    home.journal.erasure.erase(home.lena, Everything(), token=token)
    with home.database.read() as connection:
        for row in (PasswordRow, SessionRow, ApiTokenRow):
            assert connection.scalar(select(func.count()).select_from(row)) == 0
    assert b"$argon2id$" not in raw_files(home.folder)
