"""The live pipeline as one pure object: measurements in, readings out. No clock, no I/O, no logging.

Everything is judged on whole seconds, so that a replay of the stored packets says exactly what the live run said, however
often the live run asked in between. Second `s` is judged at the first packet that arrives in `[s, s + 2)`, with that
packet (a flood is seen without delay); when none has come by `s + 2`, without one.

What people do (the topic, a pause) reaches a live run a little late. So it counts from `MARK_GRACE_S` after its time on,
whenever before that the monitor was told.
"""

from bisect import insort
from collections.abc import Callable
from math import inf, isfinite

from hrv.arousal_model import ArousalModel, Explained
from hrv.artifacts import ArtifactFilter, Verdict
from hrv.baseline import BaselineGatherer
from hrv.beat_rate import BeatRate
from hrv.episode import EpisodeTracker
from hrv.figure import Figure, Missing
from hrv.flooding import Cue, FloodRule, next_state
from hrv.motion import MotionWatch
from hrv.reading import (
    ArousalState,
    Baseline,
    Episode,
    EpisodeEnd,
    Reading,
    Second,
    Signal,
    StateChange,
    Threshold,
    ThresholdKind,
)
from hrv.recovery import RecoveryRule
from hrv.rising import RisingRule
from hrv.settings import DetectorSettings, personal_threshold_bpm
from hrv.signal import WHY, FrozenWatch, SignalWatch, fault, judge
from hrv.timeline import BeatTimeline
from hrv.window import RecentBeats, RollingVariability
from sensing.measurement import HeartRateMeasurement

WAIT_FOR_PACKET_S = 2
MARK_GRACE_S = 5
"""How late one may be told of a mark without concluding anything else (own choice)."""
BACKWARDS_MAX_S = 5.0
MOTION_MOST_MG = 30_000
"""More than values of 16 bits in mg can deviate."""
LONGEST_RECORDING_S = 7 * 24 * 3600.0
NO_FIGURE = Figure.none(Missing.NO_SIGNAL)


class PacketTooLate(ValueError):
    """A packet far older than the newest one. Nothing has changed; the caller drops it."""


