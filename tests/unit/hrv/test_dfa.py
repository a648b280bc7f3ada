import numpy as np
import pytest

from hrv.dfa import LONG_SCALES, SHORT_SCALES, dfa_exponent, fluctuations_ms
from tests.heartbeats import normal_sinus, rest


def direct(nn, scale):
    """A line fitted to each box by itself."""
    profile = np.cumsum(nn - np.mean(nn))
    squares = []
    for first in range(0, len(nn) // scale * scale, scale):
        box = profile[first : first + scale]
        time = np.arange(scale)
        squares.append((box - np.polyval(np.polyfit(time, box, 1), time)) ** 2)
    return np.sqrt(np.mean(squares))


@pytest.mark.parametrize("scales", [SHORT_SCALES, LONG_SCALES], ids=["short", "long"])
@pytest.mark.parametrize("nn", [rest(), normal_sinus()[0][:3000]], ids=["rest", "sinus"])
def test_fluctuations_are_those_of_lines_fitted_box_by_box(nn, scales):
    found = fluctuations_ms(nn, scales)
    expected = np.array([direct(nn, scale) for scale in scales])
    assert found == pytest.approx(expected, rel=1e-9)
    slope = np.polyfit(np.log(scales), np.log(expected), 1)[0]
    assert dfa_exponent(nn, scales) == pytest.approx(slope, abs=1e-9)


def test_a_day_keeps_its_precision():
    """The profile of 106,000 beats wanders far from zero; what is left of it in a box does not suffer."""
    nn = normal_sinus()[0]
    nn[nn > 2500] = 800
    assert fluctuations_ms(nn, [4, 16]) == pytest.approx([direct(nn, 4), direct(nn, 16)], rel=1e-9)


def test_known_exponents():
    chance = np.random.default_rng(5)
    noise = chance.standard_normal(60_000)
    assert dfa_exponent(800 + 10 * noise, LONG_SCALES) == pytest.approx(0.5, abs=0.05)
    assert dfa_exponent(1000 + 0.5 * np.cumsum(noise[:5000]), LONG_SCALES) == pytest.approx(1.5, abs=0.06)


def test_too_few_beats_or_no_variation_give_none():
    assert dfa_exponent(rest()[:31]) is None
    assert dfa_exponent(rest()[:32]) is not None
    assert dfa_exponent(rest()[:127], LONG_SCALES) is None
    assert dfa_exponent([800] * 500) is None
    assert dfa_exponent([1000 / 3] * 5000) is None  # equal intervals whose running sum rounds


@pytest.mark.parametrize("scales", [[], [2, 4], [4.5, 8], [4, 40_000]])
def test_scales_without_sense_are_refused(scales):
    with pytest.raises(ValueError, match="3 to 1000 whole beats"):
        fluctuations_ms(rest(), scales)


@pytest.mark.parametrize("scales", [[4], [4, 4]])
def test_one_scale_has_no_slope(scales):
    with pytest.raises(ValueError, match="two different scales"):
        dfa_exponent(rest(), scales)
