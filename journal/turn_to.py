"""Whom a person can turn to: friends, family, a neighbour. A short private list, kept sealed; nobody else ever reads it."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, Row, delete, func, insert, select

from alerts.not_now import NotNow
from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.database import Database
from journal.models import TurnToRow
from journal.own_account import own_account
from journal.sealed import CannotUnseal
from journal.sealed_contents import SealedContents

log = structlog.get_logger(__name__)

SHORT = 8
"""A list that is longer is not looked through in a pause."""


@dataclass(frozen=True, slots=True)
class Someone:
    """Somebody to turn to, and how: a number, a door, a time."""

    id: str
    name: str
    how: str


class TurnTo:
    """The actor's own list."""

    def __init__(self, database: Database, sealed: SealedContents) -> None:
        self._database = database
        self._sealed = sealed

    def everyone(self, actor: Actor) -> list[Someone]:
        """In the order they were added."""
        require(actor, Action.READ_TURN_TO, Subject(owner_id=actor.person_id))
        query = select(TurnToRow.__table__).where(TurnToRow.owner_id == actor.person_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(TurnToRow.added_at, TurnToRow.id)).all()
        found = []
        for row in rows:
            try:
                found.append(someone_in(self._sealed, row))
            except (CannotUnseal, ValidationError) as error:
                # One damaged line must not keep the others out of reach in a pause.
                log.error("turn_to_does_not_open", someone=row.id, error=type(error).__name__)  # noqa: TRY400  see above
        return found

    def add(self, actor: Actor, *, name: str, how: str, now: datetime) -> Someone:
        """Add somebody.

        Raises:
            NotNow: the list is as long as a short list can be.
            NotAllowed: there is no such person.
        """
        someone = Someone(uuid.uuid4().hex, name, how)
        with self._database.write() as connection:
            owner = own_account(connection, actor, Action.WRITE_TURN_TO)
            held = connection.scalar(select(func.count()).where(TurnToRow.owner_id == owner)) or 0
            if held >= SHORT:
                raise NotNow(f"{SHORT} people are enough for a short list")
            put_someone(connection, self._sealed, str(owner), someone, added_at=now)
        return someone

    def remove(self, actor: Actor, someone_id: str) -> None:
        """Take somebody off the list. Raises `NotAllowed`."""
        with self._database.write() as connection:
            owner = connection.scalar(select(TurnToRow.owner_id).where(TurnToRow.id == someone_id))
            require(actor, Action.WRITE_TURN_TO, Subject(owner_id=owner))
            connection.execute(delete(TurnToRow).where(TurnToRow.id == someone_id))


def someone_in(sealed: SealedContents, row: Row[*tuple[Any, ...]]) -> Someone:
    """Who is in a row. Raises `CannotUnseal`, or `ValidationError` for what this program did not write."""
    name, how = _TOLD.validate_json(sealed.open_text(row.owner_id, TurnToRow, row))
    return Someone(row.id, name, how)


def put_someone(
    connection: Connection, sealed: SealedContents, owner_id: str, someone: Someone, *, added_at: datetime
) -> None:
    """Store somebody who is not there yet."""
    values = {"id": someone.id, "owner_id": owner_id, "added_at": added_at}
    text = _TOLD.dump_json((someone.name, someone.how))
    connection.execute(insert(TurnToRow).values(**values, sealed=sealed.seal_text(owner_id, TurnToRow, values, text)))


_TOLD: TypeAdapter[tuple[str, str]] = TypeAdapter(tuple[str, str])
"""Name and way, as they are sealed."""
