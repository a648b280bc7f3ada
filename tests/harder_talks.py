"""Makes a simulated talk harder than it is, in ways its truth survives.

The heart rate that posture and walking do not explain stays as it was, so `truth.json` still holds. Added are changes of
posture, walks and gestures, stronger answers of the heart to the changes that were there already, a weaker accelerometer,
premature beats, and spells of a badly wetted strap. What is added to the heart rate is added to the beats by moving them in
time, so intervals, their noise and their delay stay those of a strap.

>>> from hrv.retrace import Sample
>>> from sensing.measurement import HeartRateMeasurement
>>> talk = [Sample(float(s), HeartRateMeasurement(75, (819,)), 6) for s in range(400)]
>>> truth = {"posture": [], "walking": [], "artefact": []}
>>> [sample.motion_mg for sample in harder(talk, truth, Harder(motion_scale=0.5, gestures=0), np.random.default_rng(1))][:3]
[6, 6, 6]
"""

from dataclasses import dataclass, replace
from zlib import crc32

import numpy as np

from sensing.measurement import TICKS_PER_SECOND

STEP_S = 0.05
AT_REST_MG = 8.0
ARRIVES_AFTER_S = 1.0


@dataclass(frozen=True)
class Harder:
    """What is added to an hour; counts are means of Poisson draws, answers of the heart are bpm."""

    motion_scale: float = 1.0
    motion_noise_mg: float = 0.0
    stands: float = 0.0
    walks: float = 0.0
    gestures: float = 0.0
    answer_bpm: float = 0.0
    premature_share: float = 0.0
    wet_spells: float = 0.0


KINDS = {
    "weak accelerometer": Harder(motion_scale=0.5, motion_noise_mg=3),
    "more standing, walking, gestures": Harder(stands=5, walks=2, gestures=15),
    "premature beats": Harder(premature_share=0.02),
    "badly wetted strap": Harder(wet_spells=8),
    "all of it, by half": Harder(
        0.7, 1, stands=3, walks=2, gestures=8, answer_bpm=3, premature_share=0.01, wet_spells=3
    ),
    "all of it": Harder(0.65, 2, stands=4, walks=2, gestures=12, answer_bpm=5, premature_share=0.015, wet_spells=4),
}


def rng_of(name, kind, draw=0):
    """The same talk is made harder the same way everywhere; another draw makes it harder in ways that nobody has seen."""
    return np.random.default_rng(crc32(f"{name} {kind}{f' fresh {draw}' if draw else ''}".encode()))


def harder(samples, truth, how, rng):
    """The talk's samples, made harder. Without motion data only its beats and its packets are."""
    samples = list(samples)
    length_s = int(samples[-1].t_s) + 2
    if samples[0].motion_mg is not None:
        moves = _Moves(samples, truth, how, length_s, rng)
        samples = _with_motion(samples, moves.motion_mg)
        if moves.added_bpm.any():
            samples = _with_rate(samples, moves.added_bpm, truth, rng)
    samples = _with_premature_beats(samples, how.premature_share, rng)
    return _with_wet_spells(samples, how.wet_spells, length_s, rng)


