"""What the two agreed: read it, write a new version, say yes, step out."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from alerts.agreement import Own, Side, Terms, Version, draft, in_force
from alerts.people import Actor
from api.routes.auth import ActorHere, ServiceHere
from api.service import Service
from journal.pairs import Pair

router = APIRouter(prefix="/api/agreement", tags=["agreement"])
Text = Annotated[str, Field(max_length=10_000)]
"""What is no text (half a sign) is refused by having any bound at all; how long a line may be, the terms say themselves."""
Lines = list[Text]


class OwnView(BaseModel):
    """What one of the two brings."""

    meanwhile: Lines = []
    opening: Lines = []
    phrases: Lines = []

    def own(self) -> Own:
        return Own(kept(self.meanwhile), kept(self.opening), kept(self.phrases))


class TermsView(BaseModel):
    """A version's words and numbers. Empty lines are left out."""

    word: Text = ""
    gesture: Text = ""
    emoji: Text = ""
    pause_min: int = Field(default=20)
    cap_min: int = Field(default=60)
    returning: Text = ""
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


def page_context(service: Service, actor: Actor) -> dict[str, Any]:
    """Everything that the agreement's page shows."""
    pair = service.journal.pairs.mine(actor)
    if pair is None:
        return {"pair": None}
    history = service.journal.agreements.history(actor)
    holds, waits = in_force(history), draft(history)
    newest = history[-1] if history else None
    shown = waits or holds
    return {
        "pair": pair,
        "side": pair.side.value,
        "names": {side.value: pair.called(side) for side in Side},
        "shown": _told(shown),
        "holds": _told(holds),
        "draft": _told(waits),
        "changes": _changes(holds.terms, waits.terms, pair) if holds and waits else [],
        "start": TermsView.model_validate(newest.terms if newest else Terms(), from_attributes=True).model_dump(),
        "history": [{**_dumped(version), "told": _standing(version, holds, waits)} for version in history],
    }


def _told(version: Version | None) -> dict[str, Any] | None:
    return None if version is None else _dumped(version)


def _dumped(version: Version) -> dict[str, Any]:
    return VersionView.model_validate(version, from_attributes=True).model_dump(mode="json")


def _standing(version: Version, holds: Version | None, waits: Version | None) -> str:
    if version == holds:
        return "in force"
    if version == waits:
        return "waits for a yes"
    if version.withdrawn_at is not None:
        return "stepped out of" if version.agreed_at else "put away"
    return "held until the next" if version.agreed_at else "never agreed"


def _changes(before: Terms, after: Terms, pair: Pair) -> list[dict[str, str]]:
    """What a draft changes, line by line, in words."""
    old, new = _lines(before, pair), _lines(after, pair)
    return [{"what": what, "before": old[what], "after": new[what]} for what in new if new[what] != old[what]]


def _lines(terms: Terms, pair: Pair) -> dict[str, str]:
    sides = [(pair.called(side), terms.own(side)) for side in Side]
    own = {
        f"{what}, {who}": " · ".join(lines)
        for who, side in sides
        for what, lines in (
            ("What helps", side.meanwhile),
            ("To begin again", side.opening),
            ("To come back", side.phrases),
        )
    }
    return {
        "A word": terms.word,
        "A gesture": terms.gesture,
        "In a message": terms.emoji,
        "At least": f"{terms.pause_min} minutes",
        "At most": f"{terms.cap_min} minutes",
        "The time to be back": terms.returning,
        "Not in a pause": " · ".join(terms.neither),
        **own,
    }
