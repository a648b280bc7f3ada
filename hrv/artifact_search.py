"""Artifacts of a finished recording, found by looking at both sides of each beat.

Reference: Lipponen and Tarvainen 2019, A robust algorithm for heart rate variability time series artefact correction using
novel beat classification, J. Med. Eng. Technol. 43:173-181. These things differ:

- *The floor.* The published thresholds follow the variability of the series and shrink with it, so that above 100 bpm they
  flag good beats. Here neither falls below a tenth of the running median interval: a share, as what variability a heart
  has left shrinks with the interval.
- *The misplaced beat.* At rest the same thresholds grow with respiratory arrhythmia until a beat that lies a tenth of an
  interval off hides in it. A beat's distance from the cubic through the two beats on either side of it tells better:
  breathing is smooth over five beats, a misplaced one is not.
- *The natural step.* At rest the vagus can slow or free the heart within one beat, and the published method takes such a
  step for an ectopic beat. Below about 92 bpm a beat counts as misplaced only if the next steps take back about half of
  the jump, and a lone interval as long or short only if it is a quarter off the running median.
- *The ceiling.* Where a third of the beats are artifacts the published thresholds take them for usual. Here neither rises
  above three tenths of the running median, and what no heart can do is never usual.
- *Names.* What is longer than one missed beat explains is a gap. Whether an interval is long or short, and so whether it
  hides a beat or is half of one, goes by its distance from the running median. One artifact is one mark.

Our choices were made on the recordings of the benchmark's table, so that table is no independent result.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import rank_filter

from hrv.intervals import BoolArray, FloatArray
from hrv.series import RRSeries

THRESHOLD_BEATS = 91
THRESHOLD_FACTOR = 5.2
MEDIAN_BEATS = 11
FAR_FROM_MEDIAN = 3.0
ECTOPIC_SLOPE, ECTOPIC_OFFSET = 0.13, 0.17
"""These five lines: the published constants."""

FLOOR_SHARE = 0.10
"""Of the running median interval, under both thresholds (own choice)."""

CEILING_SHARE = 0.30
"""Of the running median interval, over both thresholds: where artifacts are many they widen what is usual until nothing
stands out. No heart varies so much that a third of an interval is usual (own choice)."""

SHORTEST_MS, LONGEST_MS = 250.0, 5000.0
"""240 down to 12 beats a minute: no heartbeat's interval lies outside (own choice)."""

DISPLACED_SHARE = 0.06
"""Of the running median interval: a beat less displaced than this is let be (own choice)."""

DISPLACED_FOR_SURE = 0.16
"""Of the running median interval: no natural step displaces a beat this far (own choice)."""

TAKEN_BACK = 0.45
"""Of a jump between two intervals, by the steps before and after: 1 for a misplaced beat, 0 for a natural step (own choice)."""

NATURAL_STEPS_ABOVE_MS = 650.0
"""Running median from which on a step within one beat can be the vagus. Near its intrinsic rate of 100 or so (Jose and
Collison 1970, The normal range and determinants of the intrinsic heart rate in man, Cardiovasc. Res. 4:160-167) the heart has little of that left (own choice)."""

NATURAL_STEP_SHARE = 0.25
"""Of the running median: a lone interval this far off is no natural step (own choice)."""

LONGEST_MISSED = 2.5
"""In running medians: what is longer is not one missed beat but a gap, and stays one (own choice)."""


Labels = NDArray[np.int8]


class Artifact(IntEnum):
    """What is wrong with an interval."""

    NONE = 0
    MISPLACED = 1
    """The beat before it came too early or too late: an ectopic one, or one that the strap put in the wrong place."""
    EXTRA = 2
    """Something within a heartbeat's interval was taken for a beat: this is the first part, the next the second."""
    MISSED = 3
    """It is two intervals: a beat was not seen."""
    LONG = 4
    SHORT = 5
    GAP = 6
    """Longer than one missed beat explains, or among intervals too short for any heart."""


Found = dict[int, Artifact]


