"""The product's alarm rules, one by one. Each is a fault that some other program has."""

from datetime import timedelta
from itertools import product

import pytest

from alerts import policy, policy_settings, steps
from alerts.alert_rules import Condition, Quiet
from alerts.channels import Message
from alerts.notice import NOTICE_STEPS, IllegalNoticeStep, Notice, NoticeState, NoticeStep
from alerts.notice import step as step_notice
from alerts.policy_settings import PolicySettings
from alerts.ports import Talk
from alerts.suggestion import ANSWERS, WAITING, Answer, IllegalAnswer, NotFlooding, Suggestion, SuggestionState, answer
from alerts.talk_state import TalkState
from alerts.talk_step import IllegalTalkStep
from alerts.telling import to_tell, to_withdraw
from hrv.reading import ArousalState, Signal
from tests.bodies import FLOODED, episode, reading
from tests.unit.alerts.floods import BEGAN, MIRA, SETTINGS, TALKING, answered, at

JONAS = "jonas"
CALM = reading(ArousalState.CALM)
MINUTE = timedelta(minutes=1)
TALK = Talk("talk", MIRA, "recording", BEGAN, 60, "Strap", False, 100.0)


def see(state, seen, minutes, *, who=MIRA, fresh_id="s1", silent_s=0.0):
    return policy.step(state, who, seen, at(minutes), SETTINGS, fresh_id, silent_s=silent_s)


def off(signal=Signal.OFF_BODY, state=ArousalState.CALM):
    return reading(state, signal=signal)


RAISED = see(TALKING, FLOODED, 20)


# The physiological and the technical condition are two machines.


@pytest.mark.parametrize("signal", [s for s in Signal if s is not Signal.OK])
def test_a_fault_neither_starts_nor_clears_nor_extends_a_flood(signal):
    faulty = off(signal, ArousalState.FLOODED)
    assert see(TALKING, faulty, 20, silent_s=5).suggestions == ()
    gone = see(RAISED, faulty, 21, silent_s=300)
    (kept,) = gone.suggestions
    assert kept.waits
    assert kept.expires_at == RAISED.suggestions[0].expires_at
    answered_ = answered(gone, Answer.DISMISS, 22, reason=NotFlooding.MOVING)
    assert see(answered_, faulty, 23, silent_s=400).suggestions[0].cleared_at is None


def test_a_gap_is_not_recovery_and_the_one_all_clear_waits_for_a_good_signal():
    state = answered(RAISED, Answer.SNOOZE, 21)
    state = see(state, off(state=ArousalState.CALM), 22, silent_s=60)
    assert state.suggestions[0].cleared_at is None
    state = see(state, CALM, 23)
    assert state.suggestions[0].cleared_at == at(23)
    again = see(see(state, FLOODED, 23.5), CALM, 24)
    assert again.suggestions[0].cleared_at == at(23), "there is one all-clear"


def test_no_all_clear_while_the_suggestion_waits():
    assert see(RAISED, CALM, 21).suggestions[0].cleared_at is None


# The suggestion latches, technical notices do not.


@pytest.mark.parametrize(("state", "given"), list(product(SuggestionState, Answer)))
def test_every_answer_is_in_the_suggestions_table_or_refused(state, given):
    suggestion = Suggestion("s", MIRA, 1200.0, at(20), at(25), state=state)
    if (state, given) in ANSWERS:
        assert answer(suggestion, given, at(21), snooze_for=MINUTE).state is ANSWERS[state, given]
        return
    with pytest.raises(IllegalAnswer):
        answer(suggestion, given, at(21), snooze_for=MINUTE)


@pytest.mark.parametrize(("state", "taken"), list(product(NoticeState, NoticeStep)))
def test_every_step_is_in_the_notices_table_or_refused(state, taken):
    notice = Notice("n", MIRA, at(20), at(20.5), state=state)
    if (state, taken) in NOTICE_STEPS:
        assert step_notice(notice, taken, at(21), snooze_for=MINUTE).state is NOTICE_STEPS[state, taken]
        return
    with pytest.raises(IllegalNoticeStep):
        step_notice(notice, taken, at(21), snooze_for=MINUTE)


