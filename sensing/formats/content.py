"""A file's content, unpacked and decoded without trusting it: not its name, not its size, not its encoding."""

import codecs
import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import IO, Protocol

from sensing.formats.recorded import BadRecording, UnknownFormat

LARGEST_BYTES = 1 << 26
"""Of what is held in memory whole."""

LARGEST_STREAM_BYTES = 1 << 33
"""Of what is streamed. A phone's export of many years has a few GB; an archive that unpacks to more is a trap."""

_CHUNK_BYTES = 1 << 16
_HEAD_BYTES = 4096
_GZIP_MAGIC = b"\x1f\x8b"
_ZIP_MAGIC = b"PK\x03\x04"
_ZIP_MEMBER = "export.xml"  # what a phone's export.zip is about
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TEXT_CONTROLS = b"\t\n\r\f"
_LINE_END = re.compile(r"\r\n|\n|\r")


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Content:
    """One file. Everything here raises `BadRecording`, and nothing else, for a file that cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def bad(self, line: int | str | None, reason: str) -> BadRecording:
        """The error for `line`."""
        return BadRecording(self.path, line, reason)

    @cached_property
    def head(self) -> bytes:
        """The first bytes, unpacked."""
        return next(self.chunks(), b"")[:_HEAD_BYTES]

    @cached_property
    def beginning(self) -> str:
        """The first bytes as text, as far as they are text."""
        return self.head.decode("utf-16" if self._is_utf16 else "utf-8-sig", errors="replace")

    @property
    def beginning_is_all(self) -> bool:
        """Whether the whole file is no longer than what `beginning` looks at."""
        return len(self.head) < _HEAD_BYTES

    @cached_property
    def whole(self) -> bytes:
        """All of it."""
        content = bytearray()
        for chunk in self.chunks():
            content += chunk
            if len(content) > LARGEST_BYTES:
                raise self.bad(None, f"is larger than {LARGEST_BYTES >> 20} MB; split it")
        return bytes(content)

    @cached_property
    def is_binary(self) -> bool:
        """Whether the beginning holds what no text does."""
        return not self._is_utf16 and any(byte < ord(" ") and byte not in _TEXT_CONTROLS for byte in self.head)

    @cached_property
    def text(self) -> str:
        """All of it as text: UTF-8, or UTF-16 with its mark."""
        if self.is_binary:
            raise UnknownFormat(self.path, None, "is a binary file of no known format")
        encoding, name = ("utf-16", "UTF-16") if self._is_utf16 else ("utf-8-sig", "UTF-8")
        try:
            text = self.whole.decode(encoding)
        except UnicodeDecodeError as error:
            line = self.whole[: error.start].count(b"\n") + 1
            wrong = self.whole[error.start : error.start + 1].hex()
            raise self.bad(line, f"is not {name} text (byte {wrong}); save it as UTF-8") from None
        if "\0" in text:
            raise UnknownFormat(self.path, None, "is a binary file of no known format")
        return text

    def lines(self, text: str | None = None) -> list[tuple[int, str]]:
        """The lines of `text`, by default of `self.text`, stripped and with their numbers, without the empty ones."""
        raw = _LINE_END.split(self.text if text is None else text)
        return [(line, stripped) for line, one in enumerate(raw, 1) if (stripped := one.strip())]

    @property
    def _is_utf16(self) -> bool:
        return self.head.startswith(_UTF16_MARKS)

    def chunks(self) -> Iterator[bytes]:
        """The content piece by piece, unpacked."""
        read = 0
        with ExitStack() as opened:
            file = self._opened(opened)
            while True:
                try:
                    chunk = file.read(_CHUNK_BYTES)
                except (OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
                    raise self._unreadable(file, error) from None
                if not chunk:
                    return
                read += len(chunk)
                if read > LARGEST_STREAM_BYTES:
                    raise self.bad(None, f"unpacks to more than {LARGEST_STREAM_BYTES >> 30} GB; that is no recording")
                yield chunk

    def _opened(self, opened: ExitStack) -> _Readable:
        try:
            if self.path.exists() and not self.path.is_file():
                raise self.bad(None, "is not a file")
            file = opened.enter_context(self.path.open("rb"))
            magic = file.read(len(_ZIP_MAGIC))
            file.seek(0)
        except FileNotFoundError:
            raise self.bad(None, "there is no such file") from None
        except BadRecording:
            raise
        except (OSError, ValueError) as error:
            raise self._unreadable(None, error) from None
        if magic.startswith(_GZIP_MAGIC):
            unpacked = gzip.GzipFile(fileobj=file)
            opened.callback(unpacked.close)
            return unpacked
        return self._export_in_zip(opened, file) if magic == _ZIP_MAGIC else file

    def _export_in_zip(self, opened: ExitStack, file: IO[bytes]) -> IO[bytes]:
        try:
            archive = opened.enter_context(zipfile.ZipFile(file))
            names = [name for name in archive.namelist() if name.rsplit("/", 1)[-1].casefold() == _ZIP_MEMBER]
            if names:
                return opened.enter_context(archive.open(names[0]))
        except (OSError, ValueError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
            raise self.bad(None, f"is a zip archive that cannot be opened: {error}") from None
        raise UnknownFormat(self.path, None, "is a zip archive; unpack it, and import the folder")

    def _unreadable(self, file: _Readable | None, error: Exception) -> BadRecording:
        if isinstance(file, gzip.GzipFile):
            return self.bad(None, f"is a damaged gzip file: {error}")
        if isinstance(file, zipfile.ZipExtFile):
            return self.bad(None, f"is a damaged zip archive: {error}")
        return self.bad(None, f"cannot be read: {getattr(error, 'strerror', None) or error}")
