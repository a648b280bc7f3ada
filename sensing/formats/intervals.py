"""RR intervals as files of other programs hold them: their unit, their limits, and their place in time."""

from collections.abc import Sequence
from itertools import accumulate
from statistics import median

from sensing.formats.recorded import Row
from sensing.formats.table import Table
from sensing.measurement import TICKS_PER_SECOND, HeartRateMeasurement

SHORTEST_RR_MS = 200.0  # 300 bpm
LONGEST_RR_MS = 5000.0  # 12 bpm; what looks longer is a gap, and gaps have no interval
FASTEST_BPM = 300
MS_PER_SECOND = 1000.0
CLOCK_AHEAD_S = 3.0
"""A clock in the file that is this far ahead of the intervals tells of a gap. Less is jitter: clocks in files say when
an interval arrived, and those are up to 3 s old (the same limit as in `hrv.timeline`)."""

_UNITS_MS = {"milliseconds": 1.0, "seconds": 1000.0, "microseconds": 0.001}
_SLOWEST_BPM = 25.0


def is_heartbeat(rr_ms: float) -> bool:
    """Whether an interval of `rr_ms` can be one."""
    return SHORTEST_RR_MS <= rr_ms <= LONGEST_RR_MS


def not_a_heartbeat(rr_ms: float) -> str:
    """Why `rr_ms` is refused, in words."""
    return f"an RR interval of {rr_ms:g} ms is not a heartbeat (expected {SHORTEST_RR_MS:g} to {LONGEST_RR_MS:g} ms)"


def rr_ms_in(table: Table, line: int, cells: list[str], column: str) -> float:
    """The interval in `column` of a format that has milliseconds. Raises `BadRecording`."""
    rr_ms = table.number(line, cells, column)
    if not is_heartbeat(rr_ms):
        raise table.bad(line, f"{not_a_heartbeat(rr_ms)}; this format has milliseconds")
    return rr_ms


def unit_of(values: Sequence[float]) -> str | None:
    """The unit in which most of `values` are heartbeats; "beats a minute" for heart rates; None where none fits.

    >>> unit_of([0.81, 0.79, 0.8]), unit_of([810, 790]), unit_of([74, 76]), unit_of([1e9])
    ('seconds', 'milliseconds', 'beats a minute', None)
    """
    if not values:
        return None
    usual = median(values)
    if _SLOWEST_BPM <= usual < SHORTEST_RR_MS:
        return "beats a minute"
    return next((unit for unit, in_ms in _UNITS_MS.items() if is_heartbeat(usual * in_ms)), None)


def in_ms(value: float, unit: str) -> float:
    """`value` of `unit`, in ms."""
    return value * _UNITS_MS[unit]


def one_after_the_other(rr_ms: Sequence[float]) -> list[float]:
    """When each interval ended, in s, where nothing but the intervals tells."""
    return [end_ms / MS_PER_SECOND for end_ms in accumulate(rr_ms)]


def on_clock(rr_ms: Sequence[float], clock_s: Sequence[float]) -> list[float]:
    """When each interval ended, in s: their sum, begun anew where the file's clock is clearly ahead of it.

    Args:
        rr_ms: the intervals.
        clock_s: what a clock said about when each of them had arrived; only differences count.

    >>> on_clock([800, 800, 800], [50.0, 50.9, 61.7])
    [0.8, 1.6, 12.5]
    """
    ends_s: list[float] = []
    zero_s = 0.0
    for one_ms, now_s in zip(rr_ms, clock_s, strict=True):
        if not ends_s:
            zero_s = now_s - one_ms / MS_PER_SECOND
        end_s = (ends_s[-1] if ends_s else 0.0) + one_ms / MS_PER_SECOND
        ahead_s = now_s - zero_s - end_s
        ends_s.append(round(end_s + ahead_s if ahead_s > CLOCK_AHEAD_S else end_s, 6))
    return ends_s


def interval_row(end_s: float, rr_ms: float) -> Row:
    """An interval that ended at `end_s`, as a strap would tell it."""
    return Row(end_s, HeartRateMeasurement(None, rr_ticks=(max(1, round(rr_ms * TICKS_PER_SECOND / MS_PER_SECOND)),)))


def interval_rows(ends_s: Sequence[float], rr_ms: Sequence[float]) -> tuple[Row, ...]:
    """Intervals with their ends."""
    return tuple(interval_row(end_s, one) for end_s, one in zip(ends_s, rr_ms, strict=True))


def heart_rate_row(t_s: float, bpm: int) -> Row:
    """A heart rate without intervals."""
    return Row(t_s, HeartRateMeasurement(bpm or None))
