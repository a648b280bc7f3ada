"""The workers of one service, as one of them sees the others: what it tells them, and which recordings it carries itself.

Each wearer's recording of a live talk is carried by exactly one worker: it hears the strap, judges, records and follows the
rules. The others show it from what that one tells. journal implements this where several work on one database.

What is told is small, holds nothing of a person that is not theirs in the database already, and may get lost: whoever
missed something looks at what is stored, and is told to (`AGAIN`) whenever it may have.
"""

from collections.abc import Callable, Collection
from typing import Protocol

AGAIN = "again"
"""Heard by this worker alone: it was cut off for a while, and may have missed anything."""

LOST = "lost"
"""Heard by this worker alone, with a recording: another one carries it now."""

Heard = Callable[[str, tuple[str, ...]], None]
"""Called on the event loop with what was told, and its words."""


class Workers(Protocol):
    """This worker among the others."""

    @property
    def are_several(self) -> bool:
        """Whether there may be others."""
        ...

    def tell(self, what: str, *words: str) -> None:
        """Tell all others. Never blocks and never raises; words have no blanks in them."""
        ...

    def listen(self, heard: Heard) -> None:
        """Have what others tell heard on the running event loop."""
        ...

    def carry(self, names: Collection[str], *, at_once: bool = False) -> set[str]:
        """Which of these are carried here, now or before. What another one carries is not; nothing is waited for.

        After it was cut off a worker leaves to the others for a moment what was theirs, except `at_once`.

        Raises: whatever keeps it from knowing.
        """
        ...

    def let_go(self, name: str) -> None:
        """Another one may carry it."""
        ...

    def close(self) -> None:
        """Let everything go."""
        ...


class OnlyOne:
    """The only worker there is: everything is carried here, and nobody is told."""

    are_several = False

    def tell(self, what: str, *words: str) -> None:
        """Nobody hears it."""

    def listen(self, heard: Heard) -> None:
        """There is nothing to hear."""

    def carry(self, names: Collection[str], *, at_once: bool = False) -> set[str]:  # noqa: ARG002  the port's
        """All of them."""
        return set(names)

    def let_go(self, name: str) -> None:
        """Nobody else takes it."""

    def close(self) -> None:
        """There is nothing to let go."""
