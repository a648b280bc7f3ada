from hrv.monitor import ArousalMonitor
from hrv.trace import Point, Trace


def bpm_of(trace):
    return [None if point.heart_rate_bpm is None else round(point.heart_rate_bpm) for point in trace.points]


def traced(readings):
    trace = Trace()
    for reading in readings:
        trace.add(reading)
    return trace


def test_every_second_has_one_point(heart, run):
    _, readings, _, _ = run(heart((30, 72)))
    trace = traced(readings)
    assert [point.t_s for point in trace.points] == list(range(30))
    assert set(bpm_of(trace)[10:29]) <= {71, 72, 73}


def test_seconds_that_passed_without_a_packet_are_a_gap(heart):
    """Though one reading judged them all, together with seconds that had a signal."""
    monitor = ArousalMonitor()
    readings = [monitor.update(t_s, packet) for t_s, packet in heart((20, 72), (8, None), (20, 72))]
    rates = bpm_of(traced(readings))
    assert len(rates) == 48
    assert rates[23:28] == [None] * 5
    assert None not in rates[10:20] + rates[38:]


def test_reading_that_judged_nothing_new_changes_nothing(heart):
    monitor, trace = ArousalMonitor(), Trace()
    for t_s, packet in heart((20, 72)):
        trace.add(monitor.update(t_s, packet))
    before = list(trace.points)
    trace.add(monitor.tick(19.95))
    assert trace.points == before


def test_point_says_what_the_reading_said(heart):
    monitor, trace = ArousalMonitor(), Trace()
    for t_s, packet in heart((90, 72)):
        reading = monitor.update(t_s, packet)
        trace.add(reading)
    assert reading.rmssd_ms is not None
    assert trace.points[-1] == Point(89, reading.heart_rate_bpm, reading.rmssd_ms)
