"""A summary as the timeline that entries are drawn and told from, and as the data that its charts take."""

from typing import Any

from hrv.judged import peak
from hrv.summary import Summary
from hrv.trace import gaps
from journal.timeline import Timeline


def timeline_of(summary: Summary) -> Timeline:
    """The timeline. A recording knows of no pause, so nothing in it is near the usual after one."""
    return Timeline(
        points=list(summary.points),
        minutes=[],
        phases=[one.phase for one in summary.phases],
        gaps=gaps(summary.points),
        episodes=[flood.episode for flood in summary.floods],
        near_misses=list(summary.near_misses),
        threshold=summary.threshold,
        baseline=summary.baseline,
        peak=peak(summary.points, [flood.episode for flood in summary.floods]),
        near_usual_bpm=None,
        near_usual_from_s=None,
        recoveries=[],
        motion_mg=[],
    )


def chart_data(summary: Summary) -> dict[str, Any]:
    """What the page's charts draw: one value a second from second 0, None where there was no good signal."""
    timeline = timeline_of(summary)
    line, highest = timeline.threshold, timeline.peak
    rr = summary.correction.rr
    return {
        "length_s": len(timeline.points),
        "line": {"bpm": line.bpm, "leave_bpm": line.leave_bpm, "kind": line.kind},
        "usual_bpm": _tenths(timeline.baseline.heart_rate_bpm if timeline.baseline else None),
        "near_usual_bpm": None,
        "near_usual_from_s": None,
        "bpm": [_tenths(point.heart_rate_bpm) for point in timeline.points],
        "rmssd_ms": [_tenths(point.rmssd_ms) for point in timeline.points],
        "gaps": [(gap.from_s, gap.to_s) for gap in timeline.gaps],
        "phases": [{"kind": phase.kind, "from_s": phase.from_s, "to_s": phase.to_s} for phase in timeline.phases],
        "peak": {"t_s": highest.t_s, "bpm": _tenths(highest.heart_rate_bpm)} if highest else None,
        "artifacts_s": [_tenths(t_s) for t_s in rr.t_s[summary.correction.artifacts > 0].tolist()],
    }


def _tenths(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
