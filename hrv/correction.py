"""Artifacts of a finished recording: found by looking at both sides of each beat, and mended.

Reference: Lipponen and Tarvainen 2019, A robust algorithm for heart rate variability time series artefact correction using
novel beat classification, J. Med. Eng. Technol. 43:173-181. Three things differ:

- *The floor.* The published thresholds follow the variability of the series and shrink with it, so that above 100 bpm they
  flag good beats. Here neither falls below a tenth of the running median interval: a share, as what variability a heart
  has left shrinks with the interval.
- *The misplaced beat.* At rest the same thresholds grow with respiratory arrhythmia until a beat that lies a tenth of an
  interval off hides in it. A beat's distance from the cubic through the two beats on either side of it tells better:
  breathing is smooth over five beats, a misplaced one is not.
- *The natural step.* At rest the vagus can slow or free the heart within one beat, and the published method takes such a
  step for an ectopic beat. Below about 92 bpm a beat counts as misplaced only if the two intervals around it overshoot
  their neighbours to both sides, and a lone interval as long or short only if it is a quarter off the running median.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from math import inf
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import rank_filter

from hrv.intervals import BoolArray, FloatArray
from hrv.series import MS_PER_S, NNSeries, RRSeries

THRESHOLD_BEATS = 91
THRESHOLD_FACTOR = 5.2
MEDIAN_BEATS = 11
FAR_FROM_MEDIAN = 3.0
ECTOPIC_SLOPE, ECTOPIC_OFFSET = 0.13, 0.17
"""These five lines: the published constants."""

FLOOR_SHARE = 0.10
"""Of the running median interval, under both thresholds (own choice; see the benchmark's table)."""

DISPLACED_SHARE = 0.06
"""Of the running median interval: a beat less displaced than this is let be (own choice; likewise)."""

DISPLACED_FOR_SURE = 0.16
"""Of the running median interval: no natural step displaces a beat this far (own choice)."""

NATURAL_STEPS_ABOVE_MS = 650.0
"""Running median from which on a step within one beat can be the vagus. Near its intrinsic rate of 100 or so (Jose and
Collison 1970, Cardiovasc. Res. 4:160-167) the heart has little of that left (own choice)."""

NATURAL_STEP_SHARE = 0.25
"""Of the running median: a lone interval this far off is no natural step (own choice)."""

LONGEST_MISSED = 2.5
"""In running medians: what is longer is not one missed beat but a gap, and stays one (own choice)."""

LONGEST_MENDED_BEATS = 4
"""More artifacts in a row are a gap as well: that many invented intervals would be a story (own choice)."""

MOST_PASSES = 10


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
    """Longer than one missed beat explains."""


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """A series without its artifacts, and what they were.

    Attributes:
        rr: the series that was corrected.
        nn: the corrected one.
        artifacts: shape (n,), of `Artifact` values: what was found at each interval of `rr`.
        counts: how many there are of each kind.
    """

    rr: RRSeries
    nn: NNSeries
    artifacts: NDArray[np.int8]
    counts: Mapping[Artifact, int]

    @property
    def artifact_share(self) -> float:
        """Artifacts over intervals, 0..1; 0 without any."""
        return self.artifact_share_between(-inf, inf)

    def artifact_share_between(self, from_s: float, to_s: float) -> float:
        """The same, of the intervals that end in `[from_s, to_s)`."""
        first, last = np.searchsorted(self.rr.t_s, (from_s, to_s))
        part = self.artifacts[first:last]
        return int(np.count_nonzero(part)) / part.size if part.size else 0.0


def find_artifacts(series: RRSeries) -> NDArray[np.int8]:
    """Look at the series once.

    Returns:
        Shape (n,), of `Artifact` values. One artifact is one value, also where it spoils two intervals.

    >>> rr_ms = [800.0, 810, 790, 805] * 30
    >>> rr_ms[40:41] = [300.0, rr_ms[40] - 300]  # a beat too many
    >>> find_artifacts(RRSeries.of(rr_ms))[39:43].tolist()
    [0, 2, 0, 0]
    """
    rr, contiguous = series.rr_ms, series.contiguous
    found = np.zeros(rr.size, dtype=np.int8)
    if rr.size < 2:
        return found
    median = _running_rank(rr, MEDIAN_BEATS, MEDIAN_BEATS // 2)
    gap = rr > LONGEST_MISSED * median
    steady = np.where(gap, median, rr)  # a gap says nothing about the beats on its sides
    unbroken = contiguous & ~gap
    unbroken[1:] &= ~gap[:-1]
    _classify(found, steady, median, unbroken)
    displaced = _displaced_ms(steady)
    _add_displaced(found, displaced, median, unbroken)
    _let_natural_steps_be(found, steady, median, displaced)
    found[gap] = Artifact.GAP
    return found


def correct(series: RRSeries) -> Correction:
    """Find and mend artifacts, again and again while there are fewer each time.

    An extra beat is dropped, so that its two parts are one measured interval again; a missed beat is put in the middle; a
    misplaced one is moved to where its neighbours say; an interval too long or short is replaced by their line. Gaps, and
    more than four artifacts in a row, are left open. What is mended takes the time that it took.

    >>> rr_ms = [800.0, 810, 790, 805] * 30
    >>> rr_ms[40:42] = [rr_ms[40] + rr_ms[41]]  # a beat not seen
    >>> mended = correct(RRSeries.of(rr_ms))
    >>> mended.nn.nn_ms[39:43].tolist(), mended.counts[Artifact.MISSED], mended.artifact_share < 0.01
    ([805.0, 805.0, 805.0, 790.0], 1, True)
    """
    artifacts = np.zeros(series.rr_ms.size, dtype=np.int8)
    draft = _Draft(series.t_s, series.rr_ms, series.contiguous, np.arange(artifacts.size), artifacts == 0)
    before = artifacts.size + 1
    for _ in range(MOST_PASSES):
        found = find_artifacts(RRSeries(draft.t_s, draft.rr_ms, draft.contiguous))
        found[~draft.measured] = Artifact.NONE
        marked = np.flatnonzero(found)
        if not 0 < marked.size < before:
            break
        before = marked.size
        artifacts[draft.origin[marked]] = found[marked]
        draft = _mended(draft, found)
    counts = np.bincount(artifacts, minlength=len(Artifact)).tolist()
    return Correction(
        series,
        NNSeries(draft.t_s, draft.rr_ms, draft.measured, draft.contiguous),
        artifacts,
        MappingProxyType({kind: counts[kind] for kind in Artifact if kind is not Artifact.NONE}),
    )


def _classify(found: NDArray[np.int8], rr: FloatArray, median: FloatArray, unbroken: BoolArray) -> None:
    """Lipponen and Tarvainen's decisions, for all intervals at once, with the floor."""
    floor = FLOOR_SHARE * median
    step = np.diff(rr, prepend=rr[0])
    step[~unbroken] = 0.0
    off = rr - median
    off[off < 0] *= 2
    size = np.abs(off)
    limit = np.maximum(THRESHOLD_FACTOR * _quartile_deviation(size), floor)
    s11 = step / np.maximum(THRESHOLD_FACTOR * _quartile_deviation(np.abs(step)), floor)

    before, after, second_after = _shifted(s11, -1), _shifted(s11, 1), _shifted(s11, 2)
    up = s11 > 0
    s12 = np.where(up, np.maximum(before, after), np.minimum(before, after))
    s22 = np.where(s11 >= 0, np.minimum(after, second_after), np.maximum(after, second_after))
    stands_out = np.abs(s11) > 1
    misplaced = stands_out & np.where(
        up,
        s12 < -ECTOPIC_SLOPE * s11 - ECTOPIC_OFFSET,
        s12 > -ECTOPIC_SLOPE * s11 + ECTOPIC_OFFSET,
    )
    asked = stands_out & ~misplaced
    asked[1:] |= asked[:-1] & (np.abs(after) < np.abs(second_after))[:-1]
    is_long, is_short = (s11 > 1) & (s22 < -1), (s11 < -1) & (s22 > 1)
    asked &= (is_long | is_short | (size > FAR_FROM_MEDIAN * limit)) & ~misplaced

    miss_of_sum = np.abs(rr + _shifted(rr, 1) - median)
    extra = asked & is_short & (miss_of_sum < limit) & (_shifted(unbroken.astype(np.float64), 1) > 0)
    missed = asked & is_long & (np.abs(rr / 2 - median) < limit)
    found[asked] = np.where(off[asked] > 0, Artifact.LONG, Artifact.SHORT)
    found[missed] = Artifact.MISSED
    found[extra] = Artifact.EXTRA
    found[misplaced] = Artifact.MISPLACED
    _keep_one_each(found, miss_of_sum)


def _keep_one_each(found: NDArray[np.int8], miss_of_sum: FloatArray) -> None:
    """One artifact leaves marks on its neighbours; keep the one that explains them."""
    kind = found.copy()
    for i in np.flatnonzero(kind == Artifact.EXTRA):
        # of two pairs that overlap, the one whose sum is closer to a heartbeat
        if i and found[i - 1] == Artifact.EXTRA:
            if miss_of_sum[i - 1] <= miss_of_sum[i]:
                found[i] = Artifact.NONE
                continue
            found[i - 1] = Artifact.NONE
    spoiled = np.zeros(found.size, dtype=bool)
    extra, misplaced = found == Artifact.EXTRA, found == Artifact.MISPLACED
    spoiled[1:] |= extra[:-1]
    spoiled[:-1] |= misplaced[1:]
    found[spoiled & ~misplaced] = Artifact.NONE


def _add_displaced(found: NDArray[np.int8], displaced: FloatArray, median: FloatArray, unbroken: BoolArray) -> None:
    """Beats that are displaced where nothing else was found."""
    if found.size < 4:
        return
    touched = found != Artifact.NONE
    touched[1:] |= found[:-1] == Artifact.EXTRA
    touched[:-1] |= found[1:] == Artifact.MISPLACED
    clear = unbroken & ~touched
    known = np.zeros(found.size, dtype=bool)
    known[2:-1] = ~touched[:-3] & clear[1:-2] & clear[2:-1] & clear[3:]
    distance = np.where(known, displaced, 0.0)
    limit = np.maximum(THRESHOLD_FACTOR * _quartile_deviation(distance), DISPLACED_SHARE * median)
    peak = (distance >= _shifted(distance, -1)) & (distance > _shifted(distance, 1))
    found[peak & (distance > limit)] = Artifact.MISPLACED


def _displaced_ms(rr: FloatArray) -> FloatArray:
    """How far the beat between intervals i - 1 and i lies off the cubic through the two beats on either side of it.

    Lagrange's weights for the middle of five evenly spaced points are (-1, 4, 0, 4, -1) / 6; in intervals that is their
    third difference over six. 0 at the ends, where there are no two beats.
    """
    distance = np.zeros(rr.size)
    if rr.size >= 4:
        distance[2:-1] = np.abs(rr[3:] - rr[:-3] - 3 * (rr[2:-1] - rr[1:-2])) / 6
    return distance


def _let_natural_steps_be(found: NDArray[np.int8], rr: FloatArray, median: FloatArray, displaced: FloatArray) -> None:
    slow = median > NATURAL_STEPS_ABOVE_MS
    far = np.abs(rr - median) > NATURAL_STEP_SHARE * median
    lone = (found == Artifact.LONG) | (found == Artifact.SHORT)
    found[lone & slow & ~far] = Artifact.NONE
    step = (found == Artifact.MISPLACED) & slow & ~_overshoots(rr) & (displaced < DISPLACED_FOR_SURE * median)
    found[step] = Artifact.NONE
    step[:-1] |= step[1:]
    odd = step & far & (found == Artifact.NONE)
    found[odd] = np.where(rr[odd] > median[odd], Artifact.LONG, Artifact.SHORT)


def _overshoots(rr: FloatArray) -> BoolArray:
    """At i: of intervals i - 1 and i, one is shorter and the other longer than both of their neighbours."""
    before, after = np.roll(rr, 2), np.roll(rr, -1)
    before[:2], after[-1] = after[:2], before[-1]  # at the ends there is one neighbour only
    last = np.roll(rr, 1)
    least, most = np.minimum(before, after), np.maximum(before, after)
    over: BoolArray = (np.minimum(last, rr) < least) & (np.maximum(last, rr) > most)
    over[0] = False
    return over


@dataclass(frozen=True, slots=True, eq=False)
class _Draft:
    """A series between two passes; `origin` says which interval of the first series each comes from."""

    t_s: FloatArray
    rr_ms: FloatArray
    contiguous: BoolArray
    origin: NDArray[np.intp]
    measured: BoolArray


def _mended(draft: _Draft, found: NDArray[np.int8]) -> _Draft:
    t_s, rr = draft.t_s.copy(), draft.rr_ms.copy()
    contiguous, measured = draft.contiguous.copy(), draft.measured.copy()
    keep = np.ones(rr.size, dtype=bool)

    extra = np.flatnonzero(found == Artifact.EXTRA)
    rr[extra] += rr[extra + 1]
    t_s[extra] = t_s[extra + 1]
    keep[extra + 1] = False

    misplaced = found == Artifact.MISPLACED
    spoiled = misplaced | (found == Artifact.LONG) | (found == Artifact.SHORT)
    spoiled[:-1] |= misplaced[1:]
    spoiled &= keep
    gone = found == Artifact.GAP
    sound = np.flatnonzero(keep & ~spoiled & ~gone)
    for first, last in _runs(spoiled, contiguous):
        if last - first > LONGEST_MENDED_BEATS or not sound.size:
            gone[first:last] = True
        else:
            _replace(t_s, rr, sound, first, last)
            measured[first:last] = False
    contiguous[1:] &= ~gone[:-1]
    keep &= ~gone

    missed = np.flatnonzero(found == Artifact.MISSED)
    rr[missed] /= 2
    measured[missed] = False
    times = 1 * keep
    times[missed] = 2
    at = np.repeat(np.arange(rr.size), times)
    # an inserted beat ends where its interval's second half begins; that half follows it
    second = np.append(False, at[1:] == at[:-1])
    first_half = np.append(second[1:], False)
    ends_s = t_s[at]
    ends_s[first_half] -= rr[at[first_half]] / MS_PER_S
    return _Draft(ends_s, rr[at], contiguous[at] | second, draft.origin[at], measured[at])


def _replace(t_s: FloatArray, rr: FloatArray, sound: NDArray[np.intp], first: int, last: int) -> None:
    """Put intervals on the line between the sound neighbours of `[first, last)` in its place, in the time that it took."""
    places = np.arange(first, last)
    line = np.interp(places, sound, rr[sound])
    taken_ms = rr[first:last].sum()
    if abs(taken_ms - line.sum()) < line.mean() / 2:
        began_s = t_s[first] - rr[first] / MS_PER_S
        line *= taken_ms / line.sum()
        t_s[first:last] = began_s + np.cumsum(line) / MS_PER_S
    rr[first:last] = line


def _runs(marked: BoolArray, contiguous: BoolArray) -> list[tuple[int, int]]:
    """Where `marked` holds without a break: from, to (not included)."""
    begins = marked.copy()
    begins[1:] &= ~(marked[:-1] & contiguous[1:])
    ends = marked.copy()
    ends[:-1] &= ~(marked[1:] & contiguous[1:])
    return list(zip(np.flatnonzero(begins).tolist(), (np.flatnonzero(ends) + 1).tolist(), strict=True))


def _quartile_deviation(values: FloatArray) -> FloatArray:
    """(Q3 - Q1) / 2 over 91 beats centred on each: the medians of the lower and of the upper half without the middle."""
    size = min(THRESHOLD_BEATS, values.size - 1 + values.size % 2)
    quarter = size // 4
    upper, lower = _running_rank(values, size, size - 1 - quarter), _running_rank(values, size, quarter)
    return (upper - lower) / 2


def _running_rank(values: FloatArray, beats: int, rank: int) -> FloatArray:
    """The value of this rank among those around each; the ends are reflected."""
    ranked: FloatArray = rank_filter(values, rank, size=beats, mode="mirror")
    return ranked


def _shifted(values: NDArray[np.generic], by: int) -> FloatArray:
    """`values[i + by]` at i; 0 where there is none."""
    out = np.zeros(values.size)
    if by > 0:
        out[:-by] = values[by:]
    else:
        out[-by:] = values[:by]
    return out
