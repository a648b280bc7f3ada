"""Random talks of two wearers: readings, faults, steps of people, restarts and jumps of the clock, against a plain memory.

The memory is not a second policy. It holds only what was promised: when a snooze ends, which flood was told, who was
silenced. After every step the state is compared with it.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from alerts import policy, steps
from alerts.alert_rules import Quiet
from alerts.notice import NoticeState, NoticeStep
from alerts.pause import OVER, PauseState, PauseTrigger
from alerts.policy_settings import PolicySettings
from alerts.seen import seen_by
from alerts.suggestion import Answer, NotFlooding, SuggestionState
from alerts.talk_state import Phase, TalkState
from hrv.figure import Missing
from hrv.reading import ArousalState, Baseline, Episode, Reading, Signal, Threshold
from journal.talks import state_from_json, state_to_json
from tests.fakes import BEGAN
from tests.refusals import refused_with_409

SETTINGS = PolicySettings()
LINE = Threshold(100.0, 95.0)
USUAL = Baseline(72.0, 40.0, 300, provisional=False)
WHO = ("mira", "jonas")
SECONDS = (1, 2, 9, 11, 31, 60, 121, 299, 301, 601, 1199, 1201, 2400, 3 * 3600)
"""Steps of the clock around every limit of the policy; the last is a laptop that slept."""

_WHO = st.sampled_from((*WHO, "mira", "mira"))
_BODY = st.sampled_from((*ArousalState, *[ArousalState.FLOODED] * 4))
"""Most talks have a flood, and one heart that it belongs to; else hardly anything would happen in thirty steps."""


def _episode(began_t_s):
    return Episode(
        began_t_s, began_t_s - 20, None, None, 112.0, began_t_s, 72.0, False, 40.0, 20, 40.0, None,
        Missing.TOO_SHORT, 1.0, LINE, "model",
    )  # fmt: skip


@dataclass
class Wearer:
    """A body, and what was promised to its owner."""

    arousal: ArousalState = ArousalState.CALM
    episode: Episode | None = None
    last_good: datetime = BEGAN
    snoozed_until: datetime | None = None
    notice_snoozed_until: datetime | None = None
    silenced: bool = False
    told: frozenset = frozenset()
    raised_at: datetime | None = None


ACTIONS = (
    "accept", "snooze", "dismiss", "acknowledge", "unsnooze", "unsilence", "mute", "unmute",
    "notice acknowledge", "notice snooze", "notice wake", "notice clear",
    "topic", "pause", "return", "extend", "end",
)  # fmt: skip
OF_TWO = ("raise", "put away", "see shared")
SHARED_BY = {"clock", "accept", "topic", "pause", "return", "extend", "end"}
"""Steps that change what both see; taking a suggestion is calling a pause."""

ANSWERED_BY = {"accept", "snooze", "dismiss", "pause", "end"}


class Talk(RuleBasedStateMachine):
    """One talk, as a random sequence."""

    seen: ClassVar = Counter()

    def __init__(self):
        super().__init__()
        self.state = TalkState(BEGAN)
        self.now = BEGAN
        self.wearers = {who: Wearer() for who in WHO}
        self.ids = 0

    @initialize(talking=st.booleans(), together=st.booleans())
    def begins(self, talking, together):
        """In a talk that two share, or in one state with two wearers that share nothing but the pause."""
        if together:
            self.state = replace(self.state, people=WHO)
        if talking:
            self.state = steps.begin_topic(self.state, self.now)

    @rule(who=_WHO, dt=st.sampled_from(SECONDS), arousal=_BODY, near=st.sampled_from((0, 53, 54, 107, 108, 120)))
    def feels(self, who, dt, arousal, near):
        """A good second."""
        self.now += timedelta(seconds=dt)
        body = self.wearers[who]
        if arousal is not ArousalState.FLOODED:
            body.episode = None
        elif body.arousal is not ArousalState.FLOODED:
            body.episode = _episode((self.now - BEGAN).total_seconds())
        body.arousal, body.last_good = arousal, self.now
        self.reads(who, Signal.OK, near)

    @rule(who=_WHO, dt=st.sampled_from(SECONDS), signal=st.sampled_from([s for s in Signal if s is not Signal.OK]))
    def is_faulty(self, who, dt, signal):
        """A second without a signal: the arousal underneath is suspended."""
        self.now += timedelta(seconds=dt)
        self.reads(who, signal, 0)

    @rule(who=_WHO, dt=st.sampled_from(SECONDS))
    def has_no_strap(self, who, dt):
        self.now += timedelta(seconds=dt)
        self.follow(who, "clock", policy.step(self.state, who, None, self.now, SETTINGS, self.fresh()))

    @rule(who=_WHO, action=st.sampled_from(ACTIONS), which=st.sampled_from((0, 0, 0, 1)))
    def does(self, who, action, which):
        """Anything a person may ask for, at any time."""
        before = self.state
        try:
            after = self.asked(who, action, which)
        except Exception as error:  # noqa: BLE001  whatever it is, it has to be an answer for people
            refused_with_409(error)
            assert self.state is before
            self.seen["refused", action] += 1
            return
        self.seen["done", action] += 1
        self.promise(who, action, after)
        self.follow(who, action, after)

    @rule(
        who=_WHO,
        action=st.sampled_from(
            ("snooze", "unsnooze", "snooze", "unsnooze", "acknowledge", "notice snooze", "notice wake")
        ),
    )
    def puts_off(self, who, action):
        """What is asked for again and again."""
        self.does(who, action, 0)

    @rule(who=_WHO, action=st.sampled_from(OF_TWO))
    def shares(self, who, action):
        """What is asked of the one sentence."""
        self.does(who, action, 0)

    @rule()
    def restarts(self):
        again = state_from_json(state_to_json(self.state))
        assert again == self.state
        self.state = again

    def fresh(self):
        self.ids += 1
        return f"id{self.ids}"

    def reads(self, who, signal, near):
        body = self.wearers[who]
        t_s = (self.now - BEGAN).total_seconds()
        heart = 110.0 if signal is Signal.OK else None
        reading = Reading(
            t_s, body.arousal, signal, heart, None, Missing.TOO_SHORT, None, Missing.TOO_SHORT, 1.0, LINE, USUAL,
            near, (), body.episode, "",
        )  # fmt: skip
        if quiet := policy.why_quiet(self.state, who, reading, self.now, SETTINGS):
            self.seen[named(quiet)] += 1
        silent_s = (self.now - body.last_good).total_seconds()
        after = policy.step(self.state, who, reading, self.now, SETTINGS, self.fresh(), silent_s=silent_s)
        self.check_raised(who, reading, after)
        self.check_notice(who, reading, silent_s, after)
        self.follow(who, "clock", after)

    def asked(self, who, action, which):
        state, now = self.state, self.now
        own, last = state.latest_suggestion(who), state.latest_notice(who)
        suggestion_id = own.id if own and not which else next((s.id for s in state.suggestions), "none")
        notice = last.id if last and not which else next((n.id for n in state.notices), "none")
        if action in tuple(Answer):
            reason = NotFlooding.CAFFEINE if action == "dismiss" else None
            return steps.answer_suggestion(
                state, who, suggestion_id, Answer(action), now, SETTINGS, fresh_id=self.fresh(), reason=reason
            )
        if action.startswith("notice "):
            taken = NoticeStep(action.removeprefix("notice "))
            return steps.answer_notice(state, who, notice, taken, now, SETTINGS)
        return {
            "unsnooze": lambda: steps.cancel_snooze(state, who, now),
            "unsilence": lambda: steps.unsilence(state, who),
            "mute": lambda: steps.mute(state, who, now, SETTINGS),
            "unmute": lambda: steps.unmute(state, who, now),
            "topic": lambda: steps.begin_topic(state, now),
            "pause": lambda: steps.call_pause(state, who, now, SETTINGS, self.fresh()),
            "return": lambda: steps.change_pause(state, PauseTrigger.RETURN, now, person_id=who),
            "extend": lambda: steps.change_pause(
                state, PauseTrigger.EXTEND, now, extend_by=timedelta(minutes=10), person_id=who
            ),
            "raise": lambda: steps.raise_silently(state, who, now, SETTINGS),
            "put away": lambda: steps.put_away(state, who),
            "see shared": lambda: steps.acknowledge_shared(state, who),
            "end": lambda: steps.end_talk(state, now),
        }[action]()

    def promise(self, who, action, after):
        """What a step that was not refused promises from now on."""
        wearer = self.wearers[who]
        if action == "snooze":
            wearer.snoozed_until = self.now + SETTINGS.snooze
        elif action == "unsnooze":
            wearer.snoozed_until = self.now
        elif action == "dismiss":
            wearer.silenced = True
            (labelled,) = [s for s in after.suggestions if s not in self.state.suggestions]
            assert labelled.reason is NotFlooding.CAFFEINE, "“This isn't flooding” labels the episode"
        elif action == "unsilence":
            wearer.silenced = False
        elif action == "notice snooze":
            wearer.notice_snoozed_until = self.now + SETTINGS.notice_snooze
        elif action == "notice wake":
            wearer.notice_snoozed_until = None

    def check_raised(self, who, reading, after):
        known = {s.id for s in self.state.suggestions}
        new = [s for s in after.suggestions if s.id not in known]
        if not new:
            return
        ((suggestion),) = new
        wearer = self.wearers[who]
        assert suggestion.wearer_id == who
        assert reading.signal is Signal.OK, "a technical fault suggested a pause"
        assert reading.state is ArousalState.FLOODED
        assert after.phase is Phase.TALKING
        assert after.pause is None
        assert not wearer.silenced, "it was silenced for this talk"
        snoozed = wearer.snoozed_until is not None
        assert not snoozed or self.now >= wearer.snoozed_until, "a snooze was broken"
        if not snoozed:
            assert reading.episode.began_t_s not in wearer.told, "one flood was told twice"
            assert wearer.raised_at is None or self.now >= wearer.raised_at + SETTINGS.refractory
        wearer.told |= {reading.episode.began_t_s}
        wearer.raised_at, wearer.snoozed_until = self.now, None

    def check_notice(self, who, reading, silent_s, after):
        notice, before = after.open_notice(who), self.state.open_notice(who)
        wearer = self.wearers[who]
        if reading.signal is Signal.OK:
            assert notice is None, "a notice outlived its fault"
        if notice is None or after.phase is Phase.ENDED:
            return
        assert after.pause is None
        if before is None:
            assert silent_s >= 30
            assert notice.state is NoticeState.OPEN
        if notice.state is NoticeState.OPEN:
            until = wearer.notice_snoozed_until
            assert until is None or self.now >= until, "a snooze was broken"

    def follow(self, who, action, after):
        """Whatever happened, this holds between the state before and the state after it."""
        before, self.state = self.state, after
        for old in before.suggestions:
            new = next(s for s in after.suggestions if s.id == old.id)
            self.check_suggestion(who, action, old, new)
        other = next(w for w in WHO if w != who)
        if action not in {"clock", "end"}:
            for of in (TalkState.latest_suggestion, TalkState.latest_notice):
                assert of(after, other) == of(before, other), "what one does changed an alert of the other"
        assert (other in after.silenced) == (other in before.silenced)
        assert after.muted_until(other, self.now) == before.muted_until(other, self.now)
        if after.people:
            self.check_seen(action, seen_by(before, other), seen_by(after, other))
            self.check_shared(action, before, after)
        self.check_pauses()
        for found in (*after.suggestions, *after.notices, *after.pauses, *self.courses()):
            self.seen[named(found.state)] += 1

    def check_seen(self, action, before, after):
        """What one does, and what one's body does, reaches the other by what both share only."""
        if action not in SHARED_BY:
            assert after == before, "something of one's own was seen by the other"
        if action == "clock":
            assert (after.notices, after.mutes, after.silenced) == (before.notices, before.mutes, before.silenced)
            for pause, was in zip(after.pauses, before.pauses, strict=True):
                assert pause.courses == was.courses, "one's way through the pause was seen by the other"

    def check_shared(self, action, before, after):
        """The sentence is the same for both, and leaves for whoever has not seen it, once."""
        unanswered = tuple(replace(said, put_away_by=(), acknowledged_by=()) for said in after.shared)
        one, other = (seen_by(replace(after, shared=unanswered), who).shared for who in WHO)
        assert one == other
        for new, old in zip_longest(after.shared, before.shared):
            for who in set(new.escalated_to) - set(old.escalated_to if old else ()):
                assert action == "clock"
                assert new.calls(who)
                assert after.muted_until(who, self.now) is None
                assert self.now >= new.said_at + SETTINGS.escalate_after
                self.seen["the sentence left"] += 1
        for suggestion in after.suggestions:
            was = next((s for s in before.suggestions if s.id == suggestion.id), None)
            if suggestion.escalated_at and not (was and was.escalated_at):
                shared = before.shared_suggestion
                assert shared is None or self.now >= shared.expires_at or not shared.calls(suggestion.wearer_id)

    def courses(self):
        return [course for pause in self.state.pauses for course in pause.courses]

    def check_suggestion(self, who, action, old, new):
        if old.waits and not new.waits:
            theirs = action in ANSWERED_BY and (who == old.wearer_id or action == "end")
            assert theirs or self.now >= old.expires_at, "a latched suggestion went by itself"
        if action == "clock" and new.waits:
            assert self.now < new.expires_at, "a suggestion outlived its expiry"
        if not old.waits:
            assert new.state is old.state, "an answer was changed afterwards"
        for once in ("acknowledged_at", "escalated_at", "cleared_at"):
            assert getattr(old, once) in {None, getattr(new, once)}, f"{once} came twice"
        if new.escalated_at is not None and old.escalated_at is None:
            assert old.acknowledged_at is None
            assert new.waits
            assert self.state.muted_until(new.wearer_id, self.now) is None
        if new.cleared_at is not None and old.cleared_at is None:
            assert self.wearers[new.wearer_id].last_good == self.now, "a gap was taken for recovery"

    def check_pauses(self):
        for pause in self.state.pauses:
            for own in (pause.of(who) for who in self.state.people or WHO[:1]):
                if own.state in {PauseState.READY, PauseState.MISSED, PauseState.RETURNED}:
                    assert own.ready_at - own.called_at >= own.minimum, "ready before the minimum"
                    assert own.ready_at >= own.return_at or own.extensions
        assert all(pause.state in OVER for pause in self.state.pauses[:-1])


def named(state):
    """States of different machines may have the same value; here they are different."""
    return f"{type(state).__name__}.{state.name}"


EVERYTHING = {
    *(named(state) for kind in (SuggestionState, NoticeState, PauseState) for state in kind),
    *(named(quiet) for quiet in Quiet if quiet is not Quiet.SIGNAL_KNOWN),
    # Only a signal that is back ends a notice; that is refused to people, always.
    *(("done", action) for action in (*ACTIONS, *OF_TWO) if action != "notice clear"),
    # Leaving is never refused.
    *(("refused", action) for action in (*ACTIONS, *OF_TWO) if action != "end"),
    "the sentence left",
}
"""What random talks have to reach: every state, every reason to be quiet, every step allowed and refused."""
