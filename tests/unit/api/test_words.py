"""What an entry says of a flood: each figure, or that it is not known."""

from dataclasses import replace
from datetime import UTC, datetime

from api.words.clock_times import LocalTimes
from api.words.entry import flood_facts
from api.words.week import back_words, flood_words, pause_words
from journal.reviews.rises import PauseTaken, Rise, RiseKind
from tests.integration.findings import EPISODE

LOCAL = LocalTimes(datetime(2026, 3, 12, 19, 0, tzinfo=UTC), 60)


def test_a_figure_that_an_archive_does_not_have_is_said_to_be_unknown():
    """The two are stored apart, and a file from elsewhere can hold one of them only."""
    told = {fact["label"]: fact["value"] for fact in flood_facts(replace(EPISODE, rise_bpm=None), LOCAL)}
    assert told["Rise above it"] == "not known"
    assert told["Usual"] == "71"


def flood(**changes):
    at = datetime(2026, 3, 12, 20, 15, tzinfo=UTC)
    told = {
        "kind": RiseKind.FLOOD, "at": at, "from_s": 900.0, "peak_s": 950.0, "peak_bpm": 113.0, "line_bpm": 100.0,
        "near_usual_bpm": 78.0, "recording_id": "r", "back_s": 660, "paused_after_s": 190.0, "entry": None,
    }  # fmt: skip
    return Rise(**(told | changes))


def test_each_figure_of_a_flood_says_from_when_it_counts():
    assert flood_words(flood()) == (
        "Thursday, 20:15: it crossed the line. Highest 113. You paused 3 minutes after it crossed the line. "
        "From its last second above the line back near usual in 11 minutes."
    )


def test_a_flood_by_its_wearers_word_alone_never_crossed_the_line():
    assert "crossed the line" not in flood_words(flood(by_word=True, paused_after_s=None))
    assert back_words(flood(by_word=True)) == "From its highest back near usual in 11 minutes"


def test_the_way_back_of_what_turned_counts_from_its_highest():
    assert back_words(flood(kind=RiseKind.NEAR_MISS, back_s=40)) == "From its highest back near usual within a minute"


def test_a_pause_in_the_review_counts_from_its_own_beginning():
    at = datetime(2026, 3, 12, 20, 18, tzinfo=UTC)
    taken = PauseTaken(at, 540.0, at.replace(minute=40), None)
    assert pause_words(taken) == "Thursday, 20:18: a pause, near your usual 9 minutes into it, back at 20:40."
