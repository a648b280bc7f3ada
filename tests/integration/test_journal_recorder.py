from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from alerts.people import SERVICE
from alerts.ports import NotAllowed, Stored
from hrv.figure import Missing
from hrv.minutes import Minute
from hrv.near_miss import NearMiss
from hrv.reading import Episode, EpisodeEnd, Threshold, ThresholdKind
from hrv.settings import ALGORITHM_VERSION
from journal.models import EntryRow, EpisodeRow, LinkEventRow, MinuteRow, NearMissRow
from sensing.source import Link, LinkEvent, Notification
from tests.fakes import BEGAN
from tests.integration.findings import EPISODE
from tests.integration.journal_home import Home, end, start

MINUTE = Minute(3, 60, 57, 72.125, 64.5, 80.25, None, 12)


@pytest.fixture
def home(tmp_path):
    with Home(tmp_path) as home:
        yield home


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory):
    with Home(tmp_path_factory.mktemp("data")) as home:
        yield home


def all_rows(home, table):
    with home.database.read() as connection:
        return [row._asdict() for row in connection.execute(select(table.__table__))]


def episodes(home, actor, talk):
    entry_id = home.journal.recorder.entry(actor, talk.id)
    return home.journal.entries.entry(actor, entry_id).episodes


def test_measurements_come_back_exactly_in_the_order_they_arrived(home):
    sent = [
        Notification(0.0, b"\x00\x48", None),
        Notification(1.0004, bytes.fromhex("10 43 72 03 8a 03"), 12),
        Notification(1.0005001, b"", 0),
        Notification(1.0004, bytes(range(256)) * 2, None),
        Notification(604800.0, b"\xff", 4096),
    ]
    for notification in sent:
        home.journal.recorder.measurement(home.talk.recording_id, notification)
    home.journal.recorder.flush()
    assert home.journal.recorder.measurements(home.mira, home.talk.recording_id) == [
        Stored(round(n.t_s * 1000) / 1000, n.packet, n.motion_mg) for n in sent
    ]


def test_recording_without_packets_has_none(home):
    assert home.journal.recorder.measurements(home.mira, home.talk.recording_id) == []


def test_link_events_keep_their_cause(home):
    events = [LinkEvent(1.5, Link.LOST, "out of range’s"), LinkEvent(2.25, Link.CONNECTED)]
    for event in events:
        home.journal.recorder.link(home.talk.recording_id, event)
    home.journal.recorder.flush()
    assert [(row["t_ms"], row["link"], row["detail"]) for row in all_rows(home, LinkEventRow)] == [
        (1500, "lost", "out of range’s"),
        (2250, "connected", ""),
    ]


def test_text_that_no_database_takes_does_not_hold_up_the_rest(home):
    home.journal.recorder.link(home.talk.recording_id, LinkEvent(1.0, Link.FAILED, "a\0b\udcff"))
    home.journal.recorder.measurement(home.talk.recording_id, Notification(1.0, b"\x00\x48"))
    home.journal.recorder.flush()
    assert [row["detail"] for row in all_rows(home, LinkEventRow)] == ["ab?"]
    assert len(home.journal.recorder.measurements(home.mira, home.talk.recording_id)) == 1


def test_minute_stored_again_changes_nothing(home):
    for _ in range(3):
        home.journal.recorder.minute(home.mira, home.talk.recording_id, MINUTE)
    (row,) = all_rows(home, MinuteRow)
    row.pop("recording")
    assert Minute(**row) == MINUTE


def test_minute_that_grew_replaces_the_earlier_one(home):
    home.journal.recorder.minute(home.mira, home.talk.recording_id, replace(MINUTE, seconds_s=20))
    home.journal.recorder.minute(home.mira, home.talk.recording_id, MINUTE)
    home.journal.recorder.minute(home.mira, home.talk.recording_id, replace(MINUTE, minute=4))
    assert [(row["minute"], row["seconds_s"]) for row in all_rows(home, MinuteRow)] == [(3, 60), (4, 60)]


