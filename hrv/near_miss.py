"""Near misses: a rise towards the line that turned back before a flood. They are worth keeping, and celebrating."""

from collections.abc import Iterable
from dataclasses import dataclass

from hrv.reading import ArousalState, Second, Signal


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A rise that came down by itself. From `from_s` up to, not including, `to_s`, on the recording's axis."""

    from_s: int
    to_s: int
    peak_bpm: float
    peak_t_s: int


class NearMissTracker:
    """Finds near misses in the seconds of one recording.

    >>> def second(t_s, bpm, state):
    ...     return Second(t_s, bpm, None, state, Signal.OK)
    >>> tracker = NearMissTracker()
    >>> for s in (second(0, 85.0, ArousalState.RISING), second(1, 95.0, ArousalState.RISING), second(2, 80.0, ArousalState.CALM)):
    ...     tracker.see(s)
    >>> tracker.found
    [NearMiss(from_s=0, to_s=2, peak_bpm=95.0, peak_t_s=1)]
    """

    def __init__(self) -> None:
        self.found: list[NearMiss] = []
        self._began: int | None = None
        self._peak: tuple[float, int] | None = None

    def see(self, second: Second) -> None:
        """Take the next second. A rise that is still going on at the end is none yet; one lost from sight never is."""
        if second.state is ArousalState.RISING:
            self._began = second.t_s if self._began is None else self._began
            bpm = second.heart_rate_bpm
            if bpm is not None and (self._peak is None or bpm > self._peak[0]):
                self._peak = bpm, second.t_s
            return
        turned_back = second.state is not ArousalState.FLOODED and second.signal is Signal.OK
        if self._began is not None and self._peak is not None and turned_back:
            self.found.append(NearMiss(self._began, second.t_s, *self._peak))
        self._began = self._peak = None

    def see_all(self, seconds: Iterable[Second]) -> None:
        """Take several."""
        for second in seconds:
            self.see(second)
