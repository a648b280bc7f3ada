"""HRV Logger's RR file: `date,rr,since start`, a line an interval, with `rr` and `since start` in ms.

`date` says when the interval arrived, by the phone's clock. Beside the file lies one of notes
(`date,timestamp,annotation,manual`), which holds no heartbeats.
"""

from datetime import timedelta

from sensing.formats.content import Content
from sensing.formats.intervals import interval_rows, on_clock, rr_ms_in
from sensing.formats.recorded import Recording, UnknownFormat
from sensing.formats.stamps import stamp_in
from sensing.formats.table import Table


def recognises(table: Table) -> bool:
    """Whether the header is this format's, or that of its notes."""
    return table.has("date", "rr") or _are_notes(table)


def read(table: Table, content: Content) -> list[Recording]:
    """The file's one recording. Raises `BadRecording`."""
    if _are_notes(table):
        raise UnknownFormat(content.path, None, "holds HRV Logger's notes; the heartbeats are in the RR file beside it")
    rr_ms, clock_s = [], []
    began_at = None
    for line, cells in table.lines:
        one = rr_ms_in(table, line, cells, "rr")
        stamp = stamp_in(table, line, cells, "date")
        if began_at is None:
            began_at = stamp - timedelta(milliseconds=one)
        if (stamp.tzinfo is None) != (began_at.tzinfo is None):
            raise table.bad(line, "some dates tell a zone and some do not")
        rr_ms.append(one)
        clock_s.append((stamp - began_at).total_seconds())
    ends_s = on_clock(rr_ms, clock_s)
    table.seconds(table.lines[-1][0], ends_s[-1])
    return [Recording(content.path.name, interval_rows(ends_s, rr_ms), began_at)]


def _are_notes(table: Table) -> bool:
    return table.has("date", "timestamp", "annotation")
