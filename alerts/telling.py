"""What leaves by the wearer's own channels when the talk's state changes. Pure: two states in, what to send out.

What a message is about is known by the wearer, the condition and the episode, never by its words: told once is told.
The sentence that two people share leaves in the same words as a suggestion, and at the same moments for both.
"""

from collections.abc import Iterator
from datetime import datetime

from alerts.alert_rules import Condition
from alerts.channels import Announcement, Message
from alerts.ports import Talk
from alerts.shared_suggestion import SharedSuggestion
from alerts.suggestion import Suggestion
from alerts.talk_state import TalkState

ALL_CLEAR_LASTS_S = 300.0
"""Real seconds for which an all-clear is worth trying."""


def key_of(talk: Talk, state: TalkState, suggestion: Suggestion) -> str:
    """What identifies the suggestion's message: also after a restart that had to raise it anew."""
    same_flood = [
        s.id
        for s in state.suggestions
        if s.wearer_id == suggestion.wearer_id and s.episode_began_t_s == suggestion.episode_began_t_s
    ]
    times = same_flood.index(suggestion.id)
    return f"{talk.id}/{talk.wearer_id}/{Condition.FLOODING}/{suggestion.episode_began_t_s:g}/{times}"


def key_of_shared(talk: Talk, shared: SharedSuggestion) -> str:
    """What identifies the shared sentence's message to this wearer."""
    return f"{talk.id}/{talk.wearer_id}/shared/{shared.id}"


def to_tell(talk: Talk, before: TalkState, after: TalkState, now: datetime, speed: float) -> Iterator[Announcement]:
    """The messages that `after` asks for and `before` did not: a suggestion nobody has seen, and its one all-clear."""
    yield from _to_tell_of_own(talk, before, after, now, speed)
    yield from _to_tell_of_shared(talk, before, after, now, speed)


def _to_tell_of_own(
    talk: Talk, before: TalkState, after: TalkState, now: datetime, speed: float
) -> Iterator[Announcement]:
    old = {s.id: s for s in before.suggestions}
    for suggestion in _own(talk, after):
        was = old.get(suggestion.id)
        key = key_of(talk, after, suggestion)
        if suggestion.waits and suggestion.escalated_at and not (was and was.escalated_at):
            lasts_s = (suggestion.expires_at - now).total_seconds() / speed
            yield Announcement(key, talk.id, talk.wearer_id, Message.SUGGESTED, lasts_s)
        if was and suggestion.cleared_at and not was.cleared_at and suggestion.escalated_at:
            clear = f"{key}/clear"
            yield Announcement(clear, talk.id, talk.wearer_id, Message.ALL_CLEAR, ALL_CLEAR_LASTS_S, follows=key)


def _to_tell_of_shared(
    talk: Talk, before: TalkState, after: TalkState, now: datetime, speed: float
) -> Iterator[Announcement]:
    """The sentence, and its all-clear where it ran out; a pause that answers it is no all-clear."""
    who, old = talk.wearer_id, {s.id: s for s in before.shared}
    for shared in after.shared:
        was, key = old.get(shared.id), key_of_shared(talk, shared)
        if who not in shared.escalated_to:
            continue
        if shared.waits_for(who) and not (was and who in was.escalated_to):
            lasts_s = (shared.expires_at - now).total_seconds() / speed
            yield Announcement(key, talk.id, who, Message.SUGGESTED, lasts_s)
        if was and shared.ended_at and not was.ended_at and after.pause is None:
            yield Announcement(f"{key}/clear", talk.id, who, Message.ALL_CLEAR, ALL_CLEAR_LASTS_S, follows=key)


def to_withdraw(talk: Talk, before: TalkState, after: TalkState) -> Iterator[str]:
    """The keys of what no longer waits for an answer."""
    waited = {s.id for s in before.suggestions if s.waits}
    for suggestion in _own(talk, after):
        if suggestion.id in waited and not suggestion.waits:
            yield key_of(talk, after, suggestion)
    waiting = {s.id for s in before.shared if s.waits_for(talk.wearer_id)}
    for shared in after.shared:
        if shared.id in waiting and not shared.waits_for(talk.wearer_id):
            yield key_of_shared(talk, shared)


def _own(talk: Talk, state: TalkState) -> Iterator[Suggestion]:
    return (s for s in state.suggestions if s.wearer_id == talk.wearer_id)
