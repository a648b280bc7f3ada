"""A strap's link as a state machine: one table. Pure; the radio work is in `sensing.strap`."""

from dataclasses import dataclass
from enum import StrEnum

from sensing.source import Link


class At(StrEnum):
    """Where the link stands."""

    RESTING = "resting"
    SEARCHING = "searching"
    CONNECTING = "connecting"
    LISTENING = "listening"


class Came(StrEnum):
    """What can come."""

    TURN = "the pause is over"
    NOTHING = "not heard in this search"
    LONG_NOTHING = "not heard for many searches"
    HEARD = "heard"
    CONNECTED = "the link stands"
    TROUBLE = "the radio, or the strap, reported an error"
    REFUSED_AGAIN = "heard, and not let in once more"
    BREAK = "the link broke"
    SILENCE = "a link that delivers nothing"
    SLEEP = "the computer slept"


@dataclass(frozen=True, slots=True)
class Step:
    """Where something leads, and what is said of it, unless one of `unless` was said last: what goes on is said once."""

    to: At
    say: Link
    unless: frozenset[Link] = frozenset()


_STANDING = frozenset({Link.SEARCHING, Link.UNHEARD, Link.HELD, Link.FAILED})
"""After these a new search is no news."""

TRANSITIONS: dict[tuple[At, Came], Step] = {
    (At.RESTING, Came.TURN): Step(At.SEARCHING, Link.SEARCHING, _STANDING),
    (At.SEARCHING, Came.NOTHING): Step(At.RESTING, Link.SEARCHING, frozenset({Link.SEARCHING})),
    (At.SEARCHING, Came.LONG_NOTHING): Step(At.RESTING, Link.UNHEARD, frozenset({Link.UNHEARD})),
    (At.SEARCHING, Came.HEARD): Step(At.CONNECTING, Link.CONNECTING, frozenset({Link.HELD})),
    (At.SEARCHING, Came.TROUBLE): Step(At.RESTING, Link.FAILED),
    (At.CONNECTING, Came.CONNECTED): Step(At.LISTENING, Link.CONNECTED),
    (At.CONNECTING, Came.TROUBLE): Step(At.RESTING, Link.FAILED),
    (At.CONNECTING, Came.REFUSED_AGAIN): Step(At.RESTING, Link.HELD, frozenset({Link.HELD})),
    (At.LISTENING, Came.TROUBLE): Step(At.RESTING, Link.FAILED),
    (At.LISTENING, Came.BREAK): Step(At.RESTING, Link.LOST),
    (At.LISTENING, Came.SILENCE): Step(At.RESTING, Link.SILENT),
    (At.LISTENING, Came.SLEEP): Step(At.RESTING, Link.SLEPT),
}
"""Every step there is."""


class IllegalLinkStep(Exception):
    """This cannot come here. Nothing has changed."""

    def __init__(self, at: At, came: Came) -> None:
        super().__init__(f"a link that is {at} has no step for: {came}")
        self.at, self.came = at, came


class LinkMachine:
    """Where one strap's link stands, and what has been said of it.

    >>> link = LinkMachine()
    >>> [link.step(came) for came in (Came.TURN, Came.NOTHING, Came.TURN, Came.HEARD)]
    [<Link.SEARCHING: 'searching'>, None, None, <Link.CONNECTING: 'connecting'>]
    """

    def __init__(self) -> None:
        self.at = At.RESTING
        self._said: tuple[Link, str] | None = None

    def step(self, came: Came, detail: str = "") -> Link | None:
        """Go on, and return what is to be said; None when that was said already.

        Raises:
            IllegalLinkStep: the table has no such step. Nothing has changed.
        """
        step = TRANSITIONS.get((self.at, came))
        if step is None:
            raise IllegalLinkStep(self.at, came)
        self.at = step.to
        if self._said is not None and (self._said[0] in step.unless or self._said == (step.say, detail)):
            return None
        self._said = (step.say, detail)
        return step.say
