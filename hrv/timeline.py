"""RR intervals on one time axis.

An RR interval carries no time and may be seconds old when it arrives. So the axis is their sum, anchored at the first
packet, in whole ticks of 1/1024 s: within a stretch it cannot drift against the strap's own clock. Arrival times only say
whether something is missing: a gap is arrivals that advance clearly more than the intervals do.
"""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from sensing.measurement import TICKS_PER_SECOND

GAP_TICKS = 3 * TICKS_PER_SECOND
"""Arrivals this far ahead of the intervals are a gap: straps send intervals that are up to 3-4 s old, but steadily so."""

NO_INTERVAL_TICKS = 4 * TICKS_PER_SECOND
"""Nothing that lives pauses longer between two beats; such a number must not move the axis."""

BURST_PAUSE_TICKS = TICKS_PER_SECOND // 2
"""Packets closer together than this came out of one queue."""

BURST_LIMIT_TICKS = 2 * TICKS_PER_SECOND
HELD_BEATS_MAX = 256
LAGS_KEPT = 30


class Beat(NamedTuple):
    """One heartbeat.

    Attributes:
        t_ticks: its time on the axis.
        rr_ticks: the interval that ended with it; 0 when the packet's number was no interval at all.
        contiguous: whether that interval began with the beat before, so that the two may be compared.
    """

    t_ticks: int
    rr_ticks: int
    contiguous: bool


class BeatTimeline:
    """Places the RR intervals of one strap on one axis.

    After a stall of the receiving program many packets arrive at once. The first of them looks like a gap, so its beats
    are held back until the burst has either caught up with the clock (no gap) or ended short of it (a gap).

    >>> timeline = BeatTimeline()
    >>> timeline.place(10.0, (1024, 1024))
    [Beat(t_ticks=9216, rr_ticks=1024, contiguous=False), Beat(t_ticks=10240, rr_ticks=1024, contiguous=True)]
    >>> timeline.place(11.7, (1024,))
    [Beat(t_ticks=11264, rr_ticks=1024, contiguous=True)]
    """

    def __init__(self) -> None:
        self._end: int | None = None
        self._usual_lag = 0
        self._lags: deque[int] = deque(maxlen=LAGS_KEPT)
        self._held: list[int] = []
        self._held_since = 0
        self._held_until = 0

    def place(self, t_s: float, rr_ticks: Sequence[int]) -> list[Beat]:
        """Place one packet's intervals; return the beats that now have their time, oldest first.

        Args:
            t_s: when the packet arrived, seconds since the recording began.
            rr_ticks: its intervals, 1/1024 s, oldest first.
        """
        arrival = round(t_s * TICKS_PER_SECOND)
        beats = self._after_gap() if self._held and self._burst_is_over(arrival) else []
        if rr_ticks:
            usable = [rr if 0 < rr <= NO_INTERVAL_TICKS else 0 for rr in rr_ticks]
            beats += self._take(arrival, usable)
        return beats

    def now_ticks(self, t_s: float) -> int:
        """The axis time that corresponds to the arrival time `t_s`."""
        return round(t_s * TICKS_PER_SECOND) - self._usual_lag

    def _take(self, arrival: int, rr_ticks: list[int]) -> list[Beat]:
        if self._end is None:
            self._end = arrival - sum(rr_ticks)
            return self._lay(arrival, rr_ticks, contiguous=False)
        if not self._held:
            if arrival - self._end - sum(rr_ticks) - self._usual_lag <= GAP_TICKS:
                return self._lay(arrival, rr_ticks, contiguous=True)
            self._held_since = arrival
        self._held += rr_ticks
        self._held_until = arrival
        if arrival - self._end - sum(self._held) - self._usual_lag <= GAP_TICKS:
            return self._lay(arrival, self._release(), contiguous=True)
        return self._after_gap() if len(self._held) > HELD_BEATS_MAX else []

    def _burst_is_over(self, arrival: int) -> bool:
        paused = arrival - self._held_until >= BURST_PAUSE_TICKS
        return paused or arrival - self._held_since >= BURST_LIMIT_TICKS

    def _after_gap(self) -> list[Beat]:
        held = self._release()
        # max: intervals longer than the gap itself must not run the axis backwards
        self._end = max(self._end or 0, self._held_until - self._usual_lag - sum(held))
        self._lags.clear()
        return self._lay(self._held_until, held, contiguous=False)

    def _release(self) -> list[int]:
        held, self._held = self._held, []
        return held

    def _lay(self, arrival: int, rr_ticks: list[int], *, contiguous: bool) -> list[Beat]:
        t_ticks = self._end or 0
        beats = []
        for rr in rr_ticks:
            t_ticks += rr
            beats.append(Beat(t_ticks, rr, contiguous))
            contiguous = True
        self._end = t_ticks
        # the least delayed of the recent packets is the one to go by
        leaving = self._lags[0] if len(self._lags) == LAGS_KEPT else None
        lag = arrival - t_ticks
        self._lags.append(lag)
        if len(self._lags) == 1 or lag < self._usual_lag:
            self._usual_lag = lag
        elif leaving == self._usual_lag:
            self._usual_lag = min(self._lags)
        return beats
