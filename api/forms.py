"""Plain forms, which work before any script has loaded: their fields, and a limit to what is read of one."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from fastapi import HTTPException, Request

Fields = dict[str, list[str]]


def fields_of(largest_bytes: int, too_much: str) -> Callable[[Request], Awaitable[Fields]]:
    """A dependency that gives a form's fields. A larger form is answered with 413 and `too_much`."""

    async def read(request: Request) -> Fields:
        body = await request.body()
        if len(body) > largest_bytes:
            raise HTTPException(413, too_much)
        return parse_qs(body.decode("ascii", errors="replace"))

    return read
