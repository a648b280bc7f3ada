"""Alerts in a talk that two share: each wearer's own, and the one sentence leaves for both alike."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts import policy, steps
from alerts.channels import Message
from alerts.notice import Notice, NoticeStep
from alerts.ports import Talk
from alerts.seen import counted, seen_by, views_of
from alerts.suggestion import Answer, Suggestion
from alerts.telling import to_tell, to_withdraw
from hrv.reading import ArousalState, Signal
from tests.bodies import FLOODED, reading
from tests.unit.alerts.together import MINUTE, NOW, SETTINGS, TALKING, said

SECOND = timedelta(seconds=1)
UNSEEN = SETTINGS.escalate_after
TALKS = {who: Talk("talk", who, f"recording of {who}", NOW, 60, "A strap", False, 100.0) for who in TALKING.people}


def flooded(at=NOW, state=TALKING, who="mira"):
    """The state after a second in which this body floods."""
    return policy.step(state, who, FLOODED, at, SETTINGS, "own")


def passing(state, until, at=NOW, bodies=None):
    """Every second of both; whoever has no body in `bodies` wears no strap."""
    while at < until:
        at += SECOND
        for who in TALKING.people:
            state = policy.step(state, who, (bodies or {}).get(who), at, SETTINGS, f"{who} {at}")
    return state


def told(before, after, who, at):
    return [(it.message, it.key, it.follows) for it in to_tell(TALKS[who], before, after, at, 1.0)]


def story(state, until, at=NOW, bodies=None):
    """What leaves for each of the two, with its second, while time passes."""
    left = {who: [] for who in TALKING.people}
    begun_at = at
    while at < until:
        at += SECOND
        before, state = state, passing(state, at, at - SECOND, bodies)
        for who, messages in left.items():
            messages += [((at - begun_at).total_seconds(), *each) for each in told(before, state, who, at)]
    return state, left


STEPS = {
    "mute": lambda state: steps.mute(state, "mira", NOW, SETTINGS),
    "unmute": lambda state: steps.unmute(steps.mute(state, "mira", NOW, SETTINGS), "mira", NOW),
    "the shared sentence is seen": lambda state: steps.acknowledge_shared(state, "mira"),
    "the shared sentence leaves for her alone": lambda state: policy.step(
        state, "mira", None, NOW + UNSEEN, SETTINGS, "f"
    ),
    "her suggestion is seen": lambda state: steps.answer_suggestion(
        state, "mira", "s", Answer.ACKNOWLEDGE, NOW, SETTINGS, fresh_id="x"
    ),
    "her snooze is cancelled": lambda state: steps.cancel_snooze(
        steps.answer_suggestion(state, "mira", "s", Answer.SNOOZE, NOW, SETTINGS, fresh_id="x"), "mira", NOW
    ),
    "her notice is seen": lambda state: steps.answer_notice(state, "mira", "n", NoticeStep.ACKNOWLEDGE, NOW, SETTINGS),
    "her notice is put off": lambda state: steps.answer_notice(state, "mira", "n", NoticeStep.SNOOZE, NOW, SETTINGS),
    "her signal is back": lambda state: policy.step(
        state, "mira", reading(ArousalState.CALM), NOW + SECOND, SETTINGS, "f"
    ),
    "her suggestion leaves": lambda state: policy.step(
        replace(state, shared=(), asking=()), "mira", FLOODED, NOW + UNSEEN, SETTINGS, "f"
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_nothing_that_is_ones_own_is_seen_by_the_other(name):
    alerts = said(TALKING).with_suggestion(Suggestion("s", "mira", 1.0, NOW, NOW + 5 * MINUTE))
    alerts = alerts.with_notice(Notice("n", "mira", NOW - MINUTE, NOW))
    before = replace(alerts, shared=()) if name == "her suggestion leaves" else alerts
    after = counted(STEPS[name])(before)
    assert after != before
    assert seen_by(after, "jonas") == seen_by(before, "jonas")
    assert views_of(after, "jonas") == views_of(before, "jonas")


@pytest.mark.parametrize("begin", [said, lambda state: flooded(state=state)], ids=["raised silently", "a flood"])
def test_the_sentence_leaves_for_both_at_one_moment_in_the_words_of_any_suggestion(begin):
    _, left = story(begin(TALKING), NOW + 9 * MINUTE)
    for who, messages in left.items():
        key = f"talk/{who}/shared/shared-1"
        assert messages == [
            (UNSEEN.total_seconds(), Message.SUGGESTED, key, None),
            (300.0, Message.ALL_CLEAR, f"{key}/clear", key),
        ]


def test_a_flood_that_goes_on_makes_her_phone_call_no_other_time_than_his():
    _, left = story(flooded(), NOW + 4 * MINUTE, bodies={"mira": FLOODED})
    (hers,), (his,) = left["mira"], left["jonas"]
    assert hers[:2] == his[:2] == (UNSEEN.total_seconds(), Message.SUGGESTED)


def test_while_the_sentence_is_held_back_her_phone_waits_for_it():
    """Right after a beginning the sentence settles for half a minute; a phone that calls before it would tell."""
    state = flooded(state=replace(TALKING, topic_began_at=NOW - SECOND))
    assert state.shared == ()
    _, left = story(state, NOW + 2 * MINUTE, bodies={"mira": FLOODED})
    (hers,), (his,) = left["mira"], left["jonas"]
    assert hers[0] == his[0] > SETTINGS.settling.total_seconds()


def test_where_the_sentence_may_not_be_said_her_own_suggestion_leaves_for_her_alone():
    ended = replace(said(TALKING, "jonas", NOW - 7 * MINUTE).shared[0], ended_at=NOW - 2 * MINUTE)
    state = flooded(state=replace(TALKING, shared=(ended,)))
    assert state.shared_suggestion is None
    _, left = story(state, NOW + MINUTE, bodies={"mira": FLOODED})
    assert [message for _, message, *_ in left["mira"]] == [Message.SUGGESTED]
    assert left["jonas"] == []


def test_who_has_seen_it_is_not_called_and_the_other_is():
    _, left = story(steps.acknowledge_shared(said(TALKING), "mira"), NOW + 9 * MINUTE)
    assert left["mira"] == []
    assert len(left["jonas"]) == 2


def test_who_keeps_it_quiet_is_not_called_and_the_other_is():
    _, left = story(steps.mute(said(TALKING), "jonas", NOW, SETTINGS), NOW + 4 * MINUTE)
    assert left["jonas"] == []
    assert len(left["mira"]) == 1


def test_her_suggestion_leaves_after_all_when_only_the_sentence_was_put_away():
    state = steps.put_away(flooded(), "mira")
    _, left = story(state, NOW + MINUTE, bodies={"mira": FLOODED})
    assert [key for _, _, key, _ in left["mira"]] == ["talk/mira/flooding/1200/0"]


def test_a_pause_that_answers_it_is_no_all_clear_and_takes_back_what_has_not_arrived():
    state = passing(said(TALKING), NOW + UNSEEN)
    after = steps.call_pause(state, "jonas", NOW + MINUTE, SETTINGS, "p")
    assert told(state, after, "mira", NOW + MINUTE) == []
    for who, talk in TALKS.items():
        assert list(to_withdraw(talk, state, after)) == [f"talk/{who}/shared/shared-1"]


@pytest.mark.parametrize("topic_began", [NOW - MINUTE, NOW - SECOND], ids=["said to both", "still held back"])
def test_in_a_pause_that_the_other_called_her_suggestion_makes_no_phone_call(topic_began):
    state = flooded(state=replace(TALKING, topic_began_at=topic_began))
    state = steps.call_pause(state, "jonas", NOW + SECOND, SETTINGS, "p")
    _, left = story(state, NOW + 9 * MINUTE, bodies={"mira": FLOODED})
    assert left == {"mira": [], "jonas": []}


def test_its_name_says_nothing_of_the_one_it_came_from():
    assert flooded().shared == said(TALKING).shared == said(TALKING, "jonas").shared


def test_a_strap_that_is_gone_is_told_to_its_wearer_only():
    silent = reading(ArousalState.CALM, signal=Signal.DISCONNECTED)
    state = policy.step(TALKING, "mira", silent, NOW, SETTINGS, "f", silent_s=31.0)
    assert state.open_notice("mira") is not None
    assert seen_by(state, "jonas") == seen_by(TALKING, "jonas")
