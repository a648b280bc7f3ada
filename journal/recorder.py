"""A wearer's stream: packets, minutes, episodes, and the entry they belong to. Implements `alerts.ports.Recorder`."""

import uuid
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from alerts.people import Actor
from alerts.ports import Stored, Talk
from hrv.minutes import Minute
from hrv.near_miss import NearMiss
from hrv.reading import Episode
from hrv.settings import ALGORITHM_VERSION
from journal.access import Action, Subject, require
from journal.database import Database
from journal.local_time import LocalMoment, ZoneOfMachine, agrees, on_this_machine, zone_of_this_machine
from journal.models import EntryRow, EpisodeRow, MeasurementRow, MinuteRow, NearMissRow, RecordingRow, TalkRow
from journal.statements import add_once, put
from journal.straps import Straps, StrapTaken
from journal.talks import participants
from journal.writer import LinkToWrite, MeasurementToWrite, StrapToWrite, Told, Writer
from sensing.source import About, LinkEvent, Notification


class JournalRecorder:
    """Stores what a live talk delivers."""

    def __init__(self, database: Database, writer: Writer, zone: ZoneOfMachine = zone_of_this_machine) -> None:
        self._database = database
        self._writer = writer
        self._straps = Straps(database)
        self._zone = zone

    def measurement(self, recording_id: str, notification: Notification) -> None:
        """Queue one packet for the next group commit."""
        t_ms, number = round(notification.t_s * 1000), notification.number
        self._writer.put(MeasurementToWrite(recording_id, t_ms, notification.packet, notification.motion_mg, number))

    def link(self, recording_id: str, event: LinkEvent) -> None:
        """Queue a change of the link."""
        self._writer.put(LinkToWrite(recording_id, round(event.t_s * 1000), event.link, _storable(event.detail)))

    def met_strap(self, actor: Actor, about: About, now: datetime) -> None:
        """Remember a strap that the actor wears, or what is new of it."""
        with suppress(StrapTaken):  # remembered for somebody else a moment ago; it is not taken from them
            self._straps.remember(actor, about, now=now)

    def wear_in_page(self, recording_id: str, strap: str) -> None:
        """Queue that the strap called so is read by a page: thousands that come back at once share a commit."""
        self._writer.put(StrapToWrite(recording_id, _storable(strap)))

    def page_numbers(self, actor: Actor, recording_id: str) -> list[int]:
        """The numbers of all packets that a page has sent of a recording, and that are committed."""
        with self._database.read() as connection:
            number = _recording(connection, actor, Action.READ_RECORDING, recording_id).number
            query = select(MeasurementRow.page_number).where(
                MeasurementRow.recording == number, MeasurementRow.page_number.is_not(None)
            )
            return [one for one in connection.scalars(query.order_by(MeasurementRow.page_number)) if one is not None]

    def tell_of_numbered(self, told: Told) -> None:
        """Call `told`, in the writer's thread, with what each commit has brought to the disk of what pages have numbered."""
        self._writer.tell_of_numbered(told)

    def flush(self) -> None:
        """Wait until everything queued so far is committed."""
        self._writer.flush()

    def measurements(self, actor: Actor, recording_id: str) -> list[Stored]:
        """Everything committed of a recording, in the order it arrived; what a page has sent, by its own time."""
        with self._database.read() as connection:
            number = _recording(connection, actor, Action.READ_RECORDING, recording_id).number
            return read_measurements(connection, number)

    def minutes(self, actor: Actor, recording_id: str) -> list[Minute]:
        """Every stored minute of a recording, oldest first."""
        with self._database.read() as connection:
            number = _recording(connection, actor, Action.READ_RECORDING, recording_id).number
            rows = select(MinuteRow.__table__).where(MinuteRow.recording == number).order_by(MinuteRow.minute)
            return [Minute(*row[1:]) for row in connection.execute(rows)]

    def last_moment(self, actor: Actor, talk: Talk) -> datetime:
        """When the newest packet of an unfinished talk arrived. For the service itself at start-up."""
        require(actor, Action.FIND_UNFINISHED_TALKS, Subject())
        query = (
            select(func.max(MeasurementRow.t_ms))
            .join(RecordingRow, RecordingRow.number == MeasurementRow.recording)
            .where(RecordingRow.id == talk.recording_id)
        )
        with self._database.read() as connection:
            last_ms = connection.scalar(query) or 0
        return talk.began_at + timedelta(milliseconds=last_ms)

    def minute(self, actor: Actor, recording_id: str, minute: Minute) -> None:
        """Store one finished minute; storing it again changes nothing."""
        values = asdict(minute)
        with self._database.write_beside() as connection:
            number = _recording(connection, actor, Action.RECORD, recording_id).number
            put(connection, MinuteRow, {"recording": number, "minute": values.pop("minute")}, values)

    def episode(self, actor: Actor, recording_id: str, episode: Episode) -> None:
        """Store or update the episode that began at `episode.began_t_s`, and see that the talk's entry exists."""
        with self._database.write_beside() as connection:
            row = _recording(connection, actor, Action.RECORD, recording_id)
            put_episode(connection, row.number, episode)
            add_entry(connection, row.owner_id, row.talk_id, self._zone)

    def near_miss(self, actor: Actor, recording_id: str, near_miss: NearMiss) -> None:
        """Store a rise that turned back, and see that the talk's entry exists. Storing it again changes nothing."""
        with self._database.write_beside() as connection:
            row = _recording(connection, actor, Action.RECORD, recording_id)
            put_near_miss(connection, row.number, near_miss)
            add_entry(connection, row.owner_id, row.talk_id, self._zone)

    def entry(self, actor: Actor, talk_id: str) -> str:
        """The id of the actor's entry for this talk, made if there is none."""
        with self._database.write_beside() as connection:
            require(actor, Action.WRITE_ENTRY, participants(connection, talk_id))
            return add_entry(connection, str(actor.person_id), talk_id, self._zone)


