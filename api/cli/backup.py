"""`flooding backup` and `flooding restore`: the whole journal in one file, of either database and into either."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import DatabaseAddress, JournalFolder


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write. It must not be there yet.")],
    data: JournalFolder = None,
    database: DatabaseAddress = None,
    with_keys: Annotated[
        bool, typer.Option("--with-keys", help="Put the keys in, too: whoever has the file can then read every word.")
    ] = False,
) -> None:
    """Write the whole journal into one file, also while it is in use, and check it by restoring it into an empty place."""
    from contextlib import closing
    from datetime import UTC, datetime

    from api.settings import read_settings
    from api.whole_file import new_file
    from journal.backup import back_up, check
    from journal.database import open_at_rest_or_beside
    from journal.keys import Keyring, usual_key_file

    settings = read_settings(data_dir=data, database=database)
    key_file = settings.key_file or usual_key_file(settings.data_dir)
    opened = open_at_rest_or_beside(settings.data_dir, Keyring(key_file), url=settings.database)
    with closing(opened), new_file(file) as out:
        back_up(opened, key_file, out, now=datetime.now(UTC), with_keys=with_keys)
        out.flush()
        with file.open("rb") as written:
            made = check(written)
    keys = (
        "The keys are in it: keep it as you would keep the journal’s words themselves."
        if made.with_keys
        else f"The keys are NOT in it: without a copy of {key_file} (flooding key show) nobody reads its words."
    )
    print(
        f"{made.rows:,} rows of one moment are in {file} ({file.stat().st_size:,} bytes), and were restored from it for a check.\n{keys}"
    )


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup of `flooding backup`.")],
    data: JournalFolder = None,
    database: DatabaseAddress = None,
) -> None:
    """Bring a backup back, into an empty folder or an empty database. What is there already is never written over."""
    from contextlib import closing

    from api.settings import read_settings
    from journal import backup as backups
    from journal.database import open_database
    from journal.keys import Keyring, usual_key_file

    settings = read_settings(data_dir=data, database=database)
    key_file = settings.key_file or usual_key_file(settings.data_dir)
    with (
        file.open("rb") as given,
        closing(open_database(settings.data_dir, Keyring(key_file), url=settings.database)) as opened,
    ):
        found = backups.restore(opened, key_file, given)
    keys = (
        f"Its keys are in {key_file}."
        if found.with_keys or key_file.exists()
        else f"The keys were not in it: put the key file at {key_file}, or type the code with: flooding key recover"
    )
    print(f"The journal of {found.at:%Y-%m-%d %H:%M} UTC is back: {found.rows:,} rows.\n{keys}")
