"""Each figure comes with its value, or with the reason why it has none."""

import numpy as np
import pytest

from hrv.analysis import analyse
from hrv.correction import correct
from hrv.dfa import dfa_exponent
from hrv.entropy import MOST_BEATS
from hrv.figure import Missing
from hrv.frequency_domain import bands, lomb_spectrum, welch_spectrum
from hrv.poincare import poincare
from hrv.series import RRSeries
from hrv.time_domain import time_domain
from hrv.validity import NEEDS
from tests.heartbeats import rest


def breathing(seconds, bpm=75, hz=0.25):
    usual = 60_000 / bpm
    t_s = np.arange(1, int(seconds * bpm / 60) + 1) * usual / 1000
    return usual + 0.04 * usual * np.sin(2 * np.pi * hz * t_s)


def values(seconds, **more):
    return analyse(correct(RRSeries.of(breathing(seconds, **more)))).figures


def test_every_figure_is_there_by_name_and_lombs_beside():
    lomb = {"lomb_" + name for name in NEEDS if name.endswith(("ms2", "hz", "_nu", "lf_hf")) and "ellipse" not in name}
    assert set(values(400)) == set(NEEDS) | lomb
    assert all((one.value is None) != (one.missing is None) for one in values(400).values())
    assert not [name for name in analyse(correct(RRSeries.of(breathing(400))), lomb=False).figures if "lomb" in name]


@pytest.mark.parametrize("name", NEEDS)
def test_below_its_length_a_figure_is_missing_and_from_it_on_it_is_there(name):
    need = NEEDS[name].seconds
    assert values(0.9 * need)[name].missing is Missing.TOO_SHORT
    if name not in {"dfa_alpha1", "sample_entropy"}:  # they also need beats
        assert values(1.02 * need, bpm=90)[name].value is not None


def test_beats_are_needed_as_well_as_time():
    slow, fast = values(130, bpm=90), values(150, bpm=90)
    assert slow["sample_entropy"].missing is Missing.TOO_SHORT
    assert fast["sample_entropy"].value is not None


def test_above_five_percent_artifacts_there_is_nothing():
    rr = breathing(400)
    for beat in range(20, rr.size - 20, 16):
        rr[beat : beat + 2] += [-300, 300]
    noisy = analyse(correct(RRSeries.of(rr)))
    assert noisy.artifact_share > 0.05
    assert {one.missing for one in noisy.figures.values()} == {Missing.TOO_NOISY}


def test_values_are_those_of_the_formulas():
    rr = rest()[:350]
    correction = correct(RRSeries.of(rr))
    nn = correction.nn
    found = {name: one.value for name, one in analyse(correction).figures.items()}
    times = time_domain(nn.nn_ms[nn.measured], nn.adjacent[nn.measured])
    for name in times.__slots__:
        assert found[name] == getattr(times, name)
    ellipse = poincare(nn.nn_ms[nn.measured], nn.adjacent[nn.measured])
    assert (found["sd1_ms"], found["sd2_ms"]) == (ellipse.sd1_ms, ellipse.sd2_ms)
    assert (found["sd1_sd2"], found["ellipse_area_ms2"]) == (ellipse.ratio, ellipse.area_ms2)
    for prefix, spectrum in (("", welch_spectrum), ("lomb_", lomb_spectrum)):
        power = bands(spectrum(nn.nn_ms, nn.t_s, nn.contiguous))
        for name in power.__slots__:
            assert found[prefix + name] == getattr(power, name)
    assert found["dfa_alpha1"] == dfa_exponent(nn.nn_ms)


def test_a_part_is_what_lies_in_it():
    rr = np.concatenate((breathing(300, bpm=70), breathing(300, bpm=110)))
    correction = correct(RRSeries.of(rr))
    first, second = analyse(correction, 0, 300), analyse(correction, 300, 600)
    assert first.figures["heart_rate_bpm"].value == pytest.approx(70, abs=0.3)
    assert second.figures["heart_rate_bpm"].value == pytest.approx(110, abs=0.3)
    assert first.beats + second.beats == pytest.approx(rr.size, abs=2)
    assert analyse(correction, 700, 900).figures["rmssd_ms"].missing is Missing.NO_SIGNAL


def test_a_wave_faster_than_half_the_beats_is_not_seen():
    slow = values(900, bpm=17, hz=0.02)
    assert slow["hf_ms2"].missing is slow["lf_hf"].missing is Missing.TOO_SLOW
    assert slow["vlf_ms2"].value is not None


def test_a_gap_in_the_middle_costs_what_needs_an_unbroken_stretch():
    rr = breathing(360)
    rr[220] = 9000.0
    figures = analyse(correct(RRSeries.of(rr))).figures
    assert figures["vlf_ms2"].missing is Missing.TOO_SHORT
    assert figures["lf_ms2"].value is not None
    assert figures["sdnn_ms"].value is not None


def test_intervals_that_do_not_vary_say_so():
    figures = analyse(correct(RRSeries.of([800.0] * 500))).figures
    assert figures["rmssd_ms"].value == 0
    for name in ("ln_rmssd", "dfa_alpha1", "dfa_alpha2", "sample_entropy", "sd1_sd2", "lf_hf", "hf_peak_hz"):
        assert figures[name].missing is Missing.NO_VARIATION, name


def test_entropy_of_a_night_is_not_attempted():
    chance = np.random.default_rng(1)
    rr = 800 + 20 * chance.standard_normal(MOST_BEATS + 50)
    assert analyse(correct(RRSeries.of(rr)), lomb=False).figures["sample_entropy"].missing is Missing.TOO_LONG


def test_nothing_gives_nothing():
    empty = analyse(correct(RRSeries.of([])))
    assert (empty.beats, empty.covered_s, empty.artifact_share) == (0, 0, 0)
    assert {one.missing for one in empty.figures.values()} == {Missing.TOO_SHORT}


def test_a_stretch_of_noise_costs_its_own_figures_and_no_others():
    """A strap on dry skin may send intervals that are no heart's for a while."""
    chance = np.random.default_rng(1)
    rr = np.concatenate((chance.uniform(120, 180, 160), breathing(400)))
    correction = correct(RRSeries.of(rr))
    noise, heart = analyse(correction, 0, 22), analyse(correction, 40, 400)
    assert {one.value for one in noise.figures.values()} == {None}
    assert heart.figures["rmssd_ms"].value is not None
    assert heart.figures["heart_rate_max_bpm"].value < 100


@pytest.mark.parametrize("bounds", [(0.0, np.nan), (np.nan, 60.0)])
def test_a_stretch_without_bounds_is_refused(bounds):
    with pytest.raises(ValueError, match="from one second to another"):
        analyse(correct(RRSeries.of(breathing(100))), *bounds)


@pytest.mark.parametrize("rr_ms", [800.0, 800.1, 733.3])
def test_rounding_is_no_wave(rr_ms):
    figures = analyse(correct(RRSeries.of([rr_ms] * 500))).figures
    assert figures["lf_hf"].missing is figures["hf_peak_hz"].missing is Missing.NO_VARIATION
    assert figures["lomb_lf_hf"].missing is figures["sample_entropy"].missing is Missing.NO_VARIATION
