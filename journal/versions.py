"""Which version's result is shown of a recording, and what becomes of the others. The one place that says so.

- What a live talk said (its minutes, floods and near misses) is what was said: nothing here touches it.
- Shown is what this program's own detector makes: timelines, reviews, trends and exports read the tables that hold it.
- What another version made stands beside, whole, from the moment when it is no longer the one that is shown.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, select

from alerts.ports import Talk
from journal.derived import Derived, version_in
from journal.models import EarlierAnalysisRow, TalkFiguresRow, TimelineRow
from journal.statements import put
from journal.timeline_bytes import TimelineBytes, facts_of
from journal.trends.figures import TalkFigures
from journal.trends.stored_figures import COLUMNS, columns_of, figures_from

_FIGURES = TypeAdapter(TalkFigures)
_BEFORE = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Analysis:
    """One version's result of a recording.

    Attributes:
        made_at: None where it is older than this was kept.
        is_shown: pages show this one; the others stand beside it.
        floods, near_misses: how many it found in the whole recording.
        figures: what trends have, or had, of it; None where they have none.
    """

    version: str
    made_at: datetime | None
    is_shown: bool
    floods: int
    near_misses: int
    figures: TalkFigures | None


def put_shown(connection: Connection, number: int, derived: Derived, now: datetime) -> None:
    """Keep a timeline as the one that is shown; what another version made goes beside it. Its figures: `put_figures`."""
    version = version_in(derived.basis)
    _set_beside(connection, number, version)
    parts = derived.timeline
    values = {"basis": derived.basis, "packets": derived.packets, "made_at": now}
    values |= {"facts": parts.facts, "minutes": parts.minutes, "trace": parts.trace}
    put(connection, TimelineRow, {"recording": number}, values)
    again = (EarlierAnalysisRow.recording == number, EarlierAnalysisRow.algorithm_version == version)
    connection.execute(delete(EarlierAnalysisRow).where(*again))


def put_figures(connection: Connection, number: int, talk: Talk, figures: TalkFigures, basis: str) -> None:
    """Keep a talk's figures as those that are shown."""
    put(connection, TalkFiguresRow, {"recording": number}, columns_of(talk, figures) | {"basis": basis})


def analyses(connection: Connection, number: int) -> list[Analysis]:
    """The results that there are of a recording, in the order in which they were made; the one that is shown is the last.

    One that is damaged is left out: another program made it, and it cannot be made anew.
    """
    beside = select(
        EarlierAnalysisRow.algorithm_version,
        EarlierAnalysisRow.made_at,
        EarlierAnalysisRow.facts,
        EarlierAnalysisRow.figures,
    ).where(EarlierAnalysisRow.recording == number)
    found: list[Analysis] = []
    for version, made_at, facts, told in connection.execute(beside):
        with suppress(ValueError):
            figures = None if told is None else _FIGURES.validate_json(told)
            found.append(_analysis(version, made_at, facts, figures, is_shown=False))
    found.sort(key=lambda one: (one.made_at or _BEFORE, one.version))
    shown = (
        select(TimelineRow.basis, TimelineRow.made_at, TimelineRow.facts, *COLUMNS)
        .join(TalkFiguresRow, TalkFiguresRow.recording == TimelineRow.recording, isouter=True)
        .where(TimelineRow.recording == number)
    )
    for basis, made_at, facts, *columns in connection.execute(shown):
        with suppress(ValueError):
            figures = None if columns[0] is None else figures_from(columns)
            found.append(_analysis(version_in(basis), made_at, facts, figures, is_shown=True))
    return found


def _analysis(
    version: str, made_at: datetime | None, facts: str, figures: TalkFigures | None, *, is_shown: bool
) -> Analysis:
    told = facts_of(facts)
    return Analysis(version, made_at, is_shown, len(told.episodes), len(told.near_misses), figures)


def earlier(connection: Connection, number: int, version: str) -> TimelineBytes | None:
    """What another version made; None where it made nothing, or nothing was kept."""
    query = select(EarlierAnalysisRow.facts, EarlierAnalysisRow.minutes, EarlierAnalysisRow.trace).where(
        EarlierAnalysisRow.recording == number, EarlierAnalysisRow.algorithm_version == version
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else TimelineBytes(row.facts, row.minutes, row.trace)


def _set_beside(connection: Connection, number: int, version: str) -> None:
    """Keep what is shown now, if it is another version's."""
    before = connection.execute(select(TimelineRow.__table__).where(TimelineRow.recording == number)).one_or_none()
    if before is None or version_in(before.basis) == version:
        return
    of_packets = (TalkFiguresRow.recording == number, TalkFiguresRow.from_minutes.is_(False))
    row = connection.execute(select(*COLUMNS).where(*of_packets)).one_or_none()
    values = {
        "basis": before.basis,
        "packets": before.packets,
        "made_at": before.made_at,
        "facts": before.facts,
        "minutes": before.minutes,
        "trace": before.trace,
        "figures": None if row is None else _FIGURES.dump_json(figures_from(row)).decode(),
    }
    key = {"recording": number, "algorithm_version": version_in(before.basis)}
    put(connection, EarlierAnalysisRow, key, values)
