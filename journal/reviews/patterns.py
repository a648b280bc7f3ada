"""Two weeks, and what lies around them: when it tends to rise, what was done about it, how long the way back takes.

Counts, not conclusions. Under the smallest numbers below nothing is drawn and the page says how many there are; the
numbers are this program's own choice, kept low enough to be reached and high enough that one evening decides nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median

from journal.content import Response
from journal.reviews.rises import EntryFacts, Gathered, Rise, RiseKind
from journal.reviews.weekly import monday_of
from journal.search import fold

SPAN_DAYS = 14
HEAT_DAYS = 8 * 7
"""Two weeks are too few rises to say when it tends to rise; eight are taken."""
WEEKS_OVER_TIME = 12
MOST_DAYS = WEEKS_OVER_TIME * 7
"""How far back `patterns` looks."""

LEAST_RISES = 6
LEAST_ANSWERS = 4
LEAST_RECOVERIES = 3


class PartOfDay(StrEnum):
    """A part of the day, by the hours below."""

    MORNING = "Morning"
    MIDDAY = "Midday"
    AFTERNOON = "Afternoon"
    EVENING = "Evening"
    LATE = "Late"


FIRST_HOURS = {
    PartOfDay.MORNING: 5,
    PartOfDay.MIDDAY: 11,
    PartOfDay.AFTERNOON: 14,
    PartOfDay.EVENING: 17,
    PartOfDay.LATE: 22,
}
"""Each lasts until the next; the late part until five in the morning."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class HeatMap:
    """How often it rose, by a row's name and the part of the day.

    Attributes:
        counts: one row for each name, one column for each part of the day.
        total: all rises; one with several names stands in each of their rows, and is one here.
        most: the row and column of the highest cell; None when two share it.
    """

    names: Sequence[str]
    counts: Sequence[Sequence[int]]
    total: int
    most: tuple[str, PartOfDay] | None


@dataclass(frozen=True, slots=True)
class ResponseSeen:
    """A response, how often it was given, and what it led to, most often first."""

    response: Response
    times: int
    consequences: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class WayBack:
    """How long it took from a flood's last second above the line until near the usual."""

    at: datetime
    took_s: int
    paused: bool


@dataclass(frozen=True, slots=True)
class WeekCount:
    """One week's numbers."""

    first: date
    talks: int
    floods: int
    near_misses: int


@dataclass(frozen=True, slots=True)
class Patterns:
    """What two weeks and the weeks around them hold.

    Attributes:
        first, last: the two weeks' first and last day.
        rises: floods and near misses of the eight weeks, so that a page can say how few there are.
        set_aside: what the detector took for floods in the two weeks and the wearer did not; counted nowhere else.
        by_weekday, by_trigger: None with fewer than `LEAST_RISES` rises (of those with a trigger).
        responses: None with fewer than `LEAST_ANSWERS` answers in the eight weeks; `answered` says how many.
        ways_back: of the eight weeks, oldest first; `unseen_back` floods more had none that was seen before the next flood
            or the talk's end, so the seen ones may be the shorter ones. `typical_back_s` is their median, None with fewer than
            `LEAST_RECOVERIES`.
        weeks: the last twelve, oldest first; those before the first talk are left out.
    """

    first: date
    last: date
    talks: int
    floods: int
    near_misses: int
    pauses: int
    rises: int
    set_aside: int
    with_trigger: int
    by_weekday: HeatMap | None
    by_trigger: HeatMap | None
    answered: int
    responses: Sequence[ResponseSeen] | None
    ways_back: Sequence[WayBack]
    unseen_back: int
    typical_back_s: float | None
    weeks: Sequence[WeekCount]
    waiting: int


def part_of_day(at: datetime) -> PartOfDay:
    """The part of the day of a local time.

    >>> [part_of_day(datetime(2026, 3, 12, hour)).value for hour in (0, 4, 5, 11, 16, 21, 22)]
    ['Late', 'Late', 'Morning', 'Midday', 'Afternoon', 'Evening', 'Late']
    """
    begun = [part for part, hour in FIRST_HOURS.items() if hour <= at.hour]
    return begun[-1] if begun else PartOfDay.LATE


