"""What the wearer writes: an entry by hand, the words of an entry, and the drafts of a window that came too late."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from alerts.people import Actor
from api.routes.auth import ActorHere, ServiceHere
from api.service import Service
from api.views.content import StoredView, stored_view
from api.words.clock_times import LocalTimes
from api.words.entry import own_title, title
from api.writing import Body, writing
from journal.content import Content

router = APIRouter(prefix="/api/entries", tags=["journal"])

Zone = Annotated[str | None, Field(max_length=64, description="IANA name, as the browser tells it: Europe/Berlin")]


class ByHand(BaseModel):
    """A new entry without a talk. Without a time it happened now."""

    happened_at: AwareDatetime | None = None
    zone: Zone = None


class Made(BaseModel):
    """Where the new entry is."""

    id: str
    url: str


class Save(BaseModel):
    """Words to store, written on `version`.

    Attributes:
        tab: a random id that a window gives itself once; its late words replace only its own.
        zone: where the words are written.
    """

    version: int = Field(ge=0, strict=True)
    tab: str = Field(min_length=1, max_length=64)
    zone: Zone = None
    content: Content


class Saved(BaseModel):
    """The words are on the disk. The next save names `version`."""

    version: int


@router.post("", status_code=201)
def by_hand(service: ServiceHere, actor: ActorHere, told: ByHand) -> Made:
    """Make an entry by hand."""
    entry_id = service.journal.texts.create(actor, now=datetime.now(UTC), happened_at=told.happened_at, zone=told.zone)
    return Made(id=entry_id, url=f"/entries/{entry_id}")


@router.get("/{entry_id}/content")
def read(service: ServiceHere, actor: ActorHere, entry_id: str) -> StoredView:
    """The entry's words, and the drafts that wait beside them."""
    return stored_view(service.journal.texts.read(actor, entry_id))


@router.put("/{entry_id}/content")
def save(service: ServiceHere, actor: ActorHere, entry_id: str, told: Save) -> Saved:
    """Store the entry's words, as one types. 409 when another window was faster: then both are kept, and `stored` has both."""
    version = service.journal.texts.save(
        actor, entry_id, told.content, version=told.version, tab=told.tab, now=datetime.now(UTC), zone=told.zone
    )
    return Saved(version=version)


@router.delete("/{entry_id}/drafts/{draft_id}", status_code=204)
def discard_draft(service: ServiceHere, actor: ActorHere, entry_id: str, draft_id: str) -> None:
    """Let the words of a late window go."""
    service.journal.texts.discard_draft(actor, entry_id, draft_id)


def words_context(service: Service, actor: Actor, entry_id: str) -> dict[str, Any]:
    """What the page of an entry without the body's side shows. Raises `NotAllowed`."""
    line, stored = service.journal.entries.line(actor, entry_id), service.journal.texts.read(actor, entry_id)
    local = LocalTimes(line.began_at, line.utc_offset_min, line.zone)
    own = own_title(stored.content.trigger.text)
    return {
        "entry": {
            "id": line.id,
            "date": local.date_seen(service.clock.utc_now()),
            "began": local.began.isoformat(),
            "ended": None,
            "title": own or title(line.floods, line.pauses, near_misses=line.near_misses, by_hand=line.by_hand),
            "own_words": own is not None,
        },
        "words": writing(stored, actor, Body(), local, by_hand=line.by_hand),
    }
