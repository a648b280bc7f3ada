"""One's own account: what one is called, how one gets in, where one is signed in, and which programs of one's own may come in."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, Field, SecretStr

from alerts.people import Actor
from api.render import page
from api.routes.auth import (
    ClinicianHere,
    PersonHere,
    ServiceHere,
    SignedIn,
    session_of,
    signed_in,
    without_session,
)
from api.routes.passkeys import PasskeyView, passkey_view, passkeys_here
from api.routes.proof import Proof, is_fresh, proven
from api.service import Service
from api.token_scopes import SCOPES_IN_WORDS
from api.words.names import to_be_seen
from journal.api_tokens import LONGEST, ApiToken, Scope
from journal.erasure import Everything
from journal.passwords import LONGEST as LONGEST_PASSWORD
from journal.passwords import SHORTEST
from journal.people import UNNAMED, Person

router = APIRouter(tags=["account"])


class DeviceView(BaseModel):
    """Where one is signed in. `used_on`: the day of the last use (UTC); no finer."""

    id: str
    called: str
    since: datetime
    used_on: str
    is_here: bool


class TokenView(BaseModel):
    """A token for a program. Its secret is not among it: that was told once."""

    id: str
    name: str
    scopes: list[Scope]
    made_at: datetime
    expires_at: datetime
    used_on: str | None


class AccountView(BaseModel):
    """One's own account."""

    name: str
    is_clinician: bool
    sign_in_name: str | None
    has_words: bool
    passkeys: list[PasskeyView]
    devices: list[DeviceView]
    tokens: list[TokenView]


class Called(BaseModel):
    """What somebody is called."""

    name: Annotated[str, AfterValidator(to_be_seen)] = Field(min_length=1, max_length=60, pattern=r"\S")


class NewPassword(Proof):
    """What to sign in with from now on."""

    sign_in_name: str = Field(min_length=1, max_length=200)
    password: SecretStr = Field(min_length=1, max_length=1000)


class Words(BaseModel):
    """The words that bring one back, told once."""

    words: str


class NewToken(Proof):
    """What a program is to be let in for."""

    name: str = Field(min_length=1, max_length=60, pattern=r"\S")
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope))
    days: int = Field(ge=1, le=LONGEST.days)


class MadeToken(TokenView):
    """A new token with its secret, told once."""

    token: str


def account_view(service: Service, person: Person, here: str) -> AccountView:
    """The person's account, as they see it at the session `here`."""
    actor, now, journal = Actor(person.id), datetime.now(UTC), service.journal
    ways_in = journal.ways_in.mine(actor)
    return AccountView(
        name=person.name,
        is_clinician=person.is_clinician,
        sign_in_name=ways_in.sign_in_name,
        has_words=ways_in.has_words,
        passkeys=[passkey_view(one) for one in journal.passkeys.mine(actor)],
        devices=[
            DeviceView(id=one.id, called=one.called, since=one.since, used_on=one.used_on, is_here=one.is_here)
            for one in journal.people.devices(actor, here=here, now=now)
        ],
        tokens=[_token_view(one) for one in journal.tokens.mine(actor, now=now)],
    )


def _token_view(token: ApiToken) -> TokenView:
    return TokenView(
        id=token.id,
        name=token.name,
        scopes=sorted(token.scopes),
        made_at=token.made_at,
        expires_at=token.expires_at,
        used_on=token.used_on,
    )


def asked_of(request: Request, service: Service, person: Person) -> Literal["password", "words"] | None:
    """What has to be told now before anything changes how this account is got into; None: nothing."""
    actor = Actor(person.id)
    ways_in = service.journal.ways_in.mine(actor)
    if ways_in.sign_in_name is not None:
        return "password"
    return "words" if ways_in.are_asked_for and not is_fresh(request, service, actor) else None


@router.get("/account", include_in_schema=False)
def account_page(request: Request, service: ServiceHere, person: SignedIn) -> Response:
    """“Your account”, of a wearer or of a clinician."""
    account = account_view(service, person, session_of(request) or "")
    return page(
        request,
        service,
        "account.html",
        section="account" if person.is_clinician else "more",
        person=person,
        account=account,
        unnamed=person.name == UNNAMED,
        scopes=SCOPES_IN_WORDS,
        shortest=SHORTEST,
        longest=LONGEST_PASSWORD,
        asks=asked_of(request, service, person),
        passkeys_here=passkeys_here(request, service),
        click_again=len(account.passkeys) == 1
        and account.sign_in_name is None
        and service.journal.people.is_only_one(),
        opens_by_click=service.journal.people.opens_by_click(),
    )


