import pytest

from hrv.beat_rate import BeatRate
from hrv.settings import DetectorSettings
from hrv.timeline import Beat


def test_a_seconds_rate_is_of_its_accepted_intervals_alone():
    rate = BeatRate(DetectorSettings())
    for t_ticks, rr, accepted in ((600, 600, True), (1000, 400, False), (1640, 640, True)):
        rate.push(Beat(t_ticks, rr, contiguous=True), accepted=accepted)
    assert rate.take(1640) == pytest.approx(61440 * 2 / 1240)
    assert rate.take(2664) is None


def test_beats_let_go_after_a_stall_say_nothing_of_this_second():
    rate = BeatRate(DetectorSettings())
    for n in range(1, 11):
        rate.push(Beat(1024 * n, 1024, contiguous=True), accepted=True)
    rate.push(Beat(10752, 512, contiguous=True), accepted=True)
    assert rate.take(10752) == pytest.approx(61440 * 4 / (3 * 1024 + 512))


def test_cleanness_looks_back_on_the_last_seconds():
    rate = BeatRate(DetectorSettings())
    assert rate.clean_share == 0
    for n in range(40):
        rate.push(Beat(1024 * n, 1024, contiguous=True), accepted=n >= 20)
        rate.take(1024 * n)
    assert rate.clean_share == 1
