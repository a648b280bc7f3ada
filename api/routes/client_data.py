"""The same for programs: the caseload and one client's trends as JSON, and what is shown of talks as files."""

import json

from fastapi import APIRouter, Response

from alerts.people import Actor
from api.formats import fhir
from api.formats.talks_csv import talks_csv
from api.routes.auth import ClinicianHere, ServiceHere
from api.routes.clients import USUAL_WEEKS, Now, TwoPeriods, Weeks, day_of, last_weeks, own_clock
from api.views.clients import (
    ClientLine,
    ComparisonView,
    TrendsView,
    caseload_view,
    comparison_view,
    trends_view,
)
from journal.access_log import Looked

router = APIRouter(prefix="/api/clients", tags=["clients"])


@router.get("")
def caseload(service: ServiceHere, person: ClinicianHere, now: Now) -> list[ClientLine]:
    """Who has admitted the clinician, in the order of appointments."""
    return caseload_view(service.journal.clients.caseload(Actor(person.id), now=now), own_clock(now))


@router.get("/{wearer_id}/trends")
def trends(
    service: ServiceHere, person: ClinicianHere, now: Now, wearer_id: str, weeks: Weeks = USUAL_WEEKS
) -> TrendsView:
    """What a client shows of their talks, week by week."""
    trend = service.journal.clients.trend(Actor(person.id), wearer_id, now=now)
    today = day_of(now)
    return trends_view(trend, last_weeks(today, weeks), today=today)


@router.get("/{wearer_id}/compare")
def compare(
    service: ServiceHere, person: ClinicianHere, now: Now, wearer_id: str, periods: TwoPeriods
) -> ComparisonView:
    """Two periods beside each other; without days, the last four weeks and the four before them."""
    trend = service.journal.clients.trend(Actor(person.id), wearer_id, now=now)
    return comparison_view(trend, *periods, today=day_of(now))


@router.get("/{wearer_id}/csv", response_class=Response)
def as_csv(service: ServiceHere, person: ClinicianHere, now: Now, wearer_id: str) -> Response:
    """A row for each talk that is shown. Dates have their offset; what was not measured is empty."""
    trend = service.journal.clients.trend(Actor(person.id), wearer_id, now=now, looked=Looked.EXPORT)
    return _file(talks_csv(trend), f"talks-{day_of(now)}.csv", "text/csv; charset=utf-8; header=present")


@router.get("/{wearer_id}/fhir", response_class=Response)
def as_fhir(service: ServiceHere, person: ClinicianHere, now: Now, wearer_id: str) -> Response:
    """What is shown of each talk as a FHIR R4 Bundle. No word of the journal is in it. 501 where the extra is not installed."""
    if not fhir.is_installed():  # before it is in the log: nothing is read then
        raise fhir.FhirMissing("this needs one more library: pip install 'flooding-detector[fhir]'")
    trend = service.journal.clients.trend(Actor(person.id), wearer_id, now=now, looked=Looked.EXPORT)
    told = json.dumps(fhir.talks_bundle(trend, now=now), ensure_ascii=False)
    return _file(told.encode(), f"talks-{day_of(now)}-fhir.json", "application/fhir+json")


def _file(content: bytes, name: str, kind: str) -> Response:
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{name}"'})
