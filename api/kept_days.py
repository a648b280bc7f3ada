"""Where the operator has set how long hearts are remembered: what is older is erased, at the start and then once a day."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog

from alerts.people import SERVICE
from journal.erasure import Erasure

log = structlog.get_logger(__name__)

DAY_S = 24 * 3600


class KeptDays:
    """Erases what hearts did more than `days` ago; None keeps it until its wearer erases it."""

    def __init__(
        self,
        erasure: Erasure,
        days: int | None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._erasure = erasure
        self._days = days
        self._now = now
        self._sleep = sleep
        self._task: asyncio.Task[None] | None = None
        self._erasing: asyncio.Future[int] | None = None
        self._stopping = False

    def start(self) -> None:
        """Begin, on the running loop."""
        if self._days is not None:
            self._task = asyncio.create_task(self._run(timedelta(days=self._days)), name="kept days")

    async def stop(self) -> None:
        """End after the recording that is being erased."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        if self._erasing is not None:  # a thread is not cancelled, and the journal is closed after this
            await asyncio.wait([self._erasing])

    async def _run(self, kept: timedelta) -> None:
        while True:
            try:
                erasing = asyncio.to_thread(
                    self._erasure.erase_hearts_before, SERVICE, self._now() - kept, stopped=lambda: self._stopping
                )
                self._erasing = asyncio.ensure_future(erasing)
                erased = await asyncio.shield(self._erasing)
            except Exception as error:  # noqa: BLE001  a database that is busy now is asked again tomorrow
                log.warning("old_hearts_not_erased", error=type(error).__name__)
            else:
                if erased:
                    log.info("old_hearts_erased", recordings=erased, kept_days=kept.days)
            await self._sleep(DAY_S)
