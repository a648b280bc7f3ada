"""How often something may be tried: passwords, words that bring one back, codes, passkeys.

In memory, in moving windows, and short ones: whoever tries a name on purpose, so that its owner is kept out, keeps them out for
minutes, and the words that bring one back are counted apart.
"""

import time
from enum import StrEnum
from math import floor

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

WINDOW_MIN = 10
BY_NAME = RateLimitItemPerMinute(10, WINDOW_MIN)
BY_ADDRESS = RateLimitItemPerMinute(30, WINDOW_MIN)


class Tried(StrEnum):
    """What is counted, each by itself."""

    PASSWORD = "password"  # noqa: S105  what is tried, not one of them
    WORDS = "words"
    CODE = "code"
    PROOF = "proof"
    CHALLENGE = "challenge"
    PASSKEY = "passkey"


class TooManyTries(Exception):
    """Not now; after `wait_s` again."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


class Attempts:
    """Counts tries by the name that is tried and by the address they come from."""

    def __init__(self) -> None:
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def take(self, what: Tried, *, address: str, name: str | None = None) -> None:
        """Count a try before it is made, so that many at once are not more than so many. Raises `TooManyTries`."""
        for limit, key in _limits(what, address, name):
            if not self._windows.hit(limit, *key):
                raise self._too_many(limit, key)

    def check(self, what: Tried, *, address: str) -> None:
        """Raise `TooManyTries` where too many have missed already. For what nobody hits by chance, only misses are counted."""
        for limit, key in _limits(what, address, None):
            if not self._windows.test(limit, *key):
                raise self._too_many(limit, key)

    def missed(self, what: Tried, *, address: str) -> None:
        """Count a miss."""
        for limit, key in _limits(what, address, None):
            self._windows.hit(limit, *key)

    def got_in(self, what: Tried, *, name: str) -> None:
        """Whoever is who they say they are begins anew; the address does not: it may be a guesser's, with an account too."""
        self._windows.clear(BY_NAME, what, "name", name)

    def _too_many(self, limit: RateLimitItemPerMinute, key: tuple[str, ...]) -> TooManyTries:
        over_at_s, _ = self._windows.get_window_stats(limit, *key)
        return TooManyTries(floor(over_at_s - time.time()) + 1)  # at that very second it is still within the window


def _limits(what: Tried, address: str, name: str | None) -> list[tuple[RateLimitItemPerMinute, tuple[str, ...]]]:
    found: list[tuple[RateLimitItemPerMinute, tuple[str, ...]]] = [(BY_ADDRESS, (str(what), "address", address))]
    if name is not None:
        found.append((BY_NAME, (str(what), "name", name)))
    return found
