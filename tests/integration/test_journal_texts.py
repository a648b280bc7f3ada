"""Words of an entry: saved as one types, kept when a second window is late, found again, on the clock of their place."""

from datetime import UTC, date, datetime, timedelta

import pytest

from alerts.people import Actor
from alerts.ports import NotAllowed
from api.words.clock_times import LocalTimes
from journal.content import Body, BodyPlace, Content, Moment, Trigger
from journal.entries import Kind, NoRecording
from journal.local_time import UnknownZone, zone_of_this_machine
from journal.search import EntryFilter
from journal.texts import MOST_DRAFTS, TextConflict, TooManyDrafts
from tests.fakes import BEGAN
from tests.integration.findings import EPISODE, NEAR
from tests.integration.journal_home import Home, end, start


@pytest.fixture
def home(tmp_path):
    with Home(tmp_path / "data") as home:
        yield home


def by_hand(home, content=None, actor=None, **when):
    actor = actor or home.mira
    entry_id = home.journal.texts.create(actor, now=when.pop("now", BEGAN), **when)
    if content is not None:
        save(home, entry_id, content, actor=actor)
    return entry_id


def save(home, entry_id, content, version=0, tab="one", actor=None, **more):
    return home.journal.texts.save(
        actor or home.mira, entry_id, content, version=version, tab=tab, **({"now": BEGAN} | more)
    )


def read(home, entry_id):
    return home.journal.texts.read(home.mira, entry_id)


def notes(text):
    return Content(notes=text)


def test_a_new_entry_is_an_empty_page_and_each_save_names_the_one_before(home):
    entry_id = by_hand(home)
    assert (read(home, entry_id).version, read(home, entry_id).content) == (0, Content())
    assert save(home, entry_id, notes("one"), 0) == 1
    assert save(home, entry_id, notes("one two"), 1) == 2
    assert read(home, entry_id).content == notes("one two")
    assert read(home, entry_id).drafts == ()


def test_words_of_a_late_window_are_kept_beside_the_newer_ones(home):
    entry_id = by_hand(home, notes("shared"))
    save(home, entry_id, notes("shared, newer"), 1, "one")
    with pytest.raises(TextConflict) as late:
        save(home, entry_id, notes("shared, late"), 1, "two")
    assert late.value.stored == read(home, entry_id)
    assert read(home, entry_id).content == notes("shared, newer")
    (draft,) = read(home, entry_id).drafts
    assert (draft.content, draft.based_on) == (notes("shared, late"), 1)


def test_a_late_window_that_types_on_keeps_one_draft_and_two_windows_keep_two(home):
    entry_id = by_hand(home, notes("newest"))
    for tab, text in (("two", "l"), ("two", "la"), ("three", "other"), ("two", "late")):
        with pytest.raises(TextConflict):
            save(home, entry_id, notes(text), 0, tab)
    assert {draft.content.notes for draft in read(home, entry_id).drafts} == {"late", "other"}


def test_a_second_conflict_of_one_window_does_not_replace_its_first(home):
    entry_id = by_hand(home, notes("v1"))
    save(home, entry_id, notes("v2"), 1)
    for version in (0, 1):
        with pytest.raises(TextConflict):
            save(home, entry_id, notes(f"late on {version}"), version, "two")
    assert {draft.content.notes for draft in read(home, entry_id).drafts} == {"late on 0", "late on 1"}


def test_a_save_whose_answer_was_lost_can_be_repeated(home):
    entry_id = by_hand(home)
    assert save(home, entry_id, notes("x"), 0) == save(home, entry_id, notes("x"), 0) == 1
    assert read(home, entry_id).drafts == ()


def test_a_version_that_never_was_stores_nothing_over_what_is(home):
    entry_id = by_hand(home, notes("here"))
    with pytest.raises(TextConflict):
        save(home, entry_id, notes("from a restored backup"), 40)
    assert read(home, entry_id).content == notes("here")


def test_drafts_do_not_grow_without_end_and_the_refusal_stores_nothing(home):
    entry_id = by_hand(home, notes("here"))
    for n in range(MOST_DRAFTS):
        with pytest.raises(TextConflict):
            save(home, entry_id, notes(f"late {n}"), 0, f"tab {n}")
    with pytest.raises(TooManyDrafts):
        save(home, entry_id, notes("one more"), 0, "one more")
    home.journal.texts.discard_draft(home.mira, entry_id, read(home, entry_id).drafts[0].id)
    assert len(read(home, entry_id).drafts) == MOST_DRAFTS - 1


