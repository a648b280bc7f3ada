"""How much of the heart rate do movement and posture explain? Several answers at once, weighed by how well they predict.

A burst of movement may have been a gesture, or the wearer stood up or sat down. Nobody can tell at that moment; the heart can,
within half a minute. So each belief splits at a burst into what it may have been, every one predicts the seconds that follow,
and the ones that predict badly fade (a Gaussian sum filter: Alspach & Sorenson 1972, IEEE TAC 17:439). Old ones of the same
posture are merged, so the number stays small.
"""

from collections.abc import Callable, Iterator
from math import erfc, exp, log, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hrv.heart_model import (
    DRIVE,
    GAIN,
    OVERSHOOT,
    POSTURE,
    SLOPE,
    UNEXPLAINED,
    WORK,
    Array,
    HeartModel,
    overshoot_share,
)
from hrv.motion import AT_REST, LONG_AGO, Motion
from hrv.settings import ModelSettings

Way = Callable[[Array, Array], NDArray[np.bool_]]
"""Changes means and covariances in place by what may have happened; returns whether each wearer stands now."""


class Explained(NamedTuple):
    """The weighed answer for one second.

    Attributes:
        unexplained_bpm: the heart rate that neither movement nor posture explains.
        slope_bpm_per_s: how fast it rises.
        movement_bpm: the allowance for movement.
        posture_bpm: the allowance for posture, the overshoot of standing up included.
    """

    unexplained_bpm: float
    slope_bpm_per_s: float
    movement_bpm: float
    posture_bpm: float


