"""At a clinic: what clients publish from home. Each is a wearer's record of its own, to which nobody signs in.

The record looks like any other: admission, grants, entries, talks. So caseload, trends and entries read it, and log it, as
they do everybody's. What is shown ends by itself when home has not been heard of for `LEASE`.
"""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from alerts.not_now import NotNow
from alerts.people import Actor
from alerts.ports import NotAllowed
from journal.access import Action, Subject, require
from journal.access_log import AccessLog
from journal.archive_columns import ME, PARTS
from journal.codes import hashed, new_code
from journal.database import Database
from journal.keys import Keyring
from journal.models import (
    AdmissionRow,
    EntryRow,
    EntryTextRow,
    GrantRow,
    MeasurementRow,
    ParticipantRow,
    PersonRow,
    PublicationRow,
    PublishedItemRow,
    RecordingRow,
    TalkRow,
    TalkStateRow,
)
from journal.own_share import renamed
from journal.publication import LEASE, MOST_LOOKS, Answer, BadItem, GrantTold, Item, Looks, LookTold, Told, item_from
from journal.sealed_contents import SealedContents
from journal.statements import put
from journal.talks import project, state_to_json

CODE_GROUPS = 4
CODE_LASTS = timedelta(days=7)


class Over(Exception):
    """The clinician has ended it, or their account is gone. Home is to let go as well."""


class Late(NotNow):
    """A newer list has come already. Nothing has changed."""


class NotNamed(NotNow):
    """The newest list does not hold this item, or holds another digest. Nothing was kept."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One client who publishes from home; `actor` is who owns what comes of them."""

    id: str
    actor: Actor


