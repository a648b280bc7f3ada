"""What a heart rate is made of, second by second: a linear state-space model and its Kalman filter.

The heart rate of one second is the sum of what is to be found, the part that neither movement nor posture explains, and of
what is known to raise it:

    rate = UNEXPLAINED + WORK + POSTURE + share(t)·OVERSHOOT + WAVE + noise

- UNEXPLAINED wanders, with a damped SLOPE: an alarm is a rise that goes on for many seconds.
- WORK follows GAIN times the drive of movement, a first-order lag: faster up than down. The gain differs between people and
  movements, so it is a state of its own, with its own uncertainty.
- POSTURE follows DRIVE, what standing asks for, within seconds; the drive itself wears off in many minutes.
- OVERSHOOT is the height of the orthostatic response, a bell that peaks about 12 s after standing up and is over when the
  minute is half gone (Borst et al. 1982, J Appl Physiol 53:676); `overshoot_share` is its shape.
- WAVE and WAVE_Q are the 0.1 Hz (Mayer) oscillation: a noisy, damped rotation.

Several beliefs about the same second are carried as one batch. Shapes: k beliefs, n = 9 states; means (k, n), covariances
(k, n, n). Units: bpm, seconds, sqrt(mg).

Reference for the filter: Kalman 1960, J Basic Eng 82:35. Innovations are clipped, so that one strange beat cannot persuade.
"""

from math import cos, exp, inf, pi, sin
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hrv.settings import ModelSettings

Array = NDArray[np.float64]

UNEXPLAINED, SLOPE, WORK, GAIN, DRIVE, POSTURE, OVERSHOOT, WAVE, WAVE_Q = range(9)
STATES: Final = 9
_SUMMED = [UNEXPLAINED, WORK, POSTURE, WAVE]


class HeartModel:
    """The matrices of one second, and the three things that can happen to a batch of beliefs in it."""

    def __init__(self, settings: ModelSettings) -> None:
        self._settings = settings
        self._resting = _transition(settings)
        self._noise = _noise(settings)
        self._noise_standing = self._noise.copy()
        self._noise_standing[DRIVE, DRIVE] += settings.drive_wander_bpm2
        self._sum = np.zeros(STATES)
        self._sum[_SUMMED] = 1.0
        self._up = 1 - exp(-1 / settings.work_up_s)

    def first_belief(self, bpm: float) -> tuple[Array, Array]:
        """Mean (n) and covariance (n, n) when nothing but a first heart rate is known, and the wearer is taken to sit."""
        rules = self._settings
        mean, spread = np.zeros(STATES), np.zeros(STATES)
        mean[[UNEXPLAINED, GAIN]] = bpm, rules.gain
        spread[[UNEXPLAINED, SLOPE, GAIN, DRIVE, WAVE, WAVE_Q]] = (
            rules.first_sd_bpm,
            rules.slope_sd_bpm_per_s,
            rules.gain_sd,
            rules.first_drive_sd_bpm,
            rules.wave_sd_bpm,
            rules.wave_sd_bpm,
        )
        return mean, np.diag(spread**2)

    def pass_second(self, mean: Array, cov: Array, standing: NDArray[np.bool_], drive: float) -> tuple[Array, Array]:
        """Let one second pass, without looking.

        Args:
            mean: (k, n), the likeliest belief first: whether work goes up or down is judged by it.
            cov: (k, n, n).
            standing: (k) whether the wearer stands, in each belief.
            drive: of movement, sqrt(mg).
        """
        step = self._resting
        if drive > 0 and mean[0, GAIN] * drive > mean[0, WORK]:
            step = step.copy()
            step[WORK, WORK], step[WORK, GAIN] = 1 - self._up, self._up * drive
        elif drive > 0:
            step = step.copy()
            step[WORK, GAIN] = (1 - step[WORK, WORK]) * drive
        mean = mean @ step.T
        cov = step @ cov @ step.T
        cov += np.where(standing[:, None, None], self._noise_standing, self._noise) if standing.any() else self._noise
        np.maximum(mean[:, GAIN], 0.0, out=mean[:, GAIN])
        return mean, cov

    def seen(self, overshoot_share: Array) -> Array:
        """How the states add up to a rate, (k, n); `overshoot_share` (k) is that of each belief's overshoot now."""
        seen = np.repeat(self._sum[None], len(overshoot_share), axis=0)
        seen[:, OVERSHOOT] = overshoot_share
        return seen

    def observe(self, mean: Array, cov: Array, seen: Array, bpm: float) -> Array:
        """Look at one second's heart rate; correct the beliefs in place and return their log-likelihoods (k)."""
        rules = self._settings
        along = (cov @ seen[:, :, None])[:, :, 0]
        variance = (along * seen).sum(axis=1) + rules.noise_bpm2
        limit = rules.innovation_sd * np.sqrt(variance)
        surprise = np.minimum(np.maximum(bpm - (mean * seen).sum(axis=1), -limit), limit)
        weighed = along / variance[:, None]
        mean += weighed * surprise[:, None]
        cov -= along[:, :, None] * weighed[:, None, :]
        likelihood: Array = -0.5 * (surprise * surprise / variance + np.log(variance))
        return likelihood

    def bound(self, mean: Array, cov: Array, log_weight: Array, lowest_bpm: float | None) -> None:
        """Pull back, and trust less, beliefs beyond what a body does; in place.

        Nobody in a hard talk is far calmer than in their quiet minutes (`lowest_bpm`), so a belief that needs such a calm to
        explain a high heart rate by posture is implausible. And standing never lowers the heart rate, nor raises it without
        limit. Each bound acts like a soft observation of itself, by those beliefs alone that lie beyond it.
        """
        rules = self._settings
        floor_bpm = -inf if lowest_bpm is None else lowest_bpm
        for i, (unexplained, drive) in enumerate(mean[:, [UNEXPLAINED, DRIVE]].tolist()):
            if unexplained < floor_bpm:
                log_weight[i] -= _hold(mean[i], cov[i], UNEXPLAINED, floor_bpm, rules.floor_bpm2)
            if drive < 0:
                log_weight[i] -= _hold(mean[i], cov[i], DRIVE, 0.0, rules.drive_bound_bpm2)
            elif drive > rules.drive_most_bpm:
                log_weight[i] -= _hold(mean[i], cov[i], DRIVE, rules.drive_most_bpm, rules.drive_bound_bpm2)


