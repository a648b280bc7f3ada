"""Times, figures and sentences as people read them: clock times, whole minutes, whole beats."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from alerts.notice import IllegalNoticeStep, NoticeState
from alerts.pause import IllegalPauseStep, Pause, PauseState, PauseTrigger
from alerts.ports import TalkConflict
from alerts.suggestion import IllegalAnswer, SuggestionState
from hrv.figure import Missing
from hrv.phases import PhaseKind
from hrv.reading import Episode, EpisodeEnd, ThresholdKind
from journal.entries import Kind
from journal.local_time import LocalMoment, clock_of
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

SECONDS_COUNT_BELOW_MIN = 10
FLOODS_TOLD_EACH = 4
"""More floods than this are told together: nobody reads a paragraph of ten."""


class Clock(Protocol):
    """Says a time of a recording: as the time of day, or since its beginning."""

    def clock(self, t_s: float) -> str:
        """The time at `t_s`."""


class LocalTimes:
    """Clock times of one talk, on the wearer's own clock: in their zone where it is known, else at the offset it began with.

    >>> from datetime import UTC
    >>> local = LocalTimes(datetime(2026, 3, 12, 19, 0, tzinfo=UTC), 60)
    >>> local.clock(65), local.date
    ('20:01', 'Thursday 12 March')
    """

    def __init__(self, began_at: datetime, utc_offset_min: int, zone: str | None = None) -> None:
        self._zone = clock_of(LocalMoment(began_at, utc_offset_min, zone))
        self._began_at = began_at
        self.began = began_at.astimezone(self._zone)

    @property
    def date(self) -> str:
        """The day, in words."""
        return f"{self.began:%A} {self.began.day} {self.began:%B}"

    def date_seen(self, now: datetime) -> str:
        """The day, in words, with its year where that is not the present one: recordings can be old.

        >>> LocalTimes(datetime.fromisoformat("2008-02-08T08:50Z"), 0).date_seen(datetime.fromisoformat("2026-03-12T19:00Z"))
        'Friday 8 February 2008'
        """
        return self.date if self.began.year == self.local(now).year else f"{self.date} {self.began.year}"

    def at(self, t_s: float) -> datetime:
        """The local time at `t_s` of the recording."""
        # In UTC first: on a local clock an hour can be missing or come twice.
        return (self._began_at + timedelta(seconds=t_s)).astimezone(self._zone)

    def change_within(self, length_s: int) -> tuple[int, int] | None:
        """Where the clocks change in the first `length_s` seconds: the second, and by how many seconds. None: nowhere.

        >>> from datetime import UTC
        >>> night = LocalTimes(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), 60, "Europe/Berlin")
        >>> night.change_within(7200), night.change_within(60)
        ((1800, 3600), None)
        """
        before, after = self.at(0).utcoffset(), self.at(length_s).utcoffset()
        if before is None or after is None or before == after:
            return None
        changed_s = bisect_left(range(length_s), True, key=lambda t_s: self.at(t_s).utcoffset() != before)  # noqa: FBT003  what is looked for
        return changed_s, int((after - before).total_seconds())

    def local(self, moment: datetime) -> datetime:
        """A moment in the wearer's time."""
        return moment.astimezone(self._zone)

    def clock(self, t_s: float) -> str:
        """The clock time at `t_s`."""
        return f"{self.at(t_s):%H:%M}"


def length(seconds: float) -> str:
    """A length of time.

    >>> length(27), length(117), length(600), length(3720)
    ('27 s', '1 min 57 s', '10 min', '1 h 2 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    if minutes < SECONDS_COUNT_BELOW_MIN and rest:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


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


def pause_done(pause: Pause, local: LocalTimes) -> str:
    """One pause, as what was done."""
    called, promised = f"{local.local(pause.called_at):%H:%M}", f"{local.local(pause.return_at):%H:%M}"
    called_it = "Called a pause" if pause.called_by else "A pause was called"
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


ANSWER_REFUSED = {
    SuggestionState.EXPIRED: "The suggestion has run out. You can call a pause at any time.",
    SuggestionState.ACKNOWLEDGED: "It has been seen already. It still waits for your answer.",
}
NOTICE_REFUSED = {
    NoticeState.OPEN: "The notice is there already.",
    NoticeState.ACKNOWLEDGED: "The notice has been seen already.",
    NoticeState.SNOOZED: "It is put off already. You can take that back.",
    NoticeState.CLEARED: "The notice is over already.",
}


def refusal(error: Exception) -> str:
    """Why a step wasn't possible, for somebody with shaking hands: what is so, and what can be done."""
    match error:
        case IllegalPauseStep(trigger=PauseTrigger.RETURN, state=PauseState.RUNNING | PauseState.EXTENDED):
            return "The pause isn’t ready yet. The page shows what it waits for."
        case IllegalPauseStep():
            return "You have come back already, or the pause is over."
        case IllegalAnswer():
            return ANSWER_REFUSED.get(error.state, "It has been answered already.")
        case IllegalNoticeStep():
            return NOTICE_REFUSED[error.state]
        case TalkConflict():
            return "Somebody changed this just before you. Look again, then repeat it."
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
