"""One running service: its parts, joined once by `build`. Nothing here is global."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request

from alerts.channels import Sender
from alerts.live_talk import LiveTalk
from alerts.messenger import Messenger
from alerts.people import Actor
from alerts.policy import PolicySettings
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
        first_name: the name of the account that the first click makes.
    """

    settings: Settings
    clock: Clock
    journal: Journal
    live: LiveTalks
    policy: PolicySettings
    detector: DetectorSettings
    strap: str | None
    first_name: str
    messenger: Messenger
    sender: Sender

    async def start_talk(self, actor: Actor) -> LiveTalk:
        """Start a talk of `actor` with this service's strap, in the machine's time zone."""
        offset = datetime.now().astimezone().utcoffset() or timedelta(0)
        return await self.live.start(
            actor,
            utc_offset_min=int(offset.total_seconds() // 60),
            strap=self.strap,
            simulated=self.settings.simulated,
            threshold_bpm=self.detector.threshold_bpm,
        )


def current_service(request: Request) -> Service:
    """The service that answers this request."""
    service: Service = request.app.state.service
    return service
