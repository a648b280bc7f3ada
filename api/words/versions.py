"""Which version of the detector said what of a talk, in words: at the time, and when it was looked at again."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.words.amounts import day_and_year, length
from journal.entries import EntryDetail
from journal.trends.figures import TalkFigures
from journal.versions import Analysis

NOT_KEPT = "not kept"


@dataclass(frozen=True, slots=True)
class Column:
    """One version beside the others. `version` opens its chart; None where none is kept, or it is the one on the page."""

    title: str
    floods: int
    near_misses: int
    above_line: str
    version: str | None


def version_words(entry: EntryDetail, analyses: Sequence[Analysis], shown: str) -> str:
    """The detector's version as one fact: `3`, or `2 in the talk; looked at again with 3 on 24 November 2026`."""
    first = _first(entry, analyses)
    if first is None or first == shown:
        return shown
    again = next((one for one in analyses if one.version == shown), None)
    return f"{first} {_then(entry)}; looked at again with {shown}{_on(again)}"


def columns(entry: EntryDetail, analyses: Sequence[Analysis], on_page: str) -> list[Column]:
    """Every version that has looked, in the order in which they did; none where only one has."""
    first = _first(entry, analyses)
    others = [one for one in analyses if one.version != first]
    if first is None or not others:
        return []
    kept = next((one for one in analyses if one.version == first), None)
    then = Column(
        f"{_then(entry).capitalize()}, version {first}",
        len(entry.episodes),
        len(entry.near_misses),
        _above_line(kept.figures if kept else None),
        first if kept and first != on_page else None,
    )
    return [then, *(_column(one, on_page) for one in others)]


def _first(entry: EntryDetail, analyses: Sequence[Analysis]) -> str | None:
    """The version that judged the talk at the time, as its floods say; where it found none, the first that looked."""
    return entry.said_by or next((one.version for one in analyses), None)


def _then(entry: EntryDetail) -> str:
    return "when it was imported" if entry.imported else "in the talk"


def _column(one: Analysis, on_page: str) -> Column:
    return Column(
        f"Again{_on(one)}, version {one.version}",
        one.floods,
        one.near_misses,
        _above_line(one.figures),
        one.version if one.version != on_page else None,
    )


def _above_line(figures: TalkFigures | None) -> str:
    if figures is None:
        return NOT_KEPT
    return length(figures.above_line_s) if figures.above_line_s else "none"


def _on(one: Analysis | None) -> str:
    return "" if one is None or one.made_at is None else f" on {day_and_year(one.made_at.astimezone())}"
