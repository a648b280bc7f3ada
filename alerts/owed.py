"""What the journal has not taken yet. A write that fails is tried again, so a locked or full disk only delays."""

import asyncio
from collections.abc import Callable, Hashable


class Owed:
    """The newest version of each thing to write, by its key."""

    def __init__(self) -> None:
        self._writes: dict[Hashable, Callable[[], None]] = {}
        self._paying = asyncio.Lock()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is owed."""
        return not self._writes

    def add(self, key: Hashable, write: Callable[[], None]) -> None:
        """Owe `write`, in place of an older one with the same key."""
        self._writes[key] = write

    async def pay(self) -> Exception | None:
        """Write what is owed, oldest first, off the event loop. Stops at the first that fails and returns why.

        One at a time, and a write in flight is waited for even when the caller is cancelled: an older version must
        never reach the disk after a newer one.
        """
        async with self._paying:
            for key, write in list(self._writes.items()):
                error = await _finished(write)
                if error is not None:
                    return error
                if self._writes.get(key) is write:
                    del self._writes[key]
        return None


async def _finished(write: Callable[[], None]) -> Exception | None:
    writing = asyncio.ensure_future(asyncio.to_thread(write))
    try:
        await asyncio.wait({writing})
    except asyncio.CancelledError:
        await asyncio.wait({writing})
        raise
    finally:
        error = writing.exception() if writing.done() else None
    return error if isinstance(error, Exception) else None
