"""What the wearer wrote into their entries: sealed in the database, open only to their owner.

A save names the version it was written on. Whoever comes too late gets `TextConflict`, and their words are kept beside
the newer ones until the wearer lets one of the two go: no typed word is lost to a second tab.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.content import BadContent, Content
from journal.database import Database
from journal.local_time import LocalMoment, ZoneOfMachine, agrees, in_zone, on_this_machine, zone_of_this_machine
from journal.models import EntryDraftRow, EntryRow, EntryTextRow
from journal.own_account import own_account
from journal.sealed import CannotUnseal
from journal.sealed_contents import SealedContents
from journal.statements import put

log = structlog.get_logger(__name__)

MOST_DRAFTS = 50
"""Own choice: far more tabs than anybody has open, and no table that grows without end."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Words that came too late, and which version they were written on."""

    id: str
    based_on: int
    written: LocalMoment
    content: Content


@dataclass(frozen=True, slots=True)
class StoredText:
    """What an entry holds in words.

    Attributes:
        version: what the next save must name; 0 while nothing has been written.
        drafts: words of other tabs that came too late, oldest first.
    """

    version: int
    content: Content
    written: LocalMoment | None
    drafts: tuple[Draft, ...] = ()


class TextConflict(Exception):
    """The entry has been written to since. Both texts are kept. Carries what is stored now."""

    def __init__(self, stored: StoredText) -> None:
        super().__init__("this entry has been changed elsewhere since; both texts are kept")
        self.stored = stored


class TooManyDrafts(Exception):
    """So many words wait for a decision that no more are kept beside them. These were not stored."""


