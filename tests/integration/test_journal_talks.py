from dataclasses import asdict, replace
from datetime import timedelta, timezone
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from alerts.pause import Pause, PauseState
from alerts.people import SERVICE, Actor
from alerts.ports import NotAllowed, Talk, TalkConflict
from alerts.suggestion import NotFlooding, Suggestion, SuggestionState
from alerts.talk_state import Phase, TalkState
from journal.models import PauseRow, SuggestionRow, TalkRow
from tests.fakes import BEGAN
from tests.integration.journal_home import Home, at, end, open_journal, start


@pytest.fixture
def home(tmp_path):
    with Home(tmp_path) as home:
        yield home


def suggestion(home, number=1, **changes):
    wearer_id = changes.pop("wearer_id", home.mira.person_id)
    return replace(Suggestion(f"s{number}", wearer_id, 436.0 + number, at(436), at(1036)), **changes)


def pause(home, number=1, **changes):
    plain = Pause(f"p{number}", home.mira.person_id, at(500), at(1700), timedelta(minutes=20), at(4000))
    return replace(plain, **changes)


def save(home, state):
    version = home.journal.talks.load(home.mira, home.talk.id)[1]
    return home.journal.talks.save(home.mira, home.talk.id, state, expected_version=version)


def projected(home, table):
    """The projection's rows by id, without what the state does not say."""
    with home.database.read() as connection:
        found = [row._asdict() for row in connection.execute(select(table.__table__).order_by(table.id))]
    assert {row.pop("talk_id") for row in found} <= {home.talk.id}
    return found


def test_talk_that_was_started_is_open_and_begins_quietly(home):
    talk = start(home.journal, home.lena, at(3))
    assert talk == Talk(
        talk.id, home.lena.person_id, talk.recording_id, at(3), 60, "A strap", simulated=False, threshold_bpm=100.0
    )
    assert home.journal.talks.open_talk(home.lena) == talk
    assert home.journal.talks.load(home.lena, talk.id) == (TalkState(at(3)), 1)


def test_moment_told_in_another_zone_is_kept_as_that_moment_in_utc(home):
    start(home.journal, home.lena, at(3).astimezone(timezone(timedelta(hours=2))))
    found = home.journal.talks.open_talk(home.lena)
    assert found.began_at == at(3)
    assert found.began_at.utcoffset() == timedelta(0)


def test_person_without_an_account_starts_nothing(home):
    with pytest.raises(NotAllowed):
        start(home.journal, Actor("nobody"))


def test_second_talk_conflicts_while_one_is_open(home):
    with pytest.raises(TalkConflict):
        start(home.journal, home.mira)
    end(home.journal, home.mira, home.talk)
    assert home.journal.talks.open_talk(home.mira) is None
    second = start(home.journal, home.mira, at(700))
    assert home.journal.talks.open_talk(home.mira) == second


