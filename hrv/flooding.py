"""Flooding: the one table of arousal states, and the rule that a flood begins and ends by."""

from collections import deque
from enum import StrEnum

from hrv.reading import ArousalState, Threshold
from hrv.settings import DetectorSettings


class Cue(StrEnum):
    """What can move the arousal state."""

    ABOVE = "above"
    CAME_DOWN = "came_down"
    RISE = "rise"
    RISE_OVER = "rise_over"
    NEAR_USUAL = "near_usual"
    SETTLED = "settled"
    SIGNAL_LOST = "signal_lost"


_S = ArousalState
TRANSITIONS: dict[tuple[ArousalState, Cue], ArousalState] = {
    (_S.CALM, Cue.RISE): _S.RISING,
    (_S.CALM, Cue.ABOVE): _S.FLOODED,
    (_S.RISING, Cue.RISE_OVER): _S.CALM,
    (_S.RISING, Cue.ABOVE): _S.FLOODED,
    (_S.FLOODED, Cue.CAME_DOWN): _S.RECOVERING,
    (_S.FLOODED, Cue.SIGNAL_LOST): _S.CALM,
    (_S.RECOVERING, Cue.ABOVE): _S.FLOODED,
    (_S.RECOVERING, Cue.NEAR_USUAL): _S.RECOVERED,
    (_S.RECOVERING, Cue.SETTLED): _S.CALM,
    (_S.RECOVERED, Cue.RISE): _S.RISING,
    (_S.RECOVERED, Cue.ABOVE): _S.FLOODED,
    (_S.RECOVERED, Cue.SETTLED): _S.CALM,
}
"""Everything that can happen. What is not here is illegal."""


class IllegalArousalStep(ValueError):
    """The table has no such step. Carries the state and the cue."""

    def __init__(self, state: ArousalState, cue: Cue) -> None:
        super().__init__(f"the arousal state {state} does not change by '{cue}'")
        self.state = state
        self.cue = cue


def next_state(state: ArousalState, cue: Cue) -> ArousalState:
    """Return the state after `cue`.

    Raises:
        IllegalArousalStep: the table has no such step.

    >>> next_state(ArousalState.RISING, Cue.ABOVE)
    <ArousalState.FLOODED: 'flooded'>
    """
    try:
        return TRANSITIONS[state, cue]
    except KeyError:
        raise IllegalArousalStep(state, cue) from None


class FloodRule:
    """Hold and hysteresis, counted in good seconds only: without a signal every count stands still.

    A flood begins when the heart rate was strictly above the line in 16 of the last 20 good seconds and is now. It ends
    when it was below the leaving line for 30 good seconds in a row.
    """

    def __init__(self, settings: DetectorSettings) -> None:
        self._hits = settings.enter_hits
        self._leave_s = settings.leave_s
        self._recent: deque[tuple[int, float, bool]] = deque(maxlen=settings.enter_window)
        self._hit_count = 0
        self._below_s = 0

    def see(self, second: int, bpm: float, threshold: Threshold) -> None:
        """Take one good second."""
        if len(self._recent) == self._recent.maxlen:
            self._hit_count -= self._recent[0][2]
        above = bpm > threshold.bpm
        self._recent.append((second, bpm, above))
        self._hit_count += above
        self._below_s = self._below_s + 1 if bpm < threshold.leave_bpm else 0

    @property
    def begins(self) -> bool:
        """Whether the seconds seen make a flood."""
        return self._hit_count >= self._hits and self._recent[-1][2]

    @property
    def ends(self) -> bool:
        """Whether the seconds seen end one."""
        return self._below_s >= self._leave_s

    def above(self) -> list[tuple[int, float]]:
        """The recent seconds above the line, oldest first, with their heart rate: what a flood is known by."""
        return [(second, bpm) for second, bpm, above in self._recent if above]

    def forget(self) -> None:
        """Start anew, after too long without a signal."""
        self._recent.clear()
        self._hit_count = self._below_s = 0
