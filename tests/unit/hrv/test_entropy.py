from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hrv.entropy
from hrv.entropy import MOST_BEATS, sample_entropy
from tests.heartbeats import rest


def direct(nn, tolerance):
    """Every pair of patterns, one after another."""
    patterns = range(len(nn) - 2)

    def agree(i, j, beats):
        return all(abs(nn[i + k] - nn[j + k]) <= tolerance for k in range(beats))

    pairs = [(i, j) for i in patterns for j in patterns if i != j]
    two = sum(agree(i, j, 2) for i, j in pairs)
    three = sum(agree(i, j, 3) for i, j in pairs)
    return -log(three / two) if three else None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(400, 420), min_size=4, max_size=40), st.sampled_from([1.0, 2.5, 5.0]))
def test_it_is_the_count_of_pairs(nn, tolerance):
    expected = direct(nn, tolerance)
    found = sample_entropy(nn, tolerance)
    assert found == (None if expected is None else pytest.approx(expected, abs=1e-12))


def test_comparing_in_parts_changes_nothing(monkeypatch):
    whole = sample_entropy(rest())
    monkeypatch.setattr(hrv.entropy, "_ROWS_AT_LEAST", 7)
    monkeypatch.setattr(hrv.entropy, "_COMPARED_AT_ONCE", 1)
    assert sample_entropy(rest()) == whole


def test_order_lowers_it_and_chance_raises_it():
    chance = np.random.default_rng(2)
    wave = 800 + 50 * np.sin(np.arange(500))
    assert sample_entropy(wave) < 0.3
    assert sample_entropy(800 + 50 * chance.standard_normal(500)) > 1.5


def test_nothing_repeats_or_varies_gives_none():
    assert sample_entropy([800] * 100) is sample_entropy([800.1] * 100) is None
    assert sample_entropy([600, 700, 800, 900], tolerance_ms=1) is None
    assert sample_entropy([800, 810, 790]) is None
    assert sample_entropy(rest(), tolerance_ms=0) is None


def test_too_many_beats_are_refused_in_words():
    with pytest.raises(ValueError, match="at most 20,000"):
        sample_entropy(np.full(MOST_BEATS + 1, 800.0))
