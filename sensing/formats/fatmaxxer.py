"""FatMaxxer's RR file: `timestamp,rr,since_start`. Newer versions of HRV Logger write the same.

`timestamp` is the phone's clock when the interval arrived, in ms since 1970; it jitters by half a second and runs
backwards now and then. `since_start` is the sum of the intervals, so only `timestamp` knows of gaps.

Source: files of IanPeake/FatMaxxer, one of them in tests/data/fatmaxxer.
"""

from datetime import timedelta

from sensing.formats.content import Content
from sensing.formats.intervals import MS_PER_SECOND, interval_rows, on_clock, rr_ms_in
from sensing.formats.recorded import Recording
from sensing.formats.stamps import from_unix_ms, unix_ms_in
from sensing.formats.table import Table


def recognises(table: Table) -> bool:
    """Whether the header is this format's."""
    return table.has("timestamp", "rr")


def read(table: Table, content: Content) -> list[Recording]:
    """The file's one recording. Raises `BadRecording`."""
    rr_ms = [rr_ms_in(table, line, cells, "rr") for line, cells in table.lines]
    clock_ms = [unix_ms_in(table, line, cells, "timestamp") for line, cells in table.lines]
    ends_s = on_clock(rr_ms, [one / MS_PER_SECOND for one in clock_ms])
    table.seconds(table.lines[-1][0], ends_s[-1])
    began_at = from_unix_ms(clock_ms[0]) - timedelta(milliseconds=rr_ms[0])
    return [Recording(content.path.name, interval_rows(ends_s, rr_ms), began_at)]
