"""A small JSON file outside the database: changed whole, on the disk before anyone relies on it, for its owner's eyes alone.

Safe to use from several threads and, where the system can lock files, from several programs.
"""

import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows: two programs that change one file at the same moment are not guarded against
    fcntl = None  # type: ignore[assignment]  # a missing module is None

Json = dict[str, Any]


class KeptFile:
    """One file; `read` gives what it holds, `change` puts something else in its place.

    Both raise `OSError` where the disk does, and `ValueError` for what is no JSON object.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()

    def read(self) -> Json | None:
        """What the file holds; None where there is none."""
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        told = json.loads(text)
        if not isinstance(told, dict):
            raise ValueError("no JSON object")  # noqa: TRY004  what is wrong is the file
        return told

    def stamp(self) -> tuple[int, int] | None:
        """Another one when the file is another: each change makes a new file. None where there is none."""
        try:
            told = self.path.stat()
        except OSError:
            return None
        return told.st_ino, told.st_mtime_ns

    def change(self, step: Callable[[Json | None], Json]) -> Json:
        """Apply `step` to what the file holds now, and return what it holds then; nobody else changes it meanwhile."""
        with self._lock, self._alone():
            told = step(self.read())
            self._write(told)
            return told

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if fcntl is None:
            yield
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_name(f"{self.path.name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, told: Json) -> None:
        handle, temporary = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)  # made with mode 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(told, file, indent=1, ensure_ascii=False)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self.path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        self._sync_folder()

    def _sync_folder(self) -> None:
        """The new name is on the disk, too; a folder cannot be opened for this on Windows."""
        if fcntl is None:
            return
        handle = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
