import pytest

from hrv.artifacts import ArtifactFilter, Verdict
from hrv.settings import DetectorSettings


def verdicts(*rr_ticks):
    judge = ArtifactFilter(DetectorSettings()).judge
    return [judge(rr) for rr in rr_ticks]


@pytest.mark.parametrize(("rr_ticks", "accepted"), [(307, False), (308, True), (2048, True), (2049, False)])
def test_only_300_to_2000_ms_is_possible(rr_ticks, accepted):
    assert (verdicts(rr_ticks)[0] is Verdict.ACCEPTED) == accepted


@pytest.mark.parametrize(("rr_ticks", "accepted"), [(750, True), (749, False), (1250, True), (1251, False)])
def test_quarter_around_the_median_is_accepted(rr_ticks, accepted):
    assert (verdicts(*[1000] * 11, rr_ticks)[-1] is Verdict.ACCEPTED) == accepted


def test_median_looks_back_on_eleven_accepted():
    """Six of the last eleven carry the median: then a beat near them is accepted and the old level is not."""
    judged = verdicts(*[1000] * 11, *[800] * 6, 620, 1001)
    assert judged[-2:] == [Verdict.ACCEPTED, Verdict.REJECTED]


def test_six_rejects_that_agree_start_the_filter_anew():
    judged = verdicts(*[1000] * 11, *[500] * 7, 1000)
    assert judged[11:] == [Verdict.REJECTED] * 5 + [Verdict.RESYNCHRONISED, Verdict.ACCEPTED, Verdict.REJECTED]


def test_rejects_that_disagree_never_do():
    assert Verdict.RESYNCHRONISED not in verdicts(*[1000] * 11, *[400, 650] * 20)


def test_impossible_interval_breaks_the_row_of_rejects():
    judged = verdicts(*[1000] * 11, *[500] * 5, 3000, *[500] * 5)
    assert Verdict.RESYNCHRONISED not in judged


def test_memory_is_bounded():
    artifacts = ArtifactFilter(DetectorSettings())
    for beat in range(5000):
        artifacts.judge(1000 + beat % 90)
    assert len(artifacts._sorted) == len(artifacts._accepted) == 11
