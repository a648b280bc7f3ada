"""What an entry says of a flood: each figure, or that it is not known."""

from dataclasses import replace
from datetime import UTC, datetime

from api.words.clock_times import LocalTimes
from api.words.entry import flood_facts
from tests.integration.findings import EPISODE

LOCAL = LocalTimes(datetime(2026, 3, 12, 19, 0, tzinfo=UTC), 60)


def test_a_figure_that_an_archive_does_not_have_is_said_to_be_unknown():
    """The two are stored apart, and a file from elsewhere can hold one of them only."""
    told = {fact["label"]: fact["value"] for fact in flood_facts(replace(EPISODE, rise_bpm=None), LOCAL)}
    assert told["Rise above it"] == "not known"
    assert told["Usual"] == "71"
