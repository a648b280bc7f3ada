"""What every file format is read into."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sensing.measurement import HeartRateMeasurement

LONGEST_S = 7 * 24 * 3600.0  # the detector counts no further


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a recording.

    Attributes:
        t_s: seconds since the recording began. Never runs backwards; more than a beat without a row is a gap.
        measurement: what was measured.
        packet: the notification's bytes; None when the file holds intervals only.
        motion_mg: mean amplitude deviation of acceleration over that second, in mg; None where nothing measured it.
    """

    t_s: float
    measurement: HeartRateMeasurement
    packet: bytes | None = None
    motion_mg: int | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """One wearer's stretch of data, checked from the first row to the last.

    Attributes:
        name: the file's name, with subject and task when the file holds several recordings.
        content: its rows, oldest first; at least one.
    """

    name: str
    content: tuple[Row, ...]

    def rows(self) -> Iterator[Row]:
        """The rows, oldest first."""
        return iter(self.content)


class BadRecording(ValueError):
    """A file that is not a recording, or not a sound one. Says on one line which file, which line and why."""

    def __init__(self, file: Path, line: int | None, reason: str) -> None:
        super().__init__(file, line, reason)
        self.file = file
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        where = f"{self.file}" if self.line is None else f"{self.file}, line {self.line}"
        return f"{where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file as text: its header, and its lines with their numbers."""

    file: Path
    header: tuple[str, ...]
    lines: tuple[tuple[int, list[str]], ...]

    def has(self, *columns: str) -> bool:
        """Whether all `columns` are there."""
        return all(column in self.header for column in columns)

    def bad(self, line: int | None, reason: str) -> BadRecording:
        """The error for `line`."""
        return BadRecording(self.file, line, reason)

    def number(self, line: int, cells: list[str], column: str) -> float:
        """The finite number in `column`. Raises `BadRecording`."""
        text = cells[self.header.index(column)].strip()
        try:
            value = float(text)
        except ValueError:
            raise self.bad(line, f"{column} is not a number: {shown(text)}") from None
        if not -1e300 < value < 1e300:  # noqa: PLR2004  leaves out nan and both infinities in one comparison
            raise self.bad(line, f"{column} is not a finite number: {shown(text)}")
        return value

    def seconds(self, line: int, t_s: float) -> float:
        """`t_s` if it is on a recording's axis: 0 to seven days after its beginning. Raises `BadRecording`."""
        if t_s < 0:
            raise self.bad(line, f"t_s is negative: {t_s:.10g}; it counts seconds since the recording began")
        if t_s > LONGEST_S:
            raise self.bad(
                line,
                f"{t_s:.10g} s is more than 7 days after the recording began; count seconds from the first row, "
                "and split what is longer",
            )
        return t_s


def shown(text: str) -> str:
    """`text` from a file, safe and short enough for a one-line message."""
    return repr(text if len(text) <= 40 else text[:40] + "…")  # noqa: PLR2004  about half a line
