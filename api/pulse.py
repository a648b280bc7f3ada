"""Whether the database answers, asked one question at a time: one that hangs must not take a thread with every look."""

import asyncio
from collections.abc import Callable

WITHIN_S = 1.0
"""A database that needs longer for one row is not ready for a talk (own choice)."""


class Pulse:
    """Asks `ask`, which blocks, and raises where there is no answer."""

    def __init__(self, ask: Callable[[], object], *, within_s: float = WITHIN_S) -> None:
        self._ask = ask
        self._within_s = within_s
        self._asked: asyncio.Task[object] | None = None

    async def is_felt(self) -> bool:
        """Whether it answers in time. While an earlier question still waits, no other is asked."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.create_task(asyncio.to_thread(self._ask))
        asked = self._asked
        await asyncio.wait({asked}, timeout=self._within_s)
        return asked.done() and not asked.cancelled() and asked.exception() is None
