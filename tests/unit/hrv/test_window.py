import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrv.artifacts import ArtifactFilter, Verdict
from hrv.figure import Missing
from hrv.settings import DetectorSettings
from hrv.time_domain import rmssd_ms, sdnn_ms
from hrv.timeline import Beat
from hrv.window import RecentBeats, RollingVariability
from tests.heartbeats import normal_sinus

TICK_MS = 1000 / 1024


def batch(beats, now, length_s):
    """The batch formulas over the same window: beats, accepted ones, and which of those are adjacent."""
    inside = [b for b in beats if now - length_s * 1024 < b[0].t_ticks <= now]
    nn = [beat.rr_ticks * TICK_MS for beat, accepted in inside if accepted]
    adjacent, before = [], False
    for beat, accepted in inside:
        if accepted:
            adjacent.append(beat.contiguous and before)
        before = accepted
    return nn, adjacent, inside


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(500, 1100), st.integers(0, 60), st.integers(0, 300)), min_size=150, max_size=400))
def test_streaming_equals_batch(steps):
    """At every beat, over any mix of rejected beats and gaps, the rolling figures are the batch figures."""
    # half a window may be gap here, so that figures across gaps are compared too
    rolling, t_ticks, beats = RollingVariability(DetectorSettings(coverage_full=0.5)), 0, []
    for rr, artifact, gap in steps:
        t_ticks += rr + (5000 if gap == 0 else 0)
        beat, accepted = Beat(t_ticks, rr, gap != 0), artifact != 0
        rolling.push(beat, accepted=accepted)
        rolling.advance(t_ticks)
        beats.append((beat, accepted))
        for (value, missing), length_s, formula in (
            (rolling.rmssd_ms(), 60, rmssd_ms),
            (rolling.sdnn_ms(), 120, lambda nn, _: sdnn_ms(nn)),
        ):
            assert (value is None) == (missing is not None)
            nn, adjacent, inside = batch(beats, t_ticks, length_s)
            covered = sum(b.rr_ticks for b, _ in inside) >= 0.5 * length_s * 1024
            quiet = len(inside) - len(nn) <= 0.05 * len(inside)
            assert (value is not None) == (covered and quiet)
            if value is not None:
                assert value == pytest.approx(formula(nn, adjacent), rel=1e-9)


