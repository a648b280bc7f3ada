"""A body that comes too slowly is refused: uvicorn itself would wait for the rest of it for ever."""

import asyncio
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATIENCE_S = 20.0
LEAST_BYTES_PER_S = 4_000
"""Each byte buys a little more time, so that a large archive may take its hours over a poor line (own choices)."""

TOO_SLOW = "This came too slowly, and nothing of it was kept. Try again where the connection is better."


class BodyInTime:
    """Let whoever reads a body wait for it so long, and longer only while it comes. Raises 408 there, and ends the connection."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            receive = _in_time(receive)
        await self.app(scope, receive, send)


def _in_time(receive: Receive) -> Receive:
    began_s: float | None = None
    received, is_whole = 0, False

    async def receive_in_time() -> Message:
        nonlocal began_s, received, is_whole
        if is_whole:  # what comes now is only that the other side goes
            return await receive()
        if began_s is None:
            began_s = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(began_s + PATIENCE_S + received / LEAST_BYTES_PER_S):
                message = await receive()
        except TimeoutError:
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, TOO_SLOW, {"connection": "close"}) from None
        received += len(message.get("body", b""))
        is_whole = not message.get("more_body", False)
        return message

    return receive_in_time
