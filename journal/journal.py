"""The journal as one thing: a database, its writer, and a store for each subject."""

from dataclasses import dataclass
from pathlib import Path

from journal.checks import Checks
from journal.database import Database, open_database
from journal.entries import Entries
from journal.people import People
from journal.recorder import JournalRecorder
from journal.reviews.gathered import Reviews, StoredEntries
from journal.talks import Talks
from journal.timelines import Timelines
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
    timelines: Timelines
    reviews: Reviews
    checks: Checks

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
    recorder = JournalRecorder(database, writer)
    timelines = Timelines(database, recorder)
    return Journal(
        database=database,
        writer=writer,
        people=People(database),
        talks=Talks(database),
        recorder=recorder,
        entries=Entries(database),
        timelines=timelines,
        reviews=Reviews(database, timelines, StoredEntries(database)),
        checks=Checks(database),
    )
