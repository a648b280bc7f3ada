"""A finished recording without its artifacts: found, mended, and found again until there are no fewer."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from hrv.artifact_search import Artifact, Labels, find_artifacts
from hrv.intervals import MS_PER_S, BoolArray, FloatArray
from hrv.series import NNSeries, RRSeries

LONGEST_MENDED_BEATS = 4
"""More spoiled intervals within nine are a gap as well: that many invented ones would be a story (own choice)."""

MOST_PASSES = 10


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
    artifacts: Labels
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


def correct(series: RRSeries) -> Correction:
    """Find and mend artifacts, again and again while there are fewer each time.

    An extra beat is dropped, so that its two parts are one measured interval again; a missed beat is put in the middle; a
    misplaced one is moved to where its neighbours say; an interval too long or short is replaced by their line. Gaps, places
    crowded with artifacts, and what is off by more than half an interval are left open.

    >>> from hrv.series import RRSeries
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


@dataclass(frozen=True, slots=True, eq=False)
class _Draft:
    """A series between two passes; `origin` says which interval of the first series each comes from."""

    t_s: FloatArray
    rr_ms: FloatArray
    contiguous: BoolArray
    origin: NDArray[np.intp]
    measured: BoolArray


def _mended(draft: _Draft, found: Labels) -> _Draft:
    return _with_missed(*_without_spoiled(*_without_extra(draft, found)))


def _without_extra(draft: _Draft, found: Labels) -> tuple[_Draft, Labels]:
    """Each extra beat dropped: its interval takes in the next."""
    extra = np.flatnonzero(found == Artifact.EXTRA)
    if not extra.size:
        return draft, found
    t_s, rr = draft.t_s.copy(), draft.rr_ms.copy()
    rr[extra] += rr[extra + 1]
    t_s[extra] = t_s[extra + 1]
    measured = draft.measured.copy()
    measured[extra] &= measured[extra + 1]
    keep = np.ones(rr.size, dtype=bool)
    keep[extra + 1] = False
    kept = _Draft(t_s[keep], rr[keep], draft.contiguous[keep], draft.origin[keep], measured[keep])
    return kept, found[keep]


def _without_spoiled(draft: _Draft, found: Labels) -> tuple[_Draft, Labels]:
    """Intervals that are wrong replaced, or taken out where there are too many."""
    misplaced = found == Artifact.MISPLACED
    spoiled = misplaced | (found == Artifact.LONG) | (found == Artifact.SHORT)
    spoiled[:-1] |= misplaced[1:]
    gone = (found == Artifact.GAP) | _crowded(spoiled)
    spoiled &= ~gone
    t_s, rr = draft.t_s.copy(), draft.rr_ms.copy()
    sound = np.flatnonzero(~spoiled & ~gone)  # never empty: the median interval is neither long nor short
    for first, last in _runs(spoiled, draft.contiguous):
        line = np.interp(np.arange(first, last), sound, rr[sound])
        taken_ms, told_ms = float(rr[first:last].sum()), float(line.sum())
        if abs(taken_ms - told_ms) > line.mean() / 2:
            gone[first:last] = True  # so much time too many or too few is not one interval's mistake
        elif misplaced[first:last].any():
            # a beat in the wrong place takes nothing from the time of its two intervals, so the line may not either
            began_s = t_s[first] - rr[first] / MS_PER_S
            rr[first:last] = line * (taken_ms / told_ms)
            t_s[first:last] = began_s + np.cumsum(rr[first:last]) / MS_PER_S
        else:
            rr[first:last] = line
    contiguous = draft.contiguous.copy()
    contiguous[1:] &= ~gone[:-1]
    keep, measured = ~gone, draft.measured & ~spoiled
    return _Draft(t_s[keep], rr[keep], contiguous[keep], draft.origin[keep], measured[keep]), found[keep]


def _with_missed(draft: _Draft, found: Labels) -> _Draft:
    """Each interval that hides a beat divided into two halves."""
    missed = found == Artifact.MISSED
    if not missed.any():
        return draft
    at = np.repeat(np.arange(found.size), 1 + missed)
    first_half = np.append(at[1:] == at[:-1], False)
    second_half = np.append(False, first_half[:-1])
    rr = np.where(missed, draft.rr_ms / 2, draft.rr_ms)[at]
    t_s = draft.t_s[at]
    t_s[first_half] -= rr[first_half] / MS_PER_S
    return _Draft(t_s, rr, draft.contiguous[at] | second_half, draft.origin[at], (draft.measured & ~missed)[at])


def _crowded(spoiled: BoolArray) -> BoolArray:
    """From the first to the last spoiled interval of each place where they lie close together."""
    around = np.convolve(spoiled, np.ones(2 * LONGEST_MENDED_BEATS + 1))[LONGEST_MENDED_BEATS:-LONGEST_MENDED_BEATS]
    crowded = np.zeros(spoiled.size, dtype=bool)
    for first, last in _runs(around > LONGEST_MENDED_BEATS):
        from_ = max(0, first - LONGEST_MENDED_BEATS)
        inside = from_ + np.flatnonzero(spoiled[from_ : last + LONGEST_MENDED_BEATS])
        crowded[inside[0] : inside[-1] + 1] = True
    return crowded


def _runs(marked: BoolArray, contiguous: BoolArray | None = None) -> list[tuple[int, int]]:
    """Where `marked` holds without a break: from, to (not included)."""
    together = marked[:-1] & marked[1:]
    if contiguous is not None:
        together &= contiguous[1:]
    begins, ends = marked.copy(), marked.copy()
    begins[1:] &= ~together
    ends[:-1] &= ~together
    return list(zip(np.flatnonzero(begins).tolist(), (np.flatnonzero(ends) + 1).tolist(), strict=True))
