"""The journal as one thing: a database, its writer, and a store for each subject."""

from dataclasses import dataclass
from pathlib import Path

from journal.channels import Channels
from journal.database import Database, open_database
from journal.entries import Entries
from journal.people import People
from journal.recorder import JournalRecorder
from journal.talks import Talks
from journal.writer import Writer


@dataclass(frozen=True, slots=True)
class Journal:
    """Everything that is remembered."""

    database: Database
    writer: Writer
    people: People
    talks: Talks
    recorder: JournalRecorder
    entries: Entries
    channels: Channels

    def close(self) -> None:
        """Commit what waits, then close the database."""
        try:
            self.writer.stop()
        finally:
            self.database.close()


def open_journal(data_dir: Path) -> Journal:
    """Open the journal in `data_dir`. Raises `journal.database.DatabaseError`."""
    database = open_database(data_dir)
    writer = Writer(database)
    return Journal(
        database=database,
        writer=writer,
        people=People(database),
        talks=Talks(database),
        recorder=JournalRecorder(database, writer),
        entries=Entries(database),
        channels=Channels(database),
    )
