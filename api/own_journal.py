"""The journal of a folder, real or simulated: invented heartbeats must never get into a person's record."""

from datetime import UTC, datetime
from pathlib import Path

from alerts.people import SERVICE, Actor
from alerts.ports import NotAllowed
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


class SeveralPeople(DatabaseError):
    """A command line cannot tell whose recordings are meant."""


def only_person(journal: Journal) -> Actor:
    """The person of a journal that has one account, made if there is none. Raises `SeveralPeople`."""
    try:
        return Actor(journal.people.first_person(name="You", now=datetime.now(UTC)).id)
    except NotAllowed:
        raise SeveralPeople("several people have accounts in this journal; sign in on the page instead") from None
