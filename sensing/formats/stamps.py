"""Time stamps as programs write them."""

import re
from datetime import UTC, datetime, timedelta

from sensing.formats.recorded import shown
from sensing.formats.table import Table

_SPACED_OFFSET = re.compile(r"\s+([+-]\d\d:?\d\d)$")
_LONGEST_STAMP = 64
_FIRST_YEAR, _LAST_YEAR = 1971, 2199  # far from the edges of the calendar, which have no neighbours in other zones
_FIRST_MS = datetime(2000, 1, 1, tzinfo=UTC).timestamp() * 1000
_LAST_MS = datetime(2100, 1, 1, tzinfo=UTC).timestamp() * 1000


def stamp_of(text: str) -> datetime:
    """The moment that `text` tells; naive where it tells no zone. Raises ValueError, also for a year that has no straps.

    >>> stamp_of("2020-04-10 20:14:05 -0700").isoformat(), stamp_of("2019-10-23 12:54:50.488").isoformat()
    ('2020-04-10T20:14:05-07:00', '2019-10-23T12:54:50.488000')
    """
    if len(text) > _LONGEST_STAMP:
        raise ValueError(f"{len(text)} characters are no time stamp")
    stamp = datetime.fromisoformat(_SPACED_OFFSET.sub(r"\1", text.strip()))
    if not _FIRST_YEAR <= stamp.year <= _LAST_YEAR:
        raise ValueError(f"{stamp.year} is no year of a recording")
    return stamp


def stamp_in(table: Table, line: int, cells: list[str], column: str) -> datetime:
    """The time stamp in `column`. Raises `BadRecording`."""
    text = table.cell(cells, column)
    try:
        return stamp_of(text)
    except (ValueError, OverflowError):
        what = "neither a time stamp nor a number of seconds" if column == "time" else "not a time stamp"
        raise table.bad(line, f"{column} is {what}: {shown(text)}") from None


def unix_ms_in(table: Table, line: int, cells: list[str], column: str) -> float:
    """Milliseconds since 1970 in `column`, of this century. Raises `BadRecording`."""
    value = table.number(line, cells, column)
    if not _FIRST_MS <= value <= _LAST_MS:
        raise table.bad(line, f"{column} is no time in milliseconds since 1970: {table.cell(cells, column)[:40]}")
    return value


def from_unix_ms(value_ms: float) -> datetime:
    """The moment, in UTC."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value_ms)
