"""The clock of a page, set beside ours. Pure.

A page says with every message what its own clock shows. What that lies behind ours is how far the clocks are apart, plus the way of
the message; so the least of the last minutes is nearest to the truth (as in NTP's clock filter, RFC 5905, section 10).

A page's clock runs on a monotonic one, and where the day jumps ahead of that (the laptop slept, somebody set its clock) it
begins a new *stream*. Each stream was set beside ours while it was the page's present; what is left of it keeps that, whatever
became of the page's clock afterwards. Of one that never was, the page's own word for the time that has passed must do.
"""

from dataclasses import dataclass
from math import inf

BEST_OF_S = 300.0
"""So long the quickest message counts, and as long again: two quartz clocks are less than 0.1 s apart after that."""

MOST_STREAMS = 64


@dataclass(slots=True)
class _Beside:
    began_s: float
    best_s: float = inf
    best_before_s: float = inf

    def see(self, ahead_s: float, here_s: float) -> None:
        if here_s - self.began_s > BEST_OF_S:
            self.began_s, self.best_before_s, self.best_s = here_s, self.best_s, inf
        self.best_s = min(self.best_s, ahead_s)

    @property
    def ahead_s(self) -> float:
        return min(self.best_s, self.best_before_s)


class PageClock:
    """One recording's page, through all its streams.

    >>> clock = PageClock()
    >>> clock.hear(1, now_ms=1_000_000, here_s=60.5)  # half a second on its way
    >>> clock.hear(1, now_ms=1_001_000, here_s=61.0)
    >>> round(clock.here_s(1, at_ms=1_000_400), 3)
    60.4
    """

    def __init__(self) -> None:
        self._streams: dict[int, _Beside] = {}
        self._present: int | None = None

    def hear(self, stream: int, now_ms: float, here_s: float) -> None:
        """The page says that it is `now_ms` in its present `stream`; here it is `here_s`."""
        beside = self._streams.get(stream)
        if beside is None:
            while len(self._streams) >= MOST_STREAMS:
                del self._streams[next(iter(self._streams))]
            beside = self._streams[stream] = _Beside(here_s)
        beside.see(here_s - now_ms / 1000, here_s)
        self._present = stream

    def here_s(self, stream: int, at_ms: float) -> float:
        """When that was here. Raises `LookupError` before anything was heard."""
        beside = self._streams.get(stream)
        if beside is None:
            if self._present is None:
                raise LookupError("this page has not said yet what time it is there")
            beside = self._streams[self._present]
        return at_ms / 1000 + beside.ahead_s
