"""When “One of us could use a pause.” is said to both. Pure: the state in, the state out.

A flood and a silent raise go the same way from here on, so that nothing tells them apart.
"""

from dataclasses import replace
from datetime import datetime

from alerts.pause import return_time
from alerts.policy_settings import PolicySettings
from alerts.shared_suggestion import SharedSuggestion
from alerts.talk_state import Phase, TalkState


def ask(state: TalkState, person_id: str, now: datetime) -> TalkState:
    """Note that the sentence is wanted for this person; asking twice is asking once. In a talk of one's own nothing changes."""
    known = person_id in dict(state.asking) or person_id not in state.people
    return state if known else replace(state, asking=(*state.asking, (person_id, now)))


def share(state: TalkState, person_id: str, now: datetime, settings: PolicySettings) -> TalkState:
    """Say the one sentence to both, if it is asked for. Whether a body or a hand asked is not kept, and changes nothing."""
    asked_at = dict(state.asking).get(person_id)
    if asked_at is None or now < asked_at:
        return state
    refused = why_not_shared(state, now, settings)
    if refused is None and now < _last_beginning(state) + settings.settling:
        return state
    state = replace(state, asking=tuple(ask for ask in state.asking if ask[0] != person_id))
    if refused is not None:
        return state
    # Its name is its place among those that both have seen: one made of the asker's alerts would tell.
    said = SharedSuggestion(
        f"shared-{len(state.shared) + 1}",
        raised_at=now.replace(second=0, microsecond=0),
        expires_at=return_time(now, settings.suggestion_lasts),
        said_at=now,
    )
    return state.with_shared(said)


def _last_beginning(state: TalkState) -> datetime:
    """When the topic began, or the talk went on after a pause."""
    moments = [state.topic_began_at, *(pause.ended_at for pause in state.pauses)]
    return max((moment for moment in moments if moment is not None), default=state.started_at)


def why_not_shared(state: TalkState, now: datetime, settings: PolicySettings) -> str | None:
    """Why the shared sentence is not said now, in words for people; None when it may be.

    The same for a flood and for a silent raise, and nothing in it is more than both people have seen.
    """
    if state.phase is not Phase.TALKING:
        return "it can be said once the topic has begun"
    if state.pause is not None:
        return "a pause is already running"
    if state.shared and now < state.shared[-1].raised_at + settings.refractory:
        return "it has been said a moment ago"
    return "it has been said already" if state.shared_suggestion else None


def escalate_shared(state: TalkState, person_id: str, now: datetime, settings: PolicySettings) -> TalkState:
    """The shared sentence that this person has not seen leaves by their own channels, once, whatever it came from."""
    shared = state.shared_suggestion
    if shared is None or not shared.calls(person_id) or person_id in shared.escalated_to:
        return state
    if now < shared.said_at + settings.escalate_after or state.muted_until(person_id, now) is not None:
        return state
    return state.with_shared(replace(shared, escalated_to=(*shared.escalated_to, person_id)))


def end_shared(state: TalkState, now: datetime) -> TalkState:
    """The sentence is answered for both: a pause has begun, or the talk has ended."""
    shared = state.shared_suggestion
    return state if shared is None else state.with_shared(replace(shared, ended_at=now))
