"""A timeline as it is stored: three parts, so that a review reads the small one without the others.

`facts` and `minutes` are JSON, which gives every float back exactly. `trace` is the second-by-second columns: heart rate
and RMSSD as little-endian doubles with NaN for None, motion as 32-bit whole numbers with -1 for None. Bytes of the same
place stand together before compression, because it is the leading ones that repeat from second to second.
"""

import struct
import sys
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, fields
from math import isnan, nan
from typing import Literal

from pydantic import TypeAdapter

from hrv.coming_down import Recovery
from hrv.minutes import Minute
from hrv.near_miss import NearMiss
from hrv.phases import Phase
from hrv.reading import Baseline, Episode, Threshold
from hrv.trace import Gap, Point
from journal.timeline import Timeline

_COUNTS = struct.Struct("<II")  # seconds with a heart rate column, seconds with a motion column
_LEVEL = 6


@dataclass(frozen=True, slots=True)
class TimelineFacts:
    """A timeline without its seconds: what reviews are made from. Names as in `Timeline`."""

    phases: list[Phase]
    gaps: list[Gap]
    episodes: list[Episode]
    near_misses: list[NearMiss]
    threshold: Threshold
    baseline: Baseline | None
    peak: Point | None
    near_usual_bpm: float | None
    near_usual_from_s: int | None
    recoveries: list[Recovery]


_FACTS = TypeAdapter(TimelineFacts)
_MINUTES = TypeAdapter(list[Minute])
_NAMES = [field.name for field in fields(TimelineFacts)]


@dataclass(frozen=True, slots=True)
class TimelineBytes:
    """The three parts."""

    facts: str
    minutes: str
    trace: bytes


def encode(found: Timeline) -> TimelineBytes:
    """The timeline as its three parts. `decode` gives back an equal one."""
    facts = TimelineFacts(**{name: getattr(found, name) for name in _NAMES})
    columns = [
        _doubles([point.heart_rate_bpm for point in found.points]),
        _doubles([point.rmssd_ms for point in found.points]),
        _wholes(found.motion_mg),
    ]
    counts = _COUNTS.pack(len(found.points), len(found.motion_mg))
    return TimelineBytes(
        _FACTS.dump_json(facts).decode(),
        _MINUTES.dump_json(found.minutes).decode(),
        zlib.compress(counts + b"".join(columns), _LEVEL),
    )


def decode(stored: TimelineBytes) -> Timeline:
    """The timeline of three stored parts. Raises `ValueError` or `zlib.error` when they are not those of one."""
    facts = facts_of(stored.facts)
    bpm, rmssd_ms, motion_mg = columns_of(stored.trace)
    return Timeline(
        points=list(map(Point, range(len(bpm)), bpm, rmssd_ms)),
        minutes=_MINUTES.validate_json(stored.minutes),
        motion_mg=motion_mg,
        **{name: getattr(facts, name) for name in _NAMES},
    )


def facts_of(text: str) -> TimelineFacts:
    """The small part alone. Raises `ValueError`."""
    return _FACTS.validate_json(text)


def columns_of(trace: bytes) -> tuple[list[float | None], list[float | None], list[int | None]]:
    """Heart rate, RMSSD and motion of every second. Raises `ValueError` or `zlib.error`."""
    raw = zlib.decompress(trace)
    seconds, moved = _COUNTS.unpack_from(raw)
    at = _COUNTS.size
    if len(raw) != at + 16 * seconds + 4 * moved:
        raise ValueError(f"a stored trace of {seconds} and {moved} seconds has {len(raw)} bytes")
    bpm, rmssd_ms = (_read("d", raw[at + 8 * seconds * n : at + 8 * seconds * (n + 1)]) for n in (0, 1))
    motion_mg = _read("i", raw[at + 16 * seconds :])
    return (
        [None if isnan(value) else value for value in bpm],
        [None if isnan(value) else value for value in rmssd_ms],
        [None if value < 0 else int(value) for value in motion_mg],
    )


def _doubles(values: Sequence[float | None]) -> bytes:
    return _written(array("d", [nan if value is None else value for value in values]))


def _wholes(values: Sequence[int | None]) -> bytes:
    return _written(array("i", [-1 if value is None else value for value in values]))


def _written(column: "array[float] | array[int]") -> bytes:
    if sys.byteorder == "big":
        column.byteswap()
    raw, size = column.tobytes(), column.itemsize
    return b"".join(raw[place::size] for place in range(size))


def _read(kind: Literal["d", "i"], apart: bytes) -> "array[float] | array[int]":
    column: array[float] | array[int] = array("d") if kind == "d" else array("i")
    size = column.itemsize
    raw, length = bytearray(len(apart)), len(apart) // size
    for place in range(size):
        raw[place::size] = apart[place * length : (place + 1) * length]
    column.frombytes(raw)
    if sys.byteorder == "big":
        column.byteswap()
    return column
