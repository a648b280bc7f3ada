"""Polar's `.hrm`: text in sections, with the values in the last one, `[HRData]`.

`Interval=238` in `[Params]` means RR intervals in ms; a small number means one heart rate every so many seconds, first on
its line. `Date` and `StartTime` are the watch's clock, without a zone. Source: Polar HRM2 File Format Description 1.4.
"""

from datetime import datetime

from sensing.formats.content import Content
from sensing.formats.intervals import (
    FASTEST_BPM,
    heart_rate_row,
    interval_rows,
    is_heartbeat,
    not_a_heartbeat,
    one_after_the_other,
)
from sensing.formats.recorded import MOST_ROWS, Recording, Row, shown
from sensing.formats.table import number, on_axis

_INTERVALS = 238
_LAPS_ONLY = 204
_LONGEST_STEP_S = 60

_Numbered = list[tuple[int, str]]
_Params = dict[str, tuple[int, str]]


def recognises(content: Content) -> bool:
    """Whether it begins with this format's first section."""
    return content.head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[Params]")


def read(content: Content) -> list[Recording]:
    """The file's one recording. Raises `BadRecording`."""
    sections = _sections(content)
    if "hrdata" not in sections:
        raise content.bad(None, "has no section [HRData]; the file may be cut off")
    data, params = sections["hrdata"], _params(sections)
    if not data:
        raise content.bad(None, "has no values after [HRData]; the file may be cut off")
    if len(data) > MOST_ROWS:
        raise content.bad(None, f"has more than {MOST_ROWS:,} rows; split it")
    line, step = _interval(content, params)
    if step == _INTERVALS:
        rows = _interval_rows(content, data)
    elif 0 < step <= _LONGEST_STEP_S:
        rows = _heart_rate_rows(content, data, step)
    else:
        why = "holds lap times only" if step == _LAPS_ONLY else f"has an Interval that is not known: {step}"
        raise content.bad(line, f"{why}; Interval must be 238 (RR) or 1 to 60 (seconds)")
    return [Recording(content.path.name, rows, _began_at(content, params))]


def _sections(content: Content) -> dict[str, _Numbered]:
    if b"\0" in content.whole:
        raise content.bad(None, "holds bytes that are no text; the file is damaged")
    # Notes are in whatever code page the computer had; the rest is ASCII, which latin-1 leaves alone.
    text = content.whole.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    sections: dict[str, _Numbered] = {}
    section: _Numbered = []
    for line, one in content.lines(text):
        if one.startswith("[") and one.endswith("]"):
            section = sections.setdefault(one[1:-1].casefold(), [])
        else:
            section.append((line, one))
    return sections


def _params(sections: dict[str, _Numbered]) -> _Params:
    split = [(line, text.partition("=")) for line, text in sections.get("params", [])]
    return {name.strip().casefold(): (line, value) for line, (name, _, value) in split}


def _interval_rows(content: Content, data: _Numbered) -> tuple[Row, ...]:
    rr_ms = []
    for line, text in data:
        one = number(content.path, line, "the RR interval", text.split("\t")[0])
        if not is_heartbeat(one):
            raise content.bad(line, f"{not_a_heartbeat(one)}; this format has milliseconds")
        rr_ms.append(one)
    ends_s = one_after_the_other(rr_ms)
    on_axis(content.path, data[-1][0], ends_s[-1])
    return interval_rows(ends_s, rr_ms)


def _heart_rate_rows(content: Content, data: _Numbered, step_s: int) -> tuple[Row, ...]:
    rows = []
    for count, (line, text) in enumerate(data, 1):
        bpm = number(content.path, line, "the heart rate", text.split()[0])
        if not (0 <= bpm <= FASTEST_BPM and bpm == int(bpm)):
            raise content.bad(line, f"a heart rate of {bpm:g} is none (expected 0 to {FASTEST_BPM}, 0 for none)")
        rows.append(heart_rate_row(on_axis(content.path, line, float(count * step_s)), int(bpm)))
    return tuple(rows)


def _interval(content: Content, params: _Params) -> tuple[int, int]:
    """What one value stands for, and the line that says so."""
    if "interval" not in params:
        raise content.bad(None, "has no Interval in [Params]")
    line, value = params["interval"]
    value = value.strip()
    if not (value.isascii() and value.isdecimal() and len(value) < 10):  # noqa: PLR2004  more is no parameter
        raise content.bad(line, f"Interval is no number: {shown(value)}")
    return line, int(value)


def _began_at(content: Content, params: _Params) -> datetime | None:
    if "date" not in params or "starttime" not in params:
        return None
    line, date = params["date"]
    time = params["starttime"][1]
    form = "%Y%m%d %H:%M:%S.%f" if "." in time else "%Y%m%d %H:%M:%S"
    try:
        return datetime.strptime(f"{date.strip()} {time.strip()}", form)  # noqa: DTZ007  the watch's clock, without a zone
    except ValueError:
        raise content.bad(line, f"Date and StartTime are no time: {shown(f'{date} {time}')}") from None
