"""Entries and their physiological timelines, as data."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, BeforeValidator

from alerts.people import Actor
from api.routes.auth import ActorHere, ServiceHere
from api.service import Service
from api.words import LocalTimes, flood_facts, measured, own_title, pause_done, pause_turns, summary, title
from api.writing import Body, writing
from hrv.phases import Phase
from hrv.reading import ThresholdKind
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


class Line(BaseModel):
    """The line that was in force."""

    bpm: float
    leave_bpm: float
    kind: ThresholdKind


class PhaseSpan(BaseModel):
    """A phase, in seconds of the recording."""

    kind: str
    from_s: int
    to_s: int


class Peak(BaseModel):
    """The highest second."""

    t_s: int
    bpm: int


class Pin(BaseModel):
    """Something that was done, at its second of the recording."""

    t_s: int
    words: str


class MinuteLine(BaseModel):
    """A row of the table beside the chart."""

    at: datetime
    bpm: float | None
    rmssd_ms: float | None
    motion_mg: int | None
    signal_ok_s: int
    phase: str


class TimelineView(BaseModel):
    """An entry's timeline: what the chart, the sentence and the table are made of.

    `clocks_change`: at which second the wearer's clock jumped, and by how many seconds.
    """

    entry_id: str
    began: datetime
    length_s: int
    clocks_change: tuple[int, int] | None
    line: Line
    usual_bpm: float | None
    near_usual_bpm: float | None
    simulated: bool
    t_s: list[int]
    bpm: list[float | None]
    rmssd_ms: list[float | None]
    motion_mg: list[int | None]
    gaps: list[tuple[int, int]]
    phases: list[PhaseSpan]
    peak: Peak | None
    near_usual_from_s: int | None
    pins: list[Pin]
    summary: str
    minutes: list[MinuteLine]


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


def timeline_view(entry: EntryDetail, found: Timeline) -> TimelineView:
    """The timeline as the page takes it, in the wearer's local time."""
    local = LocalTimes(entry.talk.began_at, entry.talk.utc_offset_min, entry.zone)
    peak = found.peak
    return TimelineView(
        entry_id=entry.id,
        began=local.began,
        length_s=len(found.points),
        clocks_change=local.change_within(len(found.points)),
        line=Line(bpm=found.threshold.bpm, leave_bpm=found.threshold.leave_bpm, kind=found.threshold.kind),
        usual_bpm=_rounded(found.baseline.heart_rate_bpm if found.baseline else None),
        near_usual_bpm=_rounded(found.near_usual_bpm),
        simulated=entry.talk.simulated,
        t_s=[point.t_s for point in found.points],
        bpm=[_rounded(point.heart_rate_bpm) for point in found.points],
        rmssd_ms=[_rounded(point.rmssd_ms) for point in found.points],
        motion_mg=found.motion_mg,
        gaps=[(gap.from_s, gap.to_s) for gap in found.gaps],
        phases=[PhaseSpan(kind=phase.kind, from_s=phase.from_s, to_s=phase.to_s) for phase in found.phases],
        peak=Peak(t_s=peak.t_s, bpm=round(peak.heart_rate_bpm)) if peak and peak.heart_rate_bpm else None,
        near_usual_from_s=found.near_usual_from_s,
        pins=pins(entry, local),
        summary=summary(found, entry.state.pauses, local, entry.talk.began_at),
        minutes=[
            MinuteLine(
                at=local.at(minute.minute * 60),
                bpm=_rounded(minute.heart_rate_mean_bpm),
                rmssd_ms=_rounded(minute.rmssd_ms),
                motion_mg=_middle(found.motion_mg[minute.minute * 60 : minute.minute * 60 + minute.seconds_s]),
                signal_ok_s=minute.signal_ok_s,
                phase=_phase_at(found.phases, minute.minute * 60 + minute.seconds_s // 2),
            )
            for minute in found.minutes
        ],
    )


def pins(entry: EntryDetail, local: LocalTimes) -> list[Pin]:
    """The turns of the talk's pauses, oldest first."""
    found = [turn for pause in entry.state.pauses for turn in pause_turns(pause, local)]
    return [
        Pin(t_s=round((moment - entry.talk.began_at).total_seconds()), words=words) for moment, words in sorted(found)
    ]


def _middle(values: list[int | None]) -> int | None:
    """The median of those that there are, the lower of two."""
    told = sorted(value for value in values if value is not None)
    return told[(len(told) - 1) // 2] if told else None


def _phase_at(phases: list[Phase], t_s: int) -> str:
    return next((phase.kind.value for phase in phases if phase.from_s <= t_s < phase.to_s), "talk")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def page_context(service: Service, actor: Actor, entry_id: str) -> dict[str, Any]:
    """Everything the entry's page shows. Raises `NotAllowed`."""
    entry = service.journal.entries.entry(actor, entry_id)
    found = read_timeline(service, actor, entry)
    local = LocalTimes(entry.talk.began_at, entry.talk.utc_offset_min, entry.zone)
    version = entry.episodes[0].algorithm_version if entry.episodes else ALGORITHM_VERSION
    ended = entry.talk.ended_at
    stored = service.journal.texts.read(actor, entry_id)
    own = own_title(stored.content.trigger.text)
    return {
        "entry": {
            "id": entry.id,
            "date": local.date_seen(service.clock.utc_now()),
            "began": local.began.isoformat(),
            "ended": local.local(ended).isoformat() if ended else None,
            "title": own or title(len(entry.episodes), len(entry.state.pauses), near_misses=len(found.near_misses)),
            "own_words": own is not None,
        },
        "timeline": (view := timeline_view(entry, found)).model_dump(mode="json"),
        "pins": view.pins,
        "floods": [
            {"title": f"Flood at {local.clock(episode.onset_t_s)}", "facts": flood_facts(episode, local)}
            for episode in entry.episodes
        ],
        "words": writing(stored, actor, Body(entry.episodes, found.near_misses, entry.state.pauses), local),
        "pauses": [{"sentence": pause_done(pause, local)} for pause in entry.state.pauses],
        "context": measured(found, version, entry.talk.strap, simulated=entry.talk.simulated),
    }
