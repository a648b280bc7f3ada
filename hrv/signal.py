"""The technical condition: a machine of its own beside the arousal state, which is suspended while this one is not ok."""

from dataclasses import dataclass

from hrv.reading import Signal
from hrv.settings import DetectorSettings

WHY = {
    Signal.OK: "signal ok",
    Signal.WEAK: "too few readable heartbeats",
    Signal.OFF_BODY: "the strap reports no skin contact",
    Signal.DISCONNECTED: "nothing heard from the strap",
    Signal.FROZEN: "the strap repeats one value",
}


@dataclass(frozen=True, slots=True)
class SecondSeen:
    """What one second looked like.

    Attributes:
        silent_s: seconds since the last packet; infinite before the first.
        contact_lost: what the last packet said.
        heart_rate_bpm: from the RR intervals, or None with too few.
        byte_bpm: the strap's own heart rate, or None.
        accepted_share, coverage: of the quality window.
    """

    silent_s: float
    contact_lost: bool
    heart_rate_bpm: float | None
    byte_bpm: int | None
    accepted_share: float
    coverage: float


def judge(seen: SecondSeen, settings: DetectorSettings) -> Signal:
    """Judge one second by itself."""
    if seen.silent_s >= settings.silent_after_s:
        return Signal.DISCONNECTED
    if seen.contact_lost:
        return Signal.OFF_BODY
    return Signal.OK if _is_readable(seen, settings) else Signal.WEAK


def _is_readable(seen: SecondSeen, settings: DetectorSettings) -> bool:
    bpm, byte_bpm = seen.heart_rate_bpm, seen.byte_bpm
    if bpm is None or seen.accepted_share < settings.quality_min or seen.coverage < settings.coverage_min:
        return False
    # intervals are primary; the strap's figure is smoothed and late, so it only vouches for them
    return byte_bpm is None or abs(bpm - byte_bpm) <= settings.byte_tolerance_bpm


class SignalWatch:
    """Turns judgements of single seconds into the signal: slow to complain, quick but not hasty to trust again.

    It begins disconnected: nothing has been heard yet.
    """

    def __init__(self, settings: DetectorSettings) -> None:
        self.signal = Signal.DISCONNECTED
        self.seconds_since_good = 0
        self._lost_after = settings.signal_lost_after_s
        self._back_after = settings.signal_back_after_s
        self._kind = Signal.DISCONNECTED
        self._kind_s = 0

    def step(self, second: Signal) -> bool:
        """Take the next second's judgement; return whether the signal changed."""
        self._kind_s = self._kind_s + 1 if second is self._kind else 1
        self._kind = second
        if second is Signal.OK:
            self.seconds_since_good = 0
            return self.signal is not Signal.OK and self._kind_s >= self._back_after and self._become(second)
        self.seconds_since_good += 1
        bad_s = self.seconds_since_good if self.signal is Signal.OK else self._kind_s
        return self.signal is not second and bad_s > self._lost_after and self._become(second)

    def _become(self, signal: Signal) -> bool:
        self.signal = signal
        return True
