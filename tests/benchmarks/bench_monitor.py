"""How long the pure path takes, from packet bytes to `Reading`: an hour of one notification a second with 1-2 RR each.

`python -m tests.benchmarks.bench_monitor`. The budget is a median of 200 µs per notification.
"""

import math
import random
import statistics
import time

from hrv.monitor import ArousalMonitor
from sensing.measurement import HeartRateMeasurement, pack, parse

HOUR_S = 3600
ROUNDS = 5


def packets():
    """An hour of a heart that breathes, with a flood in the middle and an ectopic beat a minute."""
    chance = random.Random(7)  # noqa: S311  repeatable, not secret
    beat_s, made = 0.0, []
    for second in range(HOUR_S):
        ticks = []
        while beat_s < second + 1:
            bpm = 75 + 45 * math.exp(-(((beat_s - 1800) / 400) ** 2))
            rr_s = 60 / bpm * (1 + 0.04 * math.sin(1.6 * beat_s) + chance.gauss(0, 0.01))
            rr_s *= 0.6 if chance.random() < 0.014 else 1
            beat_s += rr_s
            ticks.append(round(rr_s * 1024))
        bpm = 75 + 45 * math.exp(-(((second - 1800) / 400) ** 2))
        made.append(
            (second + 0.5 + chance.gauss(0, 0.03), pack(HeartRateMeasurement(round(bpm), rr_ticks=tuple(ticks))))
        )
    return made


def one_round(made):
    """Nanoseconds of each notification."""
    monitor, spent = ArousalMonitor(), []
    for t_s, packet in made:
        if 300 <= t_s < 301:
            monitor.begin_topic(t_s)
        began = time.perf_counter_ns()
        monitor.update(t_s, parse(packet))
        spent.append(time.perf_counter_ns() - began)
    return spent


def report():
    made = packets()
    rounds = [sorted(one_round(made)) for _ in range(ROUNDS)]
    median_us = min(statistics.median(spent) for spent in rounds) / 1000
    p99_us = min(spent[int(0.99 * len(spent))] for spent in rounds) / 1000
    hour_s = min(sum(spent) for spent in rounds) / 1e9
    yield f"- Bytes to reading, per notification: median {median_us:.1f} µs, p99 {p99_us:.1f} µs; an hour in {hour_s:.3f} s."


if __name__ == "__main__":
    print("\n".join(report()))
