"""Packets that a page sends: each once, at its own time, and acknowledged when, and not before, it is on the disk."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from sensing.numbered import MOST_IN_A_STREAM, MOST_STREAM, Numbers, Span, number_of
from sensing.page_clock import BEST_OF_S, MOST_STREAMS, PageClock
from sensing.page_strap import PageStrap

FEW = st.integers(1, 60)


@given(st.lists(st.tuples(st.sampled_from([0, 1, 5, MOST_STREAM]), FEW)), st.lists(st.tuples(st.just(1), FEW)))
def test_a_set_of_numbers_is_a_set(added, removed):
    numbers, plain = Numbers(), set()
    for stream, count in added:
        number = number_of(stream, count)
        assert numbers.add(number) is (number not in plain)
        plain.add(number)
    for stream, count in removed:
        numbers.remove(number_of(stream, count))
        plain.discard(number_of(stream, count))
    told = {number_of(s.stream, n) for s in numbers.spans() for n in range(s.first, s.last + 1)}
    assert told == plain
    assert all((number in numbers) is (number in plain) for number in range(number_of(1, 1), number_of(1, 61)))
    assert bool(numbers) is bool(plain)


@given(st.sets(FEW), FEW, FEW)
def test_what_is_there_of_a_span(counts, first, last):
    numbers = Numbers(number_of(3, count) for count in counts)
    there = [count for span in numbers.within(Span(3, first, last)) for count in range(span.first, span.last + 1)]
    assert there == sorted(count for count in counts if first <= count <= last)


def test_a_number_fits_the_database_and_no_two_packets_share_one():
    assert number_of(MOST_STREAM, MOST_IN_A_STREAM) == 2**63 - 1
    assert number_of(1, MOST_IN_A_STREAM) < number_of(2, 1)


class World:
    """A page that keeps what is not acknowledged, a network that loses, repeats and reorders, and a server that is killed."""

    def __init__(self):
        self.received = []  # by the page, ever
        self.kept = {}
        self.on_the_way, self.acks = [], []
        self.disk = []
        self.stream = 0
        self.restart()

    def restart(self):
        """What was not committed is gone with the process."""
        self.queue, self.judged = [], []
        self.server = PageStrap([number for number, _ in self.disk])

    def strap_speaks(self):
        count = 1 + sum(number >> 20 == self.stream for number in self.received)
        self.received.append(number_of(self.stream, count))
        self.kept[self.received[-1]] = (self.stream, count)

    def reload(self):
        self.stream += 1

    def send(self, which):
        for number in sorted(self.kept)[which:]:
            self.on_the_way.append(self.kept[number])

    def arrives(self, which, again):
        if self.on_the_way:
            stream, count = self.on_the_way[which % len(self.on_the_way)]
            if not again:
                self.on_the_way.remove((stream, count))
            self.server.hear(stream, 1000.0, 50.0)
            self.queue += self.server.take(stream, [(count, 1000.0, b"%d" % number_of(stream, count))])

    def journal_is_full(self):
        if self.queue:
            self.server.was_not_taken(self.queue.pop().number)

    def commit(self):
        self.disk += [(new.number, new.packet) for new in self.queue]
        self.server.is_stored([new.number for new in self.queue])
        self.queue = []

    def told(self):
        self.acks += self.server.to_tell()

    def ack_arrives(self):
        if self.acks:
            span = self.acks.pop()
            for count in range(span.first, span.last + 1):
                number = number_of(span.stream, count)
                assert number in {known for known, _ in self.disk}, "acknowledged before it was on the disk"
                self.kept.pop(number, None)

    def network_forgets(self):
        self.on_the_way, self.acks = [], []


OFTEN = ["strap_speaks", "send", "arrives", "arrives", "commit", "told", "ack_arrives"]
SELDOM = ["restart", "reload", "network_forgets", "journal_is_full"]
STEPS = st.lists(
    st.tuples(st.sampled_from([*OFTEN, *OFTEN, *SELDOM]), st.integers(0, 9), st.booleans()), min_size=40, max_size=80
)


@given(STEPS)
def test_whatever_is_lost_sent_again_doubled_reordered_or_killed_each_packet_is_stored_once(steps):
    world = World()
    for name, which, again in steps:
        if name == "arrives":
            world.arrives(which, again=again)
        elif name == "send":
            world.send(which % 4)
        else:
            getattr(world, name)()
    # In the end the network holds, and the page sends what it still keeps.
    world.network_forgets()
    world.send(0)
    while world.on_the_way:
        world.arrives(0, again=False)
    world.commit()
    world.told()
    while world.acks:
        world.ack_arrives()
    assert sorted(number for number, _ in world.disk) == sorted(world.received), "none lost, none doubled"
    assert all(packet == b"%d" % number for number, packet in world.disk)
    assert world.kept == {}, "and the page keeps none for nothing"


def test_what_waits_is_told_to_a_page_that_asks():
    strap = PageStrap([number_of(7, count) for count in (1, 2, 5)])
    strap.ask([Span(7, 2, 9), Span(8, 1, 4)])
    assert strap.to_tell() == [Span(7, 2, 2), Span(7, 5, 5)]


def times(strap, stream, *at_ms):
    return [new.t_s for new in strap.take(stream, [(count, at, b"x") for count, at in enumerate(at_ms, 1)])]


def test_a_packet_is_at_its_own_time_and_the_quickest_message_is_believed():
    strap = PageStrap([])
    for delay_s in (0.8, 0.05, 1.4):
        strap.hear(7, 10_000.0, 110.0 + delay_s)
    assert times(strap, 7, 9_000.0) == pytest.approx([109.05])


def test_what_was_kept_for_hours_is_at_its_own_time():
    strap = PageStrap([])
    strap.hear(7, 1_000.0, 10.0)
    strap.hear(7, 7_201_000.0, 7_210.0)
    assert times(strap, 7, 3_000.0, 4_000.0) == pytest.approx([12.0, 13.0])


def test_a_page_whose_clock_was_set_while_nothing_went_through_keeps_the_times_of_before():
    """An hour forward or back: the page begins a new stream, and the old one stays beside our clock as it was."""
    for jump_ms in (3_600_000, -3_600_000, 400):
        strap = PageStrap([])
        strap.hear(7, 9_000_000.0, 60.0)
        strap.hear(8, 9_020_000.0 + jump_ms, 80.0)
        assert times(strap, 7, 9_010_000.0) == pytest.approx([70.0]), jump_ms
        assert times(strap, 8, 9_019_000.0 + jump_ms) == pytest.approx([79.0]), jump_ms


def test_a_stream_that_nobody_heard_while_it_was_the_present_goes_by_the_pages_own_word():
    """The page was loaded again while nothing went through, or this process is a new one."""
    strap = PageStrap([])
    strap.hear(8, 9_000_000.0, 500.0)
    assert times(strap, 7, 8_900_000.0) == pytest.approx([400.0])


def test_no_packet_is_in_the_future_or_before_the_talk():
    strap = PageStrap([])
    strap.hear(7, 10_000.0, 5.0)
    assert times(strap, 7, 999_999.0, 0.0) == [5.0, 0.0]


def test_clocks_that_drift_apart_are_set_beside_each_other_again():
    clock = PageClock()
    for second in range(0, 36_000, 10):
        clock.hear(7, second * 1000.0, second * 1.0001)  # 100 ppm: 3.6 s in ten hours
    assert clock.here_s(7, 35_990_000.0) == pytest.approx(35_990 * 1.0001, abs=2 * BEST_OF_S * 1e-4 + 0.01)


def test_a_page_that_begins_streams_without_end_costs_no_memory_without_end():
    clock = PageClock()
    for stream in range(10_000):
        clock.hear(stream, 0.0, float(stream))
    assert len(clock._streams) == MOST_STREAMS
    assert clock.here_s(9_999, 1000.0) == pytest.approx(10_000.0)


def test_nothing_is_placed_before_the_page_has_said_what_time_it_is():
    with pytest.raises(LookupError, match="what time"):
        PageClock().here_s(7, 1.0)


def test_what_is_asked_often_is_told_once():
    """Else one message, with one span 256 times, would be answered with millions of spans."""
    page = PageStrap(number_of(3, count) for count in (1, 3, 5))
    page.ask([Span(3, 1, MOST_IN_A_STREAM)] * 256 + [Span(3, 2, 3), Span(4, 1, 9)])
    assert page.to_tell() == [Span(3, 1, 1), Span(3, 3, 3), Span(3, 5, 5)]
