"""A week in words: what turned, what flooded, which pauses were taken. Without a verdict."""

from collections.abc import Sequence
from typing import Any

from alerts.suggestion import NotFlooding
from api.words.amounts import length, minutes, moment_words, number, times
from journal.content import Response
from journal.reviews.patterns import LEAST_RECOVERIES
from journal.reviews.rises import PauseTaken, Rise, RiseKind
from journal.reviews.weekly import Week


def week_title(week: Week) -> str:
    """The week in one line, what turned first."""
    if week.turned:
        return f"{times(len(week.turned))} it rose, and you turned it."
    if week.floods:
        return f"{times(len(week.floods))} it flooded." if len(week.floods) > 1 else "It flooded once."
    if week.set_aside:
        return "Nothing flooded this week."
    if week.talks:
        return "Nothing rose to the line this week."
    return "No talk this week."


def week_summary(week: Week) -> str:
    """The same as the strip of days, for those who do not see it."""
    said = []
    for day in week.days:
        if day.rises:
            turned = sum(rise in week.turned for rise in day.rises)
            flooded = len(day.rises) - turned
            parts = [f"rose and turned {times(turned).lower()}"] if turned else []
            parts += [f"flooded {times(flooded).lower()}"] if flooded else []
            said.append(f"{day.date:%A}: {', '.join(parts)}.")
    return " ".join(said) or "No rise in this week."


def back_words(rise: Rise) -> str | None:
    """How long the way back took, and from when on; None when it was not seen."""
    if rise.back_s is None:
        return None
    took = "within a minute" if rise.back_s < 60 else f"in {minutes(rise.back_s)}"  # noqa: PLR2004  a minute
    since = "its last second above the line" if _is_measured_from_the_line(rise) else "its highest"
    return f"From {since} back near usual {took}"


def _is_measured_from_the_line(rise: Rise) -> bool:
    """Whether the detector saw it cross the line, whatever its wearer says it was."""
    return (rise.kind is RiseKind.FLOOD and not rise.by_word) or rise.kind is RiseKind.NOT_FLOODING


NOT_FLOODING_WORDS = {
    NotFlooding.MOVING: "Moving.",
    NotFlooding.CAFFEINE: "Coffee or tea.",
    NotFlooding.EXCITED: "Excited, happy.",
}


def set_aside_words(rise: Rise) -> str:
    """What was taken for a flood and was none, with what the wearer said it was."""
    said = f"{moment_words(rise.at)}. Highest {rise.peak_bpm:.0f}."
    return f"{said} {NOT_FLOODING_WORDS.get(rise.reason, '')}".strip() if rise.reason else said


def flood_words(rise: Rise) -> str:
    """What happened in a flood and after it. It has one beginning: when it crossed the line."""
    began = "it began to rise" if rise.by_word else "it crossed the line"
    said = [f"{moment_words(rise.at)}: {began}. Highest {rise.peak_bpm:.0f}."]
    if rise.by_word:
        said.append("It stayed below the line; you said that to you it was flooding.")
    if rise.paused_after_s is not None:
        said.append(f"You paused {minutes(rise.paused_after_s)} after it crossed the line.")
    back = back_words(rise)
    if back:
        said.append(f"{back}.")
    return " ".join(said)


def pause_words(pause: PauseTaken) -> str:
    """A pause, as something that worked: what the body did, and that you came back."""
    said = [f"{pause.at:%A}, {pause.at:%H:%M}: a pause"]
    if pause.near_usual_after_s is not None:
        said.append(f"near your usual {minutes(pause.near_usual_after_s)} into it")
    if pause.returned_at is not None:
        said.append(f"back at {pause.returned_at:%H:%M}")
    return ", ".join(said) + "."


def too_few_pauses(pauses: Sequence[PauseTaken]) -> str | None:
    """Said where somebody might read more into it than there is."""
    if not pauses or len(pauses) >= LEAST_RECOVERIES:
        return None
    return f"{number(len(pauses))} {'pause' if len(pauses) == 1 else 'pauses'}: too few to say what helps."


def waiting_words(waiting: int) -> str | None:
    """That some talks are not in it yet."""
    if not waiting:
        return None
    is_one = waiting == 1
    return (
        f"{number(waiting)} {'talk is' if is_one else 'talks are'} still being computed, and "
        f"{'comes' if is_one else 'come'} in a moment. Look again then."
    )


def responses(given: Sequence[Response]) -> str:
    """What the wearer did, as they chose it.

    >>> responses([Response.WITHDRAW, Response.FREEZE])
    'Withdraw, freeze'
    """
    return ", ".join(given).capitalize()


RISE_WORDS = {
    RiseKind.NEAR_MISS: "rose, and turned",
    RiseKind.FLOOD: "flooded",
    RiseKind.NOT_FLOODING: "not flooding",
}


def rise_row(rise: Rise) -> dict[str, Any]:
    """A rise as a row of the table beside the drawings."""
    return {
        "at": f"{rise.at:%A} {rise.at:%H:%M}",
        "kind": RISE_WORDS[rise.kind] + (", you said" if rise.by_word else ""),
        "peak": round(rise.peak_bpm),
        "line": round(rise.line_bpm),
        "back": length(rise.back_s) if rise.back_s is not None else "–",
        "url": f"/entries/{rise.entry.entry_id}" if rise.entry else None,
    }
