"""FIT, the binary format of Garmin and others, decoded by fitdecode.

`hrv` messages hold at most five intervals each, in s, filled up with invalid ones; they carry no time. They stand among
`record` messages that do, so their sum is the time, begun anew where the records are clearly ahead: the watch was
paused or the strap was lost. A file without `hrv` messages has the heart rate of its records.

Source: Garmin's FIT SDK, its Profile: the messages `hrv`, `record` and `activity`.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from sensing.formats.content import Content
from sensing.formats.intervals import FASTEST_BPM, MS_PER_SECOND, heart_rate_row, interval_row
from sensing.formats.recorded import MOST_ROWS, Recording, Row
from sensing.formats.table import on_axis

if TYPE_CHECKING:
    from fitdecode import FitDataMessage

_MAGIC_AT, _MAGIC = 8, b".FIT"
_LONGEST_RR_S = 60.0  # 65.535 is how the format writes "none"
_RECORDS_AHEAD_S = 5.0
"""Records this far ahead of the intervals tell of a gap: intervals are written up to 2 s late, and records seconds apart."""
_FARTHEST_ZONE = timedelta(hours=14)
_QUARTER = timedelta(minutes=15)


def recognises(content: Content) -> bool:
    """Whether the mark of this format is where it belongs."""
    return content.head[_MAGIC_AT : _MAGIC_AT + len(_MAGIC)] == _MAGIC


def read(content: Content) -> list[Recording]:
    """The file's one recording. Raises `BadRecording`."""
    found = _Found(content)
    for number, message in enumerate(_messages(content), 1):
        found.take(f"record {number}", message)
    return [found.recording()]


def _messages(content: Content) -> Iterator["FitDataMessage"]:
    """The data messages. Raises `BadRecording`."""
    import fitdecode  # noqa: PLC0415  every start would wait for it, and few files are of this format

    count = 0
    try:
        with fitdecode.FitReader(
            io.BytesIO(content.whole),
            check_crc=fitdecode.CrcCheck.RAISE,
            error_handling=fitdecode.ErrorHandling.IGNORE,
        ) as reader:
            for frame in reader:
                if isinstance(frame, fitdecode.FitDataMessage):
                    count += 1
                    yield frame
    except fitdecode.FitEOFError as error:
        raise content.bad(f"byte {error.offset}", "is a FIT file that was cut off; copy it again") from None
    except fitdecode.FitCRCError:
        raise content.bad(f"record {count}", "the checksum does not fit: the file is damaged; copy it again") from None
    except Exception as error:  # noqa: BLE001  damaged bytes lead the decoder anywhere
        why = " ".join(str(error).split())[:120] or type(error).__name__
        raise content.bad(f"after record {count}", f"is a damaged FIT file: {why}") from None


class _Found:
    """What the messages have told so far."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._began_at: datetime | None = None
        self._zone: timezone = UTC
        self._end_s = 0.0
        self._intervals: list[Row] = []
        self._heart_rates: list[Row] = []

    def take(self, place: str, message: "FitDataMessage") -> None:
        if message.name == "hrv":
            self._take_intervals(place, _value(message, "time"))
        elif message.name == "record":
            self._take_moment(place, _value(message, "timestamp"), _value(message, "heart_rate"))
        elif message.name == "activity":
            self._take_zone(_value(message, "timestamp"), _value(message, "local_timestamp"))
        if len(self._intervals) > MOST_ROWS or len(self._heart_rates) > MOST_ROWS:
            raise self._content.bad(place, f"has more than {MOST_ROWS:,} values; split it")

    def recording(self) -> Recording:
        rows = self._intervals or self._heart_rates
        if not rows:
            raise self._content.bad(None, "holds no heartbeats; it was recorded without a strap")
        began_at = self._began_at.astimezone(self._zone) if self._began_at else None
        return Recording(self._content.path.name, tuple(rows), began_at)

    def _take_intervals(self, place: str, times_s: object) -> None:
        for rr_s in times_s if isinstance(times_s, tuple) else (times_s,):
            if isinstance(rr_s, int | float) and 0 < rr_s < _LONGEST_RR_S:
                self._end_s = on_axis(self._content.path, place, self._end_s + rr_s)
                self._intervals.append(interval_row(round(self._end_s, 6), rr_s * MS_PER_SECOND))

    def _take_moment(self, place: str, moment: object, bpm: object) -> None:
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            return
        if self._began_at is None:
            # Intervals that came before the first time ended by then.
            self._began_at = moment - timedelta(seconds=self._end_s)
        t_s = (moment - self._began_at).total_seconds()
        if t_s - self._end_s > _RECORDS_AHEAD_S:
            self._end_s = on_axis(self._content.path, place, t_s)
        latest_s = self._heart_rates[-1].t_s if self._heart_rates else 0.0
        if isinstance(bpm, int | float) and 0 <= bpm <= FASTEST_BPM and t_s >= latest_s:
            self._heart_rates.append(heart_rate_row(on_axis(self._content.path, place, t_s), round(bpm)))

    def _take_zone(self, moment: object, local: object) -> None:
        """The watch's offset from UTC, where it tells one that can be."""
        if isinstance(moment, datetime) and isinstance(local, datetime):
            offset = local.replace(tzinfo=None) - moment.replace(tzinfo=None)
            if abs(offset) <= _FARTHEST_ZONE and not offset % _QUARTER:
                self._zone = timezone(offset)


def _value(message: "FitDataMessage", name: str) -> Any:  # noqa: ANN401  whatever the file says; checked where it is used
    return message.get_value(name, fallback=None)
