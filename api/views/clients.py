"""What pages and programs are told of clients: the caseload, one client's trends, two periods beside each other.

A page and the JSON of the same thing are made of the same view, so that they cannot say different numbers.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from math import isfinite

from api.periods import Period
from api.trend_drawings import version_changes
from api.views.view import View
from api.words.amounts import counted, length, span_words
from api.words.trends import (
    NAMES,
    NOTHING_TO_SHOW,
    TOO_FEW,
    appointment_words,
    arrow_words,
    change_sentence,
    change_words,
    estimate_words,
    grants_words,
    is_lower,
    missing_words,
    new_words,
    shared_words,
    short_day,
    value_words,
    versions_words,
    waiting_words,
    weeks_words,
)
from journal.trends.clients import Client, ShownTalk, ShownTrend
from journal.trends.figures import (
    LEAST_TALKS,
    Change,
    Figure,
    TalkFigures,
    WeekOfTalks,
    by_week,
    change_of,
    compare,
)
from journal.trends.uncertainty import Estimate

CASELOAD_FIGURE = Figure.FLOODS
"""What the caseload draws; its arrow is of the same."""
LATELY_WEEKS = 4
_WEEK = timedelta(days=7)


class EstimateView(View):
    """A figure and its 90 % interval, in the unit that its key names. None: not bounded by what was seen."""

    value: float | None
    low: float
    high: float | None
    words: str


class ClientLine(View):
    """A line of the caseload.

    Attributes:
        is_shown: whether anything is; with nothing, there is nothing to open.
        last_talk: on the wearer's own clock.
        floods_per_hour: of the last four weeks.
        weeks: eight weeks read aloud, or why nothing is drawn.
        is_drawn: whether there are talks enough to draw.
        direction: which way it clearly went, in words with its interval; None where that is not clear.
        goes_down: where it is.
        next_appointment: on the clinician's own clock.
    """

    admission_id: str
    wearer_id: str
    name: str
    is_shown: bool
    shared: str
    last_talk: datetime | None
    last_talk_words: str
    floods_per_hour: EstimateView | None
    weeks: str
    is_drawn: bool
    direction: str | None
    goes_down: bool
    new_entries: int
    new: str
    next_appointment: datetime | None
    next_appointment_words: str


class WeekView(View):
    """A week of one figure: its estimate, or each value measured where there are too few for one."""

    first: date
    estimate: EstimateView | None
    values: list[float]
    words: str


class FigureView(View):
    """One figure over weeks, with the one sentence that the last four weeks allow beside the four before."""

    key: str
    title: str
    about: str
    sentence: str
    weeks: list[WeekView]


class TalksOfWeek(View):
    """How much was talked in a week, and how much of it was heard."""

    first: date
    talks: int
    heard_s: float
    lost_s: float
    lost_percent: float | None
    algorithm_versions: list[str]


class TalkLine(View):
    """One talk. A value that was not measured is None, and so is the entry of a quiet talk that left none."""

    entry_id: str | None
    began: datetime
    when: str
    heard_s: float
    lost_s: float
    floods: int
    near_misses: int
    above_line_s: float
    highest_bpm: float | None
    baseline_bpm: float | None
    baseline_rmssd_ms: float | None
    pauses_taken: int
    pauses_kept: int
    algorithm_version: str | None
    from_minutes: bool


class TrendsView(View):
    """One client's talks over weeks."""

    wearer_id: str
    name: str
    shared: str
    simulated: bool
    waiting: str | None
    missing: str | None
    versions: list[str]
    weeks: list[TalksOfWeek]
    figures: list[FigureView]
    talks: list[TalkLine]


class ComparedFigure(View):
    """One figure of two periods, and how it changed."""

    key: str
    title: str
    about: str
    before: EstimateView | None
    before_words: str
    after: EstimateView | None
    after_words: str
    change: EstimateView | None
    change_words: str
    is_ratio: bool
    is_clear: bool
    goes_down: bool


class PeriodView(View):
    """A period, both days in it, and what was talked in it."""

    first: date
    last: date
    words: str
    talks: int
    talked: str


class ComparisonView(View):
    """Two periods beside each other. `too_few`: why no change is told."""

    wearer_id: str
    name: str
    shared: str
    simulated: bool
    waiting: str | None
    before: PeriodView
    after: PeriodView
    too_few: str | None
    versions: str | None
    figures: list[ComparedFigure]


def estimate_view(figure: Figure, found: Estimate | None) -> EstimateView | None:
    """An estimate in the figure's unit."""
    if found is None:
        return None
    scale = NAMES[figure].scale
    return EstimateView(
        value=_finite(found.value * scale),
        low=round(found.low * scale, 3),
        high=_finite(found.high * scale),
        words=estimate_words(figure, found),
    )


def _finite(value: float) -> float | None:
    return round(value, 3) if isfinite(value) else None


def caseload_view(clients: Sequence[Client], now: datetime) -> list[ClientLine]:
    """The caseload in the order in which the clinician will see them; who has no appointment comes last, by name."""
    return [_client_line(client, now.date()) for client in in_order(clients, now)]


