"""Intervals with their place in time: what corrections and analyses of whole recordings work on."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isnan

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hrv.intervals import MS_PER_S, BoolArray, FloatArray, checked_adjacency, checked_intervals, checked_times
from hrv.timeline import Beat
from sensing.measurement import TICKS_PER_SECOND


@dataclass(frozen=True, slots=True, eq=False)
class RRSeries:
    """RR intervals as they were measured.

    Attributes:
        t_s: shape (n,), when each interval ended, seconds on the recording's axis; strictly rising.
        rr_ms: shape (n,).
        contiguous: shape (n,), whether an interval begins where the one before it ended. The first never does.
    """

    t_s: FloatArray
    rr_ms: FloatArray
    contiguous: BoolArray

    @classmethod
    def of(cls, rr_ms: ArrayLike, t_s: ArrayLike | None = None, contiguous: ArrayLike | None = None) -> "RRSeries":
        """A series of intervals that follow one another, unless `t_s` and `contiguous` say otherwise.

        Raises:
            hrv.intervals.BadIntervals: these cannot be intervals in ms.
            ValueError: the shapes differ, or the times do not rise or do not fit the intervals.

        >>> RRSeries.of([800, 850]).t_s
        array([0.8 , 1.65])
        """
        rr = checked_intervals(rr_ms).copy()
        follows = checked_adjacency(contiguous, rr).copy()
        follows[:1] = False
        return cls(checked_times(t_s, rr, follows), rr, follows)

    @classmethod
    def of_beats(cls, beats: Iterable[Beat]) -> "RRSeries":
        """The series of a timeline's beats. A number that was no interval at all (0) is left out; a gap stays in its place.

        >>> RRSeries.of_beats([Beat(1024, 1024, False), Beat(1024, 0, True), Beat(2048, 1024, True)]).contiguous
        array([False, False])
        """
        rows: list[tuple[int, int, bool]] = []
        unbroken = False
        for t_ticks, rr_ticks, contiguous in beats:
            unbroken = unbroken and contiguous
            if rr_ticks:
                rows.append((t_ticks, rr_ticks, unbroken))
            unbroken = bool(rr_ticks)
        ticks = np.array(rows, dtype=np.int64).reshape(-1, 3)
        seconds = ticks[:, :2] / TICKS_PER_SECOND
        return cls(seconds[:, 0], seconds[:, 1] * MS_PER_S, ticks[:, 2].astype(bool))


@dataclass(frozen=True, slots=True, eq=False)
class NNSeries:
    """NN intervals: a series after correction.

    `adjacent` is for differences of intervals (RMSSD, pNN50, Poincaré), `contiguous` for what needs an unbroken row (spectra).

    Attributes:
        t_s: shape (n,), when each interval ended.
        nn_ms: shape (n,).
        measured: shape (n,), whether an interval is as the heart made it; else it was put in the place of an artifact.
        contiguous: shape (n,), whether there is no gap before an interval. Then it begins where the one before it ended,
            except that one put in the place of an interval too long or short is as long as its neighbours say.
    """

    t_s: FloatArray
    nn_ms: FloatArray
    measured: BoolArray
    contiguous: BoolArray

    @property
    def adjacent(self) -> BoolArray:
        """Shape (n,): whether an interval and the one before it are both measured, without a gap between them."""
        follows = self.contiguous & self.measured
        follows[1:] &= self.measured[:-1]
        return follows

    @property
    def began_s(self) -> FloatArray:
        """Shape (n,): when each interval began: where the one before it ended, if there is no gap between."""
        began_s = self.t_s - self.nn_ms / MS_PER_S
        began_s[1:] = np.where(self.contiguous[1:], self.t_s[:-1], began_s[1:])
        return began_s

    @property
    def covered_s(self) -> float:
        """The time without its gaps."""
        return float(np.sum(self.t_s - self.began_s))

    def between(self, from_s: float, to_s: float) -> "NNSeries":
        """The intervals that lie in `[from_s, to_s)` altogether, by their ends and beginnings.

        Raises:
            ValueError: a bound is not a number.
        """
        if isnan(from_s) or isnan(to_s):
            raise ValueError(f"a stretch goes from one second to another, not from {from_s} to {to_s}")
        first, last = int(np.searchsorted(self.began_s, from_s)), int(np.searchsorted(self.t_s, to_s))
        return self._part(first, max(first, last))

    @property
    def lasted_s(self) -> float:
        """From the beginning of the first interval to the end of the last, gaps included."""
        return float(self.t_s[-1] - self.t_s[0] + self.nn_ms[0] / MS_PER_S) if self.t_s.size else 0.0

    @property
    def stretches_s(self) -> FloatArray:
        """How long each part without a gap lasts, from its first beat to its last."""
        edges = self._edges()
        return self.t_s[edges[1:] - 1] - self.t_s[edges[:-1]] if self.t_s.size else np.zeros(0)

    @property
    def longest_stretch(self) -> "NNSeries":
        """The longest part without a gap."""
        if not self.t_s.size:
            return self
        edges, longest = self._edges(), int(np.argmax(self.stretches_s))
        return self._part(int(edges[longest]), int(edges[longest + 1]))

    def _edges(self) -> NDArray[np.intp]:
        return np.concatenate(([0], np.flatnonzero(~self.contiguous[1:]) + 1, [self.t_s.size]))

    def _part(self, first: int, last: int) -> "NNSeries":
        part = slice(first, last)
        return NNSeries(self.t_s[part], self.nn_ms[part], self.measured[part], self.contiguous[part])
