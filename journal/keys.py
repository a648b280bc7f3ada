"""Where the keys of the journal's texts are: a file outside the data folder, one key for each person.

Whoever copies the folder has no words. Whoever loses the key file has none either: `flooding key show` is its copy on
paper. A key is on the disk before the first text is sealed with it.
"""

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from journal.database import DatabaseError
from journal.kept_file import Json, KeptFile
from journal.recovery import NotACode, code_of, key_of
from journal.sealed import CannotUnseal, Key, new_key

log = structlog.get_logger(__name__)

FORMAT = "flooding-keys"
VERSION = 1


class KeyMissing(DatabaseError, CannotUnseal):
    """The journal holds texts whose key is not in the key file. Nothing has changed."""


class BadKeyFile(DatabaseError):
    """The key file cannot be read, or is none. Nothing has changed."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A key and the person whose words it opens."""

    person_id: str
    key: Key


def usual_key_file(data_dir: Path) -> Path:
    """Beside the data folder, so that a copy of the folder does not carry it.

    >>> usual_key_file(Path("/home/mira/journal")).as_posix()
    '/home/mira/journal.key'
    """
    folder = data_dir.resolve()
    if not folder.name:
        raise BadKeyFile(f"{folder} has nothing beside it where the key could be; name a place in FLOODING_KEY_FILE")
    return folder.with_name(f"{folder.name}.key")


class Keyring:
    """The keys in one file. Safe to use from several threads, and beside another program that uses the same file.

    Raises:
        BadKeyFile: the file is there and cannot be read, or is none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._file = KeptFile(path)
        self._as_of = self._file.stamp()
        self._held = self._read()
        _for_its_owner_alone(path)

    def current(self, person_id: str) -> Key:
        """The key that seals this person's texts; made, and on the disk, if there is none."""
        with self._lock:
            return self._newest(person_id) or self._change(lambda held: _with_first(held, person_id), person_id)

    def held(self, person_id: str) -> tuple[Key, ...]:
        """Every key of this person, the current one last."""
        with self._lock:
            self._look()
            return tuple(one.key for one in self._held if one.person_id == person_id)

    def find(self, person_id: str, key_id: bytes) -> Key:
        """This person's key of that id. Raises `KeyMissing`."""
        found = next((key for key in self.held(person_id) if key.id == key_id), None)
        if found is None:
            raise KeyMissing(
                f"the text asks for key {key_id.hex()}, which the key file {self.path} does not hold for its owner: "
                "it is damaged, was moved, or its key is missing; "
                "a recovery code that you wrote down brings a key back: flooding key recover"
            )
        return found

    def require(self, texts: Mapping[tuple[str, bytes], int]) -> None:
        """Raise `KeyMissing` unless every key that `texts` need is here; they are counted by (person, key id).

        Two kinds of unknown id close only the text that asks for it. One is another person's key: the text was moved.
        The other is asked for by one text alone, while other texts of its owner open: its bytes are damaged, for a key
        that is missing closes all that were sealed with it.
        """
        with self._lock:
            self._look()
            here = {one.key.id for one in self._held}
            opens = {(one.person_id, one.key.id) for one in self._held}
        unknown = {who: count for who, count in texts.items() if who[1] not in here}
        can_read = {person_id for person_id, _ in opens & texts.keys()}
        missing = [key_id for (person_id, key_id), count in unknown.items() if count > 1 or person_id not in can_read]
        if missing:
            raise KeyMissing(self._explain(missing))
        for _, key_id in unknown:
            log.warning("one_text_does_not_open", key_id=key_id.hex())

    def add(self, person_id: str, key: Key) -> None:
        """Hold `key`, as the current one of this person."""
        self._change(
            lambda held: [*(one for one in held if one != _Held(person_id, key)), _Held(person_id, key)], person_id
        )

    def drop(self, person_id: str, key_ids: Iterable[bytes]) -> None:
        """Let these keys go. What was sealed with them can never be read again."""
        gone = set(key_ids)
        self._change(lambda held: [one for one in held if one.person_id != person_id or one.key.id not in gone], None)

    def forget(self, person_id: str) -> None:
        """Let every key of this person go: a copy of their texts, wherever it is, stays closed."""
        self.drop(person_id, [key.id for key in self.held(person_id)])

    def _look(self) -> None:
        """What another worker, or a command, has changed since holds here, too."""
        as_of = self._file.stamp()
        if as_of != self._as_of:
            self._held, self._as_of = self._read(), as_of

    def _newest(self, person_id: str) -> Key | None:
        return next(reversed(self.held(person_id)), None)

    def _read(self) -> list[_Held]:
        try:
            return _held_in(self._file.read())
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise BadKeyFile(f"the key file {self.path} cannot be read: {why}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise _damaged(self.path, error) from error

    def _change(self, step: Callable[[list[_Held]], list[_Held]], person_id: str | None) -> Any:  # noqa: ANN401  see below
        """Apply `step` to what the file holds now; return the current key of `person_id`, None for nobody's."""
        with self._lock:
            try:
                # Its stamp is not taken over: somebody else may be the next to change it, and one reading more costs little.
                self._held = _held_in(self._file.change(lambda told: _told(step(_held_in(told)))))
            except OSError as error:
                raise BadKeyFile(f"the key file {self.path} cannot be written: {error.strerror}") from error
            except (ValueError, KeyError, TypeError) as error:
                raise _damaged(self.path, error) from error
            return self._newest(person_id) if person_id else None

    def _explain(self, missing: Iterable[bytes]) -> str:
        ids = ", ".join(sorted({key_id.hex() for key_id in missing}))
        where = "does not hold it" if self.path.exists() else "is not there"
        return (
            f"the journal’s words are locked with key {ids}, and the key file {self.path} {where}. Nothing is changed "
            "or lost: put the key file back, name its place in FLOODING_KEY_FILE, or type the recovery code with: "
            "flooding key recover"
        )


def _with_first(held: list[_Held], person_id: str) -> list[_Held]:
    """Another program may have made it in the meantime."""
    return held if any(one.person_id == person_id for one in held) else [*held, _Held(person_id, new_key())]


def _for_its_owner_alone(path: Path) -> None:
    """A copy that was put back may be readable by others; it is not for long."""
    if os.name == "nt":  # Windows tells other people's rights in another way
        return
    with suppress(OSError):  # it is not there yet, or another's
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
            log.warning("key_file_was_open_to_others", path=str(path))


def _damaged(path: Path, error: Exception) -> BadKeyFile:
    why = f": {error}" if isinstance(error, NotACode) else ""
    return BadKeyFile(
        f"{path} is damaged or no key file of this program{why}; put a copy of it in its place, or move it away and "
        "type the recovery code with: flooding key recover"
    )


def _held_in(told: Json | None) -> list[_Held]:
    if told is None:
        return []
    if (told["format"], told["version"]) != (FORMAT, VERSION):
        raise ValueError("another format")
    return [_Held(str(one["person"]), key_of(one["recovery_code"])) for one in told["keys"]]


def _told(held: Iterable[_Held]) -> Json:
    return {
        "format": FORMAT,
        "version": VERSION,
        "note": "Without this file nobody can read the journal’s words. Keep a copy away from the journal.",
        "keys": [{"person": one.person_id, "recovery_code": code_of(one.key)} for one in held],
    }
