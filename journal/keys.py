"""Where the keys of the journal's texts are: a file outside the data folder, one key for each person.

Whoever copies the folder has no words. Whoever loses the key file has none either: `flooding key show` is its copy on
paper. A key is on the disk before the first text is sealed with it.
"""

import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

try:
    import fcntl
except ImportError:  # Windows: two programs that change one key file at the same moment are not guarded against
    fcntl = None  # type: ignore[assignment]  # a missing module is None

from journal.database import DatabaseError
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
        self._held = _read(path)
        _for_its_owner_alone(path)

    def current(self, person_id: str) -> Key:
        """The key that seals this person's texts; made, and on the disk, if there is none."""
        with self._lock:
            return self._newest(person_id) or self._change(lambda held: _with_first(held, person_id), person_id)

    def held(self, person_id: str) -> tuple[Key, ...]:
        """Every key of this person, the current one last."""
        with self._lock:
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

    def _newest(self, person_id: str) -> Key | None:
        return next(reversed(self.held(person_id)), None)

    def _change(self, step: Callable[[list[_Held]], list[_Held]], person_id: str | None) -> Any:  # noqa: ANN401  see below
        """Apply `step` to what the file holds now; return the current key of `person_id`, None for nobody's."""
        with self._lock, _alone(self.path):
            held = step(_read(self.path))
            _write(self.path, held)
            self._held = held
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


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """No other program changes the file meanwhile."""
    if fcntl is None:
        yield
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_name(f"{path.name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise BadKeyFile(f"the key file {path} cannot be written: {error.strerror}") from error


def _for_its_owner_alone(path: Path) -> None:
    """A copy that was put back may be readable by others; it is not for long."""
    if fcntl is None:  # Windows tells other people's rights in another way
        return
    with suppress(OSError):  # it is not there yet, or another's
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
            log.warning("key_file_was_open_to_others", path=str(path))


def _read(path: Path) -> list[_Held]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise BadKeyFile(
            f"the key file {path} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}"
        ) from error
    try:
        return _held_in(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        why = f": {error}" if isinstance(error, NotACode) else ""
        raise BadKeyFile(
            f"{path} is damaged or no key file of this program{why}; put a copy of it in its place, or move it away and "
            "type the recovery code with: flooding key recover"
        ) from error


def _held_in(told: Any) -> list[_Held]:  # noqa: ANN401  JSON of any shape, checked here
    if (told["format"], told["version"]) != (FORMAT, VERSION):
        raise ValueError("another format")
    return [_Held(str(one["person"]), key_of(one["recovery_code"])) for one in told["keys"]]


def _write(path: Path, held: Iterable[_Held]) -> None:
    """Put the new file in the old one's place, whole and on the disk, for its owner's eyes alone."""
    keys = [{"person": one.person_id, "recovery_code": code_of(one.key)} for one in held]
    told = {
        "format": FORMAT,
        "version": VERSION,
        "note": "Without this file nobody can read the journal’s words. Keep a copy away from the journal.",
        "keys": keys,
    }
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # made with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(told, file, indent=1, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """The new name is on the disk, too; a folder cannot be opened for this on Windows."""
    if fcntl is None:
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
