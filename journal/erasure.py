"""Erasing what is one's own: shown before, by the very choice that erases, and then gone from the file and its log.

In a shared talk only one's own stream goes: the heart's data, what was suggested because of it, the words. The other's
recording, and that there was a pause, are theirs as well. Copies that were made elsewhere are out of reach.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, exists, func, select, update

from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.database import Database
from journal.keys import Keyring
from journal.local_time import LocalMoment
from journal.models import (
    ChannelRow,
    ClinicLookRow,
    DailyCheckRow,
    DeliveryRow,
    EntryDraftRow,
    EntryRow,
    EntryTextRow,
    MeasurementRow,
    ParticipantRow,
    PauseRow,
    PersonRow,
    RecordingRow,
    SuggestionRow,
    TalkRow,
    TalkStateRow,
    TimelineRow,
)
from journal.own_account import own_account
from journal.own_share import without_wearer
from journal.talks import state_from_json, state_to_json


@dataclass(frozen=True, slots=True)
class OneEntry:
    """An entry: its words, and the heart's data of its talk."""

    entry_id: str


@dataclass(frozen=True, slots=True)
class OneRecording:
    """The heart's data of one talk. The entry stays, with its words alone."""

    recording_id: str


@dataclass(frozen=True, slots=True)
class Period:
    """Everything that happened on these days, with their daily checks, both included, on the wearer's own clock. None: no end on that side."""

    from_day: date | None
    to_day: date | None


@dataclass(frozen=True, slots=True)
class Everything:
    """All of it, the account and its key with it: also the channels, the list of people to turn to, the pair and what it agreed."""


Wish = OneEntry | OneRecording | Period | Everything


@dataclass(frozen=True, slots=True)
class Preview:
    """What a wish would erase.

    Attributes:
        timelines: how many are kept of these recordings; they are derived, and go with them.
        token: names exactly these things; erasing with it erases these or nothing.
        shared_talks: talks in which the other's share stays.
    """

    entries: int
    with_words: int
    checks: int
    recordings: int
    measurements: int
    timelines: int
    shared_talks: int
    first_at: datetime | None
    last_at: datetime | None
    token: str


class TalkIsOpen(Exception):
    """What is to be erased belongs to a talk that has not ended. Nothing has changed."""


class ChangedSincePreview(Exception):
    """It is no longer what the preview showed. Nothing has changed; look again."""


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The rows that a wish means: the one choice that preview and erasing share."""

    entries: Sequence[Row[Any]]
    recordings: Sequence[Row[Any]]
    checks: Sequence[Row[Any]] = ()

    @property
    def talk_ids(self) -> set[str]:
        return {row.talk_id for row in (*self.entries, *self.recordings) if row.talk_id is not None}

    @property
    def token(self) -> str:
        ids = [
            *sorted("e" + row.id for row in self.entries),
            *sorted("r" + row.id for row in self.recordings),
            *sorted("c" + row.id for row in self.checks),
        ]
        return hashlib.sha256("\n".join(ids).encode()).hexdigest()


class Erasure:
    """Erases the actor's own."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    def preview(self, actor: Actor, wish: Wish) -> Preview:
        """What `wish` would erase. Raises `NotAllowed`."""
        with self._database.read() as connection:
            chosen = _choose(connection, actor, wish)
            return _preview(connection, actor, chosen)

    def erase(self, actor: Actor, wish: Wish, *, token: str) -> Preview:
        """Erase what `wish` means, if that is still what the preview with `token` showed; return what was erased.

        Raises:
            ChangedSincePreview: it is something else by now.
            TalkIsOpen: part of it is a talk that has not ended.
            NotAllowed: it is nobody's, or somebody else's.
        """
        with self._database.write() as connection:
            chosen = _choose(connection, actor, wish)
            if chosen.token != token:
                raise ChangedSincePreview("this is no longer what was shown; look at it again, then erase")
            erased = _preview(connection, actor, chosen)
            owner_id = str(actor.person_id)
            _refuse_open(connection, owner_id, chosen, everything=isinstance(wish, Everything))
            _delete(connection, owner_id, chosen)
            if isinstance(wish, Everything):
                connection.execute(delete(PersonRow).where(PersonRow.id == owner_id))
                # The erased person may still sit at the machine: a click there must not open whoever is left.
                connection.execute(update(PersonRow).values(outlasted=True))
        if isinstance(wish, Everything):
            self._keyring.forget(owner_id)
        self._database.empty_wal()
        return erased

    def erase_hearts_before(
        self, actor: Actor, moment: datetime, *, stopped: Callable[[], bool] = lambda: False
    ) -> int:
        """Erase what hearts did in talks that began before `moment` and have ended, as `OneRecording` would; return of how many.

        One recording at a time, so that a live talk never waits long. For the service itself: `NotAllowed` for anybody else.
        """
        require(actor, Action.KEEP_TO_DAYS, Subject())
        old = (
            select(RecordingRow.number)
            .join(TalkRow, TalkRow.id == RecordingRow.talk_id)
            .where(RecordingRow.began_at < moment, TalkRow.ended_at.is_not(None))
        )
        with self._database.read() as connection:
            numbers = connection.scalars(old).all()
        erased = 0
        for number in numbers:
            if stopped():
                break
            with self._database.write() as connection:
                rows = connection.execute(select(RecordingRow.__table__).where(RecordingRow.number == number)).all()
                for row in rows:
                    _delete(connection, row.owner_id, _Chosen([], [row]))
                erased += len(rows)
        if erased:
            self._database.empty_wal()
        return erased


