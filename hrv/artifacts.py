"""Which RR intervals are heartbeats, judged live: from the past alone."""

from bisect import bisect_left, insort
from collections import deque
from enum import Enum, auto

from hrv.settings import DetectorSettings
from sensing.measurement import TICKS_PER_SECOND


class Verdict(Enum):
    """What the filter says of one interval."""

    ACCEPTED = auto()
    REJECTED = auto()
    RESYNCHRONISED = auto()
    """Accepted, because the last rejected ones agree: the running median was the one that was wrong."""


class ArtifactFilter:
    """Accepts an RR interval that is possible and close to the running median of those accepted before.

    After a row of rejected intervals that agree with one another the filter starts anew from them: a true step (or a
    wrong start) must not silence it for good.

    >>> judge = ArtifactFilter(DetectorSettings()).judge
    >>> [judge(rr).name for rr in (800, 810, 1620, 805)]
    ['ACCEPTED', 'ACCEPTED', 'REJECTED', 'ACCEPTED']
    """

    def __init__(self, settings: DetectorSettings) -> None:
        self._min_ticks = settings.rr_min_ms * TICKS_PER_SECOND / 1000
        self._max_ticks = settings.rr_max_ms * TICKS_PER_SECOND / 1000
        self._tolerance = settings.rr_tolerance
        self._accepted: deque[int] = deque()
        self._sorted: list[int] = []
        self._beats = settings.rr_median_beats
        self._rejected: deque[int] = deque(maxlen=settings.rr_resync_beats)

    def judge(self, rr_ticks: int) -> Verdict:
        """Judge the next interval (1/1024 s)."""
        if not self._min_ticks <= rr_ticks <= self._max_ticks:
            self._rejected.clear()
            return Verdict.REJECTED
        if not self._sorted or self._is_close(rr_ticks, self._sorted):
            self._rejected.clear()
            self._accept(rr_ticks)
            return Verdict.ACCEPTED
        self._rejected.append(rr_ticks)
        if not self._rejected_agree():
            return Verdict.REJECTED
        self._start_anew()
        return Verdict.RESYNCHRONISED

    def _is_close(self, rr_ticks: int, ordered: list[int]) -> bool:
        median = ordered[len(ordered) // 2]
        return abs(rr_ticks - median) <= self._tolerance * median

    def _rejected_agree(self) -> bool:
        ordered = sorted(self._rejected)
        full = len(ordered) == self._rejected.maxlen
        return full and self._is_close(ordered[0], ordered) and self._is_close(ordered[-1], ordered)

    def _start_anew(self) -> None:
        self._accepted.clear()
        self._sorted.clear()
        for rr_ticks in self._rejected:
            self._accept(rr_ticks)
        self._rejected.clear()

    def _accept(self, rr_ticks: int) -> None:
        self._accepted.append(rr_ticks)
        insort(self._sorted, rr_ticks)
        if len(self._accepted) > self._beats:
            del self._sorted[bisect_left(self._sorted, self._accepted.popleft())]
