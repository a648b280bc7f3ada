"""What a wearer's talks say together: by week, and one period beside another. Pure.

Each figure is of one of four kinds, and each kind has its own uncertainty (`journal.trends.uncertainty`): how often, and
how much, in an hour of heard talk, the middle of what was measured, and the share of a number. Fewer than `LEAST_TALKS`
talks are shown as what they are, one by one, and never as a change.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from journal.trends.uncertainty import (
    Estimate,
    amount_rate,
    amount_ratio,
    middle,
    rate,
    rate_ratio,
    share,
    share_difference,
    shift,
)

LEAST_TALKS = 4
"""In each of two periods, before anything is said about a change (own choice)."""
WEEK = timedelta(days=7)
SECONDS_PER_HOUR = 3600
SECONDS_PER_MINUTE = MINUTES_PER_HOUR = 60


@dataclass(frozen=True, slots=True)
class FloodFigures:
    """One flood. `rise_bpm` and `back_s` are None where there was no baseline, or no way back was seen."""

    peak_bpm: float
    rise_bpm: float | None
    back_s: float | None


@dataclass(frozen=True, slots=True)
class TalkFigures:
    """What is kept of one talk for trends: the body as the detector says, from where (`journal.trends.talk_figures`).

    What the wearer says of a flood ("this wasn't flooding") belongs to their words, which are sealed and shown only by a
    grant of their own: it changes nothing here. A weekly review (`journal.reviews`), which its wearer alone reads, lets it
    count for more than the detector: its floods can be fewer, or more, than the trend's of the same week.

    Attributes:
        began: on the wearer's own clock.
        heard_s: seconds with a good signal after the topic began and outside of pauses: only what began there counts.
        lost_s: the other seconds of them.
        pauses_kept: back within five minutes of the time that was promised, or of being ready where the body took longer.
        algorithm_version: of the detector that said so; None where nothing was found that would name it.
        above_line_s: of `heard_s`, in a flood and above its line.
        from_minutes: made from minutes and floods, without the packets: coarser (`journal.trends.from_minutes`).
    """

    began: datetime
    heard_s: float
    lost_s: float
    baseline_bpm: float | None
    rmssd_baseline_ms: float | None
    floods: tuple[FloodFigures, ...]
    near_misses: int
    pauses_taken: int
    pauses_kept: int
    algorithm_version: str | None
    above_line_s: float
    from_minutes: bool = False

    @property
    def talk_s(self) -> float:
        """How long was talked, heard or not."""
        return self.heard_s + self.lost_s


class Figure(StrEnum):
    """What is followed over time."""

    ABOVE_LINE = "minutes above the line an hour"
    FLOODS = "floods an hour"
    NEAR_MISSES = "near misses an hour"
    TURNED = "rises that turned by themselves"
    PEAK = "highest in a flood, bpm"
    RISE = "above baseline in a flood, bpm"
    WAY_BACK = "way back from a flood, s"
    BASELINE = "baseline heart rate, bpm"
    RMSSD = "baseline RMSSD, ms"
    PAUSES_KEPT = "pauses kept"
    TALK_TIME = "length of a talk, min"


@dataclass(frozen=True, slots=True)
class _Often:
    """Events in an hour of heard talk."""

    count: Callable[[TalkFigures], int]

    def of(self, talks: Sequence[TalkFigures]) -> Estimate | None:
        return rate(*self._counted(talks))

    def change(self, before: Sequence[TalkFigures], after: Sequence[TalkFigures]) -> Estimate | None:
        return rate_ratio(*self._counted(before), *self._counted(after))

    def _counted(self, talks: Sequence[TalkFigures]) -> tuple[int, float]:
        return sum(map(self.count, talks)), sum([talk.heard_s for talk in talks]) / SECONDS_PER_HOUR


@dataclass(frozen=True, slots=True)
class _Much:
    """A part of the hour of heard talk, in `in_hour` units. Where no talk had any, a next one could have been full of it."""

    seconds: Callable[[TalkFigures], float]
    in_hour: int

    def of(self, talks: Sequence[TalkFigures]) -> Estimate | None:
        amounts, hours = self._amounts(talks)
        longest = 0.0 if any(amounts) else max((talk.heard_s for talk in talks), default=0.0)
        found = amount_rate(amounts, hours, largest=longest / SECONDS_PER_HOUR * self.in_hour)
        return None if found is None else replace(found, high=min(found.high, self.in_hour))

    def change(self, before: Sequence[TalkFigures], after: Sequence[TalkFigures]) -> Estimate | None:
        return amount_ratio(*self._amounts(before), *self._amounts(after))

    def _amounts(self, talks: Sequence[TalkFigures]) -> tuple[list[float], float]:
        amounts = [self.seconds(talk) / SECONDS_PER_HOUR * self.in_hour for talk in talks]
        return amounts, sum(talk.heard_s for talk in talks) / SECONDS_PER_HOUR


@dataclass(frozen=True, slots=True)
class _Middle:
    """The median of what was measured; a talk without it adds nothing."""

    values: Callable[[TalkFigures], Iterable[float | None]]

    def of(self, talks: Sequence[TalkFigures]) -> Estimate | None:
        return middle(self.all(talks))

    def change(self, before: Sequence[TalkFigures], after: Sequence[TalkFigures]) -> Estimate | None:
        return shift(self.all(before), self.all(after))

    def all(self, talks: Iterable[TalkFigures]) -> list[float]:
        return [value for talk in talks for value in self.values(talk) if value is not None]


@dataclass(frozen=True, slots=True)
class _Share:
    """So many of so many."""

    some: Callable[[TalkFigures], int]
    whole: Callable[[TalkFigures], int]

    def of(self, talks: Sequence[TalkFigures]) -> Estimate | None:
        return share(*self._counted(talks))

    def change(self, before: Sequence[TalkFigures], after: Sequence[TalkFigures]) -> Estimate | None:
        return share_difference(*self._counted(before), *self._counted(after))

    def _counted(self, talks: Sequence[TalkFigures]) -> tuple[int, int]:
        return sum(map(self.some, talks)), sum(map(self.whole, talks))


MEASURES: dict[Figure, _Often | _Much | _Middle | _Share] = {
    Figure.ABOVE_LINE: _Much(lambda talk: talk.above_line_s, MINUTES_PER_HOUR),
    Figure.FLOODS: _Often(lambda talk: len(talk.floods)),
    Figure.NEAR_MISSES: _Often(lambda talk: talk.near_misses),
    Figure.TURNED: _Share(lambda talk: talk.near_misses, lambda talk: talk.near_misses + len(talk.floods)),
    Figure.PEAK: _Middle(lambda talk: (flood.peak_bpm for flood in talk.floods)),
    Figure.RISE: _Middle(lambda talk: (flood.rise_bpm for flood in talk.floods)),
    Figure.WAY_BACK: _Middle(lambda talk: (flood.back_s for flood in talk.floods)),
    Figure.BASELINE: _Middle(lambda talk: (talk.baseline_bpm,)),
    Figure.RMSSD: _Middle(lambda talk: (talk.rmssd_baseline_ms,)),
    Figure.PAUSES_KEPT: _Share(lambda talk: talk.pauses_kept, lambda talk: talk.pauses_taken),
    Figure.TALK_TIME: _Middle(lambda talk: (talk.talk_s / SECONDS_PER_MINUTE,)),
}
"""How each is computed."""


@dataclass(frozen=True, slots=True)
class WeekOfTalks:
    """A week's talks and what they say.

    Attributes:
        figures: with its interval, where there is enough for one.
        values: each one measured, for what is drawn as dots; empty for counts.
        algorithm_versions: of the detectors in it; where it is another than the week before, figures may differ by that.
    """

    first: date
    talks: int
    heard_s: float
    lost_s: float
    figures: dict[Figure, Estimate | None]
    values: dict[Figure, list[float]]
    algorithm_versions: frozenset[str]

    @property
    def talk_s(self) -> float:
        """How long was talked, heard or not."""
        return self.heard_s + self.lost_s


@dataclass(frozen=True, slots=True)
class Change:
    """A figure in one period beside another.

    Attributes:
        change: times as often or as much, for what is told of an hour; else by how much. None with too few talks, or where
            nothing was measured.
    """

    before: Estimate | None
    after: Estimate | None
    change: Estimate | None
    is_ratio: bool

    @property
    def is_clear(self) -> bool:
        """Whether the interval of the change leaves out that nothing changed."""
        if self.change is None:
            return False
        nothing = 1.0 if self.is_ratio else 0.0
        return not self.change.low <= nothing <= self.change.high


def by_week(
    talks: Iterable[TalkFigures], *, first_monday: date, weeks: int, figures: Collection[Figure] = tuple(Figure)
) -> list[WeekOfTalks]:
    """Every week from `first_monday` on, also those without a talk, with the figures asked for."""
    of_week: list[list[TalkFigures]] = [[] for _ in range(weeks)]
    for talk in talks:
        place = (talk.began.date() - first_monday) // WEEK
        if 0 <= place < weeks:
            of_week[place].append(talk)
    return [_week(first_monday + place * WEEK, found, figures) for place, found in enumerate(of_week)]


def _week(first: date, talks: Sequence[TalkFigures], figures: Collection[Figure]) -> WeekOfTalks:
    measures = {figure: MEASURES[figure] for figure in figures}
    return WeekOfTalks(
        first,
        len(talks),
        sum(talk.heard_s for talk in talks),
        sum(talk.lost_s for talk in talks),
        {figure: measure.of(talks) for figure, measure in measures.items()},
        {figure: measure.all(talks) for figure, measure in measures.items() if isinstance(measure, _Middle)},
        frozenset(talk.algorithm_version for talk in talks if talk.algorithm_version is not None),
    )


def compare(before: Sequence[TalkFigures], after: Sequence[TalkFigures]) -> dict[Figure, Change]:
    """Each figure of two periods, and the change with its interval where both have enough talks."""
    return {figure: change_of(figure, before, after) for figure in MEASURES}


def change_of(figure: Figure, before: Sequence[TalkFigures], after: Sequence[TalkFigures]) -> Change:
    """One of them."""
    measure, enough = MEASURES[figure], min(len(before), len(after)) >= LEAST_TALKS
    return Change(
        measure.of(before),
        measure.of(after),
        measure.change(before, after) if enough else None,
        isinstance(measure, _Often | _Much),
    )
