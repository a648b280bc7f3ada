"""`flooding import`: recordings from elsewhere become entries of the journal."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import JournalFolder, TalkStarts, Threshold, Whose
from api.printable import printable

if TYPE_CHECKING:
    from alerts.people import Actor
    from api.importing import Entered, Said
    from journal.journal import Journal

_MOST_LINES_A_FILE = 20
_S_PER_MINUTE = 60


def import_(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders with everything in them.")],
    began: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN", help="When the recording began, as '2026-03-12 20:00'. For one file that does not say."
        ),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(metavar="ZONE", help="Time zone of clocks in files, as Europe/Berlin; default: this computer's."),
    ] = None,
    talk_starts: TalkStarts = None,
    threshold: Threshold = 100.0,
    data: JournalFolder = None,
    person: Whose = None,
) -> None:
    """Keep recordings of other programs, and exported talks, as entries.

    It reads talks that flooding export wrote; RR intervals one a line
    (Kubios, Elite HRV) or in a column rr_ms; HRV Logger; FatMaxxer;
    Polar .hrm; Empatica IBI; FIT; TCX and GPX (heart rate only); Apple
    Health's export.xml or export.zip. A file is recognised by its content,
    gzipped or not. It is stored whole or not at all, and once, however
    often it is imported.
    """
    from api.cli.whose import actor_named, opened
    from api.importing import Said
    from api.settings import BadSetting

    files, from_folders = _files(paths)
    if began is not None and (len(files) != 1 or from_folders):
        raise BadSetting("--began dates one recording: name one file with it")
    said = Said(_moment(began), _zone(zone), talk_starts, threshold, place_is_given=data is not None)
    summary = _Summary(from_folders)
    try:
        with opened(data) as journal:
            actor = actor_named(journal, person)
            with _progress(len(files)) as watch:
                for number, file in enumerate(files, 1):
                    summary.take(file, journal, actor, said, partial(watch, number))
    finally:
        summary.tell()  # also after Ctrl-C: the files before it are in the journal
    if summary.failed:
        raise SystemExit(2)


class _Summary:
    """What became of each file, told when all are done."""

    def __init__(self, from_folders: set[Path]) -> None:
        self.failed = False
        self._from_folders = from_folders
        self._entered: list[list[Entered]] = []
        self._refused: list[str] = []
        self._passed_over: list[str] = []

    def take(self, file: Path, journal: "Journal", actor: "Actor", said: "Said", watch: Callable[[str], None]) -> None:
        """Import a file and note what became of it."""
        from api.cli.errors import in_words
        from api.importing import import_file
        from sensing.recording import BadRecording, UnknownFormat

        watch(file.name)
        try:
            self._entered.append(import_file(journal, actor, file, said, watch=watch))
        except BadRecording as error:
            if isinstance(error, UnknownFormat) and file in self._from_folders:
                self._passed_over.append(str(in_words(error)))
            else:
                self.failed = True
                self._refused.append(str(in_words(error)))

    def tell(self) -> None:
        """The recordings on standard output, what was not imported on standard error."""
        for entered in self._entered:
            for line in _lines(entered):
                print(printable(line))
        for words in self._refused:
            print(f"flooding: {words}", file=sys.stderr)
        for words in self._passed_over:
            print(f"passed over: {words}", file=sys.stderr)
        self._tell_in_sum([one for entered in self._entered for one in entered])

    def _tell_in_sum(self, entered: list["Entered"]) -> None:
        new = sum(one.new for one in entered)
        files = len(self._entered) + len(self._refused) + len(self._passed_over)
        if files == 0:
            print("There are no files.")
        if files > 1:
            told = [f"{new:,} imported", f"{len(entered) - new:,} there already"]
            told += [f"{len(self._refused):,} refused", f"{len(self._passed_over):,} passed over"]
            print(f"{files:,} files. Recordings: {', '.join(told[:2])}. Files: {', '.join(told[2:])}.")
        if any(one.zone_assumed and one.new for one in entered):
            print("A clock without a zone was taken for this computer's; --zone Europe/Berlin would say another.")
        if any(not one.has_intervals and one.new for one in entered):
            print("A recording without RR intervals is kept, but no flood is looked for in a heart rate alone.")


def _lines(entered: list["Entered"]) -> Iterator[str]:
    """A line a recording; one for all of a file that holds many."""
    if len(entered) <= _MOST_LINES_A_FILE:
        for one in entered:
            yield _line(one)
        return
    first, last = min(one.began_at for one in entered), max(one.began_at for one in entered)
    new = sum(one.new for one in entered)
    floods = sum(one.floods for one in entered)
    name = entered[0].name.partition(" [")[0]
    yield (
        f"{name}: {new:,} recordings from {_day(first)} to {_day(last)}, {_counted(floods, 'flood')}"
        + (f"; {len(entered) - new:,} were there already" if new < len(entered) else "")
    )


def _line(one: "Entered") -> str:
    if not one.new:
        return f"{one.name}: there already"
    began = f"{_day(one.began_at)}, {one.began_at:%H:%M}"
    found = _counted(one.floods, "flood") if one.has_intervals else "heart rate only"
    return f"{one.name}: {began}, {_length(one.length_s)}, {found}" + (f"; it {one.note}" if one.note else "")


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"


def _length(length_s: float) -> str:
    if length_s < _S_PER_MINUTE:
        return f"{length_s:.0f} s"
    hours, minutes = divmod(round(length_s / _S_PER_MINUTE), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _counted(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"


def _files(paths: list[Path]) -> tuple[list[Path], set[Path]]:
    """Every file once, in order, and which of them were found in folders. What is hidden stays hidden."""
    files: dict[Path, None] = {}
    found: set[Path] = set()
    for path in paths:
        if not path.is_dir():
            files.setdefault(path)
            continue
        for folder, folders, names in os.walk(path, onerror=_refuse):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            inside = [Path(folder, name) for name in sorted(names) if not name.startswith(".")]
            found.update(file for file in inside if file not in files)
            files.update(dict.fromkeys(inside))
    return list(files), found


def _refuse(error: OSError) -> None:
    """A folder that cannot be looked into is told, and nothing is begun."""
    raise error


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    from api.settings import BadSetting
    from sensing.formats.stamps import stamp_of

    try:
        return stamp_of(text)
    except (ValueError, OverflowError):
        raise BadSetting(f"--began is no time: {text!r}; write it as '2026-03-12 20:00'") from None


def _zone(name: str | None) -> tzinfo | None:
    if name is None:
        return None
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from api.settings import BadSetting

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadSetting(
            f"--zone is no time zone that this computer knows: {name!r}; an example is Europe/Berlin"
        ) from None


@contextmanager
def _progress(files: int) -> Iterator[Callable[[int, str], None]]:
    """A bar on standard error while files are imported; nothing where nobody sees it."""
    if not sys.stderr.isatty():
        yield lambda _number, _name: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=files)

        def tell(number: int, name: str) -> None:
            # drawn at once: a short file would be over before the bar's own turn
            bar.update(task, completed=number - 1, description=escape(printable(name)), refresh=True)

        yield tell
