"""Passkeys: ways into one's own account that a device or a browser keeps. Here is only what checks them, and no secret."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, false, func, insert, select, update

from alerts.not_now import NotNow
from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.database import Database
from journal.models import PasskeyRow, PersonRow
from journal.own_account import own_account
from journal.people import Person, end_own_codes, put_new_words, sign_out
from journal.ways_in import ways_into

MOST = 10


class CounterWentBack(Exception):
    """A passkey has counted fewer uses than are known: a copy of it is about. Nothing has changed. WebAuthn Level 3, 6.1.1."""


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What a device has made, verified.

    Attributes:
        credential_id: names it, over all of this installation.
        public_key: a COSE key, which checks what it signs.
        sign_count: how often it says that it was used; 0 for ever where it does not count.
        transports: how a browser reaches it (`internal`, `usb`, …).
        place: the host name that it is for: it opens nothing at another.
    """

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey as its owner sees it again. `used_on`: the day of its last use (UTC), and no finer; None: not yet."""

    id: str
    name: str
    credential_id: bytes
    transports: tuple[str, ...]
    place: str
    made_at: datetime
    used_on: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """Whom a passkey lets in once `public_key` has checked what it signed."""

    id: str
    person: Person
    public_key: bytes


class Passkeys:
    """The passkeys of this installation's accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, actor: Actor, new: NewPasskey, *, name: str, now: datetime) -> tuple[Passkey, str | None]:
        """Keep a passkey of the actor's; return it with words that bring them back, told once, where there was no way in yet.

        A passkey goes with its device: without the words, whoever loses that would lose the journal with it. As with a
        password, codes for another phone of one's own that wait stop working.

        Raises:
            NotNow: there are `MOST` already, or this one is known.
            NotAllowed: there is no such person.
        """
        made = Passkey(uuid.uuid4().hex, name, new.credential_id, new.transports, new.place, now, None)
        with self._database.write() as connection:
            owner = own_account(connection, actor, Action.KEEP_PASSKEYS)
            before = ways_into(connection, owner)
            if before.passkeys >= MOST:
                raise NotNow(f"there are {MOST} passkeys already; remove one that is not used any more")
            if connection.scalar(select(PasskeyRow.id).where(PasskeyRow.credential_id == new.credential_id)):
                raise NotNow("this passkey is known already; take another")
            connection.execute(
                insert(PasskeyRow).values(
                    id=made.id,
                    owner_id=owner,
                    credential_id=new.credential_id,
                    public_key=new.public_key,
                    sign_count=new.sign_count,
                    transports=" ".join(new.transports),
                    place=new.place,
                    name=name,
                    made_at=now,
                )
            )
            words = None if before.has_one else put_new_words(connection, owner)
            end_own_codes(connection, owner)
        return made, words

    def mine(self, actor: Actor) -> list[Passkey]:
        """The actor's passkeys, oldest first."""
        require(actor, Action.SEE_WAYS_IN, Subject(owner_id=actor.person_id))
        query = (
            select(PasskeyRow.__table__)
            .where(PasskeyRow.owner_id == actor.person_id)
            .order_by(PasskeyRow.made_at, PasskeyRow.id)
        )
        with self._database.read() as connection:
            return [
                Passkey(
                    row.id,
                    row.name,
                    row.credential_id,
                    tuple(row.transports.split()),
                    row.place,
                    row.made_at,
                    row.used_on,
                )
                for row in connection.execute(query)
            ]

    def known(self, credential_id: bytes) -> Known | None:
        """Whose passkey it is that has this name; None for an unknown or removed one. It proves nothing yet."""
        query = (
            select(
                PasskeyRow.id.label("passkey_id"),
                PasskeyRow.public_key,
                PersonRow.id,
                PersonRow.name,
                func.coalesce(PersonRow.is_clinician, false()).label("is_clinician"),
            )
            .join(PersonRow, PersonRow.id == PasskeyRow.owner_id)
            .where(PasskeyRow.credential_id == credential_id)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Known(row.passkey_id, Person(row.id, row.name, row.is_clinician), row.public_key)

    def used(self, passkey_id: str, *, sign_count: int, now: datetime) -> bool:
        """Note a use that was verified. False: it has been removed meanwhile.

        Reading the count and writing it is one step, so that of two uses with the same count only one is good.

        Raises:
            CounterWentBack: it counts, and this is no more than it said before.
        """
        this = PasskeyRow.id == passkey_id
        with self._database.write() as connection:
            before = connection.scalar(select(PasskeyRow.sign_count).where(this))
            if before is None:
                return False
            if (before or sign_count) and sign_count <= before:
                raise CounterWentBack
            today = now.astimezone(UTC).date().isoformat()
            connection.execute(update(PasskeyRow).where(this).values(sign_count=sign_count, used_on=today))
        return True

    def rename(self, actor: Actor, passkey_id: str, name: str) -> None:
        """Call a passkey `name`. Raises `NotAllowed`: there is none of the actor's with this id."""
        with self._database.write() as connection:
            _require_own(connection, actor, passkey_id)
            connection.execute(update(PasskeyRow).where(PasskeyRow.id == passkey_id).values(name=name))

    def remove(self, actor: Actor, passkey_id: str) -> None:
        """Let a passkey open nothing any more, and sign out everywhere: whoever had it may have used it.

        Raises:
            NotNow: it is the only way in.
            NotAllowed: there is none of the actor's with this id.
        """
        with self._database.write() as connection:
            owner = _require_own(connection, actor, passkey_id)
            connection.execute(delete(PasskeyRow).where(PasskeyRow.id == passkey_id))
            if not ways_into(connection, owner).has_one:
                raise NotNow(
                    "this is your only way in; first choose a password, or have words made that bring you back"
                )
            sign_out(connection, owner)


def _require_own(connection: Connection, actor: Actor, passkey_id: str) -> str:
    owner = connection.scalar(select(PasskeyRow.owner_id).where(PasskeyRow.id == passkey_id))
    require(actor, Action.KEEP_PASSKEYS, Subject(owner_id=owner))
    return str(owner)
