from hrv.near_miss import NearMiss, NearMissTracker
from hrv.reading import ArousalState, Second, Signal

S = ArousalState


def found(*states):
    tracker = NearMissTracker()
    tracker.see_all(Second(t, bpm, None, state, Signal.OK) for t, (state, bpm) in enumerate(states))
    return tracker.found


def test_a_rise_that_turns_is_a_near_miss_with_its_peak():
    rise = [(S.CALM, 75.0), (S.RISING, 90.0), (S.RISING, 96.0), (S.RISING, None), (S.RISING, 88.0), (S.CALM, 80.0)]
    assert found(*rise) == [NearMiss(1, 5, 96.0, 2)]


def test_a_rise_that_becomes_a_flood_is_none():
    assert found((S.RISING, 98.0), (S.FLOODED, 104.0), (S.RECOVERING, 90.0)) == []


def test_each_rise_is_its_own_and_one_that_goes_on_is_none_yet():
    rise = [(S.RISING, 90.0), (S.CALM, 80.0), (S.RISING, 93.0), (S.RECOVERED, 80.0), (S.RISING, 99.0)]
    assert found(*rise) == [NearMiss(0, 1, 90.0, 0), NearMiss(2, 3, 93.0, 2)]


def test_a_rise_without_a_heart_rate_is_nothing_to_keep():
    assert found((S.RISING, None), (S.CALM, None)) == []
