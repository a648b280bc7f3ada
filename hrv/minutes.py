"""A recording's minutes: what trends are drawn from."""

from dataclasses import dataclass

from hrv.reading import ArousalState, Reading

SECONDS_PER_PACKET = 2
"""One packet answers for at most this many seconds (see `hrv.monitor`)."""


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute of a recording, from its second-by-second readings.

    Attributes:
        minute: 0 for the first 60 seconds.
        heart_rate_mean_bpm: over the seconds with a heart rate; None when there were none. Likewise min and max.
        rmssd_ms: the last valid RMSSD of the minute, or None.
        signal_ok_s: seconds with a good signal; seconds_s: seconds that passed.
        flooded_s: seconds of good signal in the state flooded.
    """

    minute: int
    seconds_s: int
    signal_ok_s: int
    heart_rate_mean_bpm: float | None
    heart_rate_min_bpm: float | None
    heart_rate_max_bpm: float | None
    rmssd_ms: float | None
    flooded_s: int


class MinuteAggregator:
    """Turns readings into finished minutes.

    A reading's `t_s` is the last second it judged, and it may have judged several. It speaks for the newest two; any
    older ones passed without a packet and count as such.
    """

    def __init__(self) -> None:
        self._next_second = 0
        self._seconds = 0
        self._rates: list[float] = []
        self._rmssd_ms: float | None = None
        self._flooded_s = 0

    def add(self, reading: Reading) -> list[Minute]:
        """Take the next reading; return the minutes that it finished, oldest first."""
        finished = []
        last = int(reading.t_s)
        while self._next_second <= last:
            self._take(reading if last - self._next_second < SECONDS_PER_PACKET else None)
            self._next_second += 1
            if self._next_second % 60 == 0:
                finished.append(self._minute())
        return finished

    def finish(self) -> Minute | None:
        """Return the last, unfinished minute; None when the recording ended on a full one."""
        return self._minute() if self._seconds else None

    def _take(self, reading: Reading | None) -> None:
        self._seconds += 1
        if reading is None or reading.heart_rate_bpm is None:
            return
        self._rates.append(reading.heart_rate_bpm)
        self._flooded_s += reading.state is ArousalState.FLOODED
        if reading.rmssd_ms is not None:
            self._rmssd_ms = reading.rmssd_ms

    def _minute(self) -> Minute:
        rates = self._rates
        minute = Minute(
            minute=(self._next_second - 1) // 60,
            seconds_s=self._seconds,
            signal_ok_s=len(rates),
            heart_rate_mean_bpm=sum(rates) / len(rates) if rates else None,
            heart_rate_min_bpm=min(rates, default=None),
            heart_rate_max_bpm=max(rates, default=None),
            rmssd_ms=self._rmssd_ms,
            flooded_s=self._flooded_s,
        )
        self._seconds = self._flooded_s = 0
        self._rates = []
        self._rmssd_ms = None
        return minute