class Published:
    """Publications, and what has come of each."""

    def __init__(self, database: Database, keyring: Keyring, log: AccessLog) -> None:
        self._database = database
        self._keyring = keyring
        self._sealed = SealedContents(keyring)
        self._log = log

    def invite(self, actor: Actor, *, called: str, now: datetime) -> str:
        """Make a code with which a client's home comes in, once; it is told once. Raises `NotAllowed` for who is no clinician."""
        code = new_code(CODE_GROUPS)
        with self._database.write() as connection:
            own = connection.scalar(
                select(PersonRow.id).where(PersonRow.id == actor.person_id, PersonRow.is_clinician.is_(True))
            )
            require(actor, Action.LET_PUBLISH, Subject(owner_id=own))
            connection.execute(
                insert(PublicationRow).values(
                    id=uuid.uuid4().hex,
                    clinician_id=own,
                    called=called,
                    code_sha256=hashed(code),
                    made_at=now,
                    manifest=0,
                )
            )
        return code

    def come_in(self, code: str, token_sha256: str, *, now: datetime) -> str:
        """Begin with a code, for whoever has the token of this hash; the clinician's name.

        The same token may come again, as when the answer was lost on its way.

        Raises:
            NotAllowed: there is no such code, or it was used with another token.
            NotNow: it has run out.
        """
        with self._database.write() as connection:
            row = connection.execute(
                select(PublicationRow.__table__).where(PublicationRow.code_sha256 == hashed(code))
            ).one_or_none()
            if row is None or row.token_sha256 not in {None, token_sha256}:
                raise NotAllowed
            name = connection.scalar(select(PersonRow.name).where(PersonRow.id == row.clinician_id))
            if name is None:
                raise NotAllowed
            if row.token_sha256 is None:
                if now >= row.made_at + CODE_LASTS:
                    raise NotNow("this code has run out; ask the clinic for a new one")
                _begin(connection, row, token_sha256, now)
        return name

    def from_home(self, actor: Actor, wearer_id: str) -> datetime | None:
        """When a client's home was last heard of; None for one whose record is kept here. To their clinician alone."""
        require(actor, Action.LIST_CLIENTS, Subject(owner_id=actor.person_id))
        query = select(PublicationRow.confirmed_at).where(
            PublicationRow.clinician_id == actor.person_id, PublicationRow.wearer_id == wearer_id
        )
        with self._database.read() as connection:
            return connection.scalar(query)

    def publication_for(self, token: str) -> Publication | None:
        """Whose home it is that has this token; None for an unknown one."""
        query = select(PublicationRow.id, PublicationRow.wearer_id).where(PublicationRow.token_sha256 == _sha256(token))
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Publication(row.id, Actor(row.wearer_id))

    def told(self, actor: Actor, publication_id: str, told: Told, *, now: datetime) -> Answer:
        """Take home's list: let go of what is not in it, show what it shows, and say what is lacking.

        Raises:
            Late: a newer list has come. The same list may come again.
            Over: the clinician has ended it; what was here is gone.
        """
        with self._database.write() as connection:
            row = _own(connection, actor, publication_id)
            over = _is_over(connection, row)
            if not over:
                if told.number < row.manifest:
                    raise Late("a newer list has come already")
                _take(connection, row, told, now)
                come = select(PublishedItemRow.item_id).where(
                    PublishedItemRow.publication_id == row.id,
                    PublishedItemRow.come_digest.is_distinct_from(PublishedItemRow.digest),
                )
                wanted = list(connection.scalars(come.order_by(PublishedItemRow.item_id)))
        if over:
            self.end(actor, publication_id)
            raise Over
        return Answer(wanted=wanted, kept_until=now + LEASE)

    def looks(self, actor: Actor, publication_id: str, after: int) -> Looks:
        """The readings of what came from this home, after the one at this place. Raises `NotAllowed`."""
        with self._database.read() as connection:
            _own(connection, actor, publication_id)
            query = select(PublishedItemRow.item_id).where(PublishedItemRow.publication_id == publication_id)
            items = {_local(publication_id, "entry", item_id): item_id for item_id in connection.scalars(query)}
        looks = sorted(self._log.looks(actor), key=lambda look: look.place)
        return Looks(
            looks=[
                LookTold(
                    place=look.place,
                    at=look.at,
                    looked=look.looked,
                    reader=(look.reader or "")[:200],
                    item_id=items.get(look.entry_id or ""),
                )
                for look in looks
                if look.place > after
            ][:MOST_LOOKS]
        )

    def take(self, actor: Actor, publication_id: str, item_id: str, body: bytes, *, now: datetime) -> None:
        """Keep an item, all of it or nothing; the same one again changes nothing.

        Raises:
            NotNamed: the newest list does not hold it so.
            BadItem: it is none.
        """
        item = item_from(body)
        with self._database.write() as connection:
            row = _own(connection, actor, publication_id)
            named = connection.execute(
                select(PublishedItemRow.__table__).where(
                    PublishedItemRow.publication_id == row.id, PublishedItemRow.item_id == item_id
                )
            ).one_or_none()
            told = None if row.told is None else Told.model_validate_json(row.told)
            if named is None or told is None or named.digest != item.digest:
                raise NotNamed("the newest list does not hold this")
            if item.words is not None and not told.items[item_id].with_words:
                raise BadItem("this item is shown without its words")
            self._put(connection, row, item_id, item)
            mine = (PublishedItemRow.publication_id == row.id, PublishedItemRow.item_id == item_id)
            connection.execute(update(PublishedItemRow).where(*mine).values(come_digest=named.digest))
            _show(connection, row, told.grants, row.confirmed_at or now)

    def end(self, actor: Actor, publication_id: str) -> None:
        """Let go of everything that has come, and of the record. The log of readings stays."""
        with self._database.write() as connection:
            row = _own(connection, actor, publication_id)
            connection.execute(delete(PublicationRow).where(PublicationRow.id == row.id))
            _forget(connection, [row.wearer_id])
        self._clean(row.wearer_id)

    def expire(self, actor: Actor, *, now: datetime) -> int:
        """Let go of every record whose home is not heard of any more, or that was ended here; return how many. For the service."""
        require(actor, Action.EXPIRE, Subject())
        with self._database.write() as connection:
            rows = connection.execute(select(PublicationRow.__table__)).all()
            gone = [row for row in rows if _has_gone(row, now) or _is_over(connection, row)]
            connection.execute(delete(PublicationRow).where(PublicationRow.id.in_([row.id for row in gone])))
            _forget(connection, [row.wearer_id for row in gone if row.wearer_id])
        self._clean(*(row.wearer_id for row in gone if row.wearer_id))
        return len(gone)

    def _clean(self, *wearer_ids: str) -> None:
        """Their keys go, and what is left of them in the database's log."""
        for wearer_id in wearer_ids:
            self._keyring.forget(wearer_id)
        if wearer_ids:
            self._database.empty_wal()

    def _put(self, connection: Connection, row: Row[Any], item_id: str, item: Item) -> None:
        wearer_id, talk_id, entry_id = row.wearer_id, _local(row.id, "talk", item_id), _local(row.id, "entry", item_id)
        if item.state is not None:
            talk = {"began_at": item.state.started_at, "simulated": item.simulated}
            put(connection, TalkRow, {"id": talk_id}, talk)
            put(
                connection,
                ParticipantRow,
                {"talk_id": talk_id, "person_id": wearer_id},
                {"joined_at": item.state.started_at},
            )
            state = renamed(item.state, ME, wearer_id)
            put(connection, TalkStateRow, {"talk_id": talk_id}, {"version": 1, "state": state_to_json(state)})
            project(connection, talk_id, state)
            connection.execute(delete(RecordingRow).where(RecordingRow.talk_id == talk_id))
            if item.recording is not None:
                _put_recording(connection, item, _local(row.id, "recording", item_id), talk_id, wearer_id)
        else:
            _forget_heart(connection, row.id, item_id)
        if item.entry is not None:
            values = item.entry | {"owner_id": wearer_id, "talk_id": talk_id if item.state else None}
            values.pop("id")
            put(connection, EntryRow, {"id": entry_id}, values)
            _forget_words(connection, entry_id)
            if item.words is not None:
                text = {"version": 1, "written_at": values["created_at"], "utc_offset_min": values["utc_offset_min"]}
                placed = text | {"entry_id": entry_id, "zone": values["zone"]}
                sealed = self._sealed.sealed(wearer_id, EntryTextRow, placed, item.words)
                connection.execute(insert(EntryTextRow).values(**placed, sealed=sealed))


