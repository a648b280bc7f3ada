"""What `demo` and `run` share: bind, build, say where to look, serve until asked to stop."""

import asyncio

from rich.console import Console

from api.settings import Settings


def serve(settings: Settings, *, greeting: str) -> None:
    """Serve until Ctrl-C. Raises what `bind` and `build` raise, before anything is printed."""
    from api.app import build, create_app
    from api.server import Server, bind

    listener = bind(settings.host, settings.port)
    try:
        service = build(settings)
        server = Server(create_app(service), service.live.release_followers)
        host, port = listener.getsockname()
        Console().print(f"{greeting}\n\n  [bold]http://{host}:{port}[/bold]\n\nCtrl-C ends it.", highlight=False)
        try:
            asyncio.run(server.serve(sockets=[listener]))
        except KeyboardInterrupt:
            # uvicorn has stopped in order and passes the signal on; the person who pressed it knows.
            Console().print("Stopped. Nothing is lost.")
    finally:
        listener.close()
