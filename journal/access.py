"""Who may see or do what. The one place that says so; default deny.

Every store call names an actor and asks here. What an actor may not see looks the same as what is not there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from alerts.people import SERVICE, Actor
from alerts.ports import NotAllowed


class Action(StrEnum):
    """Everything that can be done with stored things."""

    FIND_UNFINISHED_TALKS = "find unfinished talks"
    LIST_PEOPLE = "list the accounts"
    SIGN_IN = "sign in"
    SIGN_OUT = "sign out"
    START_TALK = "start a talk"
    FIND_OWN_TALK = "find one’s own open talk"
    FOLLOW_TALK = "follow a talk"
    CHANGE_TALK = "change a talk"
    RECORD = "record"
    READ_RECORDING = "read a recording"
    LIST_RECORDINGS = "list one’s recordings"
    IMPORT_RECORDING = "import a recording"
    LIST_ENTRIES = "list one’s entries"
    READ_ENTRY = "read an entry"
    WRITE_ENTRY = "write an entry"
    SHOW_CURVE = "show one’s curve to the other of a talk"
    SEE_CURVE = "see a curve that is shown to one"
    LIST_STRAPS = "list one’s straps"
    REMEMBER_STRAP = "remember a strap"
    FORGET_STRAP = "forget a strap"
    SEE_BATTERIES = "see the batteries of this computer’s straps"
    CREATE_ENTRY = "create an entry by hand"
    READ_TEXT = "read what was written into an entry"
    WRITE_TEXT = "write into an entry"
    ROTATE_KEY = "seal one’s texts with a new key"
    ERASE = "erase what is one’s own"
    KEEP_TO_DAYS = "erase what hearts did so many days ago"
    SAVE_ARCHIVE = "take everything along"
    RESTORE_ARCHIVE = "bring everything back"
    CHECK_IN = "do and read one’s daily check"
    DERIVE = "compute what is derived from recordings"
    SEE_OWN_PAIR = "see who one talks with"
    BEGIN_PAIR = "begin a pair"
    LEAVE_PAIR = "leave a pair"
    OPT_IN = "opt in to a talk, or out"
    START_TALK_TOGETHER = "start the talk that both have opted in to"
    MAKE_CODE = "let a phone in"
    RENAME = "say what one is called"
    MAKE_WAY_BACK = "make the way back into one's own account"
    SEE_WAYS_IN = "see how one gets into one's own account"
    SET_PASSWORD = "choose one's password"  # noqa: S105  the name of an action
    KEEP_PASSKEYS = "keep passkeys of one's own"
    SEE_DEVICES = "see where one is signed in"
    KEEP_TOKENS = "let programs of one's own in"
    INVITE = "invite somebody to have an account here"
    READ_AGREEMENT = "read an agreement"
    WRITE_AGREEMENT = "write an agreement, say yes to it, or step out of it"
    READ_TURN_TO = "read one's list of people to turn to"
    WRITE_TURN_TO = "change one's list of people to turn to"
    KEEP_CHANNELS = "keep one’s own channels"
    ADMIT = "admit a clinician"
    ACCEPT_ADMISSION = "accept a wearer’s invitation"
    END_ADMISSION = "end what a wearer and a clinician share"
    SHOW = "show an entry, or what happens from now on, to a clinician"
    HIDE = "take back what was shown"
    READ_ACCESS_LOG = "read who has read what is one’s own"
    LIST_CLIENTS = "list who has admitted one"
    READ_SHOWN = "read what somebody shows"
    LIST_OWN_LOOKS = "list what one has read of others"
    KEEP_NOTES = "keep notes on one’s clients"
    READ_NOTES_FOR_ONE = "read the notes that a clinician lets one read"
    PUBLISH = "send what one shows to a clinic"
    FIND_LINKS = "find whose turn it is to be sent to a clinic"
    LET_PUBLISH = "let a client publish from home"
    RECEIVE = "keep what one's home sends"
    EXPIRE = "let go what no home confirms any more"
    CHECK_ACCESS_LOGS = "check that no access log was changed"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is acted on: whose it is, who shares it, and to whom it is shown now. Nobody's when it does not exist."""

    owner_id: str | None = None
    participants: frozenset[str] = frozenset()
    shown_to: frozenset[str] = frozenset()


def _owner(actor: Actor, subject: Subject) -> bool:
    return actor.person_id is not None and actor.person_id == subject.owner_id


