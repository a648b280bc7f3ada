"""From how much data on each figure means something. Below it, or above 5 % artifacts, there is none.

References for the lengths: Munoz et al. 2015, Validity of (ultra-)short recordings for heart rate variability
measurements, PLoS ONE 10:e0138921 (RMSSD 60 s, SDNN 120 s); Task Force 1996 (about one minute for HF, two for LF, five for
VLF); Yentes et al. 2013, The appropriate use of approximate entropy and sample entropy with short data sets, Ann. Biomed.
Eng. 41:349-365 (200 beats). What they do not give is our own choice beside them.
"""

from dataclasses import dataclass

from hrv.figure import Figure, Missing

ARTIFACT_SHARE_MAX = 0.05
"""Artifacts over intervals, the usual limit. A misplaced beat is one artifact, although it spoils two intervals."""

COVERAGE_FULL = 0.95
"""Of the time that a figure needs: the edges of a stretch cut intervals, and the newest beat is up to a second old."""

COVERAGE_MIN = 0.5
"""Of a longer stretch: a figure from less would be called by the name of a time that it says little of (own choice)."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a figure needs: a stretch of so many seconds, as much time covered by intervals, and beats."""

    seconds: float
    beats: int = 2


_HEART_RATE = Need(10)
_BEAT_TO_BEAT = Need(60)
_SPREAD = Need(120)
_LOW = Need(120)
_VERY_LOW = Need(300)

NEEDS: dict[str, Need] = {
    "mean_nn_ms": _HEART_RATE,
    "heart_rate_bpm": _HEART_RATE,
    "heart_rate_min_bpm": _HEART_RATE,
    "heart_rate_max_bpm": _HEART_RATE,
    "sdnn_ms": _SPREAD,
    "cvnn": _SPREAD,
    "rmssd_ms": _BEAT_TO_BEAT,
    "ln_rmssd": _BEAT_TO_BEAT,
    "sdsd_ms": _BEAT_TO_BEAT,
    "pnn20_percent": _BEAT_TO_BEAT,
    "pnn50_percent": _BEAT_TO_BEAT,
    "sd1_ms": _BEAT_TO_BEAT,
    "sd2_ms": _SPREAD,
    "sd1_sd2": _SPREAD,
    "ellipse_area_ms2": _SPREAD,
    "vlf_ms2": _VERY_LOW,
    "lf_ms2": _LOW,
    "hf_ms2": _BEAT_TO_BEAT,
    "total_ms2": _VERY_LOW,
    "vlf_peak_hz": _VERY_LOW,
    "lf_peak_hz": _LOW,
    "hf_peak_hz": _BEAT_TO_BEAT,
    "lf_nu": _LOW,
    "hf_nu": _LOW,
    "lf_hf": _LOW,
    "sample_entropy": Need(120, beats=200),
    "dfa_alpha1": Need(120, beats=64),
    "dfa_alpha2": Need(300, beats=256),
}
"""Every figure of an analysis. DFA: four boxes of the largest scale (own choice)."""


def refusal(need: Need, *, lasted_s: float, covered_s: float, beats: int, artifact_share: float) -> Missing | None:
    """Why a figure with this need cannot be had of a stretch; None when it can.

    Args:
        need: of the figure.
        lasted_s: from the stretch's beginning to its end.
        covered_s: the sum of its intervals.
        beats: their number.
        artifact_share: 0..1.

    >>> quiet = {"lasted_s": 60.0, "covered_s": 59.2, "beats": 70, "artifact_share": 0.01}
    >>> refusal(NEEDS["rmssd_ms"], **quiet) is None, refusal(NEEDS["sdnn_ms"], **quiet).value
    (True, 'too_short')
    """
    least_s = COVERAGE_FULL * need.seconds
    if lasted_s < least_s:
        return Missing.TOO_SHORT
    if artifact_share > ARTIFACT_SHARE_MAX:
        return Missing.TOO_NOISY
    if covered_s < max(least_s, COVERAGE_MIN * lasted_s):
        return Missing.NO_SIGNAL
    return Missing.TOO_SHORT if beats < need.beats else None


def judged(value: float | None, refused: Missing | None, otherwise: Missing = Missing.NO_VARIATION) -> Figure:
    """`value`, unless it is refused; `otherwise` says why a formula that may be used found nothing.

    >>> judged(42.0, None).value, judged(42.0, Missing.TOO_NOISY).value, judged(None, None).missing.value
    (42.0, None, 'no_variation')
    """
    if refused is not None:
        return Figure.none(refused)
    return Figure.none(otherwise) if value is None else Figure(value)
