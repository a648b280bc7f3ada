"""Remembered straps: each has one wearer, per kind of computer."""

import pytest
from sqlalchemy import select

from alerts.people import Actor
from alerts.ports import NotAllowed
from journal.models import StrapRow
from journal.straps import Straps, StrapTaken
from sensing.source import About
from tests.integration.journal_home import Home, at

H10 = About("Polar H10 A1B2C3D4", "AA:BB:CC:DD:EE:01", 83, "chest", "Polar Electro Oy", "H10", "3.1.1")
HRM = About("HRM", "AA:BB:CC:DD:EE:02")


@pytest.fixture
def home(tmp_path):
    with Home(tmp_path) as made:
        yield made


def test_the_one_worn_last_comes_first_with_what_is_new_of_it(home):
    straps = home.journal.straps
    straps.remember(home.mira, H10, now=at(0))
    straps.remember(home.mira, HRM, now=at(10))
    straps.remember(home.mira, About(H10.name, H10.device_id, 12), now=at(20))
    first, second = straps.mine(home.mira)
    assert (first.name, first.device_id, first.battery_percent, first.worn_at) == (H10.name, H10.device_id, 12, at(20))
    assert second.name == "HRM"
    assert straps.mine(home.jonas) == []


def test_it_is_found_by_its_name_or_id_in_any_case_and_by_its_wearer_only(home):
    straps = home.journal.straps
    straps.remember(home.mira, H10, now=at(0))
    assert straps.called(home.mira, " polar h10 a1b2c3d4 ").device_id == H10.device_id
    assert straps.called(home.mira, H10.device_id.lower()).name == H10.name
    assert straps.called(home.mira, "Polar H10") is None
    assert straps.called(home.jonas, H10.name) is None


def test_nobody_takes_another_persons_strap_until_it_is_forgotten(home):
    straps = home.journal.straps
    straps.remember(home.mira, H10, now=at(0))
    with pytest.raises(StrapTaken, match="forget"):
        straps.remember(home.jonas, H10, now=at(10))
    home.journal.recorder.met_strap(home.jonas, H10, at(10))  # on the air it is no error, and changes nothing
    assert straps.of_others(home.jonas) == {H10.device_id.lower(), H10.name.lower()}
    assert straps.of_others(home.mira) == frozenset()
    with pytest.raises(NotAllowed):
        straps.forget(home.jonas, H10.device_id)
    straps.forget(home.mira, H10.device_id)
    straps.remember(home.jonas, H10, now=at(30))
    assert straps.mine(home.mira) == []
    assert straps.of_others(home.jonas) == frozenset()


def test_what_another_kind_of_computer_calls_it_is_not_used_here(home):
    mac = About("Polar H10 A1B2C3D4", "5F6C1C9E-1F7E-4E5A-9D7B-0123456789AB", system="darwin")
    home.journal.straps.remember(home.mira, mac, now=at(0))
    assert Straps(home.database, system="linux").mine(home.mira) == []
    assert [one.device_id for one in Straps(home.database, system="darwin").mine(home.mira)] == [mac.device_id]


def test_a_name_off_the_air_is_stored_whatever_it_is(home):
    home.journal.straps.remember(home.mira, About("a\0b\ud800" + "x" * 500, "id"), now=at(0))
    (kept,) = home.journal.straps.mine(home.mira)
    assert kept.name.startswith("ab?xx")
    assert len(kept.name) == 248


def test_nobody_has_no_straps(home):
    for actor in (Actor(None), Actor("gone")):
        with pytest.raises(NotAllowed):
            home.journal.straps.remember(actor, H10, now=at(0))
    with home.database.read() as connection:
        assert connection.execute(select(StrapRow.device_id)).all() == []


def test_another_spelling_of_its_id_takes_no_strap_from_its_wearer_nor_makes_it_two(home):
    straps = home.journal.straps
    straps.remember(home.mira, H10, now=at(0))
    with pytest.raises(StrapTaken):
        straps.remember(home.jonas, About("mine", H10.device_id.lower()), now=at(10))
    assert straps.of_others(home.mira) == frozenset()
    straps.remember(home.mira, About(H10.name, H10.device_id.lower(), 12), now=at(20))
    assert [(one.device_id, one.battery_percent) for one in straps.mine(home.mira)] == [(H10.device_id, 12)]


def test_choosing_a_strap_again_forgets_nothing_of_it(home):
    straps = home.journal.straps
    straps.remember(home.mira, H10, now=at(0))
    straps.remember(home.mira, About(H10.name, H10.device_id), now=at(10))
    (kept,) = straps.mine(home.mira)
    assert (kept.battery_percent, kept.made, kept.worn_at) == (83, str(H10), at(10))


@pytest.mark.parametrize(("name", "kept"), [("HRM Dual ", "HRM Dual"), ("  ", "AA:BB:CC:DD:EE:02")])
def test_a_strap_is_found_by_the_name_it_is_kept_under(home, name, kept):
    home.journal.straps.remember(home.mira, About(name, "AA:BB:CC:DD:EE:02"), now=at(0))
    (one,) = home.journal.straps.mine(home.mira)
    assert one.name == kept
    assert home.journal.straps.called(home.mira, one.name) == one
