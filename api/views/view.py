"""What all views are made with: frozen, in the wearer's own time, in whole beats."""

from datetime import datetime, timezone

from pydantic import BaseModel, ConfigDict


class View(BaseModel):
    """A part of what the page is told."""

    model_config = ConfigDict(frozen=True)


def in_zone(zone: timezone, moment: datetime | None) -> datetime | None:
    """The moment at the wearer's offset; None where there is none."""
    return moment.astimezone(zone) if moment else None


def whole(bpm: float | None) -> int | None:
    """Whole beats a minute: a page that shows tenths would promise more than a strap knows."""
    return None if bpm is None else round(bpm)
