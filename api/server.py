"""The HTTP server: bound before anything else starts, stopped within two seconds with pages open."""

import errno
import gc
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI

from api.strap_frames import MOST_BYTES

STOP_WITHIN_S = 1


class CannotListen(Exception):
    """There is no listening at this address and port. Says why, and what to do."""


class PortInUse(CannotListen):
    """Another program listens there."""


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket at the numeric address `host`. Whoever asks early waits until the server answers.

    Raises:
        PortInUse: somebody else has the port.
        CannotListen: the port is not for everybody, or this machine does not have the address.
    """
    listener: socket.socket | None = None
    try:
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        _insist_on_the_port(listener)
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        if listener is not None:
            listener.close()
        raise _in_words(host, port, error) from error
    return listener


def _insist_on_the_port(listener: socket.socket) -> None:
    """A port that a program has just left is free; one that a program still has is not."""
    if sys.platform == "win32":
        # There, SO_REUSEADDR would share a port with the program that has it.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


def _in_words(host: str, port: int, error: OSError) -> CannotListen:
    if error.errno == errno.EADDRINUSE:
        return PortInUse(f"port {port} on {host} is in use; choose another with --port")
    if isinstance(error, PermissionError):
        return CannotListen(f"port {port} is not open to this user; choose one from 1024 up with --port")
    return CannotListen(f"this machine cannot listen at {host}: {error.strerror or error}; use 127.0.0.1")


def address(listener: socket.socket) -> str:
    """Where a browser finds `listener`.

    >>> with bind("127.0.0.1", 0) as listener:
    ...     address(listener).rpartition(":")[0]
    'http://127.0.0.1'
    """
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def settle() -> None:
    """What has been loaded by now stays: the search for garbage need not walk it again and again.

    Else a page that reads thousands of rows waits for it several times: a third of a caseload's time was that.
    """
    gc.collect()
    gc.freeze()


class Server(uvicorn.Server):
    """uvicorn that tells the live streams to end as soon as it is asked to stop."""

    def __init__(self, app: FastAPI, release_followers: Callable[[], None], *, certificate: Path | None = None) -> None:
        """`certificate`: the file with key and certificate, for TLS."""
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,  # an address can hold a code
                proxy_headers=False,  # there is no proxy before it, so whoever says to be one is not to be believed
                timeout_graceful_shutdown=STOP_WITHIN_S,
                ws="websockets-sansio",
                ws_max_size=MOST_BYTES,
                ws_per_message_deflate=False,  # a packet is 60 bytes, and each connection would keep two windows for it
                server_header=False,
                ssl_certfile=certificate,
                ssl_keyfile=certificate,
            )
        )
        self._release_followers = release_followers

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        settle()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._release_followers()
        super().handle_exit(sig, frame)
