"""What became of an agreement's version, and what a draft changes, in words."""

from alerts.agreement import Side, Terms, Version
from api.words.amounts import day_words
from api.words.names import within
from journal.pairs import Pair


def standing(version: Version, holds: Version | None, waits: Version | None) -> str:
    """Where a version stands, beside the one that holds and the one that waits for a yes."""
    if version == holds:
        return "in force"
    if version == waits:
        return "waits for a yes"
    if version.withdrawn_at is not None:
        return "stepped out of" if version.agreed_at else "put away"
    return "held until the next" if version.agreed_at else "never agreed"


def written_on(version: Version) -> str:
    """The day a version was written, by this machine's clock: both sit at it, or beside it."""
    at = version.written_at.astimezone()
    return f"{day_words(at.date())} {at.year}"


def changes(before: Terms, after: Terms, pair: Pair) -> list[dict[str, str]]:
    """What a draft changes, line by line, in words."""
    old, new = _lines(before, pair), _lines(after, pair)
    return [{"what": what, "before": old[what], "after": new[what]} for what in new if new[what] != old[what]]


def _lines(terms: Terms, pair: Pair) -> dict[str, str]:
    sides = [(pair.called(side), terms.own(side)) for side in Side]
    own = {
        f"{what}, {within(who)}": " · ".join(lines)
        for who, side in sides
        for what, lines in (
            ("What helps", side.meanwhile),
            ("To begin again", side.opening),
            ("To come back", side.phrases),
        )
    }
    return {
        "A word": terms.word,
        "A gesture": terms.gesture,
        "In a message": terms.emoji,
        "At least": f"{terms.pause_min} minutes",
        "At most": f"{terms.cap_min} minutes",
        "The time to be back": terms.returning,
        "Not in a pause": " · ".join(terms.neither),
        **own,
    }
