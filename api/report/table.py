"""The table of figures: which stretches stand beside one another, and what stands in a cell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from api.report.figures import in_words, sound
from api.report.measures import GROUPS, Measure
from api.report.words import PHASES, SinceBeginning, percent
from hrv.analysis import Analysis
from hrv.figure import Missing
from hrv.phases import Phase, PhaseKind
from hrv.summary import PhaseAnalysis, Summary

SHORTEST_PHASE_S = 60
"""A shorter phase has a heart rate at most, and is left out."""

_KEPT_FIRST = (PhaseKind.BASELINE, PhaseKind.FLOOD, PhaseKind.PAUSE)


@dataclass(frozen=True, slots=True)
class Column:
    """A stretch and its figures. `phase` is None for the whole recording."""

    phase: Phase | None
    analysis: Analysis

    @property
    def title(self) -> str:
        """What it is."""
        return PHASES[self.phase.kind] if self.phase else "Whole"

    @property
    def times(self) -> tuple[str, str] | None:
        """From when to when; None for the whole."""
        if self.phase is None:
            return None
        clock = SinceBeginning().clock
        return clock(self.phase.from_s), clock(self.phase.to_s)


@dataclass(frozen=True, slots=True)
class FigureTable:
    """The columns that are shown, and how many phases are not: too short ones, and those that there is no room for."""

    columns: tuple[Column, ...]
    too_short: int
    no_room: int

    @classmethod
    def of(cls, summary: Summary, most_columns: int | None = None) -> "FigureTable":
        """The phases that last a minute, in their order, then the whole. Where room is scarce, see `_kept`."""
        phases = [one for one in summary.phases if _seconds(one) >= SHORTEST_PHASE_S]
        kept = phases if most_columns is None else _kept(phases, most_columns - 1)
        columns = [Column(one.phase, one.analysis) for one in kept]
        return cls(
            (*columns, Column(None, summary.whole)),
            too_short=len(summary.phases) - len(phases),
            no_room=len(phases) - len(kept),
        )

    @property
    def left_out(self) -> str:
        """A sentence about the phases that are not shown; empty when all are."""
        reasons = []
        if self.too_short:
            reasons.append(f"{self.too_short} shorter than {SHORTEST_PHASE_S} s")
        if self.no_room:
            reasons.append(f"{self.no_room} for want of room")
        return f"Phases not shown: {', '.join(reasons)}." if reasons else ""

    def reasons(self) -> list[Missing]:
        """Why figures are missing in it: each reason once."""
        figures = (sound(column.analysis.figures[one.name]) for column in self.columns for one in measures())
        met = {figure.missing for figure in figures if figure.missing}
        return [reason for reason in Missing if reason in met]

    def facts(self) -> list[tuple[str, list[str]]]:
        """The rows that say what each column's figures rest on."""
        analyses = [column.analysis for column in self.columns]
        return [
            ("Beats", [f"{one.beats:,}" for one in analyses]),
            ("Time covered", [SinceBeginning().clock(one.covered_s) for one in analyses]),
            ("Artifacts", [percent(one.artifact_share) for one in analyses]),
        ]

    def cells(self, measure: Measure) -> list[tuple[str, bool]]:
        """One row: what stands in each cell, and whether it is a figure."""
        figures = [sound(column.analysis.figures[measure.name]) for column in self.columns]
        return [(in_words(figure, measure.digits), figure.value is not None) for figure in figures]


def measures() -> Iterable[Measure]:
    """Every measure, in the order of its group."""
    return (measure for group in GROUPS for measure in group.measures)


def _kept(phases: Sequence[PhaseAnalysis], most: int) -> Sequence[PhaseAnalysis]:
    """Baseline, floods and pauses first, then the longest; at most `most`, in the order of time."""
    ranked = sorted(phases, key=lambda one: (one.phase.kind not in _KEPT_FIRST, -_seconds(one)))
    return sorted(ranked[: max(most, 0)], key=lambda one: one.phase.from_s)


def _seconds(one: PhaseAnalysis) -> int:
    return one.phase.to_s - one.phase.from_s
