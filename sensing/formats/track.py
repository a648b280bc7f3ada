"""Heart rates with time stamps, as tracks of sports watches hold them: TCX and GPX differ in the names of their tags only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sensing.formats.content import Content
from sensing.formats.intervals import FASTEST_BPM, heart_rate_row
from sensing.formats.recorded import MOST_ROWS, Recording, Row, shown
from sensing.formats.stamps import stamp_of
from sensing.formats.table import number, on_axis
from sensing.formats.xml_stream import elements


@dataclass(frozen=True, slots=True)
class Tags:
    """The names of a format's tags: a track, a point of it, and the point's time and heart rate."""

    track: str
    point: str
    time: str
    heart_rate: str


def tracks(content: Content, tags: Tags) -> Iterator[Recording]:
    """Each track with heart rates is a recording. Raises `BadRecording`."""
    reader = _Reader(content)
    told = False
    for element in elements(content, frozenset({tags.track, tags.point, tags.time, tags.heart_rate})):
        if element.began:
            if element.name == tags.point:
                reader.begin_point(element.line)
        elif element.name == tags.time:
            reader.hear_time(element.line, element.text)
        elif element.name == tags.heart_rate:
            reader.hear_heart_rate(element.line, element.text)
        elif element.name == tags.point:
            reader.end_point(element.line)
        elif recording := reader.end_track():
            told = True
            yield recording
    if not told:
        raise content.bad(None, "holds no heart rate; it was recorded without a strap")


class _Reader:
    """One track after the other, point by point."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._in_point = False
        self._time: datetime | None = None
        self._bpm: int | None = None
        self._began_at: datetime | None = None
        self._rows: list[Row] = []
        self._count = 0

    def begin_point(self, line: int) -> None:
        self._in_point, self._time, self._bpm = True, None, None
        if len(self._rows) >= MOST_ROWS:
            raise self._content.bad(line, f"has more than {MOST_ROWS:,} points; split it")

    def hear_time(self, line: int, text: str) -> None:
        if not self._in_point:
            return
        try:
            self._time = stamp_of(text)
        except (ValueError, OverflowError):
            raise self._content.bad(line, f"is not a time stamp: {shown(text)}") from None
        if self._time.tzinfo is None:
            raise self._content.bad(line, f"a time without a zone: {shown(text)}; this format has UTC")

    def hear_heart_rate(self, line: int, text: str) -> None:
        if not self._in_point or self._bpm is not None or not text:
            return
        bpm = number(self._content.path, line, "the heart rate", text)
        if not 0 <= bpm <= FASTEST_BPM:
            raise self._content.bad(line, f"a heart rate of {bpm:g} is none (expected 0 to {FASTEST_BPM})")
        self._bpm = round(bpm)

    def end_point(self, line: int) -> None:
        self._in_point = False
        if self._bpm is None:
            return
        if self._time is None:
            raise self._content.bad(line, "a heart rate without a time")
        if self._began_at is None:
            self._began_at = self._time
        t_s = (self._time - self._began_at).total_seconds()
        if self._rows and t_s < self._rows[-1].t_s:
            raise self._content.bad(line, f"the time runs backwards, by {self._rows[-1].t_s - t_s:g} s")
        self._rows.append(heart_rate_row(on_axis(self._content.path, line, t_s), self._bpm))

    def end_track(self) -> Recording | None:
        """The track that ended; None when it had no heart rate."""
        rows, began_at, self._rows, self._began_at = self._rows, self._began_at, [], None
        if not rows:
            return None
        self._count += 1
        name = self._content.path.name
        return Recording(name if self._count == 1 else f"{name} [{self._count}]", tuple(rows), began_at)
