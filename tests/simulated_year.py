"""Simulated talks of a simulated couple, in a journal: for benchmarks, tests and pictures.

    python -m tests.simulated_year FOLDER [--talks 200] [--until 2026-03-15]

Every talk is an hour, marked as simulated in the journal, and dated backwards from `until`. The couple lives in Berlin, with
its changes of the clocks, and spends two weeks of the year in New York. Progress goes to standard error.
"""

import argparse
import math
import random
import sys
import uuid
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from alerts import steps
from alerts.pause import PauseTrigger
from alerts.people import Actor
from alerts.policy_settings import PolicySettings
from hrv.settings import DetectorSettings
from journal.journal import open_journal
from journal.models import ParticipantRow, PersonRow, RecordingRow, TalkRow
from sensing.measurement import HeartRateMeasurement, pack
from sensing.physiology import Scenario, SimulatedBody
from sensing.source import Notification

DETECTOR = DetectorSettings()
HOUR_S = 3600
EVERY_DAYS = 365 / 200
HOME, AWAY = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
HOURS = (8, 13, 16, 18, 19, 19, 20, 20, 20, 21, 21, 22)
NEAR_MISS_S = (420, 495)
NEAR_MISS_BPM = 96.0
FLOOD_AT_S = 1200.0


class Heart(Scenario):
    """A talk in which the heart rises once towards the line and turns, and then may flood."""

    def goal_bpm(self, t_s, pause_began_s):
        usual = Scenario.goal_bpm(self, t_s, pause_began_s)
        if not NEAR_MISS_S[0] <= t_s < NEAR_MISS_S[1]:
            return usual
        reached = -math.expm1((NEAR_MISS_S[0] - NEAR_MISS_S[1]) / self.rise_tau_s)
        return self.baseline_bpm + (NEAR_MISS_BPM - self.baseline_bpm) / reached


def packets(seed, pause_began_s, *, rises, floods, length_s=HOUR_S):
    """A talk's packets, one a second; some seconds are lost."""
    chance = random.Random(seed)  # noqa: S311  repeatable, not secret
    kind = Heart if rises else Scenario
    scenario = kind(
        baseline_bpm=chance.uniform(64, 76),
        argument_rise_bpm=chance.uniform(2, 8),
        flood_at_s=FLOOD_AT_S if floods else 2.0 * length_s,
        flood_bpm=chance.uniform(110, 122),
        fall_tau_s=chance.uniform(120, 330),
        dropout_at_s=chance.uniform(400, 3000),
        ectopic_at_s=chance.uniform(300, 3000),
    )
    body = SimulatedBody(scenario, seed, pause_began_s)
    for second in range(1, length_s + 1):
        beats = body.advance(float(second))
        if not scenario.contact_lost(second):
            bpm = round(60 * len(beats) / (sum(b.rr_ticks for b in beats) / 1024)) if beats else 0
            yield Notification(
                second - 0.05, pack(HeartRateMeasurement(bpm, rr_ticks=tuple(b.rr_ticks for b in beats)))
            )


def make(
    folder,
    *,
    talks=200,
    until=None,
    told=lambda _done, _all: None,
    partner=True,
    hours=1,
    entries_of_all=False,
    every_days=EVERY_DAYS,
):
    """Make the talks in `folder`; return the wearer. `told(done, all)` after each."""
    until = until or datetime.now(UTC).date()
    with closing(open_journal(folder)) as journal:
        wearer = Actor(journal.people.first_person(name="Mira", now=datetime.now(UTC)).id)
        other = _partner(journal) if partner else None
        for n in range(talks):
            began_at = _began_at(n, talks, until, every_days) - timedelta(hours=hours - 1)
            _talk(journal, wearer, other, n, began_at, length_s=int(hours * HOUR_S), made_an_entry=entries_of_all)
            told(n + 1, talks)
    return wearer


def _began_at(n, talks, until, every_days):
    """Talk `n` of `talks`, one `every_days` before `until`, at an hour of the day where the couple is."""
    chance = random.Random(f"when {n}")  # noqa: S311  repeatable, not secret
    days_before = math.floor((talks - 1 - n) * every_days)
    day = until - timedelta(days=days_before)
    zone = AWAY if 150 <= days_before < 164 else HOME
    local = datetime.combine(day, time(chance.choice(HOURS), chance.randrange(60)), zone)
    return min(local, datetime.combine(until, time(20, 5), zone))


