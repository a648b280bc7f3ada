"""Trends in words: what each figure is called, how it is written with its interval, and one honest sentence about it.

Nothing here says that less is better, and no number stands without how sure it is. Where talks are few, that is what is said.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import inf, isfinite
from typing import Literal

from api.words.amounts import counted, day_words, number
from journal.sharing import Grant
from journal.trends.clients import Client
from journal.trends.figures import LEAST_TALKS, Change, Figure
from journal.trends.uncertainty import Estimate

TOO_FEW = "too few talks to say"
NOTHING_TO_SHOW = "Nothing to show. No reason is asked."
NOT_MEASURED = "not measured"
_MINUS = "−"


@dataclass(frozen=True, slots=True)
class Named:
    """How a figure is spoken of.

    Attributes:
        key: its name where programs read it.
        about: what it is, under its title.
        unit: after a value; empty where the title says it.
        scale: what a value is multiplied by before it is written.
        decimals: of the written value.
        of: what too few of were measured, where it is not the talks that are few.
        axis: where its scale begins and ends: at zero, from 0 to 100 %, or around what was measured.
    """

    key: str
    title: str
    about: str
    unit: str
    of: str
    scale: float = 1.0
    decimals: int = 1
    axis: Literal["zero", "share", "free"] = "free"

    def written(self, value: float, *, sign: bool = False) -> str:
        """A value without its unit."""
        text = f"{abs(value) * self.scale:.{self.decimals}f}"
        if not float(text):
            return text
        return f"{_MINUS if value < 0 else '+' if sign else ''}{text}"

    def with_unit(self, text: str) -> str:
        """Its unit after it, with a space that does not break."""
        return f"{text}\N{NO-BREAK SPACE}{self.unit}" if self.unit else text


NAMES: dict[Figure, Named] = {
    Figure.ABOVE_LINE: Named(
        "minutes_above_line_per_hour", "Minutes above the line", "in a flood, per heard talk hour", "min", "floods",
        axis="zero",
    ),
    Figure.FLOODS: Named("floods_per_hour", "Floods", "per heard talk hour", "", "floods", axis="zero"),
    Figure.NEAR_MISSES: Named(
        "near_misses_per_hour", "Near misses", "rose and turned, per heard talk hour", "", "near misses", axis="zero"
    ),
    Figure.TURNED: Named(
        "rises_that_turned_percent", "Rises that turned", "share of all rises, %", "%", "rises", scale=100, decimals=0,
        axis="share",
    ),
    Figure.WAY_BACK: Named(
        "way_back_min", "Minutes to near usual", "from a flood, where the way back was seen", "min", "ways back",
        scale=1 / 60,
    ),
    Figure.PEAK: Named("peak_bpm", "Highest in a flood", "beats a minute", "bpm", "floods", decimals=0),
    Figure.RISE: Named("rise_bpm", "Rise above usual", "in a flood, beats a minute", "bpm", "floods", decimals=0),
    Figure.BASELINE: Named("baseline_bpm", "Usual heart", "seated baseline, beats a minute", "bpm", "baselines", decimals=0),
    Figure.RMSSD: Named("baseline_rmssd_ms", "RMSSD at baseline", "ms, in the quiet minutes", "ms", "baselines", decimals=0),
    Figure.PAUSES_KEPT: Named(
        "pauses_kept_percent", "Back when we said", "pauses ended within 5 min of it, or of being ready, %", "%", "pauses",
        scale=100, decimals=0, axis="share",
    ),
    Figure.TALK_TIME: Named("talk_length_min", "Length of a talk", "minutes, pauses left out", "min", "talks", decimals=0),
}  # fmt: skip
"""In the order in which they are told."""


def estimate_words(figure: Figure, found: Estimate | None) -> str:
    """A figure with its 90 % interval.

    >>> estimate_words(Figure.FLOODS, Estimate(1.25, 0.4, 3.0))
    '1.2 (0.4 to 3.0)'
    >>> estimate_words(Figure.TURNED, None), estimate_words(Figure.FLOODS, None)
    ('too few rises to say', 'no talk was heard')
    """
    if found is None:
        return "no talk was heard" if NAMES[figure].axis == "zero" else f"too few {NAMES[figure].of} to say"
    return f"{value_words(figure, found.value)} ({_interval(figure, found)})"


def value_words(figure: Figure, value: float) -> str:
    """One measured value with its unit."""
    named = NAMES[figure]
    return named.with_unit(named.written(value)) if isfinite(value) else "not bounded"


def _interval(figure: Figure, found: Estimate) -> str:
    named = NAMES[figure]
    if not isfinite(found.high):
        return f"at least {named.written(found.low)}"
    return f"{named.written(found.low)} to {named.written(found.high)}"


def change_words(figure: Figure, change: Change) -> str:
    """How a period differs from the one before it, with the interval of that difference.

    >>> change_words(Figure.FLOODS, Change(None, None, Estimate(0.5, 0.3, 0.8), True))
    '0.5 times as much (0.3 to 0.8)'
    >>> change_words(Figure.BASELINE, Change(None, None, Estimate(-3, -5, 1), False))
    '3 bpm lower (−5 to +1)'
    """
    found = change.change
    if found is None:
        return _why_no_change(figure, change)
    if change.is_ratio:
        return _times(found)
    return f"{_by(figure, found.value)} ({_signed(figure, found)})"


def _why_no_change(figure: Figure, change: Change) -> str:
    """Where the talks are enough."""
    both = (change.before, change.after)
    if change.is_ratio and all(found is not None and found.value == 0 for found in both):
        return f"no {NAMES[figure].of} in either"
    return f"too few {NAMES[figure].of} to say"


def _times(found: Estimate) -> str:
    low, high = _factor(found.low), _factor(found.high)
    if not isfinite(found.high):
        return f"at least {low} times as much" if float(low) else "anything from much less to much more"
    if not float(low):
        return f"at most {high} times as much"
    return (
        f"{_factor(found.value)} times as much ({low} to {high})"
        if isfinite(found.value)
        else f"{low} to {high} times as much"
    )


def _factor(value: float) -> str:
    if not isfinite(value):
        return "0"
    return f"{value:.2f}" if value < 0.1 else f"{value:.1f}"  # noqa: PLR2004  below it one decimal says nothing


def _by(figure: Figure, value: float) -> str:
    named = NAMES[figure]
    text = named.written(abs(value))
    if not float(text):
        return "the same"
    unit = "points" if named.unit == "%" else named.unit
    return " ".join(part for part in (text, unit, "lower" if value < 0 else "higher") if part)


def _signed(figure: Figure, found: Estimate) -> str:
    named = NAMES[figure]
    return f"{named.written(found.low, sign=True)} to {named.written(found.high, sign=True)}"


def change_sentence(figure: Figure, change: Change, talks_before: int, talks_after: int, *, weeks: int = 4) -> str:
    """What the last `weeks` weeks say beside those before them: one sentence, which never says more than the interval does.

    >>> few = Change(None, None, None, True)
    >>> change_sentence(Figure.FLOODS, few, 3, 2)
    'Too few talks to say: two in the last four weeks, three in the four before.'
    >>> change_sentence(Figure.BASELINE, Change(None, None, Estimate(-3, -5, 1), False), 6, 7)
    'No clear change in the last four weeks: 3 bpm lower (−5 to +1).'
    """
    span = f"the last {number(weeks).lower()} weeks"
    if not talks_before and not talks_after:
        return f"No talk in {span}, and none in the {number(weeks).lower()} before."
    if min(talks_before, talks_after) < LEAST_TALKS:
        said = f"{number(talks_after).lower()} in {span}, {number(talks_before).lower()} in the {number(weeks).lower()} before"
        return f"Too few talks to say: {said}."
    told = change_words(figure, change)
    if change.change is None:
        return f"{told[0].upper()}{told[1:]}."
    if change.is_clear:
        return f"{'Lower' if is_lower(change) else 'Higher'} in {span}: {told}."
    return f"No clear change in {span}: {told}."


def is_lower(change: Change) -> bool:
    """Which way a clear change points."""
    nothing = 1.0 if change.is_ratio else 0.0
    return change.change is not None and change.change.high < nothing


def arrow_words(change: Change | None) -> str | None:
    """The arrow of a caseload in words; None where no arrow is drawn: the interval does not leave out "no change".

    >>> arrow_words(Change(None, None, Estimate(0.5, 0.3, 0.8), True))
    'fewer: 0.5 times as many (0.3 to 0.8)'
    >>> arrow_words(Change(None, None, Estimate(0.5, 0.3, 1.8), True)) is None
    True
    """
    if change is None or change.change is None or not change.is_clear:
        return None
    return f"{'fewer' if is_lower(change) else 'more'}: {_times(change.change).replace('as much', 'as many')}"


def grants_words(grants: Sequence[Grant], *, today: date) -> str:
    """What is shared, in words.

    >>> from datetime import UTC
    >>> then = datetime(2026, 1, 12, 12, tzinfo=UTC)
    >>> grants_words([Grant("g", None, then, True, then)], today=date(2026, 3, 1))
    'everything since 12 January'
    >>> grants_words([Grant(str(n), f"e{n}", None, True, then) for n in range(3)], today=date(2026, 3, 1))
    'three entries'
    """
    said = []
    for first in _widest(grants):
        since = _day(first.from_day or today, today)
        said.append(f"everything since {since}{_until(first, today)}{_wordless([first])}")
    single = [grant for grant in grants if grant.entry_id is not None]
    if single:
        n = len({grant.entry_id for grant in single})
        said.append(f"{number(n).lower()} {'entry' if n == 1 else 'entries'}{_wordless(single)}")
    return " and ".join(said) or "nothing"


def _wordless(grants: Sequence[Grant]) -> str:
    return "" if any(grant.with_words for grant in grants) else " (without words)"


def _widest(grants: Sequence[Grant]) -> list[Grant]:
    """Those from a day on, without those that add nothing to another."""
    since = sorted((grant for grant in grants if grant.from_at is not None), key=_from)
    kept: list[Grant] = []
    for grant in since:
        if not any(_ends(one) >= _ends(grant) and one.with_words >= grant.with_words for one in kept):
            kept.append(grant)
    return kept


def _ends(grant: Grant) -> float:
    return grant.until_at.timestamp() if grant.until_at else inf


def _from(grant: Grant) -> datetime:
    assert grant.from_at is not None  # noqa: S101  the caller has asked
    return grant.from_at


def _until(grant: Grant, today: date) -> str:
    return f", until {_day(grant.until_at.astimezone().date(), today)}" if grant.until_at else ""


def _day(day: date, today: date) -> str:
    """With its year where that is another."""
    return day_words(day) if day.year == today.year else f"{day_words(day)} {day.year}"


def short_day(day: date, today: date) -> str:
    """A weekday and date, short.

    >>> short_day(date(2026, 3, 12), date(2026, 3, 14))
    'Thu 12 March'
    """
    return f"{day:%a} {_day(day, today)}"


def shared_words(client: Client, today: date) -> str:
    """The line under a client's name."""
    if client.shown:
        return grants_words(client.shown, today=today)
    if client.stopped_at is not None:
        return f"stopped sharing on {_day(client.stopped_at.astimezone().date(), today)}"
    return "shares nothing yet"


