"""Fifty virtual straps on one radio for a minute, over a whole BLE stack on both sides; and a day of wear.

`python -m tests.benchmarks.bench_straps`.
"""

import asyncio
import gc
import resource
import time
from contextlib import aclosing
from pathlib import Path

from sensing.clock import SystemClock
from sensing.measurement import HeartRateMeasurement, pack
from sensing.source import Notification
from sensing.strap import Strap
from tests.ble.air import Air, VirtualStrap
from tests.ble.backend import central_on
from tests.wear import SPEED, wear

STRAPS = 50
SECONDS = 60
DRAIN_S = 5.0
HOURS = 24


async def listen(strap, backend, heard):
    async with aclosing(Strap(strap.name, clock=SystemClock(), backend=backend).events()) as events:
        async for event in events:
            if isinstance(event, Notification):
                heard.append(event.packet)


async def beat(strap, number, sent):
    """Send once a second from when somebody listens: a link without packets would be given up. Return how long that took."""
    began = time.monotonic()
    await strap.subscribed()
    waited_s, began = time.monotonic() - began, time.monotonic()
    for second in range(SECONDS):
        packet = pack(HeartRateMeasurement(70, rr_ticks=(500 + second, 1000 + number)))
        sent.append(packet)
        await strap.notify(packet)
        await asyncio.sleep(max(0.0, began + second + 1 - time.monotonic()))
    return waited_s


async def crowd():
    """What was sent and heard by each, and the share of one processor that it took."""
    air = Air()
    straps = [VirtualStrap(air, f"Virtual {at}", f"F0:00:00:00:00:{at:02X}") for at in range(1, STRAPS + 1)]
    for strap in straps:
        await strap.put_on()
    backend, _ = await central_on(air)
    heard, sent = [[] for _ in straps], [[] for _ in straps]
    tasks = [asyncio.create_task(listen(*one, backend, into)) for one, into in zip(zip(straps), heard, strict=True)]
    busy_s, began = time.process_time(), time.monotonic()
    waits = await asyncio.gather(
        *(beat(strap, number, into) for number, (strap, into) in enumerate(zip(straps, sent, strict=True)))
    )
    share = (time.process_time() - busy_s) / (time.monotonic() - began)
    until = time.monotonic() + DRAIN_S  # a busy machine may still be reading
    while sum(map(len, heard)) < STRAPS * SECONDS and time.monotonic() < until:  # noqa: ASYNC110  no event for it
        await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    return sent, heard, max(waits), share


def resident_mb():
    """Memory in use now, after what is no longer needed has gone."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def a_day():
    found = asyncio.run(wear(HOURS, memory=resident_mb))
    at = (1, HOURS // 2, HOURS - 1)
    memory = ", ".join(f"{found.memory[hour]:.1f} MB after {hour} h" for hour in at)
    return (
        f"- A simulated strap worn for {HOURS} h at {SPEED:.0f} times the speed of life, through strap.py, the beat timeline and "
        f"the monitor: {found.packets} packets, {found.beats} beats, {found.gaps} gaps; the timeline is off the strap’s own RR "
        f"clock by at most {found.drift_ms:.3f} ms outside gaps; memory {memory}."
    )


def report():
    yield a_day()
    sent, heard, connected_s, share = asyncio.run(crowd())
    total, wrong = sum(map(len, sent)), sum(one != other for one, other in zip(sent, heard, strict=True))
    yield (
        f"- {STRAPS} virtual straps on one radio, one packet a second each for {SECONDS} s: {total} sent, "
        f"{sum(map(len, heard))} received, {wrong} straps with a packet lost, doubled or out of order; all connected, in turn, "
        f"after {connected_s:.1f} s; {share:.0%} of one processor, the straps’ own side included."
    )


if __name__ == "__main__":
    print("\n".join(report()))
