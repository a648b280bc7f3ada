"""Who has read what is somebody's own: a line for each reading, before anything is shown.

A line holds ids and times only; which entry it means is told by a salted commitment (HMAC-SHA-256 of the entry's id, with
a salt that is the entry's own). An entry that is erased takes its salt along: the line stays, and no longer says what it
was about.
"""

import hmac
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select

from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.access_heads import AccessHeads
from journal.chain import Broken, Head, Signed, broken, signed
from journal.database import Database
from journal.models import AccessLogRow, AccessSaltRow, EntryRow, PersonRow
from journal.statements import add_once

SALT_BYTES = 16


class Looked(StrEnum):
    """What somebody looked at."""

    CASELOAD = "caseload"
    TRENDS = "trends"
    ENTRIES = "entries"
    ENTRY = "entry"
    WORDS = "words"
    REPORT = "report"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Look:
    """One reading, as the wearer is told of it.

    Attributes:
        reader: what the reader is called; None where the account is gone.
        entry_id: the entry that was read; None for what is no single entry, and for one that is erased.
        is_erased: it was about one entry, which is there no more.
    """

    place: int
    at: datetime
    reader: str | None
    looked: Looked
    entry_id: str | None
    is_erased: bool


class AccessLog:
    """Signed lines, one chain for each wearer."""

    def __init__(self, database: Database, heads: AccessHeads) -> None:
        self._database = database
        self._heads = heads

    def write(
        self, connection: Connection, owner_id: str, reader_id: str, looked: Looked, now: datetime, entry_id: str | None
    ) -> Head:
        """Add a line, within the transaction that found the reading allowed. `advance` follows when that is committed."""
        about = None if entry_id is None else _commitment(_salt(connection, entry_id), entry_id)
        return self._add(connection, [owner_id], _said(reader_id, looked, now, about))[owner_id]

    def write_many(
        self, connection: Connection, owner_ids: Sequence[str], reader_id: str, looked: Looked, now: datetime
    ) -> dict[str, Head]:
        """Add the same line to several wearers' logs, as `write` does to one. `advance_all` follows."""
        return self._add(connection, owner_ids, _said(reader_id, looked, now, None))

    def advance(self, owner_id: str, head: Head) -> None:
        """Keep, outside the database, how far the log has come."""
        self._heads.advance(owner_id, head)

    def advance_all(self, heads: Mapping[str, Head]) -> None:
        """The same for several, with one write to the disk: all of them are kept, or none.

        A stop before it leaves lines beyond their heads, which is no fault (`journal.chain.broken`).
        """
        if heads:
            self._heads.advance_all(heads)

    def _add(self, connection: Connection, owner_ids: Sequence[str], said: str) -> dict[str, Head]:
        if not owner_ids:
            return {}
        keys, last = self._heads.keys(owner_ids), _last_of(connection, owner_ids)
        lines = {owner_id: signed(keys[owner_id], last[owner_id], said.encode()) for owner_id in owner_ids}
        connection.execute(
            insert(AccessLogRow),
            [
                {"owner_id": owner_id, "place": line.place, "said": said, "signature": line.signature}
                for owner_id, line in lines.items()
            ],
        )
        return {owner_id: Head(line.place, line.signature) for owner_id, line in lines.items()}

    def looks(self, actor: Actor) -> list[Look]:
        """Every reading of what is the actor's, newest first."""
        require(actor, Action.READ_ACCESS_LOG, Subject(owner_id=actor.person_id))
        with self._database.read() as connection:
            names = {row.id: row.name for row in connection.execute(select(PersonRow.id, PersonRow.name))}
            entries = _entries_by_commitment(connection, actor.person_id)
            query = select(AccessLogRow.place, AccessLogRow.said).where(AccessLogRow.owner_id == actor.person_id)
            rows = connection.execute(query.order_by(AccessLogRow.place.desc())).all()
        looks = (_look(place, said, names, entries) for place, said in rows)
        return [look for look in looks if look is not None]

    def broken(self, actor: Actor) -> Broken | None:
        """The first line of the actor's log that is not as it was written; None when all are."""
        require(actor, Action.READ_ACCESS_LOG, Subject(owner_id=actor.person_id))
        assert actor.person_id is not None  # noqa: S101  nobody's log is nobody's to read, so `require` has raised
        # The head first: a line that is written meanwhile is then one beyond it, which is no fault.
        head, key = self._heads.head(actor.person_id), self._heads.key(actor.person_id)
        query = select(AccessLogRow.place, AccessLogRow.said, AccessLogRow.signature)
        with self._database.read() as connection:
            rows = connection.execute(
                query.where(AccessLogRow.owner_id == actor.person_id).order_by(AccessLogRow.place)
            ).all()
        return broken(key, [Signed(place, said.encode(), signature) for place, said, signature in rows], head)

    def head(self, actor: Actor) -> Head:
        """How far the actor's log has come, for an export: with it one can show later that lines are missing."""
        require(actor, Action.READ_ACCESS_LOG, Subject(owner_id=actor.person_id))
        with self._database.read() as connection:
            assert actor.person_id is not None  # noqa: S101  nobody's log is nobody's to read, so `require` has raised
            return _last_of(connection, [actor.person_id])[actor.person_id]


