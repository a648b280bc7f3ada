"""Reviews in words and small drawings: what a week and a fortnight say, without a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from alerts.suggestion import NotFlooding
from api.words import length, own_title
from journal.checks import BodyState, DailyCheck, Helped
from journal.content import Response
from journal.reviews.gathered import CURVE_BEFORE_S
from journal.reviews.patterns import (
    LEAST_ANSWERS,
    LEAST_RECOVERIES,
    LEAST_RISES,
    HeatMap,
    PartOfDay,
    Patterns,
    ResponseSeen,
    WayBack,
)
from journal.reviews.rises import PauseTaken, Rise, RiseKind
from journal.reviews.stages import Stage, Standing
from journal.reviews.weekly import Week

NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve")
TIMES = ("Never", "Once", "Twice", "Three times", "Four times", "Five times", "Six times", "Seven times", "Eight times")

BODY_WORDS = {
    BodyState.AT_EASE: "At ease, and in touch",
    BodyState.ON_ALERT: "On alert",
    BodyState.SHUT_DOWN: "Shut down, far away",
    BodyState.HARD_TO_SAY: "Hard to say",
}
HELPED_WORDS = {
    Helped.NOTICED: "I noticed it rise",
    Helped.PAUSED: "A pause",
    Helped.SAID_IT: "I said what I felt",
    Helped.CAME_CLOSER: "We came closer again",
}


@dataclass(frozen=True, slots=True)
class StageWords:
    """A stage in words: its name, its weeks, and what it is about."""

    name: str
    weeks: str
    about: str


STAGE_WORDS = {
    Stage.AWARENESS: StageWords("Noticing", "weeks 1 and 2", "Noticing what sets it off, and where in the body it is."),
    Stage.DISCLOSURE: StageWords(
        "Telling",
        "week 3",
        "At a calm moment, telling the other what you have noticed: about yourself, not about them.",
    ),
    Stage.CO_CREATION: StageWords(
        "Agreeing", "weeks 4 to 6", "Agreeing together on signals, a pause, and words to come back with."
    ),
    Stage.INTEGRATION: StageWords(
        "Living with it", "after that", "Looking back each week, and starting again after an old pattern."
    ),
}

CURVE_WIDTH = 300
_CURVE_EVERY_S = 3
_CURVE_TOP, _CURVE_FLOOR = 12, 104


def number(n: int) -> str:
    """A number as a word, as long as there is one.

    >>> number(3), number(13)
    ('Three', '13')
    """
    return NUMBERS[n] if n < len(NUMBERS) else str(n)


def times(n: int) -> str:
    """How often.

    >>> times(1), times(3), times(11)
    ('Once', 'Three times', '11 times')
    """
    return TIMES[n] if n < len(TIMES) else f"{n} times"


def counted(n: int, one: str, many: str | None = None) -> str:
    """A number with its word.

    >>> counted(1, "talk"), counted(2, "near miss", "near misses")
    ('1 talk', '2 near misses')
    """
    return f"{n} {one if n == 1 else many or f'{one}s'}"


def day_words(day: date) -> str:
    """A day and month.

    >>> day_words(date(2026, 3, 9))
    '9 March'
    """
    return f"{day.day} {day:%B}"


def span_words(first: date, last: date) -> str:
    """Two days as a span.

    >>> span_words(date(2026, 3, 9), date(2026, 3, 15)), span_words(date(2026, 3, 30), date(2026, 4, 5))
    ('9 to 15 March', '30 March to 5 April')
    """
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day_words(last)}"
    if first.year == last.year:
        return f"{day_words(first)} to {day_words(last)}"
    return f"{day_words(first)} {first.year} to {day_words(last)} {last.year}"


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
    """How long the way back took; None when it was not seen."""
    if rise.back_s is None:
        return None
    return "Back near usual within a minute" if rise.back_s < 60 else f"Back near usual in {minutes(rise.back_s)}"  # noqa: PLR2004  a minute


def minutes(seconds: float) -> str:
    """Whole minutes, at least one.

    >>> minutes(40), minutes(400)
    ('1 minute', '7 minutes')
    """
    return counted(max(1, round(seconds / 60)), "minute")


NOT_FLOODING_WORDS = {
    NotFlooding.MOVING: "Moving.",
    NotFlooding.CAFFEINE: "Coffee or tea.",
    NotFlooding.EXCITED: "Excited, happy.",
}


def set_aside_words(rise: Rise) -> str:
    """What was taken for a flood and was none, with what the wearer said it was."""
    said = f"{moment_words(rise.at)}. Highest {rise.peak_bpm:.0f}."
    return f"{said} {NOT_FLOODING_WORDS.get(rise.reason, '')}".strip() if rise.reason else said


def set_aside_summary(n: int) -> str | None:
    """That something is left out of the counts, by the wearer's own word.

    >>> set_aside_summary(1)
    'One was taken for a flood. You said that it was none, and it is not counted.'
    """
    if not n:
        return None
    if n == 1:
        return "One was taken for a flood. You said that it was none, and it is not counted."
    return f"{number(n)} were taken for floods. You said that they were none, and they are not counted."


def flood_words(rise: Rise) -> str:
    """What happened in a flood and after it."""
    said = [f"{rise.at:%A}, {rise.at:%H:%M}. Highest {rise.peak_bpm:.0f}."]
    if rise.by_word:
        said.append("It stayed below the line; you said that to you it was flooding.")
    if rise.paused_after_s is not None:
        said.append(f"You paused after {minutes(rise.paused_after_s)}.")
    back = back_words(rise)
    if back:
        said.append(f"{back}.")
    return " ".join(said)


def pause_words(pause: PauseTaken) -> str:
    """A pause, as something that worked: what the body did, and that you came back."""
    said = [f"{pause.at:%A}, {pause.at:%H:%M}: a pause"]
    if pause.near_usual_after_s is not None:
        said.append(f"near your usual after {minutes(pause.near_usual_after_s)}")
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


def curve(rise: Rise, bpm: Sequence[float | None]) -> dict[str, Any] | None:
    """A near miss as a small drawing: the heart in pieces between gaps, the line, the highest second."""
    heard = [rate for rate in bpm if rate is not None]
    if not heard:
        return None
    low, high = min(heard), max(rise.line_bpm, *heard)
    begins_s = max(0, int(rise.peak_s) - CURVE_BEFORE_S)

    def x(second: int) -> float:
        return round(CURVE_WIDTH * second / max(1, len(bpm) - 1), 1)

    def y(rate: float) -> float:
        return round(_CURVE_FLOOR - (_CURVE_FLOOR - _CURVE_TOP) * (rate - low) / max(1.0, high - low), 1)

    peak = int(rise.peak_s) - begins_s
    pieces: list[list[str]] = [[]]
    for second, rate in enumerate(bpm):
        if rate is None:
            pieces.append([])
        elif second % _CURVE_EVERY_S == 0 or second == peak:
            pieces[-1].append(f"{x(second)} {y(rate)}")
    return {
        "pieces": ["M" + "L".join(piece) for piece in pieces if len(piece) > 1],
        "line_y": y(rise.line_bpm),
        "peak": {"x": x(peak), "y": y(rise.peak_bpm)},
        "words": f"The heart rose to {rise.peak_bpm:.0f}, below the line at {rise.line_bpm:.0f}, and turned.",
    }


def heat(found: HeatMap, what: str) -> dict[str, Any]:
    """A heat map for the page: each cell with its number and size, and its one sentence."""
    highest = max(max(row) for row in found.counts)
    rows = [
        {"name": name, "cells": [spot(n, highest) for n in row]}
        for name, row in zip(found.names, found.counts, strict=True)
    ]
    if found.most is None:
        sentence = f"No one time stands out among {found.total}."
    else:
        name, part = found.most
        sentence = f"Most often {what.format(name)}, {_when(part)}: {highest} of {found.total}."
    return {"rows": rows, "parts": [part.value for part in PartOfDay], "sentence": sentence}


def spot(n: int, most: int) -> dict[str, Any]:
    """A number as a spot: how large it is drawn beside the largest, and how deep its colour."""
    share = n / most if most else 0.0
    depth = "full" if n == most else "half" if 2 * n >= most else ""
    return {"n": n, "share": round(share, 2), "depth": depth}


def _when(part: PartOfDay) -> str:
    return (
        "late" if part is PartOfDay.LATE else f"in the {part.lower()}" if part is not PartOfDay.MIDDAY else "at midday"
    )


def too_few(found: Patterns) -> dict[str, str]:
    """What is said in place of a drawing, for each that has too little."""
    return {
        "rises": f"{counted(found.rises, 'rise')} in eight weeks: too few to say when it tends to rise. "
        f"From {LEAST_RISES} on it is drawn here.",
        "triggers": _not_yet(found.with_trigger, "rise with a trigger", "rises with a trigger", LEAST_RISES),
        "responses": _not_yet(
            found.answered, "answer to “What did you do?”", "answers to “What did you do?”", LEAST_ANSWERS
        ),
        "ways_back": _not_yet(len(found.ways_back), "way back", "ways back", LEAST_RECOVERIES),
    }


def _not_yet(n: int, one: str, many: str, least: int) -> str:
    begun = f"{counted(n, one, many)} so far: too few to say more." if n else "Nothing here yet, and nothing has to be."
    return f"{begun} With {least} {many} it is told here."


def weeks_summary(found: Patterns) -> str:
    """The weeks over time in a sentence."""
    if not found.weeks:
        return "No talk in twelve weeks."
    talks, floods = sum(week.talks for week in found.weeks), sum(week.floods for week in found.weeks)
    turned = sum(week.near_misses for week in found.weeks)
    since = day_words(found.weeks[0].first)
    return f"Since {since}: {counted(talks, 'talk')}. {rises_words(turned, floods)}"


def rises_words(turned: int, floods: int) -> str:
    """How often it rose and turned, and how often it flooded.

    >>> rises_words(3, 1), rises_words(0, 2), rises_words(0, 0)
    ('Three times it rose and turned, once it flooded.', 'Twice it flooded.', 'Nothing rose to the line.')
    """
    if not turned and not floods:
        return "Nothing rose to the line."
    said = [f"{times(turned)} it rose and turned"] if turned else []
    said += [f"{times(floods)} it flooded"] if floods else []
    first, *others = said
    return ", ".join([first, *(one[:1].lower() + one[1:] for one in others)]) + "."


def ways_back_summary(found: Patterns) -> str:
    """The ways back in a sentence."""
    unseen = _unseen(found.unseen_back)
    if found.typical_back_s is None:
        return too_few(found)["ways_back"] + unseen
    shortest, longest = min(way.took_s for way in found.ways_back), max(way.took_s for way in found.ways_back)
    return (
        f"Half of the {len(found.ways_back)} ways back took less than {length(found.typical_back_s)}; "
        f"the shortest {length(shortest)}, the longest {length(longest)}.{unseen}"
    )


def _unseen(n: int) -> str:
    """What is not in the figures has to be said beside them."""
    if not n:
        return ""
    return f" After {counted(n, 'more flood')} none was seen before the next flood or the talk’s end."


def ways_back_drawing(ways: Sequence[WayBack], first: date, days: int) -> dict[str, Any]:
    """Ways back as places in a drawing of 0 to 1: the day from left to right, minutes upwards."""
    most_min = max(10, *(-(-way.took_s // 300) * 5 for way in ways))
    return {
        "most_min": most_min,
        "dots": [
            {
                "x": ((way.at.date() - first).days + 0.5) / days,
                "y": way.took_s / 60 / most_min,
                "paused": way.paused,
                "day": f"{way.at:%A} {day_words(way.at.date())}, {way.at:%H:%M}",
                "took": length(way.took_s),
            }
            for way in ways
        ],
    }


def stages(here: Standing | None) -> dict[str, Any]:
    """The four stages, and a gentle word about the one that the calendar has."""
    if here is None:
        said = "It begins with the first entry. There is no hurry."
    else:
        said = (
            f"By the calendar of your entries this is week {here.week}. The practice has its own pace and you have "
            "yours: stay with a stage as long as it helps."
        )
    lines = [
        {
            "name": words.name,
            "weeks": words.weeks,
            "about": words.about,
            "here": here is not None and here.stage is stage,
        }
        for stage, words in STAGE_WORDS.items()
    ]
    return {"said": said, "lines": lines}


def check_line(check: DailyCheck) -> str:
    """A day's check in a line."""
    said = [BODY_WORDS[check.body]] if check.body else []
    said += [HELPED_WORDS[one] for one in Helped if one in check.helped]
    chosen = f"{'. '.join(said)}." if said else ""
    return f"{check.day:%A}: {' '.join(filter(None, (chosen, check.note))) or 'looked in.'}"


def responses(given: Sequence[Response]) -> str:
    """What the wearer did, as they chose it.

    >>> responses([Response.WITHDRAW, Response.FREEZE])
    'Withdraw, freeze'
    """
    return ", ".join(given).capitalize()


def response_row(seen: ResponseSeen) -> dict[str, Any]:
    """A response with what it led to; what is long is cut, the entry has it whole."""
    return {
        "response": responses([seen.response]),
        "times": seen.times,
        "consequences": [(own_title(what), n) for what, n in seen.consequences],
    }


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


def shown_week(day: date, today: date) -> date:
    """A day that can be looked at: not in the future, and not before there were computers."""
    return min(max(day, date(1971, 1, 1)), today)


def moment_words(at: datetime) -> str:
    """A weekday and clock time."""
    return f"{at:%A}, {at:%H:%M}"


def neighbours(first: date, today: date) -> dict[str, str | None]:
    """The weeks beside the one that begins on `first`; none after today's."""
    after = first + timedelta(days=7)
    before = first - timedelta(days=7)
    return {"before": before.isoformat(), "after": after.isoformat() if after <= today else None}
