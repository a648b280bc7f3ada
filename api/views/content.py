"""An entry's words as the page takes them."""

from datetime import datetime

from pydantic import BaseModel

from journal.content import Content
from journal.texts import StoredText


class DraftView(BaseModel):
    """Words of another window that came too late."""

    id: str
    based_on: int
    written: datetime
    content: Content


class StoredView(BaseModel):
    """What is stored. `version` is what the next save names; times are on the clock of the place they were written in."""

    version: int
    written: datetime | None
    zone: str | None
    content: Content
    drafts: list[DraftView]


def stored_view(stored: StoredText) -> StoredView:
    """The stored words with their drafts."""
    written = stored.written
    return StoredView(
        version=stored.version,
        written=written.local if written else None,
        zone=written.zone if written else None,
        content=stored.content,
        drafts=[
            DraftView(id=draft.id, based_on=draft.based_on, written=draft.written.local, content=draft.content)
            for draft in stored.drafts
        ],
    )