def _begin(connection: Connection, row: Row[Any], token_sha256: str, now: datetime) -> None:
    """The record, and the clinician's admission to it; nothing is shown by it yet."""
    wearer_id = uuid.uuid4().hex
    connection.execute(insert(PersonRow).values(id=wearer_id, name=row.called, created_at=now))
    connection.execute(
        insert(AdmissionRow).values(
            id=_local(row.id, "admission", ""),
            wearer_id=wearer_id,
            clinician_id=row.clinician_id,
            called=row.called,
            invited_at=row.made_at,
            accepted_at=now,
        )
    )
    begun = {"wearer_id": wearer_id, "token_sha256": token_sha256, "confirmed_at": now}
    connection.execute(update(PublicationRow).where(PublicationRow.id == row.id).values(**begun))


def _own(connection: Connection, actor: Actor, publication_id: str) -> Row[Any]:
    row = connection.execute(select(PublicationRow.__table__).where(PublicationRow.id == publication_id)).one_or_none()
    require(actor, Action.RECEIVE, Subject(owner_id=row.wearer_id if row else None))
    assert row is not None  # noqa: S101  nobody owns what does not exist, so `require` has raised
    return row


def _is_over(connection: Connection, row: Row[Any]) -> bool:
    """Whether the clinician has ended it, or is gone."""
    if row.wearer_id is None:
        return connection.scalar(select(PersonRow.id).where(PersonRow.id == row.clinician_id)) is None
    stands = select(AdmissionRow.id).where(AdmissionRow.wearer_id == row.wearer_id, AdmissionRow.ended_at.is_(None))
    return connection.scalar(stands) is None


def _has_gone(row: Row[Any], now: datetime) -> bool:
    if row.wearer_id is None:
        return bool(now >= row.made_at + CODE_LASTS)
    return bool(now >= row.confirmed_at + LEASE)


def _take(connection: Connection, row: Row[Any], told: Told, now: datetime) -> None:
    known = {
        item.item_id: item
        for item in connection.execute(
            select(PublishedItemRow.__table__).where(PublishedItemRow.publication_id == row.id)
        )
    }
    for item_id in known.keys() - told.items.keys():
        _let_go(connection, row.id, item_id)
    for item_id, item in told.items.items():
        if not item.with_words:
            _forget_words(connection, _local(row.id, "entry", item_id))
        if not item.with_heart:
            _forget_heart(connection, row.id, item_id)
        if item_id not in known or known[item_id].digest != item.digest:
            put(
                connection,
                PublishedItemRow,
                {"publication_id": row.id, "item_id": item_id},
                {"digest": item.digest},
            )
    newest = {"manifest": told.number, "told": told.model_dump_json(), "confirmed_at": now}
    connection.execute(update(PublicationRow).where(PublicationRow.id == row.id).values(**newest))
    _show(connection, row, told.grants, now)


