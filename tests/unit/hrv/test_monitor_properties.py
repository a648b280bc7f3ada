"""What must hold for any sequence of packets, faults and questions."""

import math
import pickle
from dataclasses import fields, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from hrv.monitor import ArousalMonitor
from hrv.reading import ArousalState, Signal
from hrv.settings import DetectorSettings
from sensing.measurement import Contact, HeartRateMeasurement

FAULTS = ("gap", "contact", "garbage", "no_intervals", "stall")
STRETCH = st.tuples(st.integers(5, 90), st.integers(60, 130), st.sampled_from([None, None, *FAULTS]))
FAULTY = st.tuples(st.integers(11, 400), st.sampled_from(FAULTS[:-1]))


def spoil(packets, fault):
    """The same stretch as a faulty strap would send it."""
    match fault:
        case "gap":
            return []
        case "contact":
            return [(t, replace(m, contact=Contact.LOST)) for t, m in packets]
        case "garbage":
            return [(t, replace(m, rr_ticks=(290, 65535, 2900)[int(t) % 3 :])) for t, m in packets]
        case "no_intervals":
            return [(t, replace(m, rr_ticks=())) for t, m in packets]
        case "stall":
            return [(packets[-1][0], m) for _, m in packets]
        case _:
            return packets


def talk(heart, stretches):
    packets, start_s = [], 0.0
    for seconds, bpm, fault in stretches:
        packets += spoil(heart((seconds, bpm), start_s=start_s), fault)
        start_s += seconds
    return packets


def outcome(readings):
    changes = [change for reading in readings for change in reading.changes]
    episodes = {}
    for reading in readings:
        if reading.episode:
            episodes[reading.episode.began_t_s] = reading.episode
    return changes, list(episodes.values())


def replay(packets, ticks=(), topic_s=200.0):
    monitor, readings, waiting = ArousalMonitor(), [], sorted(ticks)
    begun = False
    end_s = packets[-1][0] + 60 if packets else 60.0
    for t_s, measurement in packets:
        while waiting and waiting[0] <= t_s:
            readings.append(monitor.tick(waiting.pop(0)))
        if not begun and t_s >= topic_s:
            monitor.begin_topic(topic_s)
            begun = True
        readings.append(monitor.update(t_s, measurement))
    readings += [monitor.tick(t_s) for t_s in waiting if t_s < end_s]
    readings.append(monitor.finish(end_s))
    return readings


@settings(max_examples=40, deadline=None)
@given(stretches=st.lists(STRETCH, min_size=1, max_size=12), ticks=st.lists(st.floats(0, 1200), max_size=150))
def test_asking_in_between_changes_nothing(heart, stretches, ticks):
    """A live run full of ticks and a replay without any tell the same changes and the same episodes; twice is once."""
    packets = talk(heart, stretches)
    plain = outcome(replay(packets))
    assert outcome(replay(packets, ticks)) == plain
    assert outcome(replay(packets)) == plain


@settings(max_examples=60, deadline=None)
@given(faults=st.lists(FAULTY, min_size=1, max_size=5), high=st.booleans())
def test_no_technical_fault_starts_or_ends_a_flood(heart, faults, high):
    """Whatever the strap does wrong, for however long, calm stays calm and flooded stays flooded.

    Only after ten minutes without a signal is the flood closed: as lost, which says nothing about the body.
    """
    bpm = 120 if high else 80
    stretches = [(100, bpm, None)]
    for seconds, fault in faults:
        stretches += [(seconds, 190 - bpm, fault), (20, bpm, None)]
    changes, episodes = outcome(replay(talk(heart, stretches)))
    assert ArousalState.RECOVERING not in {change.state for change in changes}
    if high:
        assert len(episodes) == 1
        assert changes[-1].state is ArousalState.FLOODED
    else:
        assert not episodes
        assert {change.state for change in changes} <= {ArousalState.CALM}


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(0, 30),
            st.sampled_from([None, 0, 30, 75, 120, 255, 65535]),
            st.sampled_from(list(Contact)),
            st.lists(st.integers(1, 65535) | st.integers(300, 900), max_size=9),
        ),
        max_size=120,
    )
)
def test_no_packets_whatever_make_a_figure_absurd(steps):
    """Every number is finite and in its range, and a missing one has its reason, for any packets at any times."""
    monitor, t_s = ArousalMonitor(), 0.0
    for advance_s, bpm, contact, rr_ticks in steps:
        t_s += advance_s
        reading = monitor.update(t_s, HeartRateMeasurement(bpm, contact, None, tuple(rr_ticks)))
        for field in fields(reading):
            value = getattr(reading, field.name)
            assert not isinstance(value, float) or math.isfinite(value)
        assert (reading.rmssd_ms is None) == (reading.rmssd_missing is not None)
        assert (reading.sdnn_ms is None) == (reading.sdnn_missing is not None)
        assert 0 <= reading.quality <= 1
        assert 0 <= reading.near_usual_s <= 120
        assert reading.heart_rate_bpm is None or 29 < reading.heart_rate_bpm < 201
        assert reading.heart_rate_bpm is None or reading.signal is Signal.OK


@settings(max_examples=25, deadline=None)
@given(
    after=st.lists(st.tuples(st.integers(60, 600), st.sampled_from([72, 78, 92]), st.booleans()), max_size=6),
    pause_s=st.none() | st.integers(0, 400),
)
def test_recovered_never_comes_before_twenty_minutes_nor_from_silence(heart, after, pause_s):
    stretches = [(200, 72, None), (100, 120, None), (40, 80, None)]
    stretches += [(seconds, bpm, None if heard else "gap") for seconds, bpm, heard in after]
    monitor, begun, paused, ended_s = ArousalMonitor(), False, None, None
    near = []
    for t_s, measurement in talk(heart, stretches):
        if t_s > 200 and not begun:
            monitor.begin_topic(200.0)
            begun = True
        if pause_s is not None and paused is None and t_s > 300 + pause_s:
            monitor.begin_pause(t_s)
            paused = t_s
        reading = monitor.update(t_s, measurement)
        if reading.episode and reading.episode.ended_t_s:
            ended_s = reading.episode.ended_t_s
        near.append(reading.t_s)
        heard = sum(reading.t_s - 120 < second for second in set(near))
        assert reading.near_usual_s <= heard + 6
        if reading.state is ArousalState.RECOVERED:
            since = [change.t_s for change in reading.changes if change.state is ArousalState.RECOVERED]
            assert all(change_s - (ended_s if paused is None else paused) >= 1200 for change_s in since)


def test_memory_does_not_grow_with_time(heart):
    """Eight hours leave no more behind than five minutes."""

    def weight(seconds):
        monitor = ArousalMonitor(DetectorSettings())
        for t_s, measurement in heart((seconds, 80)):
            monitor.update(t_s, measurement)
        return len(pickle.dumps(monitor))

    assert weight(8 * 3600) < 1.1 * weight(600)