def steady(seconds, rr=1024, reject_every=None):
    rolling = RollingVariability(DetectorSettings())
    for i in range(1, seconds * 1024 // rr + 1):
        rolling.push(Beat(i * rr, rr + (i % 2) * 10, i > 1), accepted=reject_every is None or i % reject_every != 0)
        rolling.advance(i * rr)
    return rolling


def test_below_a_minute_there_is_no_rmssd_and_below_two_no_sdnn():
    assert steady(56).rmssd_ms() == (None, Missing.TOO_SHORT)
    assert steady(60).rmssd_ms()[0] == pytest.approx(10 * TICK_MS)
    assert steady(110).sdnn_ms() == (None, Missing.TOO_SHORT)
    assert steady(120).sdnn_ms()[0] == pytest.approx(np.std([0, 10] * 60, ddof=1) * TICK_MS)


def test_above_five_percent_artifacts_there_is_neither():
    noisy = steady(130, reject_every=15)
    assert noisy.rmssd_ms() == noisy.sdnn_ms() == (None, Missing.TOO_NOISY)
    assert steady(130, reject_every=30).rmssd_ms()[0] is not None


def test_figures_go_when_beats_stop():
    rolling = steady(130)
    rolling.advance(140 * 1024)
    assert rolling.rmssd_ms() == (None, Missing.TOO_SHORT)
    rolling.advance(10_000 * 1024)
    assert rolling.sdnn_ms() == (None, Missing.TOO_SHORT)
    assert not rolling._short
    assert not rolling._long


def test_sums_return_to_zero():
    """Nothing rounds, so an emptied window remembers nothing."""
    rolling = steady(3000, rr=777, reject_every=37)
    rolling.advance(10**9)
    assert rolling._nn_sum == rolling._nn_squares == rolling._nn_count == 0
    assert rolling._diff_squares == rolling._diff_count == rolling._short_covered == rolling._long_covered == 0
    assert rolling._short_rejected == 0


def test_heart_rate_is_the_median_of_five_seconds():
    recent = RecentBeats(DetectorSettings())
    for i, rr in enumerate([600] * 10 + [1024, 1024, 1300, 1024]):
        recent.push(Beat((i + 1) * 1000, rr, contiguous=True), accepted=True)
    recent.advance(14_000 + 600)
    assert recent.heart_rate_bpm() == pytest.approx(60)
    recent.advance(14_000 + 5120 - 2000)
    assert recent.heart_rate_bpm() is None  # two beats are too few


def test_quality_counts_accepted_and_covered():
    recent = RecentBeats(DetectorSettings())
    assert (recent.accepted_share, recent.coverage) == (0, 0)
    for i in range(20):
        recent.push(Beat((i + 1) * 1024, 512, contiguous=True), accepted=i % 2 == 0)
    recent.advance(20 * 1024)
    assert (recent.accepted_share, recent.coverage) == (0.5, 0.5)


def test_coverage_counts_from_the_first_interval_on():
    """At the start there is less than a window to cover; short intervals still do not cover it."""
    steady, sparse = RecentBeats(DetectorSettings()), RecentBeats(DetectorSettings())
    for i in range(6):
        steady.push(Beat(9000 + (i + 1) * 1024, 1024, contiguous=True), accepted=True)
        sparse.push(Beat(9000 + (i + 1) * 1024, 512, contiguous=True), accepted=True)
    for recent in (steady, sparse):
        recent.advance(9000 + 6 * 1024)
    assert steady.coverage == 1
    assert sparse.coverage == pytest.approx(3 / 5.5)
    steady.advance(9000 + 8 * 1024)
    assert steady.coverage == 0.75


def test_two_intervals_cover_little_of_the_heart_rates_window():
    recent = RecentBeats(DetectorSettings())
    for i in range(2):
        recent.push(Beat((i + 1) * 1024, 1024, contiguous=True), accepted=True)
    recent.advance(2 * 1024)
    assert recent.coverage == 0.4


def test_first_interval_that_is_none_covers_nothing():
    recent = RecentBeats(DetectorSettings())
    recent.push(Beat(1024, 0, contiguous=False), accepted=False)
    recent.advance(1024)
    assert recent.coverage == 0


def test_streaming_equals_batch_at_every_beat_of_a_day():
    """106,000 real beats through the live filter: RMSSD and SDNN, whenever there are any, are those of the batch formulas."""
    rr_ticks = np.round(normal_sinus()[0] * 1.024).astype(int).tolist()
    settings_ = DetectorSettings()
    rolling, judge = RollingVariability(settings_), ArtifactFilter(settings_).judge
    times, nn, adjacent, accepted_before = [], [], [], False
    t_ticks = first_short = first_long = compared = 0
    for rr in rr_ticks:
        t_ticks += rr
        accepted = judge(rr) is not Verdict.REJECTED
        rolling.push(Beat(t_ticks, rr, contiguous=True), accepted=accepted)
        rolling.advance(t_ticks)
        if accepted:
            times.append(t_ticks)
            nn.append(rr * TICK_MS)
            adjacent.append(accepted_before)
        accepted_before = accepted
        while times and times[first_short] <= t_ticks - 60 * 1024:
            first_short += 1
        while times and times[first_long] <= t_ticks - 120 * 1024:
            first_long += 1
        if (value := rolling.rmssd_ms().value) is not None:
            compared += 1
            assert value == pytest.approx(rmssd_ms(nn[first_short:], adjacent[first_short:]), rel=1e-9)
        if (value := rolling.sdnn_ms().value) is not None:
            assert value == pytest.approx(sdnn_ms(nn[first_long:]), rel=1e-9)
    assert compared > 90_000
