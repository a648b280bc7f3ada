"""How often something may be tried: passwords, words that bring one back, codes, passkeys.

In memory, in moving windows, and short ones: whoever tries a name on purpose, so that its owner is kept out, keeps them out for
minutes, and the words that bring one back are counted apart.
"""

import hashlib
import time
from collections.abc import Callable
from enum import StrEnum
from ipaddress import IPv6Address, ip_network
from math import floor

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

WINDOW_MIN = 10
BY_NAME = RateLimitItemPerMinute(10, WINDOW_MIN)
BY_ADDRESS = RateLimitItemPerMinute(30, WINDOW_MIN)
TRIED_NAME, TRIED_ADDRESS, GOT_IN = "tried_name", "tried_address", "got_in"


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
    """Counts tries by the name that is tried and by the address they come from.

    Several workers count together: each tells the others of every try, by a hash of what is counted.
    """

    def __init__(self, tell: Callable[[str, str], None] = lambda _what, _key: None) -> None:
        self._tell = tell
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def take(self, what: Tried, *, address: str, name: str | None = None) -> None:
        """Count a try before it is made, so that many at once are not more than so many. Raises `TooManyTries`."""
        for limit, key in _limits(what, address, name):
            if not self._hit(limit, key):
                raise self._too_many(limit, key)

    def check(self, what: Tried, *, address: str) -> None:
        """Raise `TooManyTries` where too many have missed already. For what nobody hits by chance, only misses are counted."""
        for limit, key in _limits(what, address, None):
            if not self._windows.test(limit, key):
                raise self._too_many(limit, key)

    def missed(self, what: Tried, *, address: str) -> None:
        """Count a miss."""
        for limit, key in _limits(what, address, None):
            self._hit(limit, key)

    def got_in(self, what: Tried, *, name: str) -> None:
        """Whoever is who they say they are begins anew; the address does not: it may be a guesser's, with an account too."""
        key = _key(what, "name", name)
        self._windows.clear(BY_NAME, key)
        self._tell(GOT_IN, key)

    def hear(self, what: str, key: str) -> None:
        """What another worker has counted."""
        if what == GOT_IN:
            self._windows.clear(BY_NAME, key)
        else:
            self._windows.hit(BY_NAME if what == TRIED_NAME else BY_ADDRESS, key)

    def _hit(self, limit: RateLimitItemPerMinute, key: str) -> bool:
        is_within = self._windows.hit(limit, key)
        if is_within:
            self._tell(TRIED_NAME if limit is BY_NAME else TRIED_ADDRESS, key)
        return is_within

    def _too_many(self, limit: RateLimitItemPerMinute, key: str) -> TooManyTries:
        over_at_s, _ = self._windows.get_window_stats(limit, key)
        return TooManyTries(floor(over_at_s - time.time()) + 1)  # at that very second it is still within the window


def _limits(what: Tried, address: str, name: str | None) -> list[tuple[RateLimitItemPerMinute, str]]:
    found = [(BY_ADDRESS, _key(what, "address", _one_place(address)))]
    if name is not None:
        found.append((BY_NAME, _key(what, "name", name)))
    return found


def _one_place(address: str) -> str:
    """What one household or one machine has of the Internet: in version 6 some 2⁶⁴ addresses (RFC 6177, 2)."""
    try:
        found = IPv6Address(address)
    except ValueError:
        return address
    return str(found.ipv4_mapped or ip_network((int(found), 64), strict=False))


def _key(what: Tried, kind: str, told: str) -> str:
    """What is counted together; names and addresses themselves are told to nobody."""
    return hashlib.sha256(f"{what}/{kind}/{told}".encode()).hexdigest()
