"""A recording walked through the live pipeline again: for replay, for a restart, and for an entry's timeline.

The same packets at the same times give the same readings as they gave live (`ArousalMonitor` is deterministic and
does not depend on ticks), so nothing the monitor concluded needs to be stored to be known again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from hrv.monitor import ArousalMonitor
from hrv.reading import Reading
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
    """Tell the monitor what people did."""
    match mark.kind:
        case MarkKind.TOPIC:
            monitor.begin_topic(mark.t_s)
        case MarkKind.PAUSE_BEGAN:
            monitor.begin_pause(mark.t_s)
        case MarkKind.PAUSE_ENDED:
            monitor.end_pause(mark.t_s)


def retrace(monitor: ArousalMonitor, samples: Iterable[Sample], marks: Iterable[Mark] = ()) -> Iterator[Reading]:
    """Feed `samples` to `monitor`, with `marks` at their times, and yield each reading.

    A mark comes before the first sample that is not earlier than it; marks after the last sample are applied too.
    """
    waiting = sorted(marks, key=lambda mark: mark.t_s)
    for sample in samples:
        while waiting and waiting[0].t_s <= sample.t_s:
            apply(monitor, waiting.pop(0))
        yield monitor.update(sample.t_s, sample.measurement, sample.motion_mg)
    for mark in waiting:
        apply(monitor, mark)
