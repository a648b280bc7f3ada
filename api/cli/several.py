"""`flooding run --workers`: several processes that serve one address, on one PostgreSQL. One that ends is begun anew."""

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess

from rich.console import Console
from rich.markup import escape

from api.settings import BadSetting, Settings

STOPS_WITHIN_S = 8.0
BEGUN_AGAIN_AFTER_S = 1.0
"""A worker that ends as soon as it begins is not begun more often than this."""


def require_postgresql(settings: Settings) -> None:
    """Raise `BadSetting` where several cannot work."""
    if settings.workers == 1:
        return
    if settings.database is None:
        raise BadSetting(
            f"--workers={settings.workers}: several processes need PostgreSQL (--database postgresql://…); "
            "on a file of SQLite one process serves"
        )
    if settings.lan:
        raise BadSetting(f"--workers={settings.workers}: with --lan one process serves; a home does not need more")


def serve_several(settings: Settings, *, greeting: str) -> None:
    """Serve until Ctrl-C or SIGTERM. Raises what `bind` and opening the journal raise, before anything is printed."""
    from api.own_journal import open_own_journal
    from api.server import address, bind

    listener = bind(settings.host, settings.port)
    try:
        # What is wrong with the database is said here, once, and its tables are brought up to date.
        open_own_journal(
            settings.data_dir, simulated=settings.simulated, key_file=settings.key_file, url=settings.database
        ).close()
        workers = Several(lambda number: _begun(settings, listener, number), settings.workers)
        for asked in (signal.SIGTERM, signal.SIGINT):
            signal.signal(asked, lambda *_: workers.stop())
        Console().print(f"{escape(greeting)}\n\n  [bold]{escape(address(listener))}[/bold]\n", highlight=False)
        Console().print(f"{settings.workers} processes serve. Ctrl-C ends them.", highlight=False)
        workers.run()
        Console().print("Stopped. Nothing is lost.")
    finally:
        listener.close()


class Several:
    """So many processes, each begun anew when it ends, until `stop`."""

    def __init__(self, begin: Callable[[int], SpawnProcess], number: int) -> None:
        self._begin = begin
        self._number = number
        self._stopping = False

    def stop(self) -> None:
        """Ask `run` to end; from a signal, too."""
        self._stopping = True

    def run(self) -> None:
        """Keep them running, then let them end in order; whoever does not is ended."""
        running = {number: self._begin(number) for number in range(self._number)}
        try:
            while not self._stopping:
                wait([process.sentinel for process in running.values()], timeout=0.2)
                for number, process in running.items():
                    if not process.is_alive() and not self._stopping:
                        Console(stderr=True).print(f"A worker ended ({process.exitcode}); another one begins.")
                        time.sleep(BEGUN_AGAIN_AFTER_S)
                        running[number] = self._begin(number)
        finally:
            for process in running.values():
                process.terminate()
            until_s = time.monotonic() + STOPS_WITHIN_S
            for process in running.values():
                process.join(max(0.0, until_s - time.monotonic()))
                process.kill()


def _begun(settings: Settings, listener: socket.socket, number: int) -> SpawnProcess:
    if settings.metrics_port:
        settings = settings.model_copy(update={"metrics_port": settings.metrics_port + number})
    process = multiprocessing.get_context("spawn").Process(
        target=_work, args=(settings, listener), name=f"flooding worker {number}"
    )
    process.start()
    return process


def _work(settings: Settings, listener: socket.socket) -> None:
    """One worker, to its end; it ends with the process that began it, however that ends."""
    from api.cli.serve import serve_at
    from api.logs import configure

    configure(settings.log)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(KeyboardInterrupt):
        serve_at(listener, settings)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
