"""What a clinician reads of the wearers who admitted them, and the notes they keep. Every reading is in the wearer's log first."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, Field

from alerts.people import Actor
from alerts.ports import NotAllowed
from api.attempts import Tried
from api.render import page
from api.routes.auth import ClinicianHere, PersonHere, ServiceHere, address_of, session_of
from api.service import Service
from api.views.shown import NoteView, ShownEntryView, ShownLine, note_view, shown_entry_view, shown_line, shown_page
from api.words.amounts import when_words
from api.words.sharing import OWN_LOOKED, from_home_words
from journal.shown import ShownEntry
from journal.timeline import Timeline
from journal.versions import Analysis

router = APIRouter(tags=["clinician"])

LOOKED_AT_EVERY_S = 0.5
"""How soon a page that is open is told that something was taken back, also by another process."""
MOST_OWN_LOOKS = 200


class Accept(BaseModel):
    """The code that a wearer gave."""

    code: str = Field(min_length=1, max_length=64)


class Accepted(BaseModel):
    """Who has admitted the clinician. Nothing is shown by it yet."""

    wearer_id: str
    name: str


class Note(BaseModel):
    """A note, and whether the wearer reads it, too."""

    text: str = Field(min_length=1, max_length=20_000)
    for_wearer: bool


class NewNote(Note):
    """A note on a client, or on one entry that is shown."""

    entry_id: str | None = Field(default=None, max_length=64)


class Kept(BaseModel):
    """The note is stored."""

    id: str


def clinician_actor(person: ClinicianHere) -> Actor:
    """The signed-in clinician as the one who acts."""
    return Actor(person.id)


ClinicianActor = Annotated[Actor, Depends(clinician_actor)]


@router.post("/api/clients/accept", status_code=201)
def accept(request: Request, service: ServiceHere, actor: ClinicianActor, told: Accept) -> Accepted:
    """Come in by a wearer's code. It is guessed as seldom as at the door where everybody comes in."""
    address = address_of(request)
    service.attempts.check(Tried.CODE, address=address)
    try:
        found = service.journal.sharing.accept(actor, told.code, now=datetime.now(UTC))
    except NotAllowed:
        service.attempts.missed(Tried.CODE, address=address)
        raise
    return Accepted(wearer_id=found.wearer_id, name=found.wearer_name)


@router.post("/api/clients/{wearer_id}/leave", status_code=204)
def leave(service: ServiceHere, actor: ClinicianActor, wearer_id: str) -> None:
    """End it from the clinician's side, for good."""
    sharing = service.journal.sharing
    found = [one for one in sharing.of_clinician(actor) if one.wearer_id == wearer_id]
    if not found:
        raise NotAllowed
    for one in found:
        sharing.end(actor, one.id, now=datetime.now(UTC))


@router.get("/api/clients/{wearer_id}/entries")
def entries(service: ServiceHere, actor: ClinicianActor, wearer_id: str) -> list[ShownLine]:
    """The entries that the wearer shows, newest first."""
    now = datetime.now(UTC)
    return [shown_line(one, wearer_id, now) for one in service.journal.shown.entries(actor, wearer_id, now=now)]


@router.get("/api/clients/{wearer_id}/entries/{entry_id}")
def entry(service: ServiceHere, actor: ClinicianActor, wearer_id: str, entry_id: str) -> ShownEntryView:
    """One entry that the wearer shows, with the words where they are shown."""
    now = datetime.now(UTC)
    shown = service.journal.shown.entry(actor, wearer_id, entry_id, now=now)
    return shown_entry_view(shown, _timeline(service, wearer_id, shown), now)


def standing_here(request: Request, service: ServiceHere, actor: ClinicianActor, wearer_id: str) -> str:
    """The word for what is shown now. Raises `NotAllowed` where nothing is."""
    standing = _standing(service, actor, wearer_id, session_of(request))
    if standing is None:
        raise NotAllowed
    return standing


@router.get("/api/clients/{wearer_id}/live", response_class=EventSourceResponse)
async def follow(
    request: Request,
    service: ServiceHere,
    actor: ClinicianActor,
    wearer_id: str,
    standing: Annotated[str, Depends(standing_here)],
) -> AsyncIterator[ServerSentEvent]:
    """`shown` at once and whenever what is shown changes; `bye` as soon as nothing is any more. Tells nothing of what it is."""
    now: str | None = standing
    while now is not None and not service.live.is_closing:
        yield ServerSentEvent(event="shown", data={"standing": now})
        before = now
        while now == before and not service.live.is_closing:
            await asyncio.sleep(LOOKED_AT_EVERY_S)
            now = await asyncio.to_thread(_standing, service, actor, wearer_id, session_of(request))
    yield ServerSentEvent(event="bye", data={"over": now is None})


def _standing(service: Service, actor: Actor, wearer_id: str, token: str | None) -> str | None:
    """None, too, once the clinician has signed out."""
    now = datetime.now(UTC)
    if token is None or service.journal.people.person_for(token, now=now) is None:
        return None
    return service.journal.shown.standing(actor, wearer_id, now=now)


@router.get("/api/clients/{wearer_id}/notes")
def notes(service: ServiceHere, actor: ClinicianActor, wearer_id: str) -> list[NoteView]:
    """One's own notes on a client, newest first."""
    return [note_view(note) for note in service.journal.clinician_notes.of_client(actor, wearer_id)]


