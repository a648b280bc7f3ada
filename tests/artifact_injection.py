"""Artifacts of known kind and place, put into real heartbeats: how well the correction finds and mends them.

Used by the tests (with their limits) and by the benchmark (which prints the table).
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import median_filter

from hrv.artifact_search import Artifact, find_artifacts
from hrv.correction import correct
from hrv.series import RRSeries
from hrv.time_domain import rmssd_ms
from tests.heartbeats import DATA, ECTOPIC, glasgow, mit_bih, normal_sinus, one_a_line, polar_h10, rest

KINDS = (("missed", 0.0), ("extra", 0.0), ("misplaced", 0.20), ("misplaced", 0.10))
BLOCK_BEATS = 500
SHORTEST_BEATS = 120
EDGE_BEATS = 12


@dataclass(frozen=True)
class Score:
    """Of one kind of artifact in one group of recordings; shares are 0..1."""

    injected: int
    found: int
    beats: int
    false_flags: int
    rmssd_errors: tuple[float, ...]
    """Of each recording in which nothing is found as it stands: RMSSD after correction over that before injection, less 1."""

    rmssd_error_raw: float
    """Median of the same without correction."""


def at_rest():
    """People sitting still, below 100 bpm: hand-checked beats, and 16 minutes of one young person."""
    found = {"rest": rest()}
    for (subject, task), rr in glasgow().items():
        if task in {"sitting", "maths"} and rr.size >= SHORTEST_BEATS and np.median(rr) > 600:
            found[f"{subject} {task}"] = rr
    return found


def at_high_rates():
    """100 to 150 bpm: hand-checked beats in exercise, and the clean blocks of three other straps' recordings."""
    found = {" ".join(key): rr for key, rr in glasgow().items() if rr.size >= SHORTEST_BEATS}
    for name, rr in (
        ("H10", polar_h10()),
        ("exercise", one_a_line(DATA / "hrv_bsd" / "exercise_rri.hrm")),
        ("08012805", one_a_line(DATA / "hrv_bsd" / "08012805.txt")),
        ("sport", one_a_line(DATA / "vollmer" / "14121501.hrm")),
    ):
        for first in range(0, rr.size - BLOCK_BEATS, BLOCK_BEATS):
            found[f"{name} from beat {first}"] = rr[first : first + BLOCK_BEATS]
    return {name: rr for name, rr in found.items() if 400 <= np.median(rr) <= 600 and _is_clean(rr)}


def _is_clean(rr):
    """No beat that anybody would call an artifact. Not the rule under test: a fifth of the running median."""
    return np.max(np.abs(rr / median_filter(rr, 11, mode="mirror") - 1)) < 0.2


def inject(rr, kind, share, rng):
    """Put an artifact into every 15th to 40th beat; return the new intervals, beat times, and which beats are wrong.

    The wrong beat is the extra one, the misplaced one, or the one after the place of a missed one.
    """
    times = np.concatenate(([0.0], np.cumsum(rr)))
    places = np.cumsum(rng.integers(15, 40, size=rr.size // 15)) + EDGE_BEATS
    places = places[places < rr.size - EDGE_BEATS]
    if kind == "missed":
        kept = np.delete(times, places)
        return np.diff(kept), places - np.arange(places.size)
    if kind == "extra":
        new = times[places] + rng.uniform(0.25, 0.75, places.size) * rr[places]
        return np.diff(np.sort(np.concatenate((times, new)))), places + 1 + np.arange(places.size)
    moved = times.copy()
    moved[places] += rng.choice([-1, 1], places.size) * share * rr[places - 1]
    return np.diff(moved), places


def spoiled(rr):
    """Which intervals are flagged. A misplaced beat flags the two beside it, an extra one both of its parts."""
    labels = find_artifacts(RRSeries.of(rr))
    flags = labels > 0
    flags[:-1] |= labels[1:] == Artifact.MISPLACED
    flags[1:] |= labels[:-1] == Artifact.EXTRA
    return flags


def score(recordings, kind, share, *, rounds=3, seed=1):
    """Inject into every recording, `rounds` times, and see what is found and what becomes of RMSSD."""
    rng = np.random.default_rng(seed)
    injected = found = beats = false_flags = 0
    errors, raw = [], []
    for rr in recordings.values():
        for _ in range(rounds):
            wrong_rr, wrong = inject(rr, kind, share, rng)
            flags = spoiled(wrong_rr)
            # interval i ends with beat i + 1, so beat k lies between intervals k - 1 and k
            hits = flags[wrong - 1] | (flags[wrong] if kind != "missed" else False)
            beside = np.zeros(flags.size, dtype=bool)
            for offset in (-2, -1, 0, 1):
                beside[wrong + offset] = True
            injected, found = injected + wrong.size, found + int(hits.sum())
            beats, false_flags = beats + flags.size, false_flags + int((flags & ~beside).sum())
            if not spoiled(rr).any():
                nn = correct(RRSeries.of(wrong_rr)).nn
                errors.append(rmssd_ms(nn.nn_ms, nn.adjacent) / rmssd_ms(rr) - 1)
                raw.append(rmssd_ms(wrong_rr) / rmssd_ms(rr) - 1)
    return Score(injected, found, beats, false_flags, tuple(errors), float(np.median(raw)))


def false_flag_share(recordings):
    """Flagged over all intervals, of recordings as they stand."""
    flags = [spoiled(rr) for rr in recordings.values()]
    return sum(int(one.sum()) for one in flags) / sum(one.size for one in flags)


def rmssd_changes(recordings):
    """What the correction does to RMSSD of recordings as they stand: after it over before it, less 1, for each."""
    changes = []
    for rr in recordings.values():
        nn = correct(RRSeries.of(rr)).nn
        changes.append(rmssd_ms(nn.nn_ms, nn.adjacent) / rmssd_ms(rr) - 1)
    return np.array(changes)


def mit_score(record):
    """Annotated ectopic beats, those found, and flags elsewhere."""
    times, kinds = mit_bih(record)
    rr = np.diff(times) * 1000
    labels = find_artifacts(RRSeries.of(rr))
    flags = labels > 0
    flags[:-1] |= labels[1:] == Artifact.MISPLACED
    ectopic = [beat for beat, kind in enumerate(kinds) if kind in ECTOPIC]
    near = np.zeros(rr.size, dtype=bool)
    for beat in ectopic:
        near[max(0, beat - 2) : beat + 3] = True
    found = sum(bool(flags[max(0, beat - 1) : beat + 1].any()) for beat in ectopic)
    return len(ectopic), found, int(np.count_nonzero(labels[~near]))


def sinus_below_100():
    """Parts of 22.5 hours of sinus rhythm, awake and asleep, in which cardiologists' software marked every beat normal."""
    rr, kinds = normal_sinus()
    odd = np.array([kind != "N" for kind in kinds]) | (rr > 2000)
    found = {}
    for first in range(0, rr.size - BLOCK_BEATS, 8 * BLOCK_BEATS):
        part = rr[first : first + BLOCK_BEATS]
        if not odd[max(0, first - 3) : first + BLOCK_BEATS + 3].any() and np.median(part) > 600:
            found[f"from beat {first}"] = part
    return found
