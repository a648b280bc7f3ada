"""A real person, seated, under psychological stress (BioPsyKit, MIT licence beside the file)."""

import csv
from datetime import datetime
from pathlib import Path

import pytest

from hrv.reading import ArousalState
from sensing.measurement import HeartRateMeasurement

FILE = Path(__file__).parents[2] / "data" / "biopsykit" / "vp02_rr_phases.csv"


@pytest.fixture
def states(run):
    """The state at each second from the file's start, each row taken as one beat at its `time`."""
    with FILE.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    times = [datetime.fromisoformat(row["time"]) for row in rows]
    packets = [
        (
            (time - times[0]).total_seconds(),
            HeartRateMeasurement(None, rr_ticks=(round(float(row["rr_ms"]) * 1.024),)),
        )
        for time, row in zip(times, rows, strict=True)
    ]
    _, readings, _, _ = run(packets)
    return {int(reading.t_s): reading.state for reading in readings}


def test_flooded_for_nine_tenths_of_the_stress(states):
    stress = range(185, 309)
    assert sum(states[s] is ArousalState.FLOODED for s in stress if s in states) >= 0.9 * len(stress)


def test_never_flooded_in_the_baseline(states):
    assert all(state is not ArousalState.FLOODED for second, state in states.items() if second < 59)
