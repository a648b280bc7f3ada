"""What one person may see of a talk that two share. The one place that says so; pages, streams and entries read through it.

Everything that comes from the other's body, or from what the other did about it, is left out: their suggestions and
answers, their silence, their strap's notices, what they keep quiet, how far they are in the pause, that they raised the
shared sentence, have seen it, put it away or got it by a channel of theirs.
"""

from collections.abc import Callable
from dataclasses import replace

from alerts.pause import Pause
from alerts.shared_suggestion import SharedSuggestion
from alerts.talk_state import TalkState

NOBODY = ""
"""Who called a pause, where it was the other."""

Step = Callable[[TalkState], TalkState]


def seen_by(state: TalkState, person_id: str) -> TalkState:
    """The talk as `person_id` may see it."""
    own = tuple(suggestion for suggestion in state.suggestions if suggestion.wearer_id == person_id)
    ids = {suggestion.id for suggestion in own}
    return replace(
        state,
        suggestions=own,
        pauses=tuple(_pause(pause, person_id, ids) for pause in state.pauses),
        silenced=_only(state.silenced, person_id),
        shared=tuple(_shared(shared, person_id) for shared in state.shared),
        asking=(),
        notices=tuple(notice for notice in state.notices if notice.wearer_id == person_id),
        mutes=tuple(mute for mute in state.mutes if mute.wearer_id == person_id),
        # Counting begins with the first step of anybody; that it has begun is no news.
        views=tuple((person, count) for person, count in state.views if person == person_id and count),
    )


def _pause(pause: Pause, person_id: str, own_ids: set[str]) -> Pause:
    # A pause that answers the other's suggestion would tell of the other's flood.
    known = pause if pause.suggestion_id in own_ids else replace(pause, suggestion_id=None)
    if pause.called_by != person_id:
        known = replace(known, called_by=NOBODY)
    return replace(known, courses=tuple(course for course in pause.courses if course.person_id == person_id))


def _shared(shared: SharedSuggestion, person_id: str) -> SharedSuggestion:
    return replace(
        shared,
        said_at=shared.raised_at,
        put_away_by=_only(shared.put_away_by, person_id),
        acknowledged_by=_only(shared.acknowledged_by, person_id),
        escalated_to=(),
    )


def _only(people: tuple[str, ...], person_id: str) -> tuple[str, ...]:
    return tuple(person for person in people if person == person_id)


def views_of(state: TalkState, person_id: str) -> int:
    """How often what this person may see has changed."""
    return dict(state.views).get(person_id, 0)


def counted(step: Step) -> Step:
    """`step`, with the change counted for everybody who sees a difference; in a talk of one's own nothing is counted."""

    def counting(state: TalkState) -> TalkState:
        after = step(state)
        if after is state or not after.people:
            return after
        views = tuple(
            (person, views_of(state, person) + (seen_by(after, person) != seen_by(state, person)))
            for person in after.people
        )
        return replace(after, views=views)

    return counting
