"""Entries and their physiological timelines, as data."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, BeforeValidator

from alerts.people import Actor
from alerts.ports import NotAllowed
from api.routes.auth import ActorHere, ServiceHere
from api.service import Service
from api.views.shown_curve import shown_curve
from api.views.timeline import TimelineView, timeline_view
from api.words.clock_times import LocalTimes
from api.words.entry import flood_facts, measured, own_title, pause_done, title
from api.words.versions import columns, version_words
from api.writing import Body, writing
from hrv.settings import ALGORITHM_VERSION
from journal.entries import EntryDetail, Kind
from journal.search import EntryFilter, Found
from journal.timeline import Timeline

router = APIRouter(prefix="/api/entries", tags=["journal"])


class EntryLine(BaseModel):
    """One line of the journal."""

    id: str
    url: str
    date: str
    began: datetime
    ended: datetime | None
    title: str
    own_words: bool
    kinds: list[Kind]
    tags: list[str]
    floods: int
    near_misses: int
    pauses: int
    peak_bpm: int | None


Day = Annotated[date | None, BeforeValidator(lambda told: told or None)]


def wanted(
    words: Annotated[str, Query(max_length=200)] = "",
    tag: Annotated[str | None, Query(max_length=60)] = None,
    category: Annotated[str | None, Query(max_length=60)] = None,
    kind: Literal["", "flood", "near_miss", "pause", "by_hand"] = "",
    from_day: Day = None,
    to_day: Day = None,
) -> EntryFilter:
    """What is looked for. An empty field of a form is no wish."""
    return EntryFilter(words, tag or None, category or None, Kind(kind) if kind else None, from_day, to_day)


Wanted = Annotated[EntryFilter, Depends(wanted)]


@router.get("")
def entries(service: ServiceHere, actor: ActorHere, looked_for: Wanted) -> list[EntryLine]:
    """The signed-in person's entries that match, newest first. Words, tags and categories without case and accents."""
    now = service.clock.utc_now()
    return [entry_line(found, now) for found in service.journal.search.find(actor, looked_for)]


@router.get("/{entry_id}/timeline")
def entry_timeline(service: ServiceHere, actor: ActorHere, entry_id: str) -> TimelineView:
    """The timeline of one of the signed-in person's entries."""
    entry = service.journal.entries.entry(actor, entry_id)
    return timeline_view(entry, read_timeline(service, actor, entry))


class CurveShown(BaseModel):
    """Whether the other of the talk sees this curve."""

    shown: bool


@router.post("/{entry_id}/curve")
def show_curve(service: ServiceHere, actor: ActorHere, entry_id: str, told: CurveShown) -> CurveShown:
    """Show one's own curve of this entry's talk to the other, or take it back. Neither asks anybody."""
    if told.shown:
        service.journal.shown_curves.show(actor, entry_id, now=datetime.now(UTC))
    else:
        service.journal.shown_curves.hide(actor, entry_id)
    return told


def entry_line(found: Found, now: datetime) -> EntryLine:
    """An entry as a line of the journal, in the wearer's local time."""
    entry, own = found.entry, own_title(found.content.trigger.text)
    local = LocalTimes(entry.began_at, entry.utc_offset_min, entry.zone)
    return EntryLine(
        id=entry.id,
        url=f"/entries/{entry.id}",
        date=local.date_seen(now),
        began=local.began,
        ended=local.local(entry.ended_at) if entry.ended_at else None,
        title=own or title(entry.floods, entry.pauses, near_misses=entry.near_misses, by_hand=entry.by_hand),
        own_words=own is not None,
        kinds=[kind for kind in Kind if kind in entry.kinds],
        tags=list(found.content.tags),
        floods=entry.floods,
        near_misses=entry.near_misses,
        pauses=entry.pauses,
        peak_bpm=None if entry.peak_bpm is None else round(entry.peak_bpm),
    )


def read_timeline(service: Service, actor: Actor, entry: EntryDetail) -> Timeline:
    """The entry's timeline: as kept when the talk ended, or from the stored packets."""
    return service.journal.timelines.read(actor, entry.talk, entry.state, service.detector)


def page_context(service: Service, actor: Actor, entry_id: str, version: str | None = None) -> dict[str, Any]:
    """Everything the entry's page shows; with `version` as an earlier detector had it. Raises `NotAllowed`."""
    entry = service.journal.entries.entry(actor, entry_id)
    timelines = service.journal.timelines
    found = read_timeline(service, actor, entry)
    analyses = timelines.analyses(actor, entry.talk.recording_id)
    shown = next((one.version for one in analyses if one.is_shown), ALGORITHM_VERSION)
    on_page = version or shown
    if on_page != shown:
        earlier = timelines.earlier(actor, entry.talk.recording_id, on_page)
        if earlier is None:
            raise NotAllowed
        found = earlier
    local = LocalTimes(entry.talk.began_at, entry.talk.utc_offset_min, entry.zone)
    ended = entry.talk.ended_at
    stored = service.journal.texts.read(actor, entry_id)
    own = own_title(stored.content.trigger.text)
    return {
        "entry": {
            "id": entry.id,
            "date": local.date_seen(service.clock.utc_now()),
            "began": local.began.isoformat(),
            "ended": local.local(ended).isoformat() if ended else None,
            "title": own or title(len(entry.episodes), len(entry.state.pauses), near_misses=len(entry.near_misses)),
            "own_words": own is not None,
        },
        "timeline": (view := timeline_view(entry, found)).model_dump(mode="json"),
        "pins": view.pins,
        "other": shown_curve(service.journal.shown_curves.of_two(actor, entry_id), local),
        "floods": [
            {"title": f"Flood at {local.clock(episode.onset_t_s)}", "facts": flood_facts(episode, local)}
            for episode in found.episodes
        ],
        # What is asked about is what was said at the time: the answers stay with it, whatever a later detector finds.
        "words": writing(stored, actor, Body(entry.episodes, entry.near_misses, entry.state.pauses), local),
        "pauses": [{"sentence": pause_done(pause, local)} for pause in entry.state.pauses],
        "context": measured(
            found, version_words(entry, analyses, on_page), entry.talk.worn, simulated=entry.talk.simulated
        ),
        "versions": columns(entry, analyses, on_page),
        "on_page": on_page,
        "shown_version": shown,
    }
