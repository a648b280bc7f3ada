"""The HTTP server: bound before anything else starts, stopped within two seconds with pages open."""

import errno
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn
from fastapi import FastAPI

STOP_WITHIN_S = 1


class PortInUse(OSError):
    """Another program listens there."""


def bind(host: str, port: int) -> socket.socket:
    """Return a bound socket.

    Raises:
        PortInUse: somebody else has the port.
        OSError: the address is not ours.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if isinstance(error, PermissionError) or not _is_taken(error):
            raise
        raise PortInUse(f"port {port} on {host} is in use; choose another with --port") from error
    return listener


def _is_taken(error: OSError) -> bool:
    return error.errno == errno.EADDRINUSE


class Server(uvicorn.Server):
    """uvicorn that tells the live streams to end as soon as it is asked to stop."""

    def __init__(self, app: FastAPI, release_followers: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=STOP_WITHIN_S,
                ws="websockets-sansio",
                server_header=False,
            )
        )
        self._release_followers = release_followers

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._release_followers()
        super().handle_exit(sig, frame)
