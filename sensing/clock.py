"""Where time comes from: the machine, or an accelerated clock that starts now. The pure floors take time as an argument."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Monotonic seconds for durations, aware UTC for records, and a sleep that keeps to the same pace."""

    @property
    def speed(self) -> float:
        """Clock seconds per real second."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that never run backwards; only differences mean anything."""
        ...

    def utc_now(self) -> datetime:
        """The aware time in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of this clock."""
        ...


class SystemClock:
    """The machine's own clock."""

    speed = 1.0

    def monotonic_s(self) -> float:
        return time.monotonic()

    def utc_now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class AcceleratedClock:
    """A clock that starts at `starts_at` and runs `speed` times as fast as the machine's. For the demo.

    >>> clock = AcceleratedClock(60.0, datetime(2026, 3, 12, 20, 0, tzinfo=UTC))
    >>> clock.utc_now() >= datetime(2026, 3, 12, 20, 0, tzinfo=UTC)
    True
    """

    def __init__(self, speed: float, starts_at: datetime) -> None:
        if speed <= 0:
            raise ValueError(f"speed must be greater than 0, not {speed}")
        if starts_at.tzinfo is None:
            raise ValueError("starts_at needs a time zone")
        self.speed = speed
        self._starts_at = starts_at
        self._real_start_s = time.monotonic()

    def monotonic_s(self) -> float:
        return (time.monotonic() - self._real_start_s) * self.speed

    def utc_now(self) -> datetime:
        return self._starts_at + timedelta(seconds=self.monotonic_s())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)


def ahead_s() -> float:
    """How far the machine's time of day is ahead of its monotonic clock, which stands still while the machine sleeps.

    Only differences mean anything: what this grows by is how long it slept, or how far somebody set its clock.
    """
    return time.time() - time.monotonic()
