"""An entry as people read it: its title, the timeline in sentences, a flood's figures, how it was measured."""

from collections.abc import Sequence
from datetime import datetime

from alerts.pause import Pause, PauseState
from api.words.amounts import length
from api.words.clock_times import Clock, LocalTimes
from hrv.figure import Missing
from hrv.phases import PhaseKind
from hrv.reading import Episode, EpisodeEnd, ThresholdKind
from journal.entries import Kind
from journal.timeline import Timeline

MISSING = {
    Missing.TOO_SHORT: "too short to say",
    Missing.TOO_NOISY: "too noisy to say",
    Missing.NO_SIGNAL: "no signal",
}

ENDS = {
    EpisodeEnd.CAME_DOWN: "it came down",
    EpisodeEnd.SIGNAL_LOST: "the signal was lost",
    EpisodeEnd.TALK_ENDED: "the talk ended",
}

KIND_NAMES = {
    Kind.FLOOD: "With a flood",
    Kind.NEAR_MISS: "With a near miss",
    Kind.PAUSE: "With a pause",
    Kind.BY_HAND: "By hand",
}

FLOODS_TOLD_EACH = 4
"""More floods than this are told together: nobody reads a paragraph of ten."""


def title(floods: int, pauses: int, *, near_misses: int = 0, by_hand: bool = False) -> str:
    """What an entry without words of its own is called."""
    if by_hand:
        return "By hand"
    if floods:
        return "A flood and a pause" if pauses else "A flood"
    if near_misses and not pauses:
        return "A near miss"
    return "A pause" if pauses else "A talk"


OWN_TITLE_SIGNS = 90


def own_title(trigger: str) -> str | None:
    """The trigger in the wearer's words, as the entry's title; None without words.

    >>> own_title(" He said “fine” and   looked at his phone. "), own_title(" ")
    ('He said “fine” and looked at his phone.', None)
    """
    words = " ".join(trigger.split())
    if len(words) <= OWN_TITLE_SIGNS:
        return words or None
    return words[:OWN_TITLE_SIGNS].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"


def summary(timeline: Timeline, pauses: Sequence[Pause], local: Clock, began_at: datetime) -> str:
    """The timeline in a paragraph: the same that the chart shows, for those who do not see it."""
    said: list[str] = []
    if timeline.baseline is not None:
        provisional = " (from few quiet minutes)" if timeline.baseline.provisional else ""
        said.append(f"Usual {timeline.baseline.heart_rate_bpm:.0f}{provisional}.")
    if len(timeline.episodes) > FLOODS_TOLD_EACH:
        said.append(_floods_together(timeline, local))
    else:
        said += [_flood_sentence(timeline, episode, local) for episode in timeline.episodes]
    if not timeline.episodes and timeline.peak and timeline.peak.heart_rate_bpm is not None:
        said.append(f"No flood. Highest {timeline.peak.heart_rate_bpm:.0f}.")
    if timeline.near_misses:
        said.append(_near_misses(timeline, local))
    said += [_pause_sentence(timeline, pause, local, began_at, first=i == 0) for i, pause in enumerate(pauses)]
    silent_s = sum(gap.to_s - gap.from_s for gap in timeline.gaps)
    if silent_s:
        said.append(f"No signal for {length(silent_s)}.")
    return " ".join(said) or "Nothing was heard from a strap in this talk."


def _near_misses(timeline: Timeline, local: Clock) -> str:
    """What turned by itself is worth telling."""
    if len(timeline.near_misses) == 1:
        (one,) = timeline.near_misses
        return f"At {local.clock(one.from_s)} it rose towards the line, to {one.peak_bpm:.0f}, and turned."
    highest = max(timeline.near_misses, key=lambda one: one.peak_bpm)
    return f"{len(timeline.near_misses)} times it rose towards the line, to {highest.peak_bpm:.0f}, and turned."


def _floods_together(timeline: Timeline, local: Clock) -> str:
    episodes = timeline.episodes
    highest = max(episodes, key=lambda episode: episode.peak_bpm)
    above_s = sum(episode.above_threshold_s for episode in episodes)
    return (
        f"{len(episodes)} floods, above {timeline.threshold.bpm:.0f} for {length(above_s)} in all, "
        f"highest {highest.peak_bpm:.0f} at {local.clock(highest.peak_t_s)}."
    )


def _flood_sentence(timeline: Timeline, episode: Episode, local: Clock) -> str:
    rise = next(
        (p for p in timeline.phases if p.kind is PhaseKind.RISE and p.from_s < episode.onset_t_s <= p.to_s + 1), None
    )
    began = f"It began to rise at {local.clock(rise.from_s)}, was" if rise else "It was"
    until = "" if episode.ended_t_s is None else f" to {local.clock(episode.ended_t_s)}"
    return (
        f"{began} flooding from {local.clock(episode.onset_t_s)}{until}, above {episode.threshold.bpm:.0f} "
        f"for {length(episode.above_threshold_s)}, highest {episode.peak_bpm:.0f}."
    )


