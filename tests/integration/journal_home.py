"""A real journal in a temporary folder, with two people in one talk."""

import time
import uuid
from datetime import timedelta

from sqlalchemy import insert, select

from alerts.people import Actor
from alerts.talk_state import Phase, TalkState
from journal.journal import open_journal
from journal.models import MeasurementRow, ParticipantRow, PersonRow, RecordingRow
from tests import postgres
from tests.fakes import BEGAN


def at(t_s):
    """`t_s` seconds after the talk began."""
    return BEGAN + timedelta(seconds=t_s)


def add_person(database, name):
    person_id = f"{name}-{uuid.uuid4().hex[:8]}"
    with database.write() as connection:
        connection.execute(insert(PersonRow).values(id=person_id, name=name, created_at=BEGAN))
    return Actor(person_id)


def start(journal, actor, began_at=BEGAN):
    return journal.talks.start(
        actor, began_at=began_at, utc_offset_min=60, strap="A strap", simulated=False, threshold_bpm=100.0
    )


def end(journal, actor, talk, t_s=600):
    state, version = journal.talks.load(actor, talk.id)
    ended = TalkState(state.started_at, Phase.ENDED, ended_at=at(t_s), suggestions=state.suggestions)
    journal.talks.save(actor, talk.id, ended, expected_version=version)


def join(database, talk, actor):
    """The actor sits in the same talk, with a recording of their own."""
    with database.write() as connection:
        connection.execute(insert(ParticipantRow).values(talk_id=talk.id, person_id=actor.person_id, joined_at=BEGAN))
        connection.execute(
            insert(RecordingRow).values(
                id=uuid.uuid4().hex,
                talk_id=talk.id,
                owner_id=actor.person_id,
                began_at=BEGAN,
                utc_offset_min=60,
                strap=None,
                threshold_bpm=100.0,
            )
        )


def rows(database, recording_id):
    """`(seq, t_ms, packet)` of a recording, as they are in the table."""
    with database.read() as connection:
        found = connection.execute(
            select(MeasurementRow.seq, MeasurementRow.t_ms, MeasurementRow.packet)
            .join(RecordingRow, RecordingRow.number == MeasurementRow.recording)
            .where(RecordingRow.id == recording_id)
            .order_by(MeasurementRow.seq)
        )
        return [tuple(row) for row in found]


def wait_until(condition, within_s=5.0):
    """Wait for another thread to get there."""
    until_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < until_s, "it did not come to that"
        time.sleep(0.002)


def raw_files(folder):
    """Every byte of the files in a folder; and of a journal on PostgreSQL every value in its tables."""
    return postgres.stored(folder) + b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())


class Home:
    """Mira and Jonas in one talk; Lena has nothing to do with it."""

    def __init__(self, folder):
        self.folder = folder
        self.journal = open_journal(folder)
        self.database = self.journal.database
        self.mira, self.jonas, self.lena = (add_person(self.database, name) for name in ("Mira", "Jonas", "Lena"))
        self.talk = start(self.journal, self.mira)
        join(self.database, self.talk, self.jonas)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.journal.close()
