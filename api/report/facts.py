"""An analysis as plain facts, for JSON. Every figure is `{"value": x}`, or `{"value": None, "missing": reason}`."""

from typing import Any

from api.facts import episode_facts
from api.report.figures import sound, sound_fall
from hrv.analysis import Analysis
from hrv.artifact_search import Artifact
from hrv.corrected_minutes import CorrectedMinute
from hrv.correction import Correction
from hrv.figure import Figure, Missing
from hrv.heart_rate_recovery import Fall
from hrv.reading import Baseline
from hrv.summary import Flood, Summary

SIGNIFICANT_DIGITS = 6


def analysis_facts(summary: Summary) -> dict[str, Any]:
    """All that is known of a recording. Numbers have six significant digits: a strap resolves three to four."""
    line = summary.threshold
    return {
        "length_s": rounded(summary.length_s),
        "threshold": {"bpm": rounded(line.bpm), "leave_bpm": rounded(line.leave_bpm), "kind": line.kind},
        "baseline": _baseline(summary.baseline),
        "artifacts": _artifacts(summary.correction),
        "floods": [_flood(flood) for flood in summary.floods],
        "near_misses": [
            {"from_s": one.from_s, "to_s": one.to_s, "peak_bpm": rounded(one.peak_bpm), "peak_t_s": one.peak_t_s}
            for one in summary.near_misses
        ],
        "phases": [
            {"kind": one.phase.kind, "from_s": one.phase.from_s, "to_s": one.phase.to_s} | _analysis(one.analysis)
            for one in summary.phases
        ],
        "whole": _analysis(summary.whole),
        "minutes": [_minute(minute) for minute in summary.minutes],
        "algorithm_version": summary.algorithm_version,
        "analysis_version": summary.analysis_version,
    }


def figure_fact(figure: Figure) -> dict[str, Any]:
    """A figure as JSON can say it.

    >>> figure_fact(Figure(42.123456789)), figure_fact(Figure.none(Missing.TOO_SHORT))
    ({'value': 42.1235}, {'value': None, 'missing': <Missing.TOO_SHORT: 'too_short'>})
    """
    value, missing = sound(figure)
    return {"value": None, "missing": missing} if value is None else {"value": rounded(value)}


def rounded(value: float) -> float:
    """To six significant digits.

    >>> rounded(3599.0512345)
    3599.05
    """
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def _analysis(analysis: Analysis) -> dict[str, Any]:
    return {
        "beats": analysis.beats,
        "covered_s": rounded(analysis.covered_s),
        "artifact_share": rounded(analysis.artifact_share),
        "figures": {name: figure_fact(figure) for name, figure in analysis.figures.items()},
    }


def _baseline(baseline: Baseline | None) -> dict[str, Any] | None:
    if baseline is None:
        return None
    return {
        "heart_rate_bpm": rounded(baseline.heart_rate_bpm),
        "seconds": baseline.seconds,
        "provisional": baseline.provisional,
    }


def _artifacts(correction: Correction) -> dict[str, Any]:
    found = correction.artifacts.nonzero()[0].tolist()
    return {
        "intervals": correction.artifacts.size,
        "share": rounded(correction.artifact_share),
        "counts": {kind.name.lower(): count for kind, count in correction.counts.items()},
        "found": [
            {"t_s": rounded(float(correction.rr.t_s[i])), "kind": Artifact(correction.artifacts[i]).name.lower()}
            for i in found
        ],
    }


def _flood(flood: Flood) -> dict[str, Any]:
    return episode_facts(flood.episode) | {
        "turned_t_s": flood.turned_s,
        "drop_60_s_bpm": figure_fact(flood.drop_60_s_bpm),
        "time_constant_s": _time_constant(flood.fall),
    }


def _time_constant(fall: Fall | Missing) -> dict[str, Any]:
    fall = sound_fall(fall)
    if isinstance(fall, Missing):
        return {"value": None, "missing": fall}
    return {
        "value": rounded(fall.time_constant_s),
        "standard_error": rounded(fall.standard_error_s),
        "drop_bpm": rounded(fall.drop_bpm),
        "end_bpm": rounded(fall.end_bpm),
    }


def _minute(minute: CorrectedMinute) -> dict[str, Any]:
    return {
        "minute": minute.minute,
        "beats": minute.beats,
        "covered_s": rounded(minute.covered_s),
        "heart_rate_bpm": _heard(minute.heart_rate_bpm),
        "heart_rate_min_bpm": _heard(minute.heart_rate_min_bpm),
        "heart_rate_max_bpm": _heard(minute.heart_rate_max_bpm),
        "rmssd_ms": figure_fact(minute.rmssd_ms),
        "artifact_share": rounded(minute.artifact_share),
    }


def _heard(bpm: float | None) -> dict[str, Any]:
    return figure_fact(Figure.none(Missing.NO_SIGNAL) if bpm is None else Figure(bpm))
