"""Recordings in files: any known format in, recognised by its content; the project's own out."""

import gzip
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from sensing.formats import (
    apple_health,
    empatica,
    fatmaxxer,
    fit,
    gpx,
    hrv_logger,
    plain_rr,
    polar_hrm,
    project,
    rr_csv,
    tcx,
)
from sensing.formats.content import Content
from sensing.formats.recorded import BadRecording, Recording, Row, TalkFacts, UnknownFormat, shown
from sensing.formats.table import Table, read_table
from sensing.source import LinkEvent

__all__ = [
    "BadRecording",
    "Recording",
    "Row",
    "TalkFacts",
    "UnknownFormat",
    "project_bytes",
    "read_recordings",
    "recordings",
    "write_project",
]

_FILES: tuple[tuple[Callable[[Content], bool], Callable[[Content], Iterable[Recording]]], ...] = (
    (fit.recognises, fit.read),
    (apple_health.recognises, apple_health.read),
    (tcx.recognises, tcx.read),
    (gpx.recognises, gpx.read),
    (polar_hrm.recognises, polar_hrm.read),
    (empatica.recognises, empatica.read),
    (plain_rr.recognises, plain_rr.read),
)
_TABLES: tuple[tuple[Callable[[Table], bool], Callable[[Table, Content], list[Recording]]], ...] = (
    (project.recognises, project.read),
    (rr_csv.recognises, rr_csv.read),
    (hrv_logger.recognises, hrv_logger.read),
    (fatmaxxer.recognises, fatmaxxer.read),
)


def recordings(path: Path | str) -> Iterator[Recording]:
    """The recordings of a file one by one; gzip or not. A large one is read as it is asked for, so an error may come late.

    Raises:
        BadRecording: the file cannot be read, is of no known format (`UnknownFormat`), or a line of it is unsound. One
            line, for people.
    """
    content = Content(Path(path))
    if not content.head:
        raise content.bad(None, "is empty")
    for recognises, read in _FILES:
        if recognises(content):
            yield from read(content)
            return
    yield from _tabled(content)


def _tabled(content: Content) -> list[Recording]:
    if not content.text.strip():
        raise content.bad(None, "is empty")
    if content.text.lstrip().startswith("<"):
        raise UnknownFormat(
            content.path, 1, "is XML of no known kind; known are TCX, GPX and Apple Health's export.xml"
        )
    table = read_table(content)
    for recognises, read in _TABLES:
        if recognises(table):
            table.check()
            return read(table, content)
    found = ", ".join(shown(column) for column in table.header[:6])
    raise UnknownFormat(
        content.path,
        table.header_at,
        f"is of no known format: found {found}; flooding import --help names those that are read",
    )


def read_recordings(path: Path | str) -> list[Recording]:
    """Every recording in a file, checked to its end before the first is given.

    Raises:
        BadRecording: as `recordings`.
    """
    return list(recordings(path))


def project_bytes(
    rows: Iterable[Row], links: Iterable[LinkEvent] = (), about: Recording | None = None, *, packed: bool
) -> bytes:
    """A file in the project's own format, gzipped if `packed`; arguments as for `sensing.formats.project.write`."""
    content = project.write(list(rows), links, about).encode()
    return gzip.compress(content, mtime=0) if packed else content


def write_project(path: Path | str, rows: Iterable[Row]) -> None:
    """Write `rows` in the project's own format, gzipped when the name ends in `.gz`. Rows without a packet get one."""
    target = Path(path)
    target.write_bytes(project_bytes(rows, packed=target.suffix == ".gz"))
