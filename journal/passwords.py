"""Sign-in names and passwords: what they may be, and the hash that is kept instead.

Length is what counts, so nothing is asked of a password's letters (NIST SP 800-63B-4, 3.1.1.2). Hashing is meant to be slow and
large (argon2id, RFC 9106): never on the event loop.
"""

import unicodedata
from functools import cached_property

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST, LONGEST = 10, 256
LONGEST_NAME = 60
COMMONEST = frozenset({
    "1234567890", "0123456789", "12345678910", "123456789a", "1q2w3e4r5t", "1qaz2wsx3edc", "abcdefghij", "iloveyou123",
    "letmein123", "passw0rd123", "password12", "password123", "password1234", "passwordpassword", "passwort123",
    "passwort1234", "q1w2e3r4t5", "qwerty1234", "qwerty12345", "qwertyuiop", "qwertzuiop", "welcome123",
})  # fmt: skip
"""What a guesser tries first, of those that are long enough."""


class BadSignIn(ValueError):
    """A sign-in name or a password that cannot be. Says what to do; never repeats it."""


def folded(sign_in_name: str) -> str:
    """A sign-in name as it is compared and kept.

    >>> folded("  Mira ") == folded("MIRA")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", sign_in_name).strip().casefold())


def checked_name(sign_in_name: str) -> str:
    """`sign_in_name`, folded. Raises `BadSignIn`."""
    name = folded(sign_in_name)
    if not name:
        raise BadSignIn("a sign-in name is needed; any will do")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise BadSignIn(f"a sign-in name has at most {LONGEST_NAME} characters, all of which can be seen")
    return name


def check_password(password: str, sign_in_name: str) -> None:
    """Raise `BadSignIn` for a password that is no protection, or too long to be hashed in good time."""
    if not _is_text(password):
        raise BadSignIn("this password holds half a character; type it anew")
    plain = _normalised(password)
    if len(plain) < SHORTEST:
        raise BadSignIn(f"a password has at least {SHORTEST} characters; a few words in a row are easy to keep")
    if len(plain) > LONGEST:
        raise BadSignIn(f"a password has at most {LONGEST} characters")
    if plain.casefold() == folded(sign_in_name) or plain.casefold() in COMMONEST or len(set(plain)) == 1:
        raise BadSignIn("this password is among the first that somebody would guess; take another")


class Passwords:
    """Hashes passwords and verifies them. Every verification does the same work, also where there is nothing to compare with."""

    def __init__(self, hasher: Argon2Hasher | None = None) -> None:
        self._hashing = PasswordHash([hasher or Argon2Hasher()])

    @cached_property
    def _nobodys(self) -> str:
        return self._hashing.hash("nobody signs in with this")

    def hashed(self, password: str) -> str:
        """The hash to keep, with a salt of its own."""
        return self._hashing.hash(_as_bytes(password))

    def verify(self, password: str, kept: str | None) -> tuple[bool, str | None]:
        """Whether `password` is the one that `kept` is of, and the hash to keep from now on where that has to change.

        None as `kept` is nobody's hash: it takes as long, and is never right.
        """
        right, renewed = self._hashing.verify_and_update(_as_bytes(password), kept or self._nobodys)
        return (right and kept is not None), (renewed if kept is not None else None)


def _is_text(words: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in words)


def _normalised(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def _as_bytes(password: str) -> bytes:
    # Half a character is nobody's password, and is found wrong by the same work as any other.
    return _normalised(password).encode("utf-8", "surrogatepass")