def _said(reader_id: str, looked: Looked, now: datetime, about: str | None) -> str:
    line = {"at": now.isoformat(timespec="milliseconds"), "reader": reader_id, "looked": looked.value, "entry": about}
    return json.dumps(line, separators=(",", ":"), sort_keys=True)


def _last_of(connection: Connection, owner_ids: Collection[str]) -> dict[str, Head]:
    """How far each log has come. The last place is looked up one by one: logs grow, and are not to be walked through."""
    last = (
        select(func.max(AccessLogRow.place))
        .where(AccessLogRow.owner_id == PersonRow.id)
        .correlate(PersonRow)
        .scalar_subquery()
    )
    query = (
        select(AccessLogRow.owner_id, AccessLogRow.place, AccessLogRow.signature)
        .join(PersonRow, (PersonRow.id == AccessLogRow.owner_id) & (AccessLogRow.place == last))
        .where(PersonRow.id.in_(owner_ids))
    )
    found = {owner_id: Head(place, signature) for owner_id, place, signature in connection.execute(query)}
    return {owner_id: found.get(owner_id, Head()) for owner_id in owner_ids}


def _salt(connection: Connection, entry_id: str) -> bytes:
    add_once(connection, AccessSaltRow, {"entry_id": entry_id}, {"salt": secrets.token_bytes(SALT_BYTES)})
    return connection.scalars(select(AccessSaltRow.salt).where(AccessSaltRow.entry_id == entry_id)).one()


def _commitment(salt: bytes, entry_id: str) -> str:
    return hmac.digest(salt, entry_id.encode(), "sha256").hex()


def _entries_by_commitment(connection: Connection, owner_id: str | None) -> dict[str, str]:
    query = (
        select(AccessSaltRow.entry_id, AccessSaltRow.salt)
        .join(EntryRow, EntryRow.id == AccessSaltRow.entry_id)
        .where(EntryRow.owner_id == owner_id)
    )
    return {_commitment(salt, entry_id): entry_id for entry_id, salt in connection.execute(query)}


def _look(place: int, said: str, names: Mapping[str, str], entries: Mapping[str, str]) -> Look | None:
    try:
        line = json.loads(said)
        about, at, looked = line["entry"], datetime.fromisoformat(line["at"]), Looked(line["looked"])
        reader = names.get(line["reader"])
    except (ValueError, KeyError, TypeError):
        return None  # not as it was written: `broken` says so
    entry_id = None if about is None else entries.get(about)
    return Look(place, at, reader, looked, entry_id, is_erased=about is not None and entry_id is None)
