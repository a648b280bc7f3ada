"""The pages that people open."""

import asyncio
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from alerts.channels import Message
from alerts.people import Actor
from alerts.ports import TalkConflict
from api.formats import fhir
from api.render import page
from api.routes.auth import MaybePerson, PersonHere, ServiceHere, start_of
from api.routes.content import words_context
from api.routes.entries import Wanted, entry_line, page_context
from api.views.agreement import agreement_page
from api.words.entry import KIND_NAMES
from journal.entries import Kind, NoRecording
from journal.people import UNNAMED
from journal.search import EntryFilter

router = APIRouter(include_in_schema=False)


@router.get("/")
def home(person: MaybePerson) -> Response:
    """Where to begin."""
    return RedirectResponse(start_of(person) if person else "/welcome", status_code=303)


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
def journal(request: Request, service: ServiceHere, person: PersonHere, looked_for: Wanted) -> Response:
    """The entries that match, newest first."""
    now = service.clock.utc_now()
    lines = [entry_line(found, now) for found in service.journal.search.find(Actor(person.id), looked_for)]
    entries = [line.model_dump(mode="json") for line in lines]
    return page(
        request,
        service,
        "journal.html",
        section="journal",
        person=person,
        entries=entries,
        looked_for=looked_for,
        is_filtered=looked_for != EntryFilter(),
        tells_near_misses=looked_for.kind is Kind.NEAR_MISS or any(line.near_misses for line in lines),
        kinds=[(kind, KIND_NAMES[kind]) for kind in Kind],
    )


@router.get("/entries/{entry_id}")
def entry(
    request: Request,
    service: ServiceHere,
    person: PersonHere,
    entry_id: str,
    version: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """One entry with its timeline, or with what an earlier version of the detector made of it; else its words alone."""
    try:
        context = page_context(service, Actor(person.id), entry_id, version)
    except NoRecording:
        context = words_context(service, Actor(person.id), entry_id)
        return page(request, service, "entry_words.html", section="journal", person=person, **context)
    return page(request, service, "entry.html", section="journal", person=person, **context)


@router.get("/data")
def own_data(request: Request, service: ServiceHere, person: PersonHere, entry: str = "") -> Response:
    """What is one's own: its key, taking it along, erasing it; `entry` is the one that is meant first."""
    actor = Actor(person.id)
    line = words_context(service, actor, entry)["entry"] if entry else None
    own = [one.id for one in service.journal.recordings.own(actor) if entry and one.entry_id == entry]
    return page(
        request,
        service,
        "data.html",
        section="more",
        person=person,
        keep_days=service.settings.keep_days,
        key_file=service.journal.keyring.path,
        entry=line,
        recording_id=next(iter(own), None),
        has_fhir=fhir.is_installed(),
        how_to_install_fhir=fhir.HOW_TO_INSTALL,
    )


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
        ways_in=service.journal.ways_in.mine(actor),
        home=service.home,
        unnamed=person.name == UNNAMED,
    )


@router.get("/agreement")
def agreement(request: Request, service: ServiceHere, person: PersonHere) -> Response:
    """What the two agreed, and a form that both fill in together."""
    actor = Actor(person.id)
    pair = service.journal.pairs.mine(actor)
    context = agreement_page(pair, service.journal.agreements.history(actor) if pair else [])
    return page(request, service, "agreement.html", section="two", person=person, **context)


@router.get("/turn-to")
def turn_to(request: Request, service: ServiceHere, person: PersonHere) -> Response:
    """Who can I turn to: one's own short list."""
    people = service.journal.turn_to.everyone(Actor(person.id))
    return page(request, service, "turn_to.html", section="two", person=person, people=people)


@router.get("/more")
def more(request: Request, service: ServiceHere, person: PersonHere) -> Response:
    """What has no place of its own among the five sections."""
    return page(request, service, "more.html", section="more", person=person)


@router.get("/how")
def how(request: Request, service: ServiceHere, person: MaybePerson) -> Response:
    """How does it know? Needs no account."""
    return page(request, service, "how.html", section="how", person=person)


@router.get("/help")
def private_help(request: Request, service: ServiceHere, person: MaybePerson) -> Response:
    """Private help for people who are afraid at home. Needs no account."""
    return page(request, service, "help.html", section="help", person=person)
