"""Recordings in files: any known format in, the project's own out."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from sensing.formats import project, rr_csv
from sensing.formats.recorded import BadRecording, Recording, Row, Table, shown
from sensing.measurement import pack

__all__ = ["BadRecording", "Recording", "Row", "read_recordings", "write_project"]

_FORMATS: tuple[tuple[Callable[[Table], bool], Callable[[Table], list[Recording]]], ...] = (
    (project.recognises, project.read),
    (rr_csv.recognises, rr_csv.read),
)
_GZIP_MAGIC = b"\x1f\x8b"
_LARGEST_BYTES = 1 << 26
_MOST_ROWS = 1_000_000  # a week of heartbeats; more would not fit into a small computer's memory


def read_recordings(path: Path | str) -> list[Recording]:
    """Every recording in a file, recognised by its content; gzip or not.

    Raises:
        BadRecording: the file cannot be read, is of no known format, or a line of it is unsound. One line, for people.
    """
    table = _table(Path(path))
    for recognises, read in _FORMATS:
        if recognises(table):
            if not table.lines:
                raise table.bad(None, "has a header but no rows")
            return read(table)
    found = ", ".join(shown(column) for column in table.header[:6])
    raise table.bad(1, f"needs the columns t_s and packet, or a column rr_ms; found {found}")


def _table(path: Path) -> Table:
    reader = csv.reader(io.StringIO(_text(path), newline=""))
    try:
        header = tuple(cell.strip().casefold() for cell in next(reader, ()))
        rows = ((reader.line_num, cells) for cells in reader if cells)
        lines = tuple(islice(rows, _MOST_ROWS + 1))
    except csv.Error as error:
        raise BadRecording(path, reader.line_num, f"is not CSV: {error}") from None
    if len(lines) > _MOST_ROWS:
        raise BadRecording(path, None, f"has more than {_MOST_ROWS:,} rows; split it")
    if not any(header):
        raise BadRecording(path, None, "is empty")
    for line, cells in lines:
        if len(cells) < len(header):
            raise BadRecording(path, line, f"has {len(cells)} of {len(header)} columns")
    return Table(path, header, lines)


def _text(path: Path) -> str:
    try:
        text = _bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise BadRecording(path, None, "is a binary file; a recording is CSV text, gzipped or not")
    return text


def _bytes(path: Path) -> bytes:
    """The file's content, unpacked."""
    try:
        if path.exists() and not path.is_file():
            raise BadRecording(path, None, "is not a file")
        with path.open("rb") as file:
            content = file.read(_LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise BadRecording(path, None, "there is no such file") from None
    except (OSError, ValueError) as error:
        if isinstance(error, BadRecording):
            raise
        raise BadRecording(path, None, f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if content.startswith(_GZIP_MAGIC):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as unpacked:
                content = unpacked.read(_LARGEST_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise BadRecording(path, None, f"is a damaged gzip file: {error}") from None
    if len(content) > _LARGEST_BYTES:
        raise BadRecording(path, None, f"is larger than {_LARGEST_BYTES >> 20} MB; split it")
    return content


def write_project(path: Path | str, rows: Iterable[Row]) -> None:
    """Write `rows` in the project's own format, gzipped when the name ends in `.gz`. Rows without a packet get one."""
    rows = list(rows)
    with_motion = any(row.motion_mg is not None for row in rows)
    lines = ["t_s,packet,motion_mg" if with_motion else "t_s,packet"]
    for row in rows:
        packet = row.packet if row.packet is not None else pack(row.measurement)
        motion = f",{'' if row.motion_mg is None else row.motion_mg}" if with_motion else ""
        lines.append(f"{row.t_s:.3f},{packet.hex()}{motion}")
    content = ("\n".join(lines) + "\n").encode()
    target = Path(path)
    target.write_bytes(gzip.compress(content, mtime=0) if target.suffix == ".gz" else content)