def test_a_snooze_needs_a_time():
    with pytest.raises(ValueError, match="greater than 0"):
        answer(RAISED.suggestions[0], Answer.SNOOZE, at(21))
    with pytest.raises(ValueError, match="greater than 0"):
        step_notice(Notice("n", MIRA, at(20), at(20.5)), NoticeStep.SNOOZE, at(21))


def test_every_state_of_both_tables_can_be_reached():
    for table, first, all_states in (
        (ANSWERS, SuggestionState.OPEN, SuggestionState),
        (NOTICE_STEPS, NoticeState.OPEN, NoticeState),
    ):
        reached = {first}
        while more := {to for (begin, _), to in table.items() if begin in reached} - reached:
            reached |= more
        assert reached == set(all_states)
    assert {state for state, _ in ANSWERS} == WAITING, "an answer is final"


def test_the_table_says_that_only_the_suggestion_latches_escalates_and_can_be_silenced():
    table = policy_settings.rules(SETTINGS)
    assert set(table) == set(Condition)
    flooding, signal = table[Condition.FLOODING], table[Condition.SIGNAL]
    assert (flooding.latches, signal.latches) == (True, False)
    assert (flooding.escalate_after is not None, signal.escalate_after) == (True, None)
    assert (flooding.silenced_for_the_talk, signal.silenced_for_the_talk) == (True, False)


def test_a_notice_comes_after_thirty_seconds_and_goes_with_the_fault():
    assert see(TALKING, off(), 20, silent_s=29.9).notices == ()
    told = see(TALKING, off(), 20, silent_s=30)
    assert told.open_notice(MIRA).began_at == at(19.5)
    assert see(told, off(), 21, silent_s=90) is told, "one stretch is told once"
    back = see(told, CALM, 21.5)
    assert back.open_notice(MIRA) is None
    assert back.notices[0].cleared_at == at(21.5)


def test_a_strap_that_comes_and_goes_is_not_told_each_time():
    back = see(see(TALKING, off(), 20, silent_s=30), CALM, 20.5)
    assert see(back, off(), 21.5, silent_s=40).open_notice(MIRA) is None
    assert see(back, off(), 22.5, silent_s=60).open_notice(MIRA) is not None


def test_without_a_strap_there_is_no_notice():
    assert see(TALKING, None, 30, silent_s=600).notices == ()


# Acknowledged, snoozed, muted and inhibited are four different things.


def test_acknowledged_is_seen_it_waits_on_and_goes_nowhere_else():
    state = answered(RAISED, Answer.ACKNOWLEDGE, 20.1)
    assert state.open_suggestion(MIRA).state is SuggestionState.ACKNOWLEDGED
    assert see(state, FLOODED, 21).suggestions[0].escalated_at is None
    assert see(state, CALM, 24.9).open_suggestion(MIRA) is not None
    assert see(state, CALM, 25).latest_suggestion(MIRA).state is SuggestionState.EXPIRED


def test_muted_is_shown_but_heard_nowhere_and_its_time_can_be_told():
    muted = steps.mute(TALKING, MIRA, at(19), SETTINGS)
    assert muted.muted_until(MIRA, at(20)) == at(19) + SETTINGS.mute
    raised = see(see(muted, FLOODED, 20), FLOODED, 21)
    assert raised.open_suggestion(MIRA) is not None
    assert raised.suggestions[0].escalated_at is None
    heard = steps.unmute(raised, MIRA, at(21))
    assert see(heard, FLOODED, 21.1).suggestions[0].escalated_at == at(21.1)
    with pytest.raises(IllegalTalkStep, match="nothing is muted"):
        steps.unmute(heard, MIRA, at(22))


def test_inhibited_is_held_back_by_a_rule_and_no_persons_step_ends_it():
    paused = steps.call_pause(TALKING, MIRA, at(19), SETTINGS, "p")
    assert policy.why_quiet(paused, MIRA, FLOODED, at(20), SETTINGS) is Quiet.IN_PAUSE
    assert see(paused, off(), 20, silent_s=60).notices == ()
    told = see(TALKING, off(), 18, silent_s=60)
    in_pause = see(steps.call_pause(told, MIRA, at(19), SETTINGS, "p"), off(), 20, silent_s=120)
    assert in_pause.open_notice(MIRA) is None