def _show(connection: Connection, row: Row[Any], grants: Iterable[GrantTold], confirmed_at: datetime) -> None:
    """Home's grants as this journal's own, each no longer than the lease. One of an entry waits until that has come."""
    admission_id = _local(row.id, "admission", "")
    there = set(connection.scalars(select(EntryRow.id).where(EntryRow.owner_id == row.wearer_id)))
    kept = []
    for grant in grants:
        entry_id = None if grant.item_id is None else _local(row.id, "entry", grant.item_id)
        if (entry_id is None) == (grant.from_at is None) or (entry_id is not None and entry_id not in there):
            continue
        lease = confirmed_at + LEASE
        values = {
            "admission_id": admission_id,
            "entry_id": entry_id,
            "from_at": grant.from_at,
            "with_words": grant.with_words,
            "given_at": grant.given_at,
            "until_at": lease if grant.until_at is None else min(lease, grant.until_at),
            "zone": grant.zone,
            "revoked_at": None,
        }
        kept.append(_local(row.id, "grant", grant.id))
        put(connection, GrantRow, {"id": kept[-1]}, values)
    connection.execute(delete(GrantRow).where(GrantRow.admission_id == admission_id, GrantRow.id.not_in(kept)))


def _put_recording(connection: Connection, item: Item, recording_id: str, talk_id: str, wearer_id: str) -> None:
    own = {"id": recording_id, "talk_id": talk_id, "owner_id": wearer_id, "imported_sha256": None}
    connection.execute(insert(RecordingRow).values(**(item.recording or {}) | own))
    number = connection.scalars(select(RecordingRow.number).where(RecordingRow.id == recording_id)).one()
    for part, (table, _) in PARTS.items():
        if item.parts[part]:
            connection.execute(insert(table), [one | {"recording": number} for one in item.parts[part]])
    if item.packets:
        packets = [{"recording": number, "seq": seq, **packet} for seq, packet in enumerate(item.packets)]
        connection.execute(insert(MeasurementRow), packets)


def _let_go(connection: Connection, publication_id: str, item_id: str) -> None:
    connection.execute(delete(EntryRow).where(EntryRow.id == _local(publication_id, "entry", item_id)))
    connection.execute(delete(TalkRow).where(TalkRow.id == _local(publication_id, "talk", item_id)))
    mine = (PublishedItemRow.publication_id == publication_id, PublishedItemRow.item_id == item_id)
    connection.execute(delete(PublishedItemRow).where(*mine))


def _forget_heart(connection: Connection, publication_id: str, item_id: str) -> None:
    """The talk goes, the entry stays: its look lines and the clinician's notes on it hang on it."""
    entry_id = _local(publication_id, "entry", item_id)
    connection.execute(update(EntryRow).where(EntryRow.id == entry_id).values(talk_id=None))
    connection.execute(delete(TalkRow).where(TalkRow.id == _local(publication_id, "talk", item_id)))


def _forget_words(connection: Connection, entry_id: str) -> None:
    connection.execute(delete(EntryTextRow).where(EntryTextRow.entry_id == entry_id))


def _forget(connection: Connection, wearer_ids: Iterable[str]) -> None:
    """The records, and the talks of theirs, which nobody else is in."""
    ids = list(wearer_ids)
    talks = select(ParticipantRow.talk_id).where(ParticipantRow.person_id.in_(ids))
    connection.execute(delete(TalkRow).where(TalkRow.id.in_(talks)))
    connection.execute(delete(PersonRow).where(PersonRow.id.in_(ids)))


def _local(publication_id: str, kind: str, name: str) -> str:
    """What a thing of home's is called here: nobody can name anybody else's."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{publication_id}/{kind}/{name}").hex


def _sha256(token: str) -> str:
    # The token has 256 random bits, so a plain fast hash is enough: there is nothing to guess.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
