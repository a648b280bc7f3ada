"""What must hold for any sequence of packets, faults and questions."""

import math
import pickle
from dataclasses import fields, replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from hrv.minutes import MinuteAggregator
from hrv.monitor import ArousalMonitor
from hrv.reading import ArousalState, Signal, ThresholdKind
from hrv.settings import DetectorSettings
from hrv.trace import Trace
from hrv.whole_seconds import MARK_GRACE_S
from sensing.measurement import Contact, HeartRateMeasurement

FAULTS = ("gap", "contact", "garbage", "no_intervals", "fast_filler", "slow_filler", "stall")
STRETCH = st.tuples(st.integers(5, 90), st.integers(60, 130), st.sampled_from([None, None, *FAULTS]))
FAULTY = st.tuples(st.integers(11, 400), st.sampled_from(FAULTS[:-1]))


MOTION = st.sampled_from([None, "still", "gestures", "walks"])


def motion_mg(kind, t_s):
    """What a strap's accelerometer tells at `t_s` of a wearer who moves so; None without one."""
    match kind:
        case "still":
            return 4 + int(t_s) % 3
        case "gestures":
            return 120 if int(t_s) % 61 < 4 else 4
        case "walks":
            return 300 if 150 <= t_s % 600 < 240 else 4
    return None


SPOILED = {
    None: lambda packets: packets,
    "gap": lambda packets: [],
    "contact": lambda packets: [(t, replace(m, contact=Contact.LOST)) for t, m in packets],
    "garbage": lambda packets: [(t, replace(m, rr_ticks=(290, 65535, 2900)[int(t) % 3 :])) for t, m in packets],
    "no_intervals": lambda packets: [(t, replace(m, rr_ticks=())) for t, m in packets],
    "fast_filler": lambda packets: [(t, replace(m, heart_rate_bpm=None, rr_ticks=(512, 512))) for t, m in packets],
    "slow_filler": lambda packets: [(t, replace(m, heart_rate_bpm=None, rr_ticks=(1024,))) for t, m in packets],
    "stall": lambda packets: [(packets[-1][0], m) for _, m in packets],
}
"""The same stretch as a faulty strap would send it."""


def talk(heart, stretches):
    packets, start_s = [], 0.0
    for seconds, bpm, fault in stretches:
        packets += SPOILED[fault](heart((seconds, bpm), start_s=start_s))
        start_s += seconds
    return packets


def outcome(readings):
    changes = [change for reading in readings for change in reading.changes]
    episodes = {}
    for reading in readings:
        if reading.episode:
            episodes[reading.episode.began_t_s] = reading.episode
    return changes, list(episodes.values())


def replay(packets, ticks=(), topic_s=200.0, motion=None):
    monitor, readings, waiting = ArousalMonitor(), [], sorted(ticks)
    begun = False
    end_s = packets[-1][0] + 60 if packets else 60.0
    for t_s, measurement in packets:
        while waiting and waiting[0] <= t_s:
            readings.append(monitor.tick(waiting.pop(0)))
        if not begun and t_s >= topic_s:
            monitor.begin_topic(topic_s)
            begun = True
        readings.append(monitor.update(t_s, measurement, motion_mg(motion, t_s)))
    readings += [monitor.tick(t_s) for t_s in waiting if t_s < end_s]
    readings.append(monitor.finish(end_s))
    return readings


def drawn(readings):
    """What a chart and the trends get to see."""
    trace, minutes, kept = Trace(), MinuteAggregator(), []
    for reading in readings:
        trace.add(reading)
        kept += minutes.add(reading)
    unfinished = minutes.finish()
    return trace.points, [*kept, unfinished] if unfinished else kept


# a rise is under way when the topic begins, and a tick comes in the gap just after it
RISE_AT_THE_TOPIC = [(5, 60, None), (41, 60, None), (90, 60, None), (61, 95, None), (5, 60, "gap"), (5, 60, None)]


@settings(max_examples=40, deadline=None)
@given(
    stretches=st.lists(STRETCH, min_size=1, max_size=12),
    ticks=st.lists(st.floats(0, 1200), max_size=150),
    motion=MOTION,
)
@example(stretches=RISE_AT_THE_TOPIC, ticks=[201.0], motion=None)
@example(stretches=[(60, 80, None), (30, 80, "gap"), (60, 80, None)], ticks=[64.5, 70.0, 91.0], motion="still")
def test_asking_in_between_changes_nothing(heart, stretches, ticks, motion):
    """A live run full of ticks and a replay without any tell, draw and sum up the same; twice is once."""
    packets = talk(heart, stretches)
    plain = replay(packets, motion=motion)
    asked = replay(packets, ticks, motion=motion)
    assert outcome(asked) == outcome(plain)
    assert drawn(asked) == drawn(plain)
    assert outcome(replay(packets, motion=motion)) == outcome(plain)