# A snooze is per wearer and per condition, is kept, can be cancelled, and is not defeated by the next reading.


def test_a_snoozed_flood_leaves_the_straps_notice_alone_and_the_other_way_round():
    snoozed = answered(RAISED, Answer.SNOOZE, 20.5)
    told = see(snoozed, off(), 22, silent_s=60)
    assert told.open_notice(MIRA).state is NoticeState.OPEN
    put_off = steps.answer_notice(told, MIRA, told.open_notice(MIRA).id, NoticeStep.SNOOZE, at(22), SETTINGS)
    assert see(put_off, FLOODED, 25.6, fresh_id="s2").open_suggestion(MIRA).id == "s2"


def test_a_notices_snooze_holds_also_when_the_signal_was_back_in_between():
    told = see(TALKING, off(), 20, silent_s=30)
    snoozed = steps.answer_notice(told, MIRA, told.open_notice(MIRA).id, NoticeStep.SNOOZE, at(20), SETTINGS)
    assert see(snoozed, off(), 29.9, silent_s=600).open_notice(MIRA).state is NoticeState.SNOOZED
    assert see(snoozed, off(), 30, silent_s=600).open_notice(MIRA).state is NoticeState.OPEN
    back = see(snoozed, CALM, 21)
    assert see(back, off(), 29.9, silent_s=300).open_notice(MIRA) is None
    assert see(back, off(), 30.1, silent_s=300).open_notice(MIRA) is not None


def test_a_notices_snooze_can_be_cancelled():
    told = see(TALKING, off(), 20, silent_s=30)
    one = told.open_notice(MIRA).id
    snoozed = steps.answer_notice(told, MIRA, one, NoticeStep.SNOOZE, at(20), SETTINGS)
    woken = steps.answer_notice(snoozed, MIRA, one, NoticeStep.WAKE, at(21), SETTINGS)
    assert woken.open_notice(MIRA).state is NoticeState.OPEN
    with pytest.raises(IllegalNoticeStep):
        steps.answer_notice(woken, MIRA, one, NoticeStep.WAKE, at(21), SETTINGS)


def test_only_the_strap_ends_a_notice_and_only_its_own_wearer_answers_it():
    told = see(TALKING, off(), 20, silent_s=30)
    one = told.open_notice(MIRA).id
    with pytest.raises(IllegalTalkStep, match="only a signal"):
        steps.answer_notice(told, MIRA, one, NoticeStep.CLEAR, at(20), SETTINGS)
    with pytest.raises(IllegalTalkStep, match="no such notice"):
        steps.answer_notice(told, JONAS, one, NoticeStep.ACKNOWLEDGE, at(20), SETTINGS)


def test_nothing_is_raised_again_on_old_data():
    """The same flood's readings come again, also ones from before the answer."""
    for given in (Answer.SNOOZE, Answer.DISMISS):
        state = answered(RAISED, given, 21)
        for minute in (20, 20.5, 21, 24):
            state = see(state, FLOODED, minute, fresh_id="again")
        assert len(state.suggestions) == 1
    expired = see(RAISED, FLOODED, 25)
    assert len(see(expired, FLOODED, 60, fresh_id="again").suggestions) == 1


# Two wearers: each has their own.


def test_what_one_wearer_does_changes_nothing_for_the_other():
    both = see(RAISED, FLOODED, 20, who=JONAS, fresh_id="j1")
    assert {s.wearer_id for s in both.suggestions} == {MIRA, JONAS}
    for given in (Answer.SNOOZE, Answer.DISMISS, Answer.ACKNOWLEDGE):
        assert answered(both, given, 21).open_suggestion(JONAS) == both.open_suggestion(JONAS)
    silenced = answered(both, Answer.DISMISS, 21)
    later = reading(ArousalState.FLOODED, flood=episode(3000.0))
    assert policy.why_quiet(silenced, JONAS, later, at(50), SETTINGS) in {None, Quiet.WAITING}
    muted = steps.mute(both, MIRA, at(20), SETTINGS)
    escalated = see(see(muted, FLOODED, 21), FLOODED, 21, who=JONAS)
    assert [s.escalated_at is not None for s in escalated.suggestions] == [False, True]


