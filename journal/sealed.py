"""A text, sealed: AES-256-GCM, bound to the place it is stored in. Pure: bytes in, bytes out; where keys are is `journal.keys`.

A sealed text is `version (1) | key id (8) | nonce (12) | ciphertext and tag`. The place (table, column, row) is
associated data: a sealed text that is moved to another row does not open there. NIST SP 800-38D allows 2^32 random
nonces for one key; a draft saved every second for a century is fewer.
"""

import hashlib
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
KEY_BYTES = 32
ID_BYTES = 8
NONCE_BYTES = 12
ID_AT = slice(len(VERSION), len(VERSION) + ID_BYTES)
_NONCE_AT = slice(ID_AT.stop, ID_AT.stop + NONCE_BYTES)
_TAG_BYTES = 16
SHORTEST = _NONCE_AT.stop + _TAG_BYTES


class CannotUnseal(Exception):
    """A sealed text does not open here: another key, another place, or damaged bytes."""


@dataclass(frozen=True, slots=True)
class Key:
    """A secret, and its id: a fingerprint, so that a key cannot pass for another one."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, not {len(self.secret)}")

    @property
    def id(self) -> bytes:
        """The fingerprint that each sealed text carries."""
        return hashlib.sha256(b"flooding key id\0" + self.secret).digest()[:ID_BYTES]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed text is stored. It opens nowhere else."""

    table: str
    column: str
    row: str

    def as_data(self) -> bytes:
        """The place as associated data; lengths are written, so that no two places look the same."""
        parts = [part.encode() for part in (self.table, self.column, self.row)]
        return b"flooding sealed\0" + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def new_key() -> Key:
    """A key that nobody knows."""
    return Key(secrets.token_bytes(KEY_BYTES))


def seal(key: Key, text: bytes, place: Place) -> bytes:
    """Seal `text` for `place`. Sealing it again gives other bytes."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return VERSION + key.id + nonce + AESGCM(key.secret).encrypt(nonce, text, place.as_data())


def key_id_of(sealed: bytes) -> bytes:
    """Which key opens `sealed`. Raises `CannotUnseal` when it is no sealed text."""
    if len(sealed) < SHORTEST or not sealed.startswith(VERSION):
        raise CannotUnseal("these bytes are no sealed text of this program, or a newer one wrote them")
    return sealed[ID_AT]


def unseal(key: Key, sealed: bytes, place: Place) -> bytes:
    """The text. Raises `CannotUnseal` for another key, another place, or a single changed bit.

    >>> key, place = new_key(), Place("entry_text", "sealed", "e1")
    >>> unseal(key, seal(key, b"He said fine.", place), place)
    b'He said fine.'
    """
    if key_id_of(sealed) != key.id:
        raise CannotUnseal(f"it was sealed with key {key_id_of(sealed).hex()}, not with {key.id.hex()}")
    try:
        return AESGCM(key.secret).decrypt(sealed[_NONCE_AT], sealed[_NONCE_AT.stop :], place.as_data())
    except InvalidTag:
        raise CannotUnseal(
            f"the text at {place.table}.{place.column} of {place.row} is damaged, or was moved there"
        ) from None
