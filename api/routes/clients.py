"""What a clinician reads of clients over weeks: the caseload, trends, two periods, a page to print. And the wearer's own."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from alerts.people import Actor
from api.formats import fhir
from api.forms import Fields, fields_of
from api.periods import Period, apart, period_from
from api.render import page
from api.routes.auth import ClinicianHere, PersonHere, ServiceHere
from api.trend_drawings import SMALL_HEIGHT, SMALL_WIDTH, axis_of, small_drawing
from api.views.client_pages import drawings, report_context
from api.views.clients import (
    CASELOAD_FIGURE,
    caseload_view,
    comparison_view,
    in_order,
    last_and_before,
    trends_view,
)
from api.words.sharing import from_home_words
from journal.access_log import Looked
from journal.trends.clients import CASELOAD_WEEKS
from journal.trends.figures import LEAST_TALKS

router = APIRouter(include_in_schema=False)
WEEKS_CHOICES = (8, 12, 26, 52)
USUAL_WEEKS = 12
LARGEST_FORM_BYTES = 2000
FORM = fields_of(LARGEST_FORM_BYTES, "This is more than an appointment holds. Nothing was kept.")


def right_now() -> datetime:
    """Now, by which grants are in force: the real time, also where the body is a simulated one with a faster clock."""
    return datetime.now(UTC)


Now = Annotated[datetime, Depends(right_now)]


def two_periods(now: Now, from_a: str = "", to_a: str = "", from_b: str = "", to_b: str = "") -> tuple[Period, Period]:
    """The two that are asked for: without days, the last four weeks and the four before. Raises `BadPeriod`."""
    after, before = last_and_before(day_of(now))
    first, second = period_from(from_a, to_a, before), period_from(from_b, to_b, after)
    apart(first, second)
    return first, second


TwoPeriods = Annotated[tuple[Period, Period], Depends(two_periods)]
Weeks = Annotated[int, Query(ge=1, le=260, description="How many weeks, the present one last.")]


@router.get("/clients")
def caseload(request: Request, service: ServiceHere, person: ClinicianHere, now: Now, name: str = "") -> Response:
    """Who has admitted the clinician, in the order of appointments."""
    clients = service.journal.clients.caseload(Actor(person.id), now=now)
    found = [one for one in clients if name.strip().casefold() in one.name.casefold()]
    axis = axis_of(CASELOAD_FIGURE, [week for one in clients for week in one.weeks])
    here = own_clock(now)
    lines = zip(caseload_view(found, here), in_order(found, here), strict=True)
    return page(
        request,
        service,
        "caseload.html",
        section="clients",
        person=person,
        rows=[
            (line, small_drawing(CASELOAD_FIGURE, one.weeks, axis) if line.is_drawn else None) for line, one in lines
        ],
        is_empty=not clients,
        looked_for=name,
        weeks=CASELOAD_WEEKS,
        small={"width": SMALL_WIDTH, "height": SMALL_HEIGHT},
    )


@router.get("/clients/how")
def how(request: Request, service: ServiceHere, person: ClinicianHere) -> Response:
    """How to read the figures, and what they cannot say."""
    return page(
        request, service, "clients_how.html", section="clients-how", person=person, least_talks=LEAST_TALKS,
        detector=service.detector,
    )  # fmt: skip


@router.post("/clients/appointment")
def set_appointment(service: ServiceHere, person: ClinicianHere, fields: Annotated[Fields, Depends(FORM)]) -> Response:
    """Keep when the clinician meets a client next; left empty, it is cleared."""
    typed = next(iter(fields.get("when", [])), "").strip()
    admission_id = next(iter(fields.get("admission", [])), "")
    service.journal.clients.set_appointment(Actor(person.id), admission_id, _typed_moment(typed))
    return RedirectResponse(f"/clients#client-{admission_id}", status_code=303)


def _typed_moment(typed: str) -> datetime | None:
    if not typed:
        return None
    try:
        when = datetime.fromisoformat(typed)
    except ValueError:
        when = None
    if when is None or when.tzinfo is not None:
        raise HTTPException(
            422, "This is no day and time. Write it as 2026-03-17T09:00, or leave it empty. Nothing changed."
        )
    return when.replace(second=0, microsecond=0)


@router.get("/clients/{wearer_id}")
def trends(
    request: Request, service: ServiceHere, person: ClinicianHere, now: Now, wearer_id: str, weeks: Weeks = USUAL_WEEKS
) -> Response:
    """One client's talks, week by week."""
    trend = service.journal.clients.trend(Actor(person.id), wearer_id, now=now)
    today = day_of(now)
    period = last_weeks(today, weeks)
    return page(
        request,
        service,
        "client_trends.html",
        section="clients",
        person=person,
        told=trends_view(trend, period, today=today),
        drawings=drawings(trend, period),
        address=f"/clients/{wearer_id}",
        from_home=from_home_words(service.journal.published.from_home(Actor(person.id), wearer_id)),
        choices=WEEKS_CHOICES,
        chosen=weeks,
        is_own=False,
        has_fhir=fhir.is_installed(),
    )


@router.get("/trends")
def own_trends(
    request: Request, service: ServiceHere, person: PersonHere, now: Now, weeks: Weeks = USUAL_WEEKS
) -> Response:
    """The wearer's own talks over weeks, as a clinician would see them to whom all is shown."""
    trend = service.journal.clients.own_trend(Actor(person.id), now=now)
    today = day_of(now)
    period = last_weeks(today, weeks)
    return page(
        request,
        service,
        "client_trends.html",
        section="review",
        person=person,
        told=trends_view(trend, period, today=today),
        drawings=drawings(trend, period, all_is_shared=True),
        address="/trends",
        choices=WEEKS_CHOICES,
        chosen=weeks,
        is_own=True,
    )


@router.get("/clients/{wearer_id}/compare")
def compare(
    request: Request, service: ServiceHere, person: ClinicianHere, now: Now, wearer_id: str, periods: TwoPeriods
) -> Response:
    """Two periods beside each other."""
    trend = service.journal.clients.trend(Actor(person.id), wearer_id, now=now)
    told = comparison_view(trend, *periods, today=day_of(now))
    return page(request, service, "client_compare.html", section="clients", person=person, told=told)


@router.get("/clients/{wearer_id}/report")
def report(
    request: Request,
    service: ServiceHere,
    person: ClinicianHere,
    now: Now,
    wearer_id: str,
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
) -> Response:
    """A page made to print; without days, of the last twelve weeks."""
    today = day_of(now)
    period = period_from(first, last, last_weeks(today, USUAL_WEEKS))
    trend = service.journal.clients.trend(Actor(person.id), wearer_id, now=now, looked=Looked.REPORT)
    context = report_context(trend, period, today=today)
    return page(
        request,
        service,
        "client_report.html",
        section="clients",
        person=person,
        printed=own_clock(now),
        detector=service.detector,
        least_talks=LEAST_TALKS,
        **context,
    )


def last_weeks(today: date, weeks: int) -> Period:
    """So many weeks, from a Monday to today."""
    return Period(today - timedelta(days=today.weekday(), weeks=weeks - 1), today)


def day_of(now: datetime) -> date:
    """Today on the clock of the machine that serves."""
    return now.astimezone().date()


def own_clock(now: datetime) -> datetime:
    """The time on this machine's own clock, as a clinician types appointments: without a zone."""
    return now.astimezone().replace(tzinfo=None)
