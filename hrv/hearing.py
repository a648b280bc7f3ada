"""What the strap's packets tell, second by second, and how far they can be trusted."""

from math import inf
from typing import NamedTuple

from hrv.artifacts import ArtifactFilter, Verdict
from hrv.beat_rate import BeatRate
from hrv.figure import Figure, Missing
from hrv.reading import Signal
from hrv.settings import DetectorSettings
from hrv.signal import WHY, FrozenWatch, SignalWatch, judge
from hrv.timeline import BeatTimeline
from hrv.window import RecentBeats, RollingVariability
from sensing.measurement import HeartRateMeasurement

NO_FIGURE = Figure.none(Missing.NO_SIGNAL)


class Heard(NamedTuple):
    """One second.

    Attributes:
        bpm: the heart rate of the last seconds; None unless the second is good: the signal is ok, and so is this very second.
        rate_bpm: the mean heart rate of this one second; None when it had no accepted interval or is not good.
        rmssd: of the last minute, or why there is none.
        sdnn: of the last two minutes, or why there is none.
        signal: the technical condition.
        signal_changed: whether that is new.
        quality: accepted RR over all RR in the quality window, 0..1.
        quality_why: what is wrong with this second, or that nothing is.
        is_clean: whether a flood may begin or end by it: few of the last intervals were rejected, the filter did not
            start anew just now, and they are not so equal that the strap may be frozen.
        is_lost: whether there has been no good second for just so long that whatever was going on is not known any more.
    """

    bpm: float | None = None
    rate_bpm: float | None = None
    rmssd: Figure = NO_FIGURE
    sdnn: Figure = NO_FIGURE
    signal: Signal = Signal.DISCONNECTED
    signal_changed: bool = False
    quality: float = 0.0
    quality_why: str = WHY[Signal.DISCONNECTED]
    is_clean: bool = False
    is_lost: bool = False


NOTHING_HEARD = Heard()


class Hearing:
    """Packets in, one `Heard` a second out.

    >>> hearing = Hearing(DetectorSettings())
    >>> for second in range(12):
    ...     hearing.hear(second + 0.0, HeartRateMeasurement(60, rr_ticks=(1020 + second % 3,)))
    ...     heard = hearing.close(second)
    >>> round(heard.bpm), heard.quality_why
    (60, 'signal ok')
    """

    def __init__(self, settings: DetectorSettings) -> None:
        self._settings = settings
        self._timeline = BeatTimeline()
        self._filter = ArtifactFilter(settings)
        self._recent = RecentBeats(settings)
        self._variability = RollingVariability(settings)
        self._beats = BeatRate(settings)
        self._frozen = FrozenWatch(settings)
        self._watch = SignalWatch(settings)
        self._packet: HeartRateMeasurement | None = None
        self._packet_t_s = -inf
        self._newest_beat_ticks = 0
        self._not_clean_before = 0
        self._last_good: int | None = None

    def hear(self, t_s: float, packet: HeartRateMeasurement) -> None:
        """Take a packet that arrived at `t_s`."""
        self._packet, self._packet_t_s = packet, t_s
        for beat in self._timeline.place(t_s, packet.rr_ticks):
            self._frozen.see(beat.rr_ticks)
            verdict = self._filter.judge(beat.rr_ticks)
            accepted = verdict is not Verdict.REJECTED
            if verdict is Verdict.RESYNCHRONISED:
                self._not_clean_before = int(t_s) + self._settings.resync_block_s
            self._recent.push(beat, accepted=accepted)
            self._variability.push(beat, accepted=accepted)
            self._beats.push(beat, accepted=accepted)
            self._newest_beat_ticks = beat.t_ticks

    def close(self, second: int) -> Heard:
        """Say what was heard up to and in `second`. Seconds follow one another."""
        # a packet may bring beats that are newer than the second it answers for
        now_ticks = max(self._timeline.now_ticks(second), self._newest_beat_ticks)
        self._recent.advance(now_ticks)
        self._variability.advance(now_ticks)
        rate_bpm = self._beats.take(now_ticks)
        bpm = self._recent.heart_rate_bpm()
        judged, quality_why = judge(
            self._settings,
            second - self._packet_t_s,
            self._packet,
            bpm,
            self._recent.accepted_share,
            self._recent.coverage,
            is_frozen=self._frozen.is_frozen,
        )
        signal_changed = self._watch.step(judged)
        signal = self._watch.signal
        trusted = signal is Signal.OK
        good = trusted and judged is Signal.OK
        if good:
            self._last_good = second
        return Heard(
            bpm if good else None,
            rate_bpm if good else None,
            self._variability.rmssd_ms() if trusted else NO_FIGURE,
            self._variability.sdnn_ms() if trusted else NO_FIGURE,
            signal,
            signal_changed,
            self._recent.accepted_share,
            quality_why,
            good and self._is_clean(second),
            self._last_good is not None and second - self._last_good == self._settings.episode_lost_after_s,
        )

    def _is_clean(self, second: int) -> bool:
        is_shaky = second < self._not_clean_before or self._frozen.is_doubtful
        return not is_shaky and self._beats.clean_share >= self._settings.clean_share