def new_words(client: Client) -> str:
    """What is new for the clinician.

    >>> from dataclasses import replace
    >>> one = Client("a", "w", "Mira", (), None, None, (), None, 2, False, None)
    >>> new_words(one), new_words(replace(one, new_entries=1, is_first=True)), new_words(replace(one, new_entries=0))
    ('2 new entries', 'First entry', 'Nothing new')
    """
    if not client.new_entries:
        return "Nothing new"
    if client.is_first:
        return "First entry" if client.new_entries == 1 else f"First {client.new_entries} entries"
    return counted(client.new_entries, "new entry", "new entries")


def appointment_words(when: datetime, today: date) -> str:
    """When the next meeting is.

    >>> appointment_words(datetime(2026, 3, 17, 9, 0), date(2026, 3, 14))
    'Tue 17 March, 9:00'
    """
    return f"{short_day(when.date(), today)}, {when.hour}:{when:%M}"


def weeks_words(figure: Figure, weeks: Iterable[tuple[int, Estimate | None]]) -> str:
    """A small drawing read aloud, the oldest week first. Each: how many talks, and the figure."""
    said = [
        "no talk" if not talks else value_words(figure, found.value) if found else NOT_MEASURED
        for talks, found in weeks
    ]
    return ", ".join(said)


def missing_words(lost_s: float, talk_s: float) -> str | None:
    """How much of the talks was not heard; None where all was.

    >>> missing_words(360, 3600), missing_words(0, 3600), missing_words(10, 3600)
    ('10 % of the talk time had no good signal and counts for nothing.', None, 'Less than 1 % of the talk time had no good signal and counts for nothing.')
    """
    if lost_s <= 0 or talk_s <= 0:
        return None
    share = round(100 * lost_s / talk_s)
    return f"{f'{share} %' if share else 'Less than 1 %'} of the talk time had no good signal and counts for nothing."


def waiting_words(waiting: int) -> str | None:
    """That some talks are not in the figures yet."""
    if not waiting:
        return None
    return f"{counted(waiting, 'talk')} {'is' if waiting == 1 else 'are'} being computed and will be in these figures."


def versions_words(versions: Sequence[tuple[date, str]]) -> list[str]:
    """Where the detector became another one: the week from which on, and its version."""
    return [
        f"From the week of {day_words(day)} on the detector is version {version}; figures before and after can differ by that."
        for day, version in versions
    ]
