"""Our figures beside NeuroKit2's, on the same beats: two programs that share no code agree where they mean the same."""

import warnings

import numpy as np
import pytest

from hrv.dfa import LONG_SCALES, SHORT_SCALES, dfa_exponent
from hrv.entropy import sample_entropy
from hrv.poincare import poincare
from hrv.time_domain import time_domain
from tests.heartbeats import glasgow, normal_sinus, rest

SERIES = {
    "rest": rest()[:350],
    "maths": glasgow()["subject_01", "maths"],
    "jogging": glasgow()["subject_00", "jogging"],
    "sinus": np.round(normal_sinus()[0][1000:2000]),
}
EVERY = pytest.mark.parametrize("rr_ms", SERIES.values(), ids=SERIES)


@pytest.fixture(scope="module")
def neurokit():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own dependencies warn while they load
        return pytest.importorskip("neurokit2", reason="needs neurokit2: pip install -e '.[test]'")


@EVERY
def test_time_domain_agrees_to_two_in_a_thousand(neurokit, rr_ms):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = neurokit.hrv_time(neurokit.intervals_to_peaks(rr_ms, sampling_rate=1000), sampling_rate=1000)
    ours = time_domain(rr_ms)
    for name, theirs in (
        ("mean_nn_ms", "HRV_MeanNN"),
        ("sdnn_ms", "HRV_SDNN"),
        ("sdsd_ms", "HRV_SDSD"),
        ("rmssd_ms", "HRV_RMSSD"),
        ("cvnn", "HRV_CVNN"),
        ("pnn20_percent", "HRV_pNN20"),
        ("pnn50_percent", "HRV_pNN50"),
    ):
        assert getattr(ours, name) == pytest.approx(float(peer[theirs].iloc[0]), rel=0.002), name


@EVERY
def test_the_ellipse_agrees(neurokit, rr_ms):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = neurokit.hrv_nonlinear(neurokit.intervals_to_peaks(rr_ms, sampling_rate=1000), sampling_rate=1000)
    ours = poincare(rr_ms)
    assert ours.sd1_ms == pytest.approx(float(peer["HRV_SD1"].iloc[0]), rel=0.002)
    assert ours.sd2_ms == pytest.approx(float(peer["HRV_SD2"].iloc[0]), rel=0.002)
    assert ours.area_ms2 == pytest.approx(float(peer["HRV_S"].iloc[0]), rel=0.004)


@EVERY
def test_sample_entropy_agrees_to_four_decimals(neurokit, rr_ms):
    peer, _ = neurokit.entropy_sample(rr_ms, delay=1, dimension=2, tolerance=0.2 * np.std(rr_ms, ddof=1))
    assert sample_entropy(rr_ms) == pytest.approx(peer, abs=1e-4)


@EVERY
@pytest.mark.parametrize("scales", [SHORT_SCALES, LONG_SCALES], ids=["alpha1", "alpha2"])
def test_dfa_agrees_at_equal_scales(neurokit, rr_ms, scales):
    if rr_ms.size < 2 * max(scales):
        assert dfa_exponent(rr_ms, scales) is None
        return
    peer, _ = neurokit.fractal_dfa(rr_ms, scale=np.array(scales), overlap=False)
    assert dfa_exponent(rr_ms, scales) == pytest.approx(peer, abs=0.03)
