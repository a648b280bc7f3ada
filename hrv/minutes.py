"""A recording's minutes: what trends are drawn from."""

from dataclasses import dataclass

from hrv.reading import ArousalState, Reading, Second


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
    """Turns every reading of one recording into finished minutes."""

    def __init__(self) -> None:
        self._minute = 0
        self._seconds = 0
        self._rates: list[float] = []
        self._rmssd_ms: float | None = None
        self._flooded_s = 0

    def add(self, reading: Reading) -> list[Minute]:
        """Take the next reading; return the minutes that it finished, oldest first."""
        finished = []
        for second in reading.seconds:
            self._take(second)
            if second.t_s % 60 == 59:
                finished.append(self._finished())
        return finished

    def finish(self) -> Minute | None:
        """Return the last, unfinished minute; None when the recording ended on a full one."""
        return self._finished() if self._seconds else None

    def _take(self, second: Second) -> None:
        self._minute = second.t_s // 60
        self._seconds += 1
        if second.heart_rate_bpm is None:
            return
        self._rates.append(second.heart_rate_bpm)
        self._flooded_s += second.state is ArousalState.FLOODED
        if second.rmssd_ms is not None:
            self._rmssd_ms = second.rmssd_ms

    def _finished(self) -> Minute:
        rates = self._rates
        minute = Minute(
            minute=self._minute,
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
