"""Finished recordings for the reports' tests."""

import pytest

from hrv.retrace import Mark, MarkKind, Sample
from hrv.summary import summarise
from sensing.measurement import HeartRateMeasurement


def samples_of(*stretches):
    """One packet a beat, for stretches of (seconds, bpm); bpm None is silence. Intervals sway a little, as living ones do."""
    t_s, samples = 0.0, []
    for seconds, bpm in stretches:
        until_s = t_s + seconds
        while bpm is not None and t_s < until_s:
            rr_s = 60 / bpm * (1 + 0.03 * ((len(samples) * 7) % 5 - 2) / 2)
            t_s += rr_s
            samples.append(Sample(t_s, HeartRateMeasurement(None, rr_ticks=(round(1024 * rr_s),))))
        t_s = max(t_s, until_s)
    return samples


@pytest.fixture
def summary_of():
    """Summarise stretches of (seconds, bpm)."""

    def summary(*stretches, topic_s=None):
        marks = [] if topic_s is None else [Mark(topic_s, MarkKind.TOPIC)]
        return summarise(samples_of(*stretches), marks)

    return summary


@pytest.fixture
def flooded(summary_of):
    """Five quiet minutes at 70, two of talk, a flood of two, and five to come down."""
    falling = [(10, 75 + 50 * 0.85**n) for n in range(30)]
    return summary_of((300, 70), (120, 80), (112, 117), (8, 127), *falling, topic_s=300)


@pytest.fixture
def noisy(summary_of):
    """A strap that gets one beat in eight wrong."""
    samples = samples_of((240, 75))
    spoiled = [
        Sample(one.t_s, HeartRateMeasurement(None, rr_ticks=(one.measurement.rr_ticks[0] // 2,))) if n % 8 == 4 else one
        for n, one in enumerate(samples)
    ]
    return summarise(spoiled)


@pytest.fixture
def silent():
    """Four minutes of packets without a single interval."""
    return summarise([Sample(float(t), HeartRateMeasurement(70)) for t in range(240)])
