from dataclasses import fields

import pytest
from hypothesis import given

from journal.content import (
    MOST_BYTES,
    BadContent,
    Content,
    EpisodeLabel,
    Moment,
    Trigger,
    content_as_json,
    content_from,
    content_from_json,
    content_to_json,
)
from tests.contents import contents


@given(contents)
def test_whatever_can_be_written_comes_back_exactly(content):
    assert content_from_json(content_to_json(content)) == content
    assert content_from(content_as_json(content)) == content


def test_an_empty_page_is_whole():
    assert content_from({}) == Content()
    assert Content().is_empty
    assert not Content(notes="x").is_empty


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ({"feeling": "x"}, "feeling"),
        ({"trigger": {"text": 5}}, "trigger.text"),
        ({"trigger": {"text": "x" * 20_001}}, "trigger.text"),
        ({"body": {"places": [{"place": "Throat", "intensity": 6}]}}, "body.places.0.intensity"),
        ({"body": {"places": [{"place": "Throat", "intensity": True}]}}, "body.places.0.intensity"),
        ({"behaviour": {"responses": ["shout"]}}, "behaviour.responses.0"),
        ({"moments": [{"t_s": -1, "text": ""}]}, "moments.0.t_s"),
        ({"moments": [{"t_s": float("nan"), "text": ""}]}, "moments.0.t_s"),
        ({"labels": [{"began_t_s": 1, "flooding": False, "reason": "angry"}]}, "labels.0.reason"),
        ({"disclosure": {"calm": {"checked_at": "2026-03-12T19:00:00"}}}, "disclosure.calm.checked_at"),
        ({"tags": [""]}, "tags.0"),
        ({"notes": "\ud800"}, "notes"),
        ([], "content"),
    ],
)
def test_what_is_no_content_says_where_and_repeats_no_word(told, where):
    with pytest.raises(BadContent) as refused:
        content_from(told)
    assert where in str(refused.value)
    assert "xxx" not in str(refused.value)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"schema": 1}', '{"schema": "x", "content": {}}', b"\xff"])
def test_bytes_that_are_no_content_are_refused(text):
    with pytest.raises(BadContent):
        content_from_json(text)


def test_a_newer_schema_asks_for_a_newer_program():
    with pytest.raises(BadContent, match="upgrade the program"):
        content_from_json('{"schema": 2, "content": {"mood": 3}}')


def test_too_much_for_one_entry_is_said_before_it_is_stored():
    moments = tuple(Moment(n, "x" * 20_000) for n in range(MOST_BYTES // 20_000 + 1))
    with pytest.raises(BadContent, match="more than one entry can hold"):
        content_to_json(Content(moments=moments))


def test_what_could_not_be_read_again_is_not_written():
    with pytest.raises(BadContent, match="tags"):
        content_to_json(Content(tags=("",)))


def test_the_body_is_no_part_of_what_is_written():
    named = {field.name for field in fields(Content)} | {field.name for field in fields(EpisodeLabel)}
    assert not {name for name in named if name.endswith(("_bpm", "_ms"))}
    assert Trigger() == Content().trigger
