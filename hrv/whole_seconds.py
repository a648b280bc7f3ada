"""Which whole seconds are over, and what people did in them.

Second `s` is judged at the first packet that arrives in `[s, s + 2)`, with that packet; when none has come by `s + 2`, without
one. What people do (a mark) counts from a second on, however early it was told.
"""

from bisect import insort
from collections.abc import Callable, Iterator
from math import inf, isfinite

WAIT_FOR_PACKET_S = 2
"""So long a second waits for a packet: straps notify about once a second, so one and a jitter of another (own choice)."""

MARK_GRACE_S = 5
"""How late one may be told of a mark without concluding anything else (own choice)."""

BACKWARDS_MAX_S = 5.0
"""A packet older than the newest by no more than this is jitter (own choice: the receiver's queues are shorter)."""

LONGEST_RECORDING_S = 7 * 24 * 3600.0
"""A time beyond a week is a mistake of units, or a clock's time (own choice)."""


class PacketTooLate(ValueError):
    """A packet far older than the newest one. Nothing has changed; the caller drops it."""


class WholeSeconds:
    """Tells each second once, in order, and follows each mark between the seconds it lies between.

    >>> seconds = WholeSeconds()
    >>> list(seconds.until(2.5))
    [0, 1, 2]
    >>> seconds.mark(4.0, 3.0, print)  # counts from second 4 on
    >>> list(seconds.until(4.0))
    3.0
    [3, 4]
    """

    def __init__(self) -> None:
        self.next = 0
        self._last_packet_t_s = -inf
        # (second it counts from, its time, what it does), soonest first
        self._marks: list[tuple[float, float, Callable[[float], None]]] = []

    @property
    def newest(self) -> int:
        """The last second told; 0 before any."""
        return max(self.next - 1, 0)

    def in_order(self, t_s: float) -> float:
        """The time that a packet of `t_s` counts as having arrived at: that of the newest, when jitter made it older.

        Raises:
            PacketTooLate: it is older by more than jitter.
        """
        if t_s < self._last_packet_t_s - BACKWARDS_MAX_S:
            raise PacketTooLate(f"a packet at {t_s} s came after one at {self._last_packet_t_s} s; sort them by time")
        self._last_packet_t_s = max(t_s, self._last_packet_t_s)
        return self._last_packet_t_s

    def until(self, t_s: float) -> Iterator[int]:
        """Every second up to `t_s` that was not told yet. Follows the marks on the way."""
        while self.next <= t_s:
            yield self.next
            self.next += 1
            if self._marks:
                self._follow_marks()

    def mark(self, counts_from_s: float, t_s: float, follow: Callable[[float], None]) -> None:
        """Call `follow` with `t_s` as soon as every second before `counts_from_s` has been told; that may be now."""
        insort(self._marks, (counts_from_s, t_s, follow), key=lambda mark: mark[0])
        self._follow_marks()

    def _follow_marks(self) -> None:
        while self._marks and self._marks[0][0] <= self.next:
            _, t_s, follow = self._marks.pop(0)
            follow(t_s)


def checked(t_s: float) -> float:
    """`t_s`, when it can be a time of a recording.

    Raises:
        ValueError: it is negative, not finite or beyond a week.

    >>> checked(3.5)
    3.5
    """
    if not (isfinite(t_s) and 0 <= t_s <= LONGEST_RECORDING_S):
        raise ValueError(f"t_s is seconds since the recording began, 0 to {LONGEST_RECORDING_S:.0f}, not {t_s}")
    return t_s
