"""What every file format is read into, and how a file that is none is refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sensing.measurement import HeartRateMeasurement
from sensing.source import LinkEvent

LONGEST_S = 7 * 24 * 3600.0  # the detector counts no further
MOST_ROWS = 1_000_000  # a week of heartbeats; more would not fit into a small computer's memory


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a recording.

    Attributes:
        t_s: seconds since the recording began. Never runs backwards; more than a beat without a row is a gap.
        measurement: what was measured; None only for a packet of an exported talk that made no sense when it came.
        packet: the notification's bytes; None when the file holds intervals or heart rates only.
        motion_mg: mean amplitude deviation of acceleration over that second, in mg; None where nothing measured it.
    """

    t_s: float
    measurement: HeartRateMeasurement | None
    packet: bytes | None = None
    motion_mg: int | None = None


@dataclass(frozen=True, slots=True)
class TalkFacts:
    """What only an exported talk knows of itself.

    Attributes:
        topic_began_at: aware; when the quiet minutes were over, None if they never were.
        ended_at: aware.
        threshold_bpm: the line that was in force.
        strap: what the heartbeats came from, in words for people.
        simulated: whether the body was a simulated one.
    """

    topic_began_at: datetime | None
    ended_at: datetime
    threshold_bpm: float
    strap: str | None
    simulated: bool


@dataclass(frozen=True, slots=True)
class Recording:
    """One wearer's stretch of data, checked from the first row to the last.

    Attributes:
        name: the file's name, with subject, task or day when the file holds several recordings.
        content: its rows, oldest first; at least one.
        began_at: the moment of `t_s` = 0. Aware where the file tells the zone; naive where it tells a clock on the
            wall without one; None where it tells nothing.
        links: what happened to the link, oldest first.
        talk: what an exported talk tells of itself; None for any other recording.
    """

    name: str
    content: tuple[Row, ...]
    began_at: datetime | None = None
    links: tuple[LinkEvent, ...] = ()
    talk: TalkFacts | None = None

    def rows(self) -> Iterator[Row]:
        """The rows, oldest first."""
        return iter(self.content)

    @property
    def has_intervals(self) -> bool:
        """Whether it holds RR intervals; a heart rate alone tells the detector nothing."""
        return any(row.measurement is not None and row.measurement.rr_ticks for row in self.content)


class BadRecording(ValueError):
    """A file that is not a recording, or not a sound one. Says on one line which file, where in it and why.

    Attributes:
        line: the line; for a binary file a place in words, such as "byte 812"; None where it is about the whole file.
    """

    def __init__(self, file: Path, line: int | str | None, reason: str) -> None:
        super().__init__(file, line, reason)
        self.file = file
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        place = f", line {self.line}" if isinstance(self.line, int) else f", {self.line}" if self.line else ""
        return f"{self.file}{place}: {self.reason}"


class UnknownFormat(BadRecording):
    """A file of no format that is known: perhaps no recording at all."""


def shown(text: str) -> str:
    """`text` from a file, safe and short enough for a one-line message."""
    return repr(text if len(text) <= 40 else text[:40] + "…")  # noqa: PLR2004  about half a line
