"""The journal as one thing: a database, its writer, and a store for each subject."""

from dataclasses import dataclass
from pathlib import Path

from journal.agreements import Agreements
from journal.channels import Channels
from journal.database import Database, open_database
from journal.entries import Entries
from journal.pairs import Pairs
from journal.people import People
from journal.recorder import JournalRecorder
from journal.recordings import Recordings
from journal.straps import Straps
from journal.talks import Talks
from journal.turn_to import TurnTo
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
    straps: Straps
    recordings: Recordings
    pairs: Pairs
    agreements: Agreements
    turn_to: TurnTo
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
        straps=Straps(database),
        recordings=Recordings(database),
        pairs=Pairs(database),
        agreements=Agreements(database),
        turn_to=TurnTo(database),
        channels=Channels(database),
    )
