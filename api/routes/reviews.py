"""The weekly review, two weeks' patterns, and the daily check."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from alerts.people import Actor
from api.forms import Fields, fields_of
from api.render import page
from api.review_drawings import curve, heat, spot, ways_back_drawing
from api.routes.auth import MaybePerson, PersonHere, ServiceHere
from api.service import Service
from api.words.amounts import counted, day_words, moment_words, span_words
from api.words.check import BODY_WORDS, HELPED_WORDS, check_line
from api.words.patterns import response_row, rises_words, set_aside_summary, too_few, ways_back_summary, weeks_summary
from api.words.stages import stages
from api.words.week import (
    back_words,
    flood_words,
    pause_words,
    responses,
    rise_row,
    set_aside_words,
    too_few_pauses,
    waiting_words,
    week_summary,
    week_title,
)
from journal.checks import LONGEST_NOTE, BodyState, DailyCheck, Helped
from journal.reviews.patterns import FIRST_HOURS, HEAT_DAYS, LEAST_RISES, MOST_DAYS, Patterns, patterns
from journal.reviews.stages import standing
from journal.reviews.weekly import DAYS, Week, monday_of, weekly

router = APIRouter(prefix="/review", include_in_schema=False)
MOST_CARDS = 6
"""More near misses than this stand in the table only; the highest are drawn."""
LARGEST_FORM_BYTES = 12 * LONGEST_NOTE + 1024
"""A sign of the note is at most twelve of a form: four bytes, each as a percent sign and two digits."""
FORM = fields_of(
    LARGEST_FORM_BYTES, "This is more than a day’s check holds. Nothing was kept; shorten it and try again."
)
AnyDay = Annotated[date | None, Query(description="Any day of what is looked at; today's without it.")]


def today_of(service: Service) -> date:
    """Today on the clock of the machine that serves."""
    return service.clock.utc_now().astimezone().date()


@router.get("")
def week(request: Request, service: ServiceHere, person: PersonHere, day: AnyDay = None) -> Response:
    """A week: near misses first."""
    context = week_context(service, Actor(person.id), day)
    return page(request, service, "review.html", section="review", person=person, **context)


@router.get("/patterns")
def two_weeks(request: Request, service: ServiceHere, person: PersonHere, day: AnyDay = None) -> Response:
    """Two weeks, and what lies around them."""
    context = patterns_context(service, Actor(person.id), day)
    return page(request, service, "patterns.html", section="review", person=person, **context)


@router.get("/how")
def how(request: Request, service: ServiceHere, person: MaybePerson) -> Response:
    """How reviews and timelines are computed. Needs no account."""
    return page(
        request,
        service,
        "review_how.html",
        section="review",
        person=person,
        least_rises=LEAST_RISES,
        parts=[(part.value, hour) for part, hour in FIRST_HOURS.items()],
        detector=service.detector,
    )


@router.post("/check")
def check_in(service: ServiceHere, person: PersonHere, fields: Annotated[Fields, Depends(FORM)]) -> Response:
    """Keep today's two-minute check. What is not one of the choices is passed over."""
    body = next((state for state in BodyState if state in fields.get("body", [])), None)
    helped = frozenset(one for one in Helped if one in fields.get("helped", []))
    note = "\n".join(fields.get("note", [])).replace("\r\n", "\n").strip()
    check = DailyCheck(today_of(service), body, helped, note)
    service.journal.checks.save(Actor(person.id), check, now=service.clock.utc_now())
    return RedirectResponse("/review#check", status_code=303)


def shown_week(day: date, today: date) -> date:
    """A day that can be looked at: not in the future, and not before there were computers."""
    return min(max(day, date(1971, 1, 1)), today)


def neighbours(first: date, today: date) -> dict[str, str | None]:
    """The weeks beside the one that begins on `first`; none after today's."""
    after = first + timedelta(days=7)
    before = first - timedelta(days=7)
    return {"before": before.isoformat(), "after": after.isoformat() if after <= today else None}


