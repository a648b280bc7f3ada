"""One wearer's share of a talk's state: what their entry is made of, what goes when the wearer erases it, and comes back with their archive. Pure.

What the share is, says `alerts.seen.seen_by`: everything of the wearer's that the other may not see.
"""

from collections.abc import Callable, Container
from dataclasses import replace

from alerts.pause import Pause
from alerts.seen import seen_by
from alerts.shared_suggestion import SharedSuggestion
from alerts.talk_state import TalkState


def as_lived(state: TalkState, wearer_id: str) -> TalkState:
    """The talk as the wearer lived it: as they may see it, each pause as they went through it."""
    seen = seen_by(state, wearer_id)
    return replace(seen, pauses=tuple(pause.of(wearer_id) for pause in seen.pauses))


def without_wearer(state: TalkState, wearer_id: str) -> TalkState:
    """`state` without what tells of the wearer's body, or of what they did about it.

    That there was a pause, and that the shared sentence was said, is both people's, and stays.
    """
    gone: set[str | None] = {s.id for s in state.suggestions if s.wearer_id == wearer_id}
    return replace(
        state,
        suggestions=tuple(s for s in state.suggestions if s.id not in gone),
        pauses=tuple(_pause_without(p, wearer_id, gone) for p in state.pauses),
        silenced=_others(state.silenced, wearer_id),
        shared=tuple(_shared_without(s, wearer_id) for s in state.shared),
        asking=tuple(asked for asked in state.asking if asked[0] != wearer_id),
        views=tuple(view for view in state.views if view[0] != wearer_id),
        notices=tuple(n for n in state.notices if n.wearer_id != wearer_id),
        mutes=tuple(m for m in state.mutes if m.wearer_id != wearer_id),
    )


def with_share(state: TalkState, share: TalkState, wearer_id: str) -> TalkState:
    """`state` with what `without_wearer` took out of it, as `share` (from `seen_by`) has it."""
    suggested = {s.id for s in state.suggestions}
    suggestions = (s for s in share.suggestions if s.id not in suggested)
    noticed = {n.id for n in state.notices}
    notices = (n for n in share.notices if n.id not in noticed)
    muted = {m.wearer_id for m in state.mutes}
    counted = {person_id for person_id, _ in state.views}
    own_pauses = {p.id: p for p in share.pauses}
    own_shared = {s.id: s for s in share.shared}
    return replace(
        state,
        suggestions=tuple(sorted((*state.suggestions, *suggestions), key=lambda s: s.raised_at)),
        pauses=tuple(_pause_with(p, own_pauses.get(p.id)) for p in state.pauses),
        silenced=_with(state.silenced, share.silenced, wearer_id),
        shared=tuple(_shared_with(s, own_shared.get(s.id), wearer_id) for s in state.shared),
        views=(*state.views, *(view for view in share.views if view[0] not in counted)),
        notices=tuple(sorted((*state.notices, *notices), key=lambda n: n.raised_at)),
        mutes=(*state.mutes, *(m for m in share.mutes if m.wearer_id not in muted)),
    )


def renamed(state: TalkState, old: str, new: str) -> TalkState:
    """The state with one person called otherwise."""

    def name(person_id: str) -> str:
        return new if person_id == old else person_id

    return replace(
        state,
        suggestions=tuple(replace(s, wearer_id=name(s.wearer_id)) for s in state.suggestions),
        pauses=tuple(_pause_renamed(p, name) for p in state.pauses),
        silenced=tuple(map(name, state.silenced)),
        people=tuple(map(name, state.people)),
        shared=tuple(
            replace(
                s,
                put_away_by=tuple(map(name, s.put_away_by)),
                acknowledged_by=tuple(map(name, s.acknowledged_by)),
                escalated_to=tuple(map(name, s.escalated_to)),
            )
            for s in state.shared
        ),
        asking=tuple((name(person_id), since) for person_id, since in state.asking),
        views=tuple((name(person_id), count) for person_id, count in state.views),
        notices=tuple(replace(n, wearer_id=name(n.wearer_id)) for n in state.notices),
        mutes=tuple(replace(m, wearer_id=name(m.wearer_id)) for m in state.mutes),
    )


def _pause_without(pause: Pause, wearer_id: str, gone: Container[str | None]) -> Pause:
    courses = tuple(course for course in pause.courses if course.person_id != wearer_id)
    return replace(pause, suggestion_id=None if pause.suggestion_id in gone else pause.suggestion_id, courses=courses)


def _pause_with(pause: Pause, own: Pause | None) -> Pause:
    if own is None:
        return pause
    there = {course.person_id for course in pause.courses}
    courses = (*pause.courses, *(course for course in own.courses if course.person_id not in there))
    return replace(pause, suggestion_id=pause.suggestion_id or own.suggestion_id, courses=courses)


def _pause_renamed(pause: Pause, name: Callable[[str], str]) -> Pause:
    courses = tuple(replace(course, person_id=name(course.person_id)) for course in pause.courses)
    return replace(pause, called_by=name(pause.called_by), courses=courses)


def _shared_without(shared: SharedSuggestion, wearer_id: str) -> SharedSuggestion:
    return replace(
        shared,
        put_away_by=_others(shared.put_away_by, wearer_id),
        acknowledged_by=_others(shared.acknowledged_by, wearer_id),
        escalated_to=_others(shared.escalated_to, wearer_id),
    )


def _shared_with(shared: SharedSuggestion, own: SharedSuggestion | None, wearer_id: str) -> SharedSuggestion:
    if own is None:
        return shared
    return replace(
        shared,
        put_away_by=_with(shared.put_away_by, own.put_away_by, wearer_id),
        acknowledged_by=_with(shared.acknowledged_by, own.acknowledged_by, wearer_id),
    )


def _others(people: tuple[str, ...], wearer_id: str) -> tuple[str, ...]:
    return tuple(person_id for person_id in people if person_id != wearer_id)


def _with(people: tuple[str, ...], own: tuple[str, ...], wearer_id: str) -> tuple[str, ...]:
    return (*people, wearer_id) if wearer_id in own and wearer_id not in people else people