class ArousalModel:
    """The beliefs about one wearer. Nothing is believed before the first heart rate.

    >>> model = ArousalModel(ModelSettings())
    >>> for second in range(60):
    ...     model.step(second, 80.0)
    >>> round(model.explained().unexplained_bpm), round(model.chance_above(100.0), 3)
    (80, 0.0)
    """

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._heart = HeartModel(settings)
        self._mean: Array = np.zeros((0, 0))
        self._cov: Array = np.zeros((0, 0, 0))
        self._log_weight: Array = np.zeros(0)
        self._standing: NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self._split_at: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._stood_at: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._share: Array = np.zeros(0)

    @property
    def is_known(self) -> bool:
        """Whether there is anything to ask."""
        return len(self._log_weight) > 0

    def step(self, second: int, bpm: float | None, motion: Motion = AT_REST, lowest_bpm: float | None = None) -> None:
        """Let one second pass.

        Args:
            second: of the recording; seconds follow one another.
            bpm: mean heart rate of its accepted intervals; None without any, or when they are not trusted.
            motion: what the accelerometer says of it.
            lowest_bpm: the least that the unexplained part is believed to be, from the baseline.
        """
        if not self.is_known:
            if bpm is not None:
                self._begin(bpm)
            return
        self._mean, self._cov = self._heart.pass_second(self._mean, self._cov, self._standing, motion.drive)
        if motion is not AT_REST:
            self._hear(second, motion)
        self._share = np.array([overshoot_share(self._settings, second - at) for at in self._stood_at.tolist()])
        if bpm is not None:
            seen = self._heart.seen(self._share)
            evidence = self._heart.observe(self._mean, self._cov, seen, bpm)
            self._log_weight += self._settings.evidence_share * evidence
            self._heart.bound(self._mean, self._cov, self._log_weight, lowest_bpm)
        if len(self._log_weight) > 1:
            self._merge(second)
            self._prune()
        else:
            self._log_weight[0] = 0.0

    def chance_above(self, threshold_bpm: float) -> float:
        """Probability that the unexplained heart rate is above the line, 0..1, less a margin for what movement may hide."""
        return self._chance(threshold_bpm, self._settings.work_margin)

    def chance_still_above(self, leave_bpm: float) -> float:
        """The same for the leaving line, without the margin: doubt about movement must not end a flood."""
        return self._chance(leave_bpm, 0.0)

    def explained(self) -> Explained:
        """The weighed mean of the beliefs. Allowances are never negative."""
        unexplained = slope = work = posture = 0.0
        for weight, mean, share in self._beliefs():
            unexplained += weight * mean[UNEXPLAINED]
            slope += weight * mean[SLOPE]
            work += weight * mean[WORK]
            posture += weight * (mean[POSTURE] + share * mean[OVERSHOOT])
        return Explained(unexplained, slope, max(work, 0.0), max(posture, 0.0))

    def standing(self) -> float:
        """How likely the wearer is to stand, 0..1."""
        return min(1.0, float(np.exp(self._log_weight[self._standing]).sum()))

    def _beliefs(self) -> Iterator[tuple[float, list[float], float]]:
        """Weight, mean and share of the overshoot of each. Plain numbers: there are few, most often one."""
        weights = [exp(log_weight) for log_weight in self._log_weight.tolist()]
        return zip(weights, self._mean.tolist(), self._share.tolist(), strict=True)

    def _chance(self, line_bpm: float, work_margin: float) -> float:
        chance = 0.0
        variances = self._cov[:, UNEXPLAINED, UNEXPLAINED].tolist()
        for (weight, mean, _), variance in zip(self._beliefs(), variances, strict=True):
            above_bpm = mean[UNEXPLAINED] - work_margin * max(mean[WORK], 0.0) - line_bpm
            chance += weight * 0.5 * erfc(-above_bpm / sqrt(2 * variance))
        return min(1.0, chance)

    def _begin(self, bpm: float) -> None:
        mean, cov = self._heart.first_belief(bpm)
        self._mean, self._cov = mean[None], cov[None]
        self._log_weight = np.zeros(1)
        self._standing = np.zeros(1, dtype=bool)
        self._split_at, self._stood_at = np.full(1, LONG_AGO), np.full(1, LONG_AGO)
        self._share = np.zeros(1)

    def _hear(self, second: int, motion: Motion) -> None:
        rules = self._settings
        if motion.still:
            self._log_weight -= rules.still_weight * self._standing
        elif motion.restless:
            self._log_weight -= rules.restless_weight * ~self._standing
        if motion.burst_mg is not None:
            self._split_at_burst(second, motion.burst_mg)
        elif motion.long_still and self._standing.any():
            self._split(second, ((self._standing, rules.sat_unnoticed, self._sit),))
        if motion.spell_begins:
            variances = self._cov[:, GAIN, GAIN]
            np.maximum(variances, rules.gain_sd**2, out=variances)

    def _split_at_burst(self, second: int, burst_mg: float) -> None:
        """Each belief becomes up to three: it was a gesture, the wearer stood up, the wearer sat down."""
        rules = self._settings
        strength = burst_mg / (burst_mg + rules.burst_half_mg)
        everybody = np.ones(len(self._log_weight), dtype=bool)
        stood = np.where(self._standing, rules.stood_again, rules.stood) * strength
        self._split(second, ((everybody, stood, self._stand), (self._standing, rules.sat, self._sit)))

    def _split(self, second: int, ways: tuple[tuple[NDArray[np.bool_], Array | float, Way], ...]) -> None:
        """Add, for each way and the beliefs it applies to, a copy changed by it; what is left over stays as it was."""
        parts = [(self._mean, self._cov, self._standing, self._stood_at)]
        left = np.ones(len(self._log_weight))
        shares: list[Array] = []
        for who, share, change in ways:
            share = np.where(who, share, 0.0)  # noqa: PLW2901  a number or one for each belief: now the latter
            left -= share
            mean, cov = self._mean[who], self._cov[who]
            standing = change(mean, cov)
            parts.append((mean, cov, standing, np.where(standing, second, self._stood_at[who])))
            shares.append(self._log_weight[who] + np.log(share[who]))
        self._log_weight = np.concatenate([self._log_weight + np.log(left), *shares])
        self._mean = np.concatenate([part[0] for part in parts])
        self._cov = np.concatenate([part[1] for part in parts])
        self._standing = np.concatenate([part[2] for part in parts])
        self._stood_at = np.concatenate([part[3] for part in parts])
        self._split_at = np.full(len(self._log_weight), second)

    def _stand(self, mean: Array, cov: Array) -> NDArray[np.bool_]:
        rules = self._settings
        mean[:, DRIVE] += rules.stand_bpm
        cov[:, DRIVE, DRIVE] += rules.stand_sd_bpm**2
        _renew(mean, cov, OVERSHOOT, rules.overshoot_bpm, rules.overshoot_sd_bpm)
        return np.ones(len(mean), dtype=bool)

    def _sit(self, mean: Array, cov: Array) -> NDArray[np.bool_]:
        _renew(mean, cov, DRIVE, 0.0, self._settings.sit_sd_bpm)
        return np.zeros(len(mean), dtype=bool)

    def _merge(self, second: int) -> None:
        """Merge beliefs of one posture whose last split is long past: by then the heart has told what it could."""
        for posture in (False, True):
            old = second - self._split_at >= self._settings.merge_after_s
            who = np.flatnonzero(old & (self._standing == posture))
            if len(who) > 1:
                self._merge_into_first(who)

    def _merge_into_first(self, who: NDArray[np.int64]) -> None:
        first, most = who[0], self._log_weight[who].max()
        share = np.exp(self._log_weight[who] - most)
        total = share.sum()
        share /= total
        mean = share @ self._mean[who]
        off = self._mean[who] - mean
        # moment matching: the spread between the beliefs is part of the merged one's
        self._cov[first] = np.tensordot(share, self._cov[who], 1) + (share[:, None] * off).T @ off
        self._mean[first] = mean
        self._log_weight[first] = most + log(total)
        keep = np.ones(len(self._log_weight), dtype=bool)
        keep[who[1:]] = False
        self._keep(np.flatnonzero(keep))

    def _prune(self) -> None:
        """Likeliest first; the hopeless and the too many go; weights sum to one."""
        order = np.argsort(-self._log_weight, kind="stable")[: self._settings.beliefs_most]
        best = self._log_weight[order[0]]
        kept = self._log_weight[order] - best > self._settings.hopeless_log_weight
        self._keep(order[kept])
        self._log_weight -= best
        self._log_weight -= log(np.exp(self._log_weight).sum())

    def _keep(self, who: NDArray[np.int64]) -> None:
        self._mean, self._cov = self._mean[who], self._cov[who]
        self._log_weight, self._standing = self._log_weight[who], self._standing[who]
        self._split_at, self._stood_at, self._share = self._split_at[who], self._stood_at[who], self._share[who]


def _renew(mean: Array, cov: Array, state: int, value: float, sd: float) -> None:
    """Forget a state of every belief and begin it anew, in place."""
    mean[:, state] = value
    cov[:, state, :] = cov[:, :, state] = 0.0
    cov[:, state, state] = sd**2
