"""Delimited text with a header: its columns by name, its lines by number."""

import csv
import io
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sensing.formats.content import Content
from sensing.formats.recorded import LONGEST_S, MOST_ROWS, BadRecording, shown

_LONGEST_NUMBER = 40  # characters


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text.

    Attributes:
        remarks: the lines before the header that begin with "#", without it, and their numbers.
        header_at: the header's line.
        decimal_comma: whether "0,8" is a number: only where the columns are not separated by commas.
    """

    file: Path
    remarks: tuple[tuple[int, str], ...]
    header: tuple[str, ...]
    header_at: int
    lines: tuple[tuple[int, list[str]], ...]
    decimal_comma: bool = False

    def has(self, *columns: str) -> bool:
        """Whether all `columns` are there."""
        return all(column in self.header for column in columns)

    def bad(self, line: int | None, reason: str) -> BadRecording:
        """The error for `line`."""
        return BadRecording(self.file, line, reason)

    def check(self) -> None:
        """Raise `BadRecording` unless there are lines, and each has every column."""
        if not self.lines:
            raise self.bad(None, "has a header but no rows")
        for line, cells in self.lines:
            if len(cells) < len(self.header):
                raise self.bad(line, f"has {len(cells)} of {len(self.header)} columns; the file may be cut off")

    def cell(self, cells: list[str], column: str) -> str:
        """What stands in `column`; nothing where there is no such column."""
        return cells[self.header.index(column)].strip() if column in self.header else ""

    def number(self, line: int, cells: list[str], column: str) -> float:
        """The finite number in `column`. Raises `BadRecording`."""
        return number(self.file, line, column, self.cell(cells, column), decimal_comma=self.decimal_comma)

    def seconds(self, line: int, t_s: float) -> float:
        """`t_s` if it is on a recording's axis. Raises `BadRecording`."""
        return on_axis(self.file, line, t_s)


def number(file: Path, line: int, what: str, text: str, *, decimal_comma: bool = False) -> float:
    """The finite number that `text` is. Raises `BadRecording`."""
    if "," in text and decimal_comma:
        text = text.replace(",", ".", 1)
    try:
        value = float(text) if len(text) <= _LONGEST_NUMBER else None
    except ValueError:
        value = None
    if value is None or "_" in text:  # Python would read 8_00
        hint = "; write decimals with a point" if "," in text else ""
        raise BadRecording(file, line, f"{what} is not a number: {shown(text)}{hint}")
    if not -1e300 < value < 1e300:  # noqa: PLR2004  leaves out nan and both infinities in one comparison
        raise BadRecording(file, line, f"{what} is not a finite number: {shown(text)}")
    return value


def on_axis(file: Path, line: int | str | None, t_s: float) -> float:
    """`t_s` if it is on a recording's axis: 0 to seven days after its beginning. Raises `BadRecording`."""
    if t_s < 0:
        raise BadRecording(file, line, f"t_s is negative: {t_s:.10g}; it counts seconds since the recording began")
    if t_s > LONGEST_S:
        raise BadRecording(
            file,
            line,
            f"{t_s:.10g} s is more than 7 days after the recording began; count seconds from the first row, "
            "and split what is longer",
        )
    return t_s


def read_table(content: Content) -> Table:
    """The file as a table. Raises `BadRecording`."""
    path = content.path
    source = io.StringIO(content.text, newline="")
    remarks, header_at, header_line = _beginning(source)
    delimiter = _delimiter(header_line)
    reader = csv.reader(source, delimiter=delimiter)
    try:
        header = tuple(cell.strip().casefold() for cell in next(csv.reader([header_line], delimiter=delimiter), ()))
        rows = ((header_at + reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells))
        lines = tuple(islice(rows, MOST_ROWS + 1))
    except csv.Error as error:
        raise BadRecording(path, header_at + reader.line_num, f"is not CSV: {error}") from None
    if len(lines) > MOST_ROWS:
        raise BadRecording(path, None, f"has more than {MOST_ROWS:,} rows; split it")
    return Table(path, tuple(remarks), header, header_at, lines, decimal_comma=delimiter != ",")


def _beginning(source: io.StringIO) -> tuple[list[tuple[int, str]], int, str]:
    """The remarks before the header, and the header with its line. Empty lines before it are passed over."""
    remarks: list[tuple[int, str]] = []
    for at, line in enumerate(source, 1):
        if line.startswith("#"):
            remarks.append((at, line[1:].strip()))
        elif line.strip():
            return remarks, at, line
    return remarks, 1, ""


def _delimiter(header_line: str) -> str:
    return next((mark for mark in (",", ";", "\t") if mark in header_line), ",")
