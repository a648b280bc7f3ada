"""A talk's own time: one clock for all that happens in it, the body's seconds and people's steps alike."""

from datetime import datetime, timedelta

from sensing.clock import Clock

SLEPT_REAL_S = 5.0
"""A time of day that is this far ahead of the monotonic clock: the machine slept, and the time passed without it."""


class TalkClock:
    """Seconds since a talk began, and the time of day that they stand for. Never runs backwards.

    It runs on the monotonic clock, so that setting the machine's clock changes nothing; a monotonic clock stands still
    while a laptop sleeps, though, and `catch_up` makes that good.
    """

    def __init__(self, clock: Clock, began_at: datetime) -> None:
        self._clock = clock
        self._began_at = began_at
        # The clock's monotonic time at t_s = 0.
        self._zero_s = clock.monotonic_s() - self._age_s()

    def now_t_s(self) -> float:
        """Seconds since the talk began."""
        return self._clock.monotonic_s() - self._zero_s

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return self.at(self.now_t_s())

    def at(self, t_s: float) -> datetime:
        """The time of day at `t_s`."""
        return self._began_at + timedelta(seconds=t_s)

    def t_s(self, monotonic_s: float) -> float:
        """When something happened, to the millisecond, as it is stored: a replay must see the times the live run saw."""
        return round(max(0.0, monotonic_s - self._zero_s) * 1000) / 1000

    def catch_up(self) -> None:
        """After a sleep of the machine, jump forward with the day. It never goes back."""
        ahead_s = self._age_s() - self.now_t_s()
        if ahead_s > SLEPT_REAL_S * self._clock.speed:
            self._zero_s -= ahead_s

    def not_before(self, t_s: float) -> None:
        """It is at least `t_s`: so much is stored already, whatever a clock that was set back says."""
        if self.now_t_s() < t_s:
            self._zero_s = self._clock.monotonic_s() - t_s

    def _age_s(self) -> float:
        return (self._clock.utc_now() - self._began_at).total_seconds()
