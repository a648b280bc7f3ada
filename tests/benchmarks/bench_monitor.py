"""How long the pure path takes, from packet bytes to `Reading`: an hour of one notification a second with 1-2 RR each.

`python -m tests.benchmarks.bench_monitor`. The budget is a median of 200 µs per notification, a p99 of 1 ms, and 200 kB a
wearer.
"""

import math
import random
import statistics
import time
import tracemalloc

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


def restless():
    """MAD of each second, mg, of somebody who gestures twice a minute, and stands or sits a dozen times an hour."""
    chance = random.Random(7)  # noqa: S311  repeatable, not secret
    mad_mg = [chance.choice((6, 7, 8, 9)) for _ in range(HOUR_S)]
    for _ in range(132):
        began = chance.randrange(HOUR_S - 5)
        for second in range(began, began + chance.randrange(1, 5)):
            mad_mg[second] = chance.randrange(45, 200)
    return mad_mg


def one_round(made, motion_mg):
    """Nanoseconds of processor time of each notification: other work on the machine does not count."""
    monitor, spent = ArousalMonitor(), []
    for (t_s, packet), mad_mg in zip(made, motion_mg, strict=True):
        if 300 <= t_s < 301:
            monitor.begin_topic(t_s)
        began = time.thread_time_ns()
        monitor.update(t_s, parse(packet), mad_mg)
        spent.append(time.thread_time_ns() - began)
    return spent


def memory_kb(made, motion_mg):
    """What a monitor holds after an hour, kB."""
    tracemalloc.start()
    monitor = ArousalMonitor()
    monitor.begin_topic(0)
    for (t_s, packet), mad_mg in zip(made, motion_mg, strict=True):
        monitor.update(t_s, parse(packet), mad_mg)
    with_it = tracemalloc.get_traced_memory()[0]
    del monitor
    without = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (with_it - without) / 1000


def times(made, motion_mg):
    rounds = [sorted(one_round(made, motion_mg)) for _ in range(ROUNDS)]
    median_us = min(statistics.median(spent) for spent in rounds) / 1000
    p99_us = min(spent[int(0.99 * len(spent))] for spent in rounds) / 1000
    hour_s = min(sum(spent) for spent in rounds) / 1e9
    return f"median {median_us:.1f} µs, p99 {p99_us:.1f} µs; an hour in {hour_s:.3f} s"


def report():
    made = packets()
    yield "Wanted: median 200 µs, p99 1 ms, 200 kB a wearer."
    yield ""
    yield f"- Bytes to reading, per notification: {times(made, [None] * HOUR_S)}."
    yield f"- The same with motion data, much gesturing and standing up: {times(made, restless())}."
    yield f"- Memory of one wearer's monitor after that hour: {memory_kb(made, restless()):.0f} kB."


if __name__ == "__main__":
    print("\n".join(report()))
