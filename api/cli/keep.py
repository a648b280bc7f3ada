"""`flooding replay --save`: a recording becomes a talk with its entry in the journal."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.people import Actor
from alerts.policy import begin_topic, end_talk
from alerts.ports import Talk
from alerts.talk_state import TalkState
from api.own_journal import open_own_journal
from api.settings import read_settings
from hrv.settings import DetectorSettings
from journal.journal import Journal
from journal.timeline import timeline
from sensing.measurement import pack
from sensing.recording import Recording
from sensing.source import Notification

_ROWS_AT_A_TIME = 10_000


def keep(recording: Recording, *, talk_starts: float | None, threshold: float, data_dir: Path | None) -> str:
    """Store `recording` in the journal and say what was stored.

    A recording file does not say when it was made, so the talk is dated to end now.

    Raises:
        journal.database.DatabaseError: the journal cannot be opened.
        journal.writer.WriteFailed: the packets could not be written in time.
        alerts.ports.TalkConflict: a live talk is open.
    """
    settings = read_settings(data_dir=data_dir)
    journal = open_own_journal(settings.data_dir, simulated=False, key_file=settings.key_file)
    try:
        person = journal.people.first_person(name="You", now=datetime.now(UTC))
        actor = Actor(person.id)
        talk, state = _ended_talk(journal, actor, recording, talk_starts, threshold)
        _store_packets(journal, talk, recording)
        stored = journal.recorder.measurements(actor, talk.recording_id)
        found = timeline(talk, state, stored, DetectorSettings(threshold_bpm=threshold))
        for minute in found.minutes:
            journal.recorder.minute(actor, talk.recording_id, minute)
        for near_miss in found.near_misses:
            journal.recorder.near_miss(actor, talk.recording_id, near_miss)
        for episode in found.episodes:
            journal.recorder.episode(actor, talk.recording_id, episode)
        journal.recorder.entry(actor, talk.id)
        return f"kept {recording.name}: {len(stored)} packets, floods: {len(found.episodes)}"
    finally:
        journal.close()


def _ended_talk(
    journal: Journal, actor: Actor, recording: Recording, talk_starts: float | None, threshold: float
) -> tuple[Talk, TalkState]:
    """A talk that is over before its packets are stored: whatever interrupts that, nothing takes it for a live one."""
    ended_at = datetime.now(UTC)
    began_at = ended_at - timedelta(seconds=recording.content[-1].t_s)
    offset = ended_at.astimezone().utcoffset() or timedelta(0)
    talk = journal.talks.start(
        actor,
        began_at=began_at,
        utc_offset_min=int(offset.total_seconds() // 60),
        strap=f"the recording {recording.name}",
        simulated=False,
        threshold_bpm=threshold,
    )
    state, version = journal.talks.load(actor, talk.id)
    if talk_starts is not None:
        state = begin_topic(state, began_at + timedelta(seconds=talk_starts))
    state = end_talk(state, ended_at)
    journal.talks.save(actor, talk.id, state, expected_version=version)
    return talk, state


def _store_packets(journal: Journal, talk: Talk, recording: Recording) -> None:
    for count, row in enumerate(recording.rows(), 1):
        packet = pack(row.measurement) if row.packet is None else row.packet
        journal.recorder.measurement(talk.recording_id, Notification(row.t_s, packet, row.motion_mg))
        if count % _ROWS_AT_A_TIME == 0:
            journal.recorder.flush()
    journal.recorder.flush()
