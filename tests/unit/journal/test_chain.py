"""No line of a signed log changes, goes or moves unseen."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.chain import BEFORE_THE_FIRST, Broken, Fault, Head, Signed, broken, signed

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
SAYINGS = st.lists(st.binary(max_size=40), min_size=1, max_size=12)


def written(sayings, key=KEY):
    lines, head = [], Head()
    for said in sayings:
        lines.append(signed(key, head, said))
        head = Head(lines[-1].place, lines[-1].signature)
    return lines, head


@given(SAYINGS)
def test_what_was_written_holds_also_where_the_head_was_not_written_any_more(sayings):
    lines, head = written(sayings)
    assert broken(KEY, lines, head) is None
    for before in (Head(), *(Head(line.place, line.signature) for line in lines)):
        assert broken(KEY, lines, before) is None


@given(SAYINGS, st.data())
def test_a_line_that_says_something_else_is_found(sayings, data):
    lines, head = written(sayings)
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = replace(lines[at], said=lines[at].said + b"!")
    assert broken(KEY, lines, head) == Broken(at + 1, Fault.CHANGED)


@given(SAYINGS, st.data())
def test_a_line_that_is_gone_is_found_also_when_the_others_move_up(sayings, data):
    lines, head = written(sayings)
    at = data.draw(st.integers(0, len(lines) - 1))
    del lines[at]
    found = broken(KEY, lines, head)
    assert found == Broken(at + 1, Fault.CUT_OFF if at == len(lines) else Fault.MISSING)
    moved_up = [replace(line, place=place) for place, line in enumerate(lines, 1)]
    assert broken(KEY, moved_up, head) is not None


@given(SAYINGS, st.integers(1, 12))
def test_lines_that_are_cut_off_are_found(sayings, number):
    lines, head = written(sayings)
    kept = lines[: max(0, len(lines) - number)]
    assert broken(KEY, kept, head) == Broken(len(kept) + 1, Fault.CUT_OFF)


def test_every_other_order_is_found():
    lines, head = written([b"one", b"two", b"three", b"four"])
    for order in permutations(lines):
        renumbered = [replace(line, place=place) for place, line in enumerate(order, 1)]
        assert (broken(KEY, renumbered, head) is None) == (list(order) == lines)


@given(SAYINGS)
def test_who_has_no_key_writes_no_line(sayings):
    lines, head = written(sayings)
    forged = signed(OTHER_KEY, head, b"nobody read anything")
    assert broken(KEY, [*lines, forged], head) == Broken(len(lines) + 1, Fault.CHANGED)
    assert broken(OTHER_KEY, lines, head) == Broken(1, Fault.CHANGED)


def test_an_older_whole_log_put_in_the_place_of_the_present_one_is_found():
    older, _ = written([b"one", b"two"])
    _, head = written([b"one", b"three", b"four"])
    assert broken(KEY, older, head) is not None
    assert broken(KEY, older, Head(2, b"x" * 32)) == Broken(2, Fault.CHANGED)


def test_no_lines_are_no_fault_unless_there_were_some():
    assert broken(KEY, [], Head()) is None
    assert broken(KEY, [], Head(3, b"x" * 32)) == Broken(1, Fault.CUT_OFF)


@pytest.mark.parametrize("said", [b"", b"\0" * 8])
def test_a_place_and_what_is_said_cannot_be_taken_for_each_other(said):
    first = signed(KEY, Head(), said)
    assert signed(KEY, Head(), said[:-1]).signature != first.signature or said == b""
    assert broken(KEY, [Signed(2, said, first.signature)], Head()) == Broken(1, Fault.MISSING)
    assert len(BEFORE_THE_FIRST) == len(first.signature)
