"""Trends as drawings: where each dot, bar and mark stands. The templates draw them.

Dots with 90 % interval bars; consecutive weeks alone are joined; what is not shared is hatched. A path holds all bars, and
another all dots (a stroke of no length with round ends), so that a caseload of hundreds is still quickly drawn.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import floor, isfinite, log10

from api.words.trends import NAMES
from journal.trends.figures import Figure, WeekOfTalks
from journal.trends.uncertainty import Estimate

Place = Callable[[float], float]
"""Where a value stands in a drawing."""
COLUMN = 26
LEFT, RIGHT, TOP, PLOT = 44, 10, 16, 132
FEW_WEEKS = 12
SMALL_WIDTH, SMALL_HEIGHT, SMALL_FLOOR, SMALL_TOP = 168, 46, 40, 6
BAR, SMALL_BAR = 12, 9
"""How wide bars are, here and in css/clinic.css."""
LARGEST_TIMES = 2.5
"""An interval that reaches further than this many times the largest value is cut there, open: it would flatten all others."""
LOST_SHOWN = 0.05
"""A week with less lost signal than this has no mark; the table says it all the same."""
MOST_TICKS = 4


@dataclass(frozen=True, slots=True)
class Marks:
    """Path data: `bars` closed at both ends, `open_bars` go on beyond the drawing, `single` are talks one by one."""

    bars: str
    open_bars: str
    lines: str
    dots: str
    single: str


@dataclass(frozen=True, slots=True)
class At:
    """A text and its place on an axis."""

    place: float
    text: str


@dataclass(frozen=True, slots=True)
class WeeksDrawing:
    """One figure, week by week.

    Attributes:
        hatched: `(x, width)` of what is not shared.
        grant_x: where sharing begins.
        versions: where the detector became another one.
    """

    width: int
    marks: Marks
    ticks: list[At]
    weeks: list[At]
    talks: list[At]
    lost: list[At]
    hatched: list[tuple[float, float]]
    grant_x: float | None
    versions: list[At]
    is_wide: bool


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from `low` to `high`, in the figure's own units."""

    low: float
    high: float

    def share(self, value: float) -> float:
        """How far up a value is: 0 to 1, and the ends for what lies beyond."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def weeks_drawing(
    figure: Figure, weeks: Sequence[WeekOfTalks], *, shared_from: date | None, all_is_shared: bool
) -> WeeksDrawing:
    """A figure over weeks. `shared_from`: the first day that is shared whole; None where single entries alone are."""
    column = max(COLUMN, COLUMN * FEW_WEEKS // len(weeks))
    axis = axis_of(figure, weeks)

    def x(place: float) -> float:
        return round(LEFT + column * place, 1)

    def y(value: float) -> float:
        return round(TOP + PLOT * (1 - axis.share(value)), 1)

    middles = [x(place + 0.5) for place in range(len(weeks))]
    return WeeksDrawing(
        width=LEFT + (LEFT if len(weeks) > FEW_WEEKS else RIGHT) + column * len(weeks),
        marks=_marks(figure, weeks, middles, y, axis, end=BAR / 2),
        ticks=[At(y(value), text) for value, text in _ticks(figure, axis)],
        weeks=_week_labels(weeks, middles),
        talks=[At(at, str(week.talks) if week.talks else "–") for at, week in zip(middles, weeks, strict=True)],
        lost=[
            At(at, f"{100 * week.lost_s / week.talk_s:.0f}")
            for at, week in zip(middles, weeks, strict=True)
            if week.talk_s and week.lost_s / week.talk_s >= LOST_SHOWN
        ],
        hatched=[] if all_is_shared else _hatched(weeks, shared_from, x),
        grant_x=None if all_is_shared else _grant_x(weeks, shared_from, x),
        versions=[At(x(place), version) for place, version in version_changes(weeks)],
        is_wide=len(weeks) > FEW_WEEKS,
    )


def small_drawing(figure: Figure, weeks: Sequence[WeekOfTalks], axis: Axis) -> Marks:
    """The same in a row of a caseload, without a scale of its own: all rows share one."""
    column = SMALL_WIDTH / max(1, len(weeks))
    middles = [round(column * (place + 0.5), 1) for place in range(len(weeks))]

    def y(value: float) -> float:
        return round(SMALL_FLOOR - (SMALL_FLOOR - SMALL_TOP) * axis.share(value), 1)

    return _marks(figure, weeks, middles, y, axis, end=SMALL_BAR / 2)


def axis_of(figure: Figure, weeks: Iterable[WeekOfTalks]) -> Axis:
    """A scale that holds every value, and the intervals as far as they leave the values legible."""
    named, seen = NAMES[figure], list(weeks)
    if named.axis == "share":
        return Axis(0.0, 1.0)
    found = [estimate for week in seen if (estimate := week.figures.get(figure)) is not None]
    values = [estimate.value for estimate in found] + [one for week in seen for one in week.values.get(figure, ())]
    if not values:
        return Axis(0.0, 1.0 / named.scale)
    if named.axis == "zero":
        return Axis(0.0, _top(found, max(values), 1.0 / named.scale))
    low = min(values + [estimate.low for estimate in found])
    high = max(values + [estimate.high for estimate in found if isfinite(estimate.high)])
    step = _step((high - low) * named.scale, at_least=1.0) / named.scale
    return Axis(floor(low / step) * step, (floor(high / step) + 1) * step)


def _top(found: Sequence[Estimate], largest: float, least: float) -> float:
    highs = [estimate.high for estimate in found if isfinite(estimate.high)]
    limit = LARGEST_TIMES * largest if largest else min(highs, default=least)
    top = max([largest, *(high for high in highs if high <= limit)])
    return max(top, least * 0.1) * 1.05 if top else least


def _marks(
    figure: Figure, weeks: Sequence[WeekOfTalks], middles: Sequence[float], y: Place, axis: Axis, *, end: float
) -> Marks:
    """`end` is how far the round end of a bar's stroke reaches beyond its path: the bar as a whole is the interval."""
    bars: list[str] = []
    open_bars: list[str] = []
    lines: list[str] = []
    dots: list[str] = []
    single: list[str] = []
    before: str | None = None
    for x, week in zip(middles, weeks, strict=True):
        found = week.figures.get(figure) if week.talks else None
        if found is None or not isfinite(found.value):
            single += [f"M{x} {y(value)}h0" for value in week.values.get(figure, ())]
            before = None
            continue
        if found.high > axis.high:
            open_bars.append(f"M{x} {y(found.low)}V{y(axis.high)}")
        else:
            bars.append(_bar(x, y(found.low), y(found.high), end))
        here = f"{x} {y(found.value)}"
        dots.append(f"M{here}h0")
        if before is not None:
            lines.append(f"M{before}L{here}")
        before = here
    return Marks(*("".join(part) for part in (bars, open_bars, lines, dots, single)))


