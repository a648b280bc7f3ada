"""Packets that a page has numbered: what a number is, and which of them are there already.

A page names each stretch of its own clock by a random *stream*, and counts its packets in it from 1. Both together are one whole
number that no other packet of a recording has, so that a packet which is sent again is known again.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_COUNT_BITS = 20
MOST_IN_A_STREAM = 2**_COUNT_BITS - 1
"""A page begins a new stream after so many packets: twelve days at one a second."""

MOST_STREAM = 2**43 - 1
"""With the count a signed 64-bit number. Two of a hundred random streams are the same once in 10⁹ recordings."""


def number_of(stream: int, count: int) -> int:
    """One number for the packet.

    >>> number_of(1, 1), number_of(1, 2)
    (1048577, 1048578)
    """
    return stream << _COUNT_BITS | count


class Span(NamedTuple):
    """Packets of one stream, the first and the last included."""

    stream: int
    first: int
    last: int


class Numbers:
    """A set of such numbers, kept as ranges: a talk's worth of packets in order is one.

    >>> numbers = Numbers([number_of(7, 1), number_of(7, 3)])
    >>> numbers.add(number_of(7, 2)), numbers.add(number_of(7, 2))
    (True, False)
    >>> list(numbers.spans())
    [Span(stream=7, first=1, last=3)]
    """

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for number in numbers:
            self.add(number)

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._firsts, number) - 1
        return at >= 0 and number <= self._lasts[at]

    def __bool__(self) -> bool:
        return bool(self._firsts)

    def add(self, number: int) -> bool:
        """Add it; False when it was there."""
        firsts, lasts = self._firsts, self._lasts
        at = bisect_right(firsts, number)
        if at and number <= lasts[at - 1]:
            return False
        joins_before = bool(at) and lasts[at - 1] == number - 1
        joins_after = at < len(firsts) and firsts[at] == number + 1
        if joins_before and joins_after:
            lasts[at - 1] = lasts[at]
            del firsts[at], lasts[at]
        elif joins_before:
            lasts[at - 1] = number
        elif joins_after:
            firsts[at] = number
        else:
            firsts.insert(at, number)
            lasts.insert(at, number)
        return True

    def remove(self, number: int) -> None:
        """Take it out, if it is there."""
        at = bisect_right(self._firsts, number) - 1
        if at < 0 or number > self._lasts[at]:
            return
        first, last = self._firsts[at], self._lasts[at]
        left = [(first, number - 1), (number + 1, last)]
        kept = [(one, other) for one, other in left if one <= other]
        self._firsts[at : at + 1] = [one for one, _ in kept]
        self._lasts[at : at + 1] = [other for _, other in kept]

    def spans(self) -> Iterator[Span]:
        """What is there, in the order of the numbers. A count is never 0, so that no range reaches into two streams."""
        for first, last in zip(self._firsts, self._lasts, strict=True):
            yield _span(first, last)

    def within(self, span: Span) -> Iterator[Span]:
        """What is there of `span`."""
        least, most = number_of(span.stream, span.first), number_of(span.stream, span.last)
        at = max(bisect_right(self._firsts, least) - 1, 0)
        while at < len(self._firsts) and self._firsts[at] <= most:
            if self._lasts[at] >= least:
                yield _span(max(self._firsts[at], least), min(self._lasts[at], most))
            at += 1


def without_overlap(spans: Iterable[Span]) -> Iterator[Span]:
    """The same packets, none of them twice: what is asked often is answered once.

    >>> list(without_overlap([Span(7, 3, 9), Span(7, 1, 4), Span(8, 1, 1)]))
    [Span(stream=7, first=1, last=9), Span(stream=8, first=1, last=1)]
    """
    joined: Span | None = None
    for span in sorted(spans):
        if joined is not None and span.stream == joined.stream and span.first <= joined.last + 1:
            joined = joined._replace(last=max(joined.last, span.last))
            continue
        if joined is not None:
            yield joined
        joined = span
    if joined is not None:
        yield joined


def _span(first: int, last: int) -> Span:
    return Span(first >> _COUNT_BITS, first & MOST_IN_A_STREAM, last & MOST_IN_A_STREAM)
