"""The ambient cue before a flood. Never an alarm: most rises turn back by themselves."""

from hrv.settings import DetectorSettings


class RisingRule:
    """A rise: clearly above baseline, and bound to pass the line if it goes on like this for less than a minute.

    It looks at the heart rate beyond movement and posture and at its slope, both from the model, which has taken breathing
    and the 0.1 Hz wave out; so standing up is no rise. The cue lasts until the level has come back, or nothing has spoken for it
    for minutes.
    """

    def __init__(self, settings: DetectorSettings) -> None:
        self.is_on = False
        self._settings = settings
        self._unspoken_s = 0
        self._back_s = 0

    def see(
        self,
        unexplained_bpm: float,
        slope_bpm_per_s: float,
        baseline_bpm: float | None,
        threshold_bpm: float,
    ) -> None:
        """Take one good second; in others every count stands still. Without a baseline there is no cue."""
        if baseline_bpm is None:
            return
        rules = self._settings
        begins_bpm = baseline_bpm + max(rules.rising_margin_bpm, rules.rising_margin_share * baseline_bpm)
        soon_bpm = unexplained_bpm + slope_bpm_per_s * rules.rising_horizon_s
        is_back = unexplained_bpm < begins_bpm - rules.rising_back_bpm
        self._back_s = self._back_s + 1 if is_back else 0
        self._unspoken_s += 1
        if unexplained_bpm >= begins_bpm and soon_bpm > threshold_bpm + rules.rising_past_bpm:
            self.is_on = True
            self._unspoken_s = 0
        elif self._back_s >= rules.rising_back_s or self._unspoken_s >= rules.rising_hold_s:
            self.is_on = False

    def forget(self) -> None:
        """What rose has arrived, or is lost from sight for long. Another rise needs reasons of its own."""
        self.is_on = False