def test_episode_is_updated_until_it_ends(home):
    ended = replace(EPISODE, ended_t_s=612.0, end=EpisodeEnd.CAME_DOWN, rmssd_flood_ms=18.5, rmssd_flood_missing=None)
    for episode in (EPISODE, EPISODE, ended, ended):
        home.journal.recorder.episode(home.mira, home.talk.recording_id, episode)
        assert episodes(home, home.mira, home.talk) == (episode,)
    assert len(all_rows(home, EpisodeRow)) == 1


def test_episodes_come_in_the_order_they_began(home):
    later, latest = replace(EPISODE, began_t_s=900.0), replace(EPISODE, began_t_s=1500.5)
    for episode in (latest, EPISODE, later):
        home.journal.recorder.episode(home.mira, home.talk.recording_id, episode)
    assert episodes(home, home.mira, home.talk) == (EPISODE, later, latest)


figures = st.floats(allow_nan=False, allow_infinity=False)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.builds(
        Episode,
        began_t_s=st.floats(0, 1e6),
        onset_t_s=figures,
        ended_t_s=st.none() | figures,
        end=st.none() | st.sampled_from(EpisodeEnd),
        peak_bpm=figures,
        peak_t_s=figures,
        baseline_bpm=st.none() | figures,
        baseline_provisional=st.booleans(),
        rise_bpm=st.none() | figures,
        above_threshold_s=st.integers(0, 10**9),
        rmssd_baseline_ms=st.none() | figures,
        rmssd_flood_ms=st.none() | figures,
        rmssd_flood_missing=st.none() | st.sampled_from(Missing),
        signal_ok_share=figures,
        threshold=st.builds(Threshold, figures, figures, st.sampled_from(ThresholdKind)),
        algorithm_version=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
        movement_bpm=st.none() | figures,
        posture_bpm=st.none() | figures,
        why=st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=90),
        quality=st.none() | figures,
    )
)
def test_episode_comes_back_as_it_was(shared_home, episode):
    home = shared_home
    talk = start(home.journal, home.lena)
    home.journal.recorder.episode(home.lena, talk.recording_id, episode)
    (found,) = episodes(home, home.lena, talk)
    assert found == episode
    assert isinstance(found.threshold.kind, ThresholdKind)
    assert isinstance(found.end, EpisodeEnd | None)
    assert isinstance(found.rmssd_flood_missing, Missing | None)
    end(home.journal, home.lena, talk)


def test_entry_is_made_once_however_many_ask(home):
    at_once, found = Barrier(8), []

    def ask():
        at_once.wait()
        found.append(home.journal.recorder.entry(home.mira, home.talk.id))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    with home.database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(EntryRow)) == 1


def test_each_person_has_an_entry_of_their_own(home):
    miras, jonas = (home.journal.recorder.entry(actor, home.talk.id) for actor in (home.mira, home.jonas))
    assert miras != jonas


def test_flood_alone_makes_the_entry(home):
    home.journal.recorder.episode(home.mira, home.talk.recording_id, EPISODE)
    (entry,) = home.journal.entries.list_entries(home.mira)
    assert entry.id == home.journal.recorder.entry(home.mira, home.talk.id)


def test_last_moment_is_when_the_newest_packet_came(home):
    recorder = home.journal.recorder
    assert recorder.last_moment(SERVICE, home.talk) == BEGAN
    for t_s in (1.0, 93.25, 92.0):
        recorder.measurement(home.talk.recording_id, Notification(t_s, b"\x00\x48"))
    recorder.flush()
    assert recorder.last_moment(SERVICE, home.talk) == BEGAN + timedelta(seconds=93.25)


def test_a_near_miss_is_kept_once_with_the_rule_that_found_it(home):
    talk = home.talk
    for _ in range(2):
        home.journal.recorder.near_miss(home.mira, talk.recording_id, NearMiss(420, 480, 96.5, 455))
    (row,) = all_rows(home, NearMissRow)
    row.pop("recording")
    assert row == {
        "from_s": 420, "to_s": 480, "peak_bpm": 96.5, "peak_t_s": 455, "algorithm_version": ALGORITHM_VERSION
    }  # fmt: skip
    assert len(all_rows(home, EntryRow)) == 1


def test_nobody_else_can_store_a_near_miss(home):
    with pytest.raises(NotAllowed):
        home.journal.recorder.near_miss(home.lena, home.talk.recording_id, NearMiss(1, 2, 90.0, 1))
    assert all_rows(home, NearMissRow) == []
