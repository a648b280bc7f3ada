"""Timelines are computed once, kept with their recording, and made anew when they no longer fit."""

import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from alerts.people import SERVICE
from alerts.ports import NotAllowed
from alerts.talk_state import Phase, TalkState
from hrv.settings import DetectorSettings
from hrv.trace import Point
from journal.models import MeasurementRow, RecordingRow, TimelineRow
from journal.timeline import timeline
from journal.timeline_bytes import decode, encode
from sensing.source import Notification
from tests.fakes import BEGAN, TALK, packet
from tests.integration.journal_home import Home, at

DETECTOR = DetectorSettings()
STRETCHES = ((330, 70), (130, 115), (20, None), (400, 72))


@pytest.fixture
def home(tmp_path):
    with Home(tmp_path) as home:
        second = beat_s = 0
        for seconds, bpm in STRETCHES:
            for _ in range(seconds):
                second += 1
                if bpm is None:
                    beat_s = second
                else:
                    beats = int((second - beat_s) * bpm / 60)
                    beat_s += beats * 60 / bpm
                    notification = Notification(second - 0.1, packet(bpm, beats), 5 + second % 3)
                    home.journal.recorder.measurement(home.talk.recording_id, notification)
        home.journal.recorder.flush()
        yield home


def ended(home):
    """The talk is over; its entry, as its owner reads it."""
    state, version = home.journal.talks.load(home.mira, home.talk.id)
    over = replace(state, phase=Phase.ENDED, topic_began_at=at(300), ended_at=at(900))
    home.journal.talks.save(home.mira, home.talk.id, over, expected_version=version)
    return home.journal.entries.entry(home.mira, home.journal.recorder.entry(home.mira, home.talk.id))


def naive(home, entry):
    stored = home.journal.recorder.measurements(home.mira, home.talk.recording_id)
    return timeline(entry.talk, entry.state, stored, DETECTOR)


def kept(home):
    with home.database.read() as connection:
        return connection.execute(select(TimelineRow.basis, TimelineRow.packets, TimelineRow.trace)).all()


def read(home, entry, detector=DETECTOR):
    return home.journal.timelines.read(home.mira, entry.talk, entry.state, detector)


def spoil(home):
    """Change what is kept, to see whether it is what is read."""
    with home.database.write() as connection:
        connection.execute(update(TimelineRow).values(minutes="[]"))


def is_spoilt(found):
    return found.minutes == []


def test_kept_timeline_equals_the_one_from_the_packets(home):
    entry = ended(home)
    first, again = read(home, entry), read(home, entry)
    assert len(kept(home)) == 1
    assert first == again == naive(home, entry)
    assert len(first.episodes) == 1
    assert first.motion_mg[10] in {5, 6, 7}
    spoil(home)
    assert is_spoilt(read(home, entry))


def test_nothing_is_kept_of_a_talk_that_goes_on(home):
    entry = home.journal.entries.entry(home.mira, home.journal.recorder.entry(home.mira, home.talk.id))
    assert read(home, entry) == naive(home, entry)
    assert kept(home) == []
    assert home.journal.timelines.bring_up_to_date(SERVICE, DETECTOR) == 0


def test_another_detector_packets_that_came_late_and_erased_ones_make_it_anew(home, monkeypatch):
    entry = ended(home)
    read(home, entry)
    spoil(home)
    assert is_spoilt(read(home, entry))
    assert not is_spoilt(read(home, entry, DetectorSettings(rmssd_window_s=50)))
    read(home, entry)
    for change in (
        lambda: home.journal.recorder.measurement(home.talk.recording_id, Notification(890.0, packet(72), None)),
        lambda: erase_measurements(home, 500_000),
        lambda: monkeypatch.setattr("journal.derived.ALGORITHM_VERSION", "another"),
        lambda: monkeypatch.setattr("journal.derived.TIMELINE_VERSION", "another"),
    ):
        spoil(home)
        change()
        home.journal.recorder.flush()
        assert read(home, entry) == naive(home, entry)


def erase_measurements(home, from_ms):
    with home.database.write() as connection:
        connection.execute(delete(MeasurementRow).where(MeasurementRow.t_ms >= from_ms))


