"""The pages that people open."""

import asyncio
from contextlib import suppress

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from alerts.channels import Message
from alerts.people import Actor
from alerts.ports import TalkConflict
from api.render import page
from api.routes.agreement import page_context as agreement_context
from api.routes.auth import MaybePerson, PersonHere, ServiceHere
from api.routes.entries import entry_line, page_context
from journal.people import UNNAMED

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(person: MaybePerson) -> Response:
    """Where to begin."""
    return RedirectResponse("/talk" if person else "/welcome", status_code=303)


@router.get("/talk")
async def talk(request: Request, service: ServiceHere, person: PersonHere) -> Response:
    """The live talk, or how to start one."""
    live = await service.live.open_for(Actor(person.id))
    pair = None if live else await asyncio.to_thread(service.journal.pairs.mine, Actor(person.id))
    return page(
        request,
        service,
        "talk.html",
        section="talk",
        person=person,
        talk_id=live.talk.id if live else None,
        strap=await asyncio.to_thread(service.strap_of, Actor(person.id)),
        two=pair.other_name if pair and pair.both_are_here else None,
        suggested=Message.SUGGESTED,
    )


@router.post("/talk")
async def start(service: ServiceHere, person: PersonHere) -> Response:
    """Start a talk by a plain form, which works before any script has loaded; an open talk is simply gone back to."""
    with suppress(TalkConflict):
        await service.start_talk(Actor(person.id))
    return RedirectResponse("/talk", status_code=303)


@router.get("/journal")
def journal(request: Request, service: ServiceHere, person: PersonHere) -> Response:
    """The entries, newest first."""
    lines = [entry_line(entry) for entry in service.journal.entries.list_entries(Actor(person.id))]
    entries = [line.model_dump(mode="json") for line in lines]
    return page(request, service, "journal.html", section="journal", person=person, entries=entries)


@router.get("/entries/{entry_id}")
def entry(request: Request, service: ServiceHere, person: PersonHere, entry_id: str) -> Response:
    """One entry with its timeline."""
    context = page_context(service, Actor(person.id), entry_id)
    return page(request, service, "entry.html", section="journal", person=person, **context)


@router.get("/two")
def two(request: Request, service: ServiceHere, person: PersonHere) -> Response:
    """Who one talks with, and the phones that were let in."""
    actor = Actor(person.id)
    return page(
        request,
        service,
        "two.html",
        section="two",
        person=person,
        pair=service.journal.pairs.mine(actor),
        has_way_back=service.journal.people.has_way_back(actor),
        home=service.home,
        unnamed=person.name == UNNAMED,
    )


@router.get("/agreement")
def agreement(request: Request, service: ServiceHere, person: PersonHere) -> Response:
    """What the two agreed, and a form that both fill in together."""
    context = agreement_context(service, Actor(person.id))
    return page(request, service, "agreement.html", section="two", person=person, **context)


@router.get("/turn-to")
def turn_to(request: Request, service: ServiceHere, person: PersonHere) -> Response:
    """Who can I turn to: one's own short list."""
    people = service.journal.turn_to.everyone(Actor(person.id))
    return page(request, service, "turn_to.html", section="two", person=person, people=people)


@router.get("/how")
def how(request: Request, service: ServiceHere, person: MaybePerson) -> Response:
    """How does it know? Needs no account."""
    return page(request, service, "how.html", section="how", person=person)


@router.get("/help")
def private_help(request: Request, service: ServiceHere, person: MaybePerson) -> Response:
    """Private help for people who are afraid at home. Needs no account."""
    return page(request, service, "help.html", section="help", person=person)
