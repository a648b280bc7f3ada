"""The beats of one second: their mean rate, and how clean the last seconds were."""

from collections import deque

from hrv.settings import DetectorSettings
from hrv.timeline import Beat
from hrv.window import TICKS_PER_MINUTE
from sensing.measurement import TICKS_PER_SECOND


class BeatRate:
    """Gathers beats between one judged second and the next.

    >>> rate = BeatRate(DetectorSettings())
    >>> rate.push(Beat(1024, 1024, True), accepted=True)
    >>> rate.push(Beat(1536, 512, True), accepted=False)
    >>> rate.take(1536), rate.clean_share
    (60.0, 0.5)
    """

    def __init__(self, settings: DetectorSettings) -> None:
        self._accepted: list[tuple[int, int]] = []
        self._rejected = 0
        self._fresh_ticks = settings.beats_fresh_s * TICKS_PER_SECOND
        self._seconds: deque[tuple[int, int]] = deque(maxlen=settings.clean_window_s)

    def push(self, beat: Beat, *, accepted: bool) -> None:
        """Add the newest beat."""
        if accepted:
            self._accepted.append((beat.t_ticks, beat.rr_ticks))
        else:
            self._rejected += 1

    def take(self, now_ticks: int) -> float | None:
        """Close the second: the mean rate of its accepted intervals, bpm; None without any.

        The mean and not the median: with one or two beats they are nearly the same, and a mean has a known variance.
        """
        fresh = [rr for t_ticks, rr in self._accepted if t_ticks > now_ticks - self._fresh_ticks]
        self._seconds.append((len(self._accepted), self._rejected))
        self._accepted.clear()
        self._rejected = 0
        return TICKS_PER_MINUTE * len(fresh) / sum(fresh) if fresh else None

    @property
    def clean_share(self) -> float:
        """Accepted over all intervals of the last `clean_window_s` seconds, 0..1; 0 without any."""
        accepted = sum(second[0] for second in self._seconds)
        rejected = sum(second[1] for second in self._seconds)
        return accepted / (accepted + rejected) if accepted else 0.0
