"""A file that is written whole or not at all, for its owner alone."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class CannotWrite(Exception):
    """A file cannot be written there; the message says why."""


def write_whole(target: Path, content: str | bytes) -> None:
    """Write `content`, all of it or nothing: whoever opens `target` finds the old file or the new one.

    Raises:
        CannotWrite: the disk or the folder does not take it; what was there before is still there.
    """
    draft = target.with_name(f".{secrets.token_hex(8)}.draft")
    try:
        data = content.encode() if isinstance(content, str) else content
        # a body's data is its owner's alone; whoever wants to share the file opens it to others
        with open(draft, "xb", opener=_for_the_owner) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except UnicodeEncodeError as error:
        raise CannotWrite(f"{target}: the page holds what is no text: {error.reason}") from None
    except FileNotFoundError:
        raise CannotWrite(f"{target}: there is no folder {target.parent}; make it first") from None
    except OSError as error:
        raise CannotWrite(f"{target}: {error.strerror or error}") from None
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def new_file(file: Path) -> Iterator[IO[bytes]]:
    """A file for its owner's eyes, whole or not at all: half an archive must not be taken for a whole one."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CannotWrite(
            f"{file} is there already, and stays as it is; choose another name, or move it away"
        ) from None
    except FileNotFoundError:
        raise CannotWrite(f"{file}: there is no folder {file.parent}; make it first") from None
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
