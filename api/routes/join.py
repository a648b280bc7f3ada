"""Coming in: with a one-time code, or back into one's own account with words that only its owner has.

A code lets in the other person of two, or oneself on another phone; somebody whom the installation's owner has invited; a
clinician whom a wearer admits. One that was never there, was used, or has run out is answered alike.
"""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, assert_never

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import AfterValidator, BaseModel, Field, SecretStr

from alerts.not_now import NotNow
from alerts.people import Actor
from alerts.ports import NotAllowed
from api.attempts import Tried
from api.render import page
from api.routes.auth import (
    MaybePerson,
    ServiceHere,
    SignedIn,
    address_of,
    forget,
    signed_in,
    signed_in_instead,
    start_of,
)
from api.service import Service
from api.words.names import is_, to_be_seen
from journal.invitations import Admitting, Invitation
from journal.pairs import Opening
from journal.passwords import LONGEST, SHORTEST
from journal.people import Person

router = APIRouter(include_in_schema=False)


class ComingIn(BaseModel):
    """A code, what somebody new wants to be called, and what they sign in with where they get an account by it."""

    code: str = Field(min_length=1, max_length=64)
    name: Annotated[str, AfterValidator(to_be_seen)] = Field(default="", max_length=60)
    sign_in_name: str = Field(default="", max_length=200)
    password: SecretStr = Field(default=SecretStr(""), max_length=1000)


class ComingBack(BaseModel):
    """The words of one's way back."""

    words: SecretStr = Field(min_length=1, max_length=64)


@router.get("/join")
@router.get("/join/{code}")
def join(request: Request, service: ServiceHere, person: MaybePerson, code: str = "") -> Response:
    """What a code opens. Looking does not use it up: links are looked at by more than people."""
    opening = _opening(request, service, code) if code else None
    return page(
        request,
        service,
        "join.html",
        section="welcome",
        person=None,
        code=code,
        opening=opening,
        kind=_kind(opening),
        already=person,
        shortest=SHORTEST,
        longest=LONGEST,
    )


def _opening(request: Request, service: Service, code: str) -> Opening | Invitation | Admitting | None:
    """What a code opens. Only misses are counted: nobody guesses a code by chance."""
    address, now = address_of(request), datetime.now(UTC)
    service.attempts.check(Tried.CODE, address=address)
    found = service.journal.pairs.opening(code, now=now) or service.journal.invitations.opening(code, now=now)
    if found is None:
        service.attempts.missed(Tried.CODE, address=address)
    return found


def _kind(opening: Opening | Invitation | Admitting | None) -> str | None:
    """What the page calls it."""
    match opening:
        case None:
            return None
        case Opening():
            return "other" if opening.for_other else "phone"
        case Invitation():
            return "invitation"
        case Admitting():
            return "admission"
        case _:
            assert_never(opening)


@router.post("/join")
async def come_in(request: Request, service: ServiceHere, person: MaybePerson, told: ComingIn) -> Response:
    """Use a code up: come in with an account made now, or open one's own on another phone, or, a clinician, be admitted."""
    is_clinician = person is not None and person.is_clinician
    if person is not None and not is_clinician:
        raise NotNow(
            f"{person.name} {is_(person.name)} signed in on this phone; open the code on the other one, or sign out first"
        )
    opening = await asyncio.to_thread(_opening, request, service, told.code)
    match opening:
        case None:
            raise NotAllowed
        case Admitting() if person is not None:
            return await asyncio.to_thread(_be_admitted, service, person, told.code)
        case _ if person is not None:
            raise NotNow(
                f"{person.name} {is_(person.name)} signed in on this phone; sign out first, then open the code again"
            )
        case Opening():
            return await asyncio.to_thread(_come_in_as_two, request, service, opening, told)
        case Invitation() | Admitting():
            return await _come_in_anew(request, service, told)


def _be_admitted(service: Service, person: Person, code: str) -> Response:
    service.journal.sharing.accept(Actor(person.id), code, now=datetime.now(UTC))
    return _came(person, None)


def _come_in_as_two(request: Request, service: Service, opening: Opening, told: ComingIn) -> Response:
    name = told.name.strip() or opening.other_name
    if opening.for_other and not name:
        raise NotNow("a name is needed; any will do")
    came = service.journal.pairs.come_in(told.code, name=name, now=datetime.now(UTC))
    words = service.journal.ways_in.words_if_none(Actor(came.id))
    return signed_in(request, service, came, _came(came, words))


async def _come_in_anew(request: Request, service: Service, told: ComingIn) -> Response:
    name = told.name.strip()
    if not name:
        raise NotNow("a name is needed; any will do")
    # “This name is taken” tells whoever has a code who is here.
    service.attempts.take(Tried.PASSWORD, address=address_of(request))
    journal = service.journal
    sign_in = await service.hashed(journal.ways_in.prepared, told.sign_in_name, told.password.get_secret_value())
    came = await asyncio.to_thread(
        journal.invitations.come_in, told.code, name=name, sign_in=sign_in, now=datetime.now(UTC)
    )
    # For the day on which the password is forgotten.
    words = await asyncio.to_thread(journal.people.new_way_back, Actor(came.id))
    return await asyncio.to_thread(signed_in, request, service, came, _came(came, words))


def _came(person: Person, words: str | None) -> Response:
    return JSONResponse({"name": person.name, "way_back": words, "go": start_of(person)})


@router.post("/way-back")
async def come_back(request: Request, service: ServiceHere, person: MaybePerson, told: ComingBack) -> Response:
    """Sign in with the words of one's own way back."""
    address = address_of(request)
    service.attempts.check(Tried.WORDS, address=address)
    try:
        back = await asyncio.to_thread(service.journal.people.by_way_back, told.words.get_secret_value())
    except NotAllowed:
        service.attempts.missed(Tried.WORDS, address=address)
        raise
    answer = JSONResponse({"name": back.name, "go": start_of(back)})
    return await signed_in_instead(request, service, back, answer, person)


@router.post("/sign-out")
async def sign_out(request: Request, service: ServiceHere, person: SignedIn) -> Response:
    """Sign out on this phone only. A page that is still open on it, behind this one, shows no heart from now on."""
    actor = Actor(person.id)
    answer = await asyncio.to_thread(forget, request, service, actor, JSONResponse({}))
    service.end_streams(actor)
    return answer
