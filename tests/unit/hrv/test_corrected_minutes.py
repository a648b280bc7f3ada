import numpy as np
import pytest

from hrv.corrected_minutes import corrected_minutes
from hrv.correction import correct
from hrv.figure import Missing
from hrv.series import RRSeries
from hrv.time_domain import rmssd_ms
from tests.heartbeats import normal_sinus


def test_each_minute_is_what_its_intervals_say():
    correction = correct(RRSeries.of(normal_sinus()[0][:5000]))
    nn = correction.nn
    for minute in corrected_minutes(correction):
        inside = (nn.t_s > 60 * minute.minute) & (nn.t_s <= 60 * (minute.minute + 1))
        measured = nn.nn_ms[inside & nn.measured]
        assert minute.beats == measured.size
        assert minute.covered_s == pytest.approx(nn.nn_ms[inside].sum() / 1000)
        assert minute.heart_rate_bpm == pytest.approx(60_000 / measured.mean())
        assert minute.heart_rate_min_bpm == pytest.approx(60_000 / measured.max())
        assert minute.heart_rate_max_bpm == pytest.approx(60_000 / measured.min())
        if minute.rmssd_ms.value is not None:
            at = np.flatnonzero(inside)
            expected = (
                rmssd_ms(nn.nn_ms[at[0] - 1 : at[-1] + 1], nn.adjacent[at[0] - 1 : at[-1] + 1]) if at[0] else None
            )
            assert expected is None or minute.rmssd_ms.value == pytest.approx(expected)


def test_all_beats_are_in_one_minute():
    correction = correct(RRSeries.of(normal_sinus()[0][:5000]))
    assert sum(minute.beats for minute in corrected_minutes(correction)) == correction.nn.measured.sum()


def test_a_minute_without_beats_says_so():
    rr = np.full(300, 800.0)
    series = RRSeries.of(rr, np.cumsum(rr) / 1000 + np.where(np.arange(300) >= 150, 200.0, 0.0), np.arange(300) != 150)
    minutes = corrected_minutes(correct(series))
    assert [minute.minute for minute in minutes] == list(range(8))
    silent = minutes[3]
    assert (silent.beats, silent.covered_s, silent.heart_rate_bpm, silent.heart_rate_max_bpm) == (0, 0, None, None)
    assert silent.rmssd_ms.missing is Missing.NO_SIGNAL


def test_a_noisy_minute_has_no_rmssd():
    rr = np.full(300, 800.0)
    for beat in range(90, 140, 12):
        rr[beat : beat + 2] += [-300, 300]
    minutes = corrected_minutes(correct(RRSeries.of(rr)))
    assert minutes[1].artifact_share > 0.05
    assert minutes[1].rmssd_ms.missing is Missing.TOO_NOISY
    assert minutes[3].rmssd_ms.value == 0
    assert corrected_minutes(correct(RRSeries.of([]))) == []
