"""A clinician's year, simulated: many wearers who show everything, in a journal; for benchmarks.

One wearer, Mira, has the packets of every talk (`tests.simulated_year`). Of the others there are minutes, floods, near misses
and pauses only, as where a practice received those. Every talk is marked as simulated.
"""

import math
import random
import sys
import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from alerts import steps
from alerts.pause import PauseTrigger
from alerts.people import SERVICE, Actor
from alerts.policy_settings import PolicySettings
from alerts.talk_state import TalkState
from hrv.settings import ALGORITHM_VERSION, DetectorSettings
from journal.journal import open_journal
from journal.models import (
    AdmissionRow,
    ClientCardRow,
    EntryRow,
    EpisodeRow,
    GrantRow,
    MinuteRow,
    NearMissRow,
    ParticipantRow,
    PauseRow,
    PersonRow,
    RecordingRow,
    TalkRow,
    TalkStateRow,
)
from journal.talks import state_to_json
from tests import simulated_year

DETECTOR = DetectorSettings()
MINUTES = 60
POLICY = PolicySettings()
NAMES = ("Ada", "Ben", "Cleo", "Dario", "Elif", "Finn", "Gita", "Hugo", "Ines", "Jaro", "Kaya", "Levi")


def make(
    folder, *, wearers=200, talks=200, now=None, told=lambda _done, _all: None, told_talks=lambda _done, _all: None
):
    """Make the practice in `folder`; return its clinician and Mira.

    `told(done, all)` after each wearer; Mira's talks take longest, and `told_talks` tells of each.
    """
    now = now or datetime.now(UTC)
    mira = simulated_year.make(
        folder, talks=talks, until=now.date() - timedelta(days=1), partner=False, told=told_talks
    )
    told(1, wearers)
    with closing(open_journal(folder)) as journal:
        clinician = Actor(uuid.uuid4().hex)
        with journal.database.write() as connection:
            person = {"id": clinician.person_id, "name": "Dr. Simulated", "created_at": now, "is_clinician": True}
            connection.execute(insert(PersonRow).values(person))
            _admit(connection, clinician, mira.person_id, 0, now)
        number = talks  # recordings are numbered on from Mira's
        for one in range(1, wearers):
            with journal.database.write() as connection:
                wearer_id = uuid.uuid4().hex
                name = f"{NAMES[one % len(NAMES)]} {one:03}"
                connection.execute(insert(PersonRow).values(id=wearer_id, name=name, created_at=now))
                number = _year(connection, wearer_id, one, talks, number, now)
                _admit(connection, clinician, wearer_id, one, now)
            told(one + 1, wearers)
        journal.timelines.bring_up_to_date(SERVICE, DETECTOR)
    return clinician, mira


def _admit(connection, clinician, wearer_id, one, now):
    """All of the year is shown; the clinician looked a week ago, and at every twentieth never."""
    admission_id, year_ago = uuid.uuid4().hex, now - timedelta(days=366)
    connection.execute(
        insert(AdmissionRow).values(
            id=admission_id, wearer_id=wearer_id, clinician_id=clinician.person_id, called="C", invited_at=year_ago,
            accepted_at=year_ago,
        )
    )  # fmt: skip
    connection.execute(
        insert(GrantRow).values(
            id=uuid.uuid4().hex, admission_id=admission_id, from_at=year_ago, with_words=False, given_at=year_ago
        )
    )
    when = (now + timedelta(days=one % 14, hours=one % 9)).replace(tzinfo=None).isoformat(timespec="minutes")
    looked_at = None if one % 20 == 7 else now - timedelta(days=7)
    card = {"admission_id": admission_id, "next_appointment": when, "looked_at": looked_at}
    connection.execute(insert(ClientCardRow).values(card))


def _year(connection, wearer_id, one, talks, number, now):
    """One wearer's talks; return the last recording's number."""
    chance = random.Random(f"wearer {one}")  # noqa: S311  repeatable, not secret
    usual = chance.uniform(62, 80)
    rows = {
        table: []
        for table in (
            TalkRow,
            TalkStateRow,
            ParticipantRow,
            RecordingRow,
            EntryRow,
            PauseRow,
            MinuteRow,
            EpisodeRow,
            NearMissRow,
        )
    }
    for n in range(talks):
        number += 1
        days = (talks - n) * 365 / talks
        began_at = (now - timedelta(days=days)).replace(microsecond=0)
        _talk(rows, wearer_id, number, began_at, usual + chance.gauss(0, 2), chance)
    for table, values in ((table, values) for table, values in rows.items() if values):
        connection.execute(insert(table), values)
    return number