def _choose(connection: Connection, actor: Actor, wish: Wish) -> _Chosen:
    """The rows that `wish` means. Raises `NotAllowed`: what is not there and what is not yours look the same."""
    entries, recordings, checks = (_own(table, actor) for table in (EntryRow, RecordingRow, DailyCheckRow))
    match wish:
        case OneEntry(entry_id):
            found = connection.execute(entries.where(EntryRow.id == entry_id)).all()
            _require_one(actor, found)
            talk_id = found[0].talk_id
            return _Chosen(found, connection.execute(recordings.where(RecordingRow.talk_id == talk_id)).all())
        case OneRecording(recording_id):
            found = connection.execute(recordings.where(RecordingRow.id == recording_id)).all()
            _require_one(actor, found)
            return _Chosen([], found)
        case Period():
            require(actor, Action.ERASE, Subject(owner_id=actor.person_id))
            kept = [
                row
                for row in connection.execute(entries)
                if _is_within(_day(row.happened_at, row.utc_offset_min), wish)
            ]
            talks = {row.talk_id for row in kept}
            return _Chosen(
                kept,
                [
                    row
                    for row in connection.execute(recordings)
                    if row.talk_id in talks or _is_within(_day(row.began_at, row.utc_offset_min), wish)
                ],
                [row for row in connection.execute(checks) if _is_within(date.fromisoformat(row.day), wish)],
            )
        case Everything():
            own_account(connection, actor, Action.ERASE)
            return _Chosen(*(connection.execute(rows).all() for rows in (entries, recordings, checks)))


def _own(table: type[EntryRow] | type[RecordingRow] | type[DailyCheckRow], actor: Actor) -> Select[tuple[Any, ...]]:
    return select(table.__table__).where(table.owner_id == actor.person_id)


def _require_one(actor: Actor, found: Sequence[Row[Any]]) -> None:
    require(actor, Action.ERASE, Subject(owner_id=found[0].owner_id if found else None))


def _day(at: datetime, utc_offset_min: int) -> date:
    return LocalMoment(at, utc_offset_min).local.date()


def _is_within(day: date, period: Period) -> bool:
    return (period.from_day is None or period.from_day <= day) and (period.to_day is None or day <= period.to_day)


