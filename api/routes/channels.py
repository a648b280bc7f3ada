"""The wearer's own channels: add one, try it, remove it. Their addresses go in and never come out."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from alerts.channel_kinds import KINDS, BadAddress, address_of, kind_called
from alerts.channels import Channel, Message, Trouble
from api.render import page
from api.routes.auth import ActorHere, PersonHere, ServiceHere

router = APIRouter(tags=["channels"])

SAID = {
    None: "It arrived.",
    Trouble.NO_ANSWER: "It didn’t answer.",
    Trouble.NOT_TAKEN: "It didn’t take the message.",
    Trouble.NOT_UNDERSTOOD: "Its address isn’t understood.",
}
NEXT = {
    None: "",
    Trouble.NO_ANSWER: "Is it on, and can it be reached from here?",
    Trouble.NOT_TAKEN: "Is the address right, and the key?",
    Trouble.NOT_UNDERSTOOD: "Remove it and add it again.",
}


class ChannelView(BaseModel):
    """A channel as its owner sees it: never its address."""

    id: str
    kind: str
    label: str
    trouble: str | None


class NewChannel(BaseModel):
    """What was filled in."""

    kind: str = Field(max_length=32)
    label: str = Field(default="", max_length=40)
    told: dict[str, Annotated[str, Field(max_length=500)]] = Field(max_length=8)


class Tried(BaseModel):
    """What became of a test alert, in words for people."""

    arrived: bool
    said: str


def view_of(channel: Channel) -> ChannelView:
    """A channel without its address."""
    trouble = SAID[channel.trouble] if channel.trouble else None
    return ChannelView(id=channel.id, kind=kind_called(channel.kind).label, label=channel.label, trouble=trouble)


@router.get("/channels", include_in_schema=False)
def channels_page(request: Request, service: ServiceHere, person: PersonHere, actor: ActorHere) -> Response:
    """Your channels."""
    channels = [view_of(channel).model_dump() for channel in service.journal.channels.channels(actor)]
    return page(
        request,
        service,
        "channels.html",
        section="channels",
        person=person,
        channels=channels,
        kinds=KINDS,
        suggested=Message.SUGGESTED,
        unseen_s=round(service.policy.escalate_after.total_seconds() / service.clock.speed),
    )


@router.get("/api/channels")
def channels(service: ServiceHere, actor: ActorHere) -> list[ChannelView]:
    """The signed-in person's channels, oldest first."""
    return [view_of(channel) for channel in service.journal.channels.channels(actor)]


@router.post("/api/channels", status_code=201)
def add(service: ServiceHere, actor: ActorHere, new: NewChannel) -> ChannelView:
    """Keep a new channel."""
    address = address_of(new.kind, new.told)
    if not service.sender.understands(address):
        raise BadAddress("That isn’t an address that can be sent to. Look at it once more.")
    label = new.label.strip() or kind_called(new.kind).label
    kept = service.journal.channels.add(actor, kind=new.kind, label=label, address=address, now=datetime.now(UTC))
    return view_of(kept)


@router.post("/api/channels/{channel_id}/test")
async def test(service: ServiceHere, actor: ActorHere, channel_id: str) -> Tried:
    """Send the test alert through it, and say what became of it."""
    channel = await asyncio.to_thread(service.journal.channels.channel, actor, channel_id)
    trouble = await service.messenger.test(actor, channel)
    return Tried(arrived=trouble is None, said=f"{SAID[trouble]} {NEXT[trouble]}".strip())


@router.post("/api/channels/{channel_id}/remove", status_code=204)
def remove(service: ServiceHere, actor: ActorHere, channel_id: str) -> Response:
    """Forget it, with its address."""
    service.journal.channels.remove(actor, channel_id)
    service.messenger.forget(channel_id)
    return Response(status_code=204)
