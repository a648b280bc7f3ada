"""What the accelerometer says of one second: how hard the body works, and whether its posture may have changed.

Motion is the mean amplitude deviation (MAD) of acceleration over a second, mg: it ignores gravity and offset, and is comparable
between sensors (Vähä-Ypyä et al. 2015, PLoS ONE 10:e0134813).
"""

from math import sqrt
from typing import NamedTuple

from hrv.settings import ModelSettings

LONG_AGO = -(10**9)
"""A second before any recording: what has not happened yet happened then."""


class Motion(NamedTuple):
    """One second of movement.

    Attributes:
        drive: what drives the metabolic heart rate, sqrt(mg). 0 at rest.
        spell_begins: a new spell of movement; what it costs the heart is uncertain again.
        burst_mg: a burst that may have been a change of posture, and how strong it was; None when there was none. What
            may have happened unseen counts as one.
        still: as still as the wearer was in the quiet minutes, seated.
        restless: less still than that, though no burst.
        long_still: still for so long that somebody who stood may have sat down unnoticed.
    """

    drive: float = 0.0
    spell_begins: bool = False
    burst_mg: float | None = None
    still: bool = False
    restless: bool = False
    long_still: bool = False


AT_REST = Motion()


class MotionWatch:
    """Turns MAD, second by second, into what the heart model asks of it.

    A burst counts when it begins, when it grows clearly stronger (a hand moved first, then the body rose), and when it ends
    after a walk (one sits down, or stops and stands). Seconds without motion data may hide one. Someone who stands sways and shifts; so seconds as still as the seated
    baseline speak against standing, and others a little for it. The wearer's own stillness is the measure, for sensors differ in
    what they call still.

    >>> watch = MotionWatch(ModelSettings())
    >>> [watch.see(second, mg).burst_mg for second, mg in enumerate((8, 9, 120, 90, 10))]
    [None, None, 120, None, None]
    """

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._last_burst = LONG_AGO
        self._began = LONG_AGO
        self._first_mg = self._peak_mg = 0.0
        self._still_count = 0
        self._unseen_s: int | None = None

    def see(self, second: int, motion_mg: float | None, quiet_mg: float | None = None) -> Motion:
        """Take one second.

        Args:
            second: of the recording.
            motion_mg: MAD; None when the strap said nothing of it.
            quiet_mg: its median in the seated baseline, once that is known.
        """
        if motion_mg is None:
            self._unseen_s = None if self._unseen_s is None else self._unseen_s + 1
            return AT_REST
        rules = self._settings
        unseen_s, self._unseen_s = self._unseen_s or 0, 0
        drive = sqrt(motion_mg - rules.rest_mg) if motion_mg > rules.rest_mg else 0.0
        if motion_mg >= rules.burst_mg:
            spell_begins, burst_mg = self._in_burst(second, motion_mg)
        else:
            spell_begins, burst_mg = False, self._after_burst(second)
        if unseen_s >= rules.unseen_s:
            burst_mg = max(burst_mg or 0.0, rules.unseen_mg)
        if quiet_mg is None:
            return Motion(drive, spell_begins, burst_mg)
        still = motion_mg <= quiet_mg + rules.still_margin_mg
        restless = not still and motion_mg < rules.burst_mg
        return Motion(drive, spell_begins, burst_mg, still, restless, self._is_long_still(still=still))

    def _in_burst(self, second: int, motion_mg: float) -> tuple[bool, float | None]:
        rules = self._settings
        begins = second - self._last_burst > rules.burst_apart_s
        self._last_burst = second
        if begins or (
            second - self._began >= rules.burst_grows_after_s and motion_mg > rules.burst_grows * self._first_mg
        ):
            self._began = second
            self._first_mg = self._peak_mg = motion_mg
            return begins, motion_mg
        self._peak_mg = max(self._peak_mg, motion_mg)
        return False, None

    def _after_burst(self, second: int) -> float | None:
        is_over = second - self._last_burst == self._settings.walk_over_s
        return self._peak_mg if is_over and self._last_burst - self._began >= self._settings.walk_s else None

    def _is_long_still(self, *, still: bool) -> bool:
        self._still_count = (
            self._still_count + 1 if still else max(0, self._still_count - self._settings.still_undone_s)
        )
        if self._still_count < self._settings.still_s:
            return False
        self._still_count = 0
        return True
