"""The other's heart as they show it, under one's own: a drawing of its own, never both hearts on one axis."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil, floor
from statistics import fmean
from typing import Any

from api.words.clock_times import LocalTimes
from journal.shown_curves import Curve, TalkOfTwo

WIDTH, HEIGHT, TOP, FLOOR = 360, 130, 10, 100
EVERY_S = 10
"""A point of the drawing; the highest and lowest of what is left out differ by less than its line is wide."""
MINUTE_S = 60
LOW_BPM, HIGH_BPM = 60, 120
"""The usual range of the axis, made wider by whole tens where the heart leaves it."""


def shown_curve(two: TalkOfTwo | None, local: LocalTimes) -> dict[str, Any] | None:
    """What the entry's page shows of the other; None where there is no other."""
    if two is None:
        return None
    drawn = None if two.curve is None else _drawing(two.curve, two.other_name, local)
    return {"name": two.other_name, "is_shown": two.is_shown, "curve": drawn}


def _drawing(curve: Curve, name: str, local: LocalTimes) -> dict[str, Any] | None:
    heard = [rate for rate in curve.bpm if rate is not None]
    if not heard:
        return None
    low, high = min(LOW_BPM, floor(min(heard) / 10) * 10), max(HIGH_BPM, ceil(max(heard) / 10) * 10)
    length_s = len(curve.bpm)

    def x(second: float) -> float:
        return round(WIDTH * second / max(1, length_s), 1)

    def y(rate: float) -> float:
        return round(FLOOR - (FLOOR - TOP) * (rate - low) / (high - low), 1)

    pieces: list[list[str]] = [[]]
    silent_s: list[int] = []
    for from_s, mean in means(curve.bpm, EVERY_S):
        if mean is None:
            pieces.append([])
            silent_s.append(from_s)
        else:
            pieces[-1].append(f"{x(from_s + EVERY_S / 2)} {y(mean)}")
    began, ended = (_clock(curve, local, at_s) for at_s in (0, length_s))
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "pieces": ["M" + "L".join(piece) for piece in pieces if len(piece) > 1],
        "gaps": [{"x": x(from_s), "width": x(min(from_s + EVERY_S, length_s)) - x(from_s)} for from_s in silent_s],
        "bottom": FLOOR,
        "marks": [{"bpm": bpm, "y": y(bpm)} for bpm in (low, high)],
        "began": began,
        "ended": ended,
        "words": f"Between {min(heard):.0f} and {max(heard):.0f} beats a minute, from {began} to {ended}. {name} shows it.",
        "minutes": [
            {"at": _clock(curve, local, from_s), "bpm": None if mean is None else round(mean)}
            for from_s, mean in means(curve.bpm, MINUTE_S)
        ],
    }


def means(values: Sequence[float | None], every_s: int) -> list[tuple[int, float | None]]:
    """The mean of every so many seconds, from their first; None where nothing was heard.

    >>> means([70.0, None, 72.0, None, None], 3)
    [(0, 71.0), (3, None)]
    """
    found: list[tuple[int, float | None]] = []
    for from_s in range(0, len(values), every_s):
        heard = [value for value in values[from_s : from_s + every_s] if value is not None]
        found.append((from_s, fmean(heard) if heard else None))
    return found


def _clock(curve: Curve, local: LocalTimes, at_s: float) -> str:
    at: datetime = local.local(curve.began_at + timedelta(seconds=at_s))
    return f"{at:%H:%M}"
