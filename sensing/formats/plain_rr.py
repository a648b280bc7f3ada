"""One RR interval a line, with or without a header: what Kubios reads and writes, and Elite HRV exports.

The unit is ms or s, whichever makes heartbeats of most of the numbers; a header that names the other one is refused.
Elite HRV tells when a recording began in the file's name alone ("2026-03-12 20-15-00.txt", the phone's clock).
"""

import re
from datetime import datetime

from sensing.formats.content import Content
from sensing.formats.intervals import (
    in_ms,
    interval_rows,
    is_heartbeat,
    not_a_heartbeat,
    one_after_the_other,
    unit_of,
)
from sensing.formats.recorded import MOST_ROWS, Recording
from sensing.formats.table import number, on_axis

_NUMBER = re.compile(r"[-+]?(\d+[.,]?\d*|[.,]\d+)(e[-+]?\d+)?|[-+]?(nan|inf(inity)?)", re.IGNORECASE)
_HEADER = re.compile(
    r"[#\"\s]*(rr|r-r|rri|ibi|nn|hrv)\b[\w\s-]*(?P<unit>[(\[/ _](ms|msec|s|sec|µs|us)[)\]]?)?[\"\s]*", re.IGNORECASE
)
_UNIT_WORDS = {
    "ms": "milliseconds",
    "msec": "milliseconds",
    "s": "seconds",
    "sec": "seconds",
    "µs": "microseconds",
    "us": "microseconds",
}
_NAMED_BY_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ _T](\d\d)[-.:](\d\d)[-.:](\d\d)")
_READABLE = {"milliseconds", "seconds"}
_LONGEST = 80  # characters of a header or a number: on longer ones the patterns would take their time


def recognises(content: Content) -> bool:
    """Whether the first lines are one number each, after a header at most."""
    if content.is_binary:
        return False
    lines = [text for _, text in content.lines(_whole_lines(content))]
    if not lines:
        return False
    if _header(lines[0]) and "rr_ms" not in lines[0].casefold():
        return len(lines) < 2 or _is_number(lines[1])  # noqa: PLR2004  a header and the first number
    return _is_number(lines[0])


def read(content: Content) -> list[Recording]:
    """The file's one recording. Raises `BadRecording`."""
    named, values = _values(content)
    if not values:
        raise content.bad(None, "has a header but no rows")
    if len(values) > MOST_ROWS:
        raise content.bad(None, f"has more than {MOST_ROWS:,} rows; split it")
    unit = _unit(content, named, [value for _, value in values])
    rr_ms = []
    for line, value in values:
        one = in_ms(value, unit)
        if not is_heartbeat(one):
            raise content.bad(line, f"{not_a_heartbeat(one)}{_mixed(value, unit)}")
        rr_ms.append(one)
    ends_s = one_after_the_other(rr_ms)
    on_axis(content.path, values[-1][0], ends_s[-1])
    return [Recording(content.path.name, interval_rows(ends_s, rr_ms), _began_at(content.path.name))]


def _is_number(text: str) -> bool:
    return len(text) <= _LONGEST and bool(_NUMBER.fullmatch(text))


def _header(text: str) -> re.Match[str] | None:
    return _HEADER.fullmatch(text) if len(text) <= _LONGEST else None


def _whole_lines(content: Content) -> str:
    """The beginning without its last line, which may be half of one."""
    return content.beginning if content.beginning_is_all else content.beginning.rsplit("\n", 1)[0]


def _values(content: Content) -> tuple[str | None, list[tuple[int, float]]]:
    """The unit that the header names, and each number with its line."""
    named: str | None = None
    values: list[tuple[int, float]] = []
    for line, text in content.lines():
        header = None if values else _header(text)
        if header:
            named = _UNIT_WORDS.get((header["unit"] or "").strip("()[]/ _").casefold())
            continue
        values.append((line, number(content.path, line, "the RR interval", text.strip('"'))))
    return named, values


def _unit(content: Content, named: str | None, values: list[float]) -> str:
    looks = unit_of(values)
    if named is not None and looks != named:
        raise content.bad(1, f"names {named}, but the numbers look like {looks or 'no heartbeats'}")
    if looks in _READABLE:
        return str(looks)
    if looks is None:
        return "milliseconds"  # the first line that is no heartbeat is told
    raise content.bad(1, f"looks like {looks}; this takes RR intervals in milliseconds or seconds")


def _mixed(value: float, unit: str) -> str:
    other = unit_of([value])
    return f"; {value:g} looks like {other} among {unit}" if other not in {None, unit} else ""


def _began_at(name: str) -> datetime | None:
    found = _NAMED_BY_TIME.search(name)
    if not found:
        return None
    try:
        return datetime.fromisoformat(f"{found[1]}T{found[2]}:{found[3]}:{found[4]}")
    except ValueError:
        return None
