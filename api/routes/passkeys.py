"""Passkeys at the doors: adding one to one's own account, signing in with it, and letting it go.

Both begin with a challenge. It is good once, for the browser that asked, for five minutes; an answer to any other is refused.
"""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import AfterValidator, BaseModel, Field

from alerts.not_now import NotNow
from alerts.people import Actor
from api import passkeys
from api.attempts import Tried
from api.challenges import LASTS_S, Purpose
from api.passkeys import BadPasskey, PasskeysMissing, Place
from api.problems import WrongPasskey
from api.routes.auth import (
    MaybePerson,
    ServiceHere,
    SignedIn,
    address_of,
    at_this_machine,
    session_of,
    signed_in,
    signed_in_instead,
    start_of,
)
from api.routes.proof import Proof, proven
from api.service import Service, current_service
from api.words.names import to_be_seen
from journal.passkeys import Known, Passkey
from journal.people import Person

WAITS_COOKIE = "flooding_passkey"
"""Names the browser that asked for a challenge before anybody is signed in on it. It opens nothing."""

router = APIRouter(tags=["account"])
ShortName = Annotated[str, AfterValidator(to_be_seen)]


class PasskeyView(BaseModel):
    """A passkey. `place`: the host name at which it opens the account; `used_on`: a day (UTC), and no finer."""

    id: str
    name: str
    place: str
    made_at: datetime
    used_on: str | None


class MadePasskey(PasskeyView):
    """A new passkey. `words`: they bring one back, told once, where there was no other way in."""

    words: str | None


class Answered(BaseModel):
    """What a browser's passkey made or signed, as `PublicKeyCredential.toJSON` writes it."""

    credential: dict[str, Any]


class NewPasskey(Answered):
    """A passkey that a browser has made, and what its owner calls it."""

    name: ShortName = Field(min_length=1, max_length=60, pattern=r"\S")


class PasskeyCalled(BaseModel):
    """What a passkey is called."""

    name: ShortName = Field(min_length=1, max_length=60, pattern=r"\S")


@dataclass(frozen=True, slots=True)
class PasskeysHere:
    """What a page says of passkeys at its address.

    Attributes:
        place: the host name that they are for here; None where the address is a number.
        elsewhere: the same page at an address where they work, for whoever sits at this machine.
    """

    place: str | None
    elsewhere: str | None


def passkey_view(one: Passkey) -> PasskeyView:
    """What its owner sees of a passkey."""
    return PasskeyView(id=one.id, name=one.name, place=one.place, made_at=one.made_at, used_on=one.used_on)


def passkeys_here(request: Request, service: Service) -> PasskeysHere | None:
    """What to say of passkeys on the page that is asked for; None where the program cannot check them."""
    if not passkeys.is_installed():
        return None
    place = _place(request)
    is_plain = (
        request.url.scheme == "http"
    )  # this machine's own certificate is vouched for by nobody, also as localhost
    if place is not None or not is_plain or not at_this_machine(request, service):
        return PasskeysHere(place.name if place else None, None)
    return PasskeysHere(None, f"{_at_own_name(request).origin}{request.url.path}")


def _place(request: Request) -> Place | None:
    public = current_service(request).settings.public
    if public is not None:
        return passkeys.place_of("https", public.host, public.port)
    return passkeys.place_of(request.url.scheme, request.url.hostname or "", _port(request))


def _at_own_name(request: Request) -> Place:
    place = passkeys.place_of(request.url.scheme, passkeys.OWN_NAME, _port(request))
    assert place is not None  # noqa: S101  a name is no number
    return place


def _port(request: Request) -> int | None:
    """The port at which this server listens; what the request says of it could be another program's."""
    server = request.scope.get("server")
    return server[1] if server else None


def _place_here(request: Request) -> Place:
    """Where a passkey made or used now is for. Raises `PasskeysMissing`, `NotNow`."""
    if not passkeys.is_installed():
        raise PasskeysMissing
    place = _place(request)
    if place is None:
        raise NotNow(
            f"a passkey needs an address with a name, and this one is a number; on the computer itself open "
            f"{_at_own_name(request).origin}"
        )
    return place


@router.post("/api/account/passkeys/ask")
async def ask_for_one(request: Request, service: ServiceHere, person: SignedIn, told: Proof) -> dict[str, Any]:
    """What makes a passkey here: `publicKey` for `navigator.credentials.create`. 501 where the extra is not installed."""
    actor, place = Actor(person.id), _place_here(request)
    await proven(request, service, actor, service.journal.ways_in.prove, actor, told=told)
    known = await asyncio.to_thread(service.journal.passkeys.mine, actor)
    challenge = service.challenges.give(session_of(request) or "", Purpose.ADD)
    return await asyncio.to_thread(passkeys.what_makes_one, place, challenge, person, known)