# Escalation goes to the wearer's own channels, once, and its words say nothing.


def told(before, after, minutes, speed=1.0):
    return list(to_tell(TALK, before, after, at(minutes), speed))


def test_an_unseen_suggestion_leaves_once_by_the_wearers_own_channels_and_the_all_clear_follows_it():
    assert see(RAISED, FLOODED, 20 + 9.9 / 60) is RAISED
    escalated = see(RAISED, FLOODED, 20 + 10 / 60)
    (message,) = told(RAISED, escalated, 20.5)
    assert (message.wearer_id, message.message, message.lasts_s) == (MIRA, Message.SUGGESTED, 270)
    assert see(escalated, FLOODED, 21) is escalated
    dismissed = answered(escalated, Answer.DISMISS, 22)
    assert list(to_withdraw(TALK, escalated, dismissed)) == [message.key]
    (clear,) = told(dismissed, see(dismissed, CALM, 23), 23)
    assert (clear.message, clear.follows) == (Message.ALL_CLEAR, message.key)


def test_what_was_seen_on_the_page_sends_no_all_clear_either():
    seen = answered(RAISED, Answer.ACKNOWLEDGE, 20.1)
    dismissed = answered(seen, Answer.DISMISS, 21)
    assert told(dismissed, see(dismissed, CALM, 22), 22) == []


def test_nothing_of_the_others_alert_goes_to_ones_own_channels():
    theirs = see(TALKING, FLOODED, 20, who=JONAS, fresh_id="j1")
    escalated = see(theirs, FLOODED, 21, who=JONAS)
    assert escalated.suggestions[0].escalated_at is not None
    assert told(theirs, escalated, 21) == []
    assert list(to_withdraw(TALK, escalated, steps.end_talk(escalated, at(22)))) == []


def test_a_message_is_known_by_its_episode_so_a_restart_that_raises_it_anew_tells_it_under_the_same_key():
    again = see(see(TALKING, FLOODED, 20.02, fresh_id="another"), FLOODED, 21)
    (first,) = told(TALKING, see(RAISED, FLOODED, 21), 21)
    (second,) = told(TALKING, again, 21)
    assert first.key == second.key
    snoozed = answered(see(RAISED, FLOODED, 21), Answer.SNOOZE, 21)
    rung = see(see(snoozed, FLOODED, 26, fresh_id="s2"), FLOODED, 27)
    (asked_for,) = told(snoozed, rung, 27)
    assert asked_for.key != first.key, "what the wearer asked to hear again is another message"


def test_in_the_demo_unseen_means_ten_real_seconds_too():
    assert PolicySettings.at_speed(30).escalate_after == timedelta(seconds=300)
    assert PolicySettings.at_speed(0.5) == SETTINGS


# “This isn't flooding” labels the episode and silences that condition for the talk.


def test_this_is_not_flooding_labels_the_episode_and_leaves_the_strap_its_voice():
    state = answered(RAISED, Answer.DISMISS, 21, reason=NotFlooding.EXCITED)
    (labelled,) = state.suggestions
    assert (labelled.episode_began_t_s, labelled.reason) == (1200.0, NotFlooding.EXCITED)
    later = reading(ArousalState.FLOODED, flood=episode(3000.0))
    assert len(see(state, later, 50, fresh_id="s2").suggestions) == 1
    assert see(state, off(), 51, silent_s=60).open_notice(MIRA) is not None


def test_ending_the_talk_leaves_no_notice_and_no_step_afterwards():
    told_ = see(TALKING, off(), 20, silent_s=30)
    ended = steps.end_talk(told_, at(21))
    assert ended.open_notice(MIRA) is None
    for act in (
        lambda: steps.mute(ended, MIRA, at(22), SETTINGS),
        lambda: steps.unmute(ended, MIRA, at(22)),
        lambda: steps.answer_notice(ended, MIRA, "x", NoticeStep.SNOOZE, at(22), SETTINGS),
    ):
        with pytest.raises(IllegalTalkStep, match="has ended"):
            act()
    assert isinstance(ended, TalkState)
