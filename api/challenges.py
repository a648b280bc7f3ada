"""Challenges: random bytes that a passkey signs, each good once, for one browser, one purpose and a few minutes. In memory."""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

LASTS_S = 300
MOST = 500
"""However many ask, no more wait at once; the oldest goes. Whoever asks is counted before (`api.attempts`)."""

BYTES = 32
USED = "used"


class Purpose(StrEnum):
    """What a challenge is signed for. One that was given for the one is nothing for the other."""

    SIGN_IN = "sign in"
    ADD = "add a passkey"


@dataclass(frozen=True, slots=True)
class _Waiting:
    challenge: bytes
    until_s: float


class Challenges:
    """The challenges that wait for an answer: one for a browser and a purpose, the newest.

    >>> challenges = Challenges()
    >>> given = challenges.give("a browser", Purpose.SIGN_IN)
    >>> challenges.take("a browser", Purpose.SIGN_IN) == given
    True
    >>> challenges.take("a browser", Purpose.SIGN_IN) is None
    True
    """

    def __init__(
        self,
        monotonic_s: Callable[[], float] = time.monotonic,
        tell: Callable[[str, str, str], None] = lambda _browser, _purpose, _challenge: None,
    ) -> None:
        """`tell`: any of several workers may get the answer, so the others are told, by a hash of the browser's name."""
        self._monotonic_s = monotonic_s
        self._tell = tell
        self._waiting: dict[tuple[str, Purpose], _Waiting] = {}  # the oldest first, so the first to run out

    def give(self, browser: str, purpose: Purpose) -> bytes:
        """A new challenge for this browser, in place of the one before."""
        challenge = secrets.token_bytes(BYTES)
        self._put(_named(browser), purpose, challenge)
        self._tell(_named(browser), purpose.name, challenge.hex())
        return challenge

    def take(self, browser: str, purpose: Purpose) -> bytes | None:
        """The challenge that this browser answers, which is used up by it; None where none waits any more."""
        waiting = self._waiting.pop((_named(browser), purpose), None)
        self._tell(_named(browser), purpose.name, USED)
        return waiting.challenge if waiting is not None and self._monotonic_s() < waiting.until_s else None

    def hear(self, browser: str, purpose: str, challenge: str) -> None:
        """What another worker has given, or what was used there."""
        if challenge == USED:
            self._waiting.pop((browser, Purpose[purpose]), None)
        else:
            self._put(browser, Purpose[purpose], bytes.fromhex(challenge))

    def _put(self, browser: str, purpose: Purpose, challenge: bytes) -> None:
        now_s = self._monotonic_s()
        self._waiting.pop((browser, purpose), None)
        self._forget(now_s)
        self._waiting[browser, purpose] = _Waiting(challenge, now_s + LASTS_S)

    def __len__(self) -> int:
        return len(self._waiting)

    def _forget(self, now_s: float) -> None:
        """Let go of what has run out, and of the oldest where there is no room."""
        for key, waiting in list(self._waiting.items()):
            if waiting.until_s > now_s and len(self._waiting) < MOST:
                return
            del self._waiting[key]


def _named(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()
