"""The rules of a talk that two share: whose is what, and what the other may see of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import policy, steps
from alerts.pause import IllegalPauseStep, PauseState, PauseTrigger
from alerts.seen import counted, seen_by, views_of
from alerts.suggestion import Answer, NotFlooding, Suggestion
from alerts.talk_state import Phase
from alerts.talk_step import IllegalTalkStep
from tests.bodies import FLOODED, reading
from tests.unit.alerts.together import MINUTE, NOW, SETTINGS, TALKING, said


def in_pause(state=TALKING, caller="jonas"):
    return steps.call_pause(state, caller, NOW, SETTINGS, "p")


def ready(state, who):
    """The state in which `who` may come back, by the clock."""
    return policy.step(state, who, None, NOW + 20 * MINUTE, SETTINGS, "f")


def back(state, who):
    return steps.change_pause(state, PauseTrigger.RETURN, NOW + 21 * MINUTE, person_id=who)


def test_a_silent_raise_is_said_to_both_by_nobody():
    state = said(TALKING)
    for who in state.people:
        assert state.shared_suggestion.waits_for(who)
    assert seen_by(state, "mira").shared == seen_by(state, "jonas").shared
    assert "mira" not in repr(state.shared)


def test_ones_own_snooze_and_dismissal_change_nothing_on_the_shared_sentence():
    state = said(TALKING).with_suggestion(Suggestion("s", "mira", 1.0, NOW, NOW + 5 * MINUTE))
    for given_answer in (Answer.SNOOZE, Answer.DISMISS):
        after = steps.answer_suggestion(
            state, "mira", "s", given_answer, NOW, SETTINGS, fresh_id="x", reason=NotFlooding.MOVING
        )
        assert after.shared == state.shared
        assert seen_by(after, "jonas") == seen_by(state, "jonas")


def test_putting_the_sentence_away_is_seen_by_nobody_else():
    state = said(TALKING)
    after = steps.put_away(state, "jonas")
    assert not after.shared_suggestion.waits_for("jonas")
    assert after.shared_suggestion.waits_for("mira")
    assert seen_by(after, "mira") == seen_by(state, "mira")


def test_the_sentence_expires_by_itself_on_a_whole_minute():
    state = said(TALKING, at=NOW + timedelta(seconds=17))
    assert state.shared_suggestion.expires_at == NOW + 6 * MINUTE
    later = policy.step(state, "jonas", None, NOW + 6 * MINUTE, SETTINGS, "f")
    assert later.shared_suggestion is None


@pytest.mark.parametrize("after", [timedelta(0), timedelta(seconds=29)])
def test_right_after_the_topic_began_it_waits_a_moment_since_only_a_body_could_have_asked(after):
    begun = replace(TALKING, topic_began_at=NOW)
    waiting = said(begun, at=NOW + after)
    assert waiting.shared_suggestion is None
    assert policy.step(waiting, "mira", None, NOW + 30 * timedelta(seconds=1), SETTINGS, "f").shared_suggestion


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (replace(TALKING, phase=Phase.BASELINE), "topic has begun"),
        (in_pause(), "pause is already running"),
        (said(TALKING), "a moment ago"),
        (replace(TALKING, people=()), "nobody else"),
        (steps.end_talk(TALKING, NOW), "ended"),
    ],
)
def test_it_cannot_be_raised_when_it_cannot_be_said(state, words):
    with pytest.raises(IllegalTalkStep, match=words):
        steps.raise_silently(state, "mira", NOW, SETTINGS)


def test_each_is_ready_by_their_own_and_the_pause_is_over_when_both_are_back():
    state = ready(in_pause(), "jonas")
    assert state.pause.of("jonas").state is PauseState.READY
    assert state.pause.of("mira").state is PauseState.RUNNING
    with pytest.raises(IllegalPauseStep):
        back(state, "mira")
    state = back(state, "jonas")
    assert state.pause.of("jonas").state is PauseState.RETURNED
    assert state.pause is not None
    state = back(ready(state, "mira"), "mira")
    assert state.pause is None
    assert state.pauses[0].state is PauseState.RETURNED
    assert state.pauses[0].ended_at == NOW + 21 * MINUTE


CALM_BODY = reading(near_usual_s=SETTINGS.calm_s)
BODIES = {"calm": CALM_BODY, "still high": reading(), "flooded": FLOODED, "no strap": None}


@pytest.mark.parametrize("his", BODIES)
@pytest.mark.parametrize("hers", BODIES)
def test_each_is_ready_by_their_own_heart_or_the_clock_whatever_the_other_one_does(hers, his):
    """Both bodies are judged each second, one after the other, on one shared pause."""
    state = in_pause()
    for after in (20 * MINUTE, 20.5 * MINUTE):
        for who, body in (("mira", hers), ("jonas", his)):
            state = policy.step(state, who, BODIES[body], NOW + after, SETTINGS, "f")
    for who, body in (("mira", hers), ("jonas", his)):
        ready_now = body in {"calm", "no strap"}
        assert state.pause.of(who).state is (PauseState.READY if ready_now else PauseState.RUNNING), (who, body)
    # Whoever's body stirs again loses their own readiness, and nobody else's.
    state = policy.step(state, "mira", FLOODED, NOW + 21 * MINUTE, SETTINGS, "f")
    assert state.pause.of("mira").state is PauseState.RUNNING
    assert state.pause.of("jonas").state is (PauseState.READY if his in {"calm", "no strap"} else PauseState.RUNNING)
    # Nobody is kept in it by a strap.
    for who, body in (("mira", hers), ("jonas", his)):
        state = policy.step(state, who, BODIES[body], NOW + 60 * MINUTE, SETTINGS, "f")
    assert {state.pause.of(who).state for who in state.people} <= {PauseState.READY, PauseState.MISSED}


def test_each_misses_the_return_by_their_own_readiness_and_one_who_is_back_misses_nothing():
    state = back(ready(in_pause(), "jonas"), "jonas")
    late = NOW + 20 * MINUTE + SETTINGS.missed_after
    state = policy.step(state, "mira", CALM_BODY, late - MINUTE, SETTINGS, "f")
    for who, body in (("mira", CALM_BODY), ("jonas", None)):
        state = policy.step(state, who, body, late, SETTINGS, "f")
    assert state.pause.of("mira").state is PauseState.READY  # nobody misses what their body has not allowed for so long
    for who, body in (("mira", CALM_BODY), ("jonas", None)):
        state = policy.step(state, who, body, late + SETTINGS.missed_after, SETTINGS, "f")
    assert state.pause.of("mira").state is PauseState.MISSED
    assert state.pause.of("jonas").state is PauseState.RETURNED
    assert seen_by(state, "jonas") == seen_by(back(ready(in_pause(), "jonas"), "jonas"), "jonas")
    state = steps.change_pause(state, PauseTrigger.RETURN, late + 6 * MINUTE, person_id="mira")
    assert state.pause is None


def test_how_far_the_other_is_in_the_pause_is_not_seen():
    state = in_pause()
    assert seen_by(ready(state, "mira"), "jonas") == seen_by(state, "jonas")


def test_more_time_is_more_time_for_both_and_takes_ready_back():
    state = ready(in_pause(), "jonas")
    state = steps.change_pause(state, PauseTrigger.EXTEND, NOW + 20 * MINUTE, extend_by=10 * MINUTE, person_id="mira")
    assert state.pause.return_at == NOW + 30 * MINUTE
    assert {state.pause.of(who).state for who in state.people} == {PauseState.EXTENDED}


def test_who_is_back_asks_for_no_more_time():
    state = back(ready(in_pause(), "jonas"), "jonas")
    with pytest.raises(IllegalPauseStep):
        steps.change_pause(state, PauseTrigger.EXTEND, NOW, extend_by=MINUTE, person_id="jonas")


def test_who_asks_for_the_time_that_the_other_has_just_asked_for_gets_what_was_promised():
    state, more = in_pause(TALKING), 5 * MINUTE
    promised = state.pause.return_at + more
    once = steps.need_more_time(state, "mira", NOW + 20 * MINUTE, more, promised=promised)
    both = steps.need_more_time(once, "jonas", NOW + 20 * MINUTE, more, promised=promised)
    assert (once.pause.return_at, both.pause.return_at) == (promised, promised)
    again = steps.need_more_time(both, "jonas", NOW + 20 * MINUTE, more, promised=promised + more)
    assert again.pause.return_at == promised + more
    assert steps.need_more_time(both, "jonas", NOW + 20 * MINUTE, more).pause.return_at == promised + more
    with pytest.raises(IllegalTalkStep, match="no pause"):
        steps.need_more_time(TALKING, "jonas", NOW, more, promised=NOW)


def test_a_pause_ends_the_sentence_and_does_not_say_who_called_it():
    state = in_pause(said(TALKING), caller="mira")
    assert state.shared_suggestion is None
    assert seen_by(state, "jonas").pauses[0].suggestion_id is None


STEPS = st.sampled_from(["snooze", "dismiss", "put_away", "ready", "said", "pause", "back", "tick"])


@given(st.lists(st.tuples(STEPS, st.sampled_from(["mira", "jonas"])), max_size=12))
def test_the_count_of_views_grows_exactly_with_what_is_seen(taken):
    state = TALKING.with_suggestion(Suggestion("s", "mira", 1.0, NOW, NOW + 5 * MINUTE))
    for name, who in taken:
        before = state

        def step(found, name=name, who=who):
            return {
                "snooze": lambda: steps.answer_suggestion(found, who, "s", Answer.SNOOZE, NOW, SETTINGS, fresh_id="x"),
                "dismiss": lambda: steps.answer_suggestion(
                    found, who, "s", Answer.DISMISS, NOW, SETTINGS, fresh_id="x"
                ),
                "put_away": lambda: steps.put_away(found, who),
                "ready": lambda: ready(found, who),
                "said": lambda: said(found, who),
                "pause": lambda: in_pause(found, who),
                "back": lambda: back(found, who),
                "tick": lambda: policy.step(found, who, None, NOW + 7 * MINUTE, SETTINGS, "t"),
            }[name]()

        try:
            state = counted(step)(before)
        except ValueError:
            continue
        for person in state.people:
            unseen = [replace(seen_by(one, person), views=()) for one in (before, state)]
            assert views_of(state, person) - views_of(before, person) == (unseen[0] != unseen[1])
