"""Accounts, and who is signed in."""

import hashlib
import secrets
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, false, func, insert, select, update

from alerts.people import Actor
from alerts.ports import NotAllowed
from journal.access import Action, Subject, require
from journal.codes import hashed, new_code
from journal.database import Database, DatabaseBusy
from journal.models import (
    JoinCodeRow,
    PairRow,
    PasskeyRow,
    PasswordRow,
    PersonRow,
    PublicationRow,
    SessionRow,
    WayBackRow,
)
from journal.own_account import own_account
from journal.statements import put

SESSION_LASTS = timedelta(days=90)
FRESH_FOR = timedelta(minutes=5)
"""So long after signing in it is taken to be the same person who still sits there."""
WAY_BACK_GROUPS = 6
UNNAMED = "You"
"""What the first account is called until its owner says a name: right on one's own pages, and on nobody else's."""


@dataclass(frozen=True, slots=True)
class Person:
    """An account: a wearer's, or a clinician's, who reads what wearers show and has no heart of their own here."""

    id: str
    name: str
    is_clinician: bool = False


@dataclass(frozen=True, slots=True)
class Device:
    """Where somebody is signed in. No finer than a day (UTC): it is to be recognised, not followed.

    Attributes:
        id: names the session to its owner; nobody can sign in with it.
        called: what the browser says of itself, shortened.
        is_here: the one that asks.
    """

    id: str
    called: str
    since: datetime
    used_on: str
    is_here: bool


DEVICE_ID_CHARACTERS = 16
UNKNOWN_DEVICE = "A browser"

