"""What a page may say of its strap, and what is refused, in words and without any of the message in them."""

import json
from contextlib import suppress

import hypothesis.strategies as st
import pytest
from hypothesis import given

from api.strap_frames import (
    LONGEST_PACKET,
    MOST_BYTES,
    MOST_PACKETS,
    REASONS,
    BadFrame,
    Close,
    Hello,
    LinkNow,
    Now,
    Packets,
    StillHere,
    read_frame,
)
from sensing.numbered import MOST_IN_A_STREAM, MOST_STREAM, Span
from sensing.source import Link

SAID = {"clock": 7, "now": 1000.5}
GOOD = [1, 900, "1048"]


def frame(**more):
    return read_frame(json.dumps(SAID | more))


def test_the_four_messages():
    now = Now(7, 1000.5)
    assert frame(strap="Polar H10", waiting=[[7, 1, 3]]) == Hello(now, "Polar H10", (Span(7, 1, 3),))
    assert frame(stream=6, packets=[GOOD]) == Packets(now, 6, ((1, 900.0, b"\x10\x48"),))
    assert frame(link="lost") == LinkNow(now, Link.LOST)
    assert frame() == StillHere(now)


BAD = {
    "no JSON": "{",
    "no object": "[1]",
    "too deep": "[" * 50_000,
    "no clock": json.dumps({"now": 1}),
    "a clock that is true": json.dumps(SAID | {"clock": True}),
    "a clock beyond all": json.dumps(SAID | {"clock": MOST_STREAM + 1}),
    "a time that is none": '{"clock": 7, "now": NaN}',
    "an endless time": '{"clock": 7, "now": Infinity}',
    "a time before all": json.dumps(SAID | {"now": -1}),
    "a number of many digits": '{"clock": 7, "now": ' + "9" * 5000 + "}",
    "packets without a stream": json.dumps(SAID | {"packets": [GOOD]}),
    "no packets": json.dumps(SAID | {"stream": 1, "packets": []}),
    "too many packets": json.dumps(SAID | {"stream": 1, "packets": [GOOD] * (MOST_PACKETS + 1)}),
    "packets that are none": json.dumps(SAID | {"stream": 1, "packets": "10"}),
    "half a packet": json.dumps(SAID | {"stream": 1, "packets": [[1, 900]]}),
    "a count of 0": json.dumps(SAID | {"stream": 1, "packets": [[0, 900, "10"]]}),
    "a count beyond all": json.dumps(SAID | {"stream": 1, "packets": [[MOST_IN_A_STREAM + 1, 900, "10"]]}),
    "half a count": json.dumps(SAID | {"stream": 1, "packets": [[1.5, 900, "10"]]}),
    "an empty packet": json.dumps(SAID | {"stream": 1, "packets": [[1, 900, ""]]}),
    "a packet with a hole": json.dumps(SAID | {"stream": 1, "packets": [[1, 900, "10 48"]]}),
    "a packet that is no hex": json.dumps(SAID | {"stream": 1, "packets": [[1, 900, "xyz"]]}),
    "a packet that is too long": json.dumps(SAID | {"stream": 1, "packets": [[1, 900, "10" * (LONGEST_PACKET + 1)]]}),
    "a strap without a name": json.dumps(SAID | {"strap": ""}),
    "a strap with an escape": json.dumps(SAID | {"strap": "a\x1b[2J"}),
    "a strap with half a character": '{"clock": 7, "now": 1, "strap": "\\ud800"}',
    "a strap with a long name": json.dumps(SAID | {"strap": "x" * 81}),
    "what waits without an end": json.dumps(SAID | {"strap": "S", "waiting": [[1, 1]]}),
    "too much that waits": json.dumps(SAID | {"strap": "S", "waiting": [[1, 1, 1]] * (MOST_PACKETS + 1)}),
    "a link that is none": json.dumps(SAID | {"link": "about"}),
    "a link that is a list": json.dumps(SAID | {"link": ["lost"]}),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_what_cannot_be_is_refused_with_a_reason_that_tells_nothing_of_it(text):
    with pytest.raises(BadFrame) as refused:
        read_frame(text)
    assert refused.value.code is Close.MALFORMED
    reason = str(refused.value)
    assert 10 < len(reason.encode()) <= 123, "RFC 6455, 5.5: a control frame has room for so much"
    assert "xyz" not in reason


def test_what_is_too_large_is_not_even_read():
    with pytest.raises(BadFrame) as refused:
        read_frame("[" * (MOST_BYTES + 1))
    assert refused.value.code is Close.TOO_LARGE


@given(st.text() | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(json.dumps))
def test_no_text_whatever_breaks_the_reader(text):
    with pytest.raises(BadFrame):
        read_frame(text)


KEYS = st.sampled_from(["clock", "now", "stream", "packets", "strap", "waiting", "link"])


@given(st.dictionaries(KEYS, st.none() | st.integers() | st.lists(st.lists(st.integers() | st.text()))))
def test_no_object_whatever_breaks_the_reader(told):
    with suppress(BadFrame):
        assert read_frame(json.dumps(told)).now.stream == told["clock"]


def test_every_reason_to_close_has_its_words():
    assert set(REASONS) | {Close.MALFORMED} == set(Close)
    assert all(len(reason.encode()) <= 123 for reason in REASONS.values())
