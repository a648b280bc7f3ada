"""Two weeks' patterns in words, and what is said where there is too little to say."""

from typing import Any

from api.words.amounts import counted, day_words, length, number, times
from api.words.entry import own_title
from api.words.week import responses
from journal.reviews.patterns import LEAST_ANSWERS, LEAST_RECOVERIES, LEAST_RISES, Patterns, ResponseSeen


def too_few(found: Patterns) -> dict[str, str]:
    """What is said in place of a drawing, for each that has too little."""
    return {
        "rises": f"{counted(found.rises, 'rise')} in eight weeks: too few to say when it tends to rise. "
        f"From {LEAST_RISES} on it is drawn here.",
        "triggers": _not_yet(found.with_trigger, "rise with a trigger", "rises with a trigger", LEAST_RISES),
        "responses": _not_yet(
            found.answered, "answer to “What did you do?”", "answers to “What did you do?”", LEAST_ANSWERS
        ),
        "ways_back": _not_yet(len(found.ways_back), "way back", "ways back", LEAST_RECOVERIES),
    }


def _not_yet(n: int, one: str, many: str, least: int) -> str:
    begun = f"{counted(n, one, many)} so far: too few to say more." if n else "Nothing here yet, and nothing has to be."
    return f"{begun} With {least} {many} it is told here."


def weeks_summary(found: Patterns) -> str:
    """The weeks over time in a sentence."""
    if not found.weeks:
        return "No talk in twelve weeks."
    talks, floods = sum(week.talks for week in found.weeks), sum(week.floods for week in found.weeks)
    turned = sum(week.near_misses for week in found.weeks)
    since = day_words(found.weeks[0].first)
    return f"Since {since}: {counted(talks, 'talk')}. {rises_words(turned, floods)}"


def set_aside_summary(n: int) -> str | None:
    """That something is left out of the counts, by the wearer's own word.

    >>> set_aside_summary(1)
    'One was taken for a flood. You said that it was none, and it is not counted.'
    """
    if not n:
        return None
    if n == 1:
        return "One was taken for a flood. You said that it was none, and it is not counted."
    return f"{number(n)} were taken for floods. You said that they were none, and they are not counted."


def rises_words(turned: int, floods: int) -> str:
    """How often it rose and turned, and how often it flooded.

    >>> rises_words(3, 1), rises_words(0, 2), rises_words(0, 0)
    ('Three times it rose and turned, once it flooded.', 'Twice it flooded.', 'Nothing rose to the line.')
    """
    if not turned and not floods:
        return "Nothing rose to the line."
    said = [f"{times(turned)} it rose and turned"] if turned else []
    said += [f"{times(floods)} it flooded"] if floods else []
    first, *others = said
    return ", ".join([first, *(one[:1].lower() + one[1:] for one in others)]) + "."


def ways_back_summary(found: Patterns) -> str:
    """The ways back in a sentence."""
    unseen = _unseen(found.unseen_back)
    if found.typical_back_s is None:
        return too_few(found)["ways_back"] + unseen
    shortest, longest = min(way.took_s for way in found.ways_back), max(way.took_s for way in found.ways_back)
    return (
        f"Half of the {len(found.ways_back)} ways back took less than {length(found.typical_back_s)}; "
        f"the shortest {length(shortest)}, the longest {length(longest)}.{unseen}"
    )


def _unseen(n: int) -> str:
    """What is not in the figures has to be said beside them."""
    if not n:
        return ""
    return f" After {counted(n, 'more flood')} none was seen before the next flood or the talk’s end."


def response_row(seen: ResponseSeen) -> dict[str, Any]:
    """A response with what it led to; what is long is cut, the entry has it whole."""
    return {
        "response": responses([seen.response]),
        "times": seen.times,
        "consequences": [(own_title(what), n) for what, n in seen.consequences],
    }
