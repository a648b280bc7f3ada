import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from scipy.signal import lombscargle, welch

from hrv.frequency_domain import (
    LOMB_OVERSAMPLING,
    RESAMPLED_HZ,
    SEGMENT_S,
    SHORTEST_STRETCH_S,
    Spectrum,
    bands,
    lomb_spectrum,
    welch_spectrum,
)
from tests.heartbeats import rest, test_pattern

BOTH = pytest.mark.parametrize("spectrum", [welch_spectrum, lomb_spectrum], ids=["welch", "lomb"])


def pattern(number, seconds):
    t_s, nn_ms = test_pattern(number)
    inside = t_s <= seconds
    return nn_ms[inside], t_s[inside]


@BOTH
@pytest.mark.parametrize("seconds", [300, 1200])
def test_the_standard_patterns_have_their_power(spectrum, seconds):
    """ANSI/AAMI EC57: sines of 35, 70 and 280 ms in HF, LF and VLF; in the fifth only drift, below all bands that count."""
    assert bands(spectrum(*pattern(2, seconds))).hf_ms2 == pytest.approx(612.5, rel=0.02)
    assert bands(spectrum(*pattern(3, seconds))).lf_ms2 == pytest.approx(2450, rel=0.02)
    assert bands(spectrum(*pattern(4, seconds))).vlf_ms2 == pytest.approx(39_200, rel=0.02)
    still = bands(spectrum(*pattern(5, seconds)))
    assert still.lf_ms2 + still.hf_ms2 < 1


@BOTH
def test_what_lies_above_half_the_beat_rate_is_not_made_up(spectrum):
    """Pattern 4 beats every 3 s: of LF a part can be seen, and of HF next to nothing."""
    found = spectrum(*pattern(4, 300))
    assert found.nyquist_hz == pytest.approx(1 / (2 * 2.95), rel=0.02)
    slower = Spectrum(found.frequency_hz, found.power_ms2_per_hz, nyquist_hz=0.149)
    power = bands(slower)
    assert power.hf_ms2 is power.hf_peak_hz is power.lf_hf is power.lf_nu is power.hf_nu is None
    assert power.total_ms2 == power.vlf_ms2 + power.lf_ms2


def test_welch_is_scipys_welch():
    nn, t_s = rest()[:481], np.linspace(1, 385, 481)  # two segments that overlap by just half
    even = CubicSpline(t_s, nn)(np.arange(t_s[0], t_s[-1], 1 / RESAMPLED_HZ))
    size = int(SEGMENT_S * RESAMPLED_HZ)
    frequency, density = welch(even, RESAMPLED_HZ, "hann", nperseg=size, nfft=size, detrend="linear")
    found = welch_spectrum(nn, t_s)
    assert found.frequency_hz == pytest.approx(frequency, abs=1e-12)
    assert found.power_ms2_per_hz == pytest.approx(density, rel=1e-9)


def test_lomb_is_scipys_lomb():
    nn = rest()[:350]
    found = lomb_spectrum(nn)
    t_s = np.cumsum(nn) / 1000
    t_s -= t_s[0]
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * t_s / t_s[-1])
    level = np.polyval(np.polyfit(t_s, nn, 1), t_s)
    raw = lombscargle(t_s, (nn - level) * taper, 2 * np.pi * found.frequency_hz[1:])
    density = raw * 2 * t_s[-1] / nn.size / np.mean(taper**2)
    assert found.power_ms2_per_hz[1:] == pytest.approx(density, rel=1e-8)
    assert found.frequency_hz[1] == pytest.approx(1 / (LOMB_OVERSAMPLING * t_s[-1]))


@BOTH
def test_its_integral_is_the_variance(spectrum):
    t_s = np.arange(1, 401) * 0.75
    nn = 750 + 40 * np.sin(2 * np.pi * 0.1 * t_s) + 20 * np.sin(2 * np.pi * 0.3 * t_s)
    found = bands(spectrum(nn, t_s))
    assert found.lf_ms2 == pytest.approx(800, rel=0.02)
    assert found.hf_ms2 == pytest.approx(200, rel=0.05)
    assert found.lf_peak_hz == pytest.approx(0.1, abs=0.004)
    assert found.hf_peak_hz == pytest.approx(0.3, abs=0.004)
    assert found.lf_hf == pytest.approx(found.lf_ms2 / found.hf_ms2)
    assert found.lf_nu + found.hf_nu == pytest.approx(100)
    assert found.lf_nu == pytest.approx(100 * found.lf_ms2 / (found.lf_ms2 + found.hf_ms2))
    assert found.total_ms2 == pytest.approx(found.vlf_ms2 + found.lf_ms2 + found.hf_ms2)


