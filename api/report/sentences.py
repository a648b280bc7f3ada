"""A summary in sentences and facts: the same words in the terminal and on the page."""

from collections.abc import Sequence
from datetime import UTC, datetime

from api.report.figures import sound, sound_fall
from api.report.timeline import timeline_of
from api.report.words import ARTIFACTS, MISSING, SinceBeginning, count, percent
from api.words.amounts import length
from api.words.entry import flood_facts
from api.words.entry import summary as told
from hrv.correction import Correction
from hrv.figure import Missing
from hrv.heart_rate_recovery import Fall
from hrv.near_miss import NearMiss
from hrv.summary import Flood, Summary
from hrv.validity import ARTIFACT_SHARE_MAX

_CLOCK = SinceBeginning()
_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
"""Only pauses are told by the date of the talk, and a recording has none."""


def in_brief(summary: Summary) -> str:
    """The recording in a paragraph, as an entry tells its talk."""
    return told(timeline_of(summary), (), _CLOCK, _UNDATED)


def how_measured(summary: Summary) -> str:
    """That it is a replay, and which line was in force."""
    line = summary.threshold
    return (
        f"The recording is replayed with the line at {line.bpm:.0f} beats a minute: "
        f"flooding is above it, and ends below {line.leave_bpm:.0f}."
    )


def size(summary: Summary) -> str:
    """How long it is, and how many intervals it holds."""
    return f"{length(summary.length_s)}, {count(summary.correction.artifacts.size, 'interval', 'intervals')}"


def artifacts(correction: Correction) -> str:
    """How many there are, and of which kinds."""
    found = sum(correction.counts.values())
    if not found:
        return f"none in {count(correction.artifacts.size, 'interval', 'intervals')}"
    kinds = [count(number, *ARTIFACTS[kind]) for kind, number in correction.counts.items() if number]
    return f"{found:,} of {correction.artifacts.size:,} intervals, {percent(correction.artifact_share)}: {', '.join(kinds)}"


def artifacts_mean(correction: Correction) -> str:
    """What their share means for the figures."""
    if not correction.artifact_share:
        return "There is nothing to mend."
    most = f"{100 * ARTIFACT_SHARE_MAX:.0f} %"
    if correction.artifact_share > ARTIFACT_SHARE_MAX:
        return (
            f"That is more than {most}: figures of the whole recording would tell of the strap, or of beats out of turn, "
            f"so there are none. A phase with fewer artifacts has its own."
        )
    return f"They are mended before anything is measured. A stretch with more than {most} has no figures."


def usual(summary: Summary) -> str:
    """The baseline, or why there is none."""
    baseline = summary.baseline
    if baseline is None:
        return "not known: there are too few quiet minutes before the talk"
    few = "; few quiet minutes" if baseline.provisional else ""
    flooded = "; a flood lies in them" if any(flood.episode.baseline_bpm is None for flood in summary.floods) else ""
    return f"{baseline.heart_rate_bpm:.0f} beats a minute, from {length(baseline.seconds)} of good signal{few}{flooded}"


def flood_title(flood: Flood) -> str:
    """What a flood is called."""
    return f"Flood at {_CLOCK.clock(flood.episode.onset_t_s)}"


def facts_of(flood: Flood) -> list[dict[str, str]]:
    """A flood's facts, as an entry tells them, and how the heart came down."""
    return [
        *flood_facts(flood.episode, _CLOCK),
        {"label": "A minute after it turned", "value": drop(flood)},
        {"label": "Time constant of the fall", "value": fall(flood.fall)},
    ]


def flood_row(flood: Flood) -> tuple[str, ...]:
    """A flood in one row: from, to, highest, time above the line, how far and how fast it came down."""
    episode = flood.episode
    return (
        _CLOCK.clock(episode.onset_t_s),
        "–" if episode.ended_t_s is None else _CLOCK.clock(episode.ended_t_s),
        f"{episode.peak_bpm:.0f}",
        length(episode.above_threshold_s),
        drop(flood),
        fall(flood.fall),
    )


def flood_line(flood: Flood) -> str:
    """When a flood was, how high and for how long."""
    episode = flood.episode
    until = "" if episode.ended_t_s is None else f" to {_CLOCK.clock(episode.ended_t_s)}"
    return (
        f"{_CLOCK.clock(episode.onset_t_s)}{until}, highest {episode.peak_bpm:.0f} at {_CLOCK.clock(episode.peak_t_s)}, "
        f"above the line for {length(episode.above_threshold_s)}"
    )


def drop(flood: Flood) -> str:
    """How much lower the heart is a minute after it was last above the line."""
    value, missing = sound(flood.drop_60_s_bpm)
    if value is None:
        return MISSING[missing or Missing.NO_SIGNAL]
    return f"{abs(value):.0f} {'higher' if value < 0 else 'lower'}"


def fall(found: Fall | Missing) -> str:
    """The time constant with its standard error, or why there is none."""
    found = sound_fall(found)
    if isinstance(found, Missing):
        return MISSING[found]
    return f"{found.time_constant_s:.0f} s ± {found.standard_error_s:.0f} s, towards {found.end_bpm:.0f}"


def near_miss(one: NearMiss) -> str:
    """A rise that turned back by itself."""
    return f"{_CLOCK.clock(one.from_s)} to {_CLOCK.clock(one.to_s)}, highest {one.peak_bpm:.0f} at {_CLOCK.clock(one.peak_t_s)}"


def reasons_in(floods: Sequence[Flood]) -> list[Missing]:
    """Why figures of floods are missing: each reason once."""
    met = {sound(flood.drop_60_s_bpm).missing for flood in floods}
    met |= {found for flood in floods if isinstance(found := sound_fall(flood.fall), Missing)}
    return [reason for reason in Missing if reason in met]
