"""`flooding archive`: everything that is one's own, taken along and brought back."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Everything that is yours: take it along, bring it back.", no_args_is_help=True)

Data = Annotated[Path | None, typer.Option(help="Where the journal lives; default: the platform's place.")]
Whose = Annotated[str | None, typer.Option("--person", help="Whose, where there are several accounts.")]


@app.command("save")
def save(
    file: Annotated[Path, typer.Argument(help="The zip to write. It must not be there yet.")],
    data: Data = None,
    person: Whose = None,
) -> None:
    """Write everything into one zip. Its words are readable without a key: keep it as you would keep a diary."""
    import os
    from datetime import UTC, datetime

    from alerts.people import Actor
    from api.cli.whose import opened, person_named

    with opened(data) as journal:
        whose = person_named(journal, person)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as out:
                journal.archive.save(Actor(whose.id), out, now=datetime.now(UTC))
                out.flush()
                os.fsync(out.fileno())
        except BaseException:
            file.unlink(missing_ok=True)  # half an archive must not be taken for a whole one
            raise
        size = file.stat().st_size
    print(
        f"Everything of {whose.name}’s is in {file} ({size:,} bytes), readable without a key and without this program."
    )


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="An archive of `flooding archive save`.")],
    data: Data = None,
    person: Whose = None,
) -> None:
    """Bring back what is not there. What is there already stays as it is; a damaged archive changes nothing."""
    from datetime import UTC, datetime

    from alerts.people import SERVICE, Actor
    from api.cli.whose import opened, person_named

    with file.open("rb") as archive, opened(data) as journal:
        if not journal.people.everybody(SERVICE):
            journal.people.first_person(name="You", now=datetime.now(UTC))
        whose = person_named(journal, person)
        simulated = journal.talks.kinds(SERVICE) == {True}
        found = journal.archive.restore(Actor(whose.id), archive, simulated=simulated)
    there = f"; {found.already_there} were there already and stay as they are" if found.already_there else ""
    print(f"Brought back: entries {found.entries}, recordings {found.recordings}, packets {found.measurements}{there}.")
