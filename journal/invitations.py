"""Letting somebody new in: by the installation's owner, or, a clinician, by a wearer who admits them.

A code is told once, works once, and is kept as a hash. What was never there, was used, and has run out look the same.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from alerts.people import Actor
from alerts.ports import NotAllowed
from journal.access import Action, Subject, require
from journal.codes import hashed, new_code
from journal.database import Database
from journal.models import InvitationRow
from journal.people import UNNAMED, Person
from journal.sharing import accept, waiting_admission
from journal.ways_in import NewSignIn, new_account, refuse_to_lock_out

CODE_GROUPS = 4
LASTS = timedelta(days=7)
A_WEARER = "A wearer"
"""Who has not said a name yet."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody may come in, as a wearer or as a clinician. `called`: what the owner calls them."""

    id: str
    called: str
    for_clinician: bool
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Admitting:
    """What a wearer's code opens to a clinician."""

    wearer_name: str
    called: str


class Invitations:
    """Who may come in that is not here yet."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(self, actor: Actor, *, called: str, for_clinician: bool, now: datetime) -> tuple[Invitation, str]:
        """Invite somebody; return the code beside it, which is told once. For the machine's own command.

        Raises:
            NotNow: the one who is here so far would be locked out by a second account.
        """
        require(actor, Action.INVITE, Subject())
        code = new_code(CODE_GROUPS)
        made = Invitation(uuid.uuid4().hex[:8], called, for_clinician, now, now + LASTS)
        with self._database.write() as connection:
            refuse_to_lock_out(connection)
            connection.execute(delete(InvitationRow).where(InvitationRow.expires_at <= now))
            connection.execute(
                insert(InvitationRow).values(
                    id=made.id,
                    code_sha256=hashed(code),
                    called=called,
                    for_clinician=for_clinician,
                    made_at=now,
                    expires_at=made.expires_at,
                )
            )
        return made, code

    def waiting(self, actor: Actor, *, now: datetime) -> list[Invitation]:
        """The invitations that somebody can still come in with, oldest first."""
        require(actor, Action.INVITE, Subject())
        query = select(InvitationRow.__table__).where(InvitationRow.expires_at > now).order_by(InvitationRow.made_at)
        with self._database.read() as connection:
            return [_invitation(row) for row in connection.execute(query)]

    def revoke(self, actor: Actor, invitation_id: str) -> bool:
        """Take an invitation back; False when there is none of that id any more."""
        require(actor, Action.INVITE, Subject())
        with self._database.write() as connection:
            gone = connection.execute(delete(InvitationRow).where(InvitationRow.id == invitation_id))
            return gone.rowcount > 0

    def opening(self, code: str, *, now: datetime) -> Invitation | Admitting | None:
        """What `code` opens; None when it opens nothing, or nothing any more. Looking does not use it up."""
        with self._database.read() as connection:
            invited = _invited(connection, code, now)
            if invited is not None:
                return invited
            admitting = waiting_admission(connection, code, now)
            if admitting is None:
                return None
            name = A_WEARER if admitting.wearer_name == UNNAMED else admitting.wearer_name
            return Admitting(name, admitting.called)

    def come_in(self, code: str, *, name: str, sign_in: NewSignIn, now: datetime) -> Person:
        """Use `code` up for an account of one's own; a clinician who comes by a wearer's code is admitted in the same step.

        Raises:
            NotAllowed: it opens nothing, or nothing any more.
            NotNow: the sign-in name is taken, or the one who is here so far would be locked out. The code still works.
        """
        with self._database.write() as connection:
            invited, admitting = _invited(connection, code, now), waiting_admission(connection, code, now)
            if invited is None and admitting is None:
                raise NotAllowed
            person = Person(
                uuid.uuid4().hex, name, is_clinician=admitting is not None or bool(invited and invited.for_clinician)
            )
            new_account(connection, person, sign_in, now=now)
            if invited is not None:
                connection.execute(delete(InvitationRow).where(InvitationRow.id == invited.id))
            else:
                accept(connection, Actor(person.id), code, now=now)
            return person


def _invited(connection: Connection, code: str, now: datetime) -> Invitation | None:
    query = select(InvitationRow.__table__).where(
        InvitationRow.code_sha256 == hashed(code), InvitationRow.expires_at > now
    )
    row = connection.execute(query).one_or_none()
    return _invitation(row) if row else None


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(row.id, row.called, row.for_clinician, row.made_at, row.expires_at)
