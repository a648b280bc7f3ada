"""Empatica's IBI.csv: a table without a header of its own.

The first line is when the session began, in s since 1970 in UTC, and the word IBI; each other line is when an interval
ended, in s since then, and how long it was, in s. Beats that were not seen are left out: gaps.

Source: the info.txt that Empatica puts beside the file.
"""

import re
from datetime import UTC, datetime, timedelta

from sensing.formats.content import Content
from sensing.formats.intervals import MS_PER_SECOND, interval_row, is_heartbeat, not_a_heartbeat
from sensing.formats.recorded import MOST_ROWS, Recording, Row
from sensing.formats.table import number, on_axis

_FIRST_LINE = re.compile(rb"\s*(?:\xef\xbb\xbf)?(\d{1,10}(?:\.\d{1,12})?)\s*,\s*IBI\s*$", re.IGNORECASE)


def recognises(content: Content) -> bool:
    """Whether the first line is this format's."""
    return bool(_FIRST_LINE.match(content.head.split(b"\n", 1)[0]))


def read(content: Content) -> list[Recording]:
    """The file's one recording. Raises `BadRecording`."""
    (_, first), *lines = content.lines()
    began_at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(first.split(",")[0]))
    rows: list[Row] = []
    for line, text in lines:
        rows.append(_row(content, line, text, rows[-1].t_s if rows else 0.0))
    if not rows:
        raise content.bad(None, "has a header but no rows")
    if len(rows) > MOST_ROWS:
        raise content.bad(None, f"has more than {MOST_ROWS:,} rows; split it")
    return [Recording(content.path.name, tuple(rows), began_at)]


def _row(content: Content, line: int, text: str, latest_s: float) -> Row:
    cells = text.split(",")
    if len(cells) != 2:  # noqa: PLR2004  time and interval
        raise content.bad(line, f"has {len(cells)} of 2 columns; the file may be cut off")
    end_s, rr_s = (
        number(content.path, line, what, cell.strip()) for what, cell in zip(("the time", "IBI"), cells, strict=True)
    )
    if not is_heartbeat(rr_s * MS_PER_SECOND):
        raise content.bad(line, f"{not_a_heartbeat(rr_s * MS_PER_SECOND)}; this format has seconds")
    if on_axis(content.path, line, end_s) < latest_s:
        raise content.bad(line, f"the time runs backwards, by {latest_s - end_s:g} s")
    return interval_row(end_s, rr_s * MS_PER_SECOND)
