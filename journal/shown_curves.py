"""One's own curve, shown to the other of a talk: each one's own switch, off until it is pressed, and off again at once.

It is the heart rate of a finished talk and nothing else: no flood, no line, no word. Nothing of a talk that goes on.
"""

import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.database import Database
from journal.models import EntryRow, ParticipantRow, PersonRow, RecordingRow, ShownCurveRow, TalkRow, TimelineRow
from journal.pairs import THE_OTHER
from journal.people import UNNAMED
from journal.statements import add_once
from journal.timeline_bytes import columns_of


@dataclass(frozen=True, slots=True)
class Curve:
    """The other's heart rate as they show it: one value a second from `began_at` on, None where there was none."""

    began_at: datetime
    bpm: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class TalkOfTwo:
    """The other in an entry's talk.

    Attributes:
        is_shown: whether the actor shows their curve to the other.
        curve: the other's, if they show it.
    """

    other_name: str
    is_shown: bool
    curve: Curve | None


class ShownCurves:
    """Who shows their curve to whom they talked with."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_two(self, actor: Actor, entry_id: str) -> TalkOfTwo | None:
        """The other side of an entry's talk; None for a talk of one, one that goes on, or where no recording is left.

        Raises `NotAllowed` for an entry that is not the actor's.
        """
        with self._database.read() as connection:
            own = _own_recording(connection, actor, entry_id, Action.READ_ENTRY)
            if own is None:
                return None
            recording, talk_id = own
            other = connection.execute(
                select(PersonRow.id, PersonRow.name)
                .join(ParticipantRow, ParticipantRow.person_id == PersonRow.id)
                .where(ParticipantRow.talk_id == talk_id, PersonRow.id != actor.person_id)
            ).one_or_none()
            if other is None:
                return None
            shown = connection.scalar(select(ShownCurveRow.recording).where(ShownCurveRow.recording == recording))
            name = THE_OTHER if other.name == UNNAMED else other.name
            return TalkOfTwo(name, shown is not None, _curve_of(connection, actor, talk_id, other.id))

    def show(self, actor: Actor, entry_id: str, *, now: datetime) -> None:
        """Show one's own curve of this entry's talk to the other. Raises `NotAllowed`, also where there is none."""
        with self._database.write() as connection:
            own = _own_recording(connection, actor, entry_id, Action.SHOW_CURVE)
            require(actor, Action.SHOW_CURVE, Subject(owner_id=actor.person_id if own else None))
            assert own is not None  # noqa: S101  nobody owns what does not exist, so `require` has raised
            add_once(connection, ShownCurveRow, {"recording": own[0]}, {"shown_at": now})

    def hide(self, actor: Actor, entry_id: str) -> None:
        """Take it back; what was not shown is not missed. Raises `NotAllowed`."""
        with self._database.write() as connection:
            own = _own_recording(connection, actor, entry_id, Action.SHOW_CURVE)
            if own is not None:
                connection.execute(delete(ShownCurveRow).where(ShownCurveRow.recording == own[0]))


def _own_recording(connection: Connection, actor: Actor, entry_id: str, action: Action) -> tuple[int, str] | None:
    """The actor's recording of an entry's finished talk, and the talk."""
    owner_id = connection.scalar(select(EntryRow.owner_id).where(EntryRow.id == entry_id))
    require(actor, action, Subject(owner_id=owner_id))
    row = connection.execute(
        select(RecordingRow.number, RecordingRow.talk_id)
        .join(EntryRow, (EntryRow.talk_id == RecordingRow.talk_id) & (EntryRow.owner_id == RecordingRow.owner_id))
        .join(TalkRow, TalkRow.id == RecordingRow.talk_id)
        .where(EntryRow.id == entry_id, TalkRow.ended_at.is_not(None))
    ).one_or_none()
    return None if row is None else (row.number, row.talk_id)


def _curve_of(connection: Connection, actor: Actor, talk_id: str, other_id: str) -> Curve | None:
    row = connection.execute(
        select(RecordingRow.began_at, TimelineRow.trace)
        .join(ShownCurveRow, ShownCurveRow.recording == RecordingRow.number)
        .join(TimelineRow, TimelineRow.recording == RecordingRow.number)
        .where(RecordingRow.talk_id == talk_id, RecordingRow.owner_id == other_id)
    ).one_or_none()
    if row is None:
        return None
    there = connection.scalars(select(ParticipantRow.person_id).where(ParticipantRow.talk_id == talk_id))
    require(actor, Action.SEE_CURVE, Subject(owner_id=other_id, shown_to=frozenset(there)))
    with suppress(ValueError, zlib.error):  # damaged: it is made anew when its owner looks at it
        return Curve(row.began_at, columns_of(row.trace)[0])
    return None