_HERE = PersonRow.id.not_in(select(PublicationRow.wearer_id).where(PublicationRow.wearer_id.is_not(None)))
"""Somebody with an account here: what a client publishes from home is a record, and nobody signs in to it."""
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
            found = [Person(*row) for row in connection.execute(select(*_PERSON).where(_HERE).limit(2))]
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
            rows = connection.execute(select(*_PERSON).where(_HERE).order_by(PersonRow.created_at))
            return [Person(*row) for row in rows]

    def accounts(self, actor: Actor) -> list[tuple[Person, datetime]]:
        """Every account with the moment it was made, oldest first. For the machine's own commands."""
        require(actor, Action.LIST_PEOPLE, Subject())
        query = select(*_PERSON, PersonRow.created_at).where(_HERE).order_by(PersonRow.created_at)
        with self._database.read() as connection:
            return [(Person(*row[:-1]), row.created_at) for row in connection.execute(query)]

    def open_session(
        self, actor: Actor, *, now: datetime, device: str = UNKNOWN_DEVICE, instead_of: str | None = None
    ) -> str:
        """Sign `actor` in and return the opaque token; only its hash is stored. Expired sessions go.

        Args:
            actor: who signs in.
            now: the moment.
            device: what their browser is called.
            instead_of: the token that this browser brought, whosever it is: that session ends. A token that somebody planted
                so never becomes anybody's, and whoever was signed in here before is no longer.

        Raises:
            NotAllowed: there is no such person.
        """
        token = secrets.token_urlsafe(32)
        with self._database.write() as connection:
            own_account(connection, actor, Action.SIGN_IN)
            connection.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
            if instead_of is not None:
                connection.execute(delete(SessionRow).where(SessionRow.token_sha256 == _hash(instead_of)))
            connection.execute(
                insert(SessionRow).values(
                    token_sha256=_hash(token),
                    person_id=actor.person_id,
                    created_at=now,
                    expires_at=now + SESSION_LASTS,
                    device=device,
                    used_on=_day(now),
                )
            )
        return token

    def person_for(self, token: str, *, now: datetime) -> Person | None:
        """Whose session `token` is; None for an unknown or expired one."""
        this = SessionRow.token_sha256 == _hash(token)
        query = (
            select(*_PERSON, SessionRow.used_on)
            .join(SessionRow, SessionRow.person_id == PersonRow.id)
            .where(this, SessionRow.expires_at > now)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        if row.used_on != _day(now):
            with (
                suppress(DatabaseBusy),
                self._database.write() as connection,
            ):  # a day that is not noted keeps nobody out
                connection.execute(update(SessionRow).where(this).values(used_on=_day(now)))
        return Person(*row[:-1])

    def devices(self, actor: Actor, *, here: str, now: datetime) -> list[Device]:
        """Where the actor is signed in, the latest first; `here` is the token of the one that asks."""
        require(actor, Action.SEE_DEVICES, Subject(owner_id=actor.person_id))
        query = (
            select(SessionRow.__table__)
            .where(SessionRow.person_id == actor.person_id, SessionRow.expires_at > now)
            .order_by(SessionRow.created_at.desc(), SessionRow.token_sha256)
        )
        with self._database.read() as connection:
            return [
                Device(
                    row.token_sha256[:DEVICE_ID_CHARACTERS],
                    row.device or UNKNOWN_DEVICE,
                    row.created_at,
                    row.used_on or _day(row.created_at),
                    row.token_sha256 == _hash(here),
                )
                for row in connection.execute(query)
            ]

    def is_fresh(self, actor: Actor, token: str, *, now: datetime) -> bool:
        """Whether the actor signed in with this session within the last minutes (`FRESH_FOR`)."""
        require(actor, Action.SEE_DEVICES, Subject(owner_id=actor.person_id))
        own = (SessionRow.token_sha256 == _hash(token), SessionRow.person_id == actor.person_id)
        with self._database.read() as connection:
            since = connection.scalar(select(SessionRow.created_at).where(*own))
        return since is not None and now - FRESH_FOR <= since <= now

    def close_device(self, actor: Actor, device_id: str) -> None:
        """Sign out there. Raises `NotAllowed`: the actor is not signed in there."""
        named = func.substr(SessionRow.token_sha256, 1, DEVICE_ID_CHARACTERS) == device_id
        own = (named, SessionRow.person_id == actor.person_id)
        with self._database.write() as connection:
            owner = connection.scalar(select(SessionRow.person_id).where(*own))
            require(actor, Action.SIGN_OUT, Subject(owner_id=owner))
            connection.execute(delete(SessionRow).where(*own))

    def close_sessions(self, actor: Actor, *, but: str | None = None) -> None:
        """Sign out everywhere, `but` where this token is. Codes for another phone of one's own that wait stop working."""
        require(actor, Action.SIGN_OUT, Subject(owner_id=actor.person_id))
        with self._database.write() as connection:
            sign_out(connection, str(actor.person_id), but=but)

    def close_session(self, actor: Actor, token: str) -> None:
        """Sign out. Raises `NotAllowed` for somebody else's session."""
        with self._database.write() as connection:
            owner = connection.scalar(select(SessionRow.person_id).where(SessionRow.token_sha256 == _hash(token)))
            require(actor, Action.SIGN_OUT, Subject(owner_id=owner))
            connection.execute(delete(SessionRow).where(SessionRow.token_sha256 == _hash(token)))

    def is_only_one(self) -> bool:
        """Whether the machine has, and had, at most one account, a wearer's, so that a click at it can choose nothing wrong."""
        with self._database.read() as connection:
            found = connection.execute(select(PersonRow.outlasted, PersonRow.is_clinician).where(_HERE).limit(2)).all()
            return len(found) <= 1 and not any(row.outlasted or row.is_clinician for row in found)

    def opens_by_click(self) -> bool:
        """Whether a click at the machine may open the only account: there is no password and no passkey to be asked for."""
        with self._database.read() as connection:
            asked_for = [
                connection.scalar(select(row).limit(1)) for row in (PasswordRow.person_id, PasskeyRow.owner_id)
            ]
        return asked_for == [None, None] and self.is_only_one()

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
        with self._database.write() as connection:
            return put_new_words(connection, own_account(connection, actor, Action.MAKE_WAY_BACK))

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


def put_new_words(connection: Connection, person_id: str) -> str:
    """New words that bring this person back; told once, and the earlier ones stop working."""
    words = new_code(WAY_BACK_GROUPS)
    put(connection, WayBackRow, {"person_id": person_id}, {"words_sha256": hashed(words)})
    return words


def sign_out(connection: Connection, person_id: str, *, but: str | None = None) -> None:
    """End a person's sessions, `but` where this token is, and the codes for another phone of their own that wait."""
    others = SessionRow.token_sha256 != (_hash(but) if but else "")
    connection.execute(delete(SessionRow).where(SessionRow.person_id == person_id, others))
    end_own_codes(connection, person_id)


def end_own_codes(connection: Connection, person_id: str) -> None:
    """End the codes that would let another phone into a person's own account."""
    own_phones = (JoinCodeRow.owner_id == person_id, JoinCodeRow.for_other.is_(False))
    connection.execute(delete(JoinCodeRow).where(*own_phones))


def _day(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()


def _hash(token: str) -> str:
    # The token has 256 random bits, so a plain fast hash is enough: there is nothing to guess.
    return hashlib.sha256(token.encode()).hexdigest()
