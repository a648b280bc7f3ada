"""`flooding analyse`: every figure of finished recordings, for people, as JSON, and as a page."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import Files, TalkStarts, Threshold
from api.printable import printable

if TYPE_CHECKING:
    from rich.console import Console

    from hrv.summary import Summary
    from sensing.recording import Recording

WIDTH_WITHOUT_A_TERMINAL = 100


def analyse(
    files: Files,
    talk_starts: TalkStarts = None,
    threshold: Threshold = 100.0,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a recording, each on one line.")] = False,
    html: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Also write a page with charts; it opens without a network.")
    ] = None,
) -> None:
    """Measure recordings: artifacts, floods, near misses, and heart-rate variability phase by phase."""
    from api.report.write import checked_target

    target = checked_target(html, files) if html else None
    sections, unread = [], list[Path]()
    for file, recording, summary in _summaries(files, talk_starts, threshold, unread):
        if as_json:
            print(_json(file, recording, summary))
        else:
            _print(_title(file, recording), summary)
        sys.stdout.flush()
        if target:
            from api.report.page import section

            sections.append(section(recording.name, summary))
    if target and sections:
        from api.report.page import page
        from api.whole_file import write_whole

        write_whole(target, page(sections))
        print(f"the page is in {printable(str(html))}", file=sys.stderr)
    if unread:
        raise SystemExit(2)


def _summaries(
    files: list[Path], talk_starts_s: float | None, threshold_bpm: float, unread: list[Path]
) -> Iterator[tuple[Path, "Recording", "Summary"]]:
    """Every recording with its summary, one after the other: only one is in memory at a time.

    A file that cannot be read is told of and noted in `unread`; the others are not lost by it.
    """
    from api.cli.errors import in_words
    from api.notes import talk_start_within, without_intervals
    from api.samples import samples_of
    from hrv.retrace import Mark, MarkKind
    from hrv.settings import DetectorSettings
    from hrv.summary import summarise
    from sensing.recording import BadRecording, read_recordings

    settings = DetectorSettings(threshold_bpm=threshold_bpm)
    for number, file in enumerate(files, 1):
        of_files = f"file {number} of {len(files)}, " if len(files) > 1 else ""
        try:
            recordings = read_recordings(file)
        except BadRecording as error:
            print(f"flooding: {in_words(error)}", file=sys.stderr)
            unread.append(file)
            continue
        for recording in recordings:
            starts_s, note = talk_start_within(recording.content[-1].t_s, talk_starts_s)
            for one in filter(None, (note, without_intervals(recording))):
                print(printable(f"{recording.name} {one}"), file=sys.stderr)
            marks = [] if starts_s is None else [Mark(starts_s, MarkKind.TOPIC)]
            with _progress(of_files + recording.name) as progress:
                summary = summarise(samples_of(recording), marks, settings, progress=progress)
            yield file, recording, summary


@contextmanager
def _progress(what: str) -> Iterator[Callable[[float], None]]:
    """A bar on standard error while a recording is worked on; nothing where nobody sees it."""
    if not sys.stderr.isatty():
        yield lambda _share: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task(escape(printable(what)), total=1.0)
        yield lambda share: bar.update(task, completed=share)


def _json(file: Path, recording: "Recording", summary: "Summary") -> str:
    from api.report.facts import analysis_facts

    names: dict[str, Any] = {"file": str(file)}
    if recording.name != file.name:
        names["recording"] = recording.name
    return json.dumps(names | {"analysis": analysis_facts(summary)}, allow_nan=False)


def _print(title: str, summary: "Summary") -> None:
    from api.report.terminal import print_analysis

    console = _console()
    with console.capture() as told:
        print_analysis(console, title, summary)
    print("\n".join(line.rstrip() for line in told.get().splitlines()))


def _console() -> "Console":
    from rich.console import Console

    known = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(width=None if known else WIDTH_WITHOUT_A_TERMINAL, markup=False, highlight=False)


def _title(file: Path, recording: "Recording") -> str:
    return printable(f"{file}" if recording.name == file.name else f"{file.parent / recording.name}")
