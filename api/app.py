"""The composition root: `build` is the only place that makes clocks, stores and straps; `create_app` puts HTTP before them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from alerts.channels import AppriseSender, Sender
from alerts.live_talk import LiveTalk, Tools
from alerts.messenger import Messenger
from alerts.people import SERVICE, Actor
from alerts.policy_settings import PolicySettings
from alerts.ports import Talk
from alerts.workers import OnlyOne, Workers
from api import other_workers, problems
from api.attempts import Attempts
from api.challenges import Challenges
from api.clinic_door import Send, over_http
from api.demo import OTHER_STRAP_NAME, STRAP_NAME, SimulatedWearers
from api.kept_days import KeptDays
from api.lan import Home
from api.live import LiveTalks
from api.own_journal import open_own_journal
from api.publishing import Publisher
from api.pulse import Pulse
from api.render import STATIC
from api.routes import (
    account,
    agreement,
    auth,
    browser_strap,
    channels,
    client_data,
    clients,
    clinics,
    content,
    entries,
    health,
    join,
    own_data,
    pages,
    pair,
    passkeys,
    published,
    reviews,
    sharing,
    shown,
    sign_in,
    straps,
    talks,
    turn_to,
)
from api.security import BehindProxy, OwnOriginOnly, QuietHeaders
from api.service import CHALLENGE, DERIVE, Service
from api.settings import Settings
from api.strap_sockets import StrapSockets
from api.up_to_date import UpToDate
from hrv.monitor import ArousalMonitor
from hrv.settings import DetectorSettings
from journal.journal import Journal
from journal.people import UNNAMED
from journal.workers import PostgresWorkers
from sensing.clock import AcceleratedClock, Clock, SystemClock
from sensing.source import Source, SourceEvent
from sensing.strap import Strap

DERIVATIONS = "derivations"
"""What one worker at a time keeps up to date."""

OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    source_for: Callable[[Talk], Source | None] | None = None,
    sender: Sender | None = None,
    home: Home | None = None,
    send_to_clinic: Send = over_http,
) -> Service:
    """Join the floors into one service. Tests come in by the same door and pass fakes. `home`: served to the home's network.

    Raises:
        DatabaseError: the journal cannot be opened (in use, not a database, of a newer schema), or is of the other kind.
    """
    journal = open_own_journal(
        settings.data_dir, simulated=settings.simulated, key_file=settings.key_file, url=settings.database
    )
    clock = clock or _clock(settings, journal)
    policy = PolicySettings.at_speed(clock.speed)
    detector = DetectorSettings(threshold_bpm=settings.threshold_bpm)
    sender = sender or AppriseSender()
    messenger = Messenger(journal.channels, sender)
    listener: Callable[[LiveTalk], None] = _nobody_listens
    if source_for is None and settings.simulated:
        wearers = SimulatedWearers(clock, settings.seed)
        source_for, listener = wearers.source_for, wearers.hear
    workers: Workers = OnlyOne() if journal.database.url is None else PostgresWorkers(journal.database.url)
    up_to_date = UpToDate(journal.timelines, detector, may=lambda: bool(workers.carry([DERIVATIONS])))
    strap_sockets = StrapSockets(journal.recorder)

    def over() -> None:
        up_to_date.look()
        workers.tell(DERIVE)

    live = LiveTalks(
        lambda publish: Tools(
            journal.talks if not workers.are_several else other_workers.TellingTalks(journal.database, workers),
            journal.recorder,
            clock,
            lambda talk: ArousalMonitor(replace(detector, threshold_bpm=talk.threshold_bpm)),
            policy,
            publish,
            messenger,
        ),
        source_for or _real_strap(clock, journal),
        listener,
        when_over=over,
        agreed_for=journal.agreements.agreed,
        workers=workers,
        given_away=strap_sockets.given_away,
    )
    return Service(
        settings=settings,
        clock=clock,
        journal=journal,
        live=live,
        up_to_date=up_to_date,
        kept_days=KeptDays(journal.erasure, settings.keep_days),
        policy=policy,
        detector=detector,
        strap=STRAP_NAME if settings.simulated else settings.strap,
        other_strap=OTHER_STRAP_NAME if settings.simulated else settings.other_strap,
        home=home,
        first_name="Mira" if settings.simulated else UNNAMED,
        messenger=messenger,
        sender=sender,
        publisher=Publisher(journal.clinic_links, journal.published, send_to_clinic, SystemClock().utc_now),
        send_to_clinic=send_to_clinic,
        pulse=Pulse(journal.database.answer),
        strap_sockets=strap_sockets,
        attempts=Attempts(workers.tell),
        challenges=Challenges(tell=partial(workers.tell, CHALLENGE)),
        workers=workers,
    )


def _nobody_listens(_: LiveTalk) -> None:
    """The real body needs no telling."""


def _clock(settings: Settings, journal: Journal) -> Clock:
    if not settings.simulated:
        return SystemClock()
    return AcceleratedClock(settings.speed, _demo_starts_at(journal))


def _demo_starts_at(journal: Journal) -> datetime:
    """Now; or, where an earlier demo's talk is still open, the moment at which it stopped."""
    now = SystemClock().utc_now()
    stopped = (journal.recorder.last_moment(SERVICE, talk) for talk in journal.talks.unfinished(SERVICE))
    return max([now, *stopped])


