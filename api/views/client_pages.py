"""What the pages of trends draw, beside what they tell."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from api.periods import Period
from api.trend_drawings import WeeksDrawing, weeks_drawing
from api.views.clients import trends_view, weeks_of, whole_period
from api.words.amounts import span_words
from api.words.trends import NAMES
from journal.sharing import Grant
from journal.trends.clients import ShownTrend


def drawings(trend: ShownTrend, period: Period, *, all_is_shared: bool = False) -> dict[str, WeeksDrawing]:
    """Each figure's drawing, by the figure's key."""
    weeks = weeks_of([one.figures for one in trend.talks], period)
    since = shared_from(trend.shown)
    return {
        named.key: weeks_drawing(figure, weeks, shared_from=since, all_is_shared=all_is_shared)
        for figure, named in NAMES.items()
    }


def shared_from(grants: Sequence[Grant]) -> date | None:
    """The first day that is shared whole; None where single entries alone are."""
    return min((grant.from_at.astimezone().date() for grant in grants if grant.from_at is not None), default=None)


def report_context(trend: ShownTrend, period: Period, *, today: date) -> dict[str, Any]:
    """Everything that the report prints."""
    return {
        "told": trends_view(trend, period, today=today),
        "drawings": drawings(trend, period),
        "figures": whole_period(trend, period),
        "period": period,
        "span": span_words(period.first, period.last),
        "versions": sorted(
            {
                one.figures.algorithm_version
                for one in trend.talks
                if one.figures.algorithm_version and period.holds(one.figures.began.date())
            }
        ),
        "from_minutes": any(one.figures.from_minutes for one in trend.talks if period.holds(one.figures.began.date())),
    }
