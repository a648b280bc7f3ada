"""Who is here: the first start on one's own machine, and who a request belongs to."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from alerts.people import Actor
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


def current_actor(person: Annotated[Person, Depends(current_person)]) -> Actor:
    """The signed-in person as the one who acts."""
    return Actor(person.id)


PersonHere = Annotated[Person, Depends(current_person)]
ActorHere = Annotated[Actor, Depends(current_actor)]
MaybePerson = Annotated[Person | None, Depends(person_or_none)]


@router.get("/welcome")
def welcome(request: Request, service: ServiceHere, person: MaybePerson) -> Response:
    """The first page: one click makes the account on one's own machine."""
    if person is not None:
        return RedirectResponse("/talk", status_code=303)
    return page(request, service, "welcome.html", section="welcome", person=None)


@router.post("/welcome")
def begin(service: ServiceHere) -> Response:
    """Make this machine's account, or come back to it, and sign in.

    The server listens on this machine only, so whoever clicks sits at it; with one account there is nothing to choose.
    """
    people = service.journal.people
    person = people.first_person(name=service.first_name, now=datetime.now(UTC))
    answer = RedirectResponse("/talk", status_code=303)
    token = people.open_session(Actor(person.id), now=datetime.now(UTC))
    answer.set_cookie(COOKIE, token, max_age=people.session_lasts_s, httponly=True, samesite="lax", path="/")
    return answer
