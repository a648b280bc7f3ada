"""Whose strap is whose. A strap is known by its id on this kind of computer, and has one wearer until that one forgets it.

Nobody else is connected to it meanwhile: nobody may be shown another person's heart.
"""

import sys
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.database import Database
from journal.models import StrapRow
from journal.own_account import own_account
from journal.statements import put
from sensing.source import About

_LONGEST_NAME = 248  # Core Specification 5.4, Vol 3, Part C, 12.1


class StrapTaken(Exception):
    """The strap is another person's."""


@dataclass(frozen=True, slots=True)
class RememberedStrap:
    """A strap of somebody's, as it was last seen.

    Attributes:
        device_id: its address; on macOS an identifier that only this computer knows it by.
        made: maker, model, firmware and battery on one line.
    """

    device_id: str
    name: str
    battery_percent: int | None
    made: str
    worn_at: datetime


class Straps:
    """The remembered straps of this computer."""

    def __init__(self, database: Database, *, system: str = sys.platform) -> None:
        self._database = database
        self._system = system

    def remember(self, actor: Actor, about: About, *, now: datetime) -> None:
        """Remember a strap as the actor's, or what is new of it.

        Raises:
            NotAllowed: there is no such person.
            StrapTaken: it is another person's.
        """
        with self._database.write() as connection:
            own_account(connection, actor, Action.REMEMBER_STRAP)
            # The same address can be spelt in two ways, and is still one strap's.
            query = select(StrapRow.device_id, StrapRow.owner_id, StrapRow.battery_percent, StrapRow.made).where(
                StrapRow.system == about.system, func.lower(StrapRow.device_id) == about.device_id.lower()
            )
            known = connection.execute(query).first()
            if known is not None and known.owner_id != actor.person_id:
                raise StrapTaken("it is remembered as somebody else’s strap; they can forget it, then it is free")
            tells_nothing = about == About(about.name, about.device_id, system=about.system)
            values = {
                "owner_id": actor.person_id,
                "name": _plain(about.name or "") or about.device_id,
                "battery_percent": known.battery_percent if known and tells_nothing else about.battery_percent,
                "made": known.made if known and tells_nothing else _plain(str(about)),
                "worn_at": now,
            }
            device_id = known.device_id if known else about.device_id
            put(connection, StrapRow, {"system": about.system, "device_id": device_id}, values)

    def mine(self, actor: Actor) -> list[RememberedStrap]:
        """The actor's straps on this kind of computer, the one worn last first."""
        require(actor, Action.LIST_STRAPS, Subject(owner_id=actor.person_id))
        query = (
            select(StrapRow.device_id, StrapRow.name, StrapRow.battery_percent, StrapRow.made, StrapRow.worn_at)
            .where(StrapRow.owner_id == actor.person_id, StrapRow.system == self._system)
            .order_by(StrapRow.worn_at.desc(), StrapRow.device_id)
        )
        with self._database.read() as connection:
            return [RememberedStrap(*row) for row in connection.execute(query)]

    def called(self, actor: Actor, name: str) -> RememberedStrap | None:
        """The actor's strap of that name or id, the one worn last if there are several."""
        wanted = name.strip().casefold()
        return next(
            (one for one in self.mine(actor) if wanted in (one.name.casefold(), one.device_id.casefold())), None
        )

    def of_others(self, actor: Actor) -> frozenset[str]:
        """The ids and names of the straps that are not the actor's to wear, in lower case."""
        require(actor, Action.LIST_STRAPS, Subject(owner_id=actor.person_id))
        query = select(StrapRow.device_id, StrapRow.name).where(
            StrapRow.owner_id != actor.person_id, StrapRow.system == self._system
        )
        with self._database.read() as connection:
            return frozenset(text.casefold() for row in connection.execute(query) for text in row)

    def batteries(self, actor: Actor) -> dict[str, int]:
        """The last known battery by strap, whosever it is. For the service itself, on the command line."""
        require(actor, Action.SEE_BATTERIES, Subject())
        query = select(StrapRow.device_id, StrapRow.battery_percent).where(
            StrapRow.system == self._system, StrapRow.battery_percent.is_not(None)
        )
        with self._database.read() as connection:
            return {device_id: percent for device_id, percent in connection.execute(query) if percent is not None}

    def forget(self, actor: Actor, device_id: str) -> None:
        """Forget one of the actor's straps. Raises `NotAllowed` for what is not theirs."""
        key = (StrapRow.system == self._system, StrapRow.device_id == device_id)
        with self._database.write() as connection:
            owner = connection.scalar(select(StrapRow.owner_id).where(*key))
            require(actor, Action.FORGET_STRAP, Subject(owner_id=owner))
            connection.execute(delete(StrapRow).where(*key))


def _plain(text: str) -> str:
    """Text off the air, without what a database refuses and space around it, and no longer than a name can be."""
    return text.encode(errors="replace").decode().replace("\0", "").strip()[:_LONGEST_NAME].strip()
