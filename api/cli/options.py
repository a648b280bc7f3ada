"""Arguments and options that several commands share, so that they are called and explained alike."""

from pathlib import Path
from typing import Annotated

import typer

Files = Annotated[
    list[Path], typer.Argument(metavar="FILE...", help="Recordings of any format that flooding import reads.")
]
TalkStarts = Annotated[
    float | None,
    typer.Option(min=0, metavar="SECOND", help="Second of the recording at which the quiet minutes were over."),
]
_THRESHOLD = typer.Option(
    min=60, max=180, metavar="BPM", help="The line: a heart above it, in beats a minute, may be flooding."
)
Threshold = Annotated[float, _THRESHOLD]
ThresholdIfSaid = Annotated[float | None, _THRESHOLD]
Port = Annotated[int | None, typer.Option(min=0, max=65535, metavar="NUMBER", help="Port to serve on.")]
Whose = Annotated[
    str | None, typer.Option("--person", metavar="NAME", help="Whose journal, where there are several accounts.")
]
DatabaseAddress = Annotated[
    str | None,
    typer.Option(
        "--database", metavar="ADDRESS", help="The journal’s database on PostgreSQL: postgresql://name@host/database."
    ),
]
JournalFolder = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="Folder of the journal; default: the usual place, which flooding run tells."
    ),
]
