"""What a page has sent of one recording: each packet once, at its own time. Pure: no clock, no I/O.

Packets come in any order, and more than once: a page sends again whatever was not acknowledged. Each is *new* once. From then on it
is known, and it is acknowledged when, and not before, it is on the disk.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sensing.numbered import Numbers, Span, number_of, without_overlap
from sensing.page_clock import PageClock


class NewPacket(NamedTuple):
    """A packet that was not known: its number, when it was received on the recording's axis, and its bytes."""

    number: int
    t_s: float
    packet: bytes


class PageStrap:
    """One recording, and the pages that read its strap one after the other.

    Args:
        stored: the numbers that are on the disk already.

    >>> page = PageStrap([])
    >>> page.hear(stream=7, now_ms=1000.0, now_s=60.0)
    >>> [(new.t_s, new.packet) for new in page.take(7, [(1, 900.0, b"one")])]
    [(59.9, b'one')]
    >>> list(page.take(7, [(1, 900.0, b"one")])), page.to_tell()
    ([], [])
    >>> page.is_stored([number_of(7, 1)])
    >>> page.to_tell()
    [Span(stream=7, first=1, last=1)]
    """

    def __init__(self, stored: Iterable[int]) -> None:
        self._stored = Numbers(stored)
        self._on_their_way: set[int] = set()
        self._to_tell = Numbers()
        self._asked: list[Span] = []
        self._unwanted = Numbers()
        self._clock = PageClock()
        self._now_s = 0.0

    def hear(self, stream: int, now_ms: float, now_s: float) -> None:
        """A message was received at `now_s` on the recording's axis, when the page's clock showed `now_ms`."""
        self._now_s = now_s
        self._clock.hear(stream, now_ms, now_s)

    def take(self, stream: int, packets: Iterable[tuple[int, float, bytes]]) -> Iterator[NewPacket]:
        """Those that are new. What is on the disk is told again; what is on its way there is told when it is."""
        for count, at_ms, packet in packets:
            number = number_of(stream, count)
            if number in self._on_their_way:
                continue
            if number in self._stored:
                self._to_tell.add(number)
                continue
            self._on_their_way.add(number)
            t_s = self._clock.here_s(stream, at_ms)
            yield NewPacket(number, min(max(t_s, 0.0), self._now_s), packet)

    def is_unwanted(self, number: int) -> None:
        """It is no part of the recording: the page is told, and need not keep it."""
        self._on_their_way.discard(number)
        self._unwanted.add(number)

    def was_not_taken(self, number: int) -> None:
        """The journal takes nothing more: the packet is new again when it comes again."""
        self._on_their_way.discard(number)

    def is_stored(self, numbers: Iterable[int]) -> None:
        """These are on the disk now."""
        for number in numbers:
            self._on_their_way.discard(number)
            self._stored.add(number)
            self._to_tell.add(number)

    def ask(self, waiting: Iterable[Span]) -> None:
        """A page tells what waits there: what is on the disk of it is to be told."""
        for span in without_overlap(waiting):
            self._asked += self._stored.within(span)

    def unwanted(self) -> list[Span]:
        """What is to be told as unwanted, once."""
        told, self._unwanted = list(self._unwanted.spans()), Numbers()
        return told

    def to_tell(self) -> list[Span]:
        """What is to be acknowledged, once."""
        told = [*self._asked, *self._to_tell.spans()]
        self._asked, self._to_tell = [], Numbers()
        return told
