"""What the access log is checked with: the key that signs it and how far it had come, in a file outside the database.

Whoever changes the database, or puts an older copy of it in its place, does not change this file with it.
"""

import hmac
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from journal.chain import Head
from journal.database import DatabaseError
from journal.kept_file import KeptFile

FORMAT, VERSION = "flooding access log", 1
NOTE = "With this file the program sees whether the log of who has read what was changed. Keep it with the key file."
KEY_BYTES = 32


class BadHeadsFile(DatabaseError):
    """The file cannot be read or written, or is none."""


def beside_the_keys(key_file: Path) -> Path:
    """The usual place.

    >>> beside_the_keys(Path("/home/mira/journal.key")).as_posix()
    '/home/mira/journal.access'
    """
    return key_file.with_name(f"{key_file.stem}.access")


class AccessHeads:
    """One file; made with the first line that is signed."""

    def __init__(self, path: Path) -> None:
        self._file = KeptFile(path)

    def key(self, owner_id: str) -> bytes:
        """What signs this wearer's lines. Raises `BadHeadsFile`."""
        return self.keys([owner_id])[owner_id]

    def keys(self, owner_ids: Iterable[str]) -> dict[str, bytes]:
        """What signs each of these wearers' lines; the file is read once. Raises `BadHeadsFile`."""
        told = self._read() or self._change(lambda found: found)
        key = bytes.fromhex(told["key"])
        return {owner_id: hmac.digest(key, owner_id.encode(), "sha256") for owner_id in owner_ids}

    def head(self, owner_id: str) -> Head:
        """How far this wearer's log had come. Raises `BadHeadsFile`."""
        return _head(self._read() or _new(), owner_id)

    def advance(self, owner_id: str, head: Head) -> None:
        """The log has come to `head`; one that has come further stays. Raises `BadHeadsFile`."""
        self.advance_all({owner_id: head})

    def advance_all(self, heads: Mapping[str, Head]) -> None:
        """The logs of several wearers have come so far: as `advance`, with the file written once. Raises `BadHeadsFile`."""
        self._change(lambda told: _advanced(told, heads))

    def _read(self) -> dict[str, Any] | None:
        try:
            told = self._file.read()
            return None if told is None else _checked(told)
        except (OSError, ValueError) as error:
            raise self._bad(error) from error

    def _change(self, step: Any) -> dict[str, Any]:  # noqa: ANN401  a step of this module
        try:
            return self._file.change(lambda told: step(_new() if told is None else _checked(told)))
        except (OSError, ValueError) as error:
            raise self._bad(error) from error

    def _bad(self, error: Exception) -> BadHeadsFile:
        why = getattr(error, "strerror", None) or "it is damaged, or no file of this program"
        return BadHeadsFile(
            f"the file that checks who has read what, {self._file.path}, cannot be used: {why}; put a copy of it in its place"
        )


def _new() -> dict[str, Any]:
    return {"format": FORMAT, "version": VERSION, "note": NOTE, "key": secrets.token_hex(KEY_BYTES), "heads": {}}


def _checked(told: dict[str, Any]) -> dict[str, Any]:
    if (told.get("format"), told.get("version")) != (FORMAT, VERSION) or not isinstance(told.get("heads"), dict):
        raise ValueError("another format")
    if len(bytes.fromhex(str(told.get("key")))) != KEY_BYTES:
        raise ValueError("no key")
    for owner_id in told["heads"]:
        _head(told, owner_id)
    return told


def _head(told: dict[str, Any], owner_id: str) -> Head:
    kept = told["heads"].get(owner_id)
    if kept is None:
        return Head()
    try:
        return Head(int(kept["count"]), bytes.fromhex(kept["signature"]))
    except (KeyError, TypeError) as error:
        raise ValueError("no head") from error


def _advanced(told: dict[str, Any], heads: Mapping[str, Head]) -> dict[str, Any]:
    further = {
        owner_id: {"count": head.count, "signature": head.signature.hex()}
        for owner_id, head in heads.items()
        if head.count > _head(told, owner_id).count
    }
    return told | {"heads": told["heads"] | further}