@router.post("/api/clients/{wearer_id}/notes", status_code=201)
def write_note(service: ServiceHere, actor: ClinicianActor, wearer_id: str, told: NewNote) -> Kept:
    """Write a note. Whether the wearer reads it, too, is said with it."""
    note_id = service.journal.clinician_notes.write(
        actor,
        wearer_id,
        text=told.text,
        for_wearer=told.for_wearer,
        entry_id=told.entry_id,
        now=datetime.now(UTC),
    )
    return Kept(id=note_id)


@router.post("/api/notes/{note_id}", status_code=204)
def change_note(service: ServiceHere, actor: ClinicianActor, note_id: str, told: Note) -> None:
    """Write a note anew."""
    service.journal.clinician_notes.change(actor, note_id, text=told.text, for_wearer=told.for_wearer)


@router.post("/api/notes/{note_id}/erase", status_code=204)
def erase_note(service: ServiceHere, actor: ClinicianActor, note_id: str) -> None:
    """Let a note go."""
    service.journal.clinician_notes.erase(actor, note_id)


@router.get("/clients/{wearer_id}/entries", include_in_schema=False)
def entries_page(request: Request, service: ServiceHere, person: ClinicianHere, wearer_id: str) -> Response:
    """The entries that a client shows, and one's own notes. Where nothing is shown, no reason is asked."""
    actor, now = Actor(person.id), datetime.now(UTC)
    own = service.journal.clinician_notes.of_client(actor, wearer_id)
    client = next((one for one in service.journal.sharing.of_clinician(actor) if one.wearer_id == wearer_id), None)
    try:
        lines = service.journal.shown.entries(actor, wearer_id, now=now)
    except NotAllowed:
        if client is None and not own:
            raise
        lines = None
    return page(
        request,
        service,
        "shown_entries.html",
        section="clients",
        person=person,
        wearer_id=wearer_id,
        name=client.wearer_name if client else None,
        from_home=from_home_words(service.journal.published.from_home(actor, wearer_id)),
        entries=None if lines is None else [shown_line(one, wearer_id, now).model_dump(mode="json") for one in lines],
        notes=[note_view(note).model_dump(mode="json") for note in own if note.entry_id is None],
        may_write=client is not None,
    )


@router.get("/clients/{wearer_id}/entries/{entry_id}", include_in_schema=False)
def entry_page(
    request: Request, service: ServiceHere, person: ClinicianHere, wearer_id: str, entry_id: str
) -> Response:
    """One entry that a client shows."""
    actor, now = Actor(person.id), datetime.now(UTC)
    shown = service.journal.shown.entry(actor, wearer_id, entry_id, now=now)
    own = service.journal.clinician_notes.of_client(actor, wearer_id)
    return page(
        request,
        service,
        "shown_entry.html",
        section="clients",
        person=person,
        wearer_id=wearer_id,
        name=_name(service, actor, wearer_id),
        preview=False,
        notes=[note_view(note).model_dump(mode="json") for note in own if note.entry_id == entry_id],
        **shown_page(shown, _timeline(service, wearer_id, shown), _analyses(service, wearer_id, shown), now),
    )


@router.get("/looks", include_in_schema=False)
def own_looks(request: Request, service: ServiceHere, person: ClinicianHere) -> Response:
    """What one has looked at oneself: the same lines that the clients read."""
    looks = service.journal.access_log.own_looks(Actor(person.id), most=MOST_OWN_LOOKS)
    lines = [
        {"when": when_words(look.at.astimezone()), "who": look.wearer, "what": OWN_LOOKED[look.looked]}
        for look in looks
    ]
    return page(request, service, "looks.html", section="looks", person=person, lines=lines, most=MOST_OWN_LOOKS)


def _timeline(service: Service, wearer_id: str, shown: ShownEntry) -> Timeline | None:
    """The shown entry's timeline; the reading is allowed and logged by then."""
    if shown.detail is None:
        return None
    detail = shown.detail
    return service.journal.timelines.read(Actor(wearer_id), detail.talk, detail.state, service.detector)


def _analyses(service: Service, wearer_id: str, shown: ShownEntry) -> list[Analysis]:
    """Which versions of the detector have looked at the shown entry; after `_timeline`, which makes a missing one."""
    if shown.detail is None:
        return []
    return service.journal.timelines.analyses(Actor(wearer_id), shown.detail.talk.recording_id)


def _name(service: Service, actor: Actor, wearer_id: str) -> str:
    return next(one.wearer_name for one in service.journal.sharing.of_clinician(actor) if one.wearer_id == wearer_id)


@router.get("/entries/{entry_id}/as-shown", include_in_schema=False)
def as_shown(
    request: Request, service: ServiceHere, person: PersonHere, entry_id: str, *, words: bool = False
) -> Response:
    """One of the wearer's own entries, as a clinician would see it."""
    now = datetime.now(UTC)
    shown = service.journal.shown.as_shown(Actor(person.id), entry_id, with_words=words)
    return page(
        request,
        service,
        "shown_entry.html",
        section="more",
        person=person,
        wearer_id=None,
        name=person.name,
        preview=True,
        with_words=words,
        notes=[],
        **shown_page(shown, _timeline(service, person.id, shown), _analyses(service, person.id, shown), now),
    )
