"""Where a page goes: never over a recording, and never half of it."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path


class CannotWrite(Exception):
    """A page cannot be written there; the message says why."""


def checked_target(out: Path, inputs: Sequence[Path]) -> Path:
    """The file that `out` means, once it is clear that it may be written.

    Raises:
        CannotWrite: it is one of `inputs`, or no file, or its folder does not take new files.
    """
    target = Path(os.path.realpath(out))
    if target.exists():
        if not target.is_file():
            raise CannotWrite(f"{out}: is not a file, so no page is written there")
        if any(file.exists() and file.samefile(target) for file in inputs):
            raise CannotWrite(f"{out}: is one of the recordings; choose another name for the page")
        if not os.access(target, os.W_OK):
            raise CannotWrite(f"{out}: cannot be written")
    folder = target.parent
    if not folder.is_dir():
        raise CannotWrite(f"{out}: there is no folder {folder}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotWrite(f"{out}: the folder {folder} cannot be written")
    return target


def write_whole(target: Path, text: str) -> None:
    """Write `text`, all of it or nothing: whoever opens `target` finds the old page or the new one.

    Raises:
        CannotWrite: the disk or the folder does not take it; what was there before is still there.
    """
    draft = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}")
    try:
        with draft.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError as error:
        raise CannotWrite(f"{target}: {error.strerror or error}") from None
    finally:
        draft.unlink(missing_ok=True)