def in_order(clients: Sequence[Client], now: datetime) -> list[Client]:
    """By appointment, and nothing else. `now` is on the clinician's own clock, without a zone, as their appointments are."""
    far = datetime.max  # noqa: DTZ901  their clock has no zone

    def when(client: Client) -> tuple[datetime, str]:
        at = client.next_appointment
        return (far if at is None or at < now - timedelta(hours=1) else at, client.name.casefold())

    return sorted(clients, key=when)


def _client_line(client: Client, today: date) -> ClientLine:
    is_drawn = sum(week.talks for week in client.weeks) >= LEAST_TALKS
    lately = client.direction.after if client.direction else None
    return ClientLine(
        admission_id=client.admission_id,
        wearer_id=client.wearer_id,
        name=client.name,
        is_shown=bool(client.shown),
        shared=shared_words(client, today),
        last_talk=client.last_talk,
        last_talk_words=short_day(client.last_talk.date(), today) if client.last_talk else "",
        floods_per_hour=estimate_view(CASELOAD_FIGURE, lately) if is_drawn else None,
        weeks=_small_words(client, is_drawn=is_drawn),
        is_drawn=is_drawn and bool(client.shown),
        direction=arrow_words(client.direction) if is_drawn else None,
        goes_down=client.direction is not None and is_lower(client.direction),
        new_entries=client.new_entries,
        new=new_words(client),
        next_appointment=client.next_appointment,
        next_appointment_words=appointment_words(client.next_appointment, today) if client.next_appointment else "",
    )


def _small_words(client: Client, *, is_drawn: bool) -> str:
    if not client.shown:
        return NOTHING_TO_SHOW
    if not is_drawn:
        return "too few talks to draw"
    said = weeks_words(CASELOAD_FIGURE, ((week.talks, week.figures.get(CASELOAD_FIGURE)) for week in client.weeks))
    return f"Floods per talk hour, week by week: {said}."


def weeks_of(talks: Sequence[TalkFigures], period: Period) -> list[WeekOfTalks]:
    """The weeks that a period touches, with the talks that began within it."""
    first = period.first - timedelta(days=period.first.weekday())
    weeks = (period.last - first) // _WEEK + 1
    return by_week((talk for talk in talks if period.holds(talk.began.date())), first_monday=first, weeks=weeks)


def trends_view(trend: ShownTrend, period: Period, *, today: date) -> TrendsView:
    """One client's talks over the weeks of a period."""
    inside = [one for one in trend.talks if period.holds(one.figures.began.date())]
    figures = [one.figures for one in inside]
    weeks = weeks_of(figures, period)
    changes = [(weeks[place].first, version) for place, version in version_changes(weeks)]
    lately, before = _lately([one.figures for one in trend.talks], period.last)
    return TrendsView(
        wearer_id=trend.wearer_id,
        name=trend.name,
        shared=grants_words(trend.shown, today=today),
        simulated=trend.is_simulated,
        waiting=waiting_words(trend.waiting),
        missing=missing_words(sum(talk.lost_s for talk in figures), sum(talk.talk_s for talk in figures)),
        versions=versions_words(changes),
        weeks=[_talks_of(week) for week in weeks],
        figures=[
            _figure_view(figure, weeks, change_of(figure, before, lately), len(before), len(lately)) for figure in NAMES
        ],
        talks=[_talk_line(one, today) for one in inside],
    )


def _lately(talks: Sequence[TalkFigures], last: date) -> tuple[list[TalkFigures], list[TalkFigures]]:
    """Those of the last four weeks, and of the four before."""
    after, before = last_and_before(last)
    return (
        [talk for talk in talks if after.holds(talk.began.date())],
        [talk for talk in talks if before.holds(talk.began.date())],
    )


def last_and_before(last: date) -> tuple[Period, Period]:
    """The four weeks that `last` ends, from a Monday on, and the four before: the same that a caseload's arrow is of."""
    first = last - timedelta(days=last.weekday()) - (LATELY_WEEKS - 1) * _WEEK
    return Period(first, last), Period(first - LATELY_WEEKS * _WEEK, first - timedelta(days=1))


def _figure_view(
    figure: Figure, weeks: Sequence[WeekOfTalks], change: Change, talks_before: int, talks_after: int
) -> FigureView:
    named = NAMES[figure]
    return FigureView(
        key=named.key,
        title=named.title,
        about=named.about,
        sentence=change_sentence(figure, change, talks_before, talks_after, weeks=LATELY_WEEKS),
        weeks=[_week_view(figure, week) for week in weeks],
    )


def _week_view(figure: Figure, week: WeekOfTalks) -> WeekView:
    found, values = week.figures.get(figure), week.values.get(figure, [])
    scale = NAMES[figure].scale
    return WeekView(
        first=week.first,
        estimate=estimate_view(figure, found) if week.talks else None,
        values=[round(value * scale, 3) for value in values],
        words=_week_words(figure, week, found, values),
    )


