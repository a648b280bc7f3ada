"""An analysis as JSON: every figure is a finite number or says why there is none."""

import json
import math
from dataclasses import replace
from types import MappingProxyType

import pytest

from api.report.facts import analysis_facts, figure_fact
from hrv.figure import Figure, Missing
from hrv.heart_rate_recovery import Fall


def as_told(summary):
    """Through strict JSON and back."""
    return json.loads(json.dumps(analysis_facts(summary), allow_nan=False))


def figures_in(told):
    """Everything of the form of a figure."""
    if isinstance(told, dict):
        if "value" in told:
            yield told
        told = list(told.values())
    if isinstance(told, list):
        for part in told:
            yield from figures_in(part)


def test_it_holds_all_that_is_known(flooded):
    told = as_told(flooded)
    assert set(told) == {
        "length_s", "threshold", "baseline", "artifacts", "floods", "near_misses", "phases", "whole", "minutes",
        "algorithm_version", "analysis_version",
    }  # fmt: skip
    assert told["threshold"] == {"bpm": 100.0, "leave_bpm": 95.0, "kind": "fixed"}
    assert told["baseline"]["heart_rate_bpm"] == pytest.approx(70, abs=1)
    assert [phase["kind"] for phase in told["phases"]][:2] == ["baseline", "talk"]
    assert [minute["minute"] for minute in told["minutes"]] == list(range(15))
    (flood,) = told["floods"]
    assert flood["peak_bpm"] == pytest.approx(127, abs=2)
    assert flood["drop_60_s_bpm"]["value"] > 5
    assert set(told["whole"]["figures"]) == set(flooded.whole.figures)
    assert told["whole"]["figures"]["rmssd_ms"]["value"] == pytest.approx(
        flooded.whole.figures["rmssd_ms"].value, rel=1e-5
    )


def test_every_figure_is_a_number_or_has_its_reason(flooded, noisy, silent):
    for summary in (flooded, noisy, silent):
        figures = list(figures_in(as_told(summary)))
        assert figures
        for figure in figures:
            if figure["value"] is None:
                assert figure["missing"] in set(Missing)
            else:
                assert math.isfinite(figure["value"])
                assert "missing" not in figure


def test_each_artifact_has_its_time_and_kind(noisy):
    told = as_told(noisy)["artifacts"]
    assert sum(told["counts"].values()) == len(told["found"]) > 20
    assert told["share"] == pytest.approx(len(told["found"]) / told["intervals"], rel=1e-4)
    assert {one["kind"] for one in told["found"]} <= set(told["counts"])
    assert [one["t_s"] for one in told["found"]] == sorted(one["t_s"] for one in told["found"])


def test_above_five_percent_of_artifacts_there_are_no_figures(noisy):
    whole = as_told(noisy)["whole"]
    assert whole["artifact_share"] > 0.05
    assert {figure.get("missing") for figure in whole["figures"].values()} <= {"too_noisy", "too_short"}


def test_a_recording_without_a_heartbeat_is_told_as_one(silent):
    told = as_told(silent)
    assert told["whole"]["beats"] == told["artifacts"]["intervals"] == 0
    assert told["floods"] == told["near_misses"] == told["minutes"] == []
    assert {figure["missing"] for figure in told["whole"]["figures"].values()} == {"too_short"}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_never_reaches_the_json(flooded, value):
    assert figure_fact(Figure(value)) == {"value": None, "missing": "no_variation"}
    spoiled = replace(
        flooded,
        whole=replace(flooded.whole, figures=MappingProxyType({"rmssd_ms": Figure(value)})),
        floods=[replace(flooded.floods[0], drop_60_s_bpm=Figure(value), fall=Fall(70.0, 40.0, 60.0, value))],
    )
    told = as_told(spoiled)
    assert told["whole"]["figures"]["rmssd_ms"] == {"value": None, "missing": "no_variation"}
    assert told["floods"][0]["time_constant_s"] == {"value": None, "missing": "no_fit"}


def test_the_same_recording_gives_the_same_facts(flooded):
    assert as_told(flooded) == as_told(flooded)