def _recording(connection: Connection, actor: Actor, action: Action, recording_id: str) -> Row[int, str, str]:
    row = connection.execute(
        select(RecordingRow.number, RecordingRow.owner_id, RecordingRow.talk_id).where(RecordingRow.id == recording_id)
    ).one_or_none()
    require(actor, action, Subject(owner_id=row.owner_id if row else None))
    assert row is not None  # noqa: S101  nobody owns what does not exist, so `require` has raised
    return row


def read_measurements(connection: Connection, number: int) -> list[Stored]:
    """The packets of the recording with this number, in the order they arrived; what a page has sent, by its own time.

    A page may have kept a packet for hours, while later ones went through.
    """
    rows = connection.execute(
        select(MeasurementRow.t_ms, MeasurementRow.packet, MeasurementRow.motion_mg, MeasurementRow.page_number)
        .where(MeasurementRow.recording == number)
        .order_by(MeasurementRow.seq)
    ).all()
    if any(row.page_number is not None for row in rows):
        rows = sorted(rows, key=lambda row: row.t_ms)
    return [Stored(t_ms / 1000, packet, motion_mg) for t_ms, packet, motion_mg, _ in rows]


def put_episode(connection: Connection, number: int, episode: Episode) -> None:
    """Store or update an episode of the recording with this number."""
    values = _columns(episode)
    put(connection, EpisodeRow, {"recording": number, "began_t_s": values.pop("began_t_s")}, values)


def put_near_miss(connection: Connection, number: int, near_miss: NearMiss) -> None:
    """Store or update a near miss of the recording with this number."""
    values = asdict(near_miss) | {"algorithm_version": ALGORITHM_VERSION}
    put(connection, NearMissRow, {"recording": number, "from_s": values.pop("from_s")}, values)


def add_entry(connection: Connection, owner_id: str, talk_id: str, zone: ZoneOfMachine) -> str:
    """The id of the owner's entry for this talk, made if there is none. Two at once make one."""
    mine = select(EntryRow.id).where(EntryRow.owner_id == owner_id, EntryRow.talk_id == talk_id)
    found = connection.scalar(mine)
    if found is not None:
        return found
    happened = _when(connection, owner_id, talk_id, zone)
    values = {
        "id": uuid.uuid4().hex,
        "created_at": datetime.now(UTC),
        "happened_at": happened.at,
        "utc_offset_min": happened.utc_offset_min,
        "zone": happened.zone,
    }
    add_once(connection, EntryRow, {"owner_id": owner_id, "talk_id": talk_id}, values)
    return connection.scalars(mine).one()


def _when(connection: Connection, owner_id: str, talk_id: str, zone_of: ZoneOfMachine) -> LocalMoment:
    """When the owner's talk began, on their clock; without a recording, on this machine's."""
    own = (RecordingRow.talk_id == talk_id, RecordingRow.owner_id == owner_id)
    row = connection.execute(select(RecordingRow.began_at, RecordingRow.utc_offset_min).where(*own)).one_or_none()
    if row is None:
        began_at = connection.scalars(select(TalkRow.began_at).where(TalkRow.id == talk_id)).one()
        return on_this_machine(began_at, zone_of)
    happened, zone = LocalMoment(row.began_at, row.utc_offset_min), zone_of()
    return replace(happened, zone=zone) if zone is not None and agrees(happened, zone) else happened


def _storable(text: str) -> str:
    """Text from outside, without what a database refuses: one such row would hold up everybody's."""
    return text.encode(errors="replace").decode().replace("\0", "")


def _columns(episode: Episode) -> dict[str, Any]:
    values = asdict(episode)
    threshold = values.pop("threshold")
    return values | {
        "threshold_bpm": threshold["bpm"],
        "threshold_leave_bpm": threshold["leave_bpm"],
        "threshold_kind": threshold["kind"],
    }
