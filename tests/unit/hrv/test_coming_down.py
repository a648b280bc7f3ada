"""How long the way back from a flood takes."""

from types import SimpleNamespace

import pytest

from hrv.coming_down import Recovery, first_near_usual_s, recoveries, turned_s
from hrv.reading import Threshold
from hrv.settings import DetectorSettings
from hrv.trace import Point

SETTINGS = DetectorSettings()
HOLD_S = SETTINGS.calm_hold_s


def points(*stretches):
    rates = [bpm for seconds, bpm in stretches for _ in range(seconds)]
    return [Point(second, bpm, None) for second, bpm in enumerate(rates)]


def flood(onset_t_s, ended_t_s, line_bpm=100.0):
    return SimpleNamespace(
        began_t_s=onset_t_s + 10.0,
        onset_t_s=onset_t_s,
        ended_t_s=ended_t_s,
        threshold=Threshold(line_bpm, line_bpm - 5),
    )


def test_the_turn_is_the_last_second_above_the_line_and_a_gap_is_not_above_it():
    trace = points((100, 80.0), (50, 110.0), (10, 96.0), (5, 104.0), (20, None), (60, 90.0))
    assert turned_s(flood(100.0, 200.0), trace) == 164
    assert turned_s(flood(100.0, None), trace) == 164


def test_each_flood_is_near_its_usual_only_before_the_next_one():
    trace = points((100, 80.0), (50, 110.0), (450, 80.0), (50, 110.0), (450, 80.0))
    near_s = [*range(800, 900)]
    first, second = recoveries([flood(100.0, 150.0), flood(600.0, 650.0)], trace, near_s, SETTINGS)
    assert (first.turned_s, first.near_usual_s, first.took_s) == (149, None, None)
    assert (second.turned_s, second.near_usual_s, second.took_s) == (649, 800 - HOLD_S, 800 - HOLD_S - 649)
    assert recoveries([flood(100.0, 150.0)], trace, near_s, SETTINGS) == [Recovery(110.0, 149, 800 - HOLD_S)]


@pytest.mark.parametrize(
    ("ends_s", "found"), [([], None), ([319], None), ([320], 200), ([321, 400], 201), ([901], None)]
)
def test_two_minutes_count_only_when_they_lie_in_the_time_altogether(ends_s, found):
    assert first_near_usual_s(ends_s, 200.0, 900.0, SETTINGS) == found
