"""`flooding reanalyse`: today's detector looks again at every stored recording."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import JournalFolder

if TYPE_CHECKING:
    from alerts.ports import Talk
    from api.reanalysis import Reanalysed, Told

_LINES = 20
"""Where no terminal is, progress is told in about so many lines."""


def reanalyse(
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", min=1, metavar="NUMBER", help="So many processes; default: one for each processor."),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            "--dask",
            metavar="ADDRESS",
            help="A Dask cluster that is there already, as tcp://host:8786. Needs the extra dask.",
        ),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Also those that this version of the detector has looked at already.")
    ] = False,
    data: JournalFolder = None,
) -> None:
    """Look again at every stored recording with the detector of this version.

    What an earlier version said stays beside it, and so does what was said
    in the talk itself. Interrupted, it goes on where it was when it is run
    again. The program that serves this journal has to be stopped first:
    a talk that goes on needs the processors for itself.
    """
    from alerts.people import SERVICE
    from api.cli.whose import opened
    from api.many_processors import ALL, on_dask, on_this_machine
    from api.printable import printable
    from api.reanalysis import reanalyse as look_again
    from api.settings import read_settings
    from hrv.settings import ALGORITHM_VERSION, DetectorSettings

    settings = DetectorSettings(threshold_bpm=read_settings(data_dir=data).threshold_bpm)
    with opened(data) as journal:
        found = journal.timelines.to_analyse(SERVICE, settings, again=again)
        print(_before(ALGORITHM_VERSION, len(found.talks), found.done, found.without_packets), flush=True)
        if not found.talks:
            return
        with on_dask(dask) if dask else on_this_machine(jobs or ALL) as work, _progress(len(found.talks)) as told:
            done = look_again(journal.timelines, settings, found, work, told=told)
    for talk, why in done.failed:
        print(printable(f"flooding: {_named(talk)} {why}"), file=sys.stderr)
    print(_after(ALGORITHM_VERSION, done))
    if done.failed:
        raise SystemExit(1)


def _before(version: str, waiting: int, done: int, without_packets: int) -> str:
    told = [f"Detector version {version}: {waiting:,} to look at, {done:,} looked at already"]
    if without_packets:
        told.append(f"{without_packets:,} without heartbeats stay as they are")
    return "; ".join(told) + "."


def _after(version: str, done: "Reanalysed") -> str:
    told = [f"{done.kept:,} looked at again with version {version}; what was said before is kept beside it"]
    if done.gone:
        told.append(f"{done.gone:,} erased meanwhile")
    if done.failed:
        told.append(f"{len(done.failed):,} not done, and as they were")
    return "; ".join(told) + "."


def _named(talk: "Talk") -> str:
    """Which recording is meant, without whose: an operator need not know."""
    return f"recording {talk.recording_id} of {talk.began_at:%Y-%m-%d %H:%M} UTC"


@contextmanager
def _progress(total: int) -> "Iterator[Told]":
    """A bar on a terminal; else now and then a plain line, on standard error."""
    if not sys.stderr.isatty():
        every = max(1, -(-total // _LINES))

        def line(so_far: "Reanalysed") -> None:
            if so_far.finished % every == 0 or so_far.finished == total:
                print(f"{so_far.finished} of {total}", file=sys.stderr, flush=True)

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=total)
        yield lambda so_far: bar.update(task, completed=so_far.finished)