def _talk(rows, wearer_id, number, began_at, usual, chance):
    talk_id = uuid.uuid4().hex
    floods, turns = chance.random() < 0.4, chance.random() < 0.45
    onset = chance.randrange(15, 35) * 60 + chance.randrange(60)
    length = chance.randrange(3, 9) * 60
    pause_s = onset + chance.randrange(60, 240) if floods and chance.random() < 0.7 else None
    state = _lived(wearer_id, began_at, pause_s, chance)
    ended_at = began_at + timedelta(hours=1)
    rows[TalkRow].append(
        {
            "id": talk_id,
            "began_at": began_at,
            "topic_began_at": state.topic_began_at,
            "ended_at": ended_at,
            "simulated": True,
        }
    )
    rows[TalkStateRow].append({"talk_id": talk_id, "version": 1, "state": state_to_json(state)})
    rows[ParticipantRow].append({"talk_id": talk_id, "person_id": wearer_id, "joined_at": began_at})
    rows[RecordingRow].append(
        {
            "number": number, "id": uuid.uuid4().hex, "talk_id": talk_id, "owner_id": wearer_id, "began_at": began_at,
            "utc_offset_min": 60, "threshold_bpm": DETECTOR.threshold_bpm,
        }
    )  # fmt: skip
    if floods or turns:
        rows[EntryRow].append(
            {
                "id": uuid.uuid4().hex, "owner_id": wearer_id, "talk_id": talk_id, "created_at": ended_at,
                "happened_at": began_at, "utc_offset_min": 60,
            }
        )  # fmt: skip
    for pause in state.pauses:
        rows[PauseRow].append(
            {
                "id": pause.id, "talk_id": talk_id, "owner_id": wearer_id, "called_at": pause.called_at,
                "return_at": pause.return_at, "state": pause.state, "ready_at": pause.ready_at,
                "ended_at": pause.ended_at, "extensions": 0,
            }
        )  # fmt: skip
    peak = chance.uniform(104, 122)
    rows[MinuteRow] += _minutes(number, usual, (onset, length, peak) if floods else None, chance)
    if floods:
        rows[EpisodeRow].append(_episode(number, usual, onset, length, peak))
    if turns:
        rows[NearMissRow].append(
            {
                "recording": number, "from_s": 420, "to_s": 495, "peak_bpm": 96.0, "peak_t_s": 460,
                "algorithm_version": ALGORITHM_VERSION,
            }
        )  # fmt: skip


def _lived(wearer_id, began_at, pause_s, chance):
    def at(t_s):
        return began_at + timedelta(seconds=t_s)

    state = steps.begin_topic(TalkState(began_at), at(300))
    if pause_s is not None:
        state = steps.call_pause(state, wearer_id, at(pause_s), POLICY, fresh_id=uuid.uuid4().hex)
        state = steps.change_pause(state, PauseTrigger.CALM_ENOUGH, at(pause_s + 1210))
        back_s = min(pause_s + 1210 + chance.expovariate(1 / 200), 3550)
        state = steps.change_pause(state, PauseTrigger.RETURN, at(back_s))
    return steps.end_talk(state, at(3600))


def _minutes(number, usual, flood, chance):
    fall_s = chance.uniform(120, 330)
    for minute in range(MINUTES):
        mean = usual + (chance.uniform(2, 8) if minute >= 5 else chance.uniform(-1, 1))
        flooded_s = 0
        if flood is not None:
            onset, length, peak = flood
            t_s = minute * 60 + 30
            if onset <= t_s < onset + length:
                mean, flooded_s = peak - 3, 60
            elif t_s >= onset + length:
                mean += (peak - usual) * math.exp((onset + length - t_s) / fall_s)
        yield {
            "recording": number, "minute": minute, "seconds_s": 60, "signal_ok_s": 60 if chance.random() < 0.97 else 41,
            "heart_rate_mean_bpm": mean, "heart_rate_min_bpm": mean - 3, "heart_rate_max_bpm": mean + 3,
            "rmssd_ms": chance.uniform(20, 45), "flooded_s": flooded_s,
        }  # fmt: skip


def _episode(number, usual, onset, length, peak):
    return {
        "recording": number, "began_t_s": onset + 12.0, "onset_t_s": float(onset), "ended_t_s": float(onset + length),
        "end": "came_down", "peak_bpm": peak, "peak_t_s": onset + length / 2, "baseline_bpm": usual,
        "baseline_provisional": False, "rise_bpm": peak - usual, "above_threshold_s": length - 25,
        "rmssd_baseline_ms": 32.0, "rmssd_flood_ms": 12.0, "signal_ok_share": 1.0,
        "threshold_bpm": DETECTOR.threshold_bpm, "threshold_leave_bpm": DETECTOR.threshold_bpm - 5,
        "threshold_kind": "fixed", "algorithm_version": ALGORITHM_VERSION, "quality": 1.0,
    }  # fmt: skip


def on_terminal(done, total):
    """Progress, on one line of standard error."""
    end = "\n" if done == total else ""
    print(f"\rsimulated wearers: {done} of {total}", end=end, file=sys.stderr, flush=True)
