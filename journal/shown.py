"""What a clinician reads: only what a grant in force covers, and never before the reading is in the wearer's log."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.access_log import AccessLog, Looked
from journal.content import Content
from journal.database import Database
from journal.entries import Entries, EntryDetail, EntrySummary, NoRecording
from journal.models import EntryRow
from journal.sharing import Grant, shown_to
from journal.texts import EntryTexts
from journal.trends.client_cards import note_looked


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry as it is shown.

    Attributes:
        detail: the body's side; None where there is none.
        words: what the wearer wrote; None where that is not shown.
    """

    line: EntrySummary
    detail: EntryDetail | None
    words: Content | None


class Shown:
    """Reads for a clinician what a wearer shows."""

    def __init__(self, database: Database, log: AccessLog, entries: Entries, texts: EntryTexts) -> None:
        self._database = database
        self._log = log
        self._entries = entries
        self._texts = texts

    def entries(self, actor: Actor, wearer_id: str, *, now: datetime) -> list[EntrySummary]:
        """The entries that the wearer shows to the actor, newest first. Raises `NotAllowed` where nothing is shown."""
        grants = self._look(actor, wearer_id, Looked.ENTRIES, now)
        lines = self._entries.list_entries(Actor(wearer_id))
        return [line for line in lines if _covering(grants, line.id, line.began_at)]

    def entry(self, actor: Actor, wearer_id: str, entry_id: str, *, now: datetime) -> ShownEntry:
        """One entry that the wearer shows to the actor. Raises `NotAllowed`."""
        grants = self._look(actor, wearer_id, Looked.ENTRY, now, entry_id)
        return self._told(wearer_id, entry_id, with_words=any(grant.with_words for grant in grants))

    def as_shown(self, actor: Actor, entry_id: str, *, with_words: bool) -> ShownEntry:
        """One of the actor's own entries, as a clinician would see it. Raises `NotAllowed`."""
        return self._told(str(actor.person_id), entry_id, with_words=with_words)

    def standing(self, actor: Actor, wearer_id: str, *, now: datetime) -> str | None:
        """A word for what is shown now, another whenever that changes; None where nothing is. Says nothing of what it is."""
        with self._database.read() as connection:
            grants = shown_to(connection, actor.person_id, wearer_id, now)
            entries = select(EntryRow.id, EntryRow.happened_at).where(EntryRow.owner_id == wearer_id)
            shown = [row.id for row in connection.execute(entries) if _covering(grants, row.id, row.happened_at)]
        if not grants:
            return None
        told = [*sorted(f"{grant.id} {grant.until_at}" for grant in grants), *sorted(shown)]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]

    def _told(self, wearer_id: str, entry_id: str, *, with_words: bool) -> ShownEntry:
        wearer = Actor(wearer_id)
        line = self._entries.line(wearer, entry_id)
        try:
            detail = self._entries.entry(wearer, entry_id)
        except NoRecording:
            detail = None
        return ShownEntry(line, detail, self._texts.read(wearer, entry_id).content if with_words else None)

    def _look(
        self, actor: Actor, wearer_id: str, looked: Looked, now: datetime, entry_id: str | None = None
    ) -> tuple[Grant, ...]:
        """The grants in force that allow this reading, which is in the log when this returns."""
        with self._database.write() as connection:
            grants = shown_to(connection, actor.person_id, wearer_id, now)
            if entry_id is not None:
                grants = _covering(grants, entry_id, _happened_at(connection, wearer_id, entry_id))
            readers = frozenset({actor.person_id} if grants and actor.person_id else ())
            require(actor, Action.READ_SHOWN, Subject(owner_id=wearer_id, shown_to=readers))
            assert actor.person_id is not None  # noqa: S101  nobody is shown nothing, so `require` has raised
            if looked is Looked.ENTRY and any(grant.with_words for grant in grants):
                looked = Looked.WORDS
            head = self._log.write(connection, wearer_id, actor.person_id, looked, now, entry_id)
            note_looked(connection, actor.person_id, wearer_id, now)
        self._log.advance(wearer_id, head)
        return grants


def _covering(grants: Iterable[Grant], entry_id: str, happened_at: datetime | None) -> tuple[Grant, ...]:
    if happened_at is None:
        return ()
    return tuple(grant for grant in grants if grant.covers(entry_id, happened_at))


def _happened_at(connection: Connection, wearer_id: str, entry_id: str) -> datetime | None:
    return connection.scalar(
        select(EntryRow.happened_at).where(EntryRow.id == entry_id, EntryRow.owner_id == wearer_id)
    )
