"""Who is here: the first start on one's own machine, and who a request belongs to, a person or a program of theirs."""

import asyncio
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.requests import HTTPConnection

from alerts.people import Actor
from alerts.ports import NotAllowed
from api.problems import BadToken, NotForPrograms, SignInNeeded
from api.render import page
from api.service import Service, current_service
from api.token_scopes import scope_for
from api.words.device import device_words
from journal.api_tokens import Program
from journal.people import Person

COOKIE = "flooding_session"
HOME_COOKIE = f"__Host-{COOKIE}"
"""Over TLS: a browser takes it only from this very host, over TLS, for all of it. RFC 6265bis, 4.1.3.2."""

router = APIRouter(include_in_schema=False)
ServiceHere = Annotated[Service, Depends(current_service)]


async def look_for_a_program(request: HTTPConnection, service: ServiceHere) -> None:
    """Who comes with a token comes as a program: only through the doors its scopes open, and whatever cookie there is says nothing.

    Asked before every route, so that a route is closed to tokens unless `api.token_scopes` has it.

    Raises:
        BadToken: it is unknown, revoked, or has run out.
        NotForPrograms: it is not for this.
    """
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.casefold() != "bearer":
        return
    program = await asyncio.to_thread(service.journal.tokens.program_for, secret.strip(), now=datetime.now(UTC))
    if program is None:
        raise BadToken
    scope = scope_for(request.scope.get("method", "WEBSOCKET"), getattr(request.scope.get("route"), "path", ""))
    if scope is None or scope not in program.scopes:
        raise NotForPrograms(scope)
    request.state.program = program


def person_or_none(request: HTTPConnection, service: ServiceHere) -> Person | None:
    """Who asks: by the opaque session in the cookie, or through a program of theirs."""
    program: Program | None = getattr(request.state, "program", None)
    if program is not None:
        return program.person
    token = session_of(request)
    return service.journal.people.person_for(token, now=datetime.now(UTC)) if token else None


def session_of(request: HTTPConnection) -> str | None:
    """The session that the browser brings."""
    return request.cookies.get(_cookie(request))


def _cookie(request: HTTPConnection) -> str:
    return HOME_COOKIE if request.url.scheme in {"https", "wss"} else COOKIE


def current_person(person: Annotated[Person | None, Depends(person_or_none)]) -> Person:
    """The signed-in person. Raises `SignInNeeded`."""
    if person is None:
        raise SignInNeeded
    return person


def current_wearer(person: Annotated[Person, Depends(current_person)]) -> Person:
    """The signed-in wearer. Raises `NotAllowed` for a clinician, who has no heart and no journal here."""
    if person.is_clinician:
        raise NotAllowed
    return person


def current_clinician(person: Annotated[Person, Depends(current_person)]) -> Person:
    """The signed-in clinician. Raises `NotAllowed` for a wearer, to whom nobody shows anything."""
    if not person.is_clinician:
        raise NotAllowed
    return person


def current_actor(person: Annotated[Person, Depends(current_wearer)]) -> Actor:
    """The signed-in wearer as the one who acts."""
    return Actor(person.id)


SignedIn = Annotated[Person, Depends(current_person)]
PersonHere = Annotated[Person, Depends(current_wearer)]
ClinicianHere = Annotated[Person, Depends(current_clinician)]
ActorHere = Annotated[Actor, Depends(current_actor)]
MaybePerson = Annotated[Person | None, Depends(person_or_none)]


@router.get("/welcome")
def welcome(request: Request, service: ServiceHere, person: MaybePerson) -> Response:
    """The first page: one click makes the account on one's own machine."""
    if person is not None:
        return RedirectResponse(start_of(person), status_code=303)
    here, alone = at_this_machine(request, service), service.journal.people.opens_by_click()
    return page(
        request,
        service,
        "welcome.html",
        section="welcome",
        person=None,
        may_begin=here and alone,
        here=here,
    )


@router.post("/welcome")
def begin(request: Request, service: ServiceHere) -> Response:
    """Make this machine's account, or come back to it, and sign in.

    Whoever clicks sits at the machine: the server listens there only, or else asks where the click came from. With one
    account there is nothing to choose; with two, and for whoever is left of two, each has their own way back. Where the one
    there is has chosen a password, it is asked for.
    """
    if not at_this_machine(request, service) or not service.journal.people.opens_by_click():
        raise NotAllowed
    person = service.journal.people.first_person(name=service.first_name, now=datetime.now(UTC))
    return signed_in(request, service, person, RedirectResponse("/talk", status_code=303))


def start_of(person: Person) -> str:
    """Where a person begins."""
    return "/clients" if person.is_clinician else "/talk"


def at_this_machine(request: Request, service: Service) -> bool:
    """Whether the request comes from the machine itself. Only a server that the home's network reaches needs to look.

    Never where a proxy stands before it: everything comes from there.
    """
    if service.settings.public_url is not None:
        return False
    if service.home is None:
        return True
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def signed_in(request: Request, service: Service, person: Person, answer: Response) -> Response:
    """`answer`, which signs `person` in on this phone, with a session of its own; the one that the phone brought ends."""
    people = service.journal.people
    token = people.open_session(
        Actor(person.id),
        now=datetime.now(UTC),
        device=device_words(request.headers.get("user-agent", "")),
        instead_of=session_of(request),
    )
    answer.set_cookie(
        _cookie(request),
        token,
        max_age=people.session_lasts_s,
        httponly=True,
        samesite="lax",
        path="/",
        secure=request.url.scheme == "https",
    )
    return answer


async def signed_in_instead(
    request: Request, service: Service, person: Person, answer: Response, before: Person | None
) -> Response:
    """`signed_in`, where somebody may have been signed in before: no page that is still open here shows their heart."""
    answer = await asyncio.to_thread(signed_in, request, service, person, answer)
    if before is not None:
        service.end_streams(Actor(before.id))
    return answer


def without_session(request: Request, answer: Response) -> Response:
    """`answer`, with which this phone forgets who was signed in."""
    answer.delete_cookie(
        _cookie(request), path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )
    return answer


def forget(request: Request, service: Service, actor: Actor, answer: Response) -> Response:
    """`answer`, which ends the session of `actor` on this phone."""
    token = session_of(request)
    if token:
        service.journal.people.close_session(actor, token)
    return without_session(request, answer)


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""
