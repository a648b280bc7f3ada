"""Everything that is one's own, to take along and to bring back.

The archive is readable: its words are not locked, so that they can be read in fifty years and by another program. It
holds no key. Of a shared talk it holds the wearer's own share.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import IO

from sqlalchemy import select

from alerts.people import Actor
from journal.access import Action
from journal.access_log import last_line
from journal.archive_file import ArchiveFile, write_archive
from journal.archive_restoring import Restored, Restoring
from journal.archive_saving import Saving
from journal.database import Database
from journal.models import PersonRow
from journal.own_account import own_account
from journal.sealed_contents import SealedContents


class Archive:
    """Saves and restores the actor's own."""

    def __init__(self, database: Database, sealed: SealedContents) -> None:
        self._database = database
        self._sealed = sealed

    def save(self, actor: Actor, file: IO[bytes], *, now: datetime) -> Sequence[str]:
        """Write everything of the actor's into `file`, as one moment sees it. A talk that goes on is left out.

        Returns:
            What is not in it, in words: texts that are damaged and do not open. One of them must not hold back all others;
            the archive names them, too.

        Raises:
            NotAllowed: there is no such person.
        """
        with self._database.read() as connection:
            owner_id = own_account(connection, actor, Action.SAVE_ARCHIVE)
            name = connection.scalars(select(PersonRow.name).where(PersonRow.id == owner_id)).one()
            saving = Saving(self._sealed)
            head = last_line(connection, owner_id)
            about = {
                "made_at": now.isoformat(),
                "name": name,
                "holds_keys": False,
                "not_opened": saving.not_opened,
                "access_log": {"count": head.count, "signature": head.signature.hex()},
            }
            write_archive(file, saving.files(connection, owner_id), about)
            return tuple(saving.not_opened)

    def restore(self, actor: Actor, file: IO[bytes], *, simulated: bool) -> Restored:
        """Bring back what is not there; all of it or nothing. What is there already stays as it is.

        Args:
            actor: whose it becomes.
            file: an archive, at its beginning.
            simulated: whether this journal is one of simulated talks; invented heartbeats never get among real ones.

        Raises:
            BadArchive: it is damaged, no archive, of the other kind, or holds what is somebody else's here.
            NotAllowed: there is no such person.
        """
        with self._database.read() as connection:
            own_account(connection, actor, Action.RESTORE_ARCHIVE)
        with ArchiveFile(file) as archive, self._database.write() as connection:
            owner_id = own_account(connection, actor, Action.RESTORE_ARCHIVE)
            return Restoring(connection, self._sealed, owner_id, archive, simulated=simulated).run()
