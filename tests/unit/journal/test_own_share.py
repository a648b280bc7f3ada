"""What one of two erases tells nobody anything afterwards, and is back with their archive; the other sees no difference."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.notice import Notice
from alerts.pause import Course, Pause, PauseState
from alerts.seen import seen_by
from alerts.shared_suggestion import SharedSuggestion
from alerts.suggestion import Suggestion
from alerts.talk_state import Mute, Phase, TalkState
from journal.own_share import renamed, with_share, without_wearer
from journal.talks import state_to_json

NOW = datetime(2026, 3, 12, 20, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MIRA, JONAS = "mira", "jonas"


def of_both():
    """A talk that is over, with something of each in every place that there is."""
    people = (MIRA, JONAS)
    pause = Pause(
        "p", MIRA, NOW, NOW + 20 * MINUTE, 20 * MINUTE, NOW + 60 * MINUTE, "of mira", PauseState.RETURNED,
        ended_at=NOW + 30 * MINUTE,
        courses=tuple(Course(who, PauseState.RETURNED, NOW + 21 * MINUTE, NOW + 22 * MINUTE) for who in people),
    )  # fmt: skip
    return TalkState(
        NOW,
        Phase.ENDED,
        NOW + MINUTE,
        NOW + 90 * MINUTE,
        suggestions=tuple(Suggestion(f"of {who}", who, 60.0, NOW, NOW + 5 * MINUTE) for who in people),
        pauses=(pause,),
        silenced=people,
        people=people,
        shared=(SharedSuggestion("s", NOW, NOW + 5 * MINUTE, NOW, people, people, people, NOW + 5 * MINUTE),),
        asking=tuple((who, NOW) for who in people),
        views=tuple((who, 3) for who in people),
        notices=tuple(Notice(f"notice of {who}", who, NOW, NOW) for who in people),
        mutes=tuple(Mute(who, NOW + MINUTE) for who in people),
    )


@pytest.mark.parametrize(("who", "other"), [(MIRA, JONAS), (JONAS, MIRA)])
def test_what_one_erases_is_gone_and_the_other_sees_no_difference(who, other):
    left = without_wearer(of_both(), who)
    assert seen_by(left, other) == seen_by(of_both(), other)
    # That they were there, and that a pause was called by somebody, is both people's.
    nameless = replace(left, people=(), pauses=tuple(replace(pause, called_by="") for pause in left.pauses))
    assert f'"{who}"' not in state_to_json(nameless)
    assert f"of {who}" not in state_to_json(left)


@pytest.mark.parametrize(("who", "other"), [(MIRA, JONAS), (JONAS, MIRA)])
def test_it_is_back_with_the_share_that_was_taken_along(who, other):
    share = seen_by(of_both(), who)
    back = with_share(without_wearer(of_both(), who), share, who)
    assert seen_by(back, who) == share
    assert seen_by(back, other) == seen_by(of_both(), other)
    assert with_share(back, share, who) == back


def test_a_forged_share_brings_nothing_of_anybody_else():
    state = without_wearer(of_both(), MIRA)
    forged = renamed(seen_by(renamed(of_both(), MIRA, "me"), "me"), "me", MIRA)
    assert seen_by(with_share(state, forged, MIRA), JONAS) == seen_by(of_both(), JONAS)


def test_a_renamed_person_is_called_so_everywhere():
    assert f'"{MIRA}"' not in state_to_json(renamed(of_both(), MIRA, "me"))
    assert renamed(renamed(of_both(), MIRA, "me"), "me", MIRA) == of_both()
