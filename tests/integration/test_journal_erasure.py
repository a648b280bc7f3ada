"""Erased is gone: from the tables, the raw file and its log; and only what is one's own."""

from datetime import date, timedelta

import pytest

from alerts.ports import NotAllowed
from journal.checks import BodyState, DailyCheck, Helped
from journal.content import Content
from journal.entries import NoRecording
from journal.erasure import ChangedSincePreview, Everything, OneEntry, OneRecording, Period, TalkIsOpen
from journal.models import Base
from sensing.source import About
from tests.fakes import BEGAN
from tests.integration.findings import EPISODE
from tests.integration.journal_home import Home, at, end, raw_files, start
from tests.integration.shared_talk import HERS, HIS, become_two, erase, fill, keep_timeline, mark
from tests.raw_sql import raw


@pytest.fixture
def home(tmp_path):
    with Home(tmp_path / "data") as home:
        yield home


def count(home, table):
    with home.database.read() as connection:
        return raw(connection, f"SELECT count(*) FROM {table}").scalar()  # noqa: S608  a name from this file


@pytest.mark.sqlite_only("looks into the bytes of the file and its log")
def test_an_erased_entry_is_gone_from_the_raw_file_and_its_log_and_the_others_stays(shared):
    before = raw_files(shared.folder)
    assert HERS in before
    preview = shared.journal.erasure.preview(shared.mira, OneEntry(shared.hers))
    assert (preview.entries, preview.with_words, preview.recordings, preview.measurements) == (1, 1, 1, 300)
    assert (preview.timelines, preview.checks) == (1, 0)
    assert (preview.shared_talks, preview.first_at) == (1, BEGAN)
    assert erase(shared, shared.mira, OneEntry(shared.hers)) == preview
    after = raw_files(shared.folder)
    for hers in (HERS, mark(HERS), shared.hers.encode(), shared.talk.recording_id.encode(), b"suggestion-of-mira"):
        assert hers in before
        assert hers not in after
    for his in (HIS, mark(HIS), shared.his.encode(), b"suggestion-of-jonas"):
        assert his in after
    assert (shared.folder / "journal.db-wal").stat().st_size == 0


def test_in_a_shared_talk_the_other_keeps_everything_of_their_own_and_the_pause(shared):
    his = shared.journal.entries.entry(shared.jonas, shared.his)
    words = shared.journal.texts.read(shared.jonas, shared.his)
    line = shared.journal.entries.line(shared.jonas, shared.his)
    assert line.pauses == 1
    erase(shared, shared.mira, Everything())
    assert shared.journal.entries.entry(shared.jonas, shared.his) == his
    assert shared.journal.texts.read(shared.jonas, shared.his) == words
    assert shared.journal.entries.line(shared.jonas, shared.his) == line
    assert len(shared.journal.recorder.measurements(shared.jonas, shared.his_recording)) == 300
    state, _ = shared.journal.talks.load(shared.jonas, shared.talk.id)
    assert [it.id for it in state.suggestions] == ["suggestion-of-jonas"]
    assert [(it.id, it.suggestion_id) for it in state.pauses] == [("p1", None)]
    assert state.silenced == (shared.jonas.person_id,)


def test_when_both_have_erased_their_share_no_talk_is_left(shared):
    erase(shared, shared.mira, OneEntry(shared.hers))
    assert count(shared, "talk") == 1
    erase(shared, shared.jonas, OneEntry(shared.his))
    for table in ("talk", "talk_state", "participant", "recording", "entry", "entry_text", "measurement", "minute"):
        assert count(shared, table) == 0, table
    for table in ("episode", "near_miss", "link_event", "suggestion", "pause", "timeline"):
        assert count(shared, table) == 0, table


def test_an_erased_recording_leaves_the_words_and_nothing_of_the_heart(shared):
    erase(shared, shared.mira, OneRecording(shared.talk.recording_id))
    assert HERS not in raw_files(shared.folder)
    assert mark(HERS) not in raw_files(shared.folder)
    assert b"suggestion-of-mira" not in raw_files(shared.folder)
    assert shared.journal.texts.read(shared.mira, shared.hers).content == Content(notes="words")
    with pytest.raises(NoRecording):
        shared.journal.entries.entry(shared.mira, shared.hers)
    line = shared.journal.entries.line(shared.mira, shared.hers)
    assert (line.floods, line.near_misses, line.peak_bpm, line.began_at) == (0, 0, None, BEGAN)