def test_bringing_up_to_date_makes_what_is_missing_once(home):
    entry = ended(home)
    timelines = home.journal.timelines
    assert timelines.bring_up_to_date(SERVICE, DETECTOR, stopped=lambda: True) == 0
    # Mira's and Jonas's recordings of the one talk.
    assert [timelines.bring_up_to_date(SERVICE, DETECTOR) for _ in range(2)] == [2, 0]
    spoil(home)
    assert is_spoilt(read(home, entry))


def test_a_damaged_one_is_made_anew_and_one_that_cannot_be_made_holds_up_no_other(home, monkeypatch):
    entry = ended(home)
    read(home, entry)
    with home.database.write() as connection:
        connection.execute(update(TimelineRow).values(trace=b"damaged"))
    assert read(home, entry) == naive(home, entry)
    assert read(home, entry) == naive(home, entry)
    with home.database.write() as connection:
        connection.execute(delete(TimelineRow))
    recorded = home.journal.timelines._recorded

    def all_but_hers(actor, *args):
        if actor == home.mira:
            raise ZeroDivisionError
        return recorded(actor, *args)

    monkeypatch.setattr(type(home.journal.timelines), "_recorded", lambda _, *args: all_but_hers(*args))
    assert home.journal.timelines.bring_up_to_date(SERVICE, DETECTOR) == 1


def test_facts_are_those_of_ones_own_finished_talks_and_tell_how_many_wait(home):
    timelines = home.journal.timelines
    span = {"since": at(-10), "until": at(10)}
    assert timelines.facts(home.mira, DETECTOR, **span) == ([], 0)
    entry = ended(home)
    assert timelines.facts(home.mira, DETECTOR, **span) == ([], 1)
    found = read(home, entry)
    ((one,), waiting) = timelines.facts(home.mira, DETECTOR, **span)
    assert (one.talk, waiting) == (entry.talk, 0)
    assert (one.facts.episodes, one.facts.recoveries) == (found.episodes, found.recoveries)
    assert timelines.facts(home.mira, DETECTOR, since=at(1), until=at(10)) == ([], 0)
    assert timelines.facts(home.lena, DETECTOR, **span) == ([], 0)


def test_only_the_owner_reads_and_only_the_service_derives(home):
    entry = ended(home)
    read(home, entry)
    timelines = home.journal.timelines
    for stranger in (home.jonas, home.lena, SERVICE):
        with pytest.raises(NotAllowed):
            timelines.read(stranger, entry.talk, entry.state, DETECTOR)
        with pytest.raises(NotAllowed):
            timelines.trace(stranger, entry.talk.recording_id)
    with pytest.raises(NotAllowed):
        timelines.bring_up_to_date(home.mira, DETECTOR)
    with pytest.raises(NotAllowed):
        timelines.trace(home.mira, "none")


def test_kept_timeline_goes_with_its_recording(home):
    entry = ended(home)
    read(home, entry)
    with home.database.write() as connection:
        connection.execute(delete(RecordingRow).where(RecordingRow.id == entry.talk.recording_id))
    assert kept(home) == []


BPM = st.none() | st.floats(20, 260)


@settings(max_examples=60, deadline=None)
@given(
    seconds=st.lists(st.tuples(BPM, st.none() | st.floats(0, 400)), max_size=80),
    motion=st.lists(st.none() | st.integers(0, 2**31 - 1), max_size=80),
)
def test_any_columns_come_back_exactly(seconds, motion):
    empty = timeline_of_silence()
    points = [Point(n, bpm, rmssd_ms) for n, (bpm, rmssd_ms) in enumerate(seconds)]
    given_one = replace(empty, points=points, motion_mg=motion)
    assert decode(encode(given_one)) == given_one


def timeline_of_silence():
    return timeline(TALK, TalkState(BEGAN), [], DETECTOR)


def test_a_damaged_trace_is_refused():
    parts = encode(timeline_of_silence())
    short = replace(parts, trace=zlib.compress(zlib.decompress(parts.trace) + b"x"))
    with pytest.raises(ValueError, match="bytes"):
        decode(short)
