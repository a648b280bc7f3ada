"""Lines that nobody changes unseen: each is signed together with the one before it. Pure; where they are stored is `journal.access_log`.

A line's signature is HMAC-SHA-256 (RFC 2104) over the signature before it, the line's place and what it says. Whoever has
the lines but not the key can neither change nor remove one, nor put two in another order; that the last ones are missing
is told by a head that is kept elsewhere: how many there were, and the last signature.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

BEFORE_THE_FIRST = bytes(32)


@dataclass(frozen=True, slots=True)
class Signed:
    """A line at its place, the first being 1, with its signature."""

    place: int
    said: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """How many lines there are, and the signature of the last one."""

    count: int = 0
    signature: bytes = BEFORE_THE_FIRST

    def __str__(self) -> str:
        return f"{self.count} {self.signature.hex()}"


class Fault(StrEnum):
    """What is wrong with the lines."""

    CHANGED = "changed"
    MISSING = "missing"
    CUT_OFF = "cut off"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first line that does not hold, and why."""

    place: int
    fault: Fault


def signed(key: bytes, head: Head, said: bytes) -> Signed:
    """The next line after `head`.

    >>> line = signed(b"k", Head(), b"Dr. Weiss read an entry")
    >>> line.place, broken(b"k", [line], Head(1, line.signature))
    (1, None)
    """
    place = head.count + 1
    return Signed(place, said, _signature(key, head.signature, place, said))


def broken(key: bytes, lines: Iterable[Signed], head: Head) -> Broken | None:
    """The first fault of `lines`, which are in the order of their places; None when all of them are as they were written.

    Lines beyond the head are no fault: the program may have stopped between writing a line and its head.
    """
    before = Head()
    for line in lines:
        if line.place != before.count + 1:
            return Broken(before.count + 1, Fault.MISSING)
        expected = _signature(key, before.signature, line.place, line.said)
        if not hmac.compare_digest(expected, line.signature):
            return Broken(line.place, Fault.CHANGED)
        before = Head(line.place, line.signature)
        if line.place == head.count and not hmac.compare_digest(line.signature, head.signature):
            return Broken(line.place, Fault.CHANGED)
    return Broken(before.count + 1, Fault.CUT_OFF) if before.count < head.count else None


def _signature(key: bytes, before: bytes, place: int, said: bytes) -> bytes:
    return hmac.digest(key, before + place.to_bytes(8, "big") + said, "sha256")
