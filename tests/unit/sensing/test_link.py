"""The link's table: every pair is a step, or refused without a change."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensing.link import TRANSITIONS, At, Came, IllegalLinkStep, LinkMachine
from sensing.source import Link
from sensing.strap import StrapSettings, pause_s

TO = {
    At.RESTING: (),
    At.SEARCHING: (Came.TURN,),
    At.CONNECTING: (Came.TURN, Came.HEARD),
    At.LISTENING: (Came.TURN, Came.HEARD, Came.CONNECTED),
}


def link_at(at):
    link = LinkMachine()
    for came in TO[at]:
        link.step(came)
    assert link.at is at
    return link


@pytest.mark.parametrize(("at", "came"), list(itertools.product(At, Came)))
def test_every_pair_is_a_step_of_the_table_or_raises_and_changes_nothing(at, came):
    link = link_at(at)
    if (at, came) in TRANSITIONS:
        link.step(came)
        assert link.at is TRANSITIONS[at, came].to
    else:
        with pytest.raises(IllegalLinkStep, match=at):
            link.step(came)
        assert link.at is at


def test_every_state_can_be_reached_and_left():
    assert {at for at, _ in TRANSITIONS} == set(At) == {step.to for step in TRANSITIONS.values()}


def said(*steps):
    link = LinkMachine()
    return [one for one in (link.step(came, detail) for came, detail in steps) if one is not None]


TURN, NOTHING = (Came.TURN, ""), (Came.NOTHING, "")


def test_a_search_that_goes_on_is_said_once_and_once_more_when_it_has_lasted():
    unheard = (Came.LONG_NOTHING, "")
    assert said(TURN, NOTHING, TURN, NOTHING, TURN, unheard, TURN, unheard) == [Link.SEARCHING, Link.UNHEARD]


def test_bluetooth_that_stays_off_is_said_once_and_its_return_is_told():
    off = (Came.TROUBLE, "off")
    assert said(TURN, off, TURN, off, TURN, off, TURN, NOTHING) == [Link.SEARCHING, Link.FAILED, Link.SEARCHING]


def test_a_strap_that_stays_held_is_said_once_until_it_lets_us_in():
    heard, held, linked = (Came.HEARD, ""), (Came.REFUSED_AGAIN, ""), (Came.CONNECTED, "")
    assert said(TURN, heard, held, TURN, heard, held, TURN, heard, linked) == [
        Link.SEARCHING,
        Link.CONNECTING,
        Link.HELD,
        Link.CONNECTED,
    ]


@given(st.lists(st.sampled_from(Came)))
def test_never_is_the_same_said_twice_in_a_row_of_a_condition_that_goes_on(comings):
    link = LinkMachine()
    every = [link.step(came, "same") for came in comings if (link.at, came) in TRANSITIONS]
    told = [one for one in every if one is not None]
    assert all(one is not other for one, other in itertools.pairwise(told))


@given(st.integers(0, 10_000), st.integers())
def test_a_pause_grows_has_jitter_and_never_keeps_a_strap_that_is_back_waiting(tries, seed):
    settings = StrapSettings()
    pause = pause_s(settings, tries, random.Random(seed))  # noqa: S311  jitter
    assert settings.first_pause_s / 2 <= pause <= settings.longest_pause_s <= 2.0
    assert pause_s(settings, 0, random.Random(seed)) <= settings.first_pause_s  # noqa: S311  jitter