def _pause_sentence(timeline: Timeline, pause: Pause, local: Clock, began_at: datetime, *, first: bool) -> str:
    called_s = (pause.called_at - began_at).total_seconds()
    parts = [f"You paused at {local.clock(called_s)}"]
    near_s = timeline.near_usual_from_s
    ended_s = (pause.ended_at - began_at).total_seconds() if pause.ended_at else None
    if first and near_s is not None and (ended_s is None or near_s < ended_s):
        parts.append(f"were near your usual by {local.clock(near_s)}")
    if pause.state is PauseState.RETURNED and ended_s is not None:
        parts.append(f"were back at {local.clock(ended_s)}")
    return (", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]) + "."


def pause_done(pause: Pause, local: LocalTimes, *, says_who: bool = True) -> str:
    """One pause, as what was done. Who called it is its wearer's to read, and not to be told on: the other did it, or did not."""
    called, promised = f"{local.local(pause.called_at):%H:%M}", f"{local.local(pause.return_at):%H:%M}"
    called_it = ("Called a pause" if pause.called_by else "A pause was called") if says_who else "A pause"
    what = "Took the suggested pause" if pause.suggestion_id else called_it
    begun = f"{what} at {called}, to be back at {promised}."
    if pause.ended_at is None:
        return begun
    ended, lasted = f"{local.local(pause.ended_at):%H:%M}", length((pause.ended_at - pause.called_at).total_seconds())
    if pause.state is PauseState.RETURNED:
        return f"{begun} Back at {ended}, after {lasted}."
    return f"{begun} The talk was ended at {ended}."


def pause_turns(pause: Pause, local: LocalTimes) -> list[tuple[datetime, str]]:
    """What happened in a pause and when, in words. Who called it is not said: it is the same for both."""

    def at(moment: datetime) -> str:
        return f"{local.local(moment):%H:%M}"

    turns = [(pause.called_at, f"{at(pause.called_at)} a pause, to be back at {at(pause.return_at)}")]
    if pause.ready_at is not None:
        turns.append((pause.ready_at, f"{at(pause.ready_at)} ready to go on"))
    if pause.ended_at is not None:
        how = "back" if pause.state is PauseState.RETURNED else "the talk was ended"
        turns.append((pause.ended_at, f"{at(pause.ended_at)} {how}"))
    return turns


def flood_facts(episode: Episode, local: Clock) -> list[dict[str, str]]:
    """An episode's physiological context, each figure with what it is; a missing one says why."""
    facts = [
        ("Crossed the line", local.clock(episode.onset_t_s)),
        ("Highest", f"{episode.peak_bpm:.0f} at {local.clock(episode.peak_t_s)}"),
        ("Above the line for", length(episode.above_threshold_s)),
    ]
    if episode.ended_t_s is not None and episode.end is not None:
        facts.append(("Ended", f"{local.clock(episode.ended_t_s)}, {ENDS[episode.end]}"))
    if episode.baseline_bpm is None:
        facts.append(("Usual", "not known when the flood began"))
    else:
        few = " (from few quiet minutes)" if episode.baseline_provisional else ""
        facts.append(("Usual", f"{episode.baseline_bpm:.0f}{few}"))
        facts.append(("Rise above it", "not known" if episode.rise_bpm is None else f"{episode.rise_bpm:.0f}"))
    facts.append(("RMSSD before", _ms(episode.rmssd_baseline_ms, None)))
    facts.append(("RMSSD in the flood", _ms(episode.rmssd_flood_ms, episode.rmssd_flood_missing)))
    facts.append(("Good signal", f"{episode.signal_ok_share:.0%} of its time"))
    return [{"label": label, "value": value} for label, value in facts]


def measured(timeline: Timeline, version: str, strap: str | None, *, simulated: bool) -> list[dict[str, str]]:
    """How it was measured: strap, line, algorithm."""
    line = timeline.threshold
    kind = "your personal line" if line.kind is ThresholdKind.PERSONAL else "fixed"
    facts = [
        ("Heartbeats from", f"{strap or 'no strap'}{', a simulated body' if simulated else ''}"),
        ("The line", f"above {line.bpm:.0f} ({kind}), ends below {line.leave_bpm:.0f}"),
        ("Detector version", version),
    ]
    return [{"label": label, "value": value} for label, value in facts]


def _ms(value: float | None, missing: Missing | None) -> str:
    if value is not None:
        return f"{value:.0f} ms"
    return MISSING[missing] if missing else "not known"
