"""Whose account it is that acts: asked before anything new is kept for it."""

from sqlalchemy import Connection, select

from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.models import PersonRow

EVERYBODYS = frozenset({
    Action.SIGN_IN, Action.RENAME, Action.SET_PASSWORD, Action.MAKE_WAY_BACK, Action.KEEP_PASSKEYS, Action.ERASE,
})  # fmt: skip
"""What a clinician does with their own account, too. All else is a wearer's, and they have no heart and no journal here."""


def own_account(connection: Connection, actor: Actor, action: Action, *, lock: bool = False) -> str:
    """The id of the actor's account, for an `action` with what is their own.

    Args:
        connection: the transaction in which it is asked, so that the account cannot go meanwhile.
        actor: who acts.
        action: what they want to do.
        lock: let whoever asks at the same time wait until this transaction is over, where writers run side by side.

    Raises:
        NotAllowed: there is no such person, or it is a clinician and the action a wearer's.
    """
    query = select(PersonRow.id).where(PersonRow.id == actor.person_id)
    if action not in EVERYBODYS:
        query = query.where(PersonRow.is_clinician.is_not(True))
    found = connection.scalar(query.with_for_update() if lock else query)
    require(actor, action, Subject(owner_id=found))
    return str(found)
