"""What a clinician reads of an entry: the heart's side, and the wearer's words where they are shown, to read only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from alerts.suggestion import NotFlooding
from api.views.timeline import TimelineView, timeline_view
from api.words.amounts import when_words
from api.words.clock_times import LocalTimes
from api.words.entry import flood_facts, measured, own_title, pause_done, title
from api.words.versions import columns, version_words
from hrv.settings import ALGORITHM_VERSION
from journal.clinician_notes import ClinicianNote
from journal.content import Content, EpisodeLabel, Response
from journal.entries import EntrySummary
from journal.shown import ShownEntry
from journal.timeline import Timeline
from journal.versions import Analysis

RESPONSES = {
    Response.PURSUE: "went after it",
    Response.WITHDRAW: "drew back",
    Response.ATTACK: "attacked",
    Response.FREEZE: "froze",
}


class ShownLine(BaseModel):
    """One entry in the list, without a word of the wearer's."""

    id: str
    url: str
    date: str
    began: datetime
    title: str
    floods: int
    near_misses: int
    pauses: int
    peak_bpm: int | None


class Passage(BaseModel):
    """Something that the wearer wrote, and under which question."""

    about: str
    text: str


class ShownEntryView(BaseModel):
    """One entry as it is shown. `words` is None where they are not; `timeline` where there is no recording."""

    id: str
    date: str
    began: datetime
    title: str
    own_words: bool
    timeline: TimelineView | None
    words: list[Passage] | None


class NoteView(BaseModel):
    """A clinician's own note. `for_wearer`: the wearer reads it, too."""

    id: str
    entry_id: str | None
    written: datetime
    when: str
    for_wearer: bool
    text: str


def shown_line(entry: EntrySummary, wearer_id: str, now: datetime) -> ShownLine:
    """A line of the list, on the wearer's own clock."""
    local = LocalTimes(entry.began_at, entry.utc_offset_min, entry.zone)
    return ShownLine(
        id=entry.id,
        url=f"/clients/{wearer_id}/entries/{entry.id}",
        date=local.date_seen(now),
        began=local.began,
        title=title(entry.floods, entry.pauses, near_misses=entry.near_misses, by_hand=entry.by_hand),
        floods=entry.floods,
        near_misses=entry.near_misses,
        pauses=entry.pauses,
        peak_bpm=None if entry.peak_bpm is None else round(entry.peak_bpm),
    )


def shown_entry_view(shown: ShownEntry, found: Timeline | None, now: datetime) -> ShownEntryView:
    """One entry as data."""
    line, local = shown.line, _clock(shown)
    own = own_title(shown.words.trigger.text) if shown.words else None
    return ShownEntryView(
        id=line.id,
        date=local.date_seen(now),
        began=local.began,
        title=own or title(line.floods, line.pauses, near_misses=line.near_misses, by_hand=line.by_hand),
        own_words=own is not None,
        timeline=timeline_view(shown.detail, found) if shown.detail and found else None,
        words=None if shown.words is None else passages(shown.words, local),
    )


def shown_page(
    shown: ShownEntry, found: Timeline | None, analyses: Sequence[Analysis], now: datetime
) -> dict[str, Any]:
    """Everything that the page of a shown entry needs. `analyses`: which versions of the detector have looked at it."""
    view, local = shown_entry_view(shown, found, now), _clock(shown)
    context: dict[str, Any] = {
        "entry": view.model_dump(mode="json", exclude={"timeline"}),
        "timeline": view.timeline.model_dump(mode="json") if view.timeline else None,
        "pins": view.timeline.pins if view.timeline else [],
        "moments": [{"t_s": one.t_s, "text": one.text} for one in shown.words.moments] if shown.words else [],
    }
    if shown.detail is None or found is None:
        return context
    detail = shown.detail
    version = next((one.version for one in analyses if one.is_shown), ALGORITHM_VERSION)
    return context | {
        "floods": [
            {"title": f"Flood at {local.clock(episode.onset_t_s)}", "facts": flood_facts(episode, local)}
            for episode in found.episodes
        ],
        "pauses": [{"sentence": pause_done(pause, local, says_who=False)} for pause in detail.state.pauses],
        "context": measured(
            found, version_words(detail, analyses, version), detail.talk.worn, simulated=detail.talk.simulated
        ),
        "versions": columns(detail, analyses, version),
    }


def passages(words: Content, local: LocalTimes) -> list[Passage]:
    """What was written, under its questions; what was left empty is left out."""
    body = ", ".join(f"{it.place} ({it.intensity} of 5)" if it.intensity else it.place for it in words.body.places)
    did = ", ".join(RESPONSES[response] for response in words.behaviour.responses)
    told = (
        ("What happened just before", words.trigger.text),
        ("Of what kind", ", ".join(words.trigger.categories)),
        ("When, and what was around it", _lines(words.trigger.when, words.trigger.context)),
        ("Where in the body", _lines(body, words.body.text)),
        ("What I did", _lines(did, words.behaviour.text)),
        ("What it led to", words.behaviour.led_to),
        ("What it reminds me of", words.resonance),
        ("Notes", words.notes),
        ("Notes at times", "\n".join(f"{local.clock(one.t_s)} {one.text}" for one in words.moments)),
        ("My own word on a rise", "\n".join(_label(one, local) for one in words.labels)),
        ("What I might tell the other", words.disclosure.text),
        ("Tags", ", ".join(words.tags)),
    )
    return [Passage(about=about, text=text) for about, text in told if text.strip()]


def note_view(note: ClinicianNote) -> NoteView:
    """A note as its author sees it."""
    return NoteView(
        id=note.id,
        entry_id=note.entry_id,
        written=note.written_at.astimezone(),
        when=when_words(note.written_at.astimezone()),
        for_wearer=note.for_wearer,
        text=note.text,
    )


def _label(label: EpisodeLabel, local: LocalTimes) -> str:
    said = "this was flooding" if label.flooding else "this wasn’t flooding"
    why = f" ({label.reason})" if label.reason not in {None, NotFlooding.JUST_NOT} else ""
    return f"{local.clock(label.began_t_s)} {said}{why}{': ' if label.text.strip() else ''}{label.text}"


def _clock(shown: ShownEntry) -> LocalTimes:
    if shown.detail is not None:
        talk = shown.detail.talk
        return LocalTimes(talk.began_at, talk.utc_offset_min, shown.detail.zone)
    return LocalTimes(shown.line.began_at, shown.line.utc_offset_min, shown.line.zone)


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part.strip())
