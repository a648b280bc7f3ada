"""When a pause is suggested, and what time does to a suggestion and a pause. Pure: the state in, the state out.

The rules and their reasons:

- Only the arousal state raises a suggestion, and only with a good signal: a technical fault never does.
- In the quiet minutes nothing is suggested: there is no topic yet to pause from.
- One suggestion an episode: whatever became of it, the same flood is not announced again, unless the wearer
  asked for it (a snooze that has run out while the flood lasts).
- A new episode soon after the last suggestion stays quiet (`refractory`): fewer alarms are trusted more.
- The suggestion latches: coming down does not take it back. It ends by an answer or by its expiry.
- A snooze is kept with the talk, so neither the next reading nor a restart defeats it.
- Acknowledged (seen, still waiting), snoozed (again in some minutes), muted (shown, but heard nowhere) and inhibited
  (held back by a rule below) are four different things.
- A technical notice comes after half a minute without a signal, and goes with it: it does not latch.
- An alert that nobody has seen leaves, once, by the wearer's own channels; one all-clear follows it there.
- Everything is by wearer: nothing that one does changes an alert of the other.
- With two people, what one's suggestion brings the other is one sentence, `alerts.shared_suggestion`. It is what leaves
  then, for both alike; a suggestion of one's own leaves by itself only where the sentence is not said.

`rules` is the table of all this.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from alerts import technical
from alerts.alert_rules import Condition, Quiet, Rule
from alerts.policy_settings import PolicySettings, rules
from alerts.readiness import move_pause
from alerts.sharing import ask, escalate_shared, share
from alerts.steps import begin_topic
from alerts.suggestion import Answer, Suggestion, answer
from alerts.talk_state import Phase, TalkState
from hrv.reading import ArousalState, Reading, Signal

_HOLDS: dict[Quiet, Callable[[TalkState, str, Reading], bool]] = {
    Quiet.TALK_ENDED: lambda state, _, __: state.phase is Phase.ENDED,
    Quiet.QUIET_MINUTES: lambda state, _, __: state.phase is Phase.BASELINE,
    Quiet.NOT_FLOODED: lambda _, __, reading: reading.state is not ArousalState.FLOODED or reading.episode is None,
    Quiet.NO_SIGNAL: lambda _, __, reading: reading.signal is not Signal.OK,
    Quiet.SIGNAL_KNOWN: lambda _, __, reading: reading.signal is Signal.OK,
    Quiet.IN_PAUSE: lambda state, _, __: state.pause is not None,
    Quiet.SILENCED: lambda state, wearer_id, _: wearer_id in state.silenced,
}
"""What each inhibition looks at. What came before in the talk is judged after these."""


_BETWEEN_STEPS = timedelta(seconds=2)
"""Each second is one step; so late one may come."""


def _inhibited(rule: Rule, state: TalkState, wearer_id: str, reading: Reading) -> Quiet | None:
    return next((quiet for quiet in rule.inhibited_by if _HOLDS[quiet](state, wearer_id, reading)), None)


def why_quiet(
    state: TalkState, wearer_id: str, reading: Reading, now: datetime, settings: PolicySettings
) -> Quiet | None:
    """Return the first rule that keeps the suggestion back, or None when it is to be raised."""
    rule = rules(settings)[Condition.FLOODING]
    return _inhibited(rule, state, wearer_id, reading) or _why_quiet_after_the_last(
        state, wearer_id, reading, now, rule
    )


def _why_quiet_after_the_last(
    state: TalkState, wearer_id: str, reading: Reading, now: datetime, rule: Rule
) -> Quiet | None:
    latest = state.latest_suggestion(wearer_id)
    if latest is None or reading.episode is None:
        return None
    if latest.waits:
        return Quiet.WAITING
    if latest.snoozed_until is not None:
        return Quiet.SNOOZED if now < latest.snoozed_until else None
    if latest.episode_began_t_s == reading.episode.began_t_s:
        return Quiet.ANSWERED
    return Quiet.REFRACTORY if now < latest.raised_at + rule.refractory else None


def step(
    state: TalkState,
    wearer_id: str,
    reading: Reading | None,
    now: datetime,
    settings: PolicySettings,
    fresh_id: str,
    *,
    silent_s: float = 0.0,
) -> TalkState:
    """Return the state after `reading` (None for a person without a strap) at `now`; the same object when nothing changes.

    `silent_s` is how long there has been no good second. `fresh_id` becomes the id of an alert, if one is raised.
    """
    if state.phase is Phase.ENDED:
        return state
    state = _begin_topic_when_quiet_is_over(state, now, settings)
    state = _expire(state, now)
    state = move_pause(state, wearer_id, reading, now, settings)
    if reading is not None:
        state = _suggest(state, wearer_id, reading, now, settings, fresh_id)
        state = _escalate(state, wearer_id, now, settings)
        state = _all_clear(state, wearer_id, reading, now)
        rule = rules(settings)[Condition.SIGNAL]
        held = _inhibited(rule, state, wearer_id, reading)
        state = technical.watch(state, wearer_id, silent_s, now, rule, held, f"{fresh_id}-signal")
    state = share(state, wearer_id, now, settings)
    return escalate_shared(state, wearer_id, now, settings)


def _suggest(
    state: TalkState, wearer_id: str, reading: Reading, now: datetime, settings: PolicySettings, fresh_id: str
) -> TalkState:
    if reading.episode is None or why_quiet(state, wearer_id, reading, now, settings) is not None:
        return state
    began_t_s = reading.episode.began_t_s
    raised = Suggestion(fresh_id, wearer_id, began_t_s, raised_at=now, expires_at=now + settings.suggestion_lasts)
    return ask(state.with_suggestion(raised), wearer_id, now)


def _escalate(state: TalkState, wearer_id: str, now: datetime, settings: PolicySettings) -> TalkState:
    """A suggestion that nobody has seen leaves by the wearer's own channels, once; not where the sentence does.

    The sentence says the same, and leaves at the same moment for both: a phone that calls alone would tell whose body asked.
    So would one that calls in a pause, which the other may have called; and there is nothing left to suggest.
    """
    latest = state.open_suggestion(wearer_id)
    if latest is None or latest.escalated_at is not None or latest.acknowledged_at is not None:
        return state
    if state.pause is not None:
        return state
    shared = state.shared_suggestion
    if wearer_id in dict(state.asking) or (shared is not None and shared.calls(wearer_id)):
        return state
    if now < latest.raised_at + settings.escalate_after or state.muted_until(wearer_id, now) is not None:
        return state
    return state.with_suggestion(replace(latest, escalated_at=now))


def _all_clear(state: TalkState, wearer_id: str, reading: Reading, now: datetime) -> TalkState:
    """The flood is over by a good signal, and nothing waits: said once an episode. A gap is not recovery."""
    latest = state.latest_suggestion(wearer_id)
    if latest is None or latest.waits or latest.cleared_at is not None:
        return state
    if reading.signal is not Signal.OK or reading.state is ArousalState.FLOODED:
        return state
    return state.with_suggestion(replace(latest, cleared_at=now))


def _begin_topic_when_quiet_is_over(state: TalkState, now: datetime, settings: PolicySettings) -> TalkState:
    over_at = state.started_at + timedelta(seconds=settings.quiet_s)
    if state.phase is not Phase.BASELINE or now < over_at:
        return state
    # By the clock: by a heartbeat, it would say whose strap spoke first. After a sleep of the computer, from then on.
    return begin_topic(state, over_at if now < over_at + _BETWEEN_STEPS else now)


def _expire(state: TalkState, now: datetime) -> TalkState:
    for suggestion in state.suggestions:
        if suggestion.waits and now >= suggestion.expires_at:
            state = state.with_suggestion(answer(suggestion, Answer.EXPIRE, now))
    shared = state.shared_suggestion
    if shared is not None and now >= shared.expires_at:
        state = state.with_shared(replace(shared, ended_at=shared.expires_at))
    return state