@settings(max_examples=40, deadline=None)
@given(stretches=st.lists(STRETCH, min_size=1, max_size=12))
def test_all_readings_together_tell_every_second_once(heart, stretches):
    points, minutes = drawn(replay(talk(heart, stretches)))
    assert [point.t_s for point in points] == list(range(len(points)))
    assert [minute.minute for minute in minutes] == list(range(len(minutes)))
    assert sum(minute.seconds_s for minute in minutes) == len(points)


def marked(packets, marks, rules):
    """What is concluded when each mark `(t_s, method, told_s)` is told before any packet from `told_s` on."""
    monitor, readings, waiting = ArousalMonitor(rules), [], sorted(marks, key=lambda mark: mark[2])
    for t_s, measurement in packets:
        while waiting and waiting[0][2] <= t_s:
            at_s, method, _ = waiting.pop(0)
            getattr(monitor, method)(at_s)
        readings.append(monitor.update(t_s, measurement))
    assert not waiting
    readings.append(monitor.finish(packets[-1][0]))
    return outcome(readings), readings[-1].baseline


OFFSET_S = st.floats(-20, MARK_GRACE_S, exclude_max=True)


@settings(max_examples=60, deadline=None)
@given(
    stretches=st.lists(STRETCH, min_size=4, max_size=12),
    topic=st.tuples(st.floats(30, 300), OFFSET_S),
    pauses=st.lists(st.tuples(st.floats(0, 600), OFFSET_S, st.floats(1, 200), OFFSET_S), max_size=3),
    quick=st.booleans(),
    kind=st.sampled_from(ThresholdKind),
)
@example(
    stretches=[(80, 70, None), (60, 95, None), (60, 80, None), (60, 80, None)],
    topic=(119.5, 4.9),
    pauses=[],
    quick=False,
    kind=ThresholdKind.PERSONAL,
)
@example(
    stretches=[(60, 70, None), (90, 115, None), (90, 72, None), (90, 72, None), (90, 72, None)],
    topic=(58.0, 3.5),
    pauses=[(190.0, 4.0, 55.5, 4.5)],
    quick=True,
    kind=ThresholdKind.FIXED,
)
def test_hearing_of_a_mark_a_little_late_changes_nothing(heart, stretches, topic, pauses, quick, kind):
    """Told at its moment, less than 5 s late, or ahead of time: the same changes, baseline and episodes."""
    rules = DetectorSettings(threshold_kind=kind)
    if quick:
        rules = replace(rules, recovery_min_s=60, recovered_for_s=20)
    marks = [(topic[0], "begin_topic", topic[0] + topic[1])]
    for began_s, began_off_s, length_s, ended_off_s in pauses:
        ended_s = began_s + length_s
        marks += [(began_s, "begin_pause", began_s + began_off_s), (ended_s, "end_pause", ended_s + ended_off_s)]
    on_time = [(at_s, method, at_s) for at_s, method, _ in sorted(marks)]
    lasted_s = sum(stretch[0] for stretch in stretches)
    packets = talk(heart, [*stretches, (max(0, 810 - lasted_s), 72, None)])
    assert marked(packets, marks, rules) == marked(packets, on_time, rules)


@settings(max_examples=60, deadline=None)
@given(
    faults=st.lists(FAULTY, min_size=1, max_size=5),
    high=st.booleans(),
    motion=st.sampled_from([None, "still"]),
)
def test_no_technical_fault_starts_or_ends_a_flood(heart, faults, high, motion):
    """Whatever the strap does wrong, for however long, calm stays calm and flooded stays flooded.

    Only after ten minutes without a signal is the flood closed: as lost, which says nothing about the body.
    """
    bpm = 120 if high else 80
    stretches = [(100, bpm, None)]
    for seconds, fault in faults:
        stretches += [(seconds, 190 - bpm, fault), (20, bpm, None)]
    changes, episodes = outcome(replay(talk(heart, stretches), motion=motion))
    assert ArousalState.RECOVERING not in {change.state for change in changes}
    if high:
        assert len(episodes) == 1
        assert changes[-1].state is ArousalState.FLOODED
    else:
        assert not episodes
        # what a strap fills in is known for that after some seconds; until then it may look like a rise, never like a flood
        filled = any(fault == "fast_filler" for _, fault in faults)
        assert {change.state for change in changes} <= {ArousalState.CALM} | (
            {ArousalState.RISING} if filled else set()
        )


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(0, 30),
            st.sampled_from([None, 0, 30, 75, 120, 255, 65535]),
            st.sampled_from(list(Contact)),
            st.lists(st.integers(1, 65535) | st.integers(300, 900), max_size=9),
            st.none() | st.integers(0, 8000),
        ),
        max_size=120,
    )
)
def test_no_packets_whatever_make_a_figure_absurd(steps):
    """Every number is finite and in its range, and a missing one has its reason, for any packets at any times."""
    monitor, t_s = ArousalMonitor(), 0.0
    for advance_s, bpm, contact, rr_ticks, motion in steps:
        t_s += advance_s
        reading = monitor.update(t_s, HeartRateMeasurement(bpm, contact, None, tuple(rr_ticks)), motion)
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
