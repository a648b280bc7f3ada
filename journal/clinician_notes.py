"""A clinician's own notes on a client: sealed with the clinician's key, and read by the wearer only where that was said."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from alerts.people import Actor
from alerts.ports import NotAllowed
from journal.access import Action, Subject, require
from journal.database import Database
from journal.models import AdmissionRow, ClinicianNoteRow, EntryRow, PersonRow
from journal.sealed import CannotUnseal
from journal.sealed_contents import SealedContents
from journal.sharing import shown_to

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ClinicianNote:
    """A note.

    Attributes:
        author: what the clinician is called.
        entry_id: the entry it is about; None for the client as a whole. It goes with the entry.
        for_wearer: the wearer reads it, too.
    """

    id: str
    author: str
    entry_id: str | None
    written_at: datetime
    for_wearer: bool
    text: str


class ClinicianNotes:
    """Notes, by their author and for the wearer."""

    def __init__(self, database: Database, sealed: SealedContents) -> None:
        self._database = database
        self._sealed = sealed

    def write(
        self, actor: Actor, wearer_id: str, *, text: str, for_wearer: bool, entry_id: str | None = None, now: datetime
    ) -> str:
        """Write a note on a client who has admitted the actor; return its id.

        Raises `NotAllowed`: nothing of it is shared any more, or that entry is not shown.
        """
        values = {"id": uuid.uuid4().hex, "for_wearer": for_wearer, "entry_id": entry_id, "written_at": now}
        with self._database.write() as connection:
            admission_id = connection.scalar(
                select(AdmissionRow.id).where(
                    AdmissionRow.clinician_id == actor.person_id,
                    AdmissionRow.wearer_id == wearer_id,
                    AdmissionRow.ended_at.is_(None),
                )
            )
            require(actor, Action.KEEP_NOTES, Subject(owner_id=actor.person_id if admission_id else None))
            if entry_id is not None:
                _require_shown(connection, actor, wearer_id, entry_id, now)
            values |= {"author_id": actor.person_id, "admission_id": admission_id}
            connection.execute(insert(ClinicianNoteRow).values(**values, sealed=self._seal(actor, values, text)))
        return str(values["id"])

    def change(self, actor: Actor, note_id: str, *, text: str, for_wearer: bool) -> None:
        """Write it anew, and say anew who reads it.

        Raises `NotAllowed`: it is another's; or it has ended with this client, and then nothing is written to them any more.
        """
        with self._database.write() as connection:
            _require_own(connection, actor, note_id)
            if for_wearer and _has_ended(connection, note_id):
                raise NotAllowed
            sealed = self._seal(actor, {"id": note_id}, text)
            connection.execute(
                update(ClinicianNoteRow)
                .where(ClinicianNoteRow.id == note_id)
                .values(for_wearer=for_wearer, sealed=sealed)
            )

    def erase(self, actor: Actor, note_id: str) -> None:
        """Let it go. Raises `NotAllowed`."""
        with self._database.write() as connection:
            _require_own(connection, actor, note_id)
            connection.execute(delete(ClinicianNoteRow).where(ClinicianNoteRow.id == note_id))

    def of_client(self, actor: Actor, wearer_id: str) -> list[ClinicianNote]:
        """The actor's notes on a client, newest first; their own stay theirs when sharing has ended."""
        require(actor, Action.KEEP_NOTES, Subject(owner_id=actor.person_id))
        query = _notes().where(ClinicianNoteRow.author_id == actor.person_id, AdmissionRow.wearer_id == wearer_id)
        return self._read(query)

    def for_wearer(self, actor: Actor) -> list[ClinicianNote]:
        """What clinicians let the actor read, newest first."""
        require(actor, Action.READ_NOTES_FOR_ONE, Subject(owner_id=actor.person_id))
        return self._read(_notes().where(AdmissionRow.wearer_id == actor.person_id, ClinicianNoteRow.for_wearer))

    def _read(self, query: Select[Any]) -> list[ClinicianNote]:
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(ClinicianNoteRow.written_at.desc(), ClinicianNoteRow.id)).all()
        return list(self._opened(rows))

    def _opened(self, rows: Iterable[Row[Any]]) -> Iterable[ClinicianNote]:
        for row in rows:
            try:
                text = self._sealed.open_text(row.author_id, ClinicianNoteRow, row).decode()
            except CannotUnseal as error:
                # One damaged note must not keep the others out of reach.
                log.error("note_does_not_open", note=row.id, error=type(error).__name__)  # noqa: TRY400  see above
                continue
            yield ClinicianNote(row.id, row.author, row.entry_id, row.written_at, row.for_wearer, text)

    def _seal(self, actor: Actor, values: dict[str, Any], text: str) -> bytes:
        return self._sealed.seal_text(str(actor.person_id), ClinicianNoteRow, values, text.encode())


def _notes() -> Select[Any]:
    return (
        select(ClinicianNoteRow.__table__, PersonRow.name.label("author"))
        .join(AdmissionRow, AdmissionRow.id == ClinicianNoteRow.admission_id)
        .join(PersonRow, PersonRow.id == ClinicianNoteRow.author_id)
    )


def _require_own(connection: Connection, actor: Actor, note_id: str) -> None:
    author = connection.scalar(select(ClinicianNoteRow.author_id).where(ClinicianNoteRow.id == note_id))
    require(actor, Action.KEEP_NOTES, Subject(owner_id=author))


def _has_ended(connection: Connection, note_id: str) -> bool:
    query = select(AdmissionRow.ended_at).join(ClinicianNoteRow, ClinicianNoteRow.admission_id == AdmissionRow.id)
    return connection.scalar(query.where(ClinicianNoteRow.id == note_id)) is not None


def _require_shown(connection: Connection, actor: Actor, wearer_id: str, entry_id: str, now: datetime) -> None:
    happened_at = connection.scalar(
        select(EntryRow.happened_at).where(EntryRow.id == entry_id, EntryRow.owner_id == wearer_id)
    )
    grants = shown_to(connection, actor.person_id, wearer_id, now)
    if happened_at is None or not any(grant.covers(entry_id, happened_at) for grant in grants):
        raise NotAllowed
