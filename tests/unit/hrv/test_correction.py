import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hrv.artifact_search import Artifact, find_artifacts
from hrv.correction import LONGEST_MENDED_BEATS, correct
from hrv.frequency_domain import bands, welch_spectrum
from hrv.series import RRSeries
from hrv.time_domain import rmssd_ms
from tests.artifact_injection import KINDS, at_high_rates, at_rest, false_flag_share, mit_score, score
from tests.heartbeats import DATA, normal_sinus, one_a_line, rest

BREATHING = (800 + 40 * np.sin(2 * np.pi * np.arange(200) / 5.3)).round()


def found_in(rr, **more):
    labels = find_artifacts(RRSeries.of(rr, **more))
    return {int(i): Artifact(int(labels[i])).name for i in np.flatnonzero(labels)}


@pytest.mark.parametrize(("record", "ectopic", "false_flags"), [("100", 34, 8), ("105", 41, 16)])
def test_every_ectopic_beat_that_cardiologists_marked_is_found(record, ectopic, false_flags):
    marked, found, elsewhere = mit_score(record)
    assert marked == found == ectopic
    assert elsewhere <= false_flags


@pytest.mark.parametrize(
    ("group", "least_found"),
    [(at_rest, (0.995, 0.995, 0.99, 0.85)), (at_high_rates, (0.995, 0.995, 0.99, 0.99))],
    ids=["rest", "100 to 150 bpm"],
)
def test_injected_artifacts_are_found_and_rmssd_is_itself_again(group, least_found):
    recordings = group()
    assert len(recordings) > 20
    for (kind, share), least in zip(KINDS, least_found, strict=True):
        result = score(recordings, kind, share)
        assert result.injected > 300
        assert result.found >= least * result.injected, (kind, share)
        assert result.rmssd_error_raw > 0.3
        assert abs(np.median(result.rmssd_errors)) < 0.05, (kind, share)


def test_good_beats_at_high_rates_are_let_be():
    assert false_flag_share(at_high_rates()) <= 0.005


def test_breathing_and_a_steady_heart_are_no_artifacts():
    assert found_in(BREATHING) == {}
    assert found_in([500.0] * 300) == {}
    assert found_in([800.0, 801] * 100) == {}


def test_a_step_that_stays_is_the_heart():
    """The vagus can slow the heart from one beat to the next; an ectopic beat is followed by a compensation."""
    step = np.concatenate((BREATHING[:100] - 100, BREATHING[100:] + 60))
    assert found_in(step) == {}
    ectopic = BREATHING.copy()
    ectopic[100:102] += [-160, 160]
    assert found_in(ectopic) == {101: "MISPLACED"}


@pytest.mark.parametrize("bpm", [60, 75, 100, 130, 170])
def test_each_kind_is_named(bpm):
    rr = BREATHING * 75 / bpm
    usual = 60_000 / bpm
    missed = np.delete(rr, 100)
    missed[99] = rr[99] + rr[100]
    extra = np.insert(rr, 100, 0.4 * rr[100])
    extra[101] = 0.6 * rr[100]
    gap, early = rr.copy(), rr.copy()
    gap[100] = 5 * usual
    early[100:102] += [-0.25 * usual, 0.25 * usual]
    long, short = rr.copy(), rr.copy()
    long[100] *= 1.45
    short[100] *= 0.65
    assert found_in(missed) == {99: "MISSED"}
    assert found_in(extra) == {100: "EXTRA"}
    assert found_in(early) == {101: "MISPLACED"}
    assert found_in(gap) == {100: "GAP"}
    assert found_in(long) == {100: "LONG"}
    assert found_in(short) == {100: "SHORT"}


def test_one_misplaced_beat_is_counted_once():
    for share in (0.12, 0.18, 0.25):
        for beat in range(40, 160, 7):
            rr = rest()[200:400].copy()
            usual = sum(correct(RRSeries.of(rr)).counts.values())
            rr[beat : beat + 2] += np.array([-1, 1]) * share * rr[beat]
            assert sum(correct(RRSeries.of(rr)).counts.values()) - usual <= 2
    moved = BREATHING.copy()
    moved[99:103] = [815, 640, 980, 812]
    assert correct(RRSeries.of(moved)).counts[Artifact.MISPLACED] == 1


