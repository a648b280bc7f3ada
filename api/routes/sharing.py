"""Sharing and privacy: whom a wearer admits, what is shown to them, taking it back, and who has looked."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import AfterValidator, BaseModel, Field

from alerts.people import Actor
from api.render import page
from api.routes.auth import ActorHere, PersonHere, ServiceHere
from api.routes.pair import join_url
from api.service import Service
from api.views.sharing import (
    ClinicianLine,
    ClinicLine,
    GrantLine,
    LogView,
    NoteForOne,
    clinic_line,
    clinician_lines,
    grant_line,
    log_view,
    named,
    notes_for_one,
)
from api.words.names import to_be_seen
from journal.local_time import FIRST_YEAR, LAST_YEAR, OutOfRange, zone_named
from journal.publication import LEASE
from journal.sharing import CODE_LASTS, LONGEST_NAME

router = APIRouter(tags=["sharing"])

ZoneName = Annotated[str | None, Field(max_length=64, description="IANA name, as the browser tells it: Europe/Berlin")]


class Invite(BaseModel):
    """Whom one wants to admit, as one calls them."""

    called: Annotated[str, AfterValidator(to_be_seen)] = Field(min_length=1, max_length=LONGEST_NAME, pattern=r"\S")


class Invited(BaseModel):
    """The code, told once; it works once.

    Attributes:
        way_back: words that bring the wearer back in, told once to who has none: with a second account here, a click at
            the machine opens no account any more.
    """

    id: str
    code: str
    url: str
    lasts_days: int
    way_back: str | None


class Show(BaseModel):
    """What is to be shown: one entry, or every one from a day on. Days are the wearer's own.

    Attributes:
        until_day: the last day on which it is shown.
    """

    entry_id: str | None = Field(default=None, max_length=64)
    from_day: date | None = None
    with_words: bool
    until_day: date | None = None

    zone: ZoneName = None


class Shared(BaseModel):
    """Everything about sharing. `ended`: clinics that one has ended with, and that have not been told yet."""

    clinicians: list[ClinicianLine]
    ended: list[ClinicLine]
    notes: list[NoteForOne]


@router.get("/api/sharing")
def shared(service: ServiceHere, actor: ActorHere) -> Shared:
    """Whom one has admitted, what each sees now, and what they let one read."""
    return _shared(service, actor, datetime.now(UTC))


@router.post("/api/sharing/invitations", status_code=201)
def invite(request: Request, service: ServiceHere, actor: ActorHere, told: Invite) -> Invited:
    """Invite a clinician. Nothing is shown by it yet."""
    admission_id, code = service.journal.sharing.invite(actor, called=told.called.strip(), now=datetime.now(UTC))
    return Invited(
        id=admission_id,
        code=code,
        url=join_url(service, code, str(request.base_url)),
        lasts_days=CODE_LASTS.days,
        way_back=service.journal.ways_in.words_if_none(actor),
    )


@router.post("/api/sharing/{admission_id}/show", status_code=201)
def show(service: ServiceHere, actor: ActorHere, admission_id: str, told: Show) -> GrantLine:
    """Show one entry, or every one from a day on. It is seen from this moment."""
    until = _midnight(told.until_day, told.zone, days=1) if told.until_day else None
    try:
        grant = service.journal.sharing.show(
            actor,
            admission_id,
            entry_id=told.entry_id,
            from_at=_midnight(told.from_day, told.zone) if told.from_day else None,
            with_words=told.with_words,
            until_at=until,
            zone=told.zone,
            now=datetime.now(UTC),
        )
    except ValueError as error:
        raise HTTPException(422, f"{error}.") from None
    service.publisher.look()
    entries = service.journal.entries.list_entries(actor)
    return grant_line(grant, {entry.id: named(entry) for entry in entries})


@router.post("/api/sharing/grants/{grant_id}/hide", status_code=204)
def hide(service: ServiceHere, actor: ActorHere, grant_id: str) -> None:
    """Take it back. It is seen no more from this moment, also on a page that is open."""
    service.journal.sharing.hide(actor, grant_id, now=datetime.now(UTC))
    service.publisher.look()


@router.post("/api/sharing/{admission_id}/end", status_code=204)
def end(service: ServiceHere, actor: ActorHere, admission_id: str) -> None:
    """End it for good, without a reason. The clinician's page says that there is nothing to show."""
    service.journal.sharing.end(actor, admission_id, now=datetime.now(UTC))
    service.publisher.look()


@router.get("/api/sharing/log")
def access_log(service: ServiceHere, actor: ActorHere) -> LogView:
    """Every reading of what is one's own."""
    return _log(service, actor)


@router.get("/sharing", include_in_schema=False)
def sharing_page(request: Request, service: ServiceHere, person: PersonHere, entry: str = "") -> Response:
    """Sharing and privacy; `entry` is the one that is meant first."""
    actor, now = Actor(person.id), datetime.now(UTC)
    line = service.journal.entries.line(actor, entry) if entry else None
    return page(
        request,
        service,
        "sharing.html",
        section="more",
        person=person,
        shared=_shared(service, actor, now).model_dump(mode="json"),
        log=_log(service, actor).model_dump(mode="json"),
        entry={"id": line.id, "named": named(line)} if line else None,
        today=_local(now).date().isoformat(),
        lease_days=LEASE.days,
    )


def _shared(service: Service, actor: Actor, now: datetime) -> Shared:
    journal = service.journal
    entries = journal.entries.list_entries(actor)
    clinics = {one.admission_id: clinic_line(one, _local) for one in journal.clinic_links.mine(actor)}
    return Shared(
        clinicians=clinician_lines(journal.sharing.of_wearer(actor), entries, _local, now, clinics),
        ended=[one for one in clinics.values() if one.is_ended],
        notes=notes_for_one(journal.clinician_notes.for_wearer(actor), _local),
    )


def _log(service: Service, actor: Actor) -> LogView:
    log = service.journal.access_log
    entries, at_clinics = service.journal.entries.list_entries(actor), service.journal.clinic_links.looks(actor)
    return log_view(log.looks(actor), log.broken(actor), entries, _local, at_clinics)


def _local(at: datetime) -> datetime:
    return at.astimezone()


def _midnight(day: date, zone: str | None, *, days: int = 0) -> datetime:
    """When a day begins, or one so many days later, on the clock that was named; else on this machine's. Raises `BadMoment`."""
    if not FIRST_YEAR < day.year < LAST_YEAR:
        raise OutOfRange(f"{day} is not between {FIRST_YEAR} and {LAST_YEAR}")
    begins = datetime(day.year, day.month, day.day) + timedelta(days=days)  # noqa: DTZ001  its zone comes next
    return begins.replace(tzinfo=zone_named(zone)) if zone else begins.astimezone()
