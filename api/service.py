"""One running service: its parts, joined once by `build`. Nothing here is global."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fastapi import Request

from alerts.agreement import Side
from alerts.live_talk import LiveTalk
from alerts.people import Actor
from alerts.policy import PolicySettings
from api.lan import Home
from api.live import LiveTalks
from api.settings import Settings
from hrv.settings import DetectorSettings
from journal.journal import Journal
from sensing.clock import Clock


@dataclass(frozen=True, slots=True)
class Service:
    """Everything a route or a command needs.

    Attributes:
        strap: what the wearer's heartbeats come from, in words; None without a strap.
        other_strap: the same for the second of two.
        first_name: the name of the account that the first click makes.
        home: how the service is reached from the home's network; None while it serves this machine only.
    """

    settings: Settings
    clock: Clock
    journal: Journal
    live: LiveTalks
    policy: PolicySettings
    detector: DetectorSettings
    strap: str | None
    other_strap: str | None
    first_name: str
    home: Home | None = None

    async def start_talk(self, actor: Actor) -> LiveTalk:
        """Start a talk of `actor` with their strap, in the machine's time zone."""
        pair = await asyncio.to_thread(self.journal.pairs.mine, actor)
        return await self.live.start(
            actor,
            utc_offset_min=_offset_min(),
            strap=self.straps[pair.side if pair else Side.FIRST],
            simulated=self.settings.simulated,
            threshold_bpm=self.detector.threshold_bpm,
        )

    async def start_together(self, actor: Actor) -> None:
        """Start the talk that `actor` and their other have both opted in to. Raises `NotNow`."""
        await self.live.start_together(
            actor,
            now=datetime.now(UTC),
            utc_offset_min=_offset_min(),
            straps=self.straps,
            simulated=self.settings.simulated,
            threshold_bpm=self.detector.threshold_bpm,
        )

    @property
    def straps(self) -> dict[Side, str | None]:
        """Whose strap is which."""
        return {Side.FIRST: self.strap, Side.SECOND: self.other_strap}


def _offset_min() -> int:
    """The machine's own offset from UTC now."""
    offset = datetime.now().astimezone().utcoffset() or timedelta(0)
    return int(offset.total_seconds() // 60)


def current_service(request: Request) -> Service:
    """The service that answers this request."""
    service: Service = request.app.state.service
    return service
