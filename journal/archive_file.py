"""The archive as a file: a zip with a manifest that names every file in it, with its size and sha256. Knows no database.

What comes back may be damaged, cut short, or made to harm: nothing is unpacked to the disk, names and sizes are held to
what this program writes, and every byte is checked before the first one is used.
"""

import hashlib
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Self

FORMAT = "flooding-archive"
VERSION = 1
MANIFEST = "manifest.json"
MOST_FILES = 50_000
MOST_BYTES = 1_000_000_000
"""Own choice: some 10,000 hours of talk. A zip of a few kB can claim as much; more is refused before it is read."""
MOST_FILE_BYTES = 250_000_000
"""One file is read whole. Own choice: the minutes of those 10,000 hours take half of it."""
MOST_MANIFEST_BYTES = 16_000_000
_NAME = re.compile(r"README\.txt|[a-z_]{1,40}\.(?:jsonl|csv)|recordings/[0-9A-Za-z_-]{1,64}\.csv")
_CHUNK = 1 << 20
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
)  # fmt: skip
"""What Python's zipfile raises for a zip that is damaged, wherever it is: a place before the file's beginning is a ValueError."""


class BadArchive(Exception):
    """This is no whole archive of this program. Says what is wrong, and where; nothing has changed."""


def write_archive(file: IO[bytes], files: Iterable[tuple[str, bytes]], about: dict[str, Any]) -> None:
    """Write `files` with a manifest that holds `about` besides."""
    listed: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files:
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name} is no name in an archive")
            packed.writestr(name, data)
            listed[name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        told = {"format": FORMAT, "version": VERSION, **about, "files": listed}
        packed.writestr(MANIFEST, json.dumps(told, indent=1, ensure_ascii=False))


@dataclass(frozen=True, slots=True)
class _Listed:
    size: int
    sha256: str


class ArchiveFile:
    """An archive whose every byte has been checked.

    Raises:
        BadArchive: it is something else, damaged, or made to harm.
    """

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except _DAMAGED as error:
            raise BadArchive(f"this is no zip file, or it is cut short: {error}") from error
        try:
            sizes = _sizes(self._zip.infolist())
            self.about = self._manifest(sizes)
            self.names = tuple(sizes)
            self._verify(sizes)
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._zip.close()

    def text(self, name: str) -> str:
        """A file as text. Raises `BadArchive` when it is not there or no text."""
        if name not in self.names:
            raise BadArchive(f"{name} is missing in it")
        try:
            return b"".join(self._chunks(name)).decode()
        except UnicodeDecodeError as error:
            raise BadArchive(f"{name} is no text") from error

    def lines(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """`(line number, object)` of a JSON Lines file."""
        for number, line in enumerate(self.text(name).split("\n"), 1):
            if line:
                yield number, _object(line, f"{name}, line {number}")

    def _manifest(self, sizes: dict[str, int]) -> dict[str, Any]:
        size = sizes.pop(MANIFEST, None)
        if size is None:
            raise BadArchive(f"it has no {MANIFEST}: this is a zip file, but no archive of this program")
        if size > MOST_MANIFEST_BYTES:
            raise BadArchive(f"{MANIFEST} is too large")
        told = _object(b"".join(self._chunks(MANIFEST)), MANIFEST)
        if told.get("format") != FORMAT:
            raise BadArchive("this is a zip file, but no archive of this program")
        if told.get("version") != VERSION:
            raise BadArchive(
                f"another flooding wrote it (version {told.get('version')!r}, known: {VERSION}); upgrade the program"
            )
        return told

    def _verify(self, sizes: dict[str, int]) -> None:
        listed = _listed(self.about.get("files"))
        if missing := sorted(listed.keys() - sizes.keys()):
            raise BadArchive(f"{missing[0]} is missing in it")
        if strange := sorted(sizes.keys() - listed.keys()):
            raise BadArchive(f"{strange[0]} does not belong into it")
        for name, size in sizes.items():
            if size != listed[name].size:
                raise BadArchive(f"{name} is cut short or has grown")
            digest = hashlib.sha256()
            for chunk in self._chunks(name):
                digest.update(chunk)
            if digest.hexdigest() != listed[name].sha256:
                raise BadArchive(f"{name} is damaged or was changed")

    def _chunks(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as packed:
                while chunk := packed.read(_CHUNK):
                    yield chunk
        except _DAMAGED as error:
            raise BadArchive(f"{name} is damaged: {error}") from error


def _sizes(infos: list[zipfile.ZipInfo]) -> dict[str, int]:
    """The size of each file, if names and sizes are such as this program writes."""
    if len(infos) > MOST_FILES:
        raise BadArchive(f"it has {len(infos)} files; an archive has {MOST_FILES} at most")
    sizes: dict[str, int] = {}
    for info in infos:
        if info.filename != MANIFEST and not _NAME.fullmatch(info.filename):
            raise BadArchive(f"{info.filename!r} is no name in an archive of this program")
        if info.filename in sizes:
            raise BadArchive(f"{info.filename} is in it twice")
        if info.flag_bits & 0x1:
            raise BadArchive(f"{info.filename} is locked with a password; unpack it and pack it again without one")
        if info.file_size > MOST_FILE_BYTES:
            raise BadArchive(
                f"{info.filename} would unpack to {info.file_size:,} bytes; {MOST_FILE_BYTES:,} is the most"
            )
        sizes[info.filename] = info.file_size
    if sum(sizes.values()) > MOST_BYTES:
        raise BadArchive(f"it would unpack to {sum(sizes.values()):,} bytes; {MOST_BYTES:,} is the most")
    return sizes


def _listed(told: object) -> dict[str, _Listed]:
    try:
        return {str(name): _Listed(int(one["bytes"]), str(one["sha256"])) for name, one in told.items()}  # type: ignore[attr-defined]  # checked by the except
    except (AttributeError, TypeError, KeyError, ValueError) as error:
        raise BadArchive(f"{MANIFEST} does not say what is in it") from error


def _object(text: str | bytes, where: str) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadArchive(f"{where} is no JSON") from error
    if not isinstance(told, dict):
        raise BadArchive(f"{where} is no JSON object")
    return told