class ArousalMonitor:
    """One wearer's heart during one recording.

    `t_s` is always seconds since the recording began. Times that are negative, not finite or beyond a week raise
    `ValueError`.

    The marks `begin_topic`, `begin_pause` and `end_pause` matter only through their `t_s`: told at any moment before a
    packet or tick of `t_s + 5` s or later, they lead to the same changes, baseline and episodes.

    >>> monitor = ArousalMonitor()
    >>> for beat in range(70):
    ...     reading = monitor.update(beat * 0.8, HeartRateMeasurement(heart_rate_bpm=75, rr_ticks=(819 + beat % 2,)))
    >>> reading.state, round(reading.heart_rate_bpm)
    (<ArousalState.CALM: 'calm'>, 75)
    """

    def __init__(self, settings: DetectorSettings = DetectorSettings()) -> None:  # noqa: B008  frozen: safe to share
        self._settings = settings
        self._timeline = BeatTimeline()
        self._filter = ArtifactFilter(settings)
        self._recent = RecentBeats(settings)
        self._variability = RollingVariability(settings)
        self._watch = SignalWatch(settings)
        self._frozen = FrozenWatch(settings)
        self._gatherer = BaselineGatherer(settings, late_s=MARK_GRACE_S)
        self._beats = BeatRate(settings)
        self._movement = MotionWatch(settings.model)
        self._model = ArousalModel(settings.model)
        self._flood = FloodRule(settings)
        self._rising = RisingRule(settings)
        self._recovery = RecoveryRule(settings)

        self._next_second = 0
        self._last_packet_t_s = -inf
        self._last: HeartRateMeasurement | None = None
        self._newest_beat_ticks = 0
        self._blocked_until = 0
        self._last_good: int | None = None
        self._finished = False

        self._motion_mg: int | None = None
        self._moved_s = -inf
        self._model_knows_motion = False
        self._explained: Explained | None = None
        self._chance_above: float | None = None
        self._quality_why = WHY[Signal.DISCONNECTED]

        self._bpm: float | None = None
        self._rmssd = self._sdnn = NO_FIGURE
        self._state = ArousalState.CALM
        self._state_why = "no sign of flooding"
        self._still_recovers = False
        self._threshold = self._line(settings.threshold_bpm, ThresholdKind.FIXED)
        self._baseline: Baseline | None = None
        self._reference: Baseline | None = None
        self._topic_s: float | None = None
        # (second it counts from, its time, what it does), soonest first
        self._marks: list[tuple[float, float, Callable[[float], None]]] = []

        self._pause_is_on = False
        self._calm_counts_from_s = 0.0
        self._settled_from_s = 0.0
        self._unflooded_s = 0

        self._seconds: list[Second] = []
        self._changes: list[StateChange] = []
        self._episode: EpisodeTracker | None = None
        self._ended: list[Episode] = []
        self._quiet: Reading | None = None

    def update(
        self,
        t_s: float,
        measurement: HeartRateMeasurement,
        motion_mg: int | None = None,
    ) -> Reading:
        """Take one packet that arrived at `t_s`.

        Args:
            t_s: arrival, seconds since the recording began.
            measurement: the decoded packet.
            motion_mg: mean amplitude deviation of acceleration, mg; None from a strap without an accelerometer. What none
                can tell (negative, above `MOTION_MOST_MG`, not a number) is taken for None.

        Raises:
            PacketTooLate: the packet is more than 5 s older than the newest one; nothing has changed, and the caller drops
                it. Less is jitter, and taken as simultaneous with the newest.
        """
        t_s = self._in_order(self._checked(t_s))
        self._run_until(t_s - WAIT_FOR_PACKET_S)
        self._ingest(t_s, measurement)
        if motion_mg is not None and 0 <= motion_mg <= MOTION_MOST_MG:
            self._motion_mg = max(motion_mg, self._motion_mg or 0)
        self._run_until(t_s)
        return self._reading()

    def tick(self, t_s: float) -> Reading:
        """Let time pass without a packet. Every packet that arrived before `t_s` must have been given already."""
        self._run_until(self._checked(t_s) - WAIT_FOR_PACKET_S)
        return self._reading()

    def begin_topic(self, t_s: float) -> None:
        """Freeze the baseline from the good seconds before `t_s`: from here on the wearer talks. Only the first call counts.

        Readings tell the baseline at once; seconds are compared with it from `t_s + 5` on (see the class).
        """
        self._checked(t_s)
        if self._topic_s is None:
            self._topic_s = t_s
            self._mark(t_s, t_s, self._freeze_baseline)
            self._mark(t_s + MARK_GRACE_S, t_s, self._compare_with_baseline)

    def begin_pause(self, t_s: float) -> None:
        """A pause begins: recovery's 20 minutes count from here. Ignored while one is on."""
        self._mark(self._checked(t_s) + MARK_GRACE_S, t_s, self._start_pause)

    def end_pause(self, t_s: float) -> None:
        """The talk goes on. Ignored without a pause."""
        self._mark(self._checked(t_s) + MARK_GRACE_S, t_s, self._stop_pause)

    def finish(self, t_s: float) -> Reading:
        """End the recording: an open episode is closed as `talk_ended`. Nothing may follow."""
        self._run_until(self._checked(t_s))
        self._finished = True
        if self._episode:
            self._close_episode(self._next_second - 1, EpisodeEnd.TALK_ENDED)
        return self._reading()

    def _checked(self, t_s: float) -> float:
        if self._finished:
            raise ValueError("the recording is finished; a new one needs a new ArousalMonitor")
        if not (isfinite(t_s) and 0 <= t_s <= LONGEST_RECORDING_S):
            raise ValueError(f"t_s is seconds since the recording began, 0 to {LONGEST_RECORDING_S:.0f}, not {t_s}")
        return t_s

    def _in_order(self, t_s: float) -> float:
        if t_s < self._last_packet_t_s - BACKWARDS_MAX_S:
            raise PacketTooLate(f"a packet at {t_s} s came after one at {self._last_packet_t_s} s; sort them by time")
        return max(t_s, self._last_packet_t_s)

    def _run_until(self, t_s: float) -> None:
        while self._next_second <= t_s:
            self._judge(self._next_second)
            self._next_second += 1
            if self._marks:
                self._follow_marks()

    def _mark(self, counts_from_s: float, t_s: float, follow: Callable[[float], None]) -> None:
        insort(self._marks, (counts_from_s, t_s, follow), key=lambda mark: mark[0])
        self._follow_marks()

    def _follow_marks(self) -> None:
        """Follow each mark when all seconds before the one it counts from have been judged."""
        while self._marks and self._marks[0][0] <= self._next_second:
            _, t_s, follow = self._marks.pop(0)
            follow(t_s)

    def _freeze_baseline(self, t_s: float) -> None:
        self._quiet = None
        self._baseline = self._gatherer.freeze(t_s)

    def _compare_with_baseline(self, _t_s: float) -> None:
        self._quiet = None
        self._reference = self._baseline
        if self._baseline and self._settings.threshold_kind is ThresholdKind.PERSONAL:
            self._threshold = self._line(personal_threshold_bpm(self._baseline.heart_rate_bpm), ThresholdKind.PERSONAL)

    def _start_pause(self, t_s: float) -> None:
        if not self._pause_is_on:
            self._pause_is_on = True
            self._calm_counts_from_s = t_s

    def _stop_pause(self, t_s: float) -> None:
        if self._pause_is_on:
            self._pause_is_on = False
            self._settled_from_s = max(self._settled_from_s, t_s)

    def _ingest(self, t_s: float, measurement: HeartRateMeasurement) -> None:
        self._last, self._last_packet_t_s = measurement, t_s
        for beat in self._timeline.place(t_s, measurement.rr_ticks):
            self._frozen.see(beat.rr_ticks)
            verdict = self._filter.judge(beat.rr_ticks)
            accepted = verdict is not Verdict.REJECTED
            if verdict is Verdict.RESYNCHRONISED:
                self._blocked_until = int(t_s) + self._settings.resync_block_s
            self._recent.push(beat, accepted=accepted)
            self._variability.push(beat, accepted=accepted)
            self._beats.push(beat, accepted=accepted)
            self._newest_beat_ticks = beat.t_ticks

    def _judge(self, second: int) -> None:
        self._quiet = None
        now_ticks = self._advance(second)
        bpm = self._recent.heart_rate_bpm()
        judged = judge(
            self._settings,
            second - self._last_packet_t_s,
            self._last,
            bpm,
            self._recent.accepted_share,
            self._recent.coverage,
        )
        if judged is Signal.OK and self._frozen.is_frozen:
            judged = Signal.FROZEN
        self._quality_why = fault(
            self._settings, judged, self._last, bpm, self._recent.accepted_share, self._recent.coverage
        )
        if self._watch.step(judged):
            self._note(second, WHY[self._watch.signal])
        trusted = self._watch.signal is Signal.OK
        self._bpm = bpm if trusted and judged is Signal.OK else None
        self._rmssd = self._variability.rmssd_ms() if trusted else NO_FIGURE
        self._sdnn = self._variability.sdnn_ms() if trusted else NO_FIGURE
        self._explain(second, self._beats.take(now_ticks))
        self._recovery.see(self._bpm, self._reference.heart_rate_bpm if self._reference else None)
        if self._bpm is not None:
            self._good_second(second, self._bpm)
        elif self._last_good is not None and second - self._last_good >= self._settings.episode_lost_after_s:
            self._lose(second)
        self._seconds.append(Second(second, self._bpm, self._rmssd[0], self._state, self._watch.signal))

    def _explain(self, second: int, rate_bpm: float | None) -> None:
        """Ask how much of the heart rate movement and posture explain. A bad second only lets time pass."""
        motion_mg, self._motion_mg = self._motion_mg, None
        if motion_mg is not None:
            self._moved_s = second
            self._model_knows_motion = True
        elif self._model_knows_motion and self._bpm is not None and not self._has_motion:
            # taken to sit from now on: what was believed of the posture must not go on hiding a flood
            self._model_knows_motion = False
            self._model = ArousalModel(self._settings.model)
        reference = self._reference
        motion = self._movement.see(second, motion_mg, reference.motion_mg if reference else None)
        floor_bpm = reference.heart_rate_bpm - self._settings.model.floor_bpm if reference else None
        self._model.step(second, None if self._bpm is None else rate_bpm, motion, floor_bpm)
        self._explained = self._chance_above = None
        if self._bpm is not None and self._model.is_known:
            self._explained = self._model.explained()
            self._chance_above = self._model.chance_above(self._threshold.bpm)
        before_topic = self._topic_s is None or second < self._topic_s
        moves = self._explained is not None and self._explained.movement_bpm >= self._settings.baseline_movement_bpm
        if self._bpm is not None and before_topic and not moves:
            self._gatherer.add(second, self._bpm, self._rmssd[0], motion_mg)

    @property
    def _has_motion(self) -> bool:
        return self._next_second - self._moved_s <= self._settings.motion_gone_s

    def _allowed_bpm(self) -> tuple[float | None, float | None]:
        """What is allowed for movement and for posture; None when nothing is known of them."""
        if self._explained is None or not self._has_motion:
            return None, None
        return self._explained.movement_bpm, self._explained.posture_bpm

    def _advance(self, second: int) -> int:
        # a packet may bring beats that are newer than the second it answers for
        now_ticks = max(self._timeline.now_ticks(second), self._newest_beat_ticks)
        self._recent.advance(now_ticks)
        self._variability.advance(now_ticks)
        return now_ticks

    def _good_second(self, second: int, bpm: float) -> None:
        self._last_good = second
        self._unflooded_s += 1
        if self._explained is not None and self._chance_above is not None:
            allowed_bpm = self._explained.movement_bpm + self._explained.posture_bpm
            self._flood.see(
                second,
                bpm,
                self._chance_above,
                self._model.chance_still_above(self._threshold.leave_bpm),
                is_over=bpm - allowed_bpm > self._threshold.bpm,
                is_clean=self._is_clean(second),
                has_motion=self._has_motion,
            )
            if self._state is not ArousalState.FLOODED:
                self._rising.see(
                    self._explained.unexplained_bpm,
                    self._explained.slope_bpm_per_s,
                    self._reference.heart_rate_bpm if self._reference else None,
                    self._threshold.bpm,
                )
        if self._episode:
            self._episode.see(second, bpm, *self._rmssd)
        if (cue := self._cue(second)) is not None:
            self._follow(second, *cue)

    def _is_clean(self, second: int) -> bool:
        """Whether a flood may begin or end by the last intervals."""
        is_shaky = second < self._blocked_until or self._frozen.is_doubtful
        return not is_shaky and self._beats.clean_share >= self._settings.clean_share

    def _cue(self, second: int) -> tuple[Cue, str] | None:
        if self._state is ArousalState.FLOODED:
            return self._flooded_cue()
        if (held := self._flood.held) is not None:
            return Cue.ABOVE, self._above_why(*held)
        if self._state is ArousalState.RISING:
            return self._rising_cue()
        if self._rising.is_on:
            return Cue.RISE, f"rising towards {self._threshold.bpm:g}"
        return self._resting_cue(second)

    def _resting_cue(self, second: int) -> tuple[Cue, str] | None:
        if self._state is ArousalState.RECOVERING:
            return self._recovering_cue(second)
        if self._state is ArousalState.RECOVERED and self._is_settled(second):
            return Cue.SETTLED, "recovered, and the pause is over"
        return None

    def _rising_cue(self) -> tuple[Cue, str] | None:
        if self._rising.is_on:
            return None
        if self._still_recovers:
            return Cue.RISE_OVER_IN_RECOVERY, "no longer rising; not recovered yet"
        return Cue.RISE_OVER, "no longer rising"

    def _flooded_cue(self) -> tuple[Cue, str] | None:
        if not self._flood.ends:
            return None
        below = f"below {self._threshold.leave_bpm:g} for {self._settings.leave_s} s"
        return Cue.CAME_DOWN, f"{below}, beyond movement and posture" if self._has_motion else below

    def _recovering_cue(self, second: int) -> tuple[Cue, str] | None:
        if self._recovery.is_recovered(second, self._calm_counts_from_s):
            return Cue.NEAR_USUAL, "near the baseline for two minutes, and 20 minutes have passed"
        # what was not heard was not without flooding
        waited_s = min(self._unflooded_s, second - self._calm_counts_from_s)
        if self._reference is None and not self._pause_is_on and waited_s >= self._settings.recovery_min_s:
            # nothing to compare with, so "recovered" would be invented
            return Cue.SETTLED, "20 minutes without flooding; there is no baseline to compare with"
        return None

    def _is_settled(self, second: int) -> bool:
        return not self._pause_is_on and second - self._settled_from_s >= self._settings.recovered_for_s

    def _follow(self, second: int, cue: Cue, why: str) -> None:
        before, self._state = self._state, next_state(self._state, cue)
        if self._state is not ArousalState.RISING:
            self._still_recovers = self._state is ArousalState.RECOVERING
        self._state_why = why
        if before is ArousalState.FLOODED:
            self._end_flood(second, cue)
        elif self._state is ArousalState.FLOODED:
            self._rising.forget()
            self._episode = EpisodeTracker(
                second, self._flood.above(), self._threshold, self._reference, self._settings, self._allowed_bpm()
            )
        elif self._state is ArousalState.RECOVERED:
            self._settled_from_s = max(self._settled_from_s, second)
        self._note(second, why)

    def _end_flood(self, second: int, cue: Cue) -> None:
        self._unflooded_s = 0
        if not self._pause_is_on:
            self._calm_counts_from_s = second
        self._close_episode(second, EpisodeEnd.CAME_DOWN if cue is Cue.CAME_DOWN else EpisodeEnd.SIGNAL_LOST)

    def _close_episode(self, second: int, end: EpisodeEnd) -> None:
        if self._episode:
            self._quiet = None
            self._ended.append(self._episode.closed(second, end))
            self._episode = None

    def _lose(self, second: int) -> None:
        self._last_good = None  # once is enough
        self._flood.forget()
        self._model = ArousalModel(self._settings.model)
        self._rising.forget()
        why = f"no signal for {self._settings.episode_lost_after_s // 60} minutes; whether it went on is not known"
        if self._state is ArousalState.FLOODED:
            self._follow(second, Cue.SIGNAL_LOST, why)
        elif self._state is ArousalState.RISING:
            self._follow(second, Cue.RISE_OVER_IN_RECOVERY if self._still_recovers else Cue.RISE_OVER, why)

    def _note(self, second: int, why: str) -> None:
        self._changes.append(StateChange(float(second), self._state, self._watch.signal, why))

    def _line(self, bpm: float, kind: ThresholdKind) -> Threshold:
        return Threshold(bpm, bpm - self._settings.leave_margin_bpm, kind)

    def _above_why(self, hits: int, window: int) -> str:
        seconds = f"above {self._threshold.bpm:g} in {hits} of the last {window} s"
        movement_bpm, posture_bpm = self._allowed_bpm()
        if movement_bpm is None or posture_bpm is None:
            return f"{seconds}; without motion data, taken to be seated"
        return f"{seconds}, {movement_bpm:.0f} allowed for movement and {posture_bpm:.0f} for posture"

    def _reading(self) -> Reading:
        """The state as of the last second judged; what is news is told once."""
        if not (self._seconds or self._changes or self._ended):
            if self._quiet is None:
                self._quiet = self._new_reading(None)
            return self._quiet
        news = self._new_reading(self._ended.pop(0) if self._ended else None)
        self._seconds.clear()
        self._changes.clear()
        return news

    def _new_reading(self, ended: Episode | None) -> Reading:
        second = max(self._next_second - 1, 0)
        signal = self._watch.signal
        movement_bpm, posture_bpm = self._allowed_bpm()
        return Reading(
            t_s=float(second),
            state=self._state,
            signal=signal,
            heart_rate_bpm=self._bpm,
            rmssd_ms=self._rmssd[0],
            rmssd_missing=self._rmssd[1],
            sdnn_ms=self._sdnn[0],
            sdnn_missing=self._sdnn[1],
            quality=self._recent.accepted_share,
            threshold=self._threshold,
            baseline=self._baseline,
            near_usual_s=self._recovery.near_usual_s,
            changes=tuple(self._changes),
            episode=ended or (self._episode.open(second) if self._episode else None),
            why=self._state_why if signal is Signal.OK else WHY[signal],
            seconds=tuple(self._seconds),
            quiet_s=self._gatherer.quiet_s,
            quality_why=self._quality_why,
            unexplained_bpm=self._explained.unexplained_bpm if self._explained else None,
            movement_bpm=movement_bpm,
            posture_bpm=posture_bpm,
            chance_above=self._chance_above,
            has_motion=self._has_motion,
        )
