"""An entry's timeline as its page takes it: the chart, the sentence and the table, in the wearer's local time."""

from datetime import datetime

from pydantic import BaseModel

from api.words.clock_times import LocalTimes
from api.words.entry import pause_turns, summary
from hrv.phases import Phase
from hrv.reading import ThresholdKind
from journal.entries import EntryDetail
from journal.timeline import Timeline


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
