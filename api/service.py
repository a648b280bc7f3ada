"""One running service: its parts, joined once by `build`. Nothing here is global."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fastapi import Request

from alerts.live_talk import LiveTalk
from alerts.people import Actor
from alerts.policy import PolicySettings
from api.live import LiveTalks
from api.settings import Settings
from api.up_to_date import UpToDate
from hrv.settings import DetectorSettings
from journal.journal import Journal
from sensing.clock import Clock


@dataclass(frozen=True, slots=True)
class Service:
    """Everything a route or a command needs.

    Attributes:
        strap: the strap that was named at the start; None when none was.
        first_name: the name of the account that the first click makes.
        choosing: held while a talk gets its strap, so that two who begin at once do not both get the same.
    """

    settings: Settings
    clock: Clock
    journal: Journal
    live: LiveTalks
    up_to_date: UpToDate
    policy: PolicySettings
    detector: DetectorSettings
    strap: str | None
    first_name: str
    choosing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def start_talk(self, actor: Actor) -> LiveTalk:
        """Start a talk of `actor` with their strap, in the machine's time zone."""
        offset = datetime.now().astimezone().utcoffset() or timedelta(0)
        async with self.choosing:
            return await self.live.start(
                actor,
                utc_offset_min=int(offset.total_seconds() // 60),
                strap=await asyncio.to_thread(self.strap_of, actor),
                simulated=self.settings.simulated,
                threshold_bpm=self.detector.threshold_bpm,
            )

    def strap_of(self, actor: Actor) -> str | None:
        """The strap that was named at the start; else the one that this wearer wore last.

        Never one that another wearer has on: nobody is shown another person's heart.
        """
        if self.settings.simulated:
            return self.strap
        remembered = next(iter(self.journal.straps.mine(actor)), None)
        named = (self.strap, remembered.name if remembered else None)
        return next((strap for strap in named if strap is not None and self._may_wear(actor, strap)), None)

    def _may_wear(self, actor: Actor, strap: str) -> bool:
        worn = self.live.straps_of_others(actor)
        known = self.journal.straps.called(actor, strap)
        if known is not None:  # its id alone decides: two straps can share a name
            return known.device_id.casefold() not in worn
        return strap.casefold() not in worn | self.journal.straps.of_others(actor)


def current_service(request: Request) -> Service:
    """The service that answers this request."""
    service: Service = request.app.state.service
    return service
