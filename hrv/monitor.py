"""The live pipeline as one pure object: measurements in, readings out. No clock, no I/O, no logging.

Everything is judged on whole seconds (`hrv.whole_seconds`), so that a replay of the stored packets says exactly what the live
run said, however often the live run asked in between. Each second goes through the rooms in this order: what was heard and can
it be trusted (`hrv.hearing`), how much of it do movement and posture explain (`hrv.explanation`), what does it cue the arousal
state to do (`hrv.arousal`).

What people do (the topic, a pause) reaches a live run a little late. So it counts from `MARK_GRACE_S` after its time on,
whenever before that the monitor was told.
"""

from typing import NamedTuple

from hrv.arousal import Arousal
from hrv.baseline import BaselineGatherer
from hrv.explanation import Explainer, Weighed
from hrv.hearing import NOTHING_HEARD, Heard, Hearing
from hrv.reading import Baseline, Reading, Second, Signal, StateChange
from hrv.settings import DetectorSettings
from hrv.signal import WHY
from hrv.whole_seconds import MARK_GRACE_S, WAIT_FOR_PACKET_S, WholeSeconds, checked
from sensing.measurement import HeartRateMeasurement


class _Judged(NamedTuple):
    """The last second judged."""

    second: int = 0
    heard: Heard = NOTHING_HEARD
    weighed: Weighed | None = None
    has_motion: bool = False


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
        self._whole_seconds = WholeSeconds()
        self._hearing = Hearing(settings)
        self._explainer = Explainer(settings)
        self._gatherer = BaselineGatherer(settings, late_s=MARK_GRACE_S)
        self._arousal = Arousal(settings)
        self._baseline: Baseline | None = None
        self._topic_s: float | None = None
        self._judged = _Judged()
        self._seconds: list[Second] = []
        self._changes: list[StateChange] = []
        self._finished = False

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
        t_s = self._whole_seconds.in_order(self._allowed(t_s))
        self._judge_until(t_s - WAIT_FOR_PACKET_S)
        self._hearing.hear(t_s, measurement)
        self._explainer.hear(motion_mg)
        self._judge_until(t_s)
        return self._reading()

    def tick(self, t_s: float) -> Reading:
        """Let time pass without a packet. Every packet that arrived before `t_s` must have been given already."""
        self._judge_until(self._allowed(t_s) - WAIT_FOR_PACKET_S)
        return self._reading()

    def begin_topic(self, t_s: float) -> None:
        """Freeze the baseline from the good seconds before `t_s`: from here on the wearer talks. Only the first call counts.

        Readings tell the baseline at once; seconds are compared with it from `t_s + 5` on (see the class).
        """
        self._allowed(t_s)
        if self._topic_s is None:
            self._topic_s = t_s
            self._whole_seconds.mark(t_s, t_s, self._freeze_baseline)
            self._whole_seconds.mark(t_s + MARK_GRACE_S, t_s, self._compare_with_baseline)

    def begin_pause(self, t_s: float) -> None:
        """A pause begins: recovery's 20 minutes count from here. Ignored while one is on."""
        self._whole_seconds.mark(self._allowed(t_s) + MARK_GRACE_S, t_s, self._arousal.calm_time.begin_pause)

    def end_pause(self, t_s: float) -> None:
        """The talk goes on. Ignored without a pause."""
        self._whole_seconds.mark(self._allowed(t_s) + MARK_GRACE_S, t_s, self._arousal.calm_time.end_pause)

    def finish(self, t_s: float) -> Reading:
        """End the recording: an open episode is closed as `talk_ended`. Nothing may follow."""
        self._judge_until(self._allowed(t_s))
        self._finished = True
        self._arousal.finish(self._judged.second)
        return self._reading()

    def _allowed(self, t_s: float) -> float:
        if self._finished:
            raise ValueError("the recording is finished; a new one needs a new ArousalMonitor")
        return checked(t_s)

    def _freeze_baseline(self, t_s: float) -> None:
        self._baseline = self._gatherer.freeze(t_s)

    def _compare_with_baseline(self, _t_s: float) -> None:
        self._arousal.compare_with(self._baseline)

    def _judge_until(self, t_s: float) -> None:
        for second in self._whole_seconds.until(t_s):
            self._judge(second)

    def _judge(self, second: int) -> None:
        arousal = self._arousal
        heard = self._hearing.close(second)
        if heard.signal_changed:
            self._note(second, heard.signal, WHY[heard.signal])
        motion_mg = self._explainer.take_motion(second)
        weighed = self._explainer.weigh(second, heard, motion_mg, arousal.usual, arousal.threshold)
        moves = weighed is not None and weighed.explained.movement_bpm >= self._settings.baseline_movement_bpm
        if heard.bpm is not None and not moves and (self._topic_s is None or second < self._topic_s):
            self._gatherer.add(second, heard.bpm, heard.rmssd.value, motion_mg)
        if arousal.see(second, heard, weighed):
            self._note(second, heard.signal, arousal.why)
        self._seconds.append(Second(second, heard.bpm, heard.rmssd.value, arousal.state, heard.signal))
        self._judged = _Judged(second, heard, weighed, self._explainer.has_motion(second))

    def _note(self, second: int, signal: Signal, why: str) -> None:
        self._changes.append(StateChange(float(second), self._arousal.state, signal, why))

    def _reading(self) -> Reading:
        """The state as of the last second judged; what is news is told once."""
        second, heard, weighed, has_motion = self._judged
        movement_bpm, posture_bpm = weighed.allowed_bpm if weighed else (None, None)
        reading = Reading(
            t_s=float(second),
            state=self._arousal.state,
            signal=heard.signal,
            heart_rate_bpm=heard.bpm,
            rmssd_ms=heard.rmssd.value,
            rmssd_missing=heard.rmssd.missing,
            sdnn_ms=heard.sdnn.value,
            sdnn_missing=heard.sdnn.missing,
            quality=heard.quality,
            threshold=self._arousal.threshold,
            baseline=self._baseline,
            near_usual_s=self._arousal.near_usual_s,
            changes=tuple(self._changes),
            episode=self._arousal.tell_episode(second),
            why=self._arousal.why if heard.signal is Signal.OK else WHY[heard.signal],
            seconds=tuple(self._seconds),
            quiet_s=self._gatherer.quiet_s,
            quality_why=heard.quality_why,
            unexplained_bpm=weighed.explained.unexplained_bpm if weighed else None,
            movement_bpm=movement_bpm,
            posture_bpm=posture_bpm,
            chance_above=weighed.chance_above if weighed else None,
            has_motion=has_motion,
        )
        self._seconds.clear()
        self._changes.clear()
        return reading
