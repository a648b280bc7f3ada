"""The simulated body behind a simulated strap: a heart that goes through a hard talk. Pure and deterministic.

A plausible model, not a person. What each part rests on:

* Heart rate follows a drive as a first-order system, rising in about a minute and falling in four to five: own choice,
  after the shape of stress recordings.
* Breathing (0.25 Hz at rest) and the Mayer wave (0.1 Hz) modulate each interval: McSharry et al. 2003, IEEE TBME 50:289.
* Breathing's effect shrinks as arousal takes the vagal brake off: Berntson et al. 1993, Psychophysiology 30:183.
* Talking adds a few beats a minute and makes breathing slow, deep and irregular: Bernardi et al. 2000, JACC 35:1462.
* An early beat is followed by a compensatory pause, so that the two together last two normal beats.
"""

import math
import random
from dataclasses import dataclass

from sensing.measurement import TICKS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens to the body, on its own time axis (seconds since the scenario began).

    Attributes:
        baseline_bpm: resting heart rate, seated and silent.
        argument_at_s: the quiet baseline ends and the topic begins.
        argument_rise_bpm: how far arousal has risen when the flood begins.
        flood_at_s: arousal takes off; 100 bpm is crossed half a minute later.
        flood_bpm: where the flood settles.
        flood_lasts_s: without a pause the flood ebbs by itself after so long.
        ebb_bpm: where it ebbs to while the talk goes on.
        rise_tau_s, fall_tau_s: time constants of the heart rate's rise and of its coming down.
        speech_bpm: what talking adds.
        breathing_bpm: amplitude of the respiratory modulation at rest.
        mayer_bpm: amplitude of the 0.1 Hz wave.
        drift_bpm: standard deviation of the slow wandering.
        noise: standard deviation of the beat-to-beat noise, as a share of the interval.
        ectopic_at_s: one early beat and its compensatory pause; None for none.
        dropout_at_s, dropout_s: the electrodes lose the skin for a while; None for no dropout.
    """

    baseline_bpm: float = 72.0
    argument_at_s: float = 300.0
    argument_rise_bpm: float = 14.0
    flood_at_s: float = 550.0
    flood_bpm: float = 114.0
    flood_lasts_s: float = 1500.0
    ebb_bpm: float = 80.0
    rise_tau_s: float = 50.0
    fall_tau_s: float = 270.0
    speech_bpm: float = 3.0
    breathing_bpm: float = 3.0
    mayer_bpm: float = 1.5
    drift_bpm: float = 0.8
    noise: float = 0.006
    ectopic_at_s: float | None = 480.0
    dropout_at_s: float | None = 400.0
    dropout_s: float = 25.0

    def goal_bpm(self, t_s: float, pause_began_s: float | None) -> float:
        """Where arousal draws the heart rate at `t_s`."""
        if t_s < self.argument_at_s or (pause_began_s is not None and t_s >= pause_began_s):
            return self.baseline_bpm
        if t_s < self.flood_at_s:
            share = (t_s - self.argument_at_s) / (self.flood_at_s - self.argument_at_s)
            return self.baseline_bpm + self.argument_rise_bpm * share
        return self.flood_bpm if t_s < self.flood_at_s + self.flood_lasts_s else self.ebb_bpm

    def contact_lost(self, t_s: float) -> bool:
        """Whether the electrodes are off the skin at `t_s`."""
        return self.dropout_at_s is not None and 0 <= t_s - self.dropout_at_s < self.dropout_s


@dataclass(frozen=True, slots=True)
class Beat:
    """One heartbeat: when it came (body seconds) and the interval that it ended, in 1/1024 s."""

    t_s: float
    rr_ticks: int


_BREATHS_PER_S = 0.25
_BREATHS_PER_S_TALKING = 0.17
_MAYER_HZ = 0.1
_SPEECH_TAU_S = 8.0
_DRIFT_TAU_S = 120.0
_EARLY = 0.65
_AROUSED_AT_BPM = 40.0  # this far above the baseline breathing has its smallest effect
_LEAST_BREATHING = 0.3


class SimulatedBody:
    """A heart in a scenario.

    Every random number belongs to a beat or to a turn of speech, in order, so the beats depend only on the arguments
    and not on how often they are asked for. A second body made with the same arguments and advanced to the same second
    is therefore the same body: that is how a restarted process goes on.

    Args:
        scenario: what happens.
        seed: which of the many people it could happen to.
        pause_began_s: when the pause began, if it is known already.

    >>> once, bit_by_bit = SimulatedBody(seed=3), SimulatedBody(seed=3)
    >>> once.advance(60.0) == bit_by_bit.advance(21.5) + bit_by_bit.advance(60.0)
    True
    """

    def __init__(self, scenario: Scenario | None = None, seed: int = 1, pause_began_s: float | None = None) -> None:
        self.scenario = scenario or Scenario()
        self.pause_began_s = pause_began_s
        self._beat_rng = random.Random(f"{seed} beats")  # noqa: S311  a simulation, not a secret
        self._turn_rng = random.Random(f"{seed} turns")  # noqa: S311  same
        self._beat_at_s = 0.0
        self._arousal_bpm = self.scenario.baseline_bpm
        self._speech_bpm = 0.0
        self._drift_bpm = 0.0
        self._breathing_phase = 0.0
        self._talking = False
        self._turn_ends_s = self.scenario.argument_at_s
        self._compensation_s: float | None = None
        self._ectopic_due = self.scenario.ectopic_at_s is not None
        self._next_s = self._next_beat_s()

    def begin_pause(self, t_s: float) -> None:
        """The wearer stops talking and rests from body second `t_s` on. The first call counts."""
        if self.pause_began_s is None:
            self.pause_began_s = t_s

    def advance(self, to_s: float) -> list[Beat]:
        """The beats since the last call up to body second `to_s`, oldest first; none if it lies in the past."""
        beats = []
        while self._next_s <= to_s:
            ticks = round(self._next_s * TICKS_PER_SECOND) - round(self._beat_at_s * TICKS_PER_SECOND)
            beats.append(Beat(self._next_s, ticks))
            self._beat_at_s = self._next_s
            self._next_s = self._next_beat_s()
        return beats

    def _next_beat_s(self) -> float:
        """When the beat after the one at `_beat_at_s` comes; moves the body's state on by that interval."""
        rr_s = self._interval_s(self._beat_at_s)
        self._move_on(self._beat_at_s, rr_s)
        return self._beat_at_s + rr_s

    def _interval_s(self, t_s: float) -> float:
        """The interval that begins at `t_s`."""
        normal_s = 60.0 / self._heart_rate_bpm(t_s) * (1.0 + self._beat_rng.gauss(0.0, self.scenario.noise))
        if self._compensation_s is not None:
            normal_s, self._compensation_s = self._compensation_s, None
        elif self._ectopic_due and self.scenario.ectopic_at_s is not None and t_s >= self.scenario.ectopic_at_s:
            self._ectopic_due = False
            self._compensation_s = normal_s * (2.0 - _EARLY)
            normal_s *= _EARLY
        return normal_s

    def _heart_rate_bpm(self, t_s: float) -> float:
        aroused = min(1.0, max(0.0, (self._arousal_bpm - self.scenario.baseline_bpm) / _AROUSED_AT_BPM))
        vagal = 1.0 - (1.0 - _LEAST_BREATHING) * aroused
        breathing = self.scenario.breathing_bpm * vagal * math.sin(self._breathing_phase)
        mayer = self.scenario.mayer_bpm * (0.5 + 0.5 * vagal) * math.sin(2 * math.pi * _MAYER_HZ * t_s)
        return self._arousal_bpm + self._speech_bpm + self._drift_bpm + breathing + mayer

    def _move_on(self, t_s: float, rr_s: float) -> None:
        """Move every slow state on over the interval that begins at `t_s`."""
        goal_bpm = self.scenario.goal_bpm(t_s, self.pause_began_s)
        tau_s = self.scenario.rise_tau_s if goal_bpm > self._arousal_bpm else self.scenario.fall_tau_s
        self._arousal_bpm += (goal_bpm - self._arousal_bpm) * -math.expm1(-rr_s / tau_s)
        talking = self._is_talking(t_s)
        speech_bpm = self.scenario.speech_bpm if talking else 0.0
        self._speech_bpm += (speech_bpm - self._speech_bpm) * -math.expm1(-rr_s / _SPEECH_TAU_S)
        kept = math.exp(-rr_s / _DRIFT_TAU_S)
        wander_bpm = self.scenario.drift_bpm * math.sqrt(1.0 - kept * kept)
        self._drift_bpm = self._drift_bpm * kept + self._beat_rng.gauss(0.0, wander_bpm)
        breaths_per_s = _BREATHS_PER_S_TALKING if talking else _BREATHS_PER_S
        irregular = self._beat_rng.gauss(1.0, 0.3 if talking else 0.08)
        self._breathing_phase += 2 * math.pi * breaths_per_s * max(0.0, irregular) * rr_s

    def _is_talking(self, t_s: float) -> bool:
        """Turns of speech alternate with listening from the argument until the pause."""
        while t_s >= self._turn_ends_s:
            self._talking = not self._talking
            self._turn_ends_s += self._turn_rng.uniform(6.0, 25.0)
        return self._talking and (self.pause_began_s is None or t_s < self.pause_began_s)