def at_once(work, times):
    """Do `work(i)` in as many threads; return what each returned or raised."""
    gate, found = Barrier(times), []

    def one(i):
        gate.wait()
        try:
            found.append(work(i))
        except Exception as error:  # noqa: BLE001  the test looks at it
            found.append(error)

    threads = [Thread(target=one, args=(i,)) for i in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_simultaneous_starts_one_goes_through(home):
    found = at_once(lambda _: start(home.journal, home.lena), 6)
    assert sorted(type(it).__name__ for it in found) == ["Talk"] + ["TalkConflict"] * 5
    assert len([talk for talk in home.journal.talks.unfinished(SERVICE) if talk.wearer_id == home.lena.person_id]) == 1


def test_unfinished_talks_are_found_once_for_each_recording_until_they_end(home):
    found = home.journal.talks.unfinished(SERVICE)
    assert sorted(talk.wearer_id for talk in found) == sorted([home.mira.person_id, home.jonas.person_id])
    assert len({talk.recording_id for talk in found}) == 2
    assert home.talk in found
    end(home.journal, home.mira, home.talk)
    assert home.journal.talks.unfinished(SERVICE) == []


def test_unfinished_talk_is_found_by_the_next_process(tmp_path):
    with Home(tmp_path) as home:
        save(home, TalkState(BEGAN, Phase.TALKING, topic_began_at=at(300)))
    journal = open_journal(tmp_path)
    try:
        assert journal.talks.open_talk(home.mira) == replace(home.talk, topic_began_at=at(300))
        assert journal.talks.load(home.mira, home.talk.id) == (
            TalkState(BEGAN, Phase.TALKING, topic_began_at=at(300)),
            2,
        )
    finally:
        journal.close()


def test_no_step_is_lost_when_two_people_and_more_threads_save_at_once(home):
    threads, steps = 4, 12

    def add(i):
        actor, conflicts = (home.mira, home.jonas)[i % 2], 0
        for step in range(steps):
            while True:
                state, version = home.journal.talks.load(actor, home.talk.id)
                changed = replace(state, silenced=(*state.silenced, f"{i}-{step}"))
                try:
                    saved = home.journal.talks.save(actor, home.talk.id, changed, expected_version=version)
                except TalkConflict:
                    conflicts += 1
                    continue
                assert saved == version + 1
                break
        return conflicts

    found = at_once(add, threads)
    state, version = home.journal.talks.load(home.mira, home.talk.id)
    assert all(isinstance(conflicts, int) for conflicts in found)
    assert version == 1 + threads * steps
    assert sorted(state.silenced) == sorted(f"{i}-{step}" for i in range(threads) for step in range(steps))


@pytest.mark.parametrize("stale", [0, 1, 3, -1])
def test_conflict_changes_nothing(home, stale):
    current = TalkState(BEGAN, Phase.TALKING, topic_began_at=at(300), suggestions=(suggestion(home),))
    assert save(home, current) == 2
    before = projected(home, SuggestionRow)
    other = TalkState(
        BEGAN,
        Phase.ENDED,
        ended_at=at(900),
        suggestions=(suggestion(home, state=SuggestionState.EXPIRED), suggestion(home, 2)),
        pauses=(pause(home),),
    )
    with pytest.raises(TalkConflict):
        home.journal.talks.save(home.mira, home.talk.id, other, expected_version=stale)
    assert home.journal.talks.load(home.mira, home.talk.id) == (current, 2)
    assert projected(home, SuggestionRow) == before
    assert projected(home, PauseRow) == []
    assert home.journal.talks.open_talk(home.mira) is not None


def test_projection_follows_the_state_through_every_save(home):
    first, second = suggestion(home), suggestion(home, 2, wearer_id=home.jonas.person_id)
    answered = replace(first, state=SuggestionState.SNOOZED, answered_at=at(440), snoozed_until=at(740))
    dismissed = replace(second, state=SuggestionState.DISMISSED, answered_at=at(460), reason=NotFlooding.CAFFEINE)
    running = pause(home, suggestion_id="s1")
    ready = replace(running, state=PauseState.READY, ready_at=at(1700))
    over = replace(ready, state=PauseState.RETURNED, ended_at=at(1800), extensions=2)
    for suggestions, pauses in (
        ((first,), ()),
        ((answered, second), (running,)),
        ((answered, dismissed), (ready,)),
        ((answered, dismissed), (over, pause(home, 2, called_by=home.jonas.person_id))),
    ):
        state = TalkState(BEGAN, Phase.TALKING, at(300), suggestions=suggestions, pauses=pauses)
        save(home, state)
        assert home.journal.talks.load(home.mira, home.talk.id)[0] == state
        unprojected = {"acknowledged_at", "escalated_at", "cleared_at"}
        wanted = [{name: value for name, value in asdict(it).items() if name not in unprojected} for it in suggestions]
        for row in wanted:
            row["owner_id"] = row.pop("wearer_id")
        assert projected(home, SuggestionRow) == wanted
        unprojected = {"minimum", "cap_at", "suggestion_id", "courses"}
        wanted = [{name: value for name, value in asdict(it).items() if name not in unprojected} for it in pauses]
        for row in wanted:
            row["owner_id"] = row.pop("called_by")
        assert projected(home, PauseRow) == wanted


def test_talk_itself_says_when_the_topic_began_and_when_it_ended(home):
    save(home, TalkState(BEGAN, Phase.ENDED, topic_began_at=at(300), ended_at=at(900.5)))
    with home.database.read() as connection:
        row = connection.execute(select(TalkRow.topic_began_at, TalkRow.ended_at)).one()
    assert tuple(row) == (at(300), at(900.5))


def test_time_without_a_zone_is_refused_and_nothing_changes(home):
    state = TalkState(BEGAN, Phase.TALKING, topic_began_at=at(300).replace(tzinfo=None))
    with pytest.raises(Exception, match="no time zone"):
        save(home, state)
    assert home.journal.talks.load(home.mira, home.talk.id) == (TalkState(BEGAN), 1)