def patterns(gathered: Gathered, last: date) -> Patterns:
    """What the two weeks up to `last` hold; `gathered` reaches `MOST_DAYS` back for the rest.

    >>> found = patterns(Gathered(), date(2026, 3, 15))
    >>> found.first, found.by_weekday, found.weeks
    (datetime.date(2026, 3, 2), None, [])
    """
    first = last - timedelta(days=SPAN_DAYS - 1)
    span = gathered.of_days(first, SPAN_DAYS)
    around = gathered.of_days(last - timedelta(days=HEAT_DAYS - 1), HEAT_DAYS)
    rises = around.counted
    triggered = [rise for rise in rises if rise.entry and rise.entry.triggers]
    answered = [entry for entry in around.entries if entry.responses]
    # The way back of a flood by the wearer's word alone was not looked for: it crossed no line.
    floods = [rise for rise in rises if rise.kind is RiseKind.FLOOD and not rise.by_word]
    ways_back = [
        WayBack(rise.at, rise.back_s, rise.paused_after_s is not None) for rise in floods if rise.back_s is not None
    ]
    return Patterns(
        first=first,
        last=last,
        talks=len(span.talks),
        floods=_count(span.rises, RiseKind.FLOOD),
        near_misses=_count(span.rises, RiseKind.NEAR_MISS),
        pauses=len(span.pauses),
        rises=len(rises),
        set_aside=len(span.set_aside),
        with_trigger=len(triggered),
        by_weekday=heat_map(rises, lambda rise: (WEEKDAYS[rise.at.weekday()],), WEEKDAYS),
        by_trigger=heat_map(triggered, _triggers),
        answered=len(answered),
        responses=_responses(answered) if len(answered) >= LEAST_ANSWERS else None,
        ways_back=ways_back,
        unseen_back=len(floods) - len(ways_back),
        typical_back_s=median(way.took_s for way in ways_back) if len(ways_back) >= LEAST_RECOVERIES else None,
        weeks=_weeks(gathered, last),
        waiting=gathered.waiting,
    )


def heat_map(
    rises: Sequence[Rise], names_of: Callable[[Rise], Sequence[str]], names: Sequence[str] = ()
) -> HeatMap | None:
    """Count `rises` by `names_of` and part of the day; None with fewer than `LEAST_RISES`.

    Args:
        rises: what is counted.
        names_of: the rows of a rise.
        names: the rows in their order; without them those that occur, most often first.
    """
    if len(rises) < LEAST_RISES:
        return None
    cells = Counter((name, part_of_day(rise.at)) for rise in rises for name in names_of(rise))
    of_row = Counter(name for rise in rises for name in names_of(rise))
    rows = list(names) or sorted(of_row, key=lambda name: (-of_row[name], name))
    (most, highest), *others = cells.most_common(2)
    return HeatMap(
        names=rows,
        counts=[[cells[name, part] for part in PartOfDay] for name in rows],
        total=len(rises),
        most=None if any(count == highest for _, count in others) else most,
    )


def _triggers(rise: Rise) -> tuple[str, ...]:
    return rise.entry.triggers if rise.entry else ()


def _count(rises: Iterable[Rise], kind: RiseKind) -> int:
    return sum(rise.kind is kind for rise in rises)


def _responses(answered: Sequence[EntryFacts]) -> list[ResponseSeen]:
    times = Counter(response for entry in answered for response in entry.responses)
    return [
        ResponseSeen(
            response, n, _alike([e.consequence for e in answered if response in e.responses and e.consequence])
        )
        for response, n in times.most_common()
    ]


def _alike(told: Iterable[str]) -> list[tuple[str, int]]:
    """Texts and how often, most often first; those that differ in case, accents or punctuation only are one, as first written.

    >>> _alike(["We were silent.", "a long walk", "we were  silent"])
    [('We were silent.', 2), ('a long walk', 1)]
    """
    first_written: dict[str, str] = {}
    times: Counter[str] = Counter()
    for text in told:
        same = " ".join("".join(sign if sign.isalnum() else " " for sign in fold(text)).split()) or text
        times[first_written.setdefault(same, text)] += 1
    return times.most_common()


def _weeks(gathered: Gathered, last: date) -> list[WeekCount]:
    mondays = [monday_of(last) - timedelta(weeks=n) for n in reversed(range(WEEKS_OVER_TIME))]
    counts = []
    for monday in mondays:
        seen = gathered.of_days(monday, 7)
        floods, near_misses = (_count(seen.rises, kind) for kind in (RiseKind.FLOOD, RiseKind.NEAR_MISS))
        counts.append(WeekCount(monday, len(seen.talks), floods, near_misses))
    begun = next((n for n, week in enumerate(counts) if week.talks), len(counts))
    return counts[begun:]
