"""A key on paper: groups of four letters and digits, with a check that notices a slip of the pen. Pure."""

import hashlib

from journal.sealed import KEY_BYTES, Key

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, which are read as other signs."""
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_CHECK_BYTES = 3
_SIGNS = (KEY_BYTES + _CHECK_BYTES) * 8 // 5
_GROUP = 4


class NotACode(ValueError):
    """What was typed is no recovery code. Says what is wrong with it."""


def code_of(key: Key) -> str:
    """The recovery code of `key`: 14 groups of four.

    >>> code_of(Key(bytes(32)))
    '0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0000-0007-CN6Z'
    """
    number = int.from_bytes(key.secret + _check(key.secret), "big")
    signs = "".join(_LETTERS[number >> 5 * place & 31] for place in reversed(range(_SIGNS)))
    return "-".join(signs[at : at + _GROUP] for at in range(0, _SIGNS, _GROUP))


def key_of(code: str) -> Key:
    """The key that `code` stands for; spaces, dashes and small letters do not matter. Raises `NotACode`."""
    signs = "".join(sign for sign in code.upper() if sign not in "- \t\r\n").translate(_READ_AS)
    strange = sorted({sign for sign in signs if sign not in _LETTERS})
    if strange:
        raise NotACode(f"a recovery code has only letters and digits, no {' '.join(strange)}")
    if len(signs) != _SIGNS:
        raise NotACode(f"a recovery code has {_SIGNS // _GROUP} groups of {_GROUP}, this one has {len(signs)} signs")
    number = 0
    for sign in signs:
        number = number << 5 | _LETTERS.index(sign)
    data = number.to_bytes(KEY_BYTES + _CHECK_BYTES, "big")
    if data[KEY_BYTES:] != _check(data[:KEY_BYTES]):
        raise NotACode("the recovery code has a slip: one sign or more is not as it was shown")
    return Key(data[:KEY_BYTES])


def _check(secret: bytes) -> bytes:
    return hashlib.sha256(b"flooding recovery code\0" + secret).digest()[:_CHECK_BYTES]
