"""One running service: its parts, joined once by `build`. Nothing here is global."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ParamSpec, TypeVar

from starlette.requests import HTTPConnection

from alerts.agreement import Side
from alerts.channels import Sender
from alerts.live_talk import LiveTalk
from alerts.messenger import Messenger
from alerts.people import Actor
from alerts.policy_settings import PolicySettings
from alerts.workers import OnlyOne, Workers
from api.attempts import Attempts
from api.challenges import Challenges
from api.clinic_door import Send
from api.kept_days import KeptDays
from api.lan import Home
from api.live import LiveTalks
from api.publishing import Publisher
from api.pulse import Pulse
from api.settings import Settings
from api.strap_sockets import StrapSockets
from api.up_to_date import UpToDate
from hrv.settings import DetectorSettings
from journal.journal import Journal
from sensing.clock import Clock

P = ParamSpec("P")
T = TypeVar("T")

HASHED_AT_ONCE = 2
END_STREAMS, CHALLENGE, DERIVE = "end_streams", "challenge", "derive"
"""What is told to the other workers."""


@dataclass(frozen=True, slots=True)
class Service:
    """Everything a route or a command needs.

    Attributes:
        strap: the strap that was named at the start, for a wearer alone or the first of two; None when none was.
        other_strap: the same for the second of two.
        first_name: the name of the account that the first click makes.
        choosing: held while a talk gets its strap, so that two who begin at once do not both get the same.
        attempts: how often passwords, words and codes have been tried.
        pulse: whether the database answers.
        challenges: what passkeys are to sign, until they have, or it is too late.
        hashing: how many passwords are hashed at once: each takes a processor, and 64 MB.
        workers: this worker among the others of the same service.
        home: how the service is reached from the home's network; None while it serves this machine only.
    """

    settings: Settings
    clock: Clock
    journal: Journal
    live: LiveTalks
    up_to_date: UpToDate
    kept_days: KeptDays
    policy: PolicySettings
    detector: DetectorSettings
    strap: str | None
    other_strap: str | None
    first_name: str
    messenger: Messenger
    sender: Sender
    publisher: Publisher
    send_to_clinic: Send
    pulse: Pulse
    strap_sockets: StrapSockets
    home: Home | None = None
    choosing: asyncio.Lock = field(default_factory=asyncio.Lock)
    attempts: Attempts = field(default_factory=Attempts)
    challenges: Challenges = field(default_factory=Challenges)
    workers: Workers = field(default_factory=OnlyOne)
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HASHED_AT_ONCE))

    async def start_talk(self, actor: Actor) -> LiveTalk:
        """Start a talk of `actor` with their strap, in the machine's time zone."""
        async with self.choosing:
            return await self.live.start(
                actor,
                utc_offset_min=_offset_min(),
                strap=await asyncio.to_thread(self.strap_of, actor),
                simulated=self.settings.simulated,
                threshold_bpm=self.detector.threshold_bpm,
            )

    async def start_together(self, actor: Actor) -> None:
        """Start the talk that `actor` and their other have both opted in to. Raises `NotNow`."""
        async with self.choosing:
            await self.live.start_together(
                actor,
                now=datetime.now(UTC),
                utc_offset_min=_offset_min(),
                straps=await asyncio.to_thread(self._straps_of_both, actor),
                simulated=self.settings.simulated,
                threshold_bpm=self.detector.threshold_bpm,
            )

    async def hashed(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `work` gives, which hashes a password: off the event loop, and no more of it at once than the machine bears."""
        async with self.hashing:
            return await asyncio.to_thread(work, *args, **kwargs)

    def end_streams(self, actor: Actor) -> None:
        """End every stream that `actor` follows, whichever worker has it. A page that may still follow comes again."""
        self.workers.tell(END_STREAMS, str(actor.person_id))
        self.end_streams_here(actor)

    def end_streams_here(self, actor: Actor) -> None:
        """The same for this worker's streams alone."""
        self.live.end_streams(actor)
        self.strap_sockets.end(actor)

    def strap_of(self, actor: Actor) -> str | None:
        """The strap that was named for this wearer at the start; else the one that they wore last.

        Never one that another wearer has on: nobody is shown another person's heart.
        """
        pair = self.journal.pairs.mine(actor)
        named = self.other_strap if pair is not None and pair.side is Side.SECOND else self.strap
        if self.settings.simulated:
            return named
        remembered = next(iter(self.journal.straps.mine(actor)), None)
        known = (named, remembered.name if remembered else None)
        return next((strap for strap in known if strap is not None and self._may_wear(actor, strap)), None)

    def _may_wear(self, actor: Actor, strap: str) -> bool:
        worn = self.live.straps_of_others(actor)
        known = self.journal.straps.called(actor, strap)
        if known is not None:  # its id alone decides: two straps can share a name
            return known.device_id.casefold() not in worn
        return strap.casefold() not in worn | self.journal.straps.of_others(actor)

    def _straps_of_both(self, actor: Actor) -> dict[Side, str | None]:
        """What each of the actor's two wears. One name for both is one strap, unless each is known to have one called so."""
        straps: dict[Side, str | None] = dict.fromkeys(Side)
        pair = self.journal.pairs.mine(actor)
        if pair is None or pair.second_id is None:
            return straps
        wearers = {Side.FIRST: Actor(pair.first_id), Side.SECOND: Actor(pair.second_id)}
        straps = {side: self.strap_of(wearer) for side, wearer in wearers.items()}
        first, second = straps[Side.FIRST], straps[Side.SECOND]
        if first and second and first.casefold() == second.casefold():
            theirs = [self.journal.straps.called(wearer, first) for wearer in wearers.values()]
            if None in theirs:
                straps[Side.SECOND] = None
        return straps


def _offset_min() -> int:
    """The machine's own offset from UTC now."""
    offset = datetime.now().astimezone().utcoffset() or timedelta(0)
    return int(offset.total_seconds() // 60)


def current_service(request: HTTPConnection) -> Service:
    """The service that answers this request."""
    service: Service = request.app.state.service
    return service
