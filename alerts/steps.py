"""What a person does in a talk: each step takes the state and gives the next. Pure, and refused in words for people."""

from dataclasses import replace
from datetime import datetime, timedelta

from alerts import technical
from alerts.alert_rules import Condition
from alerts.notice import NoticeStep
from alerts.pause import Pause, PauseTrigger, return_time
from alerts.pause import step as step_pause
from alerts.policy_settings import PolicySettings, rules
from alerts.sharing import ask, end_shared, why_not_shared
from alerts.suggestion import Answer, NotFlooding, answer
from alerts.talk_state import Mute, Phase, TalkState
from alerts.talk_step import IllegalTalkStep, still_going


def begin_topic(state: TalkState, now: datetime) -> TalkState:
    """The quiet minutes are over, or are skipped.

    Raises:
        IllegalTalkStep: the topic has begun already, or the talk has ended.
    """
    if state.phase is not Phase.BASELINE:
        raise IllegalTalkStep("the topic has begun already")
    return replace(state, phase=Phase.TALKING, topic_began_at=now)


def call_pause(state: TalkState, caller_id: str, now: datetime, settings: PolicySettings, fresh_id: str) -> TalkState:
    """Begin a pause; an open suggestion of the caller counts as accepted. Nobody has to agree.

    Raises:
        IllegalTalkStep: a pause is already running, or the talk has ended.
    """
    still_going(state)
    if state.pause is not None:
        raise IllegalTalkStep("a pause is already running")
    waiting = state.open_suggestion(caller_id)
    if waiting is not None:
        state = state.with_suggestion(answer(waiting, Answer.ACCEPT, now))
    pause = Pause(
        id=fresh_id,
        called_by=caller_id,
        called_at=now,
        return_at=return_time(now, settings.pause_minimum),
        minimum=settings.pause_minimum,
        cap_at=now + settings.pause_cap,
        suggestion_id=waiting.id if waiting else None,
        courses=state.courses(),
    )
    return end_shared(state, now).with_pause(pause)


def raise_silently(state: TalkState, person_id: str, now: datetime, settings: PolicySettings) -> TalkState:
    """Ask that “One of us could use a pause.” be said to both, with the next second and by nobody.

    Raises:
        IllegalTalkStep: it cannot be said now, or there is nobody else in the talk.
    """
    still_going(state)
    if person_id not in state.people:
        raise IllegalTalkStep("there is nobody else in this talk; you can call a pause")
    refused = why_not_shared(state, now, settings)
    if refused is not None:
        raise IllegalTalkStep(refused)
    return ask(state, person_id, now)


def put_away(state: TalkState, person_id: str) -> TalkState:
    """“Not for me right now”: the shared sentence leaves this person's page, and nobody else's."""
    still_going(state)
    shared = state.shared_suggestion
    return state if shared is None else state.with_shared(shared.put_away(person_id))


def acknowledge_shared(state: TalkState, person_id: str) -> TalkState:
    """This person has seen the shared sentence: it rings no more for them and goes nowhere else, and still waits."""
    still_going(state)
    shared = state.shared_suggestion
    return state if shared is None else state.with_shared(shared.acknowledge(person_id))


def answer_suggestion(
    state: TalkState,
    wearer_id: str,
    suggestion_id: str,
    given: Answer,
    now: datetime,
    settings: PolicySettings,
    *,
    fresh_id: str,
    reason: NotFlooding | None = None,
) -> TalkState:
    """Apply the wearer's answer. `ACCEPT` begins the pause; `DISMISS` silences flooding for this talk.

    `ACKNOWLEDGE` says that it was seen: it is quiet from then on, and waits.
    Taking the pause always works, also a second after the suggestion has expired: a pause needs no suggestion.

    Raises:
        IllegalTalkStep: there is no such suggestion of this wearer, or a pause is already running.
        IllegalAnswer: it takes no such answer any more.
    """
    still_going(state)
    suggestion = next((s for s in state.suggestions if s.id == suggestion_id and s.wearer_id == wearer_id), None)
    if suggestion is None:
        raise IllegalTalkStep("there is no such suggestion")
    if given is Answer.ACCEPT:
        return call_pause(state, wearer_id, now, settings, fresh_id)
    changed = state.with_suggestion(answer(suggestion, given, now, snooze_for=settings.snooze, reason=reason))
    if given is Answer.DISMISS:
        return replace(changed, silenced=(*changed.silenced, wearer_id))
    return changed


