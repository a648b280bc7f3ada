"""At a clinic: a code for a client's home, and the doors by which what they show comes in. The token opens these alone."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from alerts.people import Actor
from alerts.ports import NotAllowed
from api.attempts import Tried
from api.clinic_door import SCHEME
from api.forms import Fields, fields_of
from api.problems import BadToken
from api.render import page
from api.routes.auth import ClinicianHere, ServiceHere, address_of
from journal.publication import DIGESTS, IDS, LEASE, Answer, BadItem, Looks, LooksAfter, Met, Told
from journal.published import CODE_LASTS, Over, Publication
from journal.sharing import LONGEST_NAME

router = APIRouter(tags=["publishing"])
FORM = fields_of(2000, "This is more than a name holds. Nothing was kept.")


class Begin(BaseModel):
    """A home comes in. The token itself stays there; here is its hash."""

    code: str = Field(min_length=1, max_length=80)
    token_sha256: str = Field(pattern=DIGESTS)


def publication_here(request: Request, service: ServiceHere) -> Publication:
    """Whose home it is that asks. Raises `BadToken`."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    found = service.journal.published.publication_for(token.strip()) if kind == SCHEME else None
    if found is None:
        raise BadToken
    return found


PublicationHere = Annotated[Publication, Depends(publication_here)]


@router.post("/clients/publication", include_in_schema=False)
def invite(
    request: Request, service: ServiceHere, person: ClinicianHere, fields: Annotated[Fields, Depends(FORM)]
) -> Response:
    """Make a code with which a client's home comes in. It is told once."""
    called = next(iter(fields.get("called", [])), "").strip()[:LONGEST_NAME]
    if not called:
        raise HTTPException(422, "Say what you call this client. Nothing was made.")
    code = service.journal.published.invite(Actor(person.id), called=called, now=datetime.now(UTC))
    return page(
        request,
        service,
        "publication_code.html",
        section="clients",
        person=person,
        called=called,
        code=code,
        address=f"{request.url.scheme}://{request.url.netloc}",
        lasts_days=CODE_LASTS.days,
        lease_days=LEASE.days,
    )


@router.post("/api/publish/begin")
def begin(request: Request, service: ServiceHere, told: Begin) -> Met:
    """Come in with a clinician's code. It is guessed as seldom as at the door where everybody comes in."""
    address = address_of(request)
    service.attempts.check(Tried.CODE, address=address)
    try:
        name = service.journal.published.come_in(told.code, told.token_sha256, now=datetime.now(UTC))
    except NotAllowed:
        service.attempts.missed(Tried.CODE, address=address)
        raise
    return Met(clinician=name)


@router.post("/api/publish/looks")
def tell_looks(service: ServiceHere, home: PublicationHere, told: LooksAfter) -> Looks:
    """Who has looked at what came from this home, after the last that was told."""
    return service.journal.published.looks(home.actor, home.id, told.place)


@router.post("/api/publish/list")
def take_list(service: ServiceHere, home: PublicationHere, told: Told) -> Answer:
    """Home's whole list: what is not in it goes, and what is lacking is said."""
    try:
        return service.journal.published.told(home.actor, home.id, told, now=datetime.now(UTC))
    except Over:
        raise HTTPException(410, "This has ended here; nothing of it is left.") from None


async def body_of(request: Request) -> bytes:
    """What was sent, as it was sent. The app refuses more than it takes at once."""
    return await request.body()


@router.put("/api/publish/items/{item_id}", status_code=204)
def take_item(
    service: ServiceHere,
    home: PublicationHere,
    item_id: Annotated[str, Path(pattern=IDS)],
    body: Annotated[bytes, Depends(body_of)],
) -> None:
    """One thing of the list. It is kept when this is answered, and the same one again changes nothing."""
    try:
        service.journal.published.take(home.actor, home.id, item_id, body, now=datetime.now(UTC))
    except BadItem as error:
        raise HTTPException(422, f"{error}. Nothing of it was kept.") from None
    service.up_to_date.look()


@router.post("/api/publish/end", status_code=204)
def end(service: ServiceHere, home: PublicationHere) -> None:
    """Home has ended it: everything that came is let go of."""
    service.journal.published.end(home.actor, home.id)
