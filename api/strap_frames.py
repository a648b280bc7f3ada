"""What a page and the server say to each other about a strap that the page reads. Pure: text in, frozen messages out.

The protocol is told in docs/browser_strap.md.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from sensing.numbered import MOST_IN_A_STREAM, MOST_STREAM, Span
from sensing.source import Link

MOST_BYTES = 64 * 1024
MOST_PACKETS = 256
LONGEST_PACKET = 512  # Core Specification 5.4, Vol 3, Part F, 3.2.9: no attribute is longer
LONGEST_NAME = 80
_LATEST_MS = 2**53 - 1  # the largest whole number that a page can count to

LINKS = {str(link): link for link in (Link.SEARCHING, Link.CONNECTING, Link.CONNECTED, Link.LOST)}


class Close(IntEnum):
    """Why a connection is closed. 4000 and up are an application's own (RFC 6455, 7.4.2)."""

    TOO_LARGE = 1009
    MALFORMED = 4400
    COME_AGAIN = 4401
    IDLE = 4408
    REPLACED = 4409
    TALK_ENDED = 4410
    SIMULATED = 4422
    OTHER_STRAP = 4423
    TOO_FAST = 4429
    LATER = 4503
    SLOW = 4504


REASONS = {
    Close.TOO_LARGE: f"a message is larger than {MOST_BYTES} bytes",
    Close.COME_AGAIN: "who is signed in may have changed; ask again",
    Close.IDLE: "nothing was said for a minute",
    Close.REPLACED: "another page of yours reads the strap now",
    Close.TALK_ENDED: "the talk has ended",
    Close.SIMULATED: "this is a simulated talk: it takes no real strap",
    Close.OTHER_STRAP: "this talk listens to a strap by the server's own Bluetooth",
    Close.TOO_FAST: "too many messages in a second",
    Close.LATER: "the journal takes nothing more just now; keep it and try again",
    Close.SLOW: "the page does not take what it is told",
}


class BadFrame(ValueError):
    """A message that cannot be. Carries the close `code`; its text is the reason, without anything of the message in it."""

    def __init__(self, reason: str, code: Close = Close.MALFORMED) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Now:
    """What every message carries: the page's present stream, and its time there in ms."""

    stream: int
    now_ms: float


@dataclass(frozen=True, slots=True)
class Hello:
    """The first message: which strap, and what is kept in the page and not acknowledged yet."""

    now: Now
    strap: str
    waiting: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Packets:
    """Notifications of one stream: count, the page's time in ms, and the bytes."""

    now: Now
    stream: int
    packets: tuple[tuple[int, float, bytes], ...]


@dataclass(frozen=True, slots=True)
class LinkNow:
    """The strap's link has changed."""

    now: Now
    link: Link


@dataclass(frozen=True, slots=True)
class StillHere:
    """Nothing new."""

    now: Now


Frame = Hello | Packets | LinkNow | StillHere


def read_frame(text: str) -> Frame:
    """Read a message of a page.

    Raises:
        BadFrame: it is none.
    """
    if len(text) > MOST_BYTES:
        raise BadFrame(REASONS[Close.TOO_LARGE], Close.TOO_LARGE)
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise BadFrame("a message is one JSON object") from None
    if type(told) is not dict:
        raise BadFrame("a message is one JSON object")
    now = Now(_whole(told.get("clock"), 0, MOST_STREAM, "clock"), _ms(told.get("now"), "now"))
    if "packets" in told:
        return Packets(now, _whole(told.get("stream"), 0, MOST_STREAM, "stream"), _packets(told["packets"]))
    if "strap" in told:
        return Hello(now, _name(told["strap"]), _spans(told.get("waiting", [])))
    if "link" in told:
        link = LINKS.get(told["link"]) if type(told["link"]) is str else None
        if link is None:
            raise BadFrame(f"link is one of {', '.join(LINKS)}")
        return LinkNow(now, link)
    return StillHere(now)


def acknowledgement(spans: Iterable[Span]) -> str:
    """These are on the disk: the page need not keep them any longer.

    >>> acknowledgement([Span(7, 1, 3)])
    '{"stored":[[7,1,3]]}'
    """
    return json.dumps({"stored": [list(span) for span in spans]}, separators=(",", ":"))


def refusal(spans: Iterable[Span]) -> str:
    """These are no part of the talk, and were not kept: the page need not keep them either.

    >>> refusal([Span(7, 4, 4)])
    '{"unwanted":[[7,4,4]]}'
    """
    return json.dumps({"unwanted": [list(span) for span in spans]}, separators=(",", ":"))


def ready() -> str:
    """The answer to the first message, after what it asked about is acknowledged: send the rest."""
    return '{"ready":true}'


def _packets(told: Any) -> tuple[tuple[int, float, bytes], ...]:  # noqa: ANN401  whatever JSON holds
    if type(told) is not list or not 1 <= len(told) <= MOST_PACKETS:
        raise BadFrame(f"packets is a list of 1 to {MOST_PACKETS}")
    return tuple(map(_packet, told))


def _packet(told: Any) -> tuple[int, float, bytes]:  # noqa: ANN401
    if type(told) is not list or len(told) != 3:  # noqa: PLR2004  said in the next line
        raise BadFrame("a packet is [count, time in ms, bytes in hex]")
    count, at_ms, in_hex = told
    if type(in_hex) is not str or not 0 < len(in_hex) <= 2 * LONGEST_PACKET:
        raise BadFrame(f"a packet has 1 to {LONGEST_PACKET} bytes, in hex")
    try:
        packet = bytes.fromhex(in_hex)
    except ValueError:
        packet = b""
    if 2 * len(packet) != len(in_hex):  # fromhex passes over white space
        raise BadFrame("the bytes of a packet are in hex")
    return _whole(count, 1, MOST_IN_A_STREAM, "count"), _ms(at_ms, "a packet's time"), packet


def _spans(told: Any) -> tuple[Span, ...]:  # noqa: ANN401
    if type(told) is not list or len(told) > MOST_PACKETS:
        raise BadFrame(f"waiting is a list of at most {MOST_PACKETS}")
    return tuple(map(_span, told))


def _span(told: Any) -> Span:  # noqa: ANN401
    if type(told) is not list or len(told) != 3:  # noqa: PLR2004  said in the next line
        raise BadFrame("what waits is [stream, first, last]")
    stream, first, last = told
    counts = (_whole(count, 1, MOST_IN_A_STREAM, "count") for count in (first, last))
    return Span(_whole(stream, 0, MOST_STREAM, "stream"), *counts)


def _name(told: Any) -> str:  # noqa: ANN401
    if type(told) is not str or not 0 < len(told) <= LONGEST_NAME or not told.isprintable():
        raise BadFrame(f"strap is its name, 1 to {LONGEST_NAME} characters")
    return told


def _whole(told: Any, least: int, most: int, name: str) -> int:  # noqa: ANN401
    if type(told) is not int or not least <= told <= most:
        raise BadFrame(f"{name} is a whole number from {least} to {most}")
    return told


def _ms(told: Any, name: str) -> float:  # noqa: ANN401
    if type(told) not in {int, float} or not 0 <= told <= _LATEST_MS:
        raise BadFrame(f"{name} is a time in ms")
    return float(told)
