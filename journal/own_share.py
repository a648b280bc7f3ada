"""One wearer's share of a talk's state: what the other may not see, what goes when the wearer erases it. Pure."""

from dataclasses import replace

from alerts.talk_state import TalkState


def for_wearer(state: TalkState, wearer_id: str) -> TalkState:
    """`state` without what tells of the other's body: what was suggested to them or answered by them."""
    own = tuple(s for s in state.suggestions if s.wearer_id == wearer_id)
    ids = {s.id for s in own}
    return replace(
        state,
        suggestions=own,
        # A pause that answers the other's suggestion would tell of the other's flood.
        pauses=tuple(p if p.suggestion_id in ids else replace(p, suggestion_id=None) for p in state.pauses),
        silenced=tuple(w for w in state.silenced if w == wearer_id),
    )


def without_wearer(state: TalkState, wearer_id: str) -> TalkState:
    """`state` without what tells of the wearer's body. That there was a pause is both people's, and stays."""
    gone = {s.id for s in state.suggestions if s.wearer_id == wearer_id}
    return replace(
        state,
        suggestions=tuple(s for s in state.suggestions if s.id not in gone),
        pauses=tuple(replace(p, suggestion_id=None) if p.suggestion_id in gone else p for p in state.pauses),
        silenced=tuple(w for w in state.silenced if w != wearer_id),
    )


def with_share(state: TalkState, share: TalkState, wearer_id: str) -> TalkState:
    """`state` with what `without_wearer` took out of it, as `share` (from `for_wearer`) has it."""
    there = {s.id for s in state.suggestions}
    answered = {p.id: p.suggestion_id for p in share.pauses}
    back = tuple(s for s in share.suggestions if s.id not in there)
    silenced = tuple(w for w in share.silenced if w == wearer_id and w not in state.silenced)
    return replace(
        state,
        suggestions=tuple(sorted((*state.suggestions, *back), key=lambda s: s.raised_at)),
        pauses=tuple(replace(p, suggestion_id=p.suggestion_id or answered.get(p.id)) for p in state.pauses),
        silenced=(*state.silenced, *silenced),
    )