def overshoot_share(rules: ModelSettings, since_s: float) -> float:
    """How much of its height the overshoot has, so long after standing up: `(t/τ · e^(1 - t/τ))^n`, 1 at its peak.

    >>> [round(overshoot_share(ModelSettings(), since_s), 2) for since_s in (0, 5, 12.5, 20, 30, 60)]
    [0.0, 0.28, 1.0, 0.59, 0.12, 0.0]
    """
    x = since_s / rules.overshoot_s
    return (x * exp(1 - x)) ** rules.overshoot_order if 0 < x < rules.overshoot_ends else 0.0


def _hold(mean: Array, cov: Array, state: int, bound: float, noise: float) -> float:
    """Pull one belief's state towards its bound, in place; return what that costs its log-weight."""
    along = cov[:, state].copy()
    variance = along[state] + noise
    off = bound - mean[state]
    mean += along * (off / variance)
    cov -= np.outer(along, along / variance)
    return float(0.5 * off * off / variance)


def _transition(rules: ModelSettings) -> Array:
    """The state after one second from the state before it, (n, n), with the body at rest."""
    step = np.eye(STATES)
    step[UNEXPLAINED, SLOPE] = 1.0
    step[SLOPE, SLOPE] = exp(-1 / rules.slope_s)
    step[WORK, WORK] = exp(-1 / rules.work_down_s)
    step[POSTURE, POSTURE] = exp(-1 / rules.posture_s)
    step[POSTURE, DRIVE] = 1 - step[POSTURE, POSTURE]
    step[DRIVE, DRIVE] = exp(-1 / rules.drive_s)
    turn, damping = 2 * pi / rules.wave_period_s, exp(-1 / rules.wave_s)
    step[WAVE, [WAVE, WAVE_Q]] = damping * cos(turn), -damping * sin(turn)
    step[WAVE_Q, [WAVE, WAVE_Q]] = damping * sin(turn), damping * cos(turn)
    return step


def _noise(rules: ModelSettings) -> Array:
    """What one second adds to the covariance, (n, n): as much as keeps slope and wave at their usual spread."""
    noise = np.zeros((STATES, STATES))
    noise[UNEXPLAINED, UNEXPLAINED] = rules.wander_bpm2
    noise[SLOPE, SLOPE] = rules.slope_sd_bpm_per_s**2 * (1 - exp(-2 / rules.slope_s))
    noise[WAVE, WAVE] = noise[WAVE_Q, WAVE_Q] = rules.wave_sd_bpm**2 * (1 - exp(-2 / rules.wave_s))
    return noise
