"""What the two agreed: read it, write a new version, say yes, step out."""

import asyncio
from datetime import UTC, datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from alerts.agreement import Own, Side, Terms, Version, draft, in_force
from api.routes.auth import ActorHere, ServiceHere

router = APIRouter(prefix="/api/agreement", tags=["agreement"])
Lines = list[str]


class OwnView(BaseModel):
    """What one of the two brings."""

    meanwhile: Lines = []
    opening: Lines = []
    phrases: Lines = []

    def own(self) -> Own:
        return Own(kept(self.meanwhile), kept(self.opening), kept(self.phrases))


class TermsView(BaseModel):
    """A version's words and numbers. Empty lines are left out."""

    word: str = ""
    gesture: str = ""
    emoji: str = ""
    pause_min: int = Field(default=20)
    cap_min: int = Field(default=60)
    returning: str = ""
    neither: Lines = []
    first: OwnView = OwnView()
    second: OwnView = OwnView()

    def terms(self) -> Terms:
        """As it is kept. Raises `BadTerms`."""
        return Terms(
            word=self.word.strip(),
            gesture=self.gesture.strip(),
            emoji=self.emoji.strip(),
            pause_min=self.pause_min,
            cap_min=self.cap_min,
            returning=self.returning.strip(),
            neither=kept(self.neither),
            first=self.first.own(),
            second=self.second.own(),
        )


class VersionView(BaseModel):
    """One version, and who has said yes to it."""

    number: int
    terms: TermsView
    written_by: Side
    written_at: datetime
    first_yes_at: datetime | None
    second_yes_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_by: Side | None


class AgreementView(BaseModel):
    """What holds, what waits for a yes, and all that there was."""

    in_force: VersionView | None
    draft: VersionView | None
    history: list[VersionView]


class Speaker(BaseModel):
    """Who speaks: oneself, or the second of the two at the same phone, who has none of their own."""

    for_other: bool = False


def kept(lines: Lines) -> tuple[str, ...]:
    """The lines that have something in them."""
    return tuple(line.strip() for line in lines if line.strip())


def version_view(version: Version | None) -> VersionView | None:
    """A version as the page takes it."""
    return None if version is None else VersionView.model_validate(version, from_attributes=True)


def agreement_view(history: list[Version]) -> AgreementView:
    """The whole history as the page takes it."""
    views = [view for view in map(version_view, history) if view]
    return AgreementView(in_force=version_view(in_force(history)), draft=version_view(draft(history)), history=views)


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
