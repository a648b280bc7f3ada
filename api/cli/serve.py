"""What `demo` and `run` share: bind, build, say where to look, serve until asked to stop."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from api.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.lan import Home
    from api.service import Service


EVERYWHERE = "0.0.0.0"  # noqa: S104  asked for with --lan: by invitation only, and over TLS


def serve_at(listener: socket.socket, settings: Settings) -> None:
    """Be one of several processes that serve at `listener`, until SIGTERM."""
    from api.app import build, create_app
    from api.server import Server

    service = build(settings)
    app = create_app(service)
    server = Server(app, service.live.release_followers)
    with _metrics(app, service):
        asyncio.run(server.serve(sockets=[listener]))


def serve(settings: Settings, *, greeting: str) -> None:
    """Serve until Ctrl-C or SIGTERM. Raises what `bind` and `build` raise, before anything is printed."""
    from api.app import build, create_app
    from api.lan import addresses, at_home
    from api.logs import configure
    from api.server import Server, address, bind

    configure(settings.log)
    found = addresses() if settings.lan else []
    listener = bind(EVERYWHERE if settings.lan else settings.host, settings.port)
    try:
        home = at_home(settings.data_dir, found, listener.getsockname()[1]) if settings.lan else None
        service = build(settings, home=home)
        app = create_app(service)
        server = Server(app, service.live.release_followers, certificate=home.certificate if home else None)
        here = f"https://127.0.0.1:{listener.getsockname()[1]}" if home else address(listener)
        Console().print(f"{escape(greeting)}\n\n  [bold]{escape(here)}[/bold]\n", highlight=False)
        if settings.public_url is not None:
            Console().print(f"Behind a proxy, for everybody: {escape(settings.public_url)}\n", highlight=False)
        if home is not None:
            _invite(service, home)
        Console().print("Ctrl-C ends it.", highlight=False)
        try:
            with _metrics(app, service):
                asyncio.run(server.serve(sockets=[listener]))
        except KeyboardInterrupt:
            # uvicorn has stopped in order and passes the signal on; the person who pressed it knows.
            Console().print("Stopped. Nothing is lost.")
    finally:
        listener.close()


@contextmanager
def _metrics(app: "FastAPI", service: "Service") -> Iterator[None]:
    """Tell an operator's Prometheus how the service is, where one is to be told."""
    port = service.settings.metrics_port
    if port is None:
        yield
        return
    from api.metrics import Metrics

    metrics = Metrics(service)
    metrics.watch(app)
    with metrics.told(port) as told_at:
        Console().print(f"Metrics, for this machine alone: http://127.0.0.1:{told_at}/metrics", highlight=False)
        yield


def _invite(service: "Service", home: "Home") -> None:
    """Say how the other phone comes in, and what its browser will ask."""
    from alerts.people import Actor
    from api.qr import qr_terminal
    from api.routes.pair import join_url

    people, now, words = service.journal.people, datetime.now(UTC), None
    if people.is_only_one():
        first = people.first_person(name=service.first_name, now=now)
        url = join_url(service, service.journal.pairs.make_code(Actor(first.id), for_other=True, now=now), home.url)
        # Whoever scans first would otherwise lock this computer's own person out.
        words = service.journal.ways_in.words_if_none(Actor(first.id))
        told = "The other phone joins with this code, once, within ten minutes; the page “Us two” makes new ones:"
    else:
        url, told = home.url, "Phones that were let in go on here; the page “Us two” lets others in:"
    print(f"{told}\n\n{qr_terminal(url)}\n  {url}\n")
    if words is not None:
        print(
            "Once there are two of you, a click at this computer opens nobody's journal. Your own way back in, told once;\n"
            f"write it down where only you look:\n\n  {words}\n"
        )
    print(
        "The phone will warn that the connection isn't private: this computer made its certificate itself, and nobody\n"
        f"vouches for it. If the fingerprint (SHA-256) there begins with {home.fingerprint},\n"
        "it is this computer: Advanced, then proceed; in Safari, Show details, then visit this website.\n"
        "Everybody in the home's network can reach the start page, and nothing behind it without a code.\n"
    )
