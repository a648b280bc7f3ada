"""Apple Health's export.xml, or the export.zip around it, streamed: only the day that is being read is in memory.

A watch keeps single heartbeats only inside a record of SDNN, a minute or so every few hours, as
`InstantaneousBeatsPerMinute`: a rate and a time of day. So an interval is known to half a beat a minute, about 1 %, and
the minutes between are gaps. A local day of them is one recording.

The time of day is in the phone's zone and language at the export ("6:14:48.94 PM", "18:14:48,94"), which need not be that of
`startDate`. Zones differ by quarters of an hour, so what stands after the last quarter places a beat beside `startDate`.

Source: the document type definition at the head of every export.xml.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from sensing.formats.content import Content
from sensing.formats.intervals import MS_PER_SECOND, interval_row, is_heartbeat, not_a_heartbeat
from sensing.formats.recorded import MOST_ROWS, Recording, Row, shown
from sensing.formats.stamps import stamp_of
from sensing.formats.table import number
from sensing.formats.xml_stream import Element, elements, root_of

_SDNN = "HKQuantityTypeIdentifierHeartRateVariabilitySDNN"
_RECORD, _BEAT = "Record", "InstantaneousBeatsPerMinute"
_CLOCK = re.compile(r"(\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,6}))?(?:\s*([AP])\.?M\.?)?", re.IGNORECASE)
_QUARTER_S = 900.0
_HALF_DAY_S = 43_200.0
_BEFORE_START_S = 60.0  # a first beat may be dated a little before its record
_LONGEST_PAUSE_S = 600.0  # in one record; its beats are seconds apart, and stragglers are in no order

_Beat = tuple[int, datetime, float]


def recognises(content: Content) -> bool:
    """Whether the outermost tag is this format's."""
    return root_of(content) == "HealthData"


def read(content: Content) -> Iterator[Recording]:
    """Each day with heartbeats is a recording. Raises `BadRecording`."""
    day: list[_Beat] = []
    told = 0
    for beats in _records(content):
        if day and (beats[0][1].date() != day[0][1].date() or beats[0][1] < day[-1][1]):
            yield _recording(content, day)
            told += 1
            day = []
        day += beats
        if len(day) > MOST_ROWS:
            raise content.bad(beats[-1][0], f"has more than {MOST_ROWS:,} heartbeats in a day")
    if day:
        yield _recording(content, day)
    elif not told:
        raise content.bad(None, "holds no single heartbeats; a watch keeps them only with its records of variability")


def _records(content: Content) -> Iterator[list[_Beat]]:
    """The beats of each record that has any: line, moment, interval in ms."""
    record: Element | None = None
    beats: list[Element] = []
    for element in elements(content, frozenset({_RECORD, _BEAT})):
        if element.name == _BEAT:
            if element.began and record is not None:
                beats.append(element)
        elif element.began:
            record, beats = (element if element.attributes.get("type") == _SDNN else None), []
        elif record is not None:
            if beats:
                yield _placed(content, record, beats)
            record = None


def _placed(content: Content, record: Element, beats: list[Element]) -> list[_Beat]:
    start = _start(content, record)
    clock_s = [_time_of_day_s(content, beat) for beat in beats]
    start_s = start.hour * 3600 + start.minute * 60 + start.second
    since_s = [(clock_s[0] - start_s + _BEFORE_START_S) % _QUARTER_S - _BEFORE_START_S]
    for beat, (before_s, after_s) in zip(beats[1:], pairwise(clock_s), strict=True):
        # Half a day: a clock of twelve hours without its AM and PM begins anew at noon.
        step_s = (after_s - before_s) % _HALF_DAY_S
        if step_s > _LONGEST_PAUSE_S:
            raise content.bad(beat.line, f"the time of day jumps to {shown(beat.attributes.get('time', ''))}")
        since_s.append(since_s[-1] + step_s)
    return [
        (beat.line, start + timedelta(seconds=round(s, 3)), _rr_ms(content, beat))
        for beat, s in zip(beats, since_s, strict=True)
    ]


def _start(content: Content, record: Element) -> datetime:
    text = record.attributes.get("startDate", "")
    try:
        start = stamp_of(text)
    except (ValueError, OverflowError):
        raise content.bad(record.line, f"startDate is not a time stamp: {shown(text)}") from None
    if start.tzinfo is None:
        raise content.bad(record.line, f"startDate tells no zone: {shown(text)}")
    return start


def _time_of_day_s(content: Content, beat: Element) -> float:
    text = beat.attributes.get("time", "")
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        raise content.bad(beat.line, f"is not a time of day: {shown(text)}")
    hour = int(found[1]) % 12 + (12 if found[5].upper() == "P" else 0) if found[5] else int(found[1])
    return hour * 3600 + int(found[2]) * 60 + int(found[3]) + float(f"0.{found[4] or 0}")


def _rr_ms(content: Content, beat: Element) -> float:
    bpm = number(content.path, beat.line, "bpm", beat.attributes.get("bpm", ""))
    rr_ms = 60 * MS_PER_SECOND / bpm if bpm > 0 else 0.0
    if not is_heartbeat(rr_ms):
        raise content.bad(beat.line, f"{bpm:g} beats a minute: {not_a_heartbeat(round(rr_ms, 1))}")
    return rr_ms


def _recording(content: Content, day: list[_Beat]) -> Recording:
    began_at = day[0][1] - timedelta(milliseconds=day[0][2])
    rows: list[Row] = [interval_row((moment - began_at).total_seconds(), rr_ms) for _, moment, rr_ms in day]
    return Recording(f"{content.path.name} [{day[0][1]:%Y-%m-%d}]", tuple(rows), began_at)