def test_mending_restores_the_beats_that_were():
    rr = BREATHING
    extra = np.insert(rr, 100, 0.4 * rr[100])
    extra[101] = 0.6 * rr[100]
    mended = correct(RRSeries.of(extra)).nn
    assert mended.nn_ms == pytest.approx(rr)
    assert mended.measured.all()  # its two parts were measured, and so was their sum

    missed = np.delete(rr, 100)
    missed[99] = rr[99] + rr[100]
    mended = correct(RRSeries.of(missed)).nn
    assert mended.nn_ms.size == rr.size
    assert mended.nn_ms[99] == mended.nn_ms[100] == (rr[99] + rr[100]) / 2
    assert np.flatnonzero(~mended.measured).tolist() == [99, 100]

    moved = rr.copy()
    moved[100:102] += [-160, 160]
    mended = correct(RRSeries.of(moved)).nn
    assert mended.nn_ms[100:102].sum() == pytest.approx(rr[100:102].sum())
    assert mended.nn_ms == pytest.approx(rr, abs=25)
    assert np.flatnonzero(~mended.measured).tolist() == [100, 101]


@pytest.mark.parametrize("factor", [1.45, 0.6])
def test_a_lone_interval_too_long_or_short_is_as_its_neighbours_say(factor):
    rr = BREATHING.copy()
    rr[100] *= factor
    nn = correct(RRSeries.of(rr)).nn
    assert nn.nn_ms == pytest.approx(BREATHING, abs=45)
    assert np.flatnonzero(~nn.measured).tolist() == [100]
    mended, clean = (bands(welch_spectrum(one.nn_ms, one.t_s)) for one in (nn, correct(RRSeries.of(BREATHING)).nn))
    assert mended.hf_ms2 == pytest.approx(clean.hf_ms2, rel=0.05)
    assert mended.lf_ms2 < 5


def test_artifacts_that_only_show_when_others_are_mended_are_found_as_well(monkeypatch):
    rr = one_a_line(DATA / "hrv_bsd" / "noisy_rri.hrm")
    thoroughly = sum(correct(RRSeries.of(rr)).counts.values())
    monkeypatch.setattr("hrv.correction.MOST_PASSES", 1)
    assert sum(correct(RRSeries.of(rr)).counts.values()) < thoroughly


def test_an_invented_interval_has_no_part_in_successive_differences():
    missed = np.delete(BREATHING, 100)
    missed[99] = BREATHING[99] + BREATHING[100]
    nn = correct(RRSeries.of(missed)).nn
    assert np.flatnonzero(~nn.adjacent).tolist() == [0, 99, 100, 101]
    assert rmssd_ms(nn.nn_ms, nn.adjacent) == pytest.approx(rmssd_ms(BREATHING), rel=0.03)


def test_a_gap_stays_a_gap():
    rr = BREATHING.copy()
    rr[100] = 6000.0
    nn = correct(RRSeries.of(rr)).nn
    assert nn.nn_ms.max() < 1000
    assert nn.nn_ms.size == rr.size - 1
    assert np.flatnonzero(~nn.contiguous).tolist() == [0, 100]
    assert nn.t_s[100] - nn.t_s[99] > 6


def test_across_a_gap_two_beats_are_not_compared():
    """After a gap the heart may beat at another rate; that is no artifact."""
    rr = np.concatenate((BREATHING[:100], BREATHING[100:] * 0.7))
    contiguous = np.ones(200, dtype=bool)
    contiguous[100] = False
    assert found_in(rr, contiguous=contiguous) == {}


def test_a_row_of_artifacts_is_left_open_not_filled_with_a_story():
    chance = np.random.default_rng(3)
    rr = BREATHING.copy()
    rr[90:110] = chance.uniform(330, 1500, 20)
    correction = correct(RRSeries.of(rr))
    assert sum(correction.counts.values()) > LONGEST_MENDED_BEATS
    invented = np.split(~correction.nn.measured, np.flatnonzero(~correction.nn.contiguous))
    assert max(int(stretch.sum()) for stretch in invented) <= LONGEST_MENDED_BEATS
    assert correction.nn.nn_ms.sum() < rr.sum()
    assert correction.nn.nn_ms.max() < 1200


def test_counts_are_those_of_the_labels():
    correction = correct(RRSeries.of(normal_sinus()[0][:20_000]))
    for kind, count in correction.counts.items():
        assert count == np.count_nonzero(correction.artifacts == kind)
    assert correction.artifact_share == pytest.approx(sum(correction.counts.values()) / 20_000)
    assert correction.artifact_share_between(0, 600) == pytest.approx(
        np.mean(correction.artifacts[correction.rr.t_s < 600] > 0)
    )


