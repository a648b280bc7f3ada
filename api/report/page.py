"""The report as one page that needs nothing but itself: it opens from a disk, without a network, years later."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.printable import printable
from api.report import bundle, sentences, words
from api.report.figures import in_words
from api.report.measures import GROUPS
from api.report.table import FigureTable
from api.report.timeline import chart_data
from api.words.amounts import length
from hrv.corrected_minutes import MINUTE_S, CorrectedMinute
from hrv.figure import Figure, Missing
from hrv.summary import Summary

SHEETS = (
    "vendor/uplot/uPlot.min.css",
    *(f"css/{name}.css" for name in ("tokens", "type", "base", "chart", "pages", "report")),
)
MOST_CARDS = 4
"""More floods than this are rows of a table."""

TEMPLATES = Path(__file__).parents[1] / "page" / "templates"


@dataclass(frozen=True, slots=True)
class Section:
    """One recording's part of the page: all that the template says of it."""

    name: str
    brief: str
    size: str
    how: str
    usual: str
    version: str
    chart: dict[str, Any]
    flood_count: int
    flood_cards: list[tuple[str, list[dict[str, str]]]]
    flood_rows: list[tuple[str, ...]]
    flood_reasons: list[Missing]
    near_misses: list[str]
    artifacts: str
    artifacts_mean: str
    artifact_kinds: list[tuple[str, int, str]]
    table: FigureTable
    minutes: list[tuple[str, ...]]


def section(name: str, summary: Summary) -> Section:
    """The part of the page about one recording; of its file it tells no more than the name."""
    correction, floods = summary.correction, summary.floods
    many = len(floods) > MOST_CARDS
    return Section(
        name=printable(name),
        brief=sentences.in_brief(summary),
        size=sentences.size(summary),
        how=sentences.how_measured(summary),
        usual=sentences.usual(summary),
        version=summary.algorithm_version,
        chart=chart_data(summary),
        flood_count=len(floods),
        flood_cards=[] if many else [(sentences.flood_title(flood), sentences.facts_of(flood)) for flood in floods],
        flood_rows=[sentences.flood_row(flood) for flood in floods] if many else [],
        flood_reasons=sentences.reasons_in(floods),
        near_misses=[sentences.near_miss(one) for one in summary.near_misses],
        artifacts=sentences.artifacts(correction),
        artifacts_mean=sentences.artifacts_mean(correction),
        artifact_kinds=[
            (words.ARTIFACTS[kind][0].capitalize(), number, words.WHAT_IS_DONE[kind])
            for kind, number in correction.counts.items()
            if number
        ],
        table=FigureTable.of(summary),
        minutes=[_minute(minute, summary) for minute in summary.minutes],
    )


def page(sections: Sequence[Section]) -> str:
    """The whole page. The same sections give the same bytes."""
    scripts = [bundle.vendored_script("uplot/uPlot.iife.min.js"), bundle.script("report.js")]
    style = bundle.styles(SHEETS)
    policy = (
        f"default-src 'none'; script-src {' '.join(map(bundle.source_hash, scripts))}; "
        f"style-src {bundle.source_hash(style)}; font-src data:; base-uri 'none'; form-action 'none'"
    )
    return (
        _templates()
        .get_template("report.html")
        .render(
            title=sections[0].name if len(sections) == 1 else f"{len(sections)} recordings",
            sections=sections,
            groups=GROUPS,
            reasons=[(words.MISSING[reason], words.WHY_MISSING[reason]) for reason in Missing],
            missing=words.MISSING,
            why_missing=words.WHY_MISSING,
            length=length,
            not_a_device=words.NOT_A_DEVICE,
            policy=policy,
            style=Markup(style),  # noqa: S704  our own files, held to what a style element may contain by a test
            chart_library=Markup(scripts[0]),  # noqa: S704  likewise
            script=Markup(scripts[1]),  # noqa: S704  likewise
            icons=Markup(bundle.icons()),  # noqa: S704  likewise
        )
    )


def _templates() -> Environment:
    templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    templates.policies["json.dumps_kwargs"] = {"allow_nan": False, "separators": (",", ":")}
    return templates


def _minute(minute: CorrectedMinute, summary: Summary) -> tuple[str, ...]:
    from_s = minute.minute * MINUTE_S
    rates = (minute.heart_rate_bpm, minute.heart_rate_min_bpm, minute.heart_rate_max_bpm)
    mean, lowest, highest = (
        in_words(Figure.none(Missing.NO_SIGNAL) if bpm is None else Figure(bpm), 0) for bpm in rates
    )
    return (
        words.SinceBeginning().clock(from_s),
        _phase_at(from_s + MINUTE_S // 2, summary),
        mean,
        in_words(minute.rmssd_ms, 1),
        lowest,
        highest,
        words.percent(minute.artifact_share),
        f"{minute.covered_s:.0f} s",
    )


def _phase_at(t_s: int, summary: Summary) -> str:
    """The phase of that second, or the last one: a recording's last minute can be short."""
    begun = [one.phase.kind for one in summary.phases if one.phase.from_s <= t_s]
    return words.PHASES[begun[-1]]
