"""Each one's own switch shows their own curve to the other of a talk: off until pressed, off again at once, and nothing more."""

from dataclasses import replace
from math import ceil

import pytest

from alerts.people import SERVICE
from alerts.ports import NotAllowed
from alerts.talk_state import Phase
from api.views.shown_curve import shown_curve
from api.words.clock_times import LocalTimes
from hrv.settings import DetectorSettings
from journal.erasure import OneEntry
from journal.shown_curves import Curve, TalkOfTwo
from sensing.source import Notification
from tests.fakes import BEGAN, packet
from tests.integration.journal_home import Home, at
from tests.raw_sql import raw

SECONDS = 900


@pytest.fixture
def home(tmp_path):
    """Mira and Jonas had a talk of a quarter of an hour, he at 80 beats a minute, she at 70."""
    with Home(tmp_path) as home:
        with home.database.read() as connection:
            numbers = dict(
                raw(connection, "SELECT owner_id, id FROM recording").all()  # each one's own
            )
        for who, bpm in ((home.mira, 70), (home.jonas, 80)):
            beat_s = 0.0
            for second in range(1, SECONDS + 1):
                beats = int((second - beat_s) * bpm / 60)
                beat_s += beats * 60 / bpm
                home.journal.recorder.measurement(
                    numbers[who.person_id], Notification(second - 0.1, packet(bpm, beats), None)
                )
        home.journal.recorder.flush()
        yield home


@pytest.fixture
def entries(home):
    """The talk is over. Mira's entry and his."""
    state, version = home.journal.talks.load(home.mira, home.talk.id)
    over = replace(state, phase=Phase.ENDED, topic_began_at=at(300), ended_at=at(SECONDS))
    home.journal.talks.save(home.mira, home.talk.id, over, expected_version=version)
    made = [home.journal.recorder.entry(who, home.talk.id) for who in (home.mira, home.jonas)]
    home.journal.timelines.bring_up_to_date(SERVICE, DetectorSettings())
    return made


def seen(home, who, entry_id):
    return home.journal.shown_curves.of_two(who, entry_id)


def test_nothing_is_shown_until_its_owner_shows_it_and_no_longer_than_they_want(home, entries):
    hers, his = entries
    curves = home.journal.shown_curves
    assert [seen(home, home.mira, hers).curve, seen(home, home.jonas, his).curve] == [None, None]
    curves.show(home.jonas, his, now=BEGAN)
    curves.show(home.jonas, his, now=BEGAN)  # pressed twice
    mine = seen(home, home.mira, hers)
    assert (mine.other_name, mine.is_shown) == ("Jonas", False)
    assert mine.curve.began_at == BEGAN
    assert {round(rate) for rate in mine.curve.bpm[60:] if rate is not None} == {80}
    assert seen(home, home.jonas, his).curve is None, "his showing shows him nothing of hers"
    assert seen(home, home.jonas, his).is_shown
    curves.hide(home.jonas, his)
    curves.hide(home.jonas, his)
    assert seen(home, home.mira, hers).curve is None


def test_nobody_shows_hides_or_sees_by_anothers_entry(home, entries):
    hers, his = entries
    curves = home.journal.shown_curves
    for stranger, entry_id in ((home.mira, his), (home.jonas, hers), (home.lena, hers), (home.lena, "none")):
        with pytest.raises(NotAllowed):
            curves.show(stranger, entry_id, now=BEGAN)
        with pytest.raises(NotAllowed):
            curves.hide(stranger, entry_id)
        with pytest.raises(NotAllowed):
            curves.of_two(stranger, entry_id)


def test_a_talk_that_goes_on_has_no_switch_and_shows_nothing(home):
    hers = home.journal.recorder.entry(home.mira, home.talk.id)
    assert seen(home, home.mira, hers) is None
    with pytest.raises(NotAllowed):
        home.journal.shown_curves.show(home.mira, hers, now=BEGAN)


def test_what_is_erased_is_shown_no_more(home, entries):
    hers, his = entries
    home.journal.shown_curves.show(home.jonas, his, now=BEGAN)
    preview = home.journal.erasure.preview(home.jonas, OneEntry(his))
    home.journal.erasure.erase(home.jonas, OneEntry(his), token=preview.token)
    left = seen(home, home.mira, hers)
    assert left is None or left.curve is None


def test_the_page_draws_it_alone_with_its_words_and_a_row_a_minute(home, entries):
    hers, his = entries
    home.journal.shown_curves.show(home.jonas, his, now=BEGAN)
    two = seen(home, home.mira, hers)
    drawn = shown_curve(two, LocalTimes(BEGAN, 60))["curve"]
    assert "80 beats a minute" in drawn["words"]
    assert drawn["words"].endswith("Jonas shows it.")
    assert len(drawn["minutes"]) == ceil(len(two.curve.bpm) / 60)
    assert drawn["minutes"][5] == {"at": f"{LocalTimes(BEGAN, 60).at(300):%H:%M}", "bpm": 80}
    assert len(drawn["pieces"]) == 1


def test_a_gap_is_drawn_as_one_and_nothing_is_drawn_of_a_heart_that_was_never_heard():
    local = LocalTimes(BEGAN, 60)
    two = TalkOfTwo("Jonas", is_shown=False, curve=Curve(BEGAN, [70.0] * 60 + [None] * 60 + [72.0] * 60))
    drawn = shown_curve(two, local)["curve"]
    assert (len(drawn["pieces"]), len(drawn["gaps"])) == (2, 6)
    assert [minute["bpm"] for minute in drawn["minutes"]] == [70, None, 72]
    assert shown_curve(replace(two, curve=Curve(BEGAN, [None] * 60)), local)["curve"] is None
    assert shown_curve(None, local) is None