def test_everything_takes_the_account_its_sessions_and_its_key(shared):
    token = shared.journal.people.open_session(shared.mira, now=BEGAN)
    key = shared.journal.keyring.current(shared.mira.person_id)
    erase(shared, shared.mira, Everything())
    assert shared.journal.people.person_for(token, now=BEGAN) is None
    assert shared.journal.keyring.held(shared.mira.person_id) == ()
    assert key.id not in {key.id for key in shared.journal.keyring.held(shared.jonas.person_id)}
    with pytest.raises(NotAllowed):
        shared.journal.erasure.preview(shared.mira, Everything())


@pytest.fixture
def days(home):
    """Entries by hand at 23:30 in Auckland on three days."""
    home.made = [
        home.journal.texts.create(home.mira, now=BEGAN + timedelta(days=n, hours=15.5), zone="Pacific/Auckland")
        for n in range(3)
    ]
    end(home.journal, home.mira, home.talk)
    return home


@pytest.mark.parametrize(
    ("from_day", "to_day", "gone"),
    [
        (date(2026, 3, 14), date(2026, 3, 14), [1]),
        (None, date(2026, 3, 13), [0]),
        (date(2026, 3, 14), None, [1, 2]),
        (date(2027, 1, 1), None, []),
    ],
)
def test_a_period_goes_by_the_wearers_own_days_and_the_preview_counts_the_same(days, from_day, to_day, gone):
    with days.database.write() as connection:  # the talk itself is not what this is about
        raw(connection, "DELETE FROM talk")
    lines = {it.id: it for it in days.journal.entries.list_entries(days.mira)}
    wish = Period(from_day, to_day)
    assert days.journal.erasure.preview(days.mira, wish).entries == len(gone)
    erase(days, days.mira, wish)
    left = [it.id for it in days.journal.entries.list_entries(days.mira)]
    assert set(lines) - set(left) == {days.made[n] for n in gone}


def check_in(home, actor, day, note="a line of the day"):
    check = DailyCheck(date(2026, 3, day), BodyState.ON_ALERT, frozenset({Helped.PAUSED}), note)
    home.journal.checks.save(actor, check, now=at(86_400 * (day - 12)))
    return check


def checks(home, actor):
    return home.journal.checks.between(actor, date(2026, 1, 1), date(2026, 12, 31))


def test_a_period_takes_its_daily_checks_and_leaves_those_of_other_days_and_people(days):
    kept, gone = check_in(days, days.mira, 13), check_in(days, days.mira, 14)
    his = check_in(days, days.jonas, 14)
    with days.database.read() as connection:
        (row_id,) = raw(
            connection, "SELECT id FROM daily_check WHERE owner_id = ? AND day = '2026-03-14'", (days.mira.person_id,)
        ).one()
    assert checks(days, days.mira) == [kept, gone]
    preview = erase(days, days.mira, Period(date(2026, 3, 14), date(2026, 3, 14)))
    assert (preview.checks, preview.entries) == (1, 1)
    assert checks(days, days.mira) == [kept]
    assert checks(days, days.jonas) == [his]
    assert row_id.encode() not in raw_files(days.folder)


def test_a_check_since_the_preview_stops_the_erasing(days):
    wish = Period(None, None)
    token = days.journal.erasure.preview(days.mira, wish).token
    late = check_in(days, days.mira, 13)
    with pytest.raises(ChangedSincePreview):
        days.journal.erasure.erase(days.mira, wish, token=token)
    assert checks(days, days.mira) == [late]


def test_a_timeline_kept_since_the_preview_changes_nothing_for_who_erases(shared):
    wish = OneEntry(shared.hers)
    with shared.database.write() as connection:
        raw(connection, "DELETE FROM timeline")
    preview = shared.journal.erasure.preview(shared.mira, wish)
    assert preview.timelines == 0
    keep_timeline(shared, shared.talk, HERS)
    assert shared.journal.erasure.erase(shared.mira, wish, token=preview.token).timelines == 1
    assert mark(HERS) not in raw_files(shared.folder)


