"""Figures of talks as they are stored: a row for each recording, and what they are made from where there are no packets."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta, timezone
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, select
from sqlalchemy.orm import QueryableAttribute

from alerts.pause import PauseState
from alerts.ports import Talk
from hrv.minutes import Minute
from hrv.near_miss import NearMiss
from journal.entries import read_episode
from journal.models import EpisodeRow, MinuteRow, NearMissRow, PauseRow, RecordingRow, TalkFiguresRow
from journal.trends.figures import FloodFigures, TalkFigures
from journal.trends.from_minutes import PauseTold, TalkRows

COLUMNS: tuple[QueryableAttribute[Any], ...] = (
    TalkFiguresRow.began_at,
    TalkFiguresRow.utc_offset_min,
    TalkFiguresRow.heard_s,
    TalkFiguresRow.lost_s,
    TalkFiguresRow.baseline_bpm,
    TalkFiguresRow.rmssd_baseline_ms,
    TalkFiguresRow.floods,
    TalkFiguresRow.near_misses,
    TalkFiguresRow.pauses_taken,
    TalkFiguresRow.pauses_kept,
    TalkFiguresRow.algorithm_version,
    TalkFiguresRow.above_line_s,
    TalkFiguresRow.from_minutes,
)
"""What `figures_from` reads, in its order."""


def columns_of(talk: Talk, figures: TalkFigures) -> dict[str, object]:
    """The row's values, but for its recording and its basis."""
    floods = [(flood.peak_bpm, flood.rise_bpm, flood.back_s) for flood in figures.floods]
    return {
        "owner_id": talk.wearer_id,
        "talk_id": talk.id,
        "began_at": talk.began_at,
        "utc_offset_min": talk.utc_offset_min,
        "from_minutes": figures.from_minutes,
        "algorithm_version": figures.algorithm_version,
        "heard_s": figures.heard_s,
        "lost_s": figures.lost_s,
        "above_line_s": figures.above_line_s,
        "baseline_bpm": figures.baseline_bpm,
        "rmssd_baseline_ms": figures.rmssd_baseline_ms,
        "floods": json.dumps(floods, separators=(",", ":")),
        "near_misses": figures.near_misses,
        "pauses_taken": figures.pauses_taken,
        "pauses_kept": figures.pauses_kept,
    }


def figures_from(row: Sequence[Any]) -> TalkFigures:
    """The figures of a row of `COLUMNS`."""
    began_at, utc_offset_min, heard_s, lost_s, baseline_bpm, rmssd_ms, floods, *rest = row
    return TalkFigures(
        began_at.astimezone(_clock(utc_offset_min)), heard_s, lost_s, baseline_bpm, rmssd_ms, _floods(floods), *rest
    )


def _floods(told: str) -> tuple[FloodFigures, ...]:
    return () if told == "[]" else tuple(FloodFigures(*flood) for flood in json.loads(told))


@cache
def _clock(utc_offset_min: int) -> timezone:
    return timezone(timedelta(minutes=utc_offset_min))


def has_minutes() -> ColumnElement[bool]:
    """Whether the recording has minutes: without packets they are all there is of it."""
    return exists().where(MinuteRow.recording == RecordingRow.number)


def rows_of(connection: Connection, recordings: Iterable[tuple[int, str]]) -> dict[int, TalkRows]:
    """The minutes, floods, near misses and pauses of recordings, told as `(number, talk_id)`, by their numbers."""
    talk_ids = dict(recordings)
    minutes, episodes, near_misses = (
        _by_recording(connection, table, table.recording.in_(talk_ids), order)
        for table, order in (
            (MinuteRow, MinuteRow.minute),
            (EpisodeRow, EpisodeRow.began_t_s),
            (NearMissRow, NearMissRow.from_s),
        )
    )
    pauses: defaultdict[str, list[PauseTold]] = defaultdict(list)
    query = select(
        PauseRow.talk_id, PauseRow.state, PauseRow.called_at, PauseRow.return_at, PauseRow.ready_at, PauseRow.ended_at
    ).where(PauseRow.talk_id.in_(talk_ids.values()))
    for talk_id, state, called_at, return_at, ready_at, ended_at in connection.execute(
        query.order_by(PauseRow.called_at)
    ):
        pauses[talk_id].append(PauseTold(PauseState(state), called_at, return_at, ready_at, ended_at))
    return {
        number: TalkRows(
            minutes=[_minute(*row) for row in minutes[number]],
            episodes=[read_episode(row) for row in episodes[number]],
            near_misses=[NearMiss(row.from_s, row.to_s, row.peak_bpm, row.peak_t_s) for row in near_misses[number]],
            algorithm_versions=frozenset(row.algorithm_version for row in near_misses[number]),
            pauses=pauses[talk_id],
        )
        for number, talk_id in talk_ids.items()
    }


def _minute(_recording: int, *columns: Any) -> Minute:  # noqa: ANN401  the columns of a row
    return Minute(*columns)


def _by_recording(
    connection: Connection,
    table: type[MinuteRow] | type[EpisodeRow] | type[NearMissRow],
    mine: ColumnElement[bool],
    order: QueryableAttribute[Any],
) -> defaultdict[int, list[Row[Any]]]:
    found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(select(table.__table__).where(mine).order_by(table.recording, order)):
        found[row.recording].append(row)
    return found
