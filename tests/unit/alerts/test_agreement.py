"""What two agreed: in force only by both, never without either."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.agreement import BadTerms, Own, Side, Terms, Version, draft, in_force, say_yes, withdraw
from alerts.not_now import NotNow
from alerts.policy_settings import PolicySettings

NOW = datetime(2026, 3, 12, 18, 40, tzinfo=UTC)


def written(history, terms=Terms()):  # noqa: B008  frozen
    return [*history, Version(len(history) + 1, terms, Side.FIRST, NOW)]


def put(history, changed):
    return [changed if version.number == changed.number else version for version in history]


def agreed(history):
    for side in Side:
        history = put(history, say_yes(history, history[-1].number, side, NOW))
    return history


def test_a_version_holds_once_both_have_said_yes():
    history = written([])
    assert in_force(history) is None
    history = put(history, say_yes(history, 1, Side.SECOND, NOW))
    assert in_force(history) is None
    history = put(history, say_yes(history, 1, Side.FIRST, NOW))
    assert in_force(history).number == 1


def test_the_old_version_holds_until_both_have_said_yes_to_the_new_one():
    history = written(agreed(written([])), Terms(pause_min=25))
    history = put(history, say_yes(history, 2, Side.FIRST, NOW))
    assert in_force(history).number == 1
    history = put(history, say_yes(history, 2, Side.SECOND, NOW))
    assert in_force(history).terms.pause_min == 25


def test_nobody_says_yes_to_words_that_have_changed_since():
    history = written(written([]))
    with pytest.raises(NotNow, match="look again"):
        say_yes(history, 1, Side.FIRST, NOW)


@pytest.mark.parametrize("side", Side)
def test_either_steps_out_alone_and_no_older_version_comes_back(side):
    history = agreed(written(agreed(written([]))))
    history = put(history, withdraw(history, side, NOW))
    assert in_force(history) is None
    with pytest.raises(NotNow):
        withdraw(history, side, NOW)


def test_a_draft_can_be_put_away():
    history = put(written([]), withdraw(written([]), Side.SECOND, NOW))
    assert draft(history) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"pause_min": 19},
        {"pause_min": 121, "cap_min": 200},
        {"pause_min": 30, "cap_min": 29},
        {"cap_min": 241},
        {"neither": ("a",) * 7},
        {"first": Own(phrases=("a" * 201,))},
        {"word": "a" * 201},
    ],
)
def test_terms_that_cannot_be_agreed_say_why(wrong):
    with pytest.raises(BadTerms):
        Terms(**wrong)


@given(st.integers(20, 120), st.integers(0, 120))
def test_the_policy_goes_by_the_agreed_times(pause_min, more):
    settings = Terms(pause_min=pause_min, cap_min=pause_min + more).applied_to(PolicySettings())
    assert settings.pause_minimum == timedelta(minutes=pause_min)
    assert settings.pause_cap == timedelta(minutes=pause_min + more)
    assert (
        replace(settings, pause_minimum=PolicySettings().pause_minimum, pause_cap=PolicySettings().pause_cap)
        == PolicySettings()
    )