def _week_words(figure: Figure, week: WeekOfTalks, found: Estimate | None, values: Sequence[float]) -> str:
    if not week.talks:
        return "no talk"
    if found is not None:
        return estimate_words(figure, found)
    if values:
        return f"one by one: {', '.join(value_words(figure, value) for value in values)}"
    return f"no {NAMES[figure].of}" if NAMES[figure].axis != "zero" else estimate_words(figure, None)


def _talks_of(week: WeekOfTalks) -> TalksOfWeek:
    return TalksOfWeek(
        first=week.first,
        talks=week.talks,
        heard_s=week.heard_s,
        lost_s=week.lost_s,
        lost_percent=round(100 * week.lost_s / week.talk_s, 1) if week.talk_s else None,
        algorithm_versions=sorted(week.algorithm_versions),
    )


def _talk_line(one: ShownTalk, today: date) -> TalkLine:
    talk = one.figures
    return TalkLine(
        entry_id=one.entry_id,
        began=talk.began,
        when=f"{short_day(talk.began.date(), today)}, {talk.began:%H:%M}",
        heard_s=talk.heard_s,
        lost_s=talk.lost_s,
        floods=len(talk.floods),
        near_misses=talk.near_misses,
        above_line_s=talk.above_line_s,
        highest_bpm=max((flood.peak_bpm for flood in talk.floods), default=None),
        baseline_bpm=talk.baseline_bpm,
        baseline_rmssd_ms=talk.rmssd_baseline_ms,
        pauses_taken=talk.pauses_taken,
        pauses_kept=talk.pauses_kept,
        algorithm_version=talk.algorithm_version,
        from_minutes=talk.from_minutes,
    )


def whole_period(trend: ShownTrend, period: Period) -> list[tuple[str, str, str]]:
    """Each figure over a whole period: its title, what it is, and its value with its interval."""
    inside = [one.figures for one in trend.talks if period.holds(one.figures.began.date())]
    return [
        (NAMES[figure].title, NAMES[figure].about, estimate_words(figure, compare((), inside)[figure].after))
        for figure in NAMES
    ]


def comparison_view(trend: ShownTrend, before: Period, after: Period, *, today: date) -> ComparisonView:
    """Two periods beside each other; the change is told where each has enough talks."""
    talks = [one.figures for one in trend.talks]
    first, second = ([talk for talk in talks if period.holds(talk.began.date())] for period in (before, after))
    found = compare(first, second)
    fewest = min(len(first), len(second))
    return ComparisonView(
        wearer_id=trend.wearer_id,
        name=trend.name,
        shared=grants_words(trend.shown, today=today),
        simulated=trend.is_simulated,
        waiting=waiting_words(trend.waiting),
        before=_period_view(before, first),
        after=_period_view(after, second),
        too_few=None
        if fewest >= LEAST_TALKS
        else f"Too few talks to say what changed: each period needs {LEAST_TALKS}, and the smaller one has {fewest or 'none'}.",
        versions=_versions_of_two(first, second),
        figures=[_compared(figure, found[figure], enough=fewest >= LEAST_TALKS) for figure in NAMES],
    )


def _versions_of_two(first: Sequence[TalkFigures], second: Sequence[TalkFigures]) -> str | None:
    before, after = (sorted({talk.algorithm_version or "" for talk in talks} - {""}) for talks in (first, second))
    if not before or not after or before == after:
        return None
    return (
        f"The detector was version {' and '.join(before)} in the first period and {' and '.join(after)} in the second: "
        "a difference can come from that."
    )


def _period_view(period: Period, talks: Sequence[TalkFigures]) -> PeriodView:
    heard = sum(talk.heard_s for talk in talks)
    return PeriodView(
        first=period.first,
        last=period.last,
        words=span_words(period.first, period.last),
        talks=len(talks),
        talked=f"{counted(len(talks), 'talk')}, {length(heard)} heard" if talks else "no talk",
    )


def _compared(figure: Figure, change: Change, *, enough: bool) -> ComparedFigure:
    named = NAMES[figure]
    return ComparedFigure(
        key=named.key,
        title=named.title,
        about=named.about,
        before=estimate_view(figure, change.before),
        before_words=estimate_words(figure, change.before),
        after=estimate_view(figure, change.after),
        after_words=estimate_words(figure, change.after),
        change=_change_view(figure, change),
        change_words=change_words(figure, change) if enough else TOO_FEW,
        is_ratio=change.is_ratio,
        is_clear=change.is_clear,
        goes_down=is_lower(change),
    )


def _change_view(figure: Figure, change: Change) -> EstimateView | None:
    if change.change is None:
        return None
    scale = 1.0 if change.is_ratio else NAMES[figure].scale
    found = change.change
    return EstimateView(
        value=_finite(found.value * scale),
        low=round(found.low * scale, 3),
        high=_finite(found.high * scale),
        words=change_words(figure, change),
    )
