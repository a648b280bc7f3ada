"""What `demo` and `run` share: bind, build, say where to look, serve until asked to stop."""

import asyncio

from rich.console import Console
from rich.markup import escape

from api.settings import Settings


def serve(settings: Settings, *, greeting: str) -> None:
    """Serve until Ctrl-C or SIGTERM. Raises what `bind` and `build` raise, before anything is printed."""
    from api.app import build, create_app
    from api.logs import configure
    from api.server import Server, address, bind

    configure()
    listener = bind(settings.host, settings.port)
    try:
        service = build(settings)
        server = Server(create_app(service), service.live.release_followers)
        Console().print(
            f"{escape(greeting)}\n\n  [bold]{escape(address(listener))}[/bold]\n\nCtrl-C ends it.", highlight=False
        )
        try:
            asyncio.run(server.serve(sockets=[listener]))
        except KeyboardInterrupt:
            # uvicorn has stopped in order and passes the signal on; the person who pressed it knows.
            Console().print("Stopped. Nothing is lost.")
    finally:
        listener.close()
