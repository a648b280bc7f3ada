"""A stored recording walked through again says what the live run said."""

import pytest

from hrv.monitor import ArousalMonitor
from hrv.retrace import Mark, MarkKind, Sample, retrace
from hrv.trace import Trace

TALK = ((330, 72), (60, (72, 112)), (120, 112), (60, (112, 75)), (200, 75))
MARKS = (Mark(310.0, MarkKind.TOPIC), Mark(420.25, MarkKind.PAUSE_BEGAN), Mark(700.5, MarkKind.PAUSE_ENDED))
METHODS = {
    MarkKind.TOPIC: "begin_topic",
    MarkKind.PAUSE_BEGAN: "begin_pause",
    MarkKind.PAUSE_ENDED: "end_pause",
}


def live(packets, marks, until_s):
    """A live run: packets and marks as they come, and a tick a quarter of a second late, every second."""
    monitor, trace, readings = ArousalMonitor(), Trace(), []
    steps = [(t_s, 0, ("update", t_s, packet)) for t_s, packet in packets]
    steps += [(mark.t_s, 1, (METHODS[mark.kind], mark.t_s)) for mark in marks]
    steps += [(second + 0.25, 2, ("tick", float(second))) for second in range(int(until_s) + 1)]
    for _, _, (method, *given) in sorted(steps, key=lambda step: step[:2]):
        reading = getattr(monitor, method)(*given)
        if reading is not None:
            readings.append(reading)
            trace.add(reading)
    return monitor, trace, readings


def again(packets, marks, until_s):
    monitor, trace, readings = ArousalMonitor(), Trace(), []
    for reading in retrace(monitor, [Sample(*packet) for packet in packets], marks, until_s=until_s):
        readings.append(reading)
        trace.add(reading)
    return monitor, trace, readings


def changes_of(readings):
    return [change for reading in readings for change in reading.changes]


@pytest.mark.parametrize("silence_s", [0, 2, 4, 5, 12, 40, 700])
def test_retraced_recording_equals_the_live_run_whatever_was_silent(heart, silence_s):
    packets = heart(*TALK[:3], (silence_s, None), *TALK[3:])
    until_s = packets[-1][0] + 6.5
    live_monitor, live_trace, live_readings = live(packets, MARKS, until_s)
    monitor, trace, readings = again(packets, MARKS, until_s)
    assert changes_of(readings) == changes_of(live_readings)
    length = min(len(trace.points), len(live_trace.points))
    assert length > until_s - 4
    assert trace.points[:length] == live_trace.points[:length]
    assert monitor.finish(until_s) == live_monitor.finish(until_s)


def test_marks_after_the_last_packet_count(heart):
    monitor, _, readings = again(heart((330, 72)), [Mark(340.0, MarkKind.TOPIC)], 0.0)
    assert readings[-1].t_s == 338
    assert monitor.tick(343.0).baseline is not None


def test_mark_comes_before_the_packet_of_the_same_moment(heart):
    packets = heart((400, 72))
    t_s = packets[350][0]
    _, _, readings = again(packets, [Mark(t_s, MarkKind.TOPIC)], 0.0)
    first = next(reading for reading in readings if reading.baseline is not None)
    assert first.t_s == int(t_s)


def test_nothing_at_all_yields_nothing():
    assert list(retrace(ArousalMonitor(), [])) == []


def test_silence_alone_is_followed_as_far_as_asked():
    _, trace, _ = again([], (), 10.0)
    assert [point.heart_rate_bpm for point in trace.points] == [None] * 9