def test_a_draft_goes_only_by_its_own_entry_and_owner(home):
    mine, other = by_hand(home, notes("x")), by_hand(home)
    with pytest.raises(TextConflict):
        save(home, mine, notes("late"), 0, "two")
    draft = read(home, mine).drafts[0].id
    home.journal.texts.discard_draft(home.mira, other, draft)
    with pytest.raises(NotAllowed):
        home.journal.texts.discard_draft(home.jonas, mine, draft)
    assert len(read(home, mine).drafts) == 1
    home.journal.texts.discard_draft(home.mira, mine, draft)
    assert read(home, mine).drafts == ()


def test_nobody_without_an_account_makes_an_entry(home):
    with pytest.raises(NotAllowed):
        home.journal.texts.create(Actor("nobody"), now=BEGAN)


def test_an_entry_by_hand_has_words_and_no_body(home):
    entry_id = by_hand(home, notes("x"))
    with pytest.raises(NoRecording):
        home.journal.entries.entry(home.mira, entry_id)
    line = home.journal.entries.line(home.mira, entry_id)
    assert (line.kinds, line.floods, line.peak_bpm) == ({Kind.BY_HAND}, 0, None)


@pytest.fixture
def year(home):
    """Six entries of Mira's, and one of Jonas's that has every word."""
    home.journal.recorder.episode(home.mira, home.talk.recording_id, EPISODE)
    flood = home.journal.recorder.entry(home.mira, home.talk.id)
    save(home, flood, Content(trigger=Trigger("He said “fine”", ("Feeling unheard",)), tags=("Évening",)))
    end(home.journal, home.mira, home.talk)
    near_talk = start(home.journal, home.mira, BEGAN + timedelta(days=3))
    home.journal.recorder.near_miss(home.mira, near_talk.recording_id, NEAR)
    near = home.journal.recorder.entry(home.mira, near_talk.id)
    save(home, near, Content(moments=(Moment(12.0, "Café in der Größenstraße"),)))
    hand = by_hand(home, Content(body=Body("tight", (BodyPlace("Throat", 3),))), now=BEGAN - timedelta(days=9))
    empty = by_hand(home, now=BEGAN - timedelta(days=10))
    by_hand(home, Content(notes="fine café throat", tags=("evening",)), actor=home.jonas)
    home.named = {flood: "flood", near: "near", hand: "hand", empty: "empty"}
    return home


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["near", "flood", "hand", "empty"]),
        ({"words": "FINE said"}, ["flood"]),
        ({"words": "cafe grossenstrasse"}, ["near"]),
        ({"words": "cafe fine"}, []),
        ({"words": "throat"}, ["hand"]),
        ({"words": "unheard"}, ["flood"]),
        ({"words": "  "}, ["near", "flood", "hand", "empty"]),
        ({"tag": "evening"}, ["flood"]),
        ({"tag": "even"}, []),
        ({"category": "feeling UNHEARD"}, ["flood"]),
        ({"kind": Kind.FLOOD}, ["flood"]),
        ({"kind": Kind.NEAR_MISS}, ["near"]),
        ({"kind": Kind.PAUSE}, []),
        ({"kind": Kind.BY_HAND}, ["hand", "empty"]),
        ({"from_day": date(2026, 3, 12), "to_day": date(2026, 3, 12)}, ["flood"]),
        ({"to_day": date(2026, 3, 11)}, ["hand", "empty"]),
        ({"words": "fine", "kind": Kind.NEAR_MISS}, []),
    ],
    ids=str,
)
def test_search_finds_ones_own_entries_by_words_tag_category_kind_and_day(year, wanted, found):
    lines = year.journal.search.find(year.mira, EntryFilter(**wanted))
    assert [year.named[line.entry.id] for line in lines] == found


def local_clock(home, entry_id):
    line = home.journal.entries.line(home.mira, entry_id)
    return LocalTimes(line.began_at, line.utc_offset_min, line.zone).began.isoformat()