def sums_of_neighbours(rr, most=6):
    """Every interval, and what becomes of it when beats are dropped."""
    sums = [np.convolve(rr, np.ones(count), "valid") for count in range(1, min(most, rr.size) + 1)]
    return np.concatenate(sums).round(6)


SERIES = st.lists(st.tuples(st.floats(250, 2500), st.sampled_from([True] * 15 + [False])), min_size=0, max_size=150)


@settings(max_examples=150, deadline=None)
@given(SERIES, st.sampled_from([0, 1]))
def test_whatever_comes_in_what_comes_out_is_a_series(beats, smooth):
    """Times rise, intervals are positive, nothing lies outside the recording, and what was measured took its own time."""
    rr = np.array([rr for rr, _ in beats])
    if smooth and rr.size:
        rr = np.sort(rr)
    contiguous = np.array([follows for _, follows in beats], dtype=bool)
    gaps_s = np.cumsum(np.where(contiguous, 0.0, 5.0))
    series = RRSeries.of(rr, np.cumsum(rr) / 1000 + gaps_s, contiguous) if rr.size else RRSeries.of([])
    nn = correct(series).nn
    assert np.all(np.diff(nn.t_s) > 0)
    assert np.all(nn.nn_ms > 0)
    assert np.all(np.isfinite(nn.nn_ms))
    assert nn.nn_ms.size == nn.t_s.size == nn.measured.size == nn.contiguous.size
    if nn.nn_ms.size:
        assert not nn.contiguous[0]
        assert nn.t_s[-1] <= series.t_s[-1] + 1e-9
        began_s = nn.t_s - nn.nn_ms / 1000
        follows = nn.contiguous & nn.measured
        assert began_s[1:][follows[1:]] == pytest.approx(nn.t_s[:-1][follows[1:]], abs=1e-6)
        assert np.isin(nn.nn_ms[nn.measured].round(6), sums_of_neighbours(rr)).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(30, 160), st.integers(0, 3))
def test_measured_intervals_are_never_altered(beat, kind):
    rr = rest()[:200].copy()
    if kind == 0:
        rr[beat] *= 2.1
    elif kind == 1:
        rr[beat] *= 0.4
    elif kind == 2:
        rr[beat : beat + 2] += [-250, 250]
    nn = correct(RRSeries.of(rr)).nn
    assert np.isin(nn.nn_ms[nn.measured], np.concatenate((rr, rr[:-1] + rr[1:]))).all()


def test_nothing_sound_is_left():
    """Every interval spoils its neighbours; nothing is invented from nothing."""
    nn = correct(RRSeries.of([400.0, 1600] * 20)).nn
    assert nn.measured.all()
    assert correct(RRSeries.of([500.0, 5000, 500, 5000])).nn.nn_ms.max() <= 5000


def test_correcting_what_is_corrected_finds_little():
    once = correct(RRSeries.of(normal_sinus()[0][:10_000]))
    again = find_artifacts(RRSeries(once.nn.t_s, once.nn.nn_ms, once.nn.contiguous))
    assert np.count_nonzero(again) <= 0.2 * np.count_nonzero(once.artifacts)


def test_steps_across_a_gap_are_not_weighed_together():
    """Short before a gap and long after it is no misplaced beat: they do not share one."""
    rr = np.full(200, 500.0)
    rr[[99, 100]] += [-45, 45]
    contiguous = np.ones(200, dtype=bool)
    assert found_in(rr, contiguous=contiguous) == {100: "MISPLACED"}
    contiguous[100] = False
    assert found_in(rr, contiguous=contiguous) == {}
    rr = np.full(200, 500.0)
    rr[98:103] = [500, 455, 6000, 545, 500]  # a gap that is an interval too long
    assert found_in(rr) == {100: "GAP"}


def test_where_nothing_can_be_mended_no_beat_is_put_in_either():
    rr = [892, 716, 1341, 955, 641, 2023, 1446, 892, 739, 2319, 1572, 2298, 1673, 1024, 1684, 1159, 846, 739, 1280, 868, 1280, 765]  # fmt: skip
    correction = correct(RRSeries.of([float(one) for one in rr]))
    assert correction.nn.nn_ms.sum() <= sum(rr)
    assert np.isin(correction.nn.nn_ms[correction.nn.measured], rr).all()


def test_spoiled_intervals_on_both_sides_of_a_sound_one_are_a_place_as_well():
    rr = rest()[:200].copy()
    rr[49:51] += [-250, 250]
    nn = correct(RRSeries.of(rr)).nn
    assert np.isfinite(nn.nn_ms).all()
