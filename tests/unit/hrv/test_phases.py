from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hrv.phases import LONGEST_RISE_S, Phase, PhaseKind, phases, rise_began_s
from hrv.reading import Episode, EpisodeEnd, Threshold
from hrv.trace import Point, Trace

BASELINE_BPM = 70.0


def trace(*stretches):
    """Points for stretches of `(seconds, bpm)`."""
    rates = [bpm for seconds, bpm in stretches for _ in range(seconds)]
    return [Point(second, bpm, None) for second, bpm in enumerate(rates)]


def flood(onset_s, ended_s, baseline_bpm=BASELINE_BPM):
    return Episode(
        began_t_s=onset_s + 15.0,
        onset_t_s=float(onset_s),
        ended_t_s=None if ended_s is None else float(ended_s),
        end=None if ended_s is None else EpisodeEnd.CAME_DOWN,
        peak_bpm=120.0,
        peak_t_s=onset_s + 20.0,
        baseline_bpm=baseline_bpm,
        baseline_provisional=False,
        rise_bpm=None if baseline_bpm is None else 120.0 - baseline_bpm,
        above_threshold_s=20,
        rmssd_baseline_ms=None,
        rmssd_flood_ms=None,
        rmssd_flood_missing=None,
        signal_ok_share=1.0,
        threshold=Threshold(100.0, 95.0),
        algorithm_version="1",
    )


def kinds(found):
    return [(phase.kind.value, phase.from_s, phase.to_s) for phase in found]


def test_talk_with_a_flood_and_a_pause_has_every_phase_in_order():
    points = trace((300, 70), (100, 74), (60, 90), (100, 115), (1200, 85), (100, 72))
    found = phases(points, [flood(460, 620)], topic_s=300.0, pauses=[(580.0, 1780.0)])
    assert kinds(found) == [
        ("baseline", 0, 300),
        ("talk", 300, 400),
        ("rise", 400, 460),
        ("flood", 460, 580),
        ("pause", 580, 1780),
        ("after", 1780, 1860),
    ]


def test_talk_whose_topic_never_began_is_baseline():
    assert phases(trace((30, 70)), [], topic_s=None, pauses=[]) == [Phase(PhaseKind.BASELINE, 0, 30)]


def test_no_seconds_have_no_phases():
    assert phases([], [], topic_s=None, pauses=[]) == []


def test_flood_and_pause_that_last_reach_the_end():
    points = trace((10, 70), (90, 110))
    assert kinds(phases(points, [flood(10, None)], topic_s=0.0, pauses=[]))[-1] == ("flood", 10, 100)
    assert kinds(phases(points, [flood(10, None)], topic_s=0.0, pauses=[(50.0, None)]))[-1] == ("pause", 50, 100)


def test_without_a_baseline_there_is_no_rise():
    points = trace((50, 70), (50, 90), (50, 110))
    found = phases(points, [flood(100, None, baseline_bpm=None)], topic_s=0.0, pauses=[])
    assert kinds(found) == [("talk", 0, 100), ("flood", 100, 150)]


def test_rise_begins_where_the_heart_last_left_the_neighbourhood_of_its_baseline():
    points = trace((50, 70), (20, 90), (30, 77), (20, 78), (50, 110))
    assert rise_began_s(points, flood(120, None), 0) == 100


def test_gap_inside_a_rise_does_not_end_it():
    points = trace((50, 70), (20, 90), (10, None), (20, 90), (50, 110))
    assert rise_began_s(points, flood(100, None), 0) == 50


@pytest.mark.parametrize(("floor_s", "began_s"), [(0, 1000 - LONGEST_RISE_S), (800, 800), (1000, 1000), (1400, 1000)])
def test_rise_is_bounded_and_never_begins_after_the_flood(floor_s, began_s):
    assert rise_began_s(trace((1500, 90)), flood(1000, None), floor_s) == began_s


def test_second_rise_does_not_reach_back_over_the_first_flood():
    """Between the two the heart never came near its baseline, so the second rise begins where the first flood ended."""
    points = trace((100, 70), (20, 90), (80, 115), (50, 92), (80, 115))
    floods = [flood(120, 200), flood(250, None)]
    expected = [("talk", 0, 100), ("rise", 100, 120), ("flood", 120, 200), ("rise", 200, 250), ("flood", 250, 330)]
    assert kinds(phases(points, floods, topic_s=0.0, pauses=[])) == expected
    assert kinds(phases(points, floods[::-1], topic_s=0.0, pauses=[])) == expected


seconds = st.floats(-10, 400)
spans = st.tuples(seconds, st.none() | seconds)


@given(
    rates=st.lists(st.none() | st.floats(50, 130), max_size=300),
    floods=st.lists(st.tuples(st.integers(0, 320), st.none() | st.integers(0, 320), st.booleans()), max_size=4),
    topic_s=st.none() | seconds,
    pauses=st.lists(spans, max_size=3),
)
@example(rates=[], floods=[(0, None, True)], topic_s=-1.0, pauses=[])
@example(rates=[None], floods=[(0, None, False), (0, 0, False)], topic_s=None, pauses=[])
def test_phases_cover_every_second_once_and_pauses_win(rates, floods, topic_s, pauses):
    points = [Point(second, bpm, None) for second, bpm in enumerate(rates)]
    episodes = [
        replace(flood(onset, ended), baseline_bpm=BASELINE_BPM if usual else None) for onset, ended, usual in floods
    ]
    found = phases(points, episodes, topic_s=topic_s, pauses=pauses)
    assert [second for phase in found for second in range(phase.from_s, phase.to_s)] == list(range(len(points)))
    assert all(phase.from_s < phase.to_s for phase in found)
    assert all(before.kind is not after.kind for before, after in pairwise(found))
    kind_of = [phase.kind for phase in found for _ in range(phase.from_s, phase.to_s)]
    in_pause = {
        second
        for began, ended in pauses
        for second in range(max(0, round(began)), len(points) if ended is None else min(len(points), round(ended)))
    }
    assert {second for second, kind in enumerate(kind_of) if kind is PhaseKind.PAUSE} == in_pause
    for episode in episodes:
        end_s = len(points) if episode.ended_t_s is None else episode.ended_t_s
        for second in range(int(episode.onset_t_s), min(len(points), int(end_s))):
            assert kind_of[second] is PhaseKind.PAUSE or kind_of[second] is PhaseKind.FLOOD


def test_a_flood_that_the_end_of_the_talk_closed_leaves_nothing_after_it(heart, run):
    monitor, readings, _, _ = run(heart((120, 75), (120, 115)))
    last = monitor.finish(240.0)
    heard = Trace()
    for reading in (*readings, last):
        heard.add(reading)
    found = phases(heard.points, [last.episode], topic_s=0, pauses=[])
    assert found[-1].kind is PhaseKind.FLOOD
    assert found[-1].to_s == len(heard.points)
