"""What a clinician reads: only what a grant in force covers, and never before the reading is in the wearer's log."""

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
        wearer = Actor(wearer_id)
        line = self._entries.line(wearer, entry_id)
        try:
            detail = self._entries.entry(wearer, entry_id)
        except NoRecording:
            detail = None
        with_words = any(grant.with_words for grant in _covering(grants, entry_id, line.began_at))
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
            head = self._log.write(connection, wearer_id, actor.person_id, looked, now, entry_id)
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
