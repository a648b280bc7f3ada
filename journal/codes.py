"""Codes that people read, type and scan: made, read with kindness, and kept only as a hash."""

import hashlib
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No letter that looks like a digit, or like another letter."""

GROUP = 4


def new_code(groups: int) -> str:
    """A random code of so many groups of four: 19.6 bits each."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(groups))


def hashed(code: str) -> str:
    """The hash of a code as it is stored, however it was typed: lower case, without dashes, with spaces.

    What is hashed is random, so a plain fast hash is enough.

    >>> hashed("ab2c de3f") == hashed("AB2C-DE3F")
    True
    """
    return hashlib.sha256("".join(c for c in code.upper() if c.isalnum()).encode()).hexdigest()
