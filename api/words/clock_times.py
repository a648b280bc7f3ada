"""The times of a recording as people read them: the time of day where it was, or the time since its beginning."""

from bisect import bisect_left
from datetime import datetime, timedelta
from typing import Protocol

from journal.local_time import LocalMoment, clock_of


class Clock(Protocol):
    """Says a time of a recording: as the time of day, or since its beginning."""

    def clock(self, t_s: float) -> str:
        """The time at `t_s`."""


class LocalTimes:
    """Clock times of one talk, on the wearer's own clock: in their zone where it is known, else at the offset it began with.

    >>> from datetime import UTC
    >>> local = LocalTimes(datetime(2026, 3, 12, 19, 0, tzinfo=UTC), 60)
    >>> local.clock(65), local.date
    ('20:01', 'Thursday 12 March')
    """

    def __init__(self, began_at: datetime, utc_offset_min: int, zone: str | None = None) -> None:
        self._zone = clock_of(LocalMoment(began_at, utc_offset_min, zone))
        self._began_at = began_at
        self.began = began_at.astimezone(self._zone)

    @property
    def date(self) -> str:
        """The day, in words."""
        return f"{self.began:%A} {self.began.day} {self.began:%B}"

    def date_seen(self, now: datetime) -> str:
        """The day, in words, with its year where that is not the present one: recordings can be old.

        >>> LocalTimes(datetime.fromisoformat("2008-02-08T08:50Z"), 0).date_seen(datetime.fromisoformat("2026-03-12T19:00Z"))
        'Friday 8 February 2008'
        """
        return self.date if self.began.year == self.local(now).year else f"{self.date} {self.began.year}"

    def at(self, t_s: float) -> datetime:
        """The local time at `t_s` of the recording."""
        # In UTC first: on a local clock an hour can be missing or come twice.
        return (self._began_at + timedelta(seconds=t_s)).astimezone(self._zone)

    def change_within(self, length_s: int) -> tuple[int, int] | None:
        """Where the clocks change in the first `length_s` seconds: the second, and by how many seconds. None: nowhere.

        >>> from datetime import UTC
        >>> night = LocalTimes(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), 60, "Europe/Berlin")
        >>> night.change_within(7200), night.change_within(60)
        ((1800, 3600), None)
        """
        before, after = self.at(0).utcoffset(), self.at(length_s).utcoffset()
        if before is None or after is None or before == after:
            return None
        changed_s = bisect_left(range(length_s), True, key=lambda t_s: self.at(t_s).utcoffset() != before)  # noqa: FBT003  what is looked for
        return changed_s, int((after - before).total_seconds())

    def local(self, moment: datetime) -> datetime:
        """A moment in the wearer's time."""
        return moment.astimezone(self._zone)

    def clock(self, t_s: float) -> str:
        """The clock time at `t_s`."""
        return f"{self.at(t_s):%H:%M}"
