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
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts import technical
from alerts.alert_rules import Condition, Quiet, Rule
from alerts.notice import NoticeStep
from alerts.pause import Pause, PauseState, PauseTrigger
from alerts.pause import step as step_pause
from alerts.shared_suggestion import SharedSuggestion
from alerts.suggestion import Answer, NotFlooding, Suggestion, answer
from alerts.talk_state import Mute, Phase, TalkState
from alerts.talk_step import IllegalTalkStep, still_going
from hrv.reading import ArousalState, Reading, Signal
from hrv.settings import DetectorSettings

_BODY = DetectorSettings()
"""What the detector says about the body is said there once."""


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """Times of the policy. All own choices, except where a source is named.

    Attributes:
        pause_minimum: physiological calm takes at least 20 minutes (the practice's rule).
        pause_cap: after this the body's recovery is no longer waited for: nobody is kept in a pause by a strap.
        suggestion_lasts: how long an unanswered suggestion waits.
        snooze: “In 5 minutes”.
        refractory: quiet time after a suggestion before another episode may raise one.
        escalate_after: how long a suggestion, or the shared sentence, may go unseen before it leaves by the wearer's own
            channels.
        notice_after: seconds without a signal before the strap's notice.
        notice_snooze: how long the notice is put off.
        notice_refractory: quiet time after a notice, so that a strap that comes and goes is not told each time.
        mute: how long “keep it quiet” is.
        settling: so long after the topic began, or went on after a pause, the shared sentence is held back: in the first
            second only a body could have asked for it, and that would tell.
        missed_after: how long after the return time the pause counts as missed.
        calm_s: good seconds near the usual that count as recovered; the detector's own figure.
        quiet_s: length of the baseline before the topic; the detector's own figure.
    """

    pause_minimum: timedelta = timedelta(seconds=_BODY.recovery_min_s)
    pause_cap: timedelta = timedelta(minutes=60)
    suggestion_lasts: timedelta = timedelta(minutes=5)
    snooze: timedelta = timedelta(minutes=5)
    refractory: timedelta = timedelta(minutes=10)
    escalate_after: timedelta = timedelta(seconds=10)
    notice_after: timedelta = timedelta(seconds=30)
    notice_snooze: timedelta = timedelta(minutes=10)
    notice_refractory: timedelta = timedelta(minutes=2)
    mute: timedelta = timedelta(minutes=30)
    settling: timedelta = timedelta(seconds=30)
    missed_after: timedelta = timedelta(minutes=5)
    calm_s: int = _BODY.near_usual_needed_s
    quiet_s: int = _BODY.baseline_s

    @classmethod
    def at_speed(cls, speed: float) -> "PolicySettings":
        """The settings for a clock that runs `speed` times as fast: nothing to press disappears in less than 30 real seconds.

        >>> PolicySettings.at_speed(30).suggestion_lasts
        datetime.timedelta(seconds=900)
        """
        patience = timedelta(seconds=30 * speed)
        usual = cls()
        return replace(
            usual,
            suggestion_lasts=max(usual.suggestion_lasts, patience),
            missed_after=max(usual.missed_after, patience),
            escalate_after=usual.escalate_after * max(1, speed),
        )


