import numpy as np
import pytest

from hrv.series import NNSeries, RRSeries
from hrv.timeline import Beat, BeatTimeline


def test_beats_of_the_timeline_become_a_series_with_their_gaps():
    timeline = BeatTimeline()
    beats = timeline.place(1.0, (1024,)) + timeline.place(2.0, (1024,)) + timeline.place(30.0, (512, 512))
    beats += timeline.place(31.0, (1024,))
    series = RRSeries.of_beats(beats)
    assert series.rr_ms.tolist() == [1000, 1000, 500, 500, 1000]
    assert series.contiguous.tolist() == [False, True, False, True, True]
    assert series.t_s.tolist() == [1, 2, 29.5, 30, 31]


def test_a_number_that_was_no_interval_breaks_the_series():
    beats = [Beat(1024, 1024, contiguous=False), Beat(1024, 0, contiguous=True), Beat(2048, 1024, contiguous=True)]
    assert RRSeries.of_beats(beats).contiguous.tolist() == [False, False]
    assert RRSeries.of_beats([]).rr_ms.size == 0


@pytest.mark.parametrize("more", [{"t_s": [1.0]}, {"t_s": [2.0, 1.0]}, {"t_s": [1.0, np.inf]}, {"contiguous": [True]}])
def test_places_that_do_not_fit_are_refused(more):
    with pytest.raises(ValueError, match=r"rise|shape"):
        RRSeries.of([800, 810], **more)


def test_between_takes_whole_intervals_only():
    t_s = np.array([1.0, 2, 3, 4])
    nn = NNSeries(t_s, np.full(4, 1000.0), np.ones(4, dtype=bool), np.array([False, True, True, True]))
    assert nn.between(1, 3.5).t_s.tolist() == [2, 3]
    assert nn.between(0.5, 2.0).t_s.tolist() == []
    assert nn.between(9, 12).t_s.size == nn.between(3, 1).t_s.size == 0


def test_adjacent_needs_two_measured_neighbours():
    measured = np.array([True, True, False, True, True])
    nn = NNSeries(np.arange(1.0, 6), np.full(5, 1000.0), measured, np.array([False, True, True, True, True]))
    assert nn.adjacent.tolist() == [False, True, False, False, True]