@pytest.mark.parametrize(
    ("utc", "zone", "clock"),
    [
        # Berlin, spring: 01:59 is followed by 03:00. Autumn: 02:30 comes twice.
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "Europe/Berlin", "2026-03-29T01:59:00+01:00"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "Europe/Berlin", "2026-03-29T03:00:00+02:00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Europe/Berlin", "2026-10-25T02:30:00+02:00"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Europe/Berlin", "2026-10-25T02:30:00+01:00"),
        # On a trip: Kathmandu is at +05:45, and Auckland is a day ahead.
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "Asia/Kathmandu", "2026-03-29T06:45:00+05:45"),
        (datetime(2026, 7, 1, 20, 0, tzinfo=UTC), "Pacific/Auckland", "2026-07-02T08:00:00+12:00"),
    ],
)
def test_an_entry_shows_the_clock_of_where_it_was_written_wherever_it_is_read(home, monkeypatch, utc, zone, clock):
    entry_id = by_hand(home, now=utc, zone=zone)
    save(home, entry_id, notes("x"), now=utc, zone=zone)
    monkeypatch.setenv("TZ", "America/New_York")
    assert local_clock(home, entry_id) == clock
    assert read(home, entry_id).written.local.isoformat() == clock
    assert read(home, entry_id).written.zone == zone


def test_days_are_looked_for_on_the_entrys_own_clock(home):
    entry_id = by_hand(home, now=datetime(2026, 7, 1, 20, 0, tzinfo=UTC), zone="Pacific/Auckland")
    for day, there in ((date(2026, 7, 1), False), (date(2026, 7, 2), True)):
        found = home.journal.search.find(home.mira, EntryFilter(from_day=day, to_day=day))
        assert [line.entry.id for line in found] == ([entry_id] if there else [])


def talk_entry(home, began_at, utc_offset_min):
    end(home.journal, home.mira, home.talk)
    talk = home.journal.talks.start(
        home.mira, began_at=began_at, utc_offset_min=utc_offset_min, strap=None, simulated=False, threshold_bpm=100.0
    )
    return home.journal.recorder.entry(home.mira, talk.id)


def test_a_talk_across_the_change_of_the_clocks_shows_both_sides_of_it(home, monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    entry_id = talk_entry(home, datetime(2026, 3, 29, 0, 30, tzinfo=UTC), 60)
    detail = home.journal.entries.entry(home.mira, entry_id)
    local = LocalTimes(detail.talk.began_at, detail.talk.utc_offset_min, detail.zone)
    assert (local.clock(0), local.clock(1799), local.clock(1800)) == ("01:30", "01:59", "03:00")
    assert (local.change_within(4 * 3600), local.change_within(1800), local.change_within(0)) == (
        (1800, 3600),
        (1800, 3600),
        None,
    )
    autumn = LocalTimes(datetime(2026, 10, 25, 0, 30, 20, tzinfo=UTC), 120, "Europe/Berlin")
    assert autumn.change_within(3600) == (1780, -3600)


def test_a_trips_talk_keeps_its_clock_when_it_is_written_about_at_home(home, monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Berlin")
    entry_id = talk_entry(home, datetime(2026, 7, 1, 20, 0, tzinfo=UTC), 720)
    assert (
        save(home, entry_id, notes("home again"), zone="Europe/Berlin", now=datetime(2026, 7, 9, 18, tzinfo=UTC)) == 1
    )
    assert local_clock(home, entry_id) == "2026-07-02T08:00:00+12:00"
    assert read(home, entry_id).written.local.isoformat() == "2026-07-09T20:00:00+02:00"


def test_a_page_names_the_zone_that_the_machine_did_not_know(home, monkeypatch):
    monkeypatch.setattr(home.journal.recorder, "_zone", lambda: None)
    entry_id = talk_entry(home, datetime(2026, 3, 29, 0, 30, tzinfo=UTC), 60)
    assert home.journal.entries.line(home.mira, entry_id).zone is None
    save(home, entry_id, notes("x"), zone="Europe/Berlin")
    assert home.journal.entries.line(home.mira, entry_id).zone == "Europe/Berlin"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "Europe", "", "x" * 300, "\0"])
def test_what_is_no_zone_is_refused_and_stores_nothing(home, zone):
    entry_id = by_hand(home)
    if zone:
        with pytest.raises(UnknownZone):
            save(home, entry_id, notes("x"), zone=zone)
        assert read(home, entry_id).version == 0


@pytest.mark.parametrize(("told", "known"), [("Europe/Berlin", "Europe/Berlin"), (":Asia/Tokyo", "Asia/Tokyo")])
def test_the_machine_tells_its_zone(monkeypatch, told, known):
    monkeypatch.setenv("TZ", told)
    assert zone_of_this_machine() == known
