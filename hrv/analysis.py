"""Every measure of a stretch of corrected intervals, each with its value or the reason why it has none."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import partial
from math import inf, isfinite
from types import MappingProxyType

import numpy as np

from hrv.correction import Correction
from hrv.dfa import LONG_SCALES, SHORT_SCALES, dfa_exponent
from hrv.entropy import MOST_BEATS, sample_entropy
from hrv.figure import Figure, Missing
from hrv.frequency_domain import Bands, Spectrum, bands, lomb_spectrum, welch_spectrum
from hrv.poincare import poincare
from hrv.series import NNSeries
from hrv.time_domain import time_domain
from hrv.validity import COVERAGE_FULL, NEEDS, Need, judged, refusal

ANALYSIS_VERSION = "1"
"""Goes with every figure that is stored or shown; changes whenever a recording could be measured differently."""

LOMB = "lomb_"
"""Before the names of the second spectrum's figures."""

_BANDS = tuple(field.name for field in fields(Bands))
_Refuse = Callable[[Need], Missing | None]


@dataclass(frozen=True, slots=True)
class Analysis:
    """What can be said of a stretch.

    Attributes:
        beats: intervals in it, after correction.
        covered_s: the time that they cover.
        artifact_share: artifacts over intervals as they were measured, 0..1.
        figures: by name with unit, as `hrv.validity.NEEDS` lists them; those of Lomb's spectrum begin with `lomb_`.
    """

    beats: int
    covered_s: float
    artifact_share: float
    figures: Mapping[str, Figure]


def analyse(correction: Correction, from_s: float = -inf, to_s: float = inf, *, lomb: bool = True) -> Analysis:
    """Measure the intervals that lie in `[from_s, to_s)`.

    Figures of the time domain and the Poincaré plot use measured intervals only. Spectra, DFA and entropy need an unbroken
    row and use the mended ones as well: each band of a spectrum those stretches without a gap that last as long as the band
    needs, DFA and entropy the longest stretch.

    Args:
        correction: of the whole recording, so that a stretch's edges are judged by their surroundings.
        from_s: on the recording's axis; all of it when left out.
        to_s: likewise.
        lomb: whether to add the second spectrum.

    Raises:
        ValueError: a bound is not a number.

    >>> from hrv.correction import correct
    >>> from hrv.series import RRSeries
    >>> stretch = analyse(correct(RRSeries.of([800.0, 830, 790, 820] * 30)))
    >>> round(stretch.figures["rmssd_ms"].value, 1), stretch.figures["sdnn_ms"].missing.value
    (30.9, 'too_short')
    """
    nn = correction.nn.between(from_s, to_s)
    covered_s = nn.covered_s
    share = correction.artifact_share_between(from_s, to_s)
    refuse = partial(
        refusal,
        lasted_s=to_s - from_s if isfinite(to_s - from_s) else nn.lasted_s,
        covered_s=covered_s,
        beats=nn.nn_ms.size,
        artifact_share=share,
    )
    figures = _time_figures(nn, refuse) | _spectral_figures(nn, refuse, welch_spectrum)
    if lomb:
        figures |= {LOMB + name: found for name, found in _spectral_figures(nn, refuse, lomb_spectrum).items()}
    figures |= _nonlinear_figures(nn.longest_stretch, refuse, share)
    return Analysis(nn.nn_ms.size, covered_s, share, MappingProxyType(figures))


def _time_figures(nn: NNSeries, refuse: _Refuse) -> dict[str, Figure]:
    adjacent, measured = nn.adjacent[nn.measured], nn.nn_ms[nn.measured]
    ellipse = poincare(measured, adjacent)
    values: dict[str, float | None] = asdict(time_domain(measured, adjacent)) | {
        "sd1_ms": ellipse.sd1_ms if ellipse else None,
        "sd2_ms": ellipse.sd2_ms if ellipse else None,
        "sd1_sd2": ellipse.ratio if ellipse else None,
        "ellipse_area_ms2": ellipse.area_ms2 if ellipse else None,
    }
    return {name: judged(value, refuse(NEEDS[name])) for name, value in values.items()}


def _spectral_figures(nn: NNSeries, refuse: _Refuse, method: Callable[..., Spectrum | None]) -> dict[str, Figure]:
    stretches_s = nn.stretches_s
    found: dict[int, Bands | None] = {}  # by how many stretches are long enough: needs that share them share a spectrum
    figures = {}
    for name in _BANDS:
        why = refuse(NEEDS[name])
        shortest_s = COVERAGE_FULL * NEEDS[name].seconds
        count = int(np.count_nonzero(stretches_s >= shortest_s))
        if why is None and count not in found:
            spectrum = method(nn.nn_ms, nn.t_s, nn.contiguous, shortest_s=shortest_s)
            found[count] = bands(spectrum) if spectrum else None
        power = found[count] if why is None else None
        if power is None:
            figures[name] = Figure.none(why or Missing.TOO_SHORT)
        else:
            figures[name] = judged(getattr(power, name), None, _why_no_band(name, power))
    return figures


def _why_no_band(name: str, found: Bands) -> Missing:
    return Missing.TOO_SLOW if found.hf_ms2 is None and not name.startswith("vlf") else Missing.NO_VARIATION


def _nonlinear_figures(longest: NNSeries, refuse: _Refuse, share: float) -> dict[str, Figure]:
    stretch_s = longest.covered_s

    def why_not(name: str) -> Missing | None:
        need = NEEDS[name]
        beats = longest.nn_ms.size
        alone = refusal(need, lasted_s=stretch_s, covered_s=stretch_s, beats=beats, artifact_share=share)
        return refuse(need) or alone

    figures = {}
    for name, scales in (("dfa_alpha1", SHORT_SCALES), ("dfa_alpha2", LONG_SCALES)):
        why = why_not(name)
        figures[name] = Figure.none(why) if why else judged(dfa_exponent(longest.nn_ms, scales), None)
    why = why_not("sample_entropy") or (Missing.TOO_LONG if longest.nn_ms.size > MOST_BEATS else None)
    figures["sample_entropy"] = Figure.none(why) if why else judged(sample_entropy(longest.nn_ms), None)
    return figures