class EntryTexts:
    """The actor's own words."""

    def __init__(self, database: Database, sealed: SealedContents, zone: ZoneOfMachine = zone_of_this_machine) -> None:
        self._database = database
        self._sealed = sealed
        self._zone = zone

    def create(
        self, actor: Actor, *, now: datetime, happened_at: datetime | None = None, zone: str | None = None
    ) -> str:
        """Make an entry by hand, without a talk, and return its id.

        Raises:
            BadMoment: `zone` is none, or the time is out of range.
            NotAllowed: there is nobody to own it.
        """
        moment = self._moment(happened_at or now, zone)
        entry_id = uuid.uuid4().hex
        with self._database.write() as connection:
            owner_id = own_account(connection, actor, Action.CREATE_ENTRY)
            connection.execute(
                insert(EntryRow).values(
                    id=entry_id,
                    owner_id=owner_id,
                    created_at=now,
                    happened_at=moment.at,
                    utc_offset_min=moment.utc_offset_min,
                    zone=moment.zone,
                )
            )
        return entry_id

    def read(self, actor: Actor, entry_id: str) -> StoredText:
        """What is written in the entry. Raises `NotAllowed`."""
        with self._database.read() as connection:
            _own_entry(connection, actor, Action.READ_TEXT, entry_id)
            return self._stored(connection, str(actor.person_id), entry_id)

    def contents(
        self, actor: Actor, *, since: datetime | None = None, until: datetime | None = None
    ) -> dict[str, Content]:
        """The actor's words by entry, opened in memory: for search and reviews. Entries without words are absent.

        Of entries whose happening is from `since` to before `until`; None is no end on that side.
        """
        require(actor, Action.READ_TEXT, Subject(owner_id=actor.person_id))
        owner_id = str(actor.person_id)
        query = (
            select(EntryTextRow.entry_id, EntryTextRow.sealed)
            .join(EntryRow, EntryRow.id == EntryTextRow.entry_id)
            .where(
                EntryRow.owner_id == owner_id,
                *([] if since is None else [EntryRow.happened_at >= since]),
                *([] if until is None else [EntryRow.happened_at < until]),
            )
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        found: dict[str, Content] = {}
        for row in rows:
            try:
                found[row.entry_id] = self._sealed.of(owner_id, EntryTextRow, row)
            except (CannotUnseal, BadContent) as error:
                # One damaged text must not close the whole journal; opening that entry says what is wrong.
                log.error("text_does_not_open", entry=row.entry_id, reason=str(error))  # noqa: TRY400  no traceback needed
        return found

    def save(
        self,
        actor: Actor,
        entry_id: str,
        content: Content,
        *,
        version: int,
        tab: str,
        now: datetime,
        zone: str | None = None,
    ) -> int:
        """Store `content`, written on `version`, and return the new version. The same content again changes nothing.

        `tab` names the page that writes (a random id of its own): only its own late words replace its late words.

        Raises:
            TextConflict: the entry has been written to since; this content is kept as a draft beside it.
            TooManyDrafts: it has, and too many drafts wait already; this content is not stored.
            BadContent: it is too much for one entry.
            BadMoment: `zone` is none, or the time is out of range.
            NotAllowed: it is nobody's entry, or somebody else's.
        """
        written = self._moment(now, zone)
        with self._database.write() as connection:
            entry = _own_entry(connection, actor, Action.WRITE_TEXT, entry_id)
            owner_id = str(actor.person_id)
            stored = self._stored(connection, owner_id, entry_id)
            if stored.content == content and stored.version:
                return stored.version
            if stored.version == version:
                self._put_text(connection, owner_id, entry_id, content, version + 1, written)
                _name_zone(connection, entry, written.zone)
                return version + 1
            self._keep_beside(connection, owner_id, entry_id, content, version, tab, written)
            stored = self._stored(connection, owner_id, entry_id)
        raise TextConflict(stored)

    def discard_draft(self, actor: Actor, entry_id: str, draft_id: str) -> None:
        """Let late words go. Raises `NotAllowed`; a draft that is gone already is not missed."""
        with self._database.write() as connection:
            _own_entry(connection, actor, Action.WRITE_TEXT, entry_id)
            connection.execute(
                delete(EntryDraftRow).where(EntryDraftRow.id == draft_id, EntryDraftRow.entry_id == entry_id)
            )

    def _moment(self, at: datetime, zone: str | None) -> LocalMoment:
        return in_zone(at, zone) if zone else on_this_machine(at, self._zone)

    def _stored(self, connection: Connection, owner_id: str, entry_id: str) -> StoredText:
        row = connection.execute(select(EntryTextRow.__table__).where(EntryTextRow.entry_id == entry_id)).one_or_none()
        drafts = tuple(self._drafts(connection, owner_id, entry_id))
        if row is None:
            return StoredText(0, Content(), None, drafts)
        content = self._sealed.of(owner_id, EntryTextRow, row)
        return StoredText(row.version, content, LocalMoment(row.written_at, row.utc_offset_min, row.zone), drafts)

    def _drafts(self, connection: Connection, owner_id: str, entry_id: str) -> Iterator[Draft]:
        rows = connection.execute(
            select(EntryDraftRow.__table__)
            .where(EntryDraftRow.entry_id == entry_id)
            .order_by(EntryDraftRow.written_at, EntryDraftRow.id)
        )
        for row in rows:
            content = self._sealed.of(owner_id, EntryDraftRow, row)
            yield Draft(row.id, row.based_on, LocalMoment(row.written_at, row.utc_offset_min, row.zone), content)

    def _put_text(
        self, connection: Connection, owner_id: str, entry_id: str, content: Content, version: int, written: LocalMoment
    ) -> None:
        values = {
            "version": version,
            "written_at": written.at,
            "utc_offset_min": written.utc_offset_min,
            "zone": written.zone,
            "sealed": self._sealed.sealed(owner_id, EntryTextRow, {"entry_id": entry_id}, content),
        }
        put(connection, EntryTextRow, {"entry_id": entry_id}, values)

    def _keep_beside(
        self,
        connection: Connection,
        owner_id: str,
        entry_id: str,
        content: Content,
        based_on: int,
        tab: str,
        written: LocalMoment,
    ) -> None:
        mine = (
            EntryDraftRow.entry_id == entry_id,
            EntryDraftRow.tab == tab,
            EntryDraftRow.based_on == based_on,  # an earlier conflict of the same tab is another text
        )
        draft_id = connection.scalar(select(EntryDraftRow.id).where(*mine))
        if draft_id is None:
            waiting = select(func.count()).where(EntryDraftRow.entry_id == entry_id)
            if (connection.scalar(waiting) or 0) >= MOST_DRAFTS:
                raise TooManyDrafts(f"{MOST_DRAFTS} other drafts of this entry wait; let some of them go first")
            draft_id = uuid.uuid4().hex
        values = {
            "entry_id": entry_id,
            "tab": tab,
            "based_on": based_on,
            "written_at": written.at,
            "utc_offset_min": written.utc_offset_min,
            "zone": written.zone,
            "sealed": self._sealed.sealed(owner_id, EntryDraftRow, {"id": draft_id}, content),
        }
        put(connection, EntryDraftRow, {"id": draft_id}, values)


def _own_entry(
    connection: Connection, actor: Actor, action: Action, entry_id: str
) -> Row[str, datetime, int, str | None, str]:
    row = connection.execute(
        select(EntryRow.owner_id, EntryRow.happened_at, EntryRow.utc_offset_min, EntryRow.zone, EntryRow.id).where(
            EntryRow.id == entry_id
        )
    ).one_or_none()
    require(actor, action, Subject(owner_id=row.owner_id if row else None))
    assert row is not None  # noqa: S101  nobody owns what does not exist, so `require` has raised
    return row


def _name_zone(connection: Connection, entry: Row[str, datetime, int, str | None, str], zone: str | None) -> None:
    """An entry whose zone nobody knew gets the writer's, if it showed the same clock then."""
    happened = LocalMoment(entry.happened_at, entry.utc_offset_min)
    if entry.zone is None and zone is not None and agrees(happened, zone):
        connection.execute(update(EntryRow).where(EntryRow.id == entry.id).values(zone=zone))
