"""Where a page goes: never over a recording."""

import os
from collections.abc import Sequence
from pathlib import Path

from api.whole_file import CannotWrite

PAGE_MARK = '<meta name="generator" content="flooding-detector">'
"""In the head of every page, by which it is known again."""

PAGE_BEGINS_WITHIN = 4096


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


def _is_page(file: Path) -> bool:
    """Whether this program wrote it: an empty file counts, as nothing is lost with it."""
    try:
        with file.open("rb") as opened:
            beginning = opened.read(PAGE_BEGINS_WITHIN)
    except OSError:
        return False
    return not beginning or PAGE_MARK.encode() in beginning
