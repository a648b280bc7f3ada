"""Every measure of a stretch of corrected intervals, each with its value or the reason why it has none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from types import MappingProxyType

from hrv.correction import Correction
from hrv.dfa import LONG_SCALES, SHORT_SCALES, dfa_exponent
from hrv.entropy import MOST_BEATS, sample_entropy
from hrv.figure import Figure, Missing
from hrv.frequency_domain import Bands, Spectrum, bands, lomb_spectrum, welch_spectrum
from hrv.poincare import poincare
from hrv.series import MS_PER_S, NNSeries
from hrv.time_domain import time_domain
from hrv.validity import NEEDS, figure, refusal

_BANDS = (
    "vlf_ms2",
    "lf_ms2",
    "hf_ms2",
    "total_ms2",
    "vlf_peak_hz",
    "lf_peak_hz",
    "hf_peak_hz",
    "lf_nu",
    "hf_nu",
    "lf_hf",
)
_LOMB = "lomb_"


@dataclass(frozen=True, slots=True)
class Analysis:
    """What can be said of a stretch.

    Attributes:
        beats: intervals in it, after correction.
        covered_s: the time that they cover.
        artifact_share: of the intervals as they were measured, 0..1.
        figures: by name with unit, as `hrv.validity.NEEDS` lists them; those of Lomb's spectrum begin with `lomb_`.
    """

    beats: int
    covered_s: float
    artifact_share: float
    figures: Mapping[str, Figure]


def analyse(correction: Correction, from_s: float = -inf, to_s: float = inf, *, lomb: bool = True) -> Analysis:
    """Measure the intervals that lie in `[from_s, to_s)`.

    Figures of the time domain and the Poincaré plot use measured intervals only. Spectra, DFA and entropy need an unbroken
    row and use the mended ones as well. Spectra take each stretch without a gap for itself; DFA and entropy join the
    stretches, which changes little for a heart's intervals (Chen et al. 2002, Effect of nonstationarities on detrended
    fluctuation analysis, Phys. Rev. E 65:041107).

    Args:
        correction: of the whole recording, so that a stretch's edges are judged by their surroundings.
        from_s: on the recording's axis; all of it when left out.
        to_s: likewise.
        lomb: whether to add the second spectrum.

    >>> from hrv.correction import correct
    >>> from hrv.series import RRSeries
    >>> stretch = analyse(correct(RRSeries.of([800.0, 830, 790, 820] * 30)))
    >>> round(stretch.figures["rmssd_ms"].value, 1), stretch.figures["sdnn_ms"].missing.value
    (30.9, 'too_short')
    """
    whole = from_s == -inf and to_s == inf
    nn = correction.nn if whole else correction.nn.between(from_s, to_s)
    covered_s = float(nn.nn_ms.sum()) / MS_PER_S
    share = correction.artifact_share_between(from_s, to_s)
    refused = {name: refusal(need, covered_s, nn.nn_ms.size, share) for name, need in NEEDS.items()}
    figures = _time_figures(nn, refused) | _spectral_figures(nn, refused, welch_spectrum, share)
    if lomb:
        found = _spectral_figures(nn, refused, lomb_spectrum, share)
        figures |= {_LOMB + name: value for name, value in found.items()}
    figures |= _nonlinear_figures(nn, refused)
    return Analysis(nn.nn_ms.size, covered_s, share, MappingProxyType(figures))


def _time_figures(nn: NNSeries, refused: Mapping[str, Missing | None]) -> dict[str, Figure]:
    adjacent = nn.adjacent[nn.measured]
    measured = nn.nn_ms[nn.measured]
    found = time_domain(measured, adjacent)
    ellipse = poincare(measured, adjacent)
    values = {
        "mean_nn_ms": found.mean_nn_ms,
        "heart_rate_bpm": found.heart_rate_bpm,
        "heart_rate_min_bpm": found.heart_rate_min_bpm,
        "heart_rate_max_bpm": found.heart_rate_max_bpm,
        "sdnn_ms": found.sdnn_ms,
        "cvnn": found.cvnn,
        "rmssd_ms": found.rmssd_ms,
        "ln_rmssd": found.ln_rmssd,
        "sdsd_ms": found.sdsd_ms,
        "pnn20_percent": found.pnn20_percent,
        "pnn50_percent": found.pnn50_percent,
        "sd1_ms": ellipse.sd1_ms if ellipse else None,
        "sd2_ms": ellipse.sd2_ms if ellipse else None,
        "sd1_sd2": ellipse.ratio if ellipse else None,
        "ellipse_area_ms2": ellipse.area_ms2 if ellipse else None,
    }
    return {name: figure(value, refused[name]) for name, value in values.items()}


def _spectral_figures(
    nn: NNSeries,
    refused: Mapping[str, Missing | None],
    method: Callable[..., Spectrum | None],
    artifact_share: float,
) -> dict[str, Figure]:
    if refused["hf_ms2"] is not None:  # it needs the least
        return {name: Figure.none(refused[name] or Missing.TOO_SHORT) for name in _BANDS}
    spectrum = method(nn.nn_ms, nn.t_s, nn.contiguous)
    if spectrum is None:
        return {name: Figure.none(Missing.TOO_SHORT) for name in _BANDS}
    found: Bands = bands(spectrum)
    figures = {}
    for name in _BANDS:
        gaps_refuse = refusal(NEEDS[name], spectrum.longest_stretch_s, nn.nn_ms.size, artifact_share)
        figures[name] = figure(getattr(found, name), refused[name] or gaps_refuse, _why_no_band(name, found))
    return figures


def _why_no_band(name: str, found: Bands) -> Missing:
    return Missing.TOO_SLOW if found.hf_ms2 is None and not name.startswith("vlf") else Missing.NO_VARIATION


def _nonlinear_figures(nn: NNSeries, refused: Mapping[str, Missing | None]) -> dict[str, Figure]:
    figures = {}
    for name, scales in (("dfa_alpha1", SHORT_SCALES), ("dfa_alpha2", LONG_SCALES)):
        why = refused[name]
        figures[name] = Figure.none(why) if why else figure(dfa_exponent(nn.nn_ms, scales), None)
    why = refused["sample_entropy"] or (Missing.TOO_LONG if nn.nn_ms.size > MOST_BEATS else None)
    figures["sample_entropy"] = Figure.none(why) if why else figure(sample_entropy(nn.nn_ms), None)
    return figures
