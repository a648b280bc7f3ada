"""`flooding archive`: everything that is one's own, taken along and brought back."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import JournalFolder, Whose

if TYPE_CHECKING:
    from api.exporting import OwnMinutes

app = typer.Typer(help="Everything that is yours: take it along, bring it back.", no_args_is_help=True)


@app.command("save")
def save(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The zip to write. It must not be there yet.")],
    data: JournalFolder = None,
    person: Whose = None,
) -> None:
    """Write everything into one zip. Its words are readable without a key: keep it as you would keep a diary."""
    from datetime import UTC, datetime

    from alerts.people import Actor
    from api.cli.whose import opened, person_named
    from api.whole_file import new_file
    from api.words.names import belongs_to

    with opened(data) as journal:
        whose = person_named(journal, person)
        with new_file(file) as out:
            lost = journal.archive.save(Actor(whose.id), out, now=datetime.now(UTC))
        size = file.stat().st_size
    print(
        f"Everything that is {belongs_to(whose.name)} is in {file} ({size:,} bytes), readable without a key and without "
        "this program."
    )
    if lost:
        print(f"NOT in it, because it is damaged and does not open: {'; '.join(lost)}.", file=sys.stderr)


@app.command("fhir")
def fhir(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The JSON file to write. It must not be there yet.")],
    data: JournalFolder = None,
    person: Whose = None,
) -> None:
    """Write the heart’s minutes as a FHIR R4 Bundle. No word of the journal goes into it."""
    import json
    from datetime import UTC, datetime

    from alerts.people import Actor
    from api.cli.whose import opened, person_named
    from api.exporting import own_minutes
    from api.formats.fhir import bundle
    from api.whole_file import new_file

    with opened(data) as journal:
        actor = Actor(person_named(journal, person).id)
        head = str(journal.access_log.head(actor))
        told = bundle(own_minutes(journal, actor), now=datetime.now(UTC), log_head=head)
    with new_file(file) as out:
        out.write(json.dumps(told, indent=1, ensure_ascii=False).encode())
    print(f"{len(told['entry']) - 1} observations are in {file}.")


@app.command("open-mhealth")
def open_mhealth(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The JSON Lines file to write. It must not be there yet.")
    ],
    data: JournalFolder = None,
    person: Whose = None,
) -> None:
    """Write the heart’s minutes as Open mHealth data points. No word of the journal goes into it."""
    from datetime import UTC, datetime

    from api.formats.open_mhealth import json_lines
    from api.whole_file import new_file

    told = json_lines(_minutes(data, person), now=datetime.now(UTC))
    with new_file(file) as out:
        out.write(told.encode())
    print(f"{told.count(chr(10))} data points are in {file}.")


def _minutes(data: Path | None, person: str | None) -> "OwnMinutes":
    from alerts.people import Actor
    from api.cli.whose import opened, person_named
    from api.exporting import own_minutes

    with opened(data) as journal:
        return own_minutes(journal, Actor(person_named(journal, person).id))


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An archive of `flooding archive save`.")],
    data: JournalFolder = None,
    person: Whose = None,
) -> None:
    """Bring back what is not there. What is there already stays as it is; a damaged archive changes nothing."""
    from alerts.people import SERVICE
    from api.cli.whose import actor_named, opened

    with file.open("rb") as archive, opened(data) as journal:
        simulated = journal.talks.kinds(SERVICE) == {True}
        found = journal.archive.restore(actor_named(journal, person), archive, simulated=simulated)
    there = f"; {found.already_there} were there already and stay as they are" if found.already_there else ""
    print(
        f"Brought back: entries {found.entries}, daily checks {found.checks}, recordings {found.recordings}, packets {found.measurements}, "
        f"people to turn to {found.turn_to}, straps {found.straps}{there}."
    )
