"""Who has read what is somebody's own: a line for each reading, before anything is shown.

A line holds ids and times only; which entry it means is told by a salted commitment (HMAC-SHA-256 of the entry's id, with
a salt that is the entry's own). An entry that is erased takes its salt along: the line stays, and no longer says what it
was about.
"""

import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select

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


@dataclass(frozen=True, slots=True)
class OwnLook:
    """One reading, as the reader is told of it. `wearer` is None where the account is gone."""

    at: datetime
    wearer: str | None
    looked: Looked


@dataclass(frozen=True, slots=True)
class Checked:
    """One wearer's log, checked: how many lines, and the first fault."""

    owner_id: str
    lines: int
    fault: Broken | None


class AccessLog:
    """Signed lines, one chain for each wearer."""

    def __init__(self, database: Database, heads: AccessHeads) -> None:
        self._database = database
        self._heads = heads

    def write(
        self, connection: Connection, owner_id: str, reader_id: str, looked: Looked, now: datetime, entry_id: str | None
    ) -> Head:
        """Add a line, within the transaction that found the reading allowed. `advance` follows when that is committed."""
        line = {
            "at": now.isoformat(timespec="milliseconds"),
            "reader": reader_id,
            "looked": looked.value,
            "entry": None if entry_id is None else _commitment(_salt(connection, entry_id), entry_id),
        }
        said = json.dumps(line, separators=(",", ":"), sort_keys=True)
        new = signed(self._heads.key(owner_id), last_line(connection, owner_id), said.encode())
        connection.execute(
            insert(AccessLogRow).values(
                owner_id=owner_id, place=new.place, reader_id=reader_id, said=said, signature=new.signature
            )
        )
        return Head(new.place, new.signature)

    def advance(self, owner_id: str, head: Head) -> None:
        """Keep, outside the database, how far the log has come."""
        self._heads.advance(owner_id, head)

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

    def own_looks(self, actor: Actor, *, most: int) -> list[OwnLook]:
        """What the actor has read of others, newest first, at most so many."""
        require(actor, Action.LIST_OWN_LOOKS, Subject(owner_id=actor.person_id))
        query = select(AccessLogRow.said, PersonRow.name).join(
            PersonRow, PersonRow.id == AccessLogRow.owner_id, isouter=True
        )
        with self._database.read() as connection:
            rows = connection.execute(query.where(AccessLogRow.reader_id == actor.person_id)).all()
        told = [(_line(said), name) for said, name in rows]
        looks = [OwnLook(line.at, name, line.looked) for line, name in told if line is not None]
        return sorted(looks, key=lambda look: look.at, reverse=True)[:most]

    def broken(self, actor: Actor) -> Broken | None:
        """The first line of the actor's log that is not as it was written; None when all are."""
        require(actor, Action.READ_ACCESS_LOG, Subject(owner_id=actor.person_id))
        return self._checked(str(actor.person_id)).fault

    def check_all(self, actor: Actor) -> list[Checked]:
        """Every log of this installation, checked without being told. For the machine's own commands."""
        require(actor, Action.CHECK_ACCESS_LOGS, Subject())
        with self._database.read() as connection:
            there = set(connection.scalars(select(AccessLogRow.owner_id).distinct()))
        return [self._checked(owner_id) for owner_id in sorted(there | self._heads.owners())]

    def _checked(self, owner_id: str) -> Checked:
        # The head first: a line that is written meanwhile is then one beyond it, which is no fault.
        head, key = self._heads.head(owner_id), self._heads.key(owner_id)
        lines = self._signed(owner_id)
        return Checked(owner_id, len(lines), broken(key, lines, head))

    def _signed(self, owner_id: str) -> list[Signed]:
        query = select(AccessLogRow.place, AccessLogRow.said, AccessLogRow.signature)
        with self._database.read() as connection:
            rows = connection.execute(query.where(AccessLogRow.owner_id == owner_id).order_by(AccessLogRow.place)).all()
        return [Signed(place, said.encode(), signature) for place, said, signature in rows]

    def head(self, actor: Actor) -> Head:
        """How far the actor's log has come, for an export: with it one can show later that lines are missing."""
        require(actor, Action.READ_ACCESS_LOG, Subject(owner_id=actor.person_id))
        with self._database.read() as connection:
            return last_line(connection, actor.person_id)


def log_to_keep(connection: Connection, owner_id: str) -> Iterator[dict[str, Any]]:
    """The wearer's log as it goes into an archive: each line as it was signed, and in the names of today."""
    names = {row.id: row.name for row in connection.execute(select(PersonRow.id, PersonRow.name))}
    entries = _entries_by_commitment(connection, owner_id)
    query = select(AccessLogRow.place, AccessLogRow.said, AccessLogRow.signature)
    for place, said, signature in connection.execute(
        query.where(AccessLogRow.owner_id == owner_id).order_by(AccessLogRow.place)
    ):
        look = _look(place, said, names, entries)
        yield {
            "place": place,
            "at": look.at.isoformat() if look else None,
            "reader": look.reader if look else None,
            "looked": look.looked.value if look else None,
            "entry_id": look.entry_id if look else None,
            "said": said,
            "signature": signature.hex(),
        }


def last_line(connection: Connection, owner_id: str | None) -> Head:
    """How far a log has come."""
    query = select(AccessLogRow.place, AccessLogRow.signature).where(AccessLogRow.owner_id == owner_id)
    row = connection.execute(query.order_by(AccessLogRow.place.desc()).limit(1)).one_or_none()
    return Head() if row is None else Head(row.place, row.signature)


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


@dataclass(frozen=True, slots=True)
class _Line:
    """What a line says. `about` commits to an entry."""

    at: datetime
    reader_id: str
    looked: Looked
    about: str | None


def _line(said: str) -> _Line | None:
    try:
        told = json.loads(said)
        return _Line(datetime.fromisoformat(told["at"]), told["reader"], Looked(told["looked"]), told["entry"])
    except (ValueError, KeyError, TypeError):
        return None  # not as it was written: `broken` says so


def _look(place: int, said: str, names: Mapping[str, str], entries: Mapping[str, str]) -> Look | None:
    line = _line(said)
    if line is None:
        return None
    entry_id = None if line.about is None else entries.get(line.about)
    is_erased = line.about is not None and entry_id is None
    return Look(place, line.at, names.get(line.reader_id), line.looked, entry_id, is_erased=is_erased)