def _participant(actor: Actor, subject: Subject) -> bool:
    return actor.person_id is not None and actor.person_id in subject.participants


def _shown(actor: Actor, subject: Subject) -> bool:
    return actor.person_id is not None and actor.person_id in subject.shown_to


def _service(actor: Actor, _: Subject) -> bool:
    return actor == SERVICE


RULES: dict[Action, Callable[[Actor, Subject], bool]] = {
    Action.FIND_UNFINISHED_TALKS: _service,
    Action.LIST_PEOPLE: _service,
    Action.SIGN_IN: _owner,
    Action.SIGN_OUT: _owner,
    Action.START_TALK: _owner,
    Action.FIND_OWN_TALK: _owner,
    Action.FOLLOW_TALK: _participant,
    Action.CHANGE_TALK: _participant,
    Action.RECORD: _owner,
    Action.READ_RECORDING: _owner,
    Action.LIST_RECORDINGS: _owner,
    Action.IMPORT_RECORDING: _owner,
    Action.LIST_ENTRIES: _owner,
    Action.READ_ENTRY: _owner,
    Action.WRITE_ENTRY: _participant,
    Action.SHOW_CURVE: _owner,
    Action.SEE_CURVE: _shown,
    Action.LIST_STRAPS: _owner,
    Action.REMEMBER_STRAP: _owner,
    Action.FORGET_STRAP: _owner,
    Action.SEE_BATTERIES: _service,
    Action.CREATE_ENTRY: _owner,
    Action.READ_TEXT: _owner,
    Action.WRITE_TEXT: _owner,
    Action.ROTATE_KEY: _owner,
    Action.ERASE: _owner,
    Action.KEEP_TO_DAYS: _service,
    Action.SAVE_ARCHIVE: _owner,
    Action.RESTORE_ARCHIVE: _owner,
    Action.CHECK_IN: _owner,
    Action.DERIVE: _service,
    Action.SEE_OWN_PAIR: _owner,
    Action.BEGIN_PAIR: _owner,
    Action.LEAVE_PAIR: _participant,
    Action.OPT_IN: _participant,
    Action.START_TALK_TOGETHER: _participant,
    Action.MAKE_CODE: _owner,
    Action.RENAME: _owner,
    Action.MAKE_WAY_BACK: _owner,
    Action.SEE_WAYS_IN: _owner,
    Action.SET_PASSWORD: _owner,
    Action.KEEP_PASSKEYS: _owner,
    Action.SEE_DEVICES: _owner,
    Action.KEEP_TOKENS: _owner,
    Action.INVITE: _service,
    Action.READ_AGREEMENT: _participant,
    Action.WRITE_AGREEMENT: _participant,
    Action.READ_TURN_TO: _owner,
    Action.WRITE_TURN_TO: _owner,
    Action.KEEP_CHANNELS: _owner,
    Action.ADMIT: _owner,
    Action.ACCEPT_ADMISSION: _owner,
    Action.END_ADMISSION: _participant,
    Action.SHOW: _owner,
    Action.HIDE: _owner,
    Action.READ_ACCESS_LOG: _owner,
    Action.LIST_CLIENTS: _owner,
    Action.READ_SHOWN: _shown,
    Action.LIST_OWN_LOOKS: _owner,
    Action.KEEP_NOTES: _owner,
    Action.READ_NOTES_FOR_ONE: _owner,
    Action.PUBLISH: _owner,
    Action.FIND_LINKS: _service,
    Action.LET_PUBLISH: _owner,
    Action.RECEIVE: _owner,
    Action.EXPIRE: _service,
    Action.CHECK_ACCESS_LOGS: _service,
}
"""Who, for each action. An action without a rule is allowed to nobody."""


def may(actor: Actor, action: Action, subject: Subject) -> bool:
    """Whether `actor` may do `action` with `subject`.

    >>> may(Actor("mira"), Action.READ_ENTRY, Subject(owner_id="mira"))
    True
    >>> may(Actor("jonas"), Action.READ_ENTRY, Subject(owner_id="mira", participants=frozenset({"mira", "jonas"})))
    False
    """
    rule = RULES.get(action)
    return rule is not None and rule(actor, subject)


def require(actor: Actor, action: Action, subject: Subject) -> None:
    """Raise `NotAllowed` unless `may`."""
    if not may(actor, action, subject):
        raise NotAllowed