def _bar(x: float, low_y: float, high_y: float, end: float) -> str:
    if low_y - high_y <= 2 * end:  # shorter than its two ends: they alone are drawn
        return f"M{x} {round((low_y + high_y) / 2, 1)}h0"
    return f"M{x} {round(low_y - end, 1)}V{round(high_y + end, 1)}"


def _ticks(figure: Figure, axis: Axis) -> list[tuple[float, str]]:
    scale = NAMES[figure].scale
    if NAMES[figure].axis == "share":
        return [(0.0, "0"), (0.5, "50"), (1.0, "100")]
    step = _step((axis.high - axis.low) * scale)
    first = -floor(-axis.low * scale / step + 1e-9)
    places = [n * step for n in range(first, floor(axis.high * scale / step + 1e-9) + 1)]
    return [(place / scale, f"{place:.{max(0, -floor(log10(step)))}f}") for place in places]


def _step(span: float, at_least: float = 0.0) -> float:
    """A round step of which few go into a span."""
    if span <= 0:
        return max(1.0, at_least)
    ten = 10.0 ** floor(log10(span))
    step = next(ten * part for part in (0.2, 0.25, 0.5, 1, 2, 5) if span / (ten * part) <= MOST_TICKS)
    if step / ten == 0.25:  # noqa: PLR2004  a quarter is written with two places
        step = 0.5 * ten
    return max(step, at_least)


def _week_labels(weeks: Sequence[WeekOfTalks], middles: Sequence[float]) -> list[At]:
    """Every second week by its Monday, the month where it is another."""
    labels, month = [], 0
    for place in range((len(weeks) + 1) % 2, len(weeks), 2):
        first = weeks[place].first
        labels.append(At(middles[place], f"{first.day} {first:%b}" if first.month != month else str(first.day)))
        month = first.month
    return labels


def version_changes(weeks: Sequence[WeekOfTalks]) -> list[tuple[int, str]]:
    """In which weeks a version of the detector appears that the talks before did not have."""
    changes, before = [], frozenset[str]()
    for place, week in enumerate(weeks):
        new = week.algorithm_versions - before
        if before and new:
            changes.append((place, ", ".join(sorted(new))))
        before = week.algorithm_versions or before
    return changes


def _hatched(weeks: Sequence[WeekOfTalks], shared_from: date | None, x: Place) -> list[tuple[float, float]]:
    """Weeks, and the part of one, that are not shared; where a single entry of them is, the week is left clear for it."""
    spans = []
    for place, week in enumerate(weeks):
        until = 1.0 if shared_from is None else min(1.0, max(0.0, (shared_from - week.first) / timedelta(days=7)))
        if until and (not week.talks or until < 1):
            spans.append((x(place), round(x(place + until) - x(place), 1)))
    return spans


def _grant_x(weeks: Sequence[WeekOfTalks], shared_from: date | None, x: Place) -> float | None:
    if shared_from is None or not weeks:
        return None
    place = (shared_from - weeks[0].first) / timedelta(days=7)
    return x(place) if 0 < place <= len(weeks) else None