def week_context(service: Service, actor: Actor, day: date | None) -> dict[str, Any]:
    """Everything that the week's page shows."""
    today = today_of(service)
    first = monday_of(shown_week(day or today, today))
    gathered = service.journal.reviews.gather(actor, service.detector, first=first, days=DAYS)
    found = weekly(gathered, first)
    last = first + timedelta(days=DAYS - 1)
    checks = service.journal.checks.between(actor, first, last)
    todays = next(iter(service.journal.checks.between(actor, today, today)), None)
    answers = todays or DailyCheck(today)
    return {
        "span": span_words(first, last),
        "title": week_title(found),
        "summary": week_summary(found),
        "beside": neighbours(first, today),
        "is_now": first == monday_of(today),
        "days": [{"name": f"{one.date:%a}", "kinds": [rise.kind for rise in one.rises]} for one in found.days],
        **_cards(service, actor, found),
        "floods": [
            {"words": flood_words(rise), "url": f"/entries/{rise.entry.entry_id}" if rise.entry else None}
            for rise in found.floods
        ],
        "set_aside": [
            {"words": set_aside_words(rise), "url": f"/entries/{rise.entry.entry_id}" if rise.entry else None}
            for rise in found.set_aside
        ],
        "pauses": [pause_words(pause) for pause in found.pauses],
        "too_few_pauses": too_few_pauses(found.pauses),
        "waiting": waiting_words(found.waiting),
        "talks": found.talks,
        "checks": [check_line(one) for one in checks],
        "check": {
            "body": [(state.value, said, answers.body is state) for state, said in BODY_WORDS.items()],
            "helped": [(one.value, said, one in answers.helped) for one, said in HELPED_WORDS.items()],
            "note": answers.note,
            "longest_note": LONGEST_NOTE,
            "day": today.isoformat(),
            "done": todays is not None,
        },
        "stages": stages(standing(service.journal.reviews.first_day(actor), today)),
    }


def _cards(service: Service, actor: Actor, found: Week) -> dict[str, Any]:
    """The near misses, the highest drawn, and every rise as a row."""
    drawn = sorted(sorted(found.turned, key=lambda rise: -rise.peak_bpm)[:MOST_CARDS], key=lambda rise: rise.at)
    cards, ways_back = [], {}
    for rise in drawn:
        seen, bpm = service.journal.reviews.curve(actor, rise)
        ways_back[rise] = seen
        cards.append(
            {
                "at": moment_words(rise.at),
                "peak": round(rise.peak_bpm),
                "curve": curve(seen, bpm),
                "back": back_words(seen),
                "responses": responses(rise.entry.responses) if rise.entry else "",
                "url": f"/entries/{rise.entry.entry_id}" if rise.entry else None,
            }
        )
    rises = sorted([*found.turned, *found.floods, *found.set_aside], key=lambda rise: rise.at)
    return {
        "cards": cards,
        "more": len(found.turned) - len(cards),
        "rows": [rise_row(ways_back.get(rise, rise)) for rise in rises],
    }


def patterns_context(service: Service, actor: Actor, day: date | None) -> dict[str, Any]:
    """Everything that the patterns' page shows."""
    today = today_of(service)
    last = shown_week(day or today, today)
    first = last - timedelta(days=MOST_DAYS + DAYS - 1)  # the oldest of the weeks over time begins on a Monday
    gathered = service.journal.reviews.gather(actor, service.detector, first=first, days=(last - first).days + 1)
    found = patterns(gathered, last)
    most = max((max(one.floods, one.near_misses) for one in found.weeks), default=0)
    return {
        "span": span_words(found.first, found.last),
        "counts": _counts(found),
        "beside": {
            "before": (found.first - timedelta(days=1)).isoformat(),
            "after": min(today, last + timedelta(days=14)).isoformat() if last < today else None,
        },
        "rises": found.rises,
        "by_trigger": heat(found.by_trigger, "with “{}”") if found.by_trigger else None,
        "by_weekday": heat(found.by_weekday, "on a {}") if found.by_weekday else None,
        "responses": None if found.responses is None else [response_row(one) for one in found.responses],
        "set_aside": set_aside_summary(found.set_aside),
        "ways_back": ways_back_drawing(found.ways_back, last - timedelta(days=HEAT_DAYS - 1), HEAT_DAYS)
        if found.typical_back_s is not None
        else None,
        "ways_back_summary": ways_back_summary(found),
        "weeks": [
            {
                "first": day_words(one.first),
                "talks": one.talks,
                "near_misses": spot(one.near_misses, most),
                "floods": spot(one.floods, most),
            }
            for one in found.weeks
        ],
        "weeks_summary": weeks_summary(found),
        "too_few": too_few(found),
        "waiting": waiting_words(found.waiting),
    }


def _counts(found: Patterns) -> str:
    if not found.talks:
        return "No talk in these two weeks."
    nothing_else = found.set_aside and not found.near_misses and not found.floods
    rises = "Nothing flooded." if nothing_else else rises_words(found.near_misses, found.floods)
    pauses = f" {counted(found.pauses, 'pause')}." if found.pauses else ""
    return f"{counted(found.talks, 'talk')}. {rises}{pauses}"
