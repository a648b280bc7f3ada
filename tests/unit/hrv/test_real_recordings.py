"""Real recordings through the live path: sport, exercise, noise, ectopic beats. Whatever is in them, a figure is sound or missing."""

import math
from dataclasses import fields

import pytest

from hrv.monitor import ArousalMonitor
from hrv.reading import Reading, Signal
from hrv.retrace import Sample, retrace
from sensing.measurement import HeartRateMeasurement
from sensing.recording import read_recordings
from tests.heartbeats import DATA, mit_bih, one_a_line

FIGURES = [field.name for field in fields(Reading)]
ONE_A_LINE = ("hrv_bsd/exercise_rri.hrm", "hrv_bsd/noisy_rri.hrm", "hrv_bsd/08012805.txt", "vollmer/14121501.hrm")
READ_BY_REPLAY = ("gudb/rr.csv.gz", "biopsykit/vp02_rr_phases.csv")


def samples_of(intervals_ms):
    """One packet for each beat, as it ends."""
    t_s = 0.0
    for rr_ms in intervals_ms:
        t_s += rr_ms / 1000
        yield Sample(t_s, HeartRateMeasurement(None, rr_ticks=(round(rr_ms * 1.024),)))


def check_soundness(samples):
    """Replay, and look at each reading; return the seconds with a heart rate, and all of them."""
    heard = seconds = 0
    for reading in retrace(ArousalMonitor(), samples):
        assert all(math.isfinite(value) for name in FIGURES if isinstance(value := getattr(reading, name), float))
        assert reading.heart_rate_bpm is None or (reading.signal is Signal.OK and 29 < reading.heart_rate_bpm < 201)
        assert reading.chance_above is None or 0 <= reading.chance_above <= 1
        heard += sum(second.heart_rate_bpm is not None for second in reading.seconds)
        seconds += len(reading.seconds)
    return heard, seconds


@pytest.mark.parametrize("name", ONE_A_LINE)
def test_intervals_one_a_line_go_through_and_the_heart_is_heard(name):
    heard, seconds = check_soundness(samples_of(one_a_line(DATA / name)))
    assert heard > 0.5 * seconds > 60


@pytest.mark.parametrize("record", ["100", "105"])
def test_arrhythmia_goes_through(record):
    times_s, _ = mit_bih(record)
    heard, seconds = check_soundness(samples_of((times_s[1:] - times_s[:-1]) * 1000))
    assert heard > 0.5 * seconds > 60


@pytest.mark.parametrize("name", READ_BY_REPLAY)
def test_every_recording_that_replay_reads_goes_through(name):
    for recording in read_recordings(DATA / name):
        samples = (Sample(row.t_s, row.measurement, row.motion_mg) for row in recording.rows())
        heard, seconds = check_soundness(samples)
        assert seconds > 60
        assert heard > 0
