"""Who is here: the first start on one's own machine, and who a request belongs to."""

from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from alerts.people import Actor
from alerts.ports import NotAllowed
from api.problems import SignInNeeded
from api.render import page
from api.service import Service, current_service
from journal.people import Person

COOKIE = "flooding_session"
router = APIRouter(include_in_schema=False)
ServiceHere = Annotated[Service, Depends(current_service)]


def person_or_none(request: Request, service: ServiceHere) -> Person | None:
    """The signed-in person, by the opaque session in the cookie."""
    token = request.cookies.get(COOKIE)
    return service.journal.people.person_for(token, now=datetime.now(UTC)) if token else None


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
    here, alone = at_this_machine(request, service), service.journal.people.is_only_one()
    return page(request, service, "welcome.html", section="welcome", person=None, may_begin=here and alone, here=here)


@router.post("/welcome")
def begin(request: Request, service: ServiceHere) -> Response:
    """Make this machine's account, or come back to it, and sign in.

    Whoever clicks sits at the machine: the server listens there only, or else asks where the click came from. With one
    account there is nothing to choose; with two, and for whoever is left of two, each has their own way back.
    """
    if not at_this_machine(request, service) or not service.journal.people.is_only_one():
        raise NotAllowed
    person = service.journal.people.first_person(name=service.first_name, now=datetime.now(UTC))
    return signed_in(request, service, person, RedirectResponse("/talk", status_code=303))


def start_of(person: Person) -> str:
    """Where a person begins."""
    return "/clients" if person.is_clinician else "/talk"


def at_this_machine(request: Request, service: Service) -> bool:
    """Whether the request comes from the machine itself. Only a server that the home's network reaches needs to look."""
    if service.home is None:
        return True
    try:
        return request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def signed_in(request: Request, service: Service, person: Person, answer: Response) -> Response:
    """`answer`, which signs `person` in on this phone."""
    people = service.journal.people
    token = people.open_session(Actor(person.id), now=datetime.now(UTC))
    answer.set_cookie(
        COOKIE,
        token,
        max_age=people.session_lasts_s,
        httponly=True,
        samesite="lax",
        path="/",
        secure=request.url.scheme == "https",
    )
    return answer


def forget(request: Request, service: Service, actor: Actor, answer: Response) -> Response:
    """`answer`, which ends the session of `actor` on this phone."""
    token = request.cookies.get(COOKIE)
    if token:
        service.journal.people.close_session(actor, token)
    answer.delete_cookie(COOKIE, path="/")
    return answer
