"""A talk's kept figures are those that its raw packets give, and are made anew when they no longer would be."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from alerts import steps
from alerts.pause import PauseTrigger
from alerts.people import SERVICE
from alerts.policy_settings import PolicySettings
from hrv.settings import ALGORITHM_VERSION, DetectorSettings
from journal.models import (
    EpisodeRow,
    MeasurementRow,
    MinuteRow,
    NearMissRow,
    RecordingRow,
    TalkFiguresRow,
    TalkRow,
    TimelineRow,
)
from journal.trends.stored_figures import COLUMNS, figures_from
from tests.fakes import BEGAN
from tests.integration.journal_home import Home, add_person, start
from tests.plain_figures import plain_figures
from tests.simulated_year import packets

DETECTOR = DetectorSettings()
FLOOD_S = 1200
TALKS = {
    "a flood, a pause and the way back": {"seed": 3, "floods": True, "pause_s": 1330, "length_s": 3600},
    "late from the pause": {"seed": 4, "floods": True, "pause_s": 1400, "length_s": 3600, "late_s": 900},
    "a rise that turned, in a quiet talk": {"seed": 5, "rises": True, "length_s": 1000},
    "a flood that the end cut": {"seed": 6, "floods": True, "length_s": FLOOD_S + 90},
    "a pause that the end cut": {"seed": 7, "floods": True, "pause_s": 1330, "length_s": 1700, "back": False},
    "no baseline": {"seed": 8, "floods": True, "length_s": 1800, "topic_s": None},
    "gaps": {
        "seed": 9,
        "rises": True,
        "floods": True,
        "length_s": 2400,
        "gaps": ((340, 420), (1290, 1340), (1500, 2200)),
    },
    "a short quiet": {"seed": 10, "floods": True, "length_s": 1500, "topic_s": 20},
}


def lived(home, *, seed, length_s, floods=False, rises=False, pause_s=None, late_s=40, back=True, topic_s=300, gaps=()):
    """One talk of somebody new, recorded and over: who, its talk and its state."""
    who = add_person(home.database, f"wearer {seed}")
    talk = start(home.journal, who)

    def at(t_s):
        return BEGAN + timedelta(seconds=t_s)

    for one in packets(seed, pause_s, rises=rises, floods=floods, length_s=length_s):
        if not any(began <= one.t_s < ended for began, ended in gaps):
            home.journal.recorder.measurement(talk.recording_id, one)
    home.journal.recorder.flush()
    state, version = home.journal.talks.load(who, talk.id)
    if topic_s is not None:
        state = steps.begin_topic(state, at(topic_s))
    if pause_s is not None:
        state = steps.call_pause(state, who.person_id, at(pause_s), PolicySettings(), fresh_id=uuid.uuid4().hex)
        if back:
            state = steps.change_pause(state, PauseTrigger.CALM_ENOUGH, at(pause_s + 1260))
            state = steps.change_pause(state, PauseTrigger.RETURN, at(pause_s + 1260 + late_s))
    state = steps.end_talk(state, at(length_s))
    home.journal.talks.save(who, talk.id, state, expected_version=version)
    talk = replace(talk, topic_began_at=state.topic_began_at, ended_at=state.ended_at)
    return who, talk, state


def kept(home, talk):
    query = select(*COLUMNS).join(RecordingRow, RecordingRow.number == TalkFiguresRow.recording)
    with home.database.read() as connection:
        row = connection.execute(query.where(RecordingRow.id == talk.recording_id)).one_or_none()
    return None if row is None else figures_from(row)


def up_to_date(home, detector=DETECTOR):
    return home.journal.timelines.bring_up_to_date(SERVICE, detector)


@pytest.fixture
def home(tmp_path):
    with Home(tmp_path) as home:
        with home.database.write() as connection:
            connection.execute(delete(TalkRow))  # theirs is not asked for here
        yield home


@pytest.mark.parametrize("told", TALKS.values(), ids=TALKS)
def test_kept_figures_equal_a_plain_recomputation_from_the_packets(home, told):
    who, talk, state = lived(home, **told)
    assert up_to_date(home) == 1
    stored = home.journal.recorder.measurements(who, talk.recording_id)
    assert kept(home, talk) == plain_figures(talk, state, stored, DETECTOR)


def test_the_talks_above_have_what_they_are_called_by(home):
    found = {}
    for name, told in TALKS.items():
        _, talk, _ = lived(home, **told)
        found[name] = talk
    assert up_to_date(home) == len(TALKS)
    found = {name: kept(home, talk) for name, talk in found.items()}
    whole, late, quiet, cut, left, without, gaps, _ = found.values()
    assert len(whole.floods) == 1
    assert whole.floods[0].back_s > 60
    assert 0 < whole.above_line_s < 180, "only until the pause"
    assert (whole.pauses_taken, whole.pauses_kept, late.pauses_kept, left.pauses_kept) == (1, 1, 0, 0)
    assert quiet.near_misses >= 1
    assert quiet.floods == ()
    assert [flood.back_s for flood in cut.floods] == [None]
    assert without.baseline_bpm is None
    assert [flood.rise_bpm for flood in without.floods] == [None]
    assert gaps.lost_s > 700
    assert whole.heard_s + whole.lost_s == pytest.approx(3600 - 300 - 1300, abs=5)


def test_figures_are_made_once_and_anew_with_another_algorithm(home, monkeypatch):
    _, talk, _ = lived(home, **TALKS["a flood that the end cut"])
    assert [up_to_date(home), up_to_date(home)] == [1, 0]
    assert kept(home, talk).algorithm_version == ALGORITHM_VERSION
    monkeypatch.setattr("journal.derived.ALGORITHM_VERSION", "another")
    monkeypatch.setattr("journal.trends.talk_figures.ALGORITHM_VERSION", "another")
    assert kept(home, talk).algorithm_version == ALGORITHM_VERSION, "shown as what they are, until made anew"
    assert [up_to_date(home), up_to_date(home)] == [1, 0]
    assert kept(home, talk).algorithm_version == "another"


def test_figures_that_miss_beside_a_kept_timeline_are_made_from_that(home, monkeypatch):
    _, talk, _ = lived(home, **TALKS["a flood that the end cut"])
    up_to_date(home)
    first = kept(home, talk)
    for change in (delete(TalkFiguresRow), update(TalkFiguresRow).values(basis="old", near_misses=9)):
        with home.database.write() as connection:
            connection.execute(change)
        monkeypatch.setattr(type(home.journal.timelines), "_recorded", None)  # no packet is walked again
        assert [up_to_date(home), up_to_date(home)] == [1, 0]
        assert kept(home, talk) == first


def test_figures_go_with_their_recording(home):
    _, talk, _ = lived(home, **TALKS["a flood that the end cut"])
    up_to_date(home)
    with home.database.write() as connection:
        connection.execute(delete(RecordingRow).where(RecordingRow.id == talk.recording_id))
        assert connection.execute(select(TalkFiguresRow.recording)).all() == []


def without_packets(home, who, talk):
    """What a place has that received only minutes, floods, near misses and pauses."""
    entry = home.journal.entries.entry(who, home.journal.recorder.entry(who, talk.id))
    found = home.journal.timelines.read(who, entry.talk, entry.state, DETECTOR)
    for minute in found.minutes:
        home.journal.recorder.minute(who, talk.recording_id, minute)
    for near_miss in found.near_misses:
        home.journal.recorder.near_miss(who, talk.recording_id, near_miss)
    for episode in found.episodes:
        home.journal.recorder.episode(who, talk.recording_id, episode)
    exact = kept(home, talk)
    with home.database.write() as connection:
        for table in (MeasurementRow, TimelineRow, TalkFiguresRow):
            connection.execute(delete(table))
    return exact


@pytest.mark.parametrize("told", TALKS.values(), ids=TALKS)
def test_figures_from_minutes_are_as_near_to_the_exact_ones_as_they_say(home, told):
    who, talk, _ = lived(home, **told)
    exact = without_packets(home, who, talk)
    assert [up_to_date(home), up_to_date(home)] == [1, 0]
    found = kept(home, talk)
    assert (found.from_minutes, exact.from_minutes) == (True, False)
    assert found.heard_s == pytest.approx(exact.heard_s, abs=60)
    assert found.talk_s == pytest.approx(exact.talk_s, abs=2)
    assert exact.above_line_s <= found.above_line_s <= exact.above_line_s + 60
    assert (found.near_misses, found.pauses_taken, found.pauses_kept) == (
        exact.near_misses,
        exact.pauses_taken,
        exact.pauses_kept,
    )
    assert [(flood.peak_bpm, flood.rise_bpm) for flood in found.floods] == [
        (flood.peak_bpm, flood.rise_bpm) for flood in exact.floods
    ]
    for coarse, fine in zip(found.floods, exact.floods, strict=True):
        assert (coarse.back_s is None) == (fine.back_s is None)
        assert fine.back_s is None or abs(coarse.back_s - fine.back_s) <= 90
    assert (found.baseline_bpm is None) == (exact.baseline_bpm is None)
    assert found.baseline_bpm is None or abs(found.baseline_bpm - exact.baseline_bpm) < 3


def test_a_talk_without_packets_is_neither_a_quiet_one_nor_waited_for_in_reviews(home):
    who, talk, _ = lived(home, **TALKS["a flood that the end cut"])
    span = {"since": BEGAN - timedelta(days=1), "until": BEGAN + timedelta(days=1)}
    assert home.journal.timelines.facts(who, DETECTOR, **span) == ([], 1)
    without_packets(home, who, talk)
    up_to_date(home)
    assert home.journal.timelines.facts(who, DETECTOR, **span) == ([], 0)
    with home.database.read() as connection:
        assert connection.execute(select(TimelineRow.recording)).all() == []


def test_rows_that_cannot_be_read_hold_up_no_other(home):
    talks = []
    for seed in (6, 16):
        _who, talk, _ = lived(home, seed=seed, floods=True, length_s=FLOOD_S + 90)
        talks.append(talk)
    for talk in talks:
        without_packets_rows(home, talk)
    with home.database.write() as connection:
        broken = select(RecordingRow.number).where(RecordingRow.id == talks[0].recording_id).scalar_subquery()
        connection.execute(update(EpisodeRow).where(EpisodeRow.recording == broken).values(end="a word of later"))
    assert up_to_date(home) == 1
    assert [kept(home, talk) is None for talk in talks] == [True, False]


def without_packets_rows(home, talk):
    with home.database.write() as connection:
        connection.execute(delete(MeasurementRow))
        number = connection.scalar(select(RecordingRow.number).where(RecordingRow.id == talk.recording_id))
        connection.execute(
            insert(MinuteRow).values(recording=number, minute=6, seconds_s=60, signal_ok_s=55, flooded_s=0)
        )
        connection.execute(
            insert(EpisodeRow).values(
                recording=number, began_t_s=400.0, onset_t_s=390.0, ended_t_s=410.0, end="came_down", peak_bpm=112.0,
                peak_t_s=400.0, baseline_provisional=False, above_threshold_s=15, signal_ok_share=1.0,
                threshold_bpm=100.0, threshold_leave_bpm=95.0, threshold_kind="fixed", algorithm_version="1",
            )
        )  # fmt: skip
        assert connection.execute(select(NearMissRow.recording)).all() == []


def test_figures_tell_the_wearers_own_clock(home):
    _, talk, _ = lived(home, **TALKS["a flood that the end cut"])
    up_to_date(home)
    began = kept(home, talk).began
    assert began == BEGAN
    assert began.utcoffset() == timedelta(minutes=60)
    assert isinstance(began, datetime)
    assert began.tzinfo is not UTC
