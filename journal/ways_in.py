"""How a person gets into their own account: a sign-in name with a password, words that bring them back, passkeys.

Hashing happens between transactions, never within one: it takes long on purpose, and nobody else must wait for it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, false, func, insert, select, update

from alerts.not_now import NotNow
from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.codes import hashed
from journal.database import Database
from journal.models import PasskeyRow, PasswordRow, PersonRow, WayBackRow
from journal.own_account import own_account
from journal.passwords import Passwords, check_password, checked_name, folded
from journal.people import Person, put_new_words, sign_out
from journal.statements import put


class WrongProof(Exception):
    """Neither the password until now nor the words that bring one back. `has_password`: whether there is one to be told."""

    def __init__(self, *, has_password: bool = True) -> None:
        super().__init__(has_password)
        self.has_password = has_password


@dataclass(frozen=True, slots=True)
class NewSignIn:
    """A sign-in name that can be, and the hash of its password: made before the transaction that keeps them."""

    name: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class OwnWaysIn:
    """What a person can come back with."""

    sign_in_name: str | None
    has_words: bool
    passkeys: int = 0

    @property
    def are_asked_for(self) -> bool:
        """Whether something is asked for before anybody comes in; then a phone that lies open lets nobody in for good."""
        return self.sign_in_name is not None or self.passkeys > 0

    @property
    def has_one(self) -> bool:
        """Whether there is any, besides a browser that remembers."""
        return self.are_asked_for or self.has_words


class WaysIn:
    """Passwords and words of this installation's accounts."""

    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._database = database
        self._passwords = passwords

    def mine(self, actor: Actor) -> OwnWaysIn:
        """What the actor can come back with."""
        require(actor, Action.SEE_WAYS_IN, Subject(owner_id=actor.person_id))
        with self._database.read() as connection:
            return ways_into(connection, actor.person_id)

    def person_for(self, sign_in_name: str, password: str) -> Person | None:
        """Who signs in so. For an unknown name and a wrong password it is None after the same work."""
        # What cannot be a name is nobody's; half a character could not even be asked for.
        name = folded(sign_in_name).encode("utf-8", "replace").decode()
        query = (
            select(
                PersonRow.id, PersonRow.name, func.coalesce(PersonRow.is_clinician, false()), PasswordRow.password_hash
            )
            .join(PasswordRow, PasswordRow.person_id == PersonRow.id)
            .where(PasswordRow.sign_in_name == name)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        right, renewed = self._passwords.verify(password, row.password_hash if row else None)
        if row is None or not right:
            return None
        person = Person(*row[:3])
        if renewed is not None:
            self._renew(person, row.password_hash, renewed)
        return person

    def _renew(self, person: Person, kept: str, renewed: str) -> None:
        """Keep the hash as it is made today; one that was set meanwhile stays."""
        with self._database.write() as connection:
            same = (PasswordRow.person_id == person.id, PasswordRow.password_hash == kept)
            connection.execute(update(PasswordRow).where(*same).values(password_hash=renewed))

    def prepared(self, sign_in_name: str, password: str) -> NewSignIn:
        """What an account can be made with. Takes its time. Raises `BadSignIn`."""
        name = checked_name(sign_in_name)
        check_password(password, name)
        return NewSignIn(name, self._passwords.hashed(password))

    def set_password(
        self, actor: Actor, sign_in_name: str, password: str, *, proof: str, now: datetime, fresh: bool = False
    ) -> None:
        """Sign in so from now on. Where there is a password already, `proof` is that one, or the words that bring one back.

        Where there are passkeys alone, `proof` is the words, or nothing for who has just signed in (`fresh`).

        Every session ends, and codes for another phone of one's own that wait stop working: whoever had the password may
        have used it. Whoever asks here signs in anew.

        Raises:
            BadSignIn: a name or a password that cannot be.
            WrongProof: nothing has changed.
            NotNow: somebody else has this sign-in name.
            NotAllowed: there is no such person.
        """
        kept = self._proven(actor, proof, fresh=fresh)
        new = self.prepared(sign_in_name, password)
        with self._database.write() as connection:
            owner = own_account(connection, actor, Action.SET_PASSWORD)
            if _kept_hash(connection, owner) != kept:
                raise NotNow("the password has been changed elsewhere meanwhile")
            keep_sign_in(connection, owner, new, now=now)
            sign_out(connection, owner)

    def new_words(self, actor: Actor, *, proof: str, fresh: bool = False) -> str:
        """New words that bring the actor back; told once, and the earlier ones stop working. `proof`: as for a new password."""
        self._proven(actor, proof, fresh=fresh)
        return self._new_words(actor)

    def words_if_none(self, actor: Actor) -> str | None:
        """New words where the actor could not come back once a click at the machine opens nobody's journal any more; else None."""
        return None if self.mine(actor).has_one else self._new_words(actor)

    def _new_words(self, actor: Actor) -> str:
        with self._database.write() as connection:
            return put_new_words(connection, own_account(connection, actor, Action.MAKE_WAY_BACK))

    def prove(self, actor: Actor, proof: str, *, fresh: bool = False) -> None:
        """Make sure that it is the actor who asks, where they have a password or a passkey. Raises `WrongProof`."""
        self._proven(actor, proof, fresh=fresh)

    def _proven(self, actor: Actor, proof: str, *, fresh: bool) -> str | None:
        """The hash that is kept now, once `proof` has held against it; None where there is no password yet."""
        require(actor, Action.SEE_WAYS_IN, Subject(owner_id=actor.person_id))
        with self._database.read() as connection:
            kept = _kept_hash(connection, actor.person_id)
            words = connection.scalar(select(WayBackRow.words_sha256).where(WayBackRow.person_id == actor.person_id))
            asked_for = ways_into(connection, actor.person_id).are_asked_for
        if not asked_for or (words is not None and hashed(proof) == words):
            return kept
        if not (fresh if kept is None else self._passwords.verify(proof, kept)[0]):
            raise WrongProof(has_password=kept is not None)
        return kept


def keep_sign_in(connection: Connection, person_id: str, new: NewSignIn, *, now: datetime) -> None:
    """Keep how a person signs in. Raises `NotNow`: somebody else has this sign-in name."""
    theirs = select(PasswordRow.person_id).where(PasswordRow.sign_in_name == new.name)
    if connection.scalar(theirs) not in {None, person_id}:
        raise NotNow("this sign-in name is taken; choose another")
    values = {"sign_in_name": new.name, "password_hash": new.password_hash, "set_at": now}
    put(connection, PasswordRow, {"person_id": person_id}, values)


def new_account(connection: Connection, person: Person, new: NewSignIn, *, now: datetime) -> None:
    """Make an account that signs in with `new`.

    Raises:
        NotNow: the name is taken, or the one who is here so far would be locked out: a click at the machine opens nobody's
            journal once there are two.
    """
    refuse_to_lock_out(connection)
    connection.execute(
        insert(PersonRow).values(
            id=person.id, name=person.name, created_at=now, is_clinician=person.is_clinician or None
        )
    )
    keep_sign_in(connection, person.id, new, now=now)


def refuse_to_lock_out(connection: Connection) -> None:
    """Raise `NotNow` where there is one account, and a click at the machine is the only way into it."""
    people = connection.scalars(select(PersonRow.id).limit(2)).all()
    if len(people) == 1 and not ways_into(connection, people[0]).has_one:
        raise NotNow(
            "whoever has a journal here has no way back into it yet besides a click; let them first choose a password, or "
            "write down words that bring them back, under “Your account”"
        )


def ways_into(connection: Connection, person_id: str | None) -> OwnWaysIn:
    """What this person can come back with."""
    name = connection.scalar(select(PasswordRow.sign_in_name).where(PasswordRow.person_id == person_id))
    words = connection.scalar(select(WayBackRow.person_id).where(WayBackRow.person_id == person_id))
    passkeys = connection.scalar(select(func.count()).where(PasskeyRow.owner_id == person_id)) or 0
    return OwnWaysIn(name, words is not None, passkeys)


def _kept_hash(connection: Connection, person_id: str | None) -> str | None:
    return connection.scalar(select(PasswordRow.password_hash).where(PasswordRow.person_id == person_id))
