"""The two: how the other comes in, the opt-in of both to each talk, and leaving."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, Field

from alerts import steps
from alerts.agreement import Side
from alerts.not_now import NotNow
from alerts.people import Actor
from api.qr import qr_svg
from api.routes.auth import ActorHere, ServiceHere
from api.service import Service
from api.words.names import to_be_seen
from journal.pairs import CODE_LASTS, Pair

router = APIRouter(prefix="/api/pair", tags=["two people"])


class PairView(BaseModel):
    """The two, as one of them sees it. `talk_id`: the talk that has begun."""

    me: str | None
    other: str | None
    both_are_here: bool
    my_yes: bool
    other_yes: bool
    talk_id: str | None


class Name(BaseModel):
    """What somebody is called."""

    name: Annotated[str, AfterValidator(to_be_seen)] = Field(min_length=1, max_length=60, pattern=r"\S")


class WhichPhone(BaseModel):
    """Whom a code lets in: the other person, or oneself on another phone."""

    for_other: bool


class CodeView(BaseModel):
    """A code, told once. `way_back`: the words back into one's own account, where there were none yet."""

    code: str
    url: str
    qr: str
    lasts_min: int
    way_back: str | None = None


class WayBack(BaseModel):
    """The words that bring one back into one's own account, told once."""

    words: str


async def pair_view(service: Service, actor: Actor) -> PairView:
    """The actor's pair now."""
    pair = await asyncio.to_thread(service.journal.pairs.mine, actor)
    live = await service.live.open_for(actor)
    now = datetime.now(UTC)
    other = Side.SECOND if pair and pair.side is Side.FIRST else Side.FIRST
    return PairView(
        me=_own_name(pair),
        other=pair.other_name if pair else None,
        both_are_here=pair is not None and pair.both_are_here,
        my_yes=pair is not None and pair.opted_in(pair.side, now),
        other_yes=pair is not None and pair.opted_in(other, now),
        talk_id=live.talk.id if live else None,
    )


def _own_name(pair: Pair | None) -> str | None:
    if pair is None:
        return None
    return pair.first_name if pair.side is Side.FIRST else pair.second_name


@router.get("")
async def look(service: ServiceHere, actor: ActorHere) -> PairView:
    """Who one talks with, and who has said yes to the talk that is about to begin."""
    return await pair_view(service, actor)


@router.post("", status_code=201)
async def begin(service: ServiceHere, actor: ActorHere, told: Name) -> PairView:
    """Name the other person, who may have no phone in this."""
    await asyncio.to_thread(service.journal.pairs.begin, actor, other_name=told.name.strip(), now=datetime.now(UTC))
    return await pair_view(service, actor)


@router.post("/name")
async def rename(service: ServiceHere, actor: ActorHere, told: Name) -> PairView:
    """What one is called, on one's own pages and on the other's."""
    await asyncio.to_thread(service.journal.people.rename, actor, told.name.strip())
    return await pair_view(service, actor)


@router.post("/yes")
async def yes(service: ServiceHere, actor: ActorHere) -> PairView:
    """Opt in to one talk. It begins, for both at once, when both have. Within a talk it is no yes to the next one."""
    async with service.choosing:  # no talk begins in between
        if await asyncio.to_thread(service.journal.talks.open_talk, actor) is not None:
            return await pair_view(service, actor)
        pair = await asyncio.to_thread(service.journal.pairs.opt_in, actor, now=datetime.now(UTC))
    if all(pair.opted_in(side, datetime.now(UTC)) for side in Side):
        try:
            await service.start_together(actor)
        except NotNow:
            # Both pressed at the same moment: the other's press has begun it.
            if await asyncio.to_thread(service.journal.talks.open_talk, actor) is None:
                raise
    return await pair_view(service, actor)


@router.post("/no")
async def no(service: ServiceHere, actor: ActorHere) -> PairView:
    """Take the yes back."""
    await asyncio.to_thread(service.journal.pairs.opt_out, actor)
    return await pair_view(service, actor)


@router.post("/leave")
async def leave(service: ServiceHere, actor: ActorHere) -> PairView:
    """Be two no longer, at once and without a reason. A talk of the two ends with it, for both."""
    async with service.choosing:  # no talk begins in between
        await asyncio.to_thread(service.journal.pairs.leave, actor, now=datetime.now(UTC))
        live = await service.live.open_for(actor)
        if live is not None and live.state.people:
            await live.change(steps.end_talk)
    await service.live.look_at_agreements()
    return await pair_view(service, actor)


@router.post("/code", status_code=201)
def make_code(request: Request, service: ServiceHere, actor: ActorHere, told: WhichPhone) -> CodeView:
    """A code that lets one phone in, once, within ten minutes; with its QR picture.

    Who has a password or a passkey opens another phone of their own with it, or with words: a screen that lies open for a moment lets nobody else in.
    """
    ways_in = service.journal.ways_in.mine(actor)
    if not told.for_other and ways_in.are_asked_for:
        with_it = (
            "password; sign in with it" if ways_in.sign_in_name is not None else "passkey; come in with your words"
        )
        raise NotNow(f"you have a {with_it} on your other phone")
    code = service.journal.pairs.make_code(actor, for_other=told.for_other, now=datetime.now(UTC))
    url = join_url(service, code, str(request.base_url))
    way_back = service.journal.ways_in.words_if_none(actor)
    return CodeView(
        code=code, url=url, qr=qr_svg(url), lasts_min=int(CODE_LASTS.total_seconds() // 60), way_back=way_back
    )


@router.post("/way-back", status_code=201)
def make_way_back(service: ServiceHere, actor: ActorHere) -> WayBack:
    """New words back into one's own account. The earlier ones stop working. Who has a password or a passkey makes them at /account, with it."""
    ways_in = service.journal.ways_in.mine(actor)
    if ways_in.are_asked_for:
        what = "password" if ways_in.sign_in_name is not None else "passkey"
        raise NotNow(f"you have a {what}; new words are made with it, under “Your account”")
    return WayBack(words=service.journal.people.new_way_back(actor))


def join_url(service: Service, code: str, here: str) -> str:
    """Where a phone goes with `code`: the public address or the one at home if there is one, else where the asking page is."""
    base = service.settings.public_url or (service.home.url if service.home else here)
    return f"{base.rstrip('/')}/join/{code}"
