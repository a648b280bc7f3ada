"""What the entry's questions stand on: the stored words, what the body did, and what is said beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from alerts.pause import Pause, PauseState
from alerts.people import Actor
from api.views.content import stored_view
from api.words.amounts import times
from api.words.clock_times import Clock
from hrv.near_miss import NearMiss
from hrv.reading import Episode
from journal.content import SUGGESTED_CATEGORIES, SUGGESTED_PLACES
from journal.texts import StoredText


@dataclass(frozen=True, slots=True)
class Body:
    """What the body did in an entry. One made by hand has nothing of it."""

    floods: Sequence[Episode] = ()
    near_misses: Sequence[NearMiss] = ()
    pauses: Sequence[Pause] = ()


def writing(stored: StoredText, owner: Actor, body: Body, local: Clock, *, by_hand: bool = False) -> dict[str, Any]:
    """Everything that the questions of one entry need."""
    return {
        "owner": owner.person_id,
        "stored": stored_view(stored).model_dump(mode="json"),
        "categories": SUGGESTED_CATEGORIES,
        "places": SUGGESTED_PLACES,
        "episodes": _episodes(body, local),
        "hard": bool(body.floods) or by_hand,
        "near_misses": len(body.near_misses),
        "worth_naming": worth_naming(len(body.near_misses), body.pauses),
    }


def _episodes(body: Body, local: Clock) -> list[dict[str, Any]]:
    floods = [{"t_s": flood.onset_t_s, "kind": "flood", "clock": local.clock(flood.onset_t_s)} for flood in body.floods]
    misses = [{"t_s": miss.from_s, "kind": "near_miss", "clock": local.clock(miss.from_s)} for miss in body.near_misses]
    return sorted(floods + misses, key=lambda one: float(str(one["t_s"])))


def worth_naming(near_misses: int, pauses: Sequence[Pause]) -> list[str]:
    """What went well, in a sentence each: near misses first, then the pause from which one came back.

    >>> worth_naming(3, ())
    ['Three times it rose, and you turned it.']
    """
    said: list[str] = []
    if near_misses:
        said.append(f"{times(near_misses)} it rose, and you turned it.")
    if any(pause.state is PauseState.RETURNED for pause in pauses):
        said.append("You paused, and you came back.")
    return said
