"""An analysis for people at a terminal: what happened in sentences, then one table of figures."""

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from api.report import sentences
from api.report.measures import GROUPS
from api.report.table import FigureTable
from api.report.words import MISSING, NOT_A_DEVICE, WHY_MISSING
from hrv.figure import Missing
from hrv.phases import PhaseKind
from hrv.summary import Summary

LABEL_WIDTH = 16
CELL_WIDTH = 9
WITH_HOURS = 10
BETWEEN = 2
EDGES = 2
SECONDS_PER_HOUR = 3600
MISSING_STYLE = "dim italic"


def print_analysis(console: Console, title: str, summary: Summary) -> None:
    """Print all of it. As many phases as the console is wide stand side by side."""
    cell = CELL_WIDTH if summary.length_s < SECONDS_PER_HOUR else WITH_HOURS
    most = max(2, (console.width - LABEL_WIDTH - EDGES) // (cell + BETWEEN))
    table = FigureTable.of(summary, most)
    console.print(Text(title, style="bold"), soft_wrap=True)  # a path in two parts cannot be copied
    console.print(_facts(summary))
    console.print(_figures(table))
    console.print(_notes(table, summary))


def _facts(summary: Summary) -> Table:
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column()
    facts.add_row("How", Text(sentences.how_measured(summary)))
    facts.add_row("Length", Text(sentences.size(summary)))
    facts.add_row(
        "Artifacts", Text(f"{sentences.artifacts(summary.correction)}. {sentences.artifacts_mean(summary.correction)}")
    )
    facts.add_row("Usual", Text(sentences.usual(summary) + _hint(summary)))
    if not summary.floods:
        facts.add_row("Floods", Text("none"))
    for number, flood in enumerate(summary.floods, 1):
        facts.add_row(f"Flood {number}", Text(sentences.flood_line(flood)))
        came_down = f"a minute after it turned: {sentences.drop(flood)}; time constant: {sentences.fall(flood.fall)}"
        facts.add_row("", Text(came_down))
    turned_back = [sentences.near_miss(one) for one in summary.near_misses] or ["none"]
    for number, words in enumerate(turned_back):
        facts.add_row("" if number else "Near misses", Text(words))
    return facts


def _hint(summary: Summary) -> str:
    told = any(one.phase.kind is PhaseKind.BASELINE for one in summary.phases)
    return "" if told else " (--talk-starts says when they end)"


def _figures(found: FigureTable) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("", min_width=LABEL_WIDTH, no_wrap=True)
    for column in found.columns:
        times = column.times
        head = column.title if times is None else f"{column.title}\n{times[0]}\nto {times[1]}"
        table.add_column(head, justify="right", min_width=CELL_WIDTH, no_wrap=True)
    for label, cells in found.facts():
        table.add_row(label, *cells)
    for group in GROUPS:
        table.add_section()
        table.add_row(Text(group.title, style="bold"))
        for measure in group.measures:
            styled = [Text(words, style="" if known else MISSING_STYLE) for words, known in found.cells(measure)]
            table.add_row(measure.label, *styled)
    return table


def _notes(found: FigureTable, summary: Summary) -> Group:
    met = {*found.reasons(), *sentences.reasons_in(summary.floods)}
    lines = [f"{MISSING[reason]}: {WHY_MISSING[reason]}." for reason in Missing if reason in met]
    lines += [f"{found.left_out} --json has all."] if found.left_out else []
    return Group(*(Text(line, style="dim") for line in (*lines, NOT_A_DEVICE, "")))
