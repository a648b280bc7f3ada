from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.pause import Pause
from alerts.suggestion import Suggestion
from alerts.talk_state import Phase, TalkState
from journal.entries import EntrySummary
from tests.fakes import BEGAN
from tests.integration.findings import EPISODE
from tests.integration.journal_home import Home, at, end, start


@pytest.fixture
def home(tmp_path):
    with Home(tmp_path) as home:
        yield home


def pause(number, caller, suggestion_id=None):
    return Pause(
        f"p{number}", caller.person_id, at(500), at(1700), timedelta(minutes=20), at(4000), suggestion_id=suggestion_id
    )


def save(home, **changes):
    version = home.journal.talks.load(home.mira, home.talk.id)[1]
    state = TalkState(BEGAN, Phase.TALKING, **changes)
    home.journal.talks.save(home.mira, home.talk.id, state, expected_version=version)
    return state


def test_journal_without_entries_is_empty(home):
    assert home.journal.entries.list_entries(home.mira) == []


def test_entries_come_newest_talk_first(home):
    end(home.journal, home.mira, home.talk)
    talks = [home.talk]
    for day in (3, 1, 2):
        talk = start(home.journal, home.mira, BEGAN + timedelta(days=day))
        end(home.journal, home.mira, talk)
        talks.append(talk)
    ids = {home.journal.recorder.entry(home.mira, talk.id): talk.began_at for talk in talks}
    found = home.journal.entries.list_entries(home.mira)
    assert [entry.began_at for entry in found] == sorted(ids.values(), reverse=True)
    assert {entry.id: entry.began_at for entry in found} == ids


def test_line_counts_the_owners_floods_and_the_talks_pauses(home):
    recorder = home.journal.recorder
    for began_t_s, peak_bpm in ((436.0, 117.3), (900.0, 131.5), (1500.0, 104.0)):
        recorder.episode(home.mira, home.talk.recording_id, replace(EPISODE, began_t_s=began_t_s, peak_bpm=peak_bpm))
    save(home, pauses=(pause(1, home.mira), pause(2, home.jonas)))
    end_state = home.journal.talks.load(home.mira, home.talk.id)
    home.journal.talks.save(
        home.mira,
        home.talk.id,
        replace(end_state[0], phase=Phase.ENDED, ended_at=at(2000)),
        expected_version=end_state[1],
    )
    entry_id = recorder.entry(home.mira, home.talk.id)
    jonas_id = recorder.entry(home.jonas, home.talk.id)
    assert home.journal.entries.list_entries(home.mira) == [EntrySummary(entry_id, BEGAN, at(2000), 60, 3, 2, 131.5)]
    assert home.journal.entries.list_entries(home.jonas) == [EntrySummary(jonas_id, BEGAN, at(2000), 60, 0, 2, None)]
    assert home.journal.entries.list_entries(home.lena) == []


def test_entry_tells_the_talk_and_its_state(home):
    state = save(
        home,
        topic_began_at=at(300),
        suggestions=(Suggestion("s1", home.mira.person_id, 436.0, at(436), at(1036)),),
        pauses=(pause(1, home.mira, "s1"),),
        silenced=(home.mira.person_id,),
    )
    home.journal.recorder.episode(home.mira, home.talk.recording_id, EPISODE)
    found = home.journal.entries.entry(home.mira, home.journal.recorder.entry(home.mira, home.talk.id))
    assert found.talk == replace(home.talk, topic_began_at=at(300))
    assert found.state == state
    assert found.episodes == (EPISODE,)
    assert found.created_at.utcoffset() == timedelta(0)


def test_entry_tells_nothing_of_the_partners_body(home):
    """Neither what was suggested to them, nor that they silenced it, nor that a pause answered it, nor their floods."""
    save(
        home,
        suggestions=(
            Suggestion("jonas-1", home.jonas.person_id, 436.0, at(436), at(1036)),
            Suggestion("mira-1", home.mira.person_id, 440.0, at(440), at(1040)),
        ),
        pauses=(pause(1, home.jonas, "jonas-1"), pause(2, home.mira, "mira-1"), pause(3, home.jonas)),
        silenced=(home.jonas.person_id,),
    )
    home.journal.recorder.episode(home.mira, home.talk.recording_id, EPISODE)

    miras = home.journal.entries.entry(home.mira, home.journal.recorder.entry(home.mira, home.talk.id))
    assert [it.id for it in miras.state.suggestions] == ["mira-1"]
    assert [it.suggestion_id for it in miras.state.pauses] == [None, "mira-1", None]
    assert miras.state.silenced == ()

    jonas = home.journal.entries.entry(home.jonas, home.journal.recorder.entry(home.jonas, home.talk.id))
    assert [it.id for it in jonas.state.suggestions] == ["jonas-1"]
    assert [it.suggestion_id for it in jonas.state.pauses] == ["jonas-1", None, None]
    assert jonas.state.silenced == (home.jonas.person_id,)
    assert jonas.episodes == ()
    assert jonas.talk.wearer_id == home.jonas.person_id