def _preview(connection: Connection, actor: Actor, chosen: _Chosen) -> Preview:
    words = set(connection.scalars(select(EntryTextRow.entry_id))) | set(
        connection.scalars(select(EntryDraftRow.entry_id))
    )
    measurements, timelines = (
        sum(
            connection.scalar(select(func.count()).where(table.recording == row.number)) or 0
            for row in chosen.recordings
        )
        for table in (MeasurementRow, TimelineRow)
    )
    others = ParticipantRow.person_id != actor.person_id
    shared = set(connection.scalars(select(ParticipantRow.talk_id).where(others)))
    times = [
        *(row.happened_at for row in chosen.entries),
        *(row.began_at for row in chosen.recordings),
        *(row.checked_at for row in chosen.checks),
    ]
    return Preview(
        entries=len(chosen.entries),
        with_words=sum(row.id in words for row in chosen.entries),
        checks=len(chosen.checks),
        recordings=len(chosen.recordings),
        measurements=measurements,
        timelines=timelines,
        shared_talks=len(chosen.talk_ids & shared),
        first_at=min(times, default=None),
        last_at=max(times, default=None),
        token=chosen.token,
    )


def _refuse_open(connection: Connection, owner_id: str, chosen: _Chosen, *, everything: bool) -> None:
    open_talks = select(TalkRow.id).join(ParticipantRow, ParticipantRow.talk_id == TalkRow.id)
    found = set(connection.scalars(open_talks.where(TalkRow.ended_at.is_(None), ParticipantRow.person_id == owner_id)))
    if found & chosen.talk_ids or (everything and found):
        raise TalkIsOpen("a talk is still open; end it first, then erase")


def _delete(connection: Connection, owner_id: str, chosen: _Chosen) -> None:
    for entry in chosen.entries:
        connection.execute(delete(EntryRow).where(EntryRow.id == entry.id))
        connection.execute(update(ClinicLookRow).where(ClinicLookRow.entry_id == entry.id).values(entry_id=None))
    for recording in chosen.recordings:
        connection.execute(delete(RecordingRow).where(RecordingRow.number == recording.number))
        _take_share_out(connection, owner_id, recording.talk_id)
    for check in chosen.checks:
        connection.execute(delete(DailyCheckRow).where(DailyCheckRow.id == check.id))
    _leave(connection, owner_id, chosen.talk_ids)


def _take_share_out(connection: Connection, owner_id: str, talk_id: str) -> None:
    """The shared state must not tell what the wearer's body did."""
    mine = (SuggestionRow.talk_id == talk_id, SuggestionRow.owner_id == owner_id)
    connection.execute(delete(SuggestionRow).where(*mine))
    channels = select(ChannelRow.id).where(ChannelRow.owner_id == owner_id)
    sent = (DeliveryRow.talk_id == talk_id, DeliveryRow.channel_id.in_(channels))
    connection.execute(delete(DeliveryRow).where(*sent))
    text = connection.scalar(select(TalkStateRow.state).where(TalkStateRow.talk_id == talk_id))
    if text is not None:
        state = state_to_json(without_wearer(state_from_json(text), owner_id))
        change = update(TalkStateRow).where(TalkStateRow.talk_id == talk_id)
        connection.execute(change.values(state=state, version=TalkStateRow.version + 1))


def _leave(connection: Connection, owner_id: str, talk_ids: Iterable[str]) -> None:
    """Where nothing of the wearer is left they were not there; a talk with nobody is gone."""
    for talk_id in talk_ids:
        rest = [
            exists().where(table.talk_id == talk_id, table.owner_id == owner_id) for table in (EntryRow, RecordingRow)
        ]
        if connection.scalar(select(rest[0] | rest[1])):
            continue
        _take_share_out(connection, owner_id, talk_id)
        here = ParticipantRow.talk_id == talk_id
        connection.execute(delete(ParticipantRow).where(here, ParticipantRow.person_id == owner_id))
        other = connection.scalar(select(ParticipantRow.person_id).where(here).order_by(ParticipantRow.person_id))
        if other is None:
            connection.execute(delete(TalkRow).where(TalkRow.id == talk_id))
        else:
            # That there was a pause is the other's as well, and must not go with this account.
            mine = (PauseRow.talk_id == talk_id, PauseRow.owner_id == owner_id)
            connection.execute(update(PauseRow).where(*mine).values(owner_id=other))