def rules(settings: PolicySettings) -> dict[Condition, Rule]:
    """The policy's one table: every alert, and all that it may do."""
    return {
        Condition.FLOODING: Rule(
            latches=True,
            raised_after=timedelta(0),
            lasts=settings.suggestion_lasts,
            snooze=settings.snooze,
            refractory=settings.refractory,
            escalate_after=settings.escalate_after,
            silenced_for_the_talk=True,
            inhibited_by=(
                Quiet.TALK_ENDED,
                Quiet.QUIET_MINUTES,
                Quiet.NOT_FLOODED,
                Quiet.NO_SIGNAL,
                Quiet.IN_PAUSE,
                Quiet.SILENCED,
            ),
        ),
        Condition.SIGNAL: Rule(
            latches=False,
            raised_after=settings.notice_after,
            lasts=None,
            snooze=settings.notice_snooze,
            refractory=settings.notice_refractory,
            escalate_after=None,
            silenced_for_the_talk=False,
            inhibited_by=(Quiet.TALK_ENDED, Quiet.SIGNAL_KNOWN, Quiet.IN_PAUSE),
        ),
    }


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
    state = _move_pause(state, wearer_id, reading, now, settings)
    if reading is not None:
        state = _suggest(state, wearer_id, reading, now, settings, fresh_id)
        state = _escalate(state, wearer_id, now, settings)
        state = _all_clear(state, wearer_id, reading, now)
        rule = rules(settings)[Condition.SIGNAL]
        held = _inhibited(rule, state, wearer_id, reading)
        state = technical.watch(state, wearer_id, silent_s, now, rule, held, f"{fresh_id}-signal")
    state = _share(state, wearer_id, now, settings)
    return _escalate_shared(state, wearer_id, now, settings)


def _suggest(
    state: TalkState, wearer_id: str, reading: Reading, now: datetime, settings: PolicySettings, fresh_id: str
) -> TalkState:
    if reading.episode is None or why_quiet(state, wearer_id, reading, now, settings) is not None:
        return state
    began_t_s = reading.episode.began_t_s
    raised = Suggestion(fresh_id, wearer_id, began_t_s, raised_at=now, expires_at=now + settings.suggestion_lasts)
    return _ask(state.with_suggestion(raised), wearer_id, now)


def _ask(state: TalkState, person_id: str, now: datetime) -> TalkState:
    known = person_id in dict(state.asking) or person_id not in state.people
    return state if known else replace(state, asking=(*state.asking, (person_id, now)))


def _share(state: TalkState, person_id: str, now: datetime, settings: PolicySettings) -> TalkState:
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


def _escalate(state: TalkState, wearer_id: str, now: datetime, settings: PolicySettings) -> TalkState:
    """A suggestion that nobody has seen leaves by the wearer's own channels, once; not where the sentence does.

    The sentence says the same, and leaves at the same moment for both: a phone that calls alone would tell whose body asked.
    """
    latest = state.open_suggestion(wearer_id)
    if latest is None or latest.escalated_at is not None or latest.acknowledged_at is not None:
        return state
    shared = state.shared_suggestion
    if wearer_id in dict(state.asking) or (shared is not None and shared.calls(wearer_id)):
        return state
    if now < latest.raised_at + settings.escalate_after or state.muted_until(wearer_id, now) is not None:
        return state
    return state.with_suggestion(replace(latest, escalated_at=now))


def _escalate_shared(state: TalkState, person_id: str, now: datetime, settings: PolicySettings) -> TalkState:
    """The shared sentence that this person has not seen leaves by their own channels, once, whatever it came from."""
    shared = state.shared_suggestion
    if shared is None or not shared.calls(person_id) or person_id in shared.escalated_to:
        return state
    if now < shared.said_at + settings.escalate_after or state.muted_until(person_id, now) is not None:
        return state
    return state.with_shared(replace(shared, escalated_to=(*shared.escalated_to, person_id)))


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
    return begin_topic(state, now)


def _expire(state: TalkState, now: datetime) -> TalkState:
    for suggestion in state.suggestions:
        if suggestion.waits and now >= suggestion.expires_at:
            state = state.with_suggestion(answer(suggestion, Answer.EXPIRE, now))
    shared = state.shared_suggestion
    if shared is not None and now >= shared.expires_at:
        state = state.with_shared(replace(shared, ended_at=shared.expires_at))
    return state


