"""At home: the clinics that a wearer publishes to. Plain forms; the consent is in the form, and nothing goes without it."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path
from fastapi.responses import RedirectResponse, Response

from alerts.people import Actor
from alerts.ports import NotAllowed
from api.clinic_door import BadClinicAddress, clinic_address
from api.forms import Fields, fields_of
from api.publishing import CannotMeet, meet, publish
from api.routes.auth import PersonHere, ServiceHere

router = APIRouter(include_in_schema=False)
FORM = fields_of(2000, "This is more than an address and a code hold. Nothing was sent.")
FieldsHere = Annotated[Fields, Depends(FORM)]
LinkId = Annotated[str, Path(max_length=64)]


def _first(fields: Fields, name: str) -> str:
    return next(iter(fields.get(name, [])), "").strip()


@router.post("/sharing/clinics")
def begin(service: ServiceHere, person: PersonHere, fields: FieldsHere) -> Response:
    """Come in at a clinic with its code. Nothing of the journal is sent by it."""
    if _first(fields, "agree") != "yes":
        raise HTTPException(422, "Nothing was sent: say first that you want it, with the box above the button.")
    try:
        address = clinic_address(_first(fields, "address"))
        meet(
            service.journal.clinic_links,
            Actor(person.id),
            address=address,
            code=_first(fields, "code")[:80],
            send=service.send_to_clinic,
            now=datetime.now(UTC),
        )
    except (BadClinicAddress, CannotMeet) as error:
        raise HTTPException(422, f"{str(error)[0].upper()}{str(error)[1:]}.") from None
    return _back()


@router.post("/sharing/clinics/{link_id}/switch")
def switch(service: ServiceHere, person: PersonHere, link_id: LinkId, fields: FieldsHere) -> Response:
    """Let new things go there by themselves, or not."""
    service.journal.clinic_links.switch(Actor(person.id), link_id, on=_first(fields, "on") == "yes")
    service.publisher.look()
    return _back()


@router.post("/sharing/clinics/{link_id}/now")
async def now(service: ServiceHere, person: PersonHere, link_id: LinkId) -> Response:
    """Do it now."""
    links = service.journal.clinic_links
    own = await asyncio.to_thread(links.mine, Actor(person.id))
    link = next((one for one in own if one.admission_id == link_id), None)
    if link is None:
        raise NotAllowed
    await asyncio.to_thread(publish, links, link, service.send_to_clinic, now=datetime.now(UTC), by_hand=True)
    return _back()


def _back() -> Response:
    return RedirectResponse("/sharing#clinics", status_code=303)
