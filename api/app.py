"""The composition root: `build` is the only place that makes clocks, stores and straps; `create_app` puts HTTP before them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from alerts.channels import AppriseSender, Sender
from alerts.live_talk import LiveTalk, Tools
from alerts.messenger import Messenger
from alerts.people import SERVICE
from alerts.policy import PolicySettings
from alerts.ports import Talk
from api import problems
from api.demo import STRAP_NAME, SimulatedWearer
from api.live import LiveTalks
from api.own_journal import open_own_journal
from api.render import STATIC
from api.routes import auth, channels, entries, health, pages, talks
from api.security import OwnOriginOnly, QuietHeaders
from api.service import Service
from api.settings import Settings
from hrv.monitor import ArousalMonitor
from hrv.settings import DetectorSettings
from journal.journal import Journal
from sensing.clock import AcceleratedClock, Clock, SystemClock
from sensing.source import Source
from sensing.strap import Strap

OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    source_for: Callable[[Talk], Source | None] | None = None,
    sender: Sender | None = None,
) -> Service:
    """Join the floors into one service. Tests come in by the same door and pass fakes.

    Raises:
        DatabaseError: the journal cannot be opened (in use, not a database, of a newer schema), or is of the other kind.
    """
    journal = open_own_journal(settings.data_dir, simulated=settings.simulated)
    clock = clock or _clock(settings, journal)
    policy = PolicySettings.at_speed(clock.speed)
    detector = DetectorSettings(threshold_bpm=settings.threshold_bpm)
    sender = sender or AppriseSender()
    messenger = Messenger(journal.channels, sender)
    listener: Callable[[LiveTalk], None] = _nobody_listens
    if source_for is None and settings.simulated:
        wearer = SimulatedWearer(clock, settings.seed)
        source_for, listener = wearer.source_for, wearer.hear
    live = LiveTalks(
        lambda publish: Tools(
            journal.talks,
            journal.recorder,
            clock,
            lambda talk: ArousalMonitor(replace(detector, threshold_bpm=talk.threshold_bpm)),
            policy,
            publish,
            messenger,
        ),
        source_for or _real_strap(clock),
        listener,
    )
    return Service(
        settings=settings,
        clock=clock,
        journal=journal,
        live=live,
        policy=policy,
        detector=detector,
        strap=STRAP_NAME if settings.simulated else settings.strap,
        first_name="Mira" if settings.simulated else "You",
        messenger=messenger,
        sender=sender,
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


def _real_strap(clock: Clock) -> Callable[[Talk], Source | None]:
    """A talk goes on with the strap it began with, also when the program was started again without naming it."""
    return lambda talk: None if talk.strap is None else Strap(talk.strap, clock=clock)


def create_app(service: Service) -> FastAPI:
    """HTTP for `service`. Starting the app resumes open talks; stopping it lets straps and streams go, then closes the journal."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            await service.live.resume()
            yield
        finally:
            await service.live.close()
            await service.messenger.close()
            service.journal.close()

    app = FastAPI(
        title="flooding-detector",
        summary="Notices physiological flooding in a hard talk and suggests a pause. Not a medical device.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.service = service
    problems.install(app)
    for routes in (auth, talks, entries, channels, pages, health):
        app.include_router(routes.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(OwnOriginOnly)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*OWN_NAMES, service.settings.host])
    app.add_middleware(QuietHeaders)
    return app
