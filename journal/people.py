"""Accounts, and who is signed in."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, false, func, insert, select, update

from alerts.people import Actor
from alerts.ports import NotAllowed
from journal.access import Action, Subject, require
from journal.codes import hashed, new_code
from journal.database import Database
from journal.models import PairRow, PersonRow, SessionRow, WayBackRow
from journal.own_account import own_account
from journal.statements import put

SESSION_LASTS = timedelta(days=90)
WAY_BACK_GROUPS = 6
UNNAMED = "You"
"""What the first account is called until its owner says a name: right on one's own pages, and on nobody else's."""


@dataclass(frozen=True, slots=True)
class Person:
    """An account: a wearer's, or a clinician's, who reads what wearers show and has no heart of their own here."""

    id: str
    name: str
    is_clinician: bool = False


_PERSON = (PersonRow.id, PersonRow.name, func.coalesce(PersonRow.is_clinician, false()))


class People:
    """The accounts of this installation and their sessions."""

    session_lasts_s = int(SESSION_LASTS.total_seconds())

    def __init__(self, database: Database) -> None:
        self._database = database

    def first_person(self, *, name: str, now: datetime) -> Person:
        """The account of a machine that has one, made with `name` if there is none. Two at once make one.

        Raises:
            NotAllowed: there are several accounts, so a click cannot choose.
        """
        with self._database.write() as connection:
            found = [Person(*row) for row in connection.execute(select(*_PERSON).limit(2))]
            if len(found) > 1:
                raise NotAllowed
            if found:
                return found[0]
            person = Person(uuid.uuid4().hex, name)
            connection.execute(insert(PersonRow).values(id=person.id, name=name, created_at=now))
            return person

    def everybody(self, actor: Actor) -> list[Person]:
        """Every account, oldest first. For the machine's own commands."""
        require(actor, Action.LIST_PEOPLE, Subject())
        with self._database.read() as connection:
            rows = connection.execute(select(*_PERSON).order_by(PersonRow.created_at))
            return [Person(*row) for row in rows]

    def open_session(self, actor: Actor, *, now: datetime) -> str:
        """Sign `actor` in and return the opaque token; only its hash is stored. Expired sessions go.

        Raises:
            NotAllowed: there is no such person.
        """
        token = secrets.token_urlsafe(32)
        with self._database.write() as connection:
            own_account(connection, actor, Action.SIGN_IN)
            connection.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
            connection.execute(
                insert(SessionRow).values(
                    token_sha256=_hash(token),
                    person_id=actor.person_id,
                    created_at=now,
                    expires_at=now + SESSION_LASTS,
                )
            )
        return token

    def person_for(self, token: str, *, now: datetime) -> Person | None:
        """Whose session `token` is; None for an unknown or expired one."""
        query = (
            select(*_PERSON)
            .join(SessionRow, SessionRow.person_id == PersonRow.id)
            .where(SessionRow.token_sha256 == _hash(token), SessionRow.expires_at > now)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return Person(*row) if row else None

    def close_session(self, actor: Actor, token: str) -> None:
        """Sign out. Raises `NotAllowed` for somebody else's session."""
        with self._database.write() as connection:
            owner = connection.scalar(select(SessionRow.person_id).where(SessionRow.token_sha256 == _hash(token)))
            require(actor, Action.SIGN_OUT, Subject(owner_id=owner))
            connection.execute(delete(SessionRow).where(SessionRow.token_sha256 == _hash(token)))

    def is_only_one(self) -> bool:
        """Whether the machine has, and had, at most one account, so that a click at it can choose nothing wrong."""
        with self._database.read() as connection:
            found = connection.scalars(select(PersonRow.outlasted).limit(2)).all()
            return len(found) <= 1 and not any(found)

    def rename(self, actor: Actor, name: str) -> None:
        """Call the actor `name`, on their own pages and on the other's. Raises `NotAllowed`: there is no such person."""
        with self._database.write() as connection:
            found = own_account(connection, actor, Action.RENAME)
            connection.execute(update(PersonRow).where(PersonRow.id == found).values(name=name))
            connection.execute(update(PairRow).where(PairRow.second_id == found).values(second_name=name))

    def has_way_back(self, actor: Actor) -> bool:
        """Whether the actor has been told words that bring them back."""
        require(actor, Action.MAKE_WAY_BACK, Subject(owner_id=actor.person_id))
        query = select(WayBackRow.person_id).where(WayBackRow.person_id == actor.person_id)
        with self._database.read() as connection:
            return connection.scalar(query) is not None

    def new_way_back(self, actor: Actor) -> str:
        """Words that bring the actor back into their account on any phone; told once. Earlier ones stop working.

        Raises:
            NotAllowed: there is no such person.
        """
        words = new_code(WAY_BACK_GROUPS)
        with self._database.write() as connection:
            found = own_account(connection, actor, Action.MAKE_WAY_BACK)
            put(connection, WayBackRow, {"person_id": found}, {"words_sha256": hashed(words)})
        return words

    def by_way_back(self, words: str) -> Person:
        """Whose way back `words` is. Raises `NotAllowed`."""
        query = (
            select(*_PERSON)
            .join(WayBackRow, WayBackRow.person_id == PersonRow.id)
            .where(WayBackRow.words_sha256 == hashed(words))
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotAllowed
        return Person(*row)


def _hash(token: str) -> str:
    # The token has 256 random bits, so a plain fast hash is enough: there is nothing to guess.
    return hashlib.sha256(token.encode()).hexdigest()
