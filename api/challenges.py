"""Challenges: random bytes that a passkey signs, each good once, for one browser, one purpose and a few minutes. In memory."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

LASTS_S = 300
MOST = 500
"""However many ask, no more wait at once; the oldest goes. Whoever asks is counted before (`api.attempts`)."""

BYTES = 32


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

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._waiting: dict[tuple[str, Purpose], _Waiting] = {}  # the oldest first, so the first to run out

    def give(self, browser: str, purpose: Purpose) -> bytes:
        """A new challenge for this browser, in place of the one before."""
        now_s = self._monotonic_s()
        self._waiting.pop((browser, purpose), None)
        self._forget(now_s)
        made = _Waiting(secrets.token_bytes(BYTES), now_s + LASTS_S)
        self._waiting[browser, purpose] = made
        return made.challenge

    def take(self, browser: str, purpose: Purpose) -> bytes | None:
        """The challenge that this browser answers, which is used up by it; None where none waits any more."""
        waiting = self._waiting.pop((browser, purpose), None)
        return waiting.challenge if waiting is not None and self._monotonic_s() < waiting.until_s else None

    def __len__(self) -> int:
        return len(self._waiting)

    def _forget(self, now_s: float) -> None:
        """Let go of what has run out, and of the oldest where there is no room."""
        for key, waiting in list(self._waiting.items()):
            if waiting.until_s > now_s and len(self._waiting) < MOST:
                return
            del self._waiting[key]
