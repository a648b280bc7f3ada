"""The small drawings of a review: where each line, spot and dot stands. The templates draw them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from api.words.amounts import day_words, length
from journal.reviews.gathered import CURVE_BEFORE_S
from journal.reviews.patterns import HeatMap, PartOfDay, WayBack
from journal.reviews.rises import Rise

_CURVE_WIDTH = 300
_CURVE_EVERY_S = 3
_CURVE_TOP, _CURVE_FLOOR = 12, 104


def curve(rise: Rise, bpm: Sequence[float | None]) -> dict[str, Any] | None:
    """A near miss as a small drawing: the heart in pieces between gaps, the line, the highest second."""
    heard = [rate for rate in bpm if rate is not None]
    if not heard:
        return None
    low, high = min(heard), max(rise.line_bpm, *heard)
    begins_s = max(0, int(rise.peak_s) - CURVE_BEFORE_S)

    def x(second: int) -> float:
        return round(_CURVE_WIDTH * second / max(1, len(bpm) - 1), 1)

    def y(rate: float) -> float:
        return round(_CURVE_FLOOR - (_CURVE_FLOOR - _CURVE_TOP) * (rate - low) / max(1.0, high - low), 1)

    peak = int(rise.peak_s) - begins_s
    pieces: list[list[str]] = [[]]
    for second, rate in enumerate(bpm):
        if rate is None:
            pieces.append([])
        elif second % _CURVE_EVERY_S == 0 or second == peak:
            pieces[-1].append(f"{x(second)} {y(rate)}")
    return {
        "pieces": ["M" + "L".join(piece) for piece in pieces if len(piece) > 1],
        "line_y": y(rise.line_bpm),
        "peak": {"x": x(peak), "y": y(rise.peak_bpm)},
        "words": f"The heart rose to {rise.peak_bpm:.0f}, below the line at {rise.line_bpm:.0f}, and turned.",
    }


def heat(found: HeatMap, what: str) -> dict[str, Any]:
    """A heat map for the page: each cell with its number and size, and its one sentence."""
    highest = max(max(row) for row in found.counts)
    rows = [
        {"name": name, "cells": [spot(n, highest) for n in row]}
        for name, row in zip(found.names, found.counts, strict=True)
    ]
    if found.most is None:
        sentence = f"No one time stands out among {found.total}."
    else:
        name, part = found.most
        sentence = f"Most often {what.format(name)}, {_when(part)}: {highest} of {found.total}."
    return {"rows": rows, "parts": [part.value for part in PartOfDay], "sentence": sentence}


def spot(n: int, most: int) -> dict[str, Any]:
    """A number as a spot: how large it is drawn beside the largest, and how deep its colour."""
    share = n / most if most else 0.0
    depth = "full" if n == most else "half" if 2 * n >= most else ""
    return {"n": n, "share": round(share, 2), "depth": depth}


def _when(part: PartOfDay) -> str:
    return (
        "late" if part is PartOfDay.LATE else f"in the {part.lower()}" if part is not PartOfDay.MIDDAY else "at midday"
    )


def ways_back_drawing(ways: Sequence[WayBack], first: date, days: int) -> dict[str, Any]:
    """Ways back as places in a drawing of 0 to 1: the day from left to right, minutes upwards."""
    most_min = max(10, *(-(-way.took_s // 300) * 5 for way in ways))
    return {
        "most_min": most_min,
        "dots": [
            {
                "x": ((way.at.date() - first).days + 0.5) / days,
                "y": way.took_s / 60 / most_min,
                "paused": way.paused,
                "day": f"{way.at:%A} {day_words(way.at.date())}, {way.at:%H:%M}",
                "took": length(way.took_s),
            }
            for way in ways
        ],
    }
