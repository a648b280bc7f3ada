"""Whose journal a command works on: the machine's one account, or the one that is named."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alerts.people import Actor
    from journal.journal import Journal
    from journal.people import Person


class WhoseJournal(Exception):
    """It is not clear whose journal is meant. Says which names there are."""


@contextmanager
def opened(data: Path | None) -> "Iterator[Journal]":
    """The journal in `data`, whatever kind of talks it holds; closed at the end. Raises `DatabaseError`."""
    from api.settings import read_settings
    from journal.journal import open_journal

    settings = read_settings(data_dir=data)
    journal = open_journal(settings.data_dir, settings.key_file, url=settings.database)
    try:
        yield journal
    finally:
        journal.close()


def actor_named(journal: "Journal", name: str | None) -> "Actor":
    """Who acts for the account of that name, or the only one there is; made if there is none. Raises `WhoseJournal`."""
    from datetime import UTC, datetime

    from alerts.people import SERVICE, Actor
    from journal.people import UNNAMED

    if name is None and not journal.people.everybody(SERVICE):
        return Actor(journal.people.first_person(name=UNNAMED, now=datetime.now(UTC)).id)
    return Actor(person_named(journal, name).id)


def person_named(journal: "Journal", name: str | None) -> "Person":
    """The account of that name, or the only one there is. Raises `WhoseJournal`."""
    from alerts.people import SERVICE

    everybody = journal.people.everybody(SERVICE)
    found = [person for person in everybody if name is None or name in {person.name, person.id}]
    if len(found) == 1:
        return found[0]
    if not everybody:
        raise WhoseJournal(
            "nobody has a journal in this folder yet; begin with: flooding run, and open the page that it names; "
            "or name the folder that you mean with --data"
        )
    names = ", ".join(f"{person.name} ({person.id})" for person in everybody)
    raise WhoseJournal(f"say whose journal with --person NAME; there is: {names}")
