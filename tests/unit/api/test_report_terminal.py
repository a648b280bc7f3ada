"""The text for the terminal: legible at 100 columns, whatever the recording and its name."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from api.report.table import FigureTable, measures
from api.report.terminal import print_analysis
from hrv.phases import Phase, PhaseKind


def printed(summary, title="talk.csv", width=100):
    out = io.StringIO()
    print_analysis(Console(file=out, width=width, markup=False, highlight=False), title, summary)
    return out.getvalue()


def with_phases(summary, *lengths):
    """The same with phases of these lengths: baseline, then talk, rise, flood in turn."""
    kinds = [PhaseKind.BASELINE, *[PhaseKind.TALK, PhaseKind.RISE, PhaseKind.FLOOD] * len(lengths)]
    begun, phases = 0, []
    for kind, length in zip(kinds, lengths, strict=False):
        phases.append(replace(summary.phases[0], phase=Phase(kind, begun, begun + length)))
        begun += length
    return replace(summary, phases=phases)


@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut_off(flooded, width):
    many = with_phases(flooded, *range(60, 360, 20))
    for summary in (flooded, many, replace(many, length_s=9000)):
        text = printed(summary, width=width)
        assert max(map(len, text.splitlines())) <= width
        assert "…" not in text


def test_it_tells_what_happened_and_every_figure(flooded):
    text = printed(flooded)
    for words in ("line at 100 beats a minute", "Artifacts", "Usual", "Flood 1", "Near misses", "not a medical device"):
        assert words in text
    for row in ("Mean, bpm", "RMSSD, ms", "SD1/SD2", "LF/HF", "SampEn", "DFA α2"):
        assert row in text
    assert text.count("LF/HF") == 2, "Welch's and Lomb's"


def test_a_missing_figure_is_its_reason_and_the_reason_is_explained(flooded):
    text = printed(flooded)
    (row,) = (line for line in text.splitlines() if line.strip().startswith("DFA α2"))
    assert "too short" in row
    assert "too short: less time, or fewer beats" in text
    assert "too long:" not in text, "only reasons that occur"


def test_no_cell_is_empty(flooded, noisy, silent):
    for summary in (flooded, noisy, silent):
        table = FigureTable.of(summary)
        rows = [table.cells(measure) for measure in measures()]
        assert all(words.strip() for row in rows for words, _ in row)
        assert all(any(c.isdigit() for c in words) == known for row in rows for words, known in row)


def test_where_room_is_scarce_baseline_and_floods_stay_and_the_rest_is_counted(flooded):
    summary = with_phases(flooded, 300, 90, 61, 70, 200, 300, 59, 80)
    table = FigureTable.of(summary, 5)
    assert [column.title for column in table.columns] == ["Baseline", "Flood", "Talk", "Rise", "Whole"]
    assert table.left_out == "Phases not shown: 1 shorter than 60 s, 3 for want of room."
    assert FigureTable.of(summary).no_room == 0


def test_a_name_is_not_taken_for_markup(flooded):
    assert "[red]a[/red].csv" in printed(flooded, "[red]a[/red].csv")
