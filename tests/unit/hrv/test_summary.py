"""A finished talk, summed up."""

from math import exp

import numpy as np
import pytest

from hrv.phases import PhaseKind
from hrv.reading import EpisodeEnd
from hrv.retrace import Mark, MarkKind, Sample
from hrv.settings import ALGORITHM_VERSION
from hrv.summary import summarise
from sensing.measurement import HeartRateMeasurement

TOPIC = Mark(300, MarkKind.TOPIC)


@pytest.fixture(scope="module")
def talk(heart):
    """Five quiet minutes, a rise that turns, a flood, a pause of twenty minutes."""
    stretches = [(300, 70), (120, 72), (60, (72, 95)), (60, (95, 72)), (120, 72), (60, (72, 118)), (240, 118),
                 (120, (118, 76)), (1300, 72)]  # fmt: skip
    marks = [TOPIC, Mark(900, MarkKind.PAUSE_BEGAN), Mark(2280, MarkKind.PAUSE_ENDED)]
    samples = [Sample(t_s, measurement) for t_s, measurement in heart(*stretches)]
    told = []
    return summarise(samples, marks, progress=told.append), told


def test_floods_and_near_misses_are_those_of_the_live_run(talk):
    summary, _ = talk
    (flood,) = summary.floods
    assert 690 < flood.episode.onset_t_s < 740
    assert flood.episode.end is EpisodeEnd.CAME_DOWN
    (near,) = summary.near_misses
    assert 420 < near.from_s < 480 < near.to_s < 660
    assert near.peak_bpm == pytest.approx(95, abs=3)
    assert summary.baseline.heart_rate_bpm == pytest.approx(70, abs=1)
    assert summary.algorithm_version == ALGORITHM_VERSION


def test_how_the_heart_came_down_is_told(talk):
    """From where it turned: the flood's highest second may lie minutes before that."""
    (flood,) = talk[0].floods
    points = talk[0].points
    assert 960 < flood.turned_s < 1080
    assert points[flood.turned_s].heart_rate_bpm > 100 >= points[flood.turned_s + 1].heart_rate_bpm
    before, after = points[flood.turned_s].heart_rate_bpm, points[flood.turned_s + 60].heart_rate_bpm
    assert flood.drop_60_s_bpm.value == pytest.approx(before - after, abs=4)
    assert 20 < flood.fall.time_constant_s < 120
    assert flood.fall.end_bpm == pytest.approx(72, abs=2)


def test_a_fall_ends_where_the_next_flood_begins(heart):
    fall = [(2, 76 + 42 * exp(-second / 35)) for second in range(0, 180, 2)]
    again = [(300, 70), (120, 118), *fall, (120, 118), *fall, (300, 76)]
    first, second = summarise([Sample(t_s, measurement) for t_s, measurement in heart(*again)], [TOPIC]).floods
    for flood in (first, second):
        assert flood.fall.end_bpm == pytest.approx(76, abs=2)
        assert flood.fall.time_constant_s == pytest.approx(35, abs=8)


def test_phases_are_measured_one_by_one(talk):
    summary, _ = talk
    by_kind = {one.phase.kind: one for one in summary.phases}
    assert set(by_kind) == {
        PhaseKind.BASELINE,
        PhaseKind.TALK,
        PhaseKind.RISE,
        PhaseKind.FLOOD,
        PhaseKind.PAUSE,
        PhaseKind.AFTER,
    }
    assert by_kind[PhaseKind.BASELINE].analysis.figures["heart_rate_bpm"].value == pytest.approx(70, abs=0.5)
    assert by_kind[PhaseKind.FLOOD].analysis.figures["heart_rate_bpm"].value > 105
    assert (
        by_kind[PhaseKind.PAUSE].analysis.figures["rmssd_ms"].value
        > by_kind[PhaseKind.FLOOD].analysis.figures["rmssd_ms"].value
    )
    assert summary.phases[0].phase.from_s == 0
    assert all(
        one.phase.to_s == other.phase.from_s for one, other in zip(summary.phases, summary.phases[1:], strict=False)
    )


def test_minutes_and_the_whole_cover_the_recording(talk):
    summary, _ = talk
    assert len(summary.minutes) == int(np.ceil(summary.length_s / 60))
    assert summary.whole.covered_s == pytest.approx(summary.length_s, abs=3)
    assert sum(minute.beats for minute in summary.minutes) == pytest.approx(summary.whole.beats, abs=5)


def test_progress_rises_to_the_end(talk):
    _, told = talk
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1, abs=0.01)


def test_without_a_topic_there_is_no_baseline_and_all_of_it_was_talk(heart):
    summary = summarise([Sample(t_s, measurement) for t_s, measurement in heart((200, 75))])
    assert summary.baseline is None
    assert {one.phase.kind for one in summary.phases} == {PhaseKind.TALK}


def test_a_burst_at_the_very_end_is_not_lost():
    """Packets that were held up all arrive at once, as the last thing that happens."""
    samples = [Sample(float(second), HeartRateMeasurement(None, rr_ticks=(1024,))) for second in range(1, 101)]
    samples += [Sample(120.0 + 0.01 * n, HeartRateMeasurement(None, rr_ticks=(1024,))) for n in range(5)]
    assert summarise(samples).whole.beats == 105


def test_a_recording_without_intervals_or_without_anything():
    silent = summarise([Sample(float(second), HeartRateMeasurement(70)) for second in range(100)])
    assert (silent.whole.beats, silent.minutes, silent.floods) == (0, [], [])
    with pytest.raises(ValueError, match="nothing to summarise"):
        summarise([])


@pytest.mark.parametrize("ticks", [1, 102, 65535])
def test_packets_with_intervals_of_no_heart_make_a_summary_without_figures(ticks):
    samples = [Sample(0.8 * n, HeartRateMeasurement(75, rr_ticks=(ticks,))) for n in range(1, 300)]
    assert {one.value for one in summarise(samples).whole.figures.values()} == {None}


@pytest.mark.parametrize("times", [[2.0, 1.0], [float("nan")], [float("inf")], [-1.0, 2.0], [1e9]])
def test_samples_that_are_out_of_time_are_refused_at_once(times):
    with pytest.raises(ValueError, match="in order"):
        summarise([Sample(t_s, HeartRateMeasurement(75, rr_ticks=(819,))) for t_s in times])