@BOTH
def test_a_gap_is_not_bridged(spectrum):
    """Two stretches of one rhythm, ten minutes apart, at heart rates that differ: each is looked at for itself."""
    t_s = np.arange(1, 201) * 0.8
    wave = 30 * np.sin(2 * np.pi * 0.25 * t_s)
    nn = np.concatenate((800 + wave, 1000 + wave))
    times = np.concatenate((t_s, 800 + t_s))
    adjacent = np.ones(400, dtype=bool)
    adjacent[[0, 200]] = False
    apart, alone = bands(spectrum(nn, times, adjacent)), bands(spectrum(800 + wave, t_s))
    assert apart.hf_ms2 == pytest.approx(alone.hf_ms2, rel=0.01)
    assert apart.lf_ms2 == pytest.approx(alone.lf_ms2, abs=1)


@BOTH
def test_the_last_seconds_of_five_minutes_count(spectrum):
    t_s = np.arange(1, 376) * 0.8
    late = np.where(t_s > 258, 60 * np.sin(2 * np.pi * 0.1 * t_s), 0.0)
    assert bands(spectrum(800 + late, t_s)).lf_ms2 > 1


@BOTH
def test_stretches_count_by_their_length(spectrum):
    """Ten minutes with a wave and two without: five sixths of its power."""
    waves, still = np.arange(1, 751) * 0.8, np.arange(1, 151) * 0.8
    nn = np.concatenate((800 + 30 * np.sin(2 * np.pi * 0.25 * waves), np.full(150, 800.0)))
    adjacent = np.ones(900, dtype=bool)
    adjacent[750] = False
    times = np.concatenate((waves, 700 + still))
    assert bands(spectrum(nn, times, adjacent)).hf_ms2 == pytest.approx(450 * 600 / 720, rel=0.03)


@BOTH
def test_short_stretches_can_be_left_out(spectrum):
    """Five minutes with slow waves and ten single minutes without: what needs five minutes is not diluted by them."""
    long = np.arange(1, 401) * 0.75
    slow = 750 + 40 * np.sin(2 * np.pi * 0.02 * long)
    short = np.full(80, 750.0)
    nn = np.concatenate((slow, *[short] * 10))
    t_s = np.concatenate((long, *[400 + 100 * k + np.arange(1, 81) * 0.75 for k in range(10)]))
    adjacent = np.ones(nn.size, dtype=bool)
    adjacent[[400 + 80 * k for k in range(10)]] = False
    alone = bands(spectrum(slow, long)).vlf_ms2
    assert bands(spectrum(nn, t_s, adjacent)).vlf_ms2 < 0.6 * alone
    assert bands(spectrum(nn, t_s, adjacent, shortest_s=285)).vlf_ms2 == pytest.approx(alone, rel=1e-6)


@BOTH
def test_stretches_below_a_minute_are_not_looked_at(spectrum):
    short = np.full(int(SHORTEST_STRETCH_S / 0.8), 800.0)
    assert spectrum(short) is None
    assert spectrum([]) is None
    assert spectrum(np.append(short, [800.0, 800.0])) is not None


@BOTH
def test_hours_are_averaged_not_refused(spectrum):
    t_s = np.arange(1, 9001) * 0.8
    found = bands(spectrum(800 + 30 * np.sin(2 * np.pi * 0.25 * t_s), t_s))
    assert found.hf_ms2 == pytest.approx(450, rel=0.02)


@BOTH
def test_intervals_that_do_not_vary_have_no_power(spectrum):
    flat = bands(spectrum([1250.0] * 400))  # their own Nyquist frequency lies on the edge of HF
    assert flat.lf_ms2 + flat.hf_ms2 < 1e-18
    assert np.all(np.isfinite(spectrum([1250.0] * 400).power_ms2_per_hz))


@BOTH
@pytest.mark.parametrize("t_s", [[3.0, 2.0, 1.0], [1.0, 1.0, 2.0], [1.0, 2.0], [1.0, np.nan, 3.0]])
def test_times_that_do_not_fit_are_refused(spectrum, t_s):
    with pytest.raises(ValueError, match="t_s"):
        spectrum([800, 810, 820], t_s)
