"""The technical condition: a machine of its own beside the arousal state, which is suspended while this one is not ok."""

from hrv.reading import Signal
from hrv.settings import DetectorSettings
from sensing.measurement import Contact, HeartRateMeasurement

WHY = {
    Signal.OK: "signal ok",
    Signal.WEAK: "too few readable heartbeats",
    Signal.OFF_BODY: "the strap reports no skin contact",
    Signal.DISCONNECTED: "nothing heard from the strap",
    Signal.FROZEN: "the strap repeats one value",
}


class FrozenWatch:
    """Notices intervals that repeat themselves to the tick, as no heart's do: a strap that fills in what it does not know.

    Seen: fillers of exactly 500 ms; optical armbands that hold one value off the arm. A calm heart can show one *rate* for
    a minute, so only its intervals are looked at.

    >>> watch = FrozenWatch(DetectorSettings(frozen_beats=3))
    >>> for rr_ticks in (512, 800, 512, 512, 512):
    ...     watch.see(rr_ticks)
    >>> watch.is_frozen
    True
    """

    def __init__(self, settings: DetectorSettings) -> None:
        self._most = settings.frozen_beats
        self._doubtful = settings.frozen_doubt_beats
        self._last = 0
        self._equal = 0

    def see(self, rr_ticks: int) -> None:
        """Take the next interval, in 1/1024 s."""
        self._equal = self._equal + 1 if rr_ticks == self._last else 1
        self._last = rr_ticks

    @property
    def is_frozen(self) -> bool:
        """Whether the last intervals are all the same."""
        return self._equal >= self._most

    @property
    def is_doubtful(self) -> bool:
        """Whether so many are the same that they may be a strap's and not a heart's; too few to be sure."""
        return self._equal >= self._doubtful


def judge(
    settings: DetectorSettings,
    silent_s: float,
    packet: HeartRateMeasurement | None,
    heart_rate_bpm: float | None,
    accepted_share: float,
    coverage: float,
    *,
    is_frozen: bool = False,
) -> tuple[Signal, str]:
    """Judge one second by itself: its technical condition, and in words what is wrong with it, or that nothing is.

    Args:
        settings: the limits.
        silent_s: seconds since the last packet; infinite before the first.
        packet: the last one.
        heart_rate_bpm: from the RR intervals, or None with too few.
        accepted_share: accepted over all intervals of the quality window, 0..1.
        coverage: sum of its intervals over its length.
        is_frozen: whether the last intervals are all the same (`FrozenWatch`).

    >>> packet = HeartRateMeasurement(75)
    >>> judge(DetectorSettings(), 1.0, packet, 75.0, accepted_share=1.0, coverage=0.98)
    (<Signal.OK: 'ok'>, 'signal ok')
    >>> judge(DetectorSettings(), 1.0, packet, 120.0, accepted_share=1.0, coverage=0.98)
    (<Signal.WEAK: 'weak'>, 'the intervals say 120, the strap itself 75')
    """
    if packet is None or silent_s >= settings.silent_after_s:
        return Signal.DISCONNECTED, WHY[Signal.DISCONNECTED]
    if packet.contact is Contact.LOST:
        return Signal.OFF_BODY, WHY[Signal.OFF_BODY]
    weakness = _weakness(settings, packet.heart_rate_bpm, heart_rate_bpm, accepted_share, coverage)
    if weakness is not None:
        return Signal.WEAK, weakness
    condition = Signal.FROZEN if is_frozen else Signal.OK
    return condition, WHY[condition]


def _weakness(
    settings: DetectorSettings,
    byte_bpm: int | None,
    heart_rate_bpm: float | None,
    accepted_share: float,
    coverage: float,
) -> str | None:
    """Why the intervals are not to be trusted, in words; None when they are. `byte_bpm` is the strap's own heart rate."""
    if heart_rate_bpm is None:
        return "too few heartbeats in the last seconds"
    if accepted_share < settings.quality_min:
        return f"{1 - accepted_share:.0%} of the intervals cannot be heartbeats"
    if coverage < settings.coverage_min:
        return f"heartbeats are known for {coverage:.0%} of the last seconds"
    # intervals are primary; the strap's figure is smoothed and late, so it only vouches for them
    if byte_bpm is not None and abs(heart_rate_bpm - byte_bpm) > settings.byte_tolerance_bpm:
        return f"the intervals say {heart_rate_bpm:.0f}, the strap itself {byte_bpm}"
    return None


class SignalWatch:
    """Turns judgements of single seconds into the signal: slow to complain, quick but not hasty to trust again.

    It begins disconnected: nothing has been heard yet.
    """

    def __init__(self, settings: DetectorSettings) -> None:
        self.signal = Signal.DISCONNECTED
        self._bad_s = 0
        self._lost_after = settings.signal_lost_after_s
        self._back_after = settings.signal_back_after_s
        self._kind = Signal.DISCONNECTED
        self._kind_s = 0

    def step(self, second: Signal) -> bool:
        """Take the next second's judgement; return whether the signal changed."""
        self._kind_s = self._kind_s + 1 if second is self._kind else 1
        self._kind = second
        self._bad_s = 0 if second is Signal.OK else self._bad_s + 1
        if second is self.signal or not self._is_believed(second):
            return False
        self.signal = second
        return True

    def _is_believed(self, second: Signal) -> bool:
        if second is Signal.OK:
            return self._kind_s >= self._back_after
        # any faults together end a good signal; one bad condition replaces another only by itself
        bad_s = self._bad_s if self.signal is Signal.OK else self._kind_s
        return bad_s > self._lost_after
