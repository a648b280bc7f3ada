from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hrv.timeline import BeatTimeline


def place_all(packets):
    timeline, beats = BeatTimeline(), []
    for t_s, rr_ticks in packets:
        beats += timeline.place(t_s, rr_ticks)
    return timeline, beats


def test_first_packet_ends_at_its_arrival():
    _, beats = place_all([(10.0, (1000, 1024))])
    assert [beat.t_ticks for beat in beats] == [10240 - 1024, 10240]
    assert [beat.contiguous for beat in beats] == [False, True]


@given(st.lists(st.tuples(st.integers(300, 1500), st.floats(-0.9, 0.9)), min_size=2, max_size=200))
def test_arrival_jitter_moves_no_beat(rr_and_jitter):
    """Without gaps the axis is the sum of the intervals: no drift, no jump, whatever the arrivals do."""
    clock, packets = 5.0, []
    for rr, jitter in rr_and_jitter:
        clock += rr / 1024
        packets.append((clock + jitter, (rr,)))
    _, beats = place_all(packets)
    assert len(beats) == len(packets)
    assert all(beat.contiguous for beat in beats[1:])
    for before, after in pairwise(beats):
        assert after.t_ticks - before.t_ticks == after.rr_ticks


def test_burst_after_a_stall_is_no_gap():
    """Twelve packets at one moment, after twelve silent seconds, continue the axis as if they had come in time."""
    packets = [(float(s), (1024,)) for s in range(1, 11)]
    packets += [(22.0, (1024,))] * 12
    packets += [(float(s), (1024,)) for s in range(23, 30)]
    _, beats = place_all(packets)
    assert [beat.t_ticks for beat in beats] == [1024 * s for s in range(1, 30)]
    assert all(beat.contiguous for beat in beats[1:])


def test_burst_at_the_very_beginning_keeps_every_beat_in_order():
    timeline, beats = place_all([(12.0, (1024,))] * 12 + [(13.0, (1024,))])
    assert len(beats) == 13
    assert timeline.now_ticks(13.0) == beats[-1].t_ticks


def test_real_gap_is_a_gap():
    packets = [(float(s), (1024,)) for s in range(1, 11)] + [(float(s), (1024,)) for s in range(31, 34)]
    _, beats = place_all(packets)
    assert [beat.t_ticks // 1024 for beat in beats] == [*range(1, 11), 31, 32, 33]
    assert [i for i, beat in enumerate(beats) if not beat.contiguous] == [0, 10]


def test_burst_that_does_not_fill_the_stall_leaves_the_rest_as_a_gap():
    packets = [(float(s), (1024,)) for s in range(1, 11)] + [(30.0, (1024,))] * 5 + [(31.0, (1024,))]
    _, beats = place_all(packets)
    assert [beat.t_ticks // 1024 for beat in beats] == [*range(1, 11), 26, 27, 28, 29, 30, 31]
    assert [i for i, beat in enumerate(beats) if not beat.contiguous] == [0, 10]


def test_gap_that_ends_with_an_empty_packet_releases_the_held_beats():
    packets = [(1.0, (1024,)), (2.0, (1024,)), (30.0, (1024,)), (31.0, ())]
    _, beats = place_all(packets)
    assert [beat.t_ticks // 1024 for beat in beats] == [1, 2, 30]


def test_old_intervals_are_not_a_gap():
    """A strap that keeps its intervals for three seconds and then sends them together has lost nothing."""
    packets = [(1.0, (1024,))] + [(t + 3.0, (1024, 1024, 1024)) for t in range(1, 30, 3)]
    _, beats = place_all(packets)
    assert all(beat.contiguous for beat in beats[1:])


def test_number_that_is_no_interval_does_not_move_the_axis():
    _, beats = place_all([(1.0, (1024,)), (2.0, (65535,)), (3.0, (1024, 1024))])
    assert [(beat.t_ticks, beat.rr_ticks) for beat in beats] == [(1024, 1024), (1024, 0), (2048, 1024), (3072, 1024)]


@given(st.lists(st.tuples(st.floats(0, 40), st.lists(st.integers(1, 65535), max_size=9)), min_size=1, max_size=60))
def test_axis_never_runs_backwards_and_no_beat_is_lost(steps):
    timeline, t_s, sent, beats = BeatTimeline(), 0.0, 0, []
    for advance_s, rr_ticks in steps:
        t_s += advance_s
        sent += len(rr_ticks)
        beats += timeline.place(t_s, rr_ticks)
    beats += timeline.place(t_s + 100, ())
    assert len(beats) == sent
    times = [beat.t_ticks for beat in beats]
    assert times == sorted(times)


def test_holding_beats_back_is_bounded():
    timeline = BeatTimeline()
    timeline.place(1.0, (1024,))
    for _ in range(1000):
        timeline.place(500.0, (1,) * 9)
        assert len(timeline._held) <= 256
