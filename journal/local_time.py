"""A moment with the clock on the wearer's own wall: kept as it was, wherever the journal is read later."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

ZoneOfMachine = Callable[[], str | None]
FIRST_YEAR, LAST_YEAR = 1900, 2200
_LOCALTIME = Path("/etc/localtime")


class BadMoment(ValueError):
    """This is no moment of a wearer's life on any clock."""


class UnknownZone(BadMoment):
    """No time zone has this name."""


class OutOfRange(BadMoment):
    """A time that no clock of a living person showed."""


@dataclass(frozen=True, slots=True)
class LocalMoment:
    """A moment and its local clock. The offset is kept beside the zone: rules of zones change, what a clock showed does not.

    Attributes:
        at: aware UTC.
        utc_offset_min: the wearer's clock at that moment.
        zone: the zone's name (IANA), where it is known.
    """

    at: datetime
    utc_offset_min: int
    zone: str | None = None

    @property
    def local(self) -> datetime:
        """The moment as the wearer's clock showed it."""
        return self.at.astimezone(timezone(timedelta(minutes=self.utc_offset_min)))


def in_range(at: datetime) -> datetime:
    """`at`, in UTC. Raises `OutOfRange`: at the ends of the calendar there is no local time to show."""
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise OutOfRange(f"{at.isoformat()} is not between {FIRST_YEAR} and {LAST_YEAR}")
    return at.astimezone(UTC)


def in_zone(at: datetime, zone: str) -> LocalMoment:
    """`at` on the clock of `zone`. Raises `BadMoment`.

    >>> in_zone(datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "Europe/Berlin").local.isoformat()
    '2026-03-29T01:59:00+01:00'
    >>> in_zone(datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "Europe/Berlin").local.isoformat()
    '2026-03-29T03:00:00+02:00'
    """
    offset = in_range(at).astimezone(zone_named(zone)).utcoffset() or timedelta(0)
    return LocalMoment(at.astimezone(UTC), int(offset.total_seconds() // 60), zone)


def on_this_machine(at: datetime, zone: ZoneOfMachine) -> LocalMoment:
    """`at` on this machine's clock, with the zone's name where it can be known."""
    name = zone()
    if name is not None:
        return in_zone(at, name)
    offset = in_range(at).astimezone().utcoffset() or timedelta(0)
    return LocalMoment(at.astimezone(UTC), int(offset.total_seconds() // 60))


def agrees(moment: LocalMoment, zone: str) -> bool:
    """Whether `zone` showed this clock then: words written at home later do not move a trip's talk there."""
    return in_zone(moment.at, zone).utc_offset_min == moment.utc_offset_min


def clock_of(moment: LocalMoment) -> tzinfo:
    """The moment's zone, so that a talk may cross a change of the clocks; else, or where the zone’s rules say otherwise, its offset."""
    try:
        if moment.zone and agrees(moment, moment.zone):
            return zone_named(moment.zone)
    except UnknownZone:  # another machine knew it
        pass
    return moment.local.tzinfo or UTC


def zone_named(name: str) -> ZoneInfo:
    """The zone. Raises `UnknownZone`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownZone(f"{name!r} is no time zone; one is called like Europe/Berlin") from None


def zone_of_this_machine() -> str | None:
    """This machine's zone by `TZ` or `/etc/localtime`; None where neither tells its name."""
    told = os.environ.get("TZ", "").removeprefix(":")
    linked = str(_LOCALTIME.resolve()).rpartition("/zoneinfo/")[2]
    for name in (told, linked):
        try:
            if name and not name.startswith("/"):
                return zone_named(name).key
        except UnknownZone:
            continue
    return None
