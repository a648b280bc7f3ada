"""How often somebody may have something done, so that a stuck button or a script doesn't flood a phone. Pure: time is an argument."""

from collections import deque
from collections.abc import Hashable


class FewAMinute:
    """Counts what each did within the last `within_s` seconds.

    >>> few = FewAMinute(2, within_s=60.0)
    >>> few.wait_s("Mira", 0.0), few.wait_s("Mira", 10.0), few.wait_s("Mira", 20.0), few.wait_s("Jonas", 20.0)
    (0.0, 0.0, 40.0, 0.0)
    """

    def __init__(self, most: int, *, within_s: float) -> None:
        self._most = most
        self._within_s = within_s
        self._done: dict[Hashable, deque[float]] = {}

    def wait_s(self, who: Hashable, now_s: float) -> float:
        """0 where it may be done now, which then counts; else how long to wait, and nothing is counted."""
        done = self._done.setdefault(who, deque(maxlen=self._most))
        if len(done) == self._most and now_s - done[0] < self._within_s:
            return self._within_s - (now_s - done[0])
        done.append(now_s)
        return 0.0
