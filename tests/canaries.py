"""Secrets that tests use, and whether one of them has got into what the program logged.

Every test's output is searched (`tests/conftest.py`), and what every started program wrote to its stderr (`tests/e2e/conftest.py`):
passwords, words that somebody wrote, and each token that this process has made.
"""

import secrets
from collections import deque

PASSWORDS = ("a quiet evening", "a long walk home")
WORDS = ("-canary", "He said fine", "looked at his phone", "The kitchen at home")
_made: deque[str] = deque(maxlen=500)
_token_urlsafe = secrets.token_urlsafe


def _remembered(*args: int) -> str:
    token = _token_urlsafe(*args)
    _made.append(token)
    return token


def remember_tokens() -> None:
    """From now on every token that this process makes is a canary."""
    secrets.token_urlsafe = _remembered  # type: ignore[assignment]  # the same, and it is remembered


def leaked(output: str) -> list[str]:
    """Which secrets are in `output`."""
    return [secret for secret in (*PASSWORDS, *WORDS, *_made) if secret in output]
