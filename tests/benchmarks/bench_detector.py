"""The detector on simulated talks with known truth, and on real people at five tasks.

`python -m tests.benchmarks.bench_detector [FOLDER] [--sensitivity]`. The folder holds recordings and their `truth.json`; without
one it is FLOODING_TALKS, else the few in `tests/data/talks`. The detector's parameters were chosen on talks with even numbers.
`--sensitivity` varies each parameter by a quarter, on every fourth talk: that takes long.
"""

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields, replace
from functools import partial
from pathlib import Path

from hrv.monitor import ArousalMonitor
from hrv.reading import ArousalState
from hrv.retrace import Sample, retrace
from hrv.settings import DetectorSettings
from sensing.recording import read_recordings
from tests.benchmarks.timing import table
from tests.harder_talks import KINDS, harder, rng_of
from tests.talk_score import HEADER, samples_of, score, states_of, truth_of

DATA = Path(__file__).resolve().parents[1] / "data"
RULES = DetectorSettings()
DECIDING = (
    "sure_chance", "likely_chance", "seated_chance", "sure_hits", "likely_hits", "seated_hits", "leave_chance", "leave_s",
    "leave_margin_bpm", "clean_share", "resync_block_s",
)  # fmt: skip
TASKS = ("sitting", "maths", "walking", "hand_bike", "jogging")


def _changes(folder, settings, kind, named):
    name, talk = named
    samples = samples_of(folder / f"{name}.csv.gz")
    if kind is not None:
        samples = harder(samples, talk, KINDS[kind], rng_of(name, kind))
    return name, states_of(samples, talk["talk_starts_s"], settings)


def changes_of(folder, truth, settings=RULES, kind=None):
    with ProcessPoolExecutor(max(1, min(2, os.cpu_count() or 1))) as pool:
        return dict(pool.map(partial(_changes, folder, settings, kind), truth.items(), chunksize=4))


def sets(truth):
    for kind, label in (("talk", "with motion data"), ("seated", "seated, none")):
        for half, numbers in enumerate(("even", "odd")):
            some = {n: talk for n, talk in truth.items() if n.startswith(kind) and int(n[-3:]) % 2 == half}
            if some:
                yield f"{label}, {numbers} ({len(some)})", some


def score_rows(truth, changes):
    for label, some in sets(truth):
        yield label, *score(some, changes).cells()


def varied():
    """Each parameter of model and rule a quarter less and a quarter more."""
    for one in fields(RULES.model):
        value = getattr(RULES.model, one.name)
        for factor in (0.75, 1.25):
            changed = replace(RULES.model, **{one.name: type(value)(_within(one.name, value * factor))})
            yield f"{one.name} × {factor}", replace(RULES, model=changed)
    for name in DECIDING:
        value = getattr(RULES, name)
        for factor in (0.75, 1.25):
            yield f"{name} × {factor}", replace(RULES, **{name: type(value)(_within(name, value * factor))})


def _within(name, value):
    return min(value, 0.99) if name.endswith(("chance", "share")) else value


def sensitivity_rows(folder, truth):
    some = {name: talk for name, talk in truth.items() if name.startswith("talk") and int(name[-3:]) % 4 == 1}
    yield "as it is", *score(some, changes_of(folder, some)).cells()
    for label, settings in varied():
        yield label, *score(some, changes_of(folder, some, settings)).cells()


def harder_rows(folder, truth):
    """The talks made harder: those with motion data, and the seated ones where the strap is what gets worse."""
    for kind, how in KINDS.items():
        for start, label in (("talk", "with motion data"), ("seated", "seated, none")):
            if start == "seated" and not (how.premature_share or how.wet_spells):
                continue
            some = {name: talk for name, talk in truth.items() if name.startswith(start)}
            yield f"{kind}; {label} ({len(some)})", *score(some, changes_of(folder, some, kind=kind)).cells()


def task_rows():
    """Seconds said to be flooded, of all seconds; none of these straps tells of movement."""
    flooded, heard = dict.fromkeys(TASKS, 0), dict.fromkeys(TASKS, 0)
    for recording in read_recordings(DATA / "gudb" / "rr.csv.gz"):
        task = next(task for task in TASKS if task in recording.name)
        samples = (Sample(row.t_s, row.measurement) for row in recording.rows())
        for reading in retrace(ArousalMonitor(), samples):
            heard[task] += len(reading.seconds)
            flooded[task] += sum(second.state is ArousalState.FLOODED for second in reading.seconds)
    for task in TASKS:
        yield task, f"{flooded[task] / max(1, heard[task]):.1%}"


def report(folder=None, *, sensitivity=False):
    folder = Path(folder or os.environ.get("FLOODING_TALKS") or DATA / "talks")
    truth = truth_of(folder)
    yield f"Simulated talks ({len(truth)} of them); parameters were chosen on those with even numbers."
    yield ""
    yield from table(HEADER, list(score_rows(truth, changes_of(folder, truth))))
    yield ""
    yield "The same talks made harder (tests/harder_talks.py); the rules and parameters were not changed for them."
    yield ""
    yield from table(HEADER, list(harder_rows(folder, truth)))
    yield ""
    yield "Real people at five tasks of two minutes (ECG-GUDB), no motion data: share of seconds said to be flooded."
    yield ""
    yield from table(("task", "flooded"), list(task_rows()))
    if sensitivity:
        yield ""
        yield "Each parameter a quarter less and more, every fourth talk with motion data (odd numbers)."
        yield ""
        yield from table(HEADER, list(sensitivity_rows(folder, truth)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--sensitivity", action="store_true")
    arguments = parser.parse_args()
    for line in report(arguments.folder, sensitivity=arguments.sensitivity):
        print(line, flush=True)
