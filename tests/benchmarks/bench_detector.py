"""The detector on simulated talks with known truth, and on real people at five tasks.

`python -m tests.benchmarks.bench_detector [FOLDER] [--fresh DRAWS]`. The folder holds recordings and their `truth.json`; without one it is
FLOODING_TALKS, else the few in `tests/data/talks`. The detector's parameters were chosen on talks with even numbers.
What each parameter does is `bench_sensitivity`'s to show. With `--fresh`, only the talks made harder, in so many ways that
nobody has seen before, all draws of a kind counted together: a minute or two a kind and draw.
"""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from hrv.monitor import ArousalMonitor
from hrv.reading import ArousalState
from hrv.retrace import Sample, retrace
from sensing.recording import read_recordings
from tests.benchmarks.timing import table
from tests.harder_talks import KINDS, harder, rng_of
from tests.talk_score import HEADER, samples_of, score, states_of, truth_of

DATA = Path(__file__).resolve().parents[1] / "data"
TASKS = ("sitting", "maths", "walking", "hand_bike", "jogging")


FIRST_FRESH = 21
"""Earlier draws were looked at while rules were being chosen."""


def _changes(folder, kind, draw, named):
    name, talk = named
    samples = samples_of(folder / f"{name}.csv.gz")
    if kind is not None:
        samples = harder(samples, talk, KINDS[kind], rng_of(name, kind, draw))
    return name, states_of(samples, talk["talk_starts_s"])


def changes_of(folder, truth, kind=None, draw=0):
    with ProcessPoolExecutor(max(1, min(2, os.cpu_count() or 1))) as pool:
        return dict(pool.map(partial(_changes, folder, kind, draw), truth.items(), chunksize=4))


def sets(truth):
    for kind, label in (("talk", "with motion data"), ("seated", "seated, none")):
        for half, numbers in enumerate(("even", "odd")):
            some = {n: talk for n, talk in truth.items() if n.startswith(kind) and int(n[-3:]) % 2 == half}
            if some:
                yield f"{label}, {numbers} ({len(some)})", some


def score_rows(truth, changes):
    for label, some in sets(truth):
        yield label, *score(some, changes).cells()


def harder_rows(folder, truth):
    """The talks made harder."""
    for kind, label, some in harder_sets(truth):
        yield f"{kind}; {label} ({len(some)})", *score(some, changes_of(folder, some, kind=kind)).cells()


def fresh_rows(folder, truth, draws):
    """The talks made harder in ways that nobody has seen, all draws of a kind together."""
    for kind, label, some in harder_sets(truth):
        found = {draw: changes_of(folder, some, kind, draw) for draw in range(FIRST_FRESH, FIRST_FRESH + draws)}
        truths = {(draw, name): talk for draw in found for name, talk in some.items()}
        changes = {(draw, name): changed for draw, of_draw in found.items() for name, changed in of_draw.items()}
        yield f"{kind}; {label} ({len(truths)})", *score(truths, changes).cells()


def harder_sets(truth):
    """What is made harder: the talks with motion data, and the seated ones where the strap is what gets worse."""
    for kind, how in KINDS.items():
        for start, label in (("talk", "with motion data"), ("seated", "seated, none")):
            if start == "seated" and not (how.premature_share or how.wet_spells):
                continue
            yield kind, label, {name: talk for name, talk in truth.items() if name.startswith(start)}


def task_rows():
    """People said to be flooded at some time of each task, and the share of its seconds; no strap tells of movement."""
    floods = {task: [] for task in TASKS}
    for recording in read_recordings(DATA / "gudb" / "rr.csv.gz"):
        task = next(task for task in TASKS if task in recording.name)
        samples = (Sample(row.t_s, row.measurement) for row in recording.rows())
        seconds = [second for reading in retrace(ArousalMonitor(), samples) for second in reading.seconds]
        floods[task].append([second.state is ArousalState.FLOODED for second in seconds])
    for task, people in floods.items():
        flagged = sum(any(seconds) for seconds in people)
        share = sum(map(sum, people)) / sum(map(len, people))
        yield task, f"{flagged} of {len(people)}", f"{share:.1%}"


def told(rows):
    """Tell each row on stderr as soon as it is there: all of them take half an hour."""
    for row in rows:
        print(*row, sep=" | ", file=sys.stderr, flush=True)
        yield row


def folder_of(folder=None):
    return Path(folder or os.environ.get("FLOODING_TALKS") or DATA / "talks")


def report(folder=None):
    folder = folder_of(folder)
    truth = truth_of(folder)
    yield f"Simulated talks ({len(truth)} of them); parameters were chosen on those with even numbers."
    yield ""
    yield from table(HEADER, list(told(score_rows(truth, changes_of(folder, truth)))))
    yield ""
    yield "The same talks made harder (tests/harder_talks.py); rules and parameters were chosen on those with even numbers, as they are and harder."
    yield ""
    yield from table(HEADER, list(told(harder_rows(folder, truth))))
    yield ""
    yield "Real people at five tasks of two minutes (ECG-GUDB), no motion data: how many were said to be flooded."
    yield ""
    yield from table(("task", "people flooded", "seconds flooded"), list(task_rows()))


def fresh_report(folder, draws):
    folder = folder_of(folder)
    yield f"Simulated talks made harder in {draws} ways each that nobody has seen."
    yield ""
    yield from table(HEADER, list(told(fresh_rows(folder, truth_of(folder), draws))))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--fresh", type=int, metavar="DRAWS")
    asked = parser.parse_args()
    for line in fresh_report(asked.folder, asked.fresh) if asked.fresh else report(asked.folder):
        print(line, flush=True)
