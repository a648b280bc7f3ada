"""What the journal has not taken yet. A write that fails is tried again, so a locked or full disk only delays."""

import asyncio
from collections.abc import Callable, Hashable


class Owed:
    """The newest version of each thing to write, by its key."""

    def __init__(self) -> None:
        self._writes: dict[Hashable, Callable[[], None]] = {}

    def add(self, key: Hashable, write: Callable[[], None]) -> None:
        """Owe `write`, in place of an older one with the same key."""
        self._writes[key] = write

    async def pay(self) -> Exception | None:
        """Write what is owed, oldest first, off the event loop. Stops at the first that fails and returns why."""
        for key, write in list(self._writes.items()):
            try:
                await asyncio.to_thread(write)
            except Exception as error:  # noqa: BLE001  whatever the database raises, it is owed still
                return error
            if self._writes.get(key) is write:
                del self._writes[key]
        return None
