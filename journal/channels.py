"""The wearers' own channels. Implements `alerts.ports.ChannelStore`: nobody but the owner reads, uses or removes one.

Their addresses hold keys to other services, and are kept sealed.
"""

import uuid
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from alerts.channels import Channel, Trouble
from alerts.people import Actor
from alerts.ports import TooManyChannels
from journal.access import Action, Subject, require
from journal.database import Database
from journal.models import ChannelRow, DeliveryRow
from journal.own_account import own_account
from journal.sealed import CannotUnseal
from journal.sealed_contents import SealedContents
from journal.statements import add_once

log = structlog.get_logger(__name__)

MOST = 12

TRYING, ARRIVED, FAILED = "trying", "arrived", "failed"


class Channels:
    """The stored channels."""

    def __init__(self, database: Database, sealed: SealedContents) -> None:
        self._database = database
        self._sealed = sealed

    def channels(self, actor: Actor) -> list[Channel]:
        """The actor's own, oldest first."""
        require(actor, Action.KEEP_CHANNELS, Subject(owner_id=actor.person_id))
        query = (
            select(ChannelRow.__table__)
            .where(ChannelRow.owner_id == actor.person_id)
            .order_by(ChannelRow.created_at, ChannelRow.id)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        found = (self._opened(row) for row in rows)
        return [one for one in found if one is not None]

    def _opened(self, row: Row[Any]) -> Channel | None:
        try:
            address = self._sealed.open_text(row.owner_id, ChannelRow, row).decode()
        except CannotUnseal as error:
            # One damaged address must not keep an alarm from the other channels.
            log.error("channel_does_not_open", channel=row.id, reason=str(error))  # noqa: TRY400  no traceback needed
            return None
        trouble = Trouble(row.trouble) if row.trouble else None
        return Channel(row.id, row.owner_id, row.kind, row.label, address, trouble=trouble)

    def channel(self, actor: Actor, channel_id: str) -> Channel:
        """One of the actor's own. Raises `NotAllowed`."""
        found = next((one for one in self.channels(actor) if one.id == channel_id), None)
        require(actor, Action.KEEP_CHANNELS, Subject(owner_id=found.owner_id if found else None))
        assert found is not None  # noqa: S101  nobody owns what does not exist, so `require` has raised
        return found

    def add(self, actor: Actor, *, kind: str, label: str, address: str, now: datetime) -> Channel:
        """Keep a new one for the actor.

        Raises:
            TooManyChannels: there are `MOST` already.
            NotAllowed: there is no such person.
        """
        channel_id = uuid.uuid4().hex
        with self._database.write() as connection:
            owner = own_account(connection, actor, Action.KEEP_CHANNELS, lock=True)
            count = select(func.count()).select_from(ChannelRow).where(ChannelRow.owner_id == owner)
            if (connection.scalar(count) or 0) >= MOST:
                raise TooManyChannels(f"{MOST} channels are the most; remove one first")
            values = {"id": channel_id, "owner_id": owner, "kind": kind, "label": label, "created_at": now}
            sealed = self._sealed.seal_text(str(owner), ChannelRow, values, address.encode())
            connection.execute(insert(ChannelRow).values(**values, sealed=sealed))
        return Channel(channel_id, str(actor.person_id), kind, label, address)

    def remove(self, actor: Actor, channel_id: str) -> None:
        """Forget it, its address and what was sent to it. Raises `NotAllowed`."""
        with self._database.write() as connection:
            self._require_own(connection, actor, channel_id)
            connection.execute(delete(ChannelRow).where(ChannelRow.id == channel_id))

    def claim(self, actor: Actor, channel_id: str, talk_id: str, key: str, now: datetime) -> bool:
        """Write down that `key` is about to be sent. False when it has arrived, or may have: it is not sent twice."""
        one = (DeliveryRow.channel_id == channel_id, DeliveryRow.key == key)
        with self._database.write() as connection:
            self._require_own(connection, actor, channel_id)
            state = connection.scalar(select(DeliveryRow.state).where(*one))
            if state is None:
                place = {"channel_id": channel_id, "key": key}
                add_once(connection, DeliveryRow, place, {"talk_id": talk_id, "state": TRYING, "at": now})
                return True
            if state != FAILED:
                return False
            connection.execute(update(DeliveryRow).where(*one).values(state=TRYING, at=now))
            return True

    def settle(self, actor: Actor, channel_id: str, key: str, trouble: Trouble | None, now: datetime) -> None:
        """Write down what became of it. Raises `NotAllowed`."""
        one = (DeliveryRow.channel_id == channel_id, DeliveryRow.key == key)
        with self._database.write() as connection:
            self._require_own(connection, actor, channel_id)
            connection.execute(update(DeliveryRow).where(*one).values(state=FAILED if trouble else ARRIVED, at=now))

    def told(self, actor: Actor, key: str) -> frozenset[str]:
        """The ids of the actor's channels where `key` has arrived."""
        require(actor, Action.KEEP_CHANNELS, Subject(owner_id=actor.person_id))
        query = (
            select(DeliveryRow.channel_id)
            .join(ChannelRow, ChannelRow.id == DeliveryRow.channel_id)
            .where(ChannelRow.owner_id == actor.person_id, DeliveryRow.key == key, DeliveryRow.state == ARRIVED)
        )
        with self._database.read() as connection:
            return frozenset(connection.scalars(query))

    def note(self, actor: Actor, channel_id: str, trouble: Trouble | None) -> None:
        """Remember how the channel's last attempt ended. Raises `NotAllowed`."""
        with self._database.write() as connection:
            self._require_own(connection, actor, channel_id)
            connection.execute(update(ChannelRow).where(ChannelRow.id == channel_id).values(trouble=trouble))

    def _require_own(self, connection: Connection, actor: Actor, channel_id: str) -> None:
        # Where writers run side by side, the lock on the channel lets one of two claims through.
        owner = connection.scalar(select(ChannelRow.owner_id).where(ChannelRow.id == channel_id).with_for_update())
        require(actor, Action.KEEP_CHANNELS, Subject(owner_id=owner))