def find_artifacts(series: RRSeries) -> Labels:
    """Look at the series once.

    Returns:
        Shape (n,), of `Artifact` values. One artifact is one value, also where it spoils two intervals.

    >>> rr_ms = [800.0, 810, 790, 805] * 30
    >>> rr_ms[40:41] = [300.0, rr_ms[40] - 300]  # a beat too many
    >>> find_artifacts(RRSeries.of(rr_ms))[39:43].tolist()
    [0, 2, 0, 0]
    """
    labels = np.zeros(series.rr_ms.size, dtype=np.int8)
    if labels.size < 2:
        return labels
    median = _running_rank(series.rr_ms, MEDIAN_BEATS, MEDIAN_BEATS // 2)
    gap = (series.rr_ms > np.minimum(LONGEST_MISSED * median, LONGEST_MS)) | (median < SHORTEST_MS)
    evidence = _evidence(series, median, gap)
    found = _classified(evidence)
    _add_displaced(found, evidence)
    _let_natural_steps_be(found, evidence)
    _add_impossible(found, evidence)
    labels[list(found)] = list(found.values())
    labels[gap] = Artifact.GAP
    return labels


@dataclass(frozen=True, slots=True, eq=False)
class _Evidence:
    """What there is to judge the intervals by; all of shape (n,), in ms.

    Attributes:
        rr: the intervals, with the running median in the place of gaps, which say nothing about the beats on their sides.
        unbroken: whether an interval begins where the one before it ended.
        step: from the interval before; 0 where that is not known.
        off: from the running median, doubled where it is negative.
        displaced: how far the beat before lies off the cubic through the two beats on either side of it; 0 at the ends.
        step_limit, off_limit, displaced_limit: what is usual for each, at that place.
    """

    rr: FloatArray
    median: FloatArray
    unbroken: BoolArray
    step: FloatArray
    off: FloatArray
    displaced: FloatArray
    step_limit: FloatArray
    off_limit: FloatArray
    displaced_limit: FloatArray


def _evidence(series: RRSeries, median: FloatArray, gap: BoolArray) -> _Evidence:
    rr, unbroken = series.rr_ms, series.contiguous
    if gap.any():
        rr = np.where(gap, median, rr)
        unbroken = unbroken & ~gap
        unbroken[1:] &= ~gap[:-1]
    step = np.zeros(rr.size)
    step[1:] = (rr[1:] - rr[:-1]) * unbroken[1:]
    off = rr - median
    off += np.minimum(off, 0.0)
    displaced = np.zeros(rr.size)
    # Lagrange's weights for the middle of five evenly spaced points are (-1, 4, 0, 4, -1) / 6; in intervals that is
    # their third difference over six
    displaced[2:-1] = np.abs(rr[3:] - rr[:-3] - 3 * (rr[2:-1] - rr[1:-2])) / 6
    floor, ceiling = FLOOR_SHARE * median, CEILING_SHARE * median
    of_step, of_off, of_displaced = _quartile_deviations(np.abs(step), np.abs(off), displaced)
    return _Evidence(
        rr,
        median,
        unbroken,
        step,
        off,
        displaced,
        step_limit=np.minimum(np.maximum(THRESHOLD_FACTOR * of_step, floor), ceiling),
        off_limit=np.minimum(np.maximum(THRESHOLD_FACTOR * of_off, floor), ceiling),
        displaced_limit=np.maximum(THRESHOLD_FACTOR * of_displaced, DISPLACED_SHARE * median),
    )


def _classified(evidence: _Evidence) -> Found:
    """Lipponen and Tarvainen's decisions, one after another as they state them. Few intervals stand out."""
    ratios = evidence.step / evidence.step_limit
    standing_out = np.flatnonzero(np.abs(ratios) > 1).tolist()
    s11 = [*ratios.tolist(), 0.0, 0.0] if standing_out else []  # zeros where there is no neighbour: [-1] is one as well
    kinds: Found = {}
    for i in standing_out:
        if _is_ectopic(s11[i - 1], s11[i], s11[i + 1]):
            kinds[i] = Artifact.MISPLACED
        elif kinds.get(i - 1) is not Artifact.EXTRA:
            _classify(kinds, evidence, s11, i)
            if abs(s11[i + 1]) < abs(s11[i + 2]) and i + 1 < ratios.size:
                _classify(kinds, evidence, s11, i + 1)
    # one artifact leaves marks on its neighbours; keep the one that explains them
    for i in sorted((i for i, kind in kinds.items() if kind is Artifact.MISPLACED), key=lambda i: -abs(s11[i])):
        if i in kinds:
            for beside in (i - 1, i + 1):
                if kinds.get(beside) is Artifact.MISPLACED:
                    del kinds[beside]
    return {
        i: kind
        for i, kind in kinds.items()
        if kind is Artifact.MISPLACED
        or (kinds.get(i - 1) is not Artifact.EXTRA and kinds.get(i + 1) is not Artifact.MISPLACED)
    }


def _is_ectopic(before: float, here: float, after: float) -> bool:
    """Whether the steps before and after go the other way, as they do around a beat in the wrong place."""
    if here > 1:
        return max(before, after) < -ECTOPIC_SLOPE * here - ECTOPIC_OFFSET
    return here < -1 and min(before, after) > -ECTOPIC_SLOPE * here + ECTOPIC_OFFSET


def _classify(kinds: Found, evidence: _Evidence, s11: list[float], i: int) -> None:
    """What interval i is, unless that is known or nothing is wrong with it."""
    if i in kinds:
        return
    is_long = s11[i] > 1 and min(s11[i + 1], s11[i + 2]) < -1
    is_short = s11[i] < -1 and max(s11[i + 1], s11[i + 2]) > 1
    off, limit = float(evidence.off[i]), float(evidence.off_limit[i])
    if not (is_long or is_short or abs(off) > FAR_FROM_MEDIAN * limit):
        return
    if off < 0 and _is_half(evidence, i):
        # of two pairs that overlap, the one whose sum is closer to a heartbeat
        overlapped = s11[i + 1] < -1 and _is_half(evidence, i + 1)
        if not (overlapped and _miss_of_sum(evidence, i + 1) < _miss_of_sum(evidence, i)):
            kinds[i] = Artifact.EXTRA
    elif off > 0 and abs(evidence.rr[i] / 2 - evidence.median[i]) < limit:
        kinds[i] = Artifact.MISSED
    else:
        kinds[i] = Artifact.LONG if off > 0 else Artifact.SHORT


def _is_half(evidence: _Evidence, i: int) -> bool:
    """Whether interval i and the next make one heartbeat together."""
    return (
        i + 1 < evidence.rr.size
        and bool(evidence.unbroken[i + 1])
        and _miss_of_sum(evidence, i) < evidence.off_limit[i]
    )


def _miss_of_sum(evidence: _Evidence, i: int) -> float:
    return abs(float(evidence.rr[i] + evidence.rr[i + 1] - evidence.median[i]))


def _add_displaced(found: Found, evidence: _Evidence) -> None:
    """Beats that are displaced where nothing else was found."""
    explained = _spoiled(found)
    for i in np.flatnonzero(evidence.displaced > evidence.displaced_limit).tolist():
        before, here, after = evidence.displaced[i - 1 : i + 2].tolist()
        is_peak = before <= here > after
        if is_peak and explained.isdisjoint(range(i - 2, i + 2)) and evidence.unbroken[i - 1 : i + 2].all():
            found[i] = Artifact.MISPLACED


def _add_impossible(found: Found, evidence: _Evidence) -> None:
    """Intervals too short for a heart that nothing else explains."""
    impossible = np.flatnonzero(evidence.rr < SHORTEST_MS).tolist()
    if impossible:
        found |= dict.fromkeys(set(impossible) - _spoiled(found), Artifact.SHORT)


def _spoiled(found: Found) -> set[int]:
    """The intervals that are not as the heart made them."""
    after_extra = {i + 1 for i, kind in found.items() if kind is Artifact.EXTRA}
    before_misplaced = {i - 1 for i, kind in found.items() if kind is Artifact.MISPLACED}
    return found.keys() | after_extra | before_misplaced


def _let_natural_steps_be(found: Found, evidence: _Evidence) -> None:
    for i, kind in list(found.items()):
        if evidence.median[i] <= NATURAL_STEPS_ABOVE_MS:
            continue
        if (
            kind is Artifact.MISPLACED
            and not _is_displaced_for_sure(evidence, i)
            and not _is_taken_back(evidence.rr, i)
        ):
            del found[i]
            for beside in (i - 1, i):
                if beside not in found and _is_far(evidence, beside):
                    found[beside] = Artifact.LONG if evidence.off[beside] > 0 else Artifact.SHORT
        elif kind in (Artifact.LONG, Artifact.SHORT) and not _is_far(evidence, i):
            del found[i]


def _is_displaced_for_sure(evidence: _Evidence, i: int) -> bool:
    return bool(evidence.displaced[i] >= DISPLACED_FOR_SURE * evidence.median[i])


def _is_far(evidence: _Evidence, i: int) -> bool:
    return bool(abs(evidence.rr[i] - evidence.median[i]) > NATURAL_STEP_SHARE * evidence.median[i])


def _is_taken_back(rr: FloatArray, i: int) -> bool:
    """How much of the jump from interval i - 1 to i the steps before and after it undo, at least `TAKEN_BACK`.

    Around a misplaced beat they undo all of it; after a natural step the heart stays, and they undo none. At the ends one of
    them is not known, and the published decision stands.
    """
    if i < 2 or i + 1 >= rr.size:
        return True
    before, last, this, after = rr[i - 2 : i + 2].tolist()
    jump = this - last
    return bool(jump) and 1 - (after - before) / jump >= TAKEN_BACK


def _quartile_deviations(*series: FloatArray) -> list[FloatArray]:
    """(Q3 - Q1) / 2 over 91 beats centred on each; the ends are reflected.

    The quartiles are the medians of the lower and of the upper half, without the middle value. All series (of one length)
    lie end to end, each with its reflections, as two long filters cost less than many short ones.
    """
    count = series[0].size
    half = min(THRESHOLD_BEATS, count - 1 + count % 2) // 2
    pieces = [piece for one in series for piece in (one[half:0:-1], one, one[-2 : -2 - half : -1])]
    row = np.concatenate(pieces)
    quarter = (2 * half + 1) // 4
    spread = _running_rank(row, 2 * half + 1, 2 * half - quarter) - _running_rank(row, 2 * half + 1, quarter)
    spread /= 2
    return [spread[at + half : at + half + count] for at in range(0, row.size, count + 2 * half)]


def _running_rank(values: FloatArray, beats: int, rank: int) -> FloatArray:
    """The value of this rank among those around each; the ends are reflected."""
    ranked = np.empty(values.size)
    rank_filter(values, rank, footprint=_window(beats), output=ranked, mode="mirror")
    return ranked


@cache
def _window(beats: int) -> BoolArray:
    return np.ones(beats, dtype=bool)
