"""A heart for the detector's tests: packets once a second, as a good strap sends them."""

import math

import pytest

from hrv.monitor import ArousalMonitor
from sensing.measurement import HeartRateMeasurement


def beat_packets(*stretches, start_s=0.0, byte=False):
    """Yield `(t_s, HeartRateMeasurement)`, one a second, for stretches of `(seconds, bpm)`; bpm None is silence.

    The intervals breathe a little (3 %), as living ones do. Within a stretch bpm may be a pair: from, to.
    """
    beat_s = began_s = start_s
    packets = []
    for seconds, bpm in stretches:
        if bpm is None:
            beat_s = began_s = began_s + seconds
            continue
        first, last = bpm if isinstance(bpm, tuple) else (bpm, bpm)
        for second in range(seconds):
            now_bpm = first + (last - first) * second / seconds
            ticks = []
            while beat_s < began_s + second + 1:
                rr = round(61440 / now_bpm * (1 + 0.03 * math.sin(1.7 * beat_s)))
                ticks.append(rr)
                beat_s += rr / 1024
            packets.append(
                (began_s + second + 0.9, HeartRateMeasurement(round(now_bpm) if byte else None, rr_ticks=tuple(ticks)))
            )
        began_s += seconds
    return packets


def run_monitor(packets, settings=None, marks=()):
    """Replay packets through a new monitor; return it, its readings, its changes and the last word on each episode.

    `marks` are `(t_s, method name)`.
    """
    monitor = ArousalMonitor(settings) if settings else ArousalMonitor()
    waiting, readings, changes, episodes = sorted(marks), [], [], {}
    for t_s, measurement in packets:
        while waiting and waiting[0][0] <= t_s:
            at_s, method = waiting.pop(0)
            getattr(monitor, method)(at_s)
        readings.append(monitor.update(t_s, measurement))
    readings.append(monitor.tick(readings[-1].t_s + 2))
    for reading in readings:
        changes.extend(reading.changes)
        if reading.episode:
            episodes[reading.episode.began_t_s] = reading.episode
    return monitor, readings, changes, list(episodes.values())


@pytest.fixture(scope="session")
def heart():
    return beat_packets


@pytest.fixture(scope="session")
def run():
    return run_monitor
