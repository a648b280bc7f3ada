"""How sure a figure from few talks is. Pure; every interval holds at least its level for its model, so few talks give wide ones.

The level is 90 % throughout: what is drawn as bars, and what an arrow asks for before it points. A caseload asks for
thousands of intervals of the same few counts: what depends on counts alone is computed once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import comb, inf, sqrt
from statistics import median

import scipy  # its `special` is loaded when it is first asked: a service without trends starts without it

LEVEL = 0.90
LEAST_AMOUNTS = 2
KEPT = 4096
"""So many intervals are remembered."""
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
    low, high = _poisson(count)
    return Estimate(count / hours, low / hours, high / hours)


@lru_cache(maxsize=KEPT)
def _poisson(count: int) -> tuple[float, float]:
    tail = (1 - LEVEL) / 2
    return float(scipy.special.gammaincinv(count, tail)) if count else 0.0, float(
        scipy.special.gammaincinv(count + 1, 1 - tail)
    )


def amount_rate(
    amounts: Sequence[float], hours: float, *, largest: float = 0.0, level: float = LEVEL
) -> Estimate | None:
    """How much in an hour, from what each talk had of it (0 for a talk without any).

    Talks are the units: those that have some of it come like Poisson events, each with an amount of its own. The interval
    is the gamma interval for such a weighted sum (Fay & Feuer 1997, Stat. Med. 16:791). With equal amounts it is `rate`'s
    exact one. It holds its level for the counts; that the amounts, too, are a sample makes it hold slightly less where a few
    talks have nearly all (tests/unit/journal/test_uncertainty.py counts how often).

    Args:
        amounts: of each talk, not negative.
        hours: of all talks together.
        largest: what one talk may well have, if no talk here had as much: it bounds what was not seen.
        level: how often it holds.

    None for fewer than two talks, which say nothing about how talks differ, and without time. Without any amount, and
    without `largest`, nothing bounds it.

    >>> [round(end, 3) for end in (amount_rate([5.0, 0.0, 5.0], 2.0).low, 5 * rate(2, 2.0).low)]
    [0.888, 0.888]
    """
    if len(amounts) < LEAST_AMOUNTS or hours <= 0:
        return None
    tail, total = (1 - level) / 2, sum(amounts)
    squares, most = sum(amount * amount for amount in amounts), max(largest, *amounts)
    low = squares / total * float(scipy.special.gammaincinv(total * total / squares, tail)) if total else 0.0
    if not most:
        return Estimate(0.0, 0.0, inf)
    beyond, beyond_squares = total + most, squares + most * most
    high = beyond_squares / beyond * float(scipy.special.gammaincinv(beyond * beyond / beyond_squares, 1 - tail))
    return Estimate(total / hours, low / hours, high / hours)


def amount_ratio(before: Sequence[float], before_h: float, after: Sequence[float], after_h: float) -> Estimate | None:
    """How many times as much in an hour after as before; None where neither had any, or one has no `amount_rate`.

    Both intervals together at once, as in `share_difference`: each at the square root of the level, and the ratio lies
    between the quotients of their ends. A period without any is bounded by the other's largest talk.
    """
    largest, each = max([*before, *after], default=0.0), sqrt(LEVEL)
    old = amount_rate(before, before_h, largest=largest, level=each)
    new = amount_rate(after, after_h, largest=largest, level=each)
    if old is None or new is None or not largest:
        return None
    return Estimate(_over(new.value, old.value), _over(new.low, old.high), _over(new.high, old.low))


def _over(some: float, of: float) -> float:
    return some / of if of else inf


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


@lru_cache(maxsize=KEPT)
def _clopper_pearson(some: int, whole: int, level: float) -> tuple[float, float]:
    tail = (1 - level) / 2
    low = float(scipy.special.betaincinv(some, whole - some + 1, tail)) if some else 0.0
    high = float(scipy.special.betaincinv(some + 1, whole - some, 1 - tail)) if some < whole else 1.0
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
    place = _place(len(values))
    if place is None:
        return None
    ordered = sorted(values)
    return Estimate(median(ordered), ordered[place], ordered[-1 - place])


@lru_cache(maxsize=KEPT)
def _place(number: int) -> int | None:
    """How many values from each end the interval of a median of so many begins."""
    outside = 1 - LEVEL
    if not number or 2 * scipy.special.bdtr(0, number, 0.5) > outside:
        return None
    place = 0
    while 2 * scipy.special.bdtr(place + 1, number, 0.5) <= outside:
        place += 1
    return place


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
