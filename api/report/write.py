"""Where a page goes: never over a recording, and never half of it."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

PAGE_MARK = '<meta name="generator" content="flooding-detector">'
"""In the head of every page, by which it is known again."""

PAGE_BEGINS_WITHIN = 4096


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
        if not _is_page(target):
            raise CannotWrite(
                f"{out}: is there already, and is no page of this program; choose another name for the page"
            )
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
    draft = target.with_name(f".{secrets.token_hex(8)}.page")
    try:
        # a body's data is its owner's alone; whoever wants to share the page opens it to others
        with open(draft, "x", encoding="utf-8", newline="\n", opener=_for_the_owner) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except UnicodeEncodeError as error:
        raise CannotWrite(f"{target}: the page holds what is no text: {error.reason}") from None
    except OSError as error:
        raise CannotWrite(f"{target}: {error.strerror or error}") from None
    finally:
        draft.unlink(missing_ok=True)


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)


def _is_page(file: Path) -> bool:
    """Whether this program wrote it: an empty file counts, as nothing is lost with it."""
    try:
        with file.open("rb") as opened:
            beginning = opened.read(PAGE_BEGINS_WITHIN)
    except OSError:
        return False
    return not beginning or PAGE_MARK.encode() in beginning
