from enum import StrEnum

import pytest

from alerts.people import SERVICE, Actor
from alerts.ports import NotAllowed
from journal.access import RULES, Action, Subject, may, require

MIRA, JONAS, LENA, WEISS = Actor("mira"), Actor("jonas"), Actor("lena"), Actor("weiss")
MIRAS = Subject(owner_id="mira", participants=frozenset({"mira", "jonas"}), shown_to=frozenset({"weiss"}))
NOBODYS = Subject()
OWN = {MIRA}
SHARED = {MIRA, JONAS}

ALLOWED = {
    Action.FIND_UNFINISHED_TALKS: {SERVICE},
    Action.LIST_PEOPLE: {SERVICE},
    Action.SIGN_IN: OWN,
    Action.SIGN_OUT: OWN,
    Action.START_TALK: OWN,
    Action.FIND_OWN_TALK: OWN,
    Action.FOLLOW_TALK: SHARED,
    Action.CHANGE_TALK: SHARED,
    Action.RECORD: OWN,
    Action.READ_RECORDING: OWN,
    Action.LIST_RECORDINGS: OWN,
    Action.IMPORT_RECORDING: OWN,
    Action.LIST_ENTRIES: OWN,
    Action.READ_ENTRY: OWN,
    Action.WRITE_ENTRY: SHARED,
    Action.SHOW_CURVE: OWN,
    Action.SEE_CURVE: {WEISS},
    Action.LIST_STRAPS: OWN,
    Action.REMEMBER_STRAP: OWN,
    Action.FORGET_STRAP: OWN,
    Action.SEE_BATTERIES: {SERVICE},
    Action.CREATE_ENTRY: OWN,
    Action.READ_TEXT: OWN,
    Action.WRITE_TEXT: OWN,
    Action.ROTATE_KEY: OWN,
    Action.ERASE: OWN,
    Action.KEEP_TO_DAYS: {SERVICE},
    Action.SAVE_ARCHIVE: OWN,
    Action.RESTORE_ARCHIVE: OWN,
    Action.CHECK_IN: OWN,
    Action.DERIVE: {SERVICE},
    Action.SEE_OWN_PAIR: OWN,
    Action.BEGIN_PAIR: OWN,
    Action.LEAVE_PAIR: SHARED,
    Action.OPT_IN: SHARED,
    Action.START_TALK_TOGETHER: SHARED,
    Action.MAKE_CODE: OWN,
    Action.RENAME: OWN,
    Action.MAKE_WAY_BACK: OWN,
    Action.SEE_WAYS_IN: OWN,
    Action.SET_PASSWORD: OWN,
    Action.SEE_DEVICES: OWN,
    Action.KEEP_TOKENS: OWN,
    Action.KEEP_PASSKEYS: OWN,
    Action.INVITE: {SERVICE},
    Action.READ_AGREEMENT: SHARED,
    Action.WRITE_AGREEMENT: SHARED,
    Action.READ_TURN_TO: OWN,
    Action.WRITE_TURN_TO: OWN,
    Action.KEEP_CHANNELS: OWN,
    Action.ADMIT: OWN,
    Action.ACCEPT_ADMISSION: OWN,
    Action.END_ADMISSION: SHARED,
    Action.SHOW: OWN,
    Action.HIDE: OWN,
    Action.READ_ACCESS_LOG: OWN,
    Action.LIST_CLIENTS: OWN,
    Action.READ_SHOWN: {WEISS},
    Action.LIST_OWN_LOOKS: OWN,
    Action.KEEP_NOTES: OWN,
    Action.READ_NOTES_FOR_ONE: OWN,
    Action.PUBLISH: OWN,
    Action.FIND_LINKS: {SERVICE},
    Action.LET_PUBLISH: OWN,
    Action.RECEIVE: OWN,
    Action.EXPIRE: {SERVICE},
    Action.CHECK_ACCESS_LOGS: {SERVICE},
}


@pytest.mark.parametrize("actor", [MIRA, JONAS, LENA, WEISS, SERVICE], ids=str)
@pytest.mark.parametrize("action", Action)
def test_only_those_named_may(action, actor):
    assert may(actor, action, MIRAS) is (actor in ALLOWED[action])


@pytest.mark.parametrize("actor", [MIRA, SERVICE, Actor("")], ids=str)
@pytest.mark.parametrize(
    "action",
    [action for action in Action if ALLOWED[action] != {SERVICE}],
)
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
