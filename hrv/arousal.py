"""The arousal state of one wearer: which cue moves it, and why. What a cue leads to is `hrv.flooding`'s table."""

from hrv.calm_time import CalmTime
from hrv.episode import EpisodeTracker
from hrv.explanation import Weighed
from hrv.flooding import Cue, FloodRule, next_state
from hrv.hearing import Heard
from hrv.reading import ArousalState, Baseline, Episode, EpisodeEnd, Threshold, ThresholdKind
from hrv.recovery import RecoveryRule
from hrv.rising import RisingRule
from hrv.settings import DetectorSettings, personal_threshold_bpm

Allowed = tuple[float | None, float | None]
"""Heart rate allowed for movement and for posture, bpm; None when nothing is known of them."""


class Arousal:
    """The state machine, with the three rules that give it its cues. Without a signal it stands still.

    Attributes:
        state: the body's.
        why: the condition that led to it, in words.
        threshold: the line in force.
        usual: the baseline that seconds are compared with; None before the topic, or when there was too little quiet.
        calm_time: told of pauses.
    """

    def __init__(self, settings: DetectorSettings) -> None:
        self._settings = settings
        self._flood = FloodRule(settings)
        self._rising = RisingRule(settings)
        self._recovery = RecoveryRule(settings)
        self.calm_time = CalmTime()
        self.state = ArousalState.CALM
        self.why = "no sign of flooding"
        self.threshold = self._line(settings.threshold_bpm, ThresholdKind.FIXED)
        self.usual: Baseline | None = None
        self._rose_in_recovery = False
        self._unflooded_s = 0
        self._episode: EpisodeTracker | None = None
        self._ended: list[Episode] = []

    @property
    def near_usual_s(self) -> int:
        """Good seconds of the last two minutes that were near the baseline."""
        return self._recovery.near_usual_s

    def compare_with(self, usual: Baseline | None) -> None:
        """From the next second on, this is the wearer's usual. A personal line comes into force with it."""
        self.usual = usual
        if usual and self._settings.threshold_kind is ThresholdKind.PERSONAL:
            self.threshold = self._line(personal_threshold_bpm(usual.heart_rate_bpm), ThresholdKind.PERSONAL)

    def see(self, second: int, heard: Heard, weighed: Weighed | None) -> bool:
        """Take the next second; return whether the state changed."""
        before = self.state
        self._recovery.see(heard.bpm, self.usual.heart_rate_bpm if self.usual else None)
        if heard.is_lost:
            self._lose(second)
        elif heard.bpm is not None:
            self._see_good(second, heard.bpm, heard, weighed)
        return self.state is not before

    def finish(self, second: int) -> None:
        """The recording is over: an open episode ends with it."""
        self._close_episode(second, EpisodeEnd.TALK_ENDED)

    def tell_episode(self, second: int) -> Episode | None:
        """The oldest episode that ended and was not told yet, else the open one as it stands."""
        if self._ended:
            return self._ended.pop(0)
        return self._episode.open(second) if self._episode else None

    def _see_good(self, second: int, bpm: float, heard: Heard, weighed: Weighed | None) -> None:
        self._unflooded_s += 1
        if weighed is not None:
            self._ask_the_rules(second, bpm, weighed, is_clean=heard.is_clean)
        if self._episode:
            self._episode.see(second, bpm, *heard.rmssd)
        allowed_bpm = weighed.allowed_bpm if weighed else (None, None)
        if (found := self._cue(second, allowed_bpm)) is not None:
            self._follow(second, *found)
            if self.state is ArousalState.FLOODED:
                self._begin_flood(second, allowed_bpm, heard.quality)

    def _ask_the_rules(self, second: int, bpm: float, weighed: Weighed, *, is_clean: bool) -> None:
        explained = weighed.explained
        self._flood.see(
            second,
            bpm,
            weighed.chance_above,
            weighed.chance_still_above,
            is_over=bpm - (explained.movement_bpm + explained.posture_bpm) > self.threshold.bpm,
            is_clean=is_clean,
            has_motion=weighed.has_motion,
            is_seated=weighed.is_seated,
        )
        if self.state is not ArousalState.FLOODED:
            self._rising.see(
                explained.unexplained_bpm,
                explained.slope_bpm_per_s,
                self.usual.heart_rate_bpm if self.usual else None,
                self.threshold.bpm,
            )

    def _cue(self, second: int, allowed_bpm: Allowed) -> tuple[Cue, str] | None:
        if self.state is ArousalState.FLOODED:
            return self._flooded_cue(has_motion=None not in allowed_bpm)
        if (held := self._flood.held) is not None:
            return Cue.ABOVE, self._above_why(*held, *allowed_bpm)
        if self.state is ArousalState.RISING:
            return self._rising_cue()
        if self._rising.is_on:
            return Cue.RISE, f"rising towards {self.threshold.bpm:g}"
        return self._resting_cue(second)

    def _flooded_cue(self, *, has_motion: bool) -> tuple[Cue, str] | None:
        if not self._flood.ends:
            return None
        below = f"below {self.threshold.leave_bpm:g} for {self._settings.leave_s} s"
        return Cue.CAME_DOWN, f"{below}, beyond movement and posture" if has_motion else below

    def _rising_cue(self) -> tuple[Cue, str] | None:
        if self._rising.is_on:
            return None
        if self._rose_in_recovery:
            return Cue.RISE_OVER_IN_RECOVERY, "no longer rising; not recovered yet"
        return Cue.RISE_OVER, "no longer rising"

    def _resting_cue(self, second: int) -> tuple[Cue, str] | None:
        if self.state is ArousalState.RECOVERING:
            return self._recovering_cue(second)
        if self.state is ArousalState.RECOVERED and self.calm_time.is_over_for(second, self._settings.recovered_for_s):
            return Cue.SETTLED, "recovered, and the pause is over"
        return None

    def _recovering_cue(self, second: int) -> tuple[Cue, str] | None:
        if self._recovery.is_recovered(second, self.calm_time.counts_from_s):
            return Cue.NEAR_USUAL, "near the baseline for two minutes, and 20 minutes have passed"
        # what was not heard was not without flooding
        waited_s = min(self._unflooded_s, second - self.calm_time.counts_from_s)
        if self.usual is None and not self.calm_time.pause_is_on and waited_s >= self._settings.recovery_min_s:
            # nothing to compare with, so "recovered" would be invented
            return Cue.SETTLED, "20 minutes without flooding; there is no baseline to compare with"
        return None

    def _above_why(self, hits: int, window: int, movement_bpm: float | None, posture_bpm: float | None) -> str:
        seconds = f"above {self.threshold.bpm:g} in {hits} of the last {window} s"
        if movement_bpm is None or posture_bpm is None:
            return f"{seconds}; without motion data, taken to be seated"
        return f"{seconds}, {movement_bpm:.0f} allowed for movement and {posture_bpm:.0f} for posture"

    def _follow(self, second: int, cue: Cue, why: str) -> None:
        before, self.state = self.state, next_state(self.state, cue)
        self.why = why
        if self.state is not ArousalState.RISING:
            self._rose_in_recovery = self.state is ArousalState.RECOVERING
        if before is ArousalState.FLOODED:
            self._end_flood(second, cue)
        elif self.state is ArousalState.RECOVERED:
            self.calm_time.recovered(second)

    def _begin_flood(self, second: int, allowed_bpm: Allowed, quality: float) -> None:
        self._rising.forget()
        self._episode = EpisodeTracker(
            second, self._flood.above(), self.threshold, self.usual, self._settings, allowed_bpm, self.why, quality
        )

    def _end_flood(self, second: int, cue: Cue) -> None:
        self._unflooded_s = 0
        self.calm_time.flood_ended(second)
        self._close_episode(second, EpisodeEnd.CAME_DOWN if cue is Cue.CAME_DOWN else EpisodeEnd.SIGNAL_LOST)

    def _close_episode(self, second: int, end: EpisodeEnd) -> None:
        if self._episode:
            self._ended.append(self._episode.closed(second, end))
            self._episode = None

    def _lose(self, second: int) -> None:
        """After so long a silence nothing that was seen before it may count towards a flood, or go on."""
        self._flood.forget()
        self._rising.forget()
        why = f"no signal for {self._settings.episode_lost_after_s // 60} minutes; whether it went on is not known"
        if self.state is ArousalState.FLOODED:
            self._follow(second, Cue.SIGNAL_LOST, why)
        elif self.state is ArousalState.RISING:
            self._follow(second, Cue.RISE_OVER_IN_RECOVERY if self._rose_in_recovery else Cue.RISE_OVER, why)

    def _line(self, bpm: float, kind: ThresholdKind) -> Threshold:
        return Threshold(bpm, bpm - self._settings.leave_margin_bpm, kind)
