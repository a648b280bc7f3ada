"""What is one's own: what is there, take it along, bring it back, erase it."""

import io
import json
import sys
from datetime import UTC, date, datetime
from typing import Literal

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from api.exporting import own_minutes
from api.formats import fhir, open_mhealth
from api.publishing import goodbyes_of, say_goodbye
from api.routes.auth import ActorHere, ServiceHere, without_session
from journal.erasure import Everything, OneEntry, OneRecording, Period, Preview, Wish

router = APIRouter(prefix="/api", tags=["own data"])

MOST_UPLOADED_BYTES = 300_000_000


class RecordingLine(BaseModel):
    """A recording of the signed-in person's."""

    id: str
    began: datetime
    strap: str | None
    packets: int
    entry_id: str | None


class ToErase(BaseModel):
    """What is meant. `id` names the entry or recording; the days are the wearer's own, both included."""

    what: Literal["entry", "recording", "period", "everything"]
    id: str = Field(default="", max_length=64)
    from_day: date | None = None
    to_day: date | None = None

    def wish(self) -> Wish:
        """In the journal's terms."""
        match self.what:
            case "entry":
                return OneEntry(self.id)
            case "recording":
                return OneRecording(self.id)
            case "period":
                if self.from_day is None and self.to_day is None:
                    raise HTTPException(422, "Say from which day, to which day, or both; or choose Everything.")
                return Period(self.from_day, self.to_day)
            case "everything":
                return Everything()


class Erase(ToErase):
    """Erase what the preview with this token showed."""

    token: str = Field(min_length=1, max_length=64)


class WouldGo(BaseModel):
    """What is meant, counted. `shared_talks` are talks whose other half stays with the other."""

    entries: int
    with_words: int
    checks: int
    recordings: int
    packets: int
    timelines: int
    shared_talks: int
    first: datetime | None
    last: datetime | None
    token: str


class BroughtBack(BaseModel):
    """What came back; what was there already is left as it is."""

    entries: int
    checks: int
    recordings: int
    packets: int
    already_there: int
    turn_to: int
    straps: int


@router.get("/recordings")
def recordings(service: ServiceHere, actor: ActorHere) -> list[RecordingLine]:
    """The signed-in person's recordings, newest first."""
    return [
        RecordingLine(
            id=one.id, began=one.began.local, strap=one.strap, packets=one.measurements, entry_id=one.entry_id
        )
        for one in service.journal.recordings.own(actor)
    ]


@router.post("/erase/preview")
def preview(service: ServiceHere, actor: ActorHere, told: ToErase) -> WouldGo:
    """What would be erased. Nothing is."""
    return _counted(service.journal.erasure.preview(actor, told.wish()))


@router.post("/erase")
async def erase(request: Request, service: ServiceHere, actor: ActorHere, told: Erase, response: Response) -> WouldGo:
    """Erase what the preview showed: exactly that, or nothing. After everything the account is gone, too."""
    links = service.journal.clinic_links
    goodbyes = await run_in_threadpool(goodbyes_of, links, actor) if told.what == "everything" else []
    erased = await run_in_threadpool(service.journal.erasure.erase, actor, told.wish(), token=told.token)
    service.live.forget_ended(actor)
    service.publisher.look()
    if told.what == "everything":
        await run_in_threadpool(say_goodbye, goodbyes, service.send_to_clinic)
        await service.live.look_at_agreements()
        service.end_streams(actor)
        without_session(request, response)
    return _counted(erased)


@router.get("/archive", response_class=Response)
def archive(service: ServiceHere, actor: ActorHere) -> Response:
    """Everything of the signed-in person's, as one zip, readable without a key. Its name says where something does not open."""
    file, now = io.BytesIO(), datetime.now(UTC)
    incomplete = "-incomplete" if service.journal.archive.save(actor, file, now=now) else ""
    return _file(file.getvalue(), f"flooding-{now:%Y-%m-%d}{incomplete}.zip", "application/zip")


@router.get("/fhir", response_class=Response)
def as_fhir(service: ServiceHere, actor: ActorHere) -> Response:
    """The heart's minutes as a FHIR R4 Bundle. No word of the journal is in it. 501 where the extra is not installed."""
    now = datetime.now(UTC)
    head = str(service.journal.access_log.head(actor))
    told = json.dumps(fhir.bundle(own_minutes(service.journal, actor), now=now, log_head=head), ensure_ascii=False)
    return _file(told, f"flooding-{now:%Y-%m-%d}-fhir.json", "application/fhir+json")


@router.get("/open-mhealth", response_class=Response)
def as_open_mhealth(service: ServiceHere, actor: ActorHere) -> Response:
    """The heart's minutes as Open mHealth data points, one a line. No word of the journal is in it."""
    now = datetime.now(UTC)
    told = open_mhealth.json_lines(own_minutes(service.journal, actor), now=now)
    return _file(told, f"flooding-{now:%Y-%m-%d}-open-mhealth.jsonl", "application/x-ndjson")


def _file(content: bytes | str, name: str, kind: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)


@router.post("/archive", max_body_size=sys.maxsize)  # it counts for itself, and says what to do
async def restore(service: ServiceHere, actor: ActorHere, request: Request) -> BroughtBack:
    """Bring an archive back: the body is the zip. All of it or nothing; what is there already stays as it is."""
    file = io.BytesIO()
    async for chunk in request.stream():
        if file.tell() + len(chunk) > MOST_UPLOADED_BYTES:
            raise HTTPException(413, "This is larger than the page takes; use: flooding archive restore FILE")
        file.write(chunk)
    file.seek(0)
    found = await run_in_threadpool(service.journal.archive.restore, actor, file, simulated=service.settings.simulated)
    service.up_to_date.look()  # an archive carries no timelines: they are made from its packets
    return BroughtBack(
        entries=found.entries,
        checks=found.checks,
        recordings=found.recordings,
        packets=found.measurements,
        already_there=found.already_there,
        turn_to=found.turn_to,
        straps=found.straps,
    )


def _counted(found: Preview) -> WouldGo:
    return WouldGo(
        entries=found.entries,
        with_words=found.with_words,
        checks=found.checks,
        recordings=found.recordings,
        packets=found.measurements,
        timelines=found.timelines,
        shared_talks=found.shared_talks,
        first=found.first_at,
        last=found.last_at,
        token=found.token,
    )
