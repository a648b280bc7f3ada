"""A recording walked through the live pipeline again: for replay, for a restart, and for an entry's timeline.

The same packets at the same times give the same readings as they gave live (`ArousalMonitor` is deterministic and
does not depend on ticks), so nothing the monitor concluded needs to be stored to be known again.
"""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from hrv.monitor import ArousalMonitor
from hrv.reading import Reading
from hrv.whole_seconds import WAIT_FOR_PACKET_S, PacketTooLate
from sensing.measurement import HeartRateMeasurement


class MarkKind(StrEnum):
    """What people did that the monitor has to know."""

    TOPIC = "topic"
    PAUSE_BEGAN = "pause_began"
    PAUSE_ENDED = "pause_ended"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something people did, at `t_s` on the recording's axis."""

    t_s: float
    kind: MarkKind


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement on the recording's axis."""

    t_s: float
    measurement: HeartRateMeasurement
    motion_mg: int | None = None


def apply(monitor: ArousalMonitor, mark: Mark) -> None:
    """Tell the monitor what people did.

    >>> monitor = ArousalMonitor()
    >>> apply(monitor, Mark(0.0, MarkKind.TOPIC))
    >>> monitor.tick(10.0).baseline is None  # nothing was heard before it
    True
    """
    match mark.kind:
        case MarkKind.TOPIC:
            monitor.begin_topic(mark.t_s)
        case MarkKind.PAUSE_BEGAN:
            monitor.begin_pause(mark.t_s)
        case MarkKind.PAUSE_ENDED:
            monitor.end_pause(mark.t_s)


def retrace(
    monitor: ArousalMonitor, samples: Iterable[Sample], marks: Iterable[Mark] = (), *, until_s: float = 0.0
) -> Iterator[Reading]:
    """Feed `samples` to a new `monitor`, with `marks` at their times, and yield each reading.

    Silence passes second by second, as it does live, so that figures that only the newest reading tells are told for
    each of its seconds.

    Args:
        monitor: one that has heard nothing yet.
        samples: oldest first.
        marks: each comes before the first sample that is not earlier than it; those after the last sample are applied too.
        until_s: how long the silence after the last sample and mark is followed.

    >>> beats = [Sample(0.75 * n, HeartRateMeasurement(None, rr_ticks=(768 + n % 2,))) for n in range(1, 40)]
    >>> *_, last = retrace(ArousalMonitor(), beats)
    >>> round(last.heart_rate_bpm), last.t_s
    (80, 29.0)
    """
    waiting = sorted(marks, key=lambda mark: mark.t_s)
    second = 0
    for sample in samples:
        while waiting and waiting[0].t_s <= sample.t_s:
            second = yield from _mark(monitor, second, waiting.pop(0))
        second = yield from _silence(monitor, second, sample.t_s)
        try:
            yield monitor.update(sample.t_s, sample.measurement, sample.motion_mg)
        except PacketTooLate:
            continue  # far out of order: the live run refused it as well
        second = max(second, int(sample.t_s) + 1)
    for mark in waiting:
        second = yield from _mark(monitor, second, mark)
    yield from _silence(monitor, second, until_s)


def _mark(monitor: ArousalMonitor, second: int, mark: Mark) -> Generator[Reading, None, int]:
    second = yield from _silence(monitor, second, mark.t_s)
    apply(monitor, mark)
    return second


def _silence(monitor: ArousalMonitor, second: int, until_s: float) -> Generator[Reading, None, int]:
    """Judge the seconds from `second` on that no packet before `until_s` answers; return the first that is left."""
    while second + WAIT_FOR_PACKET_S <= until_s:
        yield monitor.tick(second + WAIT_FOR_PACKET_S)
        second += 1
    return second
