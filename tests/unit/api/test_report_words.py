"""What a report says: every reason and kind has words, and none of them frightens or diagnoses."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from api.printable import printable
from api.report import sentences, words
from api.report.figures import in_words
from api.report.measures import GROUPS
from api.report.table import measures
from hrv.artifact_search import Artifact
from hrv.figure import Figure, Missing
from hrv.heart_rate_recovery import Fall
from hrv.phases import PhaseKind

TEMPLATE = Path(words.__file__).parents[1] / "page" / "templates" / "report.html"
UNKIND = re.compile(r"\b(should|failed|failure|late|abnormal|risk|error)\b|!(?!doctype)", re.IGNORECASE)


@pytest.mark.parametrize("reason", list(Missing))
def test_every_reason_has_a_short_and_a_whole_explanation(reason):
    assert 0 < len(words.MISSING[reason]) <= 9, "it stands in a table's cell"
    assert len(words.WHY_MISSING[reason]) > 20
    assert in_words(Figure.none(reason), 1) == words.MISSING[reason]


def test_every_reason_reads_differently():
    assert len(set(words.MISSING.values())) == len(Missing)


@pytest.mark.parametrize("kind", [kind for kind in Artifact if kind is not Artifact.NONE])
def test_every_kind_of_artifact_has_words(kind):
    one, several = words.ARTIFACTS[kind]
    assert one != several
    assert words.WHAT_IS_DONE[kind]


def test_every_phase_has_a_word():
    assert set(words.PHASES) == set(PhaseKind)


def test_the_table_has_every_figure_of_an_analysis_once(flooded):
    names = [measure.name for measure in measures()]
    assert sorted(names) == sorted(flooded.whole.figures)
    assert all(measure.meaning and measure.needs_s > 0 for measure in measures())


def test_no_word_frightens_or_judges():
    said = [
        *words.MISSING.values(), *words.WHY_MISSING.values(), *words.WHAT_IS_DONE.values(), words.NOT_A_DEVICE,
        *(text for pair in words.ARTIFACTS.values() for text in pair),
        *(measure.meaning for group in GROUPS for measure in group.measures),
        re.sub(r"\{[{%].*?[%}]\}", "", TEMPLATE.read_text(encoding="utf-8")),
    ]  # fmt: skip
    assert [found.group() for text in said if (found := UNKIND.search(text))] == []


def test_a_flood_is_told_with_how_the_heart_came_down(flooded):
    (flood,) = flooded.floods
    assert re.fullmatch(
        r"7:\d\d to \d+:\d\d, highest 1[12]\d at \d:\d\d, above the line for .*", sentences.flood_line(flood)
    )
    assert re.fullmatch(r"\d+ lower", sentences.drop(flood))
    assert re.fullmatch(r"\d+ s ± \d+ s, towards \d+", sentences.fall(flood.fall))


def test_a_fall_without_a_time_constant_says_why(flooded):
    assert sentences.fall(Missing.NO_FIT) == sentences.fall(Fall(70.0, 40.0, 60.0, float("nan"))) == "unclear"
    (flood,) = flooded.floods
    assert sentences.reasons_in([flood]) == []
    lost = replace(flood, drop_60_s_bpm=Figure.none(Missing.NO_SIGNAL), fall=Missing.NO_FIT)
    assert sentences.reasons_in([flood, lost, lost]) == [Missing.NO_SIGNAL, Missing.NO_FIT]


def test_many_floods_are_told_together(flooded):
    many = replace(flooded, floods=flooded.floods * 5)
    assert re.match(
        r"Usual 70\. 5 floods, above 100 for \d+ min in all, highest 127 at \d:\d\d\.", sentences.in_brief(many)
    )
    assert sentences.in_brief(replace(flooded, floods=flooded.floods * 4)).count("was flooding") == 4


def test_artifacts_are_counted_by_kind_and_above_five_percent_the_figures_are_explained(noisy, flooded):
    said = sentences.artifacts(noisy.correction)
    assert re.fullmatch(r"\d+ of \d+ intervals, 1\d\.\d %: .*\d+ .*", said)
    assert "more than 5 %: figures of the whole recording" in sentences.artifacts_mean(noisy.correction)
    assert "mended" in sentences.artifacts_mean(flooded.correction)


def test_a_recording_without_a_heartbeat_is_told_in_words(silent):
    assert sentences.in_brief(silent)
    assert sentences.artifacts(silent.correction) == "none in 0 intervals"
    assert "not known" in sentences.usual(silent)


def test_names_cannot_move_the_cursor_or_turn_the_text_around():
    assert printable("a\x1b[2Jb\u202ec\nd\udcff") == r"a\x1b[2Jb\u202ec\nd\udcff"
    assert printable("Gespräch zwölf.csv") == "Gespräch zwölf.csv"
