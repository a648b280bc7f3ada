"""Any CSV with a column `rr_ms`: one RR interval in milliseconds a line.

A column `t_s` (seconds) or `time` (time stamps, or seconds) says when, so that gaps are seen; without one the intervals
follow each other. Programs write the moment at which the interval ends or the one at which it begins: which of the two
is found by looking which of them the intervals fit. `t_s` is taken as seconds since the recording began; one that
starts beyond seven days is some clock's reading (such as seconds since 1970) and is counted from its first row, as
`time` always is. Time stamps also tell when the recording began. A change of `subject` or `task` begins a new recording.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import accumulate, groupby, pairwise
from statistics import median

from sensing.formats.content import Content
from sensing.formats.intervals import (
    MS_PER_SECOND,
    interval_rows,
    is_heartbeat,
    not_a_heartbeat,
    one_after_the_other,
    unit_of,
)
from sensing.formats.recorded import LONGEST_S, BadRecording, Recording, Row
from sensing.formats.stamps import stamp_in
from sensing.formats.table import Table

_Lines = Sequence[tuple[int, list[str]]]


def recognises(table: Table) -> bool:
    """Whether the header is this format's."""
    return table.has("rr_ms")


def read(table: Table, content: Content) -> list[Recording]:  # noqa: ARG001  every table format is read alike
    """The file's recordings. Raises `BadRecording`."""
    labels = [table.header.index(column) for column in ("subject", "task") if table.has(column)]
    stretches = [
        (" ".join(label), list(lines))
        for label, lines in groupby(table.lines, key=lambda line: [line[1][at].strip() for at in labels])
    ]
    names = _names(table.file.name, [label for label, _ in stretches])
    return [
        Recording(name, _rows(table, lines), _began_at(table, lines))
        for name, (_, lines) in zip(names, stretches, strict=True)
    ]


def _names(file_name: str, labels: list[str]) -> list[str]:
    """A name for each recording, different from the others."""
    if len(labels) == 1:
        return [file_name]
    counted = [labels[:at].count(label) for at, label in enumerate(labels)]
    return [
        f"{file_name} [{label}{f', {count + 1}' if count else ''}]"
        for label, count in zip(labels, counted, strict=True)
    ]


def _rows(table: Table, lines: _Lines) -> tuple[Row, ...]:
    rr_ms = [_rr_ms(table, line, cells) for line, cells in lines]
    ends_s = _ends_s(table, lines, rr_ms)
    for (line, _), end_s in zip(lines, ends_s, strict=True):
        table.seconds(line, end_s)
    return interval_rows(ends_s, rr_ms)


def _rr_ms(table: Table, line: int, cells: list[str]) -> float:
    rr_ms = table.number(line, cells, "rr_ms")
    if not is_heartbeat(rr_ms):
        raise table.bad(line, f"{not_a_heartbeat(rr_ms)}{_unit_hint(table)}")
    return rr_ms


def _unit_hint(table: Table) -> str:
    """A guess at the unit when the whole column is in another one."""
    numbers = []
    for line, cells in table.lines:
        with suppress(BadRecording):
            numbers.append(table.number(line, cells, "rr_ms"))
    unit = unit_of(numbers)
    return "" if unit in {None, "milliseconds"} else f"; the column looks like {unit}"


def _began_at(table: Table, lines: _Lines) -> datetime | None:
    """The moment of the first row, from which `time` is counted; None where it is no time stamp."""
    if table.has("t_s") or not table.has("time"):
        return None
    with suppress(BadRecording):
        table.number(*lines[0], "time")
        return None
    return stamp_in(table, *lines[0], "time")


def _ends_s(table: Table, lines: _Lines, rr_ms: list[float]) -> list[float]:
    """When each interval ended, on the recording's axis."""
    rr_s = [one / MS_PER_SECOND for one in rr_ms]
    if table.has("t_s"):
        times_s = [table.number(line, cells, "t_s") for line, cells in lines]
        if times_s[0] > LONGEST_S:
            times_s = _since_first_s(times_s)
    elif table.has("time"):
        times_s = _since_first_s([_moment_s(table, line, cells) for line, cells in lines])
    else:
        return one_after_the_other(rr_ms)
    for (line, _), (before_s, after_s) in zip(lines[1:], pairwise(times_s), strict=True):
        if after_s < before_s:
            raise table.bad(line, f"the time runs backwards, by {before_s - after_s:g} s")
    if _are_milliseconds(times_s, rr_s):
        raise table.bad(lines[0][0], "the time looks like milliseconds; write it in seconds")
    if not _are_beginnings(times_s, rr_s):
        return times_s
    return list(accumulate((begin_s + one for begin_s, one in zip(times_s, rr_s, strict=True)), max))


def _since_first_s(moments_s: list[float]) -> list[float]:
    return [moment_s - moments_s[0] for moment_s in moments_s]


def _moment_s(table: Table, line: int, cells: list[str]) -> float:
    """A time stamp, or a number of seconds, as seconds from some fixed moment."""
    with suppress(BadRecording):
        return table.number(line, cells, "time")  # first: the digits of a number can pass for a date
    stamp = stamp_in(table, line, cells, "time")
    # Stamps with a zone are compared in UTC, as the zone's offset can change on the way; others as they are.
    return (stamp - datetime(1970, 1, 1, tzinfo=stamp.tzinfo and UTC)).total_seconds()


def _are_beginnings(times_s: list[float], rr_s: list[float]) -> bool:
    """Whether the times fit better as the moments at which the intervals began."""
    if len(times_s) < 3:  # noqa: PLR2004  two steps are the least that can differ
        return False
    steps_s = [after_s - before_s for before_s, after_s in pairwise(times_s)]
    as_ends_s = median(abs(step_s - one) for step_s, one in zip(steps_s, rr_s[1:], strict=True))
    as_beginnings_s = median(abs(step_s - one) for step_s, one in zip(steps_s, rr_s[:-1], strict=True))
    return as_beginnings_s < as_ends_s / 2


def _are_milliseconds(times_s: list[float], rr_s: list[float]) -> bool:
    """Whether most steps are a thousand times as long as the intervals."""
    if len(times_s) < 3:  # noqa: PLR2004  two steps are the least that can be told
        return False
    steps_per_rr = median(
        (after_s - before_s) / one for (before_s, after_s), one in zip(pairwise(times_s), rr_s[1:], strict=True)
    )
    return MS_PER_SECOND / 2 < steps_per_rr < MS_PER_SECOND * 2
