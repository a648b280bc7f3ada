"""When a pause is suggested, and what becomes of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import policy, readiness, steps
from alerts.alert_rules import Quiet
from alerts.pause import PauseState, PauseTrigger
from alerts.policy_settings import PolicySettings
from alerts.suggestion import Answer, IllegalAnswer, NotFlooding, SuggestionState
from alerts.talk_state import Phase, TalkState
from alerts.talk_step import IllegalTalkStep
from hrv.reading import ArousalState, Baseline, Signal
from tests.bodies import FLOODED, USUAL, episode, reading
from tests.unit.alerts.floods import BEGAN, MIRA, SETTINGS, TALKING, answered, at


def flood_at(minutes, state=TALKING, seen=FLOODED, fresh_id="s1"):
    return policy.step(state, MIRA, seen, at(minutes), SETTINGS, fresh_id)


def test_a_flood_raises_one_suggestion_and_says_until_when_it_waits():
    state = flood_at(20)
    suggestion = state.open_suggestion(MIRA)
    assert suggestion.expires_at == at(25)
    assert suggestion.episode_began_t_s == 1200.0


def test_the_suggestion_latches_while_readings_come_and_go():
    state = flood_at(20)
    for calm in (FLOODED, reading(ArousalState.RECOVERING), reading(ArousalState.CALM)):
        state = policy.step(state, MIRA, calm, at(21), SETTINGS, "other")
        assert [(s.id, s.state) for s in state.suggestions] == [("s1", SuggestionState.OPEN)]


@pytest.mark.parametrize("signal", [s for s in Signal if s is not Signal.OK])
def test_a_technical_fault_raises_nothing(signal):
    assert flood_at(20, seen=reading(ArousalState.FLOODED, signal=signal)) is TALKING


@pytest.mark.parametrize("state", [s for s in ArousalState if s is not ArousalState.FLOODED])
def test_only_flooding_raises_a_suggestion(state):
    assert flood_at(20, seen=reading(state)) is TALKING


def test_an_unanswered_suggestion_expires_and_the_same_flood_is_not_announced_again():
    expired = flood_at(25, flood_at(20))
    assert expired.latest_suggestion(MIRA).state is SuggestionState.EXPIRED
    assert policy.why_quiet(expired, MIRA, FLOODED, at(50), SETTINGS) is Quiet.ANSWERED


def test_a_snooze_holds_against_readings_and_rings_again_while_the_flood_lasts():
    snoozed = answered(flood_at(20), Answer.SNOOZE, 21)
    assert flood_at(25.9, snoozed) is snoozed
    again = flood_at(26, snoozed, fresh_id="s2")
    assert again.open_suggestion(MIRA).id == "s2"


def test_a_snooze_that_runs_out_after_the_flood_stays_quiet():
    snoozed = answered(flood_at(20), Answer.SNOOZE, 21)
    calm = policy.step(snoozed, MIRA, reading(ArousalState.CALM), at(30), SETTINGS, "s2")
    assert [s.id for s in calm.suggestions] == ["s1"]


def test_this_is_not_flooding_silences_the_rest_of_the_talk_and_keeps_the_reason():
    dismissed = answered(flood_at(20), Answer.DISMISS, 21, reason=NotFlooding.CAFFEINE)
    assert dismissed.latest_suggestion(MIRA).reason is NotFlooding.CAFFEINE
    later = reading(ArousalState.FLOODED, flood=episode(3000.0))
    assert policy.why_quiet(dismissed, MIRA, later, at(50), SETTINGS) is Quiet.SILENCED


def test_another_episode_soon_after_stays_quiet_and_a_later_one_does_not():
    expired = flood_at(25, flood_at(20))
    next_flood = reading(ArousalState.FLOODED, flood=episode(1700.0))
    assert policy.why_quiet(expired, MIRA, next_flood, at(29), SETTINGS) is Quiet.REFRACTORY
    assert policy.why_quiet(expired, MIRA, next_flood, at(30), SETTINGS) is None


def test_no_suggestion_during_a_pause():
    paused = steps.call_pause(TALKING, MIRA, at(20), SETTINGS, "p1")
    assert policy.why_quiet(paused, MIRA, FLOODED, at(21), SETTINGS) is Quiet.IN_PAUSE


def test_accepting_begins_a_pause_of_at_least_twenty_minutes_with_a_whole_minute_to_return():
    paused = answered(flood_at(20), Answer.ACCEPT, 20.5)
    assert paused.pause.return_at == at(41)
    assert paused.pause.return_at - paused.pause.called_at >= timedelta(minutes=20)
    assert paused.pause.suggestion_id == "s1"


def test_calling_a_pause_answers_ones_own_open_suggestion():
    paused = steps.call_pause(flood_at(20), MIRA, at(21), SETTINGS, "p1")
    assert paused.latest_suggestion(MIRA).state is SuggestionState.ACCEPTED
    assert paused.pause.suggestion_id == "s1"


def test_an_answer_that_comes_too_late_is_refused_and_changes_nothing():
    expired = flood_at(25, flood_at(20))
    with pytest.raises(IllegalAnswer, match="expired does not take 'snooze'"):
        steps.answer_suggestion(expired, MIRA, "s1", Answer.SNOOZE, at(26), SETTINGS, fresh_id="p1")


def test_taking_the_pause_works_also_a_second_after_the_suggestion_expired():
    expired = flood_at(25, flood_at(20))
    paused = steps.answer_suggestion(expired, MIRA, "s1", Answer.ACCEPT, at(25.1), SETTINGS, fresh_id="p1")
    assert paused.pause.state is PauseState.RUNNING
    assert paused.latest_suggestion(MIRA).state is SuggestionState.EXPIRED


def test_a_fast_heart_in_the_quiet_minutes_suggests_nothing():
    fresh = TalkState(BEGAN)
    assert policy.why_quiet(fresh, MIRA, FLOODED, at(3), SETTINGS) is Quiet.QUIET_MINUTES


def test_a_snooze_can_be_cancelled_and_the_lasting_flood_is_announced_again():
    snoozed = answered(flood_at(20), Answer.SNOOZE, 21)
    cancelled = steps.cancel_snooze(snoozed, MIRA, at(21.4))
    assert flood_at(21.5, cancelled, fresh_id="s2").open_suggestion(MIRA).id == "s2"
    for nothing, minute in ((cancelled, 21.5), (snoozed, 26)):
        with pytest.raises(IllegalTalkStep, match="nothing is snoozed"):
            steps.cancel_snooze(nothing, MIRA, at(minute))
    with pytest.raises(IllegalTalkStep, match="nothing is snoozed"):
        steps.cancel_snooze(flood_at(20), MIRA, at(20))


def test_this_is_not_flooding_can_be_taken_back_for_the_next_flood():
    dismissed = answered(flood_at(20), Answer.DISMISS, 21, reason=NotFlooding.MOVING)
    heard = steps.unsilence(dismissed, MIRA)
    assert policy.why_quiet(heard, MIRA, FLOODED, at(22), SETTINGS) is Quiet.ANSWERED
    later = reading(ArousalState.FLOODED, flood=episode(3000.0))
    assert policy.why_quiet(heard, MIRA, later, at(50), SETTINGS) is None
    assert steps.unsilence(TALKING, MIRA) is TALKING


def test_nobody_answers_for_somebody_else():
    with pytest.raises(IllegalTalkStep, match="no such suggestion"):
        steps.answer_suggestion(flood_at(20), "jonas", "s1", Answer.SNOOZE, at(21), SETTINGS, fresh_id="p1")


def test_a_second_pause_is_refused_while_one_runs():
    paused = steps.call_pause(TALKING, MIRA, at(20), SETTINGS, "p1")
    with pytest.raises(IllegalTalkStep, match="already running"):
        steps.call_pause(paused, "jonas", at(21), SETTINGS, "p2")


PAUSED = steps.call_pause(TALKING, MIRA, at(20), SETTINGS, "p1")
CALM_BODY = reading(ArousalState.RECOVERED, near_usual_s=120)


@given(
    minutes=st.floats(20, 39.99),
    state=st.sampled_from(ArousalState),
    near=st.integers(0, 120),
    strap=st.booleans(),
)
def test_no_pause_is_ready_before_its_minimum_whatever_the_body_says(minutes, state, near, strap):
    seen = reading(state, near_usual_s=near) if strap else None
    assert policy.step(PAUSED, MIRA, seen, at(minutes), SETTINGS, "x").pause.state is PauseState.RUNNING


def test_a_pause_is_ready_when_the_minimum_is_over_and_the_body_is_near_its_usual():
    assert policy.step(PAUSED, MIRA, CALM_BODY, at(40), SETTINGS, "x").pause.state is PauseState.READY


@pytest.mark.parametrize(
    "seen",
    [
        reading(ArousalState.RECOVERING, near_usual_s=107),
        reading(ArousalState.FLOODED, near_usual_s=0),
        reading(ArousalState.CALM, signal=Signal.DISCONNECTED, near_usual_s=0),
        reading(ArousalState.CALM, signal=Signal.DISCONNECTED, baseline=None),
        reading(ArousalState.FLOODED, baseline=None),
    ],
)
def test_time_alone_does_not_make_a_wearer_ready(seen):
    assert policy.step(PAUSED, MIRA, seen, at(41), SETTINGS, "x").pause.state is PauseState.RUNNING


def test_without_a_strap_the_minimum_is_all_there_is_to_go_by():
    assert policy.step(PAUSED, MIRA, None, at(40), SETTINGS, "x").pause.state is PauseState.READY


def test_a_body_that_does_not_settle_is_waited_for_until_the_hard_cap_and_no_longer():
    state = PAUSED
    for minute in range(21, 80):
        state = policy.step(state, MIRA, FLOODED, at(minute), SETTINGS, "x")
        assert state.pause.state is PauseState.RUNNING
    assert policy.step(state, MIRA, FLOODED, at(80), SETTINGS, "x").pause.state is PauseState.READY


def test_an_extension_is_kept_although_the_body_is_calm_already():
    ready = policy.step(PAUSED, MIRA, CALM_BODY, at(40), SETTINGS, "x")
    extended = steps.change_pause(ready, PauseTrigger.EXTEND, at(40), extend_by=timedelta(minutes=10))
    assert policy.step(extended, MIRA, CALM_BODY, at(49.9), SETTINGS, "x").pause.state is PauseState.EXTENDED
    assert policy.step(extended, MIRA, CALM_BODY, at(50), SETTINGS, "x").pause.state is PauseState.READY


def test_nobody_misses_a_return_that_the_body_did_not_allow_yet():
    late = policy.step(PAUSED, MIRA, CALM_BODY, at(55), SETTINGS, "x")
    assert late.pause.state is PauseState.READY
    assert policy.step(late, MIRA, CALM_BODY, at(59.9), SETTINGS, "x").pause.state is PauseState.READY
    assert policy.step(late, MIRA, CALM_BODY, at(60), SETTINGS, "x").pause.state is PauseState.MISSED


def test_a_return_time_that_passes_is_missed_only_after_some_minutes_grace():
    ready = policy.step(PAUSED, MIRA, CALM_BODY, at(40), SETTINGS, "x")
    assert policy.step(ready, MIRA, CALM_BODY, at(44.9), SETTINGS, "x").pause.state is PauseState.READY
    missed = policy.step(ready, MIRA, CALM_BODY, at(45), SETTINGS, "x")
    assert missed.pause.state is PauseState.MISSED
    back = steps.change_pause(missed, PauseTrigger.RETURN, at(46))
    assert back.pause is None
    assert back.pauses[-1].state is PauseState.RETURNED


def test_the_topic_begins_by_itself_when_the_quiet_minutes_are_over():
    fresh = TalkState(BEGAN)
    assert policy.step(fresh, MIRA, reading(), at(4.9), SETTINGS, "x") is fresh
    assert policy.step(fresh, MIRA, reading(), at(5), SETTINGS, "x").topic_began_at == at(5)


@pytest.mark.parametrize(
    ("minutes", "began"), [(5 + 1 / 100, 5), (40, 40)], ids=["a strap that speaks within the second", "after a sleep"]
)
def test_when_the_topic_began_does_not_say_whose_strap_spoke(minutes, began):
    fresh = TalkState(started_at=at(0))
    assert policy.step(fresh, MIRA, reading(), at(minutes), SETTINGS, "x").topic_began_at == at(began)


def test_the_topic_begins_once():
    with pytest.raises(IllegalTalkStep, match="already"):
        steps.begin_topic(TALKING, at(6))


def test_ending_a_talk_closes_what_was_open_and_always_works():
    ended = steps.end_talk(steps.call_pause(flood_at(20), "jonas", at(21), SETTINGS, "p1"), at(22))
    assert ended.phase is Phase.ENDED
    assert ended.latest_suggestion(MIRA).state is SuggestionState.EXPIRED
    assert ended.pauses[-1].state is PauseState.ENDED
    assert steps.end_talk(ended, at(23)) is ended


@pytest.mark.parametrize(
    "act",
    [
        lambda s: steps.call_pause(s, MIRA, at(30), SETTINGS, "p"),
        lambda s: steps.change_pause(s, PauseTrigger.RETURN, at(30)),
        lambda s: steps.answer_suggestion(s, MIRA, "s1", Answer.ACCEPT, at(30), SETTINGS, fresh_id="p"),
    ],
)
def test_nothing_happens_in_a_talk_that_has_ended(act):
    ended = steps.end_talk(flood_at(20), at(22))
    with pytest.raises(IllegalTalkStep, match="has ended"):
        act(ended)


def test_an_ended_talk_raises_nothing():
    ended = steps.end_talk(TALKING, at(22))
    assert policy.step(ended, MIRA, FLOODED, at(23), SETTINGS, "x") is ended


def test_at_the_demos_speed_a_suggestion_waits_thirty_real_seconds():
    fast = PolicySettings.at_speed(120)
    assert fast.suggestion_lasts / 120 >= timedelta(seconds=30)
    assert PolicySettings.at_speed(1) == SETTINGS


def test_ready_is_taken_back_when_the_body_rises_again_but_not_when_the_strap_comes_off():
    ready = policy.step(PAUSED, MIRA, CALM_BODY, at(40), SETTINGS, "x")
    taken_off = replace(reading(ArousalState.RECOVERED, signal=Signal.OFF_BODY), heart_rate_bpm=None)
    assert policy.step(ready, MIRA, taken_off, at(41), SETTINGS, "x").pause.state is PauseState.READY
    assert policy.step(ready, MIRA, reading(near_usual_s=53), at(41), SETTINGS, "x").pause.state is PauseState.RUNNING
    stirred = policy.step(ready, MIRA, FLOODED, at(41), SETTINGS, "x")
    assert stirred.pause.state is PauseState.RUNNING
    assert stirred.pause.ready_at is None
    assert policy.step(stirred, MIRA, CALM_BODY, at(44), SETTINGS, "x").pause.state is PauseState.READY


def test_after_the_hard_cap_ready_stays():
    capped = policy.step(PAUSED, MIRA, FLOODED, at(80), SETTINGS, "x")
    assert policy.step(capped, MIRA, FLOODED, at(81), SETTINGS, "x").pause.state is PauseState.READY


@given(
    state=st.sampled_from(ArousalState),
    signal=st.sampled_from(Signal),
    near=st.integers(0, 120),
    baseline=st.sampled_from([None, USUAL, Baseline(97.0, 20.0, 300, provisional=False)]),
    minutes=st.floats(40, 79.9),
)
def test_no_body_is_ready_and_stirred_at_once(state, signal, near, baseline, minutes):
    seen = reading(state, signal=signal, near_usual_s=near, baseline=baseline)
    pause = PAUSED.pause
    ready = readiness.may_be_ready(pause, seen, at(minutes), SETTINGS)
    assert not (ready and readiness.has_stirred(pause, seen, at(minutes), SETTINGS))