class _Moves:
    """Movement and what it adds to the heart rate, one value each `STEP_S`."""

    def __init__(self, samples, truth, how, length_s, rng):
        self._rng, self._length_s = rng, length_s
        self._t_s = np.arange(0, length_s, STEP_S)
        self.added_bpm = np.zeros(len(self._t_s))
        self.motion_mg = np.zeros(length_s + 1)
        for sample in samples:
            self.motion_mg[int(sample.t_s)] = sample.motion_mg
        self._taken = list(truth["posture"] + truth["walking"])
        if how.answer_bpm:
            for began, ended in truth["posture"]:
                self._answer(began, ended, abs(rng.normal(how.answer_bpm, 3)), abs(rng.normal(how.answer_bpm, 3)))
        for _ in range(rng.poisson(how.stands)):
            self._stand()
        for _ in range(rng.poisson(how.walks)):
            self._walk()
        for _ in range(rng.poisson(how.gestures)):
            self._burst(int(rng.uniform(5, length_s - 20)), int(rng.integers(1, 7)), 45, 160)
        self._weaken(how)

    def _answer(self, began, ended, level_bpm, overshoot_bpm):
        """Standing up: to a level within some 8 s, with an overshoot that peaks after 13; sitting down ends it."""
        since = np.maximum(self._t_s - began, 0)
        bell = np.exp(-(((since - 13) / 5.8) ** 2) / 2) * (1 - np.exp(-since / 2))
        answer = level_bpm * (1 - np.exp(-since / 8)) + overshoot_bpm * bell
        self.added_bpm += answer * np.exp(-np.maximum(self._t_s - ended, 0) / 10)

    def _free(self, began, ended):
        return not any(a < ended and b > began for a, b in self._taken)

    def _spell(self, shortest_s, longest_s, before_s, after_s):
        began = int(self._rng.uniform(320, self._length_s - 60))
        ended = min(self._length_s - 5, began + int(self._rng.uniform(shortest_s, longest_s)))
        if not self._free(began - before_s, ended + after_s):
            return None
        self._taken.append((began, ended))
        return began, ended

    def _stand(self):
        rng = self._rng
        if (spell := self._spell(20, 400, 15, 15)) is None:
            return
        began, ended = spell
        self._answer(began, ended, np.clip(rng.normal(15, 5), 5, 30), np.clip(rng.normal(15, 7), 0, 35))
        up_s = int(rng.integers(2, 5))
        self._burst(began, up_s, 90, 250)
        sway = self.motion_mg[began + up_s : ended]
        sway += rng.gamma(2, 5) * rng.uniform(0.6, 1.4, len(sway))
        if rng.random() < 0.4:  # most sit down softly
            self._burst(ended, 2, 40, 200)

    def _walk(self):
        rng = self._rng
        if (spell := self._spell(20, 120, 15, 30)) is None:
            return
        began, ended = spell
        mad_mg = rng.uniform(100, 350)
        self.motion_mg[began:ended] = mad_mg * rng.normal(1, 0.06, ended - began)
        self._answer(began, ended + 3, np.clip(rng.normal(12, 4), 5, 30), np.clip(rng.normal(12, 6), 0, 35))
        wanted_bpm = min(40.0, np.clip(rng.normal(0.09, 0.03), 0.03, 0.18) * mad_mg)
        work_bpm = 0.0
        for i, t_s in enumerate(self._t_s):
            target_bpm = wanted_bpm if began <= t_s < ended else 0.0
            work_bpm += STEP_S * (target_bpm - work_bpm) / (15 if target_bpm > work_bpm else 45)
            self.added_bpm[i] += work_bpm

    def _burst(self, began, seconds, least_mg, most_mg):
        part = self.motion_mg[began : began + seconds]
        strong = self._rng.uniform(least_mg, most_mg) * self._rng.uniform(0.7, 1.3, len(part))
        np.maximum(part, strong, out=part)

    def _weaken(self, how):
        moved = AT_REST_MG + (self.motion_mg - AT_REST_MG) * how.motion_scale
        self.motion_mg = np.where(self.motion_mg > AT_REST_MG, moved, self.motion_mg)
        if how.motion_noise_mg:
            self.motion_mg += np.abs(self._rng.normal(0, how.motion_noise_mg, len(self.motion_mg)))


def _with_motion(samples, motion_mg):
    return [replace(sample, motion_mg=round(max(0.0, motion_mg[int(sample.t_s)]))) for sample in samples]