def test_what_is_computed_while_its_recording_is_erased_is_not_kept(shared):
    erase(shared, shared.mira, OneRecording(shared.talk.recording_id))
    assert not keep_timeline(shared, shared.talk, HERS)
    assert mark(HERS) not in raw_files(shared.folder)


def test_everything_takes_the_daily_checks_and_the_remembered_straps(home):
    end(home.journal, home.mira, home.talk)
    check_in(home, home.mira, 12)
    home.journal.straps.remember(home.mira, About("Strap of Mira", "AA:BB:CC:DD:EE:77", system="linux"), now=BEGAN)
    assert b"AA:BB:CC:DD:EE:77" in raw_files(home.folder)
    assert erase(home, home.mira, Everything()).checks == 1
    assert (count(home, "daily_check"), count(home, "strap")) == (0, 0)
    assert b"AA:BB:CC:DD:EE:77" not in raw_files(home.folder)


def test_a_period_takes_a_recording_that_has_no_entry(home):
    end(home.journal, home.mira, home.talk)
    preview = erase(home, home.mira, Period(date(2026, 3, 12), date(2026, 3, 12)))
    assert (preview.entries, preview.recordings) == (0, 1)
    assert home.journal.recordings.own(home.mira) == []
    assert len(home.journal.recordings.own(home.jonas)) == 1


def test_what_has_changed_since_the_preview_is_not_erased(days):
    wish = Period(None, None)
    token = days.journal.erasure.preview(days.mira, wish).token
    late = days.journal.texts.create(days.mira, now=BEGAN)
    with pytest.raises(ChangedSincePreview):
        days.journal.erasure.erase(days.mira, wish, token=token)
    assert late in {it.id for it in days.journal.entries.list_entries(days.mira)}


@pytest.mark.parametrize("wish", [OneRecording, Period, Everything])
def test_a_talk_that_goes_on_is_ended_first(home, wish):
    wishes = {OneRecording: OneRecording(home.talk.recording_id), Period: Period(None, None), Everything: Everything()}
    with pytest.raises(TalkIsOpen):
        erase(home, home.mira, wishes[wish])
    assert len(home.journal.recordings.own(home.mira)) == 1


def test_a_talk_after_an_erased_one_is_whole(shared):
    erase(shared, shared.mira, OneEntry(shared.hers))
    talk = start(shared.journal, shared.mira, BEGAN + timedelta(days=1))
    entry_id = fill(shared, shared.mira, talk, talk.recording_id, HERS)
    assert shared.journal.entries.entry(shared.mira, entry_id).episodes == (EPISODE,)


def test_everything_leaves_the_account_in_no_row_of_any_table_and_the_other_keeps_their_own(shared):
    become_two(shared, shared.mira, shared.jonas)
    (someone,) = shared.journal.turn_to.everyone(shared.mira)
    hers = (shared.journal.pairs.mine(shared.mira).id.encode(), someone.id.encode(), b"Phone by Grandmother")
    for told in hers:
        assert told in raw_files(shared.folder)
    erase(shared, shared.mira, Everything())
    with shared.database.read() as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(table.select()):
                assert shared.mira.person_id not in tuple(row), table.name
    for gone in ("pair", "agreement", "join_code", "way_back"):
        assert count(shared, gone) == 0, gone
    for left in ("channel", "delivery", "turn_to"):
        assert count(shared, left) == 1, left
    for told in hers:
        assert told not in raw_files(shared.folder)
    assert [one.name for one in shared.journal.turn_to.everyone(shared.jonas)] == ["Grandfather"]
    assert [one.address for one in shared.journal.channels.channels(shared.jonas)] == ["json://h/"]
    assert shared.journal.pairs.mine(shared.jonas) is None


def test_with_a_recording_goes_what_was_sent_because_of_it_to_ones_own_channels(shared):
    become_two(shared, shared.mira, shared.jonas)
    erase(shared, shared.mira, OneRecording(shared.talk.recording_id))
    assert b"key-Grandmother" not in raw_files(shared.folder)
    assert b"key-Grandfather" in raw_files(shared.folder)
    assert count(shared, "channel") == 2