@router.get("/api/account")
def account(request: Request, service: ServiceHere, person: SignedIn) -> AccountView:
    """One's own account: how one gets in, where one is signed in, and which programs may."""
    return account_view(service, person, session_of(request) or "")


@router.post("/api/account/name", status_code=204)
def rename(service: ServiceHere, person: SignedIn, told: Called) -> None:
    """What one is called."""
    service.journal.people.rename(Actor(person.id), told.name.strip())


@router.post("/api/account/password")
async def set_password(request: Request, service: ServiceHere, person: SignedIn, told: NewPassword) -> Response:
    """Sign in so from now on. Everywhere else one is signed out; here one stays, with a new session."""
    actor = Actor(person.id)
    await proven(
        request,
        service,
        actor,
        service.journal.ways_in.set_password,
        actor,
        told.sign_in_name,
        told.password.get_secret_value(),
        told=told,
        now=datetime.now(UTC),
    )
    service.end_streams(actor)
    return await asyncio.to_thread(signed_in, request, service, person, JSONResponse({}))


@router.post("/api/account/way-back", status_code=201)
async def make_words(request: Request, service: ServiceHere, person: SignedIn, told: Proof) -> Words:
    """New words that bring one back, also where the password is forgotten. The earlier ones stop working."""
    actor = Actor(person.id)
    work = service.journal.ways_in.new_words
    return Words(words=await proven(request, service, actor, work, actor, told=told))


@router.post("/api/account/sign-out")
async def sign_out_everywhere(request: Request, service: ServiceHere, person: SignedIn) -> Response:
    """Sign out everywhere, here too. Programs keep their tokens."""
    actor = Actor(person.id)
    await asyncio.to_thread(service.journal.people.close_sessions, actor)
    service.end_streams(actor)
    return without_session(request, JSONResponse({}))


@router.post("/api/account/close")
async def close(request: Request, service: ServiceHere, person: ClinicianHere, told: Proof) -> Response:
    """Erase a clinician's account: their notes and what was shown to them end with it. A wearer erases at /data, after a preview."""
    actor, erasure = Actor(person.id), service.journal.erasure
    await proven(request, service, actor, service.journal.ways_in.prove, actor, told=told)
    shown = await asyncio.to_thread(erasure.preview, actor, Everything())
    await asyncio.to_thread(erasure.erase, actor, Everything(), token=shown.token)
    service.end_streams(actor)
    return without_session(request, JSONResponse({}))


@router.post("/api/account/devices/{device_id}/sign-out", status_code=204)
async def sign_out_there(service: ServiceHere, person: SignedIn, device_id: str) -> None:
    """Sign out there, at once."""
    actor = Actor(person.id)
    await asyncio.to_thread(service.journal.people.close_device, actor, device_id)
    service.end_streams(actor)


@router.post("/api/account/tokens", status_code=201)
async def make_token(request: Request, service: ServiceHere, person: PersonHere, told: NewToken) -> MadeToken:
    """Let a program of one's own in, for some things, for some time. Told once."""
    actor, now = Actor(person.id), datetime.now(UTC)
    await proven(request, service, actor, service.journal.ways_in.prove, actor, told=told)
    made, secret = await asyncio.to_thread(
        service.journal.tokens.make,
        actor,
        name=told.name.strip(),
        scopes=told.scopes,
        lasts=timedelta(days=told.days),
        now=now,
    )
    return MadeToken(**_token_view(made).model_dump(), token=secret)


@router.post("/api/account/tokens/{token_id}/revoke", status_code=204)
async def revoke_token(service: ServiceHere, person: PersonHere, token_id: str) -> None:
    """Let a program in no longer, at once: also not to what it follows now."""
    actor = Actor(person.id)
    await asyncio.to_thread(service.journal.tokens.revoke, actor, token_id)
    service.end_streams(actor)
