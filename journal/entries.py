"""Entries, as their owner reads them."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from alerts.people import Actor
from alerts.ports import Talk
from alerts.seen import seen_by
from alerts.talk_state import TalkState
from hrv.figure import Missing
from hrv.reading import Episode, EpisodeEnd, Threshold, ThresholdKind
from journal.access import Action, Subject, require
from journal.database import Database
from journal.models import EntryRow, EpisodeRow, PauseRow, RecordingRow, TalkRow, TalkStateRow
from journal.talks import select_talks, state_from_json, talk_from


@dataclass(frozen=True, slots=True)
class EntrySummary:
    """One line of the journal."""

    id: str
    began_at: datetime
    ended_at: datetime | None
    utc_offset_min: int
    floods: int
    pauses: int
    peak_bpm: float | None


@dataclass(frozen=True, slots=True)
class EntryDetail:
    """An entry with its physiological context.

    Attributes:
        state: what was shared in the talk, without what was suggested to the other or answered by them.
    """

    id: str
    created_at: datetime
    talk: Talk
    state: TalkState
    episodes: tuple[Episode, ...]


class Entries:
    """The actor's own entries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_entries(self, actor: Actor) -> list[EntrySummary]:
        """Newest first."""
        require(actor, Action.LIST_ENTRIES, Subject(owner_id=actor.person_id))
        floods = (
            select(EpisodeRow.recording, func.count().label("n"), func.max(EpisodeRow.peak_bpm).label("peak"))
            .group_by(EpisodeRow.recording)
            .subquery()
        )
        pauses = select(PauseRow.talk_id, func.count().label("n")).group_by(PauseRow.talk_id).subquery()
        query = (
            select(
                EntryRow.id,
                RecordingRow.began_at,
                TalkRow.ended_at,
                RecordingRow.utc_offset_min,
                func.coalesce(floods.c.n, 0),
                func.coalesce(pauses.c.n, 0),
                floods.c.peak,
            )
            .join(TalkRow, TalkRow.id == EntryRow.talk_id)
            .join(
                RecordingRow,
                (RecordingRow.talk_id == EntryRow.talk_id) & (RecordingRow.owner_id == EntryRow.owner_id),
            )
            .join(floods, floods.c.recording == RecordingRow.number, isouter=True)
            .join(pauses, pauses.c.talk_id == TalkRow.id, isouter=True)
            .where(EntryRow.owner_id == actor.person_id)
            .order_by(RecordingRow.began_at.desc())
        )
        with self._database.read() as connection:
            return [EntrySummary(*row) for row in connection.execute(query)]

    def entry(self, actor: Actor, entry_id: str) -> EntryDetail:
        """One entry. Raises `NotAllowed`."""
        with self._database.read() as connection:
            row = connection.execute(
                select(EntryRow.owner_id, EntryRow.talk_id, EntryRow.created_at).where(EntryRow.id == entry_id)
            ).one_or_none()
            require(actor, Action.READ_ENTRY, Subject(owner_id=row.owner_id if row else None))
            assert row is not None  # noqa: S101  nobody owns what does not exist, so `require` has raised
            own = (RecordingRow.talk_id == row.talk_id, RecordingRow.owner_id == row.owner_id)
            talk = talk_from(connection.execute(select_talks().where(*own)).one())
            return EntryDetail(
                entry_id, row.created_at, talk, _own_state(connection, talk), tuple(_episodes(connection, talk))
            )


def _own_state(connection: Connection, talk: Talk) -> TalkState:
    text = connection.scalars(select(TalkStateRow.state).where(TalkStateRow.talk_id == talk.id)).one()
    seen = seen_by(state_from_json(text), talk.wearer_id)
    return replace(seen, pauses=tuple(pause.of(talk.wearer_id) for pause in seen.pauses))


def _episodes(connection: Connection, talk: Talk) -> list[Episode]:
    rows = connection.execute(
        select(EpisodeRow.__table__)
        .join(RecordingRow, RecordingRow.number == EpisodeRow.recording)
        .where(RecordingRow.id == talk.recording_id)
        .order_by(EpisodeRow.began_t_s)
    )
    return [_episode(row) for row in rows]


def _episode(row: Row[Any]) -> Episode:
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public accessor, underscored against column names
    values.pop("recording")
    threshold = Threshold(
        values.pop("threshold_bpm"), values.pop("threshold_leave_bpm"), ThresholdKind(values.pop("threshold_kind"))
    )
    end, missing = values.pop("end"), values.pop("rmssd_flood_missing")
    return Episode(
        **values,
        threshold=threshold,
        end=EpisodeEnd(end) if end else None,
        rmssd_flood_missing=Missing(missing) if missing else None,
    )
