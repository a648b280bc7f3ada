"""From how much data on each figure means something. Below it, or above 5 % artifacts, there is none.

References for the lengths: Munoz et al. 2015, Validity of (ultra-)short recordings for heart rate variability
measurements, PLoS ONE 10:e0138921 (RMSSD, SDNN); Task Force 1996 (spectra: about ten of a band's longest wave would be
best, and VLF not below five minutes); Richman and Moorman 2000 (patterns of two beats: 100 to 200 of them). Where a source
gives a range the length is our own choice within it.
"""

from dataclasses import dataclass

from hrv.figure import Figure, Missing

ARTIFACT_SHARE_MAX = 0.05
COVERAGE_FULL = 0.95
"""As live (`DetectorSettings.artifact_share_max`, `coverage_full`)."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a figure needs: time, of which 95 % must be covered by intervals, and beats."""

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


def refusal(need: Need, covered_s: float, beats: int, artifact_share: float) -> Missing | None:
    """Why a figure with this need cannot be had; None when it can.

    >>> refusal(NEEDS["rmssd_ms"], covered_s=59.2, beats=70, artifact_share=0.01) is None
    True
    >>> refusal(NEEDS["sdnn_ms"], covered_s=59.2, beats=70, artifact_share=0.01).value
    'too_short'
    """
    if covered_s < COVERAGE_FULL * need.seconds or beats < need.beats:
        return Missing.TOO_SHORT
    return Missing.TOO_NOISY if artifact_share > ARTIFACT_SHARE_MAX else None


def figure(value: float | None, refused: Missing | None, otherwise: Missing = Missing.NO_VARIATION) -> Figure:
    """`value`, unless it is refused; `otherwise` says why a formula that may be used found nothing.

    >>> figure(42.0, None).value, figure(42.0, Missing.TOO_NOISY).value, figure(None, None).missing.value
    (42.0, None, 'no_variation')
    """
    if refused is not None:
        return Figure.none(refused)
    return Figure.none(otherwise) if value is None else Figure(value)
