"""Entries, as their owner reads them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select

from alerts.people import Actor
from alerts.ports import NotAllowed, Talk
from alerts.talk_state import TalkState
from hrv.figure import Missing
from hrv.near_miss import NearMiss
from hrv.reading import Episode, EpisodeEnd, Threshold, ThresholdKind
from journal.access import Action, Subject, require
from journal.database import Database
from journal.models import EntryRow, EpisodeRow, NearMissRow, PauseRow, RecordingRow, TalkRow, TalkStateRow
from journal.own_share import as_lived
from journal.talks import select_talks, state_from_json, talk_from


class Kind(StrEnum):
    """What an entry came from. A talk's entry can be several."""

    FLOOD = "flood"
    NEAR_MISS = "near_miss"
    PAUSE = "pause"
    BY_HAND = "by_hand"


class NoRecording(NotAllowed):
    """The entry has words only: it was made by hand, or its recording was erased."""


@dataclass(frozen=True, slots=True)
class EntrySummary:
    """One line of the journal.

    Attributes:
        began_at: when it happened; the talk's beginning where there was one.
        zone: the wearer's time zone, where its name is known.
    """

    id: str
    began_at: datetime
    ended_at: datetime | None
    utc_offset_min: int
    floods: int
    pauses: int
    peak_bpm: float | None
    near_misses: int = 0
    by_hand: bool = False
    zone: str | None = None

    @property
    def kinds(self) -> frozenset[Kind]:
        """What it came from; empty for a quiet talk that was kept."""
        there = {
            Kind.FLOOD: self.floods > 0,
            Kind.NEAR_MISS: self.near_misses > 0,
            Kind.PAUSE: self.pauses > 0,
            Kind.BY_HAND: self.by_hand,
        }
        return frozenset(kind for kind, is_there in there.items() if is_there)


@dataclass(frozen=True, slots=True)
class EntryDetail:
    """An entry with its physiological context.

    Attributes:
        state: what was shared in the talk, without what was suggested to the other or answered by them.
        episodes, near_misses: as they were said at the time, live or when the recording was imported.
        said_by: the detector's version that said them; None where it found nothing to say.
    """

    id: str
    created_at: datetime
    talk: Talk
    state: TalkState
    episodes: tuple[Episode, ...]
    zone: str | None = None
    near_misses: tuple[NearMiss, ...] = ()
    said_by: str | None = None
    imported: bool = False


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
        near_misses = select(NearMissRow.recording, func.count().label("n")).group_by(NearMissRow.recording).subquery()
        pauses = select(PauseRow.talk_id, func.count().label("n")).group_by(PauseRow.talk_id).subquery()
        query = (
            select(
                EntryRow.id,
                EntryRow.happened_at,
                TalkRow.ended_at,
                EntryRow.utc_offset_min,
                func.coalesce(floods.c.n, 0),
                func.coalesce(pauses.c.n, 0),
                floods.c.peak,
                func.coalesce(near_misses.c.n, 0),
                EntryRow.talk_id.is_(None),
                EntryRow.zone,
            )
            .join(TalkRow, TalkRow.id == EntryRow.talk_id, isouter=True)
            .join(
                RecordingRow,
                (RecordingRow.talk_id == EntryRow.talk_id) & (RecordingRow.owner_id == EntryRow.owner_id),
                isouter=True,
            )
            .join(floods, floods.c.recording == RecordingRow.number, isouter=True)
            .join(near_misses, near_misses.c.recording == RecordingRow.number, isouter=True)
            .join(pauses, pauses.c.talk_id == TalkRow.id, isouter=True)
            .where(EntryRow.owner_id == actor.person_id)
            .order_by(EntryRow.happened_at.desc(), EntryRow.id)
        )
        with self._database.read() as connection:
            return [EntrySummary(*row) for row in connection.execute(query)]

    def entry(self, actor: Actor, entry_id: str) -> EntryDetail:
        """One entry with the body's side. Raises `NotAllowed`, or `NoRecording` where it has none."""
        with self._database.read() as connection:
            row = connection.execute(
                select(EntryRow.owner_id, EntryRow.talk_id, EntryRow.created_at, EntryRow.zone).where(
                    EntryRow.id == entry_id
                )
            ).one_or_none()
            require(actor, Action.READ_ENTRY, Subject(owner_id=row.owner_id if row else None))
            assert row is not None  # noqa: S101  nobody owns what does not exist, so `require` has raised
            own = (RecordingRow.talk_id == row.talk_id, RecordingRow.owner_id == row.owner_id)
            found = connection.execute(select_talks().where(*own)).one_or_none()
            if found is None:
                raise NoRecording
            talk = talk_from(found)
            episodes = tuple(read_episodes(connection, talk.recording_id))
            near_misses = _near_misses(connection, talk.recording_id)
            return EntryDetail(
                entry_id,
                row.created_at,
                talk,
                own_state(connection, talk),
                episodes,
                row.zone,
                near_misses=tuple(near_miss for near_miss, _ in near_misses),
                said_by=next(iter([*(one.algorithm_version for one in episodes), *(v for _, v in near_misses)]), None),
                imported=_is_imported(connection, talk.recording_id),
            )

    def line(self, actor: Actor, entry_id: str) -> EntrySummary:
        """One entry as the list shows it, with or without the body's side. Raises `NotAllowed`."""
        found = next((entry for entry in self.list_entries(actor) if entry.id == entry_id), None)
        require(actor, Action.READ_ENTRY, Subject(owner_id=actor.person_id if found else None))
        assert found is not None  # noqa: S101  nobody owns what does not exist, so `require` has raised
        return found


def own_state(connection: Connection, talk: Talk) -> TalkState:
    """What was shared in the talk, as its wearer saw it: with their own way through each pause."""
    text = connection.scalars(select(TalkStateRow.state).where(TalkStateRow.talk_id == talk.id)).one()
    return as_lived(state_from_json(text), talk.wearer_id)


def read_episodes(connection: Connection, recording_id: str) -> list[Episode]:
    """The floods of a recording, oldest first. Raises `ValueError` for a word that this program does not know."""
    rows = connection.execute(
        select(EpisodeRow.__table__)
        .join(RecordingRow, RecordingRow.number == EpisodeRow.recording)
        .where(RecordingRow.id == recording_id)
        .order_by(EpisodeRow.began_t_s)
    )
    return [read_episode(row) for row in rows]


def _near_misses(connection: Connection, recording_id: str) -> list[tuple[NearMiss, str]]:
    """Those of a recording with the version that said them, oldest first."""
    rows = connection.execute(
        select(
            NearMissRow.from_s,
            NearMissRow.to_s,
            NearMissRow.peak_bpm,
            NearMissRow.peak_t_s,
            NearMissRow.algorithm_version,
        )
        .join(RecordingRow, RecordingRow.number == NearMissRow.recording)
        .where(RecordingRow.id == recording_id)
        .order_by(NearMissRow.from_s)
    )
    return [(NearMiss(row.from_s, row.to_s, row.peak_bpm, row.peak_t_s), row.algorithm_version) for row in rows]


def _is_imported(connection: Connection, recording_id: str) -> bool:
    digest = select(RecordingRow.imported_sha256).where(RecordingRow.id == recording_id)
    return connection.scalar(digest) is not None


def read_episode(row: Row[Any]) -> Episode:
    """The flood of a row of `EpisodeRow`. Raises `ValueError` for a word that this program does not know."""
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
