from enum import StrEnum

import pytest

from alerts.people import SERVICE, Actor
from alerts.ports import NotAllowed
from journal.access import RULES, Action, Subject, may, require

MIRA, JONAS, LENA = Actor("mira"), Actor("jonas"), Actor("lena")
MIRAS = Subject(owner_id="mira", participants=frozenset({"mira", "jonas"}))
NOBODYS = Subject()
OWN = {MIRA}
SHARED = {MIRA, JONAS}

ALLOWED = {
    Action.FIND_UNFINISHED_TALKS: {SERVICE},
    Action.SIGN_IN: OWN,
    Action.SIGN_OUT: OWN,
    Action.START_TALK: OWN,
    Action.FIND_OWN_TALK: OWN,
    Action.FOLLOW_TALK: SHARED,
    Action.CHANGE_TALK: SHARED,
    Action.RECORD: OWN,
    Action.READ_RECORDING: OWN,
    Action.LIST_ENTRIES: OWN,
    Action.READ_ENTRY: OWN,
    Action.WRITE_ENTRY: SHARED,
    Action.KEEP_CHANNELS: OWN,
}


@pytest.mark.parametrize("actor", [MIRA, JONAS, LENA, SERVICE], ids=str)
@pytest.mark.parametrize("action", Action)
def test_only_those_named_may(action, actor):
    assert may(actor, action, MIRAS) is (actor in ALLOWED[action])


@pytest.mark.parametrize("actor", [MIRA, SERVICE, Actor("")], ids=str)
@pytest.mark.parametrize("action", set(Action) - {Action.FIND_UNFINISHED_TALKS})
def test_what_does_not_exist_is_nobodys(action, actor):
    assert not may(actor, action, NOBODYS)


def test_every_action_has_a_rule():
    assert set(RULES) == set(Action) == set(ALLOWED)


def test_action_without_a_rule_is_denied():
    class Unheard(StrEnum):
        OF = "unheard of"

    for actor in (MIRA, SERVICE):
        with pytest.raises(NotAllowed):
            require(actor, Unheard.OF, MIRAS)
