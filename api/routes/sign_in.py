"""Signing in with a name and a password; the page offers passkeys, too. Which of the two was wrong, nobody is told, neither in words nor in time."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field, SecretStr

from api.attempts import Tried
from api.problems import WrongSignIn
from api.render import page
from api.routes.auth import MaybePerson, ServiceHere, address_of, signed_in_instead, start_of
from api.routes.passkeys import passkeys_here
from journal.passwords import folded

router = APIRouter(include_in_schema=False)


class SigningIn(BaseModel):
    """What somebody signs in with."""

    name: str = Field(min_length=1, max_length=200)
    password: SecretStr = Field(min_length=1, max_length=1000)


@router.get("/sign-in")
def sign_in_page(request: Request, service: ServiceHere, person: MaybePerson) -> Response:
    """Where one signs in. A code that waits meanwhile stands behind the address’s #, which never leaves the browser."""
    if person is not None:
        return RedirectResponse(start_of(person), status_code=303)
    return page(
        request, service, "sign_in.html", section="welcome", person=None, passkeys_here=passkeys_here(request, service)
    )


@router.post("/sign-in")
async def sign_in(request: Request, service: ServiceHere, person: MaybePerson, told: SigningIn) -> Response:
    """Sign in on this phone, as a wearer or as a clinician."""
    name = folded(told.name)
    service.attempts.take(Tried.PASSWORD, address=address_of(request), name=name)
    found = await service.hashed(service.journal.ways_in.person_for, told.name, told.password.get_secret_value())
    if found is None:
        raise WrongSignIn
    service.attempts.got_in(Tried.PASSWORD, name=name)
    answer = JSONResponse({"name": found.name, "go": start_of(found)})
    return await signed_in_instead(request, service, found, answer, person)
