"""What the two agreed: read it, write a new version, say yes, step out."""

import asyncio
from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import BaseModel

from api.routes.auth import ActorHere, ServiceHere
from api.views.agreement import AgreementView, TermsView, agreement_view

router = APIRouter(prefix="/api/agreement", tags=["agreement"])


class Speaker(BaseModel):
    """Who speaks: oneself, or the second of the two at the same phone, who has none of their own."""

    for_other: bool = False


@router.get("")
def look(service: ServiceHere, actor: ActorHere) -> AgreementView:
    """What the signed-in person and their other agreed."""
    return agreement_view(service.journal.agreements.history(actor))


@router.post("", status_code=201)
def write(service: ServiceHere, actor: ActorHere, told: TermsView) -> AgreementView:
    """Keep a new version. It holds once both have said yes to it; until then the old one does."""
    service.journal.agreements.write(actor, told.terms(), now=datetime.now(UTC))
    return look(service, actor)


@router.post("/{number}/yes")
async def say_yes(service: ServiceHere, actor: ActorHere, number: int, who: Speaker) -> AgreementView:
    """Yes to this version."""
    store = service.journal.agreements
    await asyncio.to_thread(store.say_yes, actor, number, now=datetime.now(UTC), for_other=who.for_other)
    await service.live.look_at_agreements()
    return await asyncio.to_thread(look, service, actor)


@router.post("/withdraw")
async def withdraw(service: ServiceHere, actor: ActorHere, who: Speaker) -> AgreementView:
    """Step out of it. No reason is asked; the usual 20 minutes hold."""
    store = service.journal.agreements
    await asyncio.to_thread(store.withdraw, actor, now=datetime.now(UTC), for_other=who.for_other)
    await service.live.look_at_agreements()
    return await asyncio.to_thread(look, service, actor)