@router.post("/api/account/passkeys", status_code=201)
async def add(request: Request, service: ServiceHere, person: SignedIn, told: NewPasskey) -> MadePasskey:
    """Keep the passkey that was made for the challenge of this session, which was given for a proof."""
    place = _place_here(request)
    challenge = service.challenges.take(session_of(request) or "", Purpose.ADD)
    if challenge is None:
        raise BadPasskey
    new = await asyncio.to_thread(passkeys.made, place, challenge, told.credential)
    kept, words = await asyncio.to_thread(
        service.journal.passkeys.add, Actor(person.id), new, name=told.name.strip(), now=datetime.now(UTC)
    )
    return MadePasskey(**passkey_view(kept).model_dump(), words=words)


@router.post("/api/account/passkeys/{passkey_id}/name", status_code=204)
async def rename(service: ServiceHere, person: SignedIn, passkey_id: str, told: PasskeyCalled) -> None:
    """What a passkey is called."""
    await asyncio.to_thread(service.journal.passkeys.rename, Actor(person.id), passkey_id, told.name.strip())


@router.post("/api/account/passkeys/{passkey_id}/remove")
async def remove(request: Request, service: ServiceHere, person: SignedIn, passkey_id: str, told: Proof) -> Response:
    """Let a passkey open nothing any more. Everywhere else one is signed out; here one stays, with a new session."""
    actor = Actor(person.id)
    await proven(request, service, actor, service.journal.ways_in.prove, actor, told=told)
    await asyncio.to_thread(service.journal.passkeys.remove, actor, passkey_id)
    service.end_streams(actor)
    return await asyncio.to_thread(signed_in, request, service, person, JSONResponse({}))


@router.post("/sign-in/passkey/ask", include_in_schema=False)
async def ask_who(request: Request, service: ServiceHere) -> Response:
    """What asks a browser's owner for a passkey: `publicKey` for `navigator.credentials.get`. The same for everybody."""
    place = _place_here(request)
    service.attempts.take(Tried.CHALLENGE, address=address_of(request))
    browser = secrets.token_urlsafe(32)
    challenge = service.challenges.give(browser, Purpose.SIGN_IN)
    answer = JSONResponse(await asyncio.to_thread(passkeys.what_signs_in, place, challenge))
    is_safe = request.url.scheme == "https"
    answer.set_cookie(
        _waits_cookie(request), browser, max_age=LASTS_S, httponly=True, samesite="strict", path="/", secure=is_safe
    )
    return answer


@router.post("/sign-in/passkey", include_in_schema=False)
async def sign_in(request: Request, service: ServiceHere, person: MaybePerson, told: Answered) -> Response:
    """Sign in on this phone with a passkey, as a wearer or as a clinician."""
    place, address = _place_here(request), address_of(request)
    service.attempts.check(Tried.PASSKEY, address=address)
    challenge = service.challenges.take(request.cookies.get(_waits_cookie(request), ""), Purpose.SIGN_IN)
    try:
        found = await asyncio.to_thread(_who, service, place, challenge, told.credential)
    except BadPasskey:
        service.attempts.missed(Tried.PASSKEY, address=address)
        raise WrongPasskey from None
    answer = JSONResponse({"name": found.name, "go": start_of(found)})
    answer.delete_cookie(
        _waits_cookie(request), path="/", secure=request.url.scheme == "https", httponly=True, samesite="strict"
    )
    return await signed_in_instead(request, service, found, answer, person)


def _who(service: Service, place: Place, challenge: bytes | None, credential: passkeys.Answer) -> Person:
    """Whose passkey has answered this challenge. Raises `BadPasskey`, `CounterWentBack`."""
    if challenge is None:
        raise BadPasskey
    known: Known | None = service.journal.passkeys.known(passkeys.named_by(credential))
    if known is None:
        raise BadPasskey
    count = passkeys.signed_by(place, challenge, credential, person=known.person, public_key=known.public_key)
    if not service.journal.passkeys.used(known.id, sign_count=count, now=datetime.now(UTC)):
        raise BadPasskey
    return known.person


def _waits_cookie(request: Request) -> str:
    return f"__Host-{WAITS_COOKIE}" if request.url.scheme == "https" else WAITS_COOKIE
