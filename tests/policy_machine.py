"""Random talks of two wearers: readings, faults, steps of people, restarts and jumps of the clock.

What has to hold after every step is said in `tests.policy_promises`.
"""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from alerts import policy, steps
from alerts.alert_rules import Quiet
from alerts.notice import NoticeState, NoticeStep
from alerts.pause import PauseState, PauseTrigger
from alerts.suggestion import Answer, NotFlooding, SuggestionState
from hrv.reading import ArousalState, Signal
from journal.talks import state_from_json, state_to_json
from tests.bodies import episode, reading
from tests.fakes import BEGAN
from tests.policy_promises import SETTINGS, WHO, Promises, named
from tests.refusals import refused_with_409

SECONDS = (1, 2, 9, 11, 31, 60, 121, 299, 301, 601, 1199, 1201, 2400, 3 * 3600)
"""Steps of the clock around every limit of the policy; the last is a laptop that slept."""

_WHO = st.sampled_from((*WHO, "mira", "mira"))
_BODY = st.sampled_from((*ArousalState, *[ArousalState.FLOODED] * 4))
"""Most talks have a flood, and one heart that it belongs to; else hardly anything would happen in thirty steps."""


ACTIONS = (
    "accept", "snooze", "dismiss", "acknowledge", "unsnooze", "unsilence", "mute", "unmute",
    "notice acknowledge", "notice snooze", "notice wake", "notice clear",
    "topic", "pause", "return", "extend", "end",
)  # fmt: skip
OF_TWO = ("raise", "put away", "see shared")


class Talk(Promises, RuleBasedStateMachine):
    """One talk, as a random sequence."""

    def __init__(self):
        super().__init__()
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
            body.episode = episode((self.now - BEGAN).total_seconds())
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
        seen = reading(
            body.arousal,
            t_s=(self.now - BEGAN).total_seconds(),
            signal=signal,
            bpm=110.0 if signal is Signal.OK else None,
            near_usual_s=near,
            flood=body.episode,
        )
        if quiet := policy.why_quiet(self.state, who, seen, self.now, SETTINGS):
            self.seen[named(quiet)] += 1
        silent_s = (self.now - body.last_good).total_seconds()
        after = policy.step(self.state, who, seen, self.now, SETTINGS, self.fresh(), silent_s=silent_s)
        self.check_raised(who, seen, after)
        self.check_notice(who, seen, silent_s, after)
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