def _partner(journal):
    other = Actor(uuid.uuid4().hex)
    with journal.database.write() as connection:
        connection.execute(insert(PersonRow).values(id=other.person_id, name="Jonas", created_at=datetime.now(UTC)))
    return other


def _talk(journal, wearer, other, n, began_at, *, length_s, made_an_entry):
    chance = random.Random(f"what {n}")  # noqa: S311  repeatable, not secret
    rises, floods = chance.random() < 0.45, chance.random() < 0.4
    paused = floods and chance.random() < 0.7
    offset_min = int(began_at.utcoffset().total_seconds() // 60)
    talk = journal.talks.start(
        wearer,
        began_at=began_at,
        utc_offset_min=offset_min,
        strap="Simulated strap",
        simulated=True,
        threshold_bpm=DETECTOR.threshold_bpm,
    )
    recordings = [(wearer, talk.recording_id)]
    if other is not None:
        recordings.append((other, _join(journal, other, talk)))
    pause_s = FLOOD_AT_S + 100.0 + chance.uniform(0, 240) if paused else None
    for person, recording_id in recordings:
        own = person == wearer
        for notification in packets(
            2 * n + (not own), pause_s, rises=rises and own, floods=floods and own, length_s=length_s
        ):
            journal.recorder.measurement(recording_id, notification)
    journal.recorder.flush()
    _lived(journal, wearer, talk, pause_s, length_s)
    for person, recording_id in recordings:
        _settle(journal, person, talk, recording_id, made_an_entry=paused or made_an_entry)


def _join(journal, other, talk):
    recording_id = uuid.uuid4().hex
    with journal.database.write() as connection:
        connection.execute(
            insert(ParticipantRow).values(talk_id=talk.id, person_id=other.person_id, joined_at=talk.began_at)
        )
        connection.execute(
            insert(RecordingRow).values(
                id=recording_id,
                talk_id=talk.id,
                owner_id=other.person_id,
                began_at=talk.began_at,
                utc_offset_min=talk.utc_offset_min,
                strap="Simulated strap",
                threshold_bpm=talk.threshold_bpm,
            )
        )
    return recording_id


def _lived(journal, wearer, talk, pause_s, length_s):
    """The talk's state as it would have been: quiet minutes, perhaps a pause and the way back from it, the end."""

    def at(t_s):
        return talk.began_at + timedelta(seconds=t_s)

    state, version = journal.talks.load(wearer, talk.id)
    state = steps.begin_topic(state, at(300))
    if pause_s is not None:
        settings = PolicySettings()
        state = steps.call_pause(state, wearer.person_id, at(pause_s), settings, fresh_id=uuid.uuid4().hex)
        state = steps.change_pause(state, PauseTrigger.CALM_ENOUGH, at(pause_s + 1260))
        state = steps.change_pause(state, PauseTrigger.RETURN, at(pause_s + 1300))
    state = steps.end_talk(state, at(length_s))
    journal.talks.save(wearer, talk.id, state, expected_version=version)


def _settle(journal, person, talk, recording_id, *, made_an_entry):
    """Store what the live talk would have stored, and the timeline."""
    with journal.database.read() as connection:
        row = connection.execute(select(TalkRow.topic_began_at, TalkRow.ended_at).where(TalkRow.id == talk.id)).one()
    over = replace(talk, wearer_id=person.person_id, recording_id=recording_id, topic_began_at=row[0], ended_at=row[1])
    state, _ = journal.talks.load(person, talk.id)
    found = journal.timelines.read(person, over, state, DETECTOR)
    for minute in found.minutes:
        journal.recorder.minute(person, recording_id, minute)
    for near_miss in found.near_misses:
        journal.recorder.near_miss(person, recording_id, near_miss)
    for episode in found.episodes:
        journal.recorder.episode(person, recording_id, episode)
    if made_an_entry:
        journal.recorder.entry(person, talk.id)


def on_terminal(done, total):
    """Progress, on one line of standard error."""
    end = "\n" if done == total else ""
    print(f"\rsimulated talks: {done} of {total}", end=end, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--talks", type=int, default=200)
    parser.add_argument("--until", type=date.fromisoformat)
    given = parser.parse_args()
    make(given.folder, talks=given.talks, until=given.until, told=on_terminal)


if __name__ == "__main__":
    main()