def _real_strap(clock: Clock, journal: Journal) -> Callable[[Talk], Source | None]:
    """A talk goes on with the strap it began with, also when the program was started again without naming it."""
    return lambda talk: None if talk.strap is None else _Worn(talk.strap, Actor(talk.wearer_id), clock, journal)


class _Worn:
    """A wearer's strap. When listening starts it is looked up by what it is remembered by, and that alone counts then."""

    def __init__(self, name: str, wearer: Actor, clock: Clock, journal: Journal) -> None:
        self._name = name
        self._wearer = wearer
        self._clock = clock
        self._journal = journal

    async def events(self) -> AsyncGenerator[SourceEvent, None]:
        straps = self._journal.straps
        known = await asyncio.to_thread(straps.called, self._wearer, self._name)
        never = await asyncio.to_thread(straps.of_others, self._wearer)
        strap = Strap(self._name, clock=self._clock, device_id=known.device_id if known else None, never=never)
        async with aclosing(strap.events()) as events:
            async for event in events:
                yield event


def _names(service: Service) -> list[str]:
    """Under what names this server may be asked for; another's would be a rebound one."""
    at_home = service.home.names if service.home else ()
    public = (service.settings.public.host,) if service.settings.public else ()
    return [*OWN_NAMES, service.settings.host, *at_home, *public]


def create_app(service: Service) -> FastAPI:
    """HTTP for `service`. Starting the app resumes open talks; stopping it lets straps and streams go, then closes the journal."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.workers.listen(partial(other_workers.hear, service))
        try:
            service.up_to_date.start()
            service.publisher.start()
            service.kept_days.start()
            await service.live.resume()
            yield
        finally:
            await service.live.close()
            await service.kept_days.stop()
            service.up_to_date.stop()
            service.publisher.stop()
            await service.messenger.close()
            service.workers.close()
            service.journal.close()

    app = FastAPI(
        title="flooding-detector",
        summary="Notices physiological flooding in a hard talk and suggests a pause. Not a medical device.",
        lifespan=lifespan,
        dependencies=[Depends(auth.look_for_a_program)],
        responses=problems.DOCUMENTED,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.service = service
    problems.install(app)
    for routes in (
        auth, join, talks, browser_strap, straps, pair, agreement, turn_to, entries, content, reviews, channels, own_data, sharing,
        shown, clinics, published, clients, client_data, pages, health, sign_in, account, passkeys,
    ):  # fmt: skip
        app.include_router(routes.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(OwnOriginOnly)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_names(service))
    app.add_middleware(QuietHeaders)
    if service.settings.public_url is not None:
        app.add_middleware(BehindProxy, proxies=service.settings.proxies)
    return app
