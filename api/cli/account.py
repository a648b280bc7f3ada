"""`flooding account`: who has an account on this computer, and who may come in. No word and no heart of anybody's is read here."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import JournalFolder, Port

if TYPE_CHECKING:
    from api.settings import Settings
    from journal.database import Database

app = typer.Typer(
    help="Who has an account on this computer, and who may come in. It reads nobody’s journal.", no_args_is_help=True
)


@app.command("invite")
def invite(
    clinician: Annotated[
        bool, typer.Option("--clinician", help="A clinician’s account, which sees only what wearers show it.")
    ] = False,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="What you call them; they can change it.")] = "",
    port: Port = None,
    data: JournalFolder = None,
) -> None:
    """Make a code that lets one person in, once, within seven days. It is told once."""
    from datetime import UTC, datetime

    from alerts.people import SERVICE
    from api.settings import read_settings
    from journal.invitations import Invitations

    settings = read_settings(data_dir=data, port=port)
    with _accounts(data) as database:
        made, code = Invitations(database).make(
            SERVICE, called=name.strip()[:60], for_clinician=clinician, now=datetime.now(UTC)
        )
    print(
        f"Invitation {made.id}{f' for {made.called}' if made.called else ''}, {_kind(made.for_clinician)}. "
        f"It works once, until {made.expires_at:%Y-%m-%d %H:%M} UTC, and is not told again:\n\n  {code}\n\n"
        f"{_places(settings, code)}"
        f"Taken back by: flooding account revoke-invitation {made.id}"
    )


@app.command("list")
def list_accounts(data: JournalFolder = None) -> None:
    """List the accounts, with what they are and since when, and the invitations that wait."""
    from datetime import UTC, datetime

    from alerts.people import SERVICE
    from api.printable import printable
    from journal.invitations import Invitations
    from journal.people import People

    with _accounts(data) as database:
        people = People(database).accounts(SERVICE)
        waiting = Invitations(database).waiting(SERVICE, now=datetime.now(UTC))
    for person, since in people:
        print(printable(f"{person.name}, {_kind(person.is_clinician)}, since {since:%Y-%m-%d}"))
    for one in waiting:
        called = f" for {one.called}" if one.called else ""
        print(printable(f"Invitation {one.id}{called}, {_kind(one.for_clinician)}, until {one.expires_at:%Y-%m-%d}"))
    if not people and not waiting:
        print("Nobody yet.")


@app.command("revoke-invitation")
def revoke_invitation(
    invitation: Annotated[str, typer.Argument(metavar="ID", help="As `flooding account list` shows it.")],
    data: JournalFolder = None,
) -> None:
    """Take an invitation back, at once."""
    from alerts.people import SERVICE
    from journal.invitations import Invitations

    with _accounts(data) as database:
        was_there = Invitations(database).revoke(SERVICE, invitation)
    if not was_there:
        raise NoInvitation(f"no invitation {invitation} waits; flooding account list shows those that do")
    print(f"Invitation {invitation} opens nothing any more.")


class NoInvitation(Exception):
    """There is none of this name. Says how to find those there are."""


def _kind(is_clinician: bool) -> str:
    return "clinician" if is_clinician else "wearer"


def _places(settings: "Settings", code: str) -> str:
    """Where the code is used, a line each."""
    if settings.public_url is not None:
        return f"There:  {settings.public_url}/join/{code}\n"
    return f"At this computer:  http://127.0.0.1:{settings.port}/join/{code}\n{_at_home(settings.port, code)}"


def _at_home(port: int, code: str) -> str:
    """Where a phone at home finds it, while `flooding run --lan` serves."""
    from api.lan import NoHomeNetwork, addresses

    try:
        return f"With run --lan:    https://{addresses()[0]}:{port}/join/{code}\n"
    except NoHomeNetwork:
        return ""


@contextmanager
def _accounts(data: Path | None) -> "Iterator[Database]":
    """The database alone, without keys: also beside a program that serves it now. Raises `DatabaseError`."""
    from api.settings import read_settings
    from journal.database import DatabaseInUse, open_beside, open_database
    from journal.keys import Keyring, usual_key_file

    settings = read_settings(data_dir=data)
    try:
        keyring = Keyring(settings.key_file or usual_key_file(settings.data_dir))
        database = open_database(settings.data_dir, keyring, url=settings.database)
    except DatabaseInUse:
        database = open_beside(settings.data_dir)
    try:
        yield database
    finally:
        database.close()
