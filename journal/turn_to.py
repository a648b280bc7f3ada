"""Whom a person can turn to: friends, family, a neighbour. A short private list; nobody else ever reads it."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from alerts.not_now import NotNow
from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.database import Database
from journal.models import TurnToRow
from journal.own_account import own_account

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

    def __init__(self, database: Database) -> None:
        self._database = database

    def everyone(self, actor: Actor) -> list[Someone]:
        """In the order they were added."""
        require(actor, Action.READ_TURN_TO, Subject(owner_id=actor.person_id))
        query = select(TurnToRow.id, TurnToRow.name, TurnToRow.how).where(TurnToRow.owner_id == actor.person_id)
        with self._database.read() as connection:
            return [Someone(*row) for row in connection.execute(query.order_by(TurnToRow.added_at))]

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
            connection.execute(
                insert(TurnToRow).values(id=someone.id, owner_id=owner, name=name, how=how, added_at=now)
            )
        return someone

    def remove(self, actor: Actor, someone_id: str) -> None:
        """Take somebody off the list. Raises `NotAllowed`."""
        with self._database.write() as connection:
            owner = connection.scalar(select(TurnToRow.owner_id).where(TurnToRow.id == someone_id))
            require(actor, Action.WRITE_TURN_TO, Subject(owner_id=owner))
            connection.execute(delete(TurnToRow).where(TurnToRow.id == someone_id))
