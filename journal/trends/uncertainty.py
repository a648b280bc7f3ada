"""How sure a figure from few talks is. Pure; every interval is exact for its model, so few talks give wide ones.

The level is 90 % throughout: what is drawn as bars, and what an arrow asks for before it points.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import comb, inf, sqrt
from statistics import median

from scipy.special import bdtr, betaincinv, gammaincinv

LEVEL = 0.90
ROUNDING = 1e-9
"""Three values against three have one order in twenty at each end: exactly what the level leaves, but for rounding."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its interval; `high` can be infinite where nothing bounds it."""

    value: float
    low: float
    high: float


def rate(count: int, hours: float) -> Estimate | None:
    """`count` events in so many hours, an hour; None without an hour's part to count in.

    Exact Poisson interval (Garwood 1936, Biometrika 28:437).

    >>> round(rate(0, 2.0).high, 3)
    1.498
    """
    if hours <= 0:
        return None
    tail = (1 - LEVEL) / 2
    low = float(gammaincinv(count, tail)) if count else 0.0
    return Estimate(count / hours, low / hours, float(gammaincinv(count + 1, 1 - tail)) / hours)


def rate_ratio(before: int, before_h: float, after: int, after_h: float) -> Estimate | None:
    """How many times as often after as before; None where neither had an event, or one had no time.

    Given their sum, the later count is binomial (Przyborowski & Wilenski 1940, Biometrika 31:313), with the interval of
    Clopper & Pearson (1934, Biometrika 26:404). Its value is infinite where there was nothing before.
    """
    total = before + after
    if total == 0 or before_h <= 0 or after_h <= 0:
        return None
    low, high = _clopper_pearson(after, total, LEVEL)
    times = before_h / after_h
    return Estimate(_odds(after / total) * times if before else inf, _odds(low) * times, _odds(high) * times)


def _odds(share: float) -> float:
    return inf if share >= 1 else share / (1 - share)


def share(some: int, whole: int) -> Estimate | None:
    """So many of so many, with the interval of Clopper & Pearson; None of nothing.

    >>> found = share(3, 4)
    >>> (found.value, round(found.low, 2), round(found.high, 2))
    (0.75, 0.25, 0.99)
    """
    if whole <= 0:
        return None
    return Estimate(some / whole, *_clopper_pearson(some, whole, LEVEL))


def _clopper_pearson(some: int, whole: int, level: float) -> tuple[float, float]:
    tail = (1 - level) / 2
    low = float(betaincinv(some, whole - some + 1, tail)) if some else 0.0
    high = float(betaincinv(some + 1, whole - some, 1 - tail)) if some < whole else 1.0
    return low, high


def share_difference(before: int, before_whole: int, after: int, after_whole: int) -> Estimate | None:
    """How much larger the share is after than before; None where one is of nothing.

    Both intervals together at once: each is taken at the square root of the level, and the difference lies between their
    ends in at least so many cases (Bonferroni-like, for independent samples): wide, and never too narrow.
    """
    if before_whole <= 0 or after_whole <= 0:
        return None
    before_low, before_high = _clopper_pearson(before, before_whole, sqrt(LEVEL))
    after_low, after_high = _clopper_pearson(after, after_whole, sqrt(LEVEL))
    value = after / after_whole - before / before_whole
    return Estimate(value, after_low - before_high, after_high - before_low)


def middle(values: Sequence[float]) -> Estimate | None:
    """The median, with an interval between two of the values; None under five values, where no two are wide enough.

    Order statistics: whatever the distribution, the interval holds the true median in at least 90 % (Thompson 1936, Ann.
    Math. Stat. 7:122).
    """
    ordered, number = sorted(values), len(values)
    outside = 1 - LEVEL
    if not number or 2 * bdtr(0, number, 0.5) > outside:
        return None
    place = 0
    while 2 * bdtr(place + 1, number, 0.5) <= outside:
        place += 1
    return Estimate(median(ordered), ordered[place], ordered[number - 1 - place])


def shift(before: Sequence[float], after: Sequence[float]) -> Estimate | None:
    """How much higher the values are after than before: the median of all differences, with its interval.

    Hodges & Lehmann 1963 (Ann. Math. Stat. 34:598); the interval turns Mann and Whitney's exact test around. None where
    there are too few values for 90 %, as with three against two.

    >>> shift([1, 2, 3, 4], [11, 12, 13, 14])
    Estimate(value=10.0, low=8, high=12)
    """
    if not before or not after:
        return None
    differences = sorted(b - a for a in before for b in after)
    ways = _ways(len(before), len(after))
    allowed = (1 - LEVEL) / 2 * comb(len(before) + len(after), len(after)) * (1 + ROUNDING)
    beyond, place = 0, 0
    while beyond + ways[place] <= allowed:
        beyond += ways[place]
        place += 1
    if place == 0:
        return None
    return Estimate(median(differences), differences[place - 1], differences[len(differences) - place])


@cache
def _ways(first: int, second: int) -> tuple[int, ...]:
    """In how many orders of so many values Mann and Whitney's U is 0, 1, 2, ...

    They are the coefficients of the Gaussian binomial: the product of (1 - q^(first + i)) / (1 - q^i).
    """
    most = first * second
    ways = [1] + [0] * most
    for i in range(1, second + 1):
        for u in range(most, first + i - 1, -1):
            ways[u] -= ways[u - first - i]
        for u in range(i, most + 1):
            ways[u] += ways[u - i]
    return tuple(ways)
