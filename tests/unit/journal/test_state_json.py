"""The shared state survives being stored, whatever is in it."""

from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alerts.notice import Notice, NoticeState
from alerts.pause import Course, Pause, PauseState
from alerts.shared_suggestion import SharedSuggestion
from alerts.suggestion import NotFlooding, Suggestion, SuggestionState
from alerts.talk_state import Mute, Phase, TalkState
from journal.talks import state_from_json, state_to_json
from tests.fakes import BEGAN

moments = st.datetimes(timezones=st.just(UTC))
ids = st.text(min_size=1, max_size=12)
suggestions = st.builds(
    Suggestion,
    id=ids,
    wearer_id=ids,
    episode_began_t_s=st.floats(0, 1e6),
    raised_at=moments,
    expires_at=moments,
    state=st.sampled_from(SuggestionState),
    answered_at=st.none() | moments,
    snoozed_until=st.none() | moments,
    reason=st.none() | st.sampled_from(NotFlooding),
    acknowledged_at=st.none() | moments,
    escalated_at=st.none() | moments,
    cleared_at=st.none() | moments,
)
notices = st.builds(
    Notice,
    id=ids,
    wearer_id=ids,
    began_at=moments,
    raised_at=moments,
    state=st.sampled_from(NoticeState),
    snoozed_until=st.none() | moments,
    cleared_at=st.none() | moments,
)
pauses = st.builds(
    Pause,
    id=ids,
    called_by=ids,
    called_at=moments,
    return_at=moments,
    minimum=st.timedeltas(timedelta(0), timedelta(days=2)),
    cap_at=moments,
    suggestion_id=st.none() | ids,
    state=st.sampled_from(PauseState),
    ready_at=st.none() | moments,
    ended_at=st.none() | moments,
    extensions=st.integers(0, 100),
    courses=st.lists(
        st.builds(
            Course,
            person_id=ids,
            state=st.sampled_from(PauseState),
            ready_at=st.none() | moments,
            back_at=st.none() | moments,
        ),
        max_size=2,
    ).map(tuple),
)
shared = st.builds(
    SharedSuggestion,
    id=ids,
    raised_at=moments,
    expires_at=moments,
    said_at=moments,
    put_away_by=st.lists(ids, max_size=2).map(tuple),
    acknowledged_by=st.lists(ids, max_size=2).map(tuple),
    escalated_to=st.lists(ids, max_size=2).map(tuple),
    ended_at=st.none() | moments,
)
states = st.builds(
    TalkState,
    started_at=moments,
    phase=st.sampled_from(Phase),
    topic_began_at=st.none() | moments,
    ended_at=st.none() | moments,
    suggestions=st.lists(suggestions, max_size=3).map(tuple),
    pauses=st.lists(pauses, max_size=3).map(tuple),
    silenced=st.lists(ids, max_size=3).map(tuple),
    people=st.lists(ids, max_size=2).map(tuple),
    shared=st.lists(shared, max_size=3).map(tuple),
    asking=st.lists(st.tuples(ids, moments), max_size=2).map(tuple),
    views=st.lists(st.tuples(ids, st.integers(0, 1000)), max_size=2).map(tuple),
    notices=st.lists(notices, max_size=3).map(tuple),
    mutes=st.lists(st.builds(Mute, wearer_id=ids, until=moments), max_size=2).map(tuple),
)


@given(states)
def test_state_comes_back_as_it_was(state):
    again = state_from_json(state_to_json(state))
    assert again == state
    assert again.started_at.utcoffset() == timedelta(0)
    assert isinstance(again.phase, Phase)
    assert [type(found) for found in (again.suggestions, again.pauses, again.silenced)] == [tuple] * 3
    for pause in again.pauses:
        assert isinstance(pause.minimum, timedelta)
        assert isinstance(pause.state, PauseState)


@pytest.mark.parametrize("text", ["", "{}", "null", '{"started_at": "yesterday"}'])
def test_what_is_no_state_is_refused(text):
    with pytest.raises(ValidationError):
        state_from_json(text)


def test_stored_form_stays_readable():
    """Talks that are open over an upgrade were written by the program before it."""
    assert state_from_json(
        '{"started_at":"2026-03-12T19:00:00Z","phase":"talking","topic_began_at":null,"ended_at":null,'
        '"suggestions":[],"pauses":[{"id":"p","called_by":"mira","called_at":"2026-03-12T19:00:00Z",'
        '"return_at":"2026-03-12T19:20:00Z","minimum":"PT20M","cap_at":"2026-03-12T20:00:00Z",'
        '"suggestion_id":null,"state":"running","ready_at":null,"ended_at":null,"extensions":0}],"silenced":["mira"]}'
    ) == TalkState(
        BEGAN,
        Phase.TALKING,
        pauses=(
            Pause(
                id="p",
                called_by="mira",
                called_at=BEGAN,
                return_at=BEGAN + timedelta(minutes=20),
                minimum=timedelta(minutes=20),
                cap_at=BEGAN + timedelta(hours=1),
            ),
        ),
        silenced=("mira",),
    )
