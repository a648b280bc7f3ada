"""`flooding export`: one recording as a file of the project's own format."""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import JournalFolder, Whose
from api.printable import printable

if TYPE_CHECKING:
    from alerts.ports import Talk

SHORT_ID = 8
"""So much of an id is shown, and is enough to name a recording."""


def export(
    recording: Annotated[
        str | None, typer.Argument(help="Its id, as the list shows it, or `latest`; without it, the list.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where to; gzipped if it ends in .gz. Default: named by its time."),
    ] = None,
    data: JournalFolder = None,
    person: Whose = None,
) -> None:
    """Write a recording as a file, or list the recordings. `flooding import` gives the file back exactly."""
    from api.cli.whose import actor_named, opened
    from api.exporting import exported
    from api.whole_file import CannotWrite, write_whole

    with opened(data) as journal:
        actor = actor_named(journal, person)
        talks = journal.recordings.list_recordings(actor)
        if recording is None:
            _list(talks)
            return
        talk = _chosen(talks, recording)
        target = out or Path(f"flooding-{_local(talk):%Y-%m-%d-%H%M}.csv.gz")
        if target.exists():
            raise CannotWrite(f"{target}: is there already; choose another name with --out")
        write_whole(target, exported(journal, actor, talk.recording_id, packed=target.suffix == ".gz"))
    print(f"the recording is in {printable(str(target))}", file=sys.stderr)


def _list(talks: list["Talk"]) -> None:
    if not talks:
        print("No recordings yet.")
        return
    for talk in talks:
        length_min = round((talk.ended_at - talk.began_at).total_seconds() / 60) if talk.ended_at else 0
        told = [talk.recording_id[:SHORT_ID], f"{_local(talk):%Y-%m-%d %H:%M}", f"{length_min:>5} min"]
        print("  ".join([*told, printable(talk.worn or "no strap") + (" (simulated)" if talk.simulated else "")]))


def _chosen(talks: list["Talk"], wanted: str) -> "Talk":
    from api.settings import BadSetting

    if wanted == "latest" and talks:
        return talks[0]
    found = [talk for talk in talks if len(wanted) >= SHORT_ID // 2 and talk.recording_id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    why = "several recordings begin so" if found else "there is no such recording"
    raise BadSetting(f"{why}: {printable(wanted)!r}; flooding export lists them")


def _local(talk: "Talk") -> datetime:
    return talk.began_at + timedelta(minutes=talk.utc_offset_min)
