"""The journal of a folder, real or simulated: invented heartbeats must never get into a person's record."""

from pathlib import Path

from alerts.people import SERVICE
from journal.database import DatabaseError
from journal.journal import Journal, open_journal


class WrongJournal(DatabaseError):
    """The folder holds talks of the other kind: real ones for a demo, or simulated ones for a real talk."""


def open_own_journal(data_dir: Path, *, simulated: bool, key_file: Path | None = None) -> Journal:
    """Open the journal, unless it holds the other kind of talks.

    Raises:
        WrongJournal: it does.
        DatabaseError: it cannot be opened: in use, not a database, of a newer schema.
    """
    journal = open_journal(data_dir, key_file)
    if journal.talks.kinds(SERVICE) <= {simulated}:
        return journal
    journal.close()
    held, advice = ("real", "the demo") if simulated else ("simulated", "a real talk")
    raise WrongJournal(f"the journal in {data_dir} holds {held} talks; {advice} needs another folder: --data DIR")
