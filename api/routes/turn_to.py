"""Who can I turn to: the signed-in person's own short list."""

from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.routes.auth import ActorHere, ServiceHere

router = APIRouter(prefix="/api/turn-to", tags=["people around"])


class Told(BaseModel):
    """Somebody to turn to, and how."""

    name: str = Field(min_length=1, max_length=80, pattern=r"\S")
    how: str = Field(default="", max_length=200)


class SomeoneView(BaseModel):
    """One line of the list."""

    id: str
    name: str
    how: str


@router.get("")
def everyone(service: ServiceHere, actor: ActorHere) -> list[SomeoneView]:
    """The whole list."""
    return [SomeoneView(id=s.id, name=s.name, how=s.how) for s in service.journal.turn_to.everyone(actor)]


@router.post("", status_code=201)
def add(service: ServiceHere, actor: ActorHere, told: Told) -> SomeoneView:
    """Add somebody."""
    added = service.journal.turn_to.add(actor, name=told.name.strip(), how=told.how.strip(), now=datetime.now(UTC))
    return SomeoneView(id=added.id, name=added.name, how=added.how)


@router.post("/{someone_id}/remove")
def remove(service: ServiceHere, actor: ActorHere, someone_id: str) -> list[SomeoneView]:
    """Take somebody off it."""
    service.journal.turn_to.remove(actor, someone_id)
    return everyone(service, actor)
