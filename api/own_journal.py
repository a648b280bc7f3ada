"""The journal of a folder, real or simulated: invented heartbeats must never get into a person's record."""

from pathlib import Path

from alerts.people import SERVICE
from journal.database import DatabaseError
from journal.journal import Journal, open_journal


class WrongJournal(DatabaseError):
    """The folder holds talks of the other kind: real ones for a demo, or simulated ones for a real talk."""


def open_own_journal(
    data_dir: Path, *, simulated: bool, key_file: Path | None = None, url: str | None = None
) -> Journal:
    """Open the journal in the folder, or at `url` on PostgreSQL, unless it holds the other kind of talks.

    Raises:
        WrongJournal: it does.
        DatabaseError: it cannot be opened: in use, not a database, of a newer schema.
    """
    journal = open_journal(data_dir, key_file, url=url)
    if journal.talks.kinds(SERVICE) <= {simulated}:
        return journal
    journal.close()
    held, advice = ("real", "the demo") if simulated else ("simulated", "a real talk")
    where, needs = (f"the journal in {data_dir}", "folder: --data DIR")
    if url is not None:
        where, needs = ("the database", "database: --database ADDRESS")
    raise WrongJournal(f"{where} holds {held} talks; {advice} needs another {needs}")