def _with_rate(samples, added_bpm, truth, rng):
    """Move the beats so that the heart rate is higher by so much; where the truth says artefact, make new ones."""
    t_s, bpm = _rate(samples, len(added_bpm))
    phase = np.cumsum(bpm + added_bpm) * STEP_S / 60
    beat_s = np.interp(np.arange(1, int(phase[-1])), phase, t_s)
    beat_s = beat_s[beat_s > samples[0].t_s - ARRIVES_AFTER_S]
    ticks, ends_s = np.rint(np.diff(beat_s) * TICKS_PER_SECOND).astype(int), beat_s[1:]
    noisy = [(began - 3, ended + 4) for began, ended in truth["artefact"]]
    made, at = [], 0
    for sample in samples:
        until = at + np.searchsorted(ends_s[at:], sample.t_s - ARRIVES_AFTER_S, side="right")
        rr_ticks = tuple(int(n) for n in ticks[max(at, until - 9) : until])
        at = until
        if any(began <= sample.t_s < ended for began, ended in noisy):
            rr_ticks = _garbled(rr_ticks, rng) if rng.random() > 0.3 else ()
        added = added_bpm[max(0, min(len(added_bpm) - 1, int((sample.t_s - 3) / STEP_S)))]
        said = sample.measurement.heart_rate_bpm
        heard = replace(sample.measurement, rr_ticks=rr_ticks, heart_rate_bpm=said + round(added) if said else said)
        made.append(replace(sample, measurement=heard))
    return made


def _rate(samples, steps):
    """The heart rate each `STEP_S`, from the intervals that are not far off their neighbours."""
    ends_s, rr_s, end_s, usual = [], [], None, []
    for sample in samples:
        for ticks in sample.measurement.rr_ticks:
            rr = ticks / TICKS_PER_SECOND
            end_s = sample.t_s - 1.5 if end_s is None or sample.t_s - end_s - rr > 4 else end_s + rr
            middle = np.median(usual[-11:]) if usual else rr
            if abs(rr - middle) < 0.25 * middle or not usual:
                usual.append(rr)
                ends_s.append(end_s - rr / 2)
                rr_s.append(rr)
    order = np.argsort(ends_s, kind="stable")
    t_s = np.arange(steps) * STEP_S
    return t_s, np.interp(t_s, np.array(ends_s)[order], 60 / np.array(rr_s)[order])


def _garbled(rr_ticks, rng):
    return tuple(int(n * rng.choice([1, 1, 0.5, 1.4, 0.7, 2])) for n in rr_ticks)


def _with_premature_beats(samples, share, rng):
    """A beat comes early by 18 to 38 %, and the next is late by as much."""
    if not share:
        return samples
    made, owed = [], 0
    for sample in samples:
        rr_ticks = []
        for ticks in sample.measurement.rr_ticks:
            early = int(rng.uniform(0.18, 0.38) * ticks) if not owed and rng.random() < share else 0
            rr_ticks.append(ticks + owed - early)
            owed = early
        made.append(replace(sample, measurement=replace(sample.measurement, rr_ticks=tuple(rr_ticks))))
    return made


def _with_wet_spells(samples, spells, length_s, rng):
    """Spells of seconds in which packets are missing, or intervals are garbled, or missing."""
    for _ in range(rng.poisson(spells)):
        began = rng.uniform(100, length_s - 60)
        ended = began + rng.uniform(4, 40)
        kind = rng.integers(0, 4)
        made = []
        for sample in samples:
            rr_ticks = sample.measurement.rr_ticks
            if began <= sample.t_s < ended:
                if kind == 0:
                    continue
                if kind == 1:
                    rr_ticks = _garbled(rr_ticks, rng)
                elif kind == 2:
                    rr_ticks = tuple(int(n * rng.uniform(0.5, 1.2)) if rng.random() < 0.6 else n for n in rr_ticks)
                elif rng.random() < 0.4:
                    rr_ticks = ()
            made.append(replace(sample, measurement=replace(sample.measurement, rr_ticks=rr_ticks)))
        samples = made
    return samples
