"""Coming in: the other person with a one-time code, or somebody back into their own account with words only they have."""

import asyncio
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field

from alerts.not_now import NotNow
from alerts.people import Actor
from alerts.ports import NotAllowed
from api.render import page
from api.routes.auth import MaybePerson, ServiceHere, SignedIn, forget, signed_in
from api.service import Service
from api.words.names import is_
from journal.people import Person

router = APIRouter(include_in_schema=False)


class ComingIn(BaseModel):
    """A code, and what somebody new wants to be called."""

    code: str = Field(min_length=1, max_length=64)
    name: str = Field(default="", max_length=60)


class ComingBack(BaseModel):
    """The words of one's way back."""

    words: str = Field(min_length=1, max_length=64)


@router.get("/join")
@router.get("/join/{code}")
def join(request: Request, service: ServiceHere, person: MaybePerson, code: str = "") -> Response:
    """What a code opens. Looking does not use it up: links are looked at by more than people."""
    opening = service.journal.pairs.opening(code, now=datetime.now(UTC)) if code else None
    return page(
        request, service, "join.html", section="welcome", person=None, code=code, opening=opening, already=person
    )


@router.post("/join")
def come_in(request: Request, service: ServiceHere, person: MaybePerson, told: ComingIn) -> Response:
    """Use a code up and sign in: the other person with an account made now, or the code's owner on another phone."""
    if person is not None:
        here = f"{person.name} {is_(person.name)} signed in on this phone"
        raise NotNow(f"{here}; open the code on the other one, or sign out first")
    pairs, now = service.journal.pairs, datetime.now(UTC)
    opening = pairs.opening(told.code, now=now)
    if opening is None:
        raise NotAllowed
    name = told.name.strip() or opening.other_name
    if opening.for_other and not name:
        raise NotNow("a name is needed; any will do")
    came = pairs.come_in(told.code, name=name, now=now)
    words = None if service.journal.people.has_way_back(Actor(came.id)) else _way_back(service, came)
    return signed_in(request, service, came, JSONResponse({"name": came.name, "way_back": words}))


def _way_back(service: Service, person: Person) -> str:
    return service.journal.people.new_way_back(Actor(person.id))


@router.post("/way-back")
async def come_back(request: Request, service: ServiceHere, told: ComingBack) -> Response:
    """Sign in with the words of one's own way back."""
    person = await asyncio.to_thread(service.journal.people.by_way_back, told.words)
    answer = JSONResponse({"name": person.name})
    return await asyncio.to_thread(signed_in, request, service, person, answer)


@router.post("/sign-out")
async def sign_out(request: Request, service: ServiceHere, person: SignedIn) -> Response:
    """Sign out on this phone only. A page that is still open on it, behind this one, shows no heart from now on."""
    actor = Actor(person.id)
    answer = await asyncio.to_thread(forget, request, service, actor, JSONResponse({}))
    service.live.end_streams(actor)
    return answer
