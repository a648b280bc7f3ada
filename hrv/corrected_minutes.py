"""A finished recording's minutes, from corrected intervals. The live ones, as the detector judged them, are in `minutes`."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hrv.correction import Correction
from hrv.figure import Figure
from hrv.time_domain import MS_PER_MINUTE
from hrv.validity import NEEDS, judged, refusal

MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class CorrectedMinute:
    """One minute, of the intervals that ended in it.

    Attributes:
        minute: 0 for the first 60 seconds of the recording.
        beats: measured intervals; covered_s: the time of all intervals, mended ones included.
        heart_rate_bpm: beats over time; None without a measured interval. Likewise min and max, of single intervals.
        artifact_share: 0..1.
    """

    minute: int
    beats: int
    covered_s: float
    heart_rate_bpm: float | None
    heart_rate_min_bpm: float | None
    heart_rate_max_bpm: float | None
    rmssd_ms: Figure
    artifact_share: float


def corrected_minutes(correction: Correction) -> list[CorrectedMinute]:
    """Every minute from 0 to the one of the last beat; those without a beat say so.

    >>> from hrv.correction import correct
    >>> from hrv.series import RRSeries
    >>> first, second = corrected_minutes(correct(RRSeries.of([800.0, 810] * 50)))
    >>> first.beats, round(first.heart_rate_bpm, 1), first.rmssd_ms.value, second.rmssd_ms.missing.value
    (74, 74.5, 10.0, 'too_short')
    """
    nn, rr = correction.nn, correction.rr
    if not rr.t_s.size:
        return []
    # a beat at second 60 ends the first minute's last interval
    count = max(int(np.ceil(rr.t_s[-1] / MINUTE_S)), 1)
    of_nn = np.clip(np.ceil(nn.t_s / MINUTE_S).astype(np.intp) - 1, 0, count - 1)
    of_rr = np.clip(np.ceil(rr.t_s / MINUTE_S).astype(np.intp) - 1, 0, count - 1)

    def per_minute(minute_of: NDArray[np.generic], weights: NDArray[np.generic]) -> list[float]:
        sums: list[float] = np.bincount(minute_of, weights, minlength=count).tolist()
        return sums

    measured, adjacent = nn.measured, nn.adjacent
    steps = np.append(0.0, np.diff(nn.nn_ms))
    shortest, longest = np.full(count, np.inf), np.zeros(count)
    np.minimum.at(shortest, of_nn[measured], nn.nn_ms[measured])
    np.maximum.at(longest, of_nn[measured], nn.nn_ms[measured])
    columns = zip(
        per_minute(of_nn, measured),
        per_minute(of_nn, nn.nn_ms * measured),
        per_minute(of_nn, nn.t_s - nn.began_s),
        shortest.tolist(),
        longest.tolist(),
        per_minute(of_nn, adjacent),
        per_minute(of_nn, steps**2 * adjacent),
        per_minute(of_rr, correction.artifacts > 0),
        per_minute(of_rr, np.ones(of_rr.size)),
        strict=True,
    )
    ended_s = float(rr.t_s[-1])
    return [
        _minute(minute, min(MINUTE_S, ended_s - MINUTE_S * minute), *column) for minute, column in enumerate(columns)
    ]


def _minute(
    minute: int,
    lasted_s: float,
    beats: float,
    beats_ms: float,
    covered_s: float,
    shortest_ms: float,
    longest_ms: float,
    steps: float,
    squares: float,
    artifacts: float,
    intervals: float,
) -> CorrectedMinute:
    share = artifacts / intervals if intervals else 0.0
    refused = refusal(NEEDS["rmssd_ms"], lasted_s=lasted_s, covered_s=covered_s, beats=int(beats), artifact_share=share)
    return CorrectedMinute(
        minute=minute,
        beats=int(beats),
        covered_s=covered_s,
        heart_rate_bpm=MS_PER_MINUTE * beats / beats_ms if beats else None,
        heart_rate_min_bpm=MS_PER_MINUTE / longest_ms if beats else None,
        heart_rate_max_bpm=MS_PER_MINUTE / shortest_ms if beats else None,
        rmssd_ms=judged((squares / steps) ** 0.5 if steps else None, refused),
        artifact_share=share,
    )