def _move_pause(
    state: TalkState, wearer_id: str, reading: Reading | None, now: datetime, settings: PolicySettings
) -> TalkState:
    if state.pause is None:
        return state
    own = pause = state.pause.of(wearer_id)
    if pause.state in {PauseState.RUNNING, PauseState.EXTENDED} and may_be_ready(pause, reading, now, settings):
        pause = step_pause(pause, PauseTrigger.CALM_ENOUGH, now)
    elif pause.state is PauseState.READY and has_stirred(pause, reading, now, settings):
        pause = step_pause(pause, PauseTrigger.STIRRED, now)
    elif pause.state is PauseState.READY and now >= _since_ready(pause) + settings.missed_after:
        pause = step_pause(pause, PauseTrigger.TIME_PASSED, now)
    return state if pause is own else state.with_pause(state.pause.with_own(wearer_id, pause))


def _since_ready(pause: Pause) -> datetime:
    """From when on it counts as missed: nobody misses a return that the body does not allow yet."""
    return max(pause.return_at, pause.ready_at or pause.return_at)


def may_be_ready(pause: Pause, reading: Reading | None, now: datetime, settings: PolicySettings) -> bool:
    """Whether both conditions hold: the promised time has come, and the body is near its usual.

    The promise is never earlier than the minimum, and an extension moves it. Without a strap it is all there is to go by. Without a baseline nobody can say what is usual, so a good
    signal that is not flooded has to do. A missing signal never counts as calm; the hard cap ends the waiting.
    """
    if now < pause.return_at:
        return False
    if reading is None or now >= pause.cap_at:
        return True
    if reading.state is ArousalState.FLOODED:
        return False
    if reading.baseline is None:
        return reading.signal is Signal.OK
    return reading.near_usual_s >= settings.calm_s


def has_stirred(pause: Pause, reading: Reading | None, now: datetime, settings: PolicySettings) -> bool:
    """Whether a body that was near its usual has clearly left it again, on a good signal and before the hard cap.

    A strap that is taken off once the pause is ready says nothing, and takes nothing back.
    """
    if reading is None or reading.heart_rate_bpm is None or now >= pause.cap_at:
        return False
    left = reading.baseline is not None and reading.near_usual_s < settings.calm_s / 2
    return reading.state is ArousalState.FLOODED or left


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
    return _end_shared(state, now).with_pause(pause)


def _end_shared(state: TalkState, now: datetime) -> TalkState:
    shared = state.shared_suggestion
    return state if shared is None else state.with_shared(replace(shared, ended_at=now))


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
    return _ask(state, person_id, now)


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


def return_time(now: datetime, minimum: timedelta) -> datetime:
    """The first whole minute at least `minimum` from `now`: people keep clock times, not seconds.

    >>> from datetime import UTC
    >>> return_time(datetime(2026, 3, 12, 20, 24, 10, tzinfo=UTC), timedelta(minutes=20)).strftime("%H:%M:%S")
    '20:45:00'
    """
    exact = now + minimum
    whole = exact.replace(second=0, microsecond=0)
    return whole if whole == exact else whole + timedelta(minutes=1)


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
            step_pause(
                state.pause.of(person_id), trigger, now, extend_by=extend_by
            )  # who is back already needs no more
        return state.with_pause(state.pause.for_all(trigger, now, extend_by=extend_by))
    own = state.pause.of(person_id or state.pause.called_by)
    return state.with_pause(
        state.pause.with_own(person_id or state.pause.called_by, step_pause(own, trigger, now, extend_by=extend_by))
    )


def end_talk(state: TalkState, now: datetime) -> TalkState:
    """End the talk, and with it what was open in it. Ending an ended talk changes nothing: leaving always works."""
    if state.phase is Phase.ENDED:
        return state
    for suggestion in state.suggestions:
        if suggestion.waits:
            state = state.with_suggestion(answer(suggestion, Answer.EXPIRE, now))
    if state.pause is not None:
        state = state.with_pause(state.pause.for_all(PauseTrigger.END, now))
    state = technical.clear_all(_end_shared(state, now), now)
    return replace(state, phase=Phase.ENDED, ended_at=now)