def cancel_snooze(state: TalkState, wearer_id: str, now: datetime) -> TalkState:
    """End the wearer's snooze now: if the flood lasts, it is announced again with the next reading.

    Raises:
        IllegalTalkStep: nothing is snoozed.
    """
    still_going(state)
    latest = state.latest_suggestion(wearer_id)
    if latest is None or latest.snoozed_until is None or now >= latest.snoozed_until:
        raise IllegalTalkStep("nothing is snoozed")
    return state.with_suggestion(replace(latest, snoozed_until=now))


def unsilence(state: TalkState, wearer_id: str) -> TalkState:
    """Take back “This isn’t flooding”: the next flood is announced again. Without a silence nothing changes."""
    still_going(state)
    if wearer_id not in state.silenced:
        return state
    return replace(state, silenced=tuple(person for person in state.silenced if person != wearer_id))


def mute(state: TalkState, wearer_id: str, now: datetime, settings: PolicySettings) -> TalkState:
    """Keep it quiet for a while: no sound and no message. What there is to see is still shown."""
    still_going(state)
    return _with_mute(state, Mute(wearer_id, now + settings.mute))


def unmute(state: TalkState, wearer_id: str, now: datetime) -> TalkState:
    """Let it be heard again.

    Raises:
        IllegalTalkStep: nothing is muted.
    """
    still_going(state)
    if state.muted_until(wearer_id, now) is None:
        raise IllegalTalkStep("nothing is muted")
    return _with_mute(state, Mute(wearer_id, now))


def _with_mute(state: TalkState, mute: Mute) -> TalkState:
    return replace(state, mutes=(*(m for m in state.mutes if m.wearer_id != mute.wearer_id), mute))


def answer_notice(
    state: TalkState, wearer_id: str, notice_id: str, taken: NoticeStep, now: datetime, settings: PolicySettings
) -> TalkState:
    """Apply the wearer's step to their own technical notice: seen, not now, or again after all.

    Raises:
        IllegalTalkStep: there is no such notice of this wearer, or the talk has ended.
        IllegalNoticeStep: it does not allow this now.
    """
    still_going(state)
    return technical.answer(state, wearer_id, notice_id, taken, now, rules(settings)[Condition.SIGNAL])


def change_pause(
    state: TalkState,
    trigger: PauseTrigger,
    now: datetime,
    *,
    extend_by: timedelta | None = None,
    person_id: str | None = None,
) -> TalkState:
    """Apply a step of `person_id` to the running pause; in a talk of one's own nobody needs naming.

    More time is more time for both. Coming back is each one's own: the pause is over when both are back.

    Raises:
        IllegalTalkStep: no pause is running.
        IllegalPauseStep: the pause does not allow it now.
    """
    still_going(state)
    if state.pause is None:
        raise IllegalTalkStep("no pause is running")
    if trigger in {PauseTrigger.EXTEND, PauseTrigger.END} and state.people:
        if trigger is PauseTrigger.EXTEND and person_id is not None:
            # Refused for whoever is back already: they need no more time.
            step_pause(state.pause.of(person_id), trigger, now, extend_by=extend_by)
        return state.with_pause(state.pause.for_all(trigger, now, extend_by=extend_by))
    who = person_id or state.pause.called_by
    stepped = step_pause(state.pause.of(who), trigger, now, extend_by=extend_by)
    return state.with_pause(state.pause.with_own(who, stepped))


def need_more_time(
    state: TalkState, person_id: str, now: datetime, more: timedelta, *, promised: datetime | None = None
) -> TalkState:
    """“I'll be back, but need N more.” `promised` is the return time that the person was offered.

    Both can press at one moment, and a hand that shakes presses twice: what brings them back no later than they were
    promised is asked for once.

    Raises:
        IllegalTalkStep: no pause is running.
        IllegalPauseStep: the pause does not allow it now.
    """
    extended = change_pause(state, PauseTrigger.EXTEND, now, extend_by=more, person_id=person_id)
    if promised is not None and state.pause is not None and now < promised <= state.pause.return_at:
        return state
    return extended


def end_talk(state: TalkState, now: datetime) -> TalkState:
    """End the talk, and with it what was open in it. Ending an ended talk changes nothing: leaving always works."""
    if state.phase is Phase.ENDED:
        return state
    for suggestion in state.suggestions:
        if suggestion.waits:
            state = state.with_suggestion(answer(suggestion, Answer.EXPIRE, now))
    if state.pause is not None:
        state = state.with_pause(state.pause.for_all(PauseTrigger.END, now))
    state = technical.clear_all(end_shared(state, now), now)
    return replace(state, phase=Phase.ENDED, ended_at=now)
