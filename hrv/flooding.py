"""Flooding: the one table of arousal states, and the rule that a flood begins and ends by."""

from collections import deque
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from hrv.reading import ArousalState
from hrv.settings import DetectorSettings


class Cue(StrEnum):
    """What can move the arousal state."""

    ABOVE = "above"
    CAME_DOWN = "came_down"
    RISE = "rise"
    RISE_OVER = "rise_over"
    RISE_OVER_IN_RECOVERY = "rise_over_in_recovery"
    NEAR_USUAL = "near_usual"
    SETTLED = "settled"
    SIGNAL_LOST = "signal_lost"


_S = ArousalState
TRANSITIONS: dict[tuple[ArousalState, Cue], ArousalState] = {
    (_S.CALM, Cue.RISE): _S.RISING,
    (_S.CALM, Cue.ABOVE): _S.FLOODED,
    (_S.RISING, Cue.RISE_OVER): _S.CALM,
    (_S.RISING, Cue.RISE_OVER_IN_RECOVERY): _S.RECOVERING,
    (_S.RISING, Cue.ABOVE): _S.FLOODED,
    (_S.FLOODED, Cue.CAME_DOWN): _S.RECOVERING,
    (_S.FLOODED, Cue.SIGNAL_LOST): _S.CALM,
    (_S.RECOVERING, Cue.RISE): _S.RISING,
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


class _Seen(NamedTuple):
    """A good second; the words are those of `FloodRule.see`."""

    second: int
    bpm: float
    chance_above: float
    is_over: bool


class FloodRule:
    """Hold and hysteresis, counted in good seconds only: without a signal every count stands still.

    A flood begins when the chance that the heart rate beyond movement and posture is above the line was very high for a few
    seconds, or high for longer; of somebody who surely sits, when it was more likely than not for most of a Mayer cycle. It ends when that heart rate, whatever the raw one does, was likely below the leaving line for 30
    good seconds; a second after many rejected intervals does not count towards them, and a likely high one starts them anew.
    """

    def __init__(self, settings: DetectorSettings) -> None:
        self._settings = settings
        self._sure = settings.sure_chance, settings.sure_hits, settings.sure_window
        self._likely = settings.likely_chance, settings.likely_hits, settings.likely_window
        self._seated = settings.seated_chance, settings.seated_hits, settings.seated_window
        self._recent: deque[_Seen] = deque(maxlen=settings.onset_search_s)
        self._below_s = 0
        self._seated_s = 0
        self._is_clean = False
        self._has_motion = False

    def see(
        self,
        second: int,
        bpm: float,
        chance_above: float,
        chance_still_above: float,
        *,
        is_over: bool,
        is_clean: bool,
        has_motion: bool,
        is_seated: bool,
    ) -> None:
        """Take one good second.

        Args:
            second: of the recording.
            bpm: its heart rate.
            chance_above: that the heart rate beyond movement and posture is above the line, 0..1.
            chance_still_above: that it is above the leaving line.
            is_over: whether `bpm`, less what is allowed for movement and posture, is above the line in this very second.
            is_clean: whether so few of the last intervals were rejected that a flood may begin or end by them.
            has_motion: whether movement is known.
            is_seated: whether there is no doubt in this second that the wearer sits; without motion data that is taken for granted.
        """
        self._recent.append(_Seen(second, bpm, chance_above, is_over))
        self._is_clean = is_clean
        self._has_motion = has_motion
        self._seated_s = self._seated_s + 1 if is_seated else 0
        if chance_still_above >= self._settings.leave_chance:
            self._below_s = 0
        elif is_clean:
            self._below_s += 1

    @property
    def held(self) -> tuple[int, int] | None:
        """The seconds seen that make a flood, and of how many; None when they make none."""
        if not (self._is_clean and self._recent and self._recent[-1].chance_above >= self._settings.present_chance):
            return None
        for chance, hits, window in self._ways():
            count = sum(seen.chance_above >= chance for seen in islice(reversed(self._recent), window))
            if count >= hits:
                return count, window
        return None

    def _ways(self) -> tuple[tuple[float, int, int], ...]:
        """`(chance, hits, window)`: each makes a flood."""
        if not self._has_motion:
            return (self._seated,)
        if self._seated_s >= self._settings.seated_for_s:
            return self._sure, self._likely, self._seated
        return self._sure, self._likely

    @property
    def ends(self) -> bool:
        """Whether the seconds seen end one."""
        return self._below_s >= self._settings.leave_s

    def above(self) -> list[tuple[int, float]]:
        """The seconds above the line that led here, oldest first, with their heart rate: what a flood is known by.

        They go back to the last time that several in a row were not, or that the signal was lost; without any, it is the
        newest second.
        """
        found: list[tuple[int, float]] = []
        missed = 0
        newer = self._recent[-1].second
        for seen in reversed(self._recent):
            missed = 0 if seen.is_over else missed + 1
            gap_s = newer - seen.second
            if missed > self._settings.onset_break_s or gap_s > self._settings.signal_lost_after_s:
                break
            newer = seen.second
            if seen.is_over:
                found.append((seen.second, seen.bpm))
        newest = self._recent[-1]
        return found[::-1] or [(newest.second, newest.bpm)]

    def forget(self) -> None:
        """Start anew, after too long without a signal."""
        self._recent.clear()
        self._below_s = self._seated_s = 0
