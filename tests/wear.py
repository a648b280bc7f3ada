"""A long simulated wear: simulated strap, real strap.py, the beat timeline and the monitor, on an accelerated clock.

The strap's RR clock is the sum of its intervals. Outside gaps the beat timeline must keep to it; a gap (out of range,
silent, no contact) is where no interval came for ten seconds, and the comparison begins anew after it.
"""

from collections import deque
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hrv.monitor import ArousalMonitor
from hrv.timeline import BeatTimeline
from sensing.clock import AcceleratedClock
from sensing.measurement import TICKS_PER_SECOND, parse
from sensing.physiology import Scenario, SimulatedBody
from sensing.simulated import SimulatedStrap, Spell, Trouble, air
from sensing.source import Notification
from sensing.strap import Strap, StrapSettings

SPEED = 1440.0
GAP_S = 10.0  # no strap keeps its intervals back for so long


@dataclass
class Wear:
    """What became of it. `drift_ms` is the largest difference between the two clocks so far; `memory` is kept by hour."""

    packets: int = 0
    beats: int = 0
    gaps: int = 0
    drift_ms: float = 0.0
    hours: float = 0.0
    memory: list = field(default_factory=list)


def _spells(hours, every_h):
    """Out of range for two minutes, then silent for two, in turn."""
    kinds = (Trouble.OUT_OF_RANGE, Trouble.SILENT)
    count = int(hours / every_h)
    return [Spell(kinds[at % 2], (at + 0.5) * every_h * 3600, (at + 0.5) * every_h * 3600 + 120) for at in range(count)]


async def wear(hours, *, every_h=1.0, memory=lambda: None):
    """Wear a strap for so many simulated hours."""
    clock = AcceleratedClock(SPEED, datetime(2026, 3, 12, 6, tzinfo=UTC))
    strap = SimulatedStrap("Simulated strap", SimulatedBody(Scenario()), clock, spells=_spells(hours, every_h))
    # Silence and pauses are real seconds: at this speed a short one is long enough.
    settings = StrapSettings(silence_s=0.05, first_pause_s=0.01, longest_pause_s=0.02)
    listener = Strap(strap.name, clock=strap.arrival_clock, settings=settings, backend=air([strap]))
    timeline, monitor, found = BeatTimeline(), ArousalMonitor(), Wear()
    truth_ticks, heard_s, stretch = 0, 0.0, None
    stretches = deque()  # of each interval that the timeline has not placed yet: it keeps some back for a moment
    async with aclosing(listener.events()) as events:
        async for event in events:
            if isinstance(event, Notification):
                measurement = parse(event.packet)
                if measurement.rr_ticks:
                    if event.t_s - heard_s > GAP_S:
                        found.gaps += 1
                    heard_s = event.t_s
                    stretches.extend([found.gaps] * len(measurement.rr_ticks))
                found.packets += 1
                monitor.update(event.t_s, measurement)
                for beat in timeline.place(event.t_s, measurement.rr_ticks):
                    before, stretch = stretch, stretches.popleft()
                    truth_ticks = truth_ticks + beat.rr_ticks if stretch == before else beat.t_ticks
                    drift_ms = abs(beat.t_ticks - truth_ticks) / TICKS_PER_SECOND * 1000
                    found.beats, found.drift_ms = found.beats + 1, max(found.drift_ms, drift_ms)
                found.hours = event.t_s / 3600
                if found.hours >= len(found.memory):
                    found.memory.append(memory())
                if found.hours >= hours:
                    return found
    raise AssertionError("the strap ended")
