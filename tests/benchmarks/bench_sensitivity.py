"""Which of the detector's parameters matter: each a quarter less and a quarter more, on every fourth simulated talk.

`python -m tests.benchmarks.bench_sensitivity [FOLDER] [--kind KIND] [--keep FILE] [--talks N] [--jobs N]`. The folder is that of
`bench_detector`, KIND one of `tests.harder_talks`. It takes three quarters of an hour of one core, so each finished talk is told
on stderr, and kept as a line of FILE, from which the next run goes on; so does the run by `tests.benchmarks` when
FLOODING_SENSITIVITY names one. With `--talks` only the first so many of them.

Only what a parameter can act on is done again. One that decides what is heard and changes nothing of it is done with; one of the
model gets the same seconds heard, and one of the rules that come after the model the same seconds explained.
"""

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from zlib import crc32

from hrv.explanation import Explainer
from hrv.hearing import Hearing
from hrv.monitor import ArousalMonitor
from hrv.reading import ArousalState
from hrv.settings import ALGORITHM_VERSION, DetectorSettings
from tests.benchmarks.bench_detector import folder_of
from tests.benchmarks.timing import table
from tests.harder_talks import KINDS, harder, rng_of
from tests.talk_score import HEADER, samples_of, score, states_of, truth_of

RULES = DetectorSettings()
AS_IT_IS = "as it is"
NOT_VARIED = {
    "model": "varied field by field",
    "threshold_kind": "no number",
    "threshold_bpm": "the wearer's choice, which the truth of the talks was made for",
    "rmssd_window_s": "a figure that is told, and decides nothing",
    "sdnn_window_s": "the same",
    "artifact_share_max": "the same",
    "coverage_full": "the same",
    "recovery_min_s": "the practice's 20 minutes",
}
AFTER_THE_MODEL = (
    "sure_", "likely_", "seated_", "present_", "onset_", "leave_chance", "leave_s", "rising_", "calm_", "recovered_",
)  # fmt: skip
"""How parameters are called that neither what is heard nor what is explained depends on."""
HEARD_ONLY = (
    "rr_", "heart_rate_", "beats_", "quality_", "coverage_min", "byte_", "frozen_", "silent_", "signal_back_", "resync_",
    "clean_",
)  # fmt: skip
"""How those are called that only what is heard depends on."""
SEATED = "seated_"
"""Those that decide without motion data."""


class _Recorded:
    """Passes every call on, and keeps it with what came back, in order."""

    def __init__(self, room):
        self.calls, self._room = [], room

    def __getattr__(self, name):
        def call(*args):
            answer = getattr(self._room, name)(*args)
            self.calls.append((name, args, answer))
            return answer

        return call

    def is_the_same_as(self, room):
        """Whether another room, asked the same, answers the same."""
        return all(getattr(room, name)(*args) == answer for name, args, answer in self.calls)


class _Replayed:
    """Answers every call with what came back then: the monitor asks the same things in the same order."""

    def __init__(self, recorded):
        self._calls = iter(recorded.calls)

    def __getattr__(self, _name):
        return self._next

    def _next(self, *_args):
        return next(self._calls)[-1]


def _after_the_model(name):
    return name.startswith(AFTER_THE_MODEL)


def _without(settings, hidden):
    """The settings without some: a room that looked at one of those would raise."""
    return SimpleNamespace(
        **{one.name: getattr(settings, one.name) for one in fields(settings) if not hidden(one.name)}
    )


def varied():
    """`(label, parameter, settings)`: each parameter of model and rules a quarter less and a quarter more."""
    for label, name, model in _each_varied(RULES.model):
        yield label, f"model.{name}", replace(RULES, model=model)
    yield from _each_varied(RULES)


def _each_varied(rules):
    for name in [one.name for one in fields(rules) if one.name not in NOT_VARIED]:
        value = getattr(rules, name)
        for factor in (0.75, 1.25):
            yield f"{name} × {factor}", name, replace(rules, **{name: _changed(name, value, factor)})


def _changed(name, value, factor):
    if isinstance(value, int):
        step = round(value * factor) - value
        return value + (step or (-1 if factor < 1 else 1))
    return min(value * factor, 0.99) if name.endswith(("chance", "share")) else value * factor


def changes_of_all(folder, kind, named):
    """One talk: its name, and the changes that each settings make of it, by label."""
    name, talk = named
    samples = samples_of(folder / f"{name}.csv.gz")
    if kind is not None:
        samples = harder(samples, talk, KINDS[kind], rng_of(name, kind))
    heard = _Recorded(Hearing(_without(RULES, lambda one: one == "model" or _after_the_model(one))))
    explained = _Recorded(Explainer(_without(RULES, lambda one: one.startswith(HEARD_ONLY) or _after_the_model(one))))
    states = partial(states_of, samples, talk["talk_starts_s"])
    found = {AS_IT_IS: states(_monitor(RULES, heard, explained))}
    seated = name.startswith("seated")
    for label, parameter, settings in varied():
        if seated and not parameter.startswith(SEATED):
            continue
        hearing = explainer = None
        if parameter.startswith("model."):
            hearing = _Replayed(heard)
        elif _after_the_model(parameter):
            hearing, explainer = _Replayed(heard), _Replayed(explained)
        elif parameter.startswith(HEARD_ONLY) and heard.is_the_same_as(Hearing(settings)):
            found[label] = found[AS_IT_IS]
            continue
        found[label] = states(_monitor(settings, hearing, explainer))
    return name, found


def _monitor(settings, hearing=None, explainer=None):
    monitor = ArousalMonitor(settings)
    if hearing is not None:
        monitor._hearing = hearing
    if explainer is not None:
        monitor._explainer = explainer
    return monitor


class _Kept:
    """Finished talks, a line each: what the detector was then, the talk, and what each settings made of it."""

    def __init__(self, path, kind):
        self._path = path and Path(path)
        self._rules = crc32(f"{ALGORITHM_VERSION} {RULES} {kind}".encode())

    def talks(self):
        if self._path is None or not self._path.exists():
            return {}
        lines = [json.loads(line) for line in self._path.read_text(encoding="utf-8").splitlines()]
        if any(line["rules"] != self._rules for line in lines):
            raise SystemExit(
                f"{self._path} was made by another detector or of other talks: name another file, or delete it"
            )
        return {line["talk"]: {label: _read(changes) for label, changes in line["found"].items()} for line in lines}

    def keep(self, name, found):
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"rules": self._rules, "talk": name, "found": found}) + "\n")


def _read(changes):
    return [(t_s, ArousalState(state)) for t_s, state in changes]


def found_of(folder, truth, kind=None, keep=None, jobs=2):
    kept = _Kept(keep, kind)
    found = {name: changes for name, changes in kept.talks().items() if name in truth}
    left = {name: talk for name, talk in truth.items() if name not in found}
    with ProcessPoolExecutor(max(1, min(jobs, os.cpu_count() or 1))) as pool:
        for name, changes in pool.map(partial(changes_of_all, folder, kind), left.items()):
            kept.keep(name, changes)
            found[name] = changes
            print(f"{name}: {len(found)} of {len(truth)} talks", file=sys.stderr, flush=True)
    return found


def rows(truth, found):
    """A row for each settings whose figures differ from those as it is; and the labels of the others."""
    labels = list(next(iter(found.values())))
    cells = {label: score(truth, {name: found[name][label] for name in truth}).cells() for label in labels}
    usual = cells.pop(AS_IT_IS)
    different = [(label, *cell) for label, cell in cells.items() if cell != usual]
    return [(AS_IT_IS, *usual), *different], [label for label, cell in cells.items() if cell == usual]


def chosen(truth, start):
    return {name: talk for name, talk in truth.items() if name.startswith(start) and int(name[-3:]) % 4 == 1}


def report(folder=None, *, kind=None, keep=None, talks=None, jobs=2):
    folder = folder_of(folder)
    truth = truth_of(folder)
    some = dict(list({**chosen(truth, "seated"), **chosen(truth, "talk")}.items())[:talks])
    found = found_of(folder, some, kind, keep or os.environ.get("FLOODING_SENSITIVITY"), jobs)
    yield "Each parameter a quarter less and more (chances and shares at most 0.99), on simulated talks with odd numbers, on which none"
    yield f"was chosen; {'as they are' if kind is None else f'made harder: {kind}'}. Only rows that differ from the first."
    for start, label in (("talk", "With motion data"), ("seated", "Seated, none")):
        truth_here = chosen(some, start)
        different, same = rows(truth_here, {name: found[name] for name in truth_here})
        yield ""
        yield from table((f"{label} ({len(truth_here)})", *HEADER[1:]), different)
        if same:
            yield ""
            yield f"The same figures as it is: {', '.join(same)}."


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--keep", metavar="FILE")
    parser.add_argument("--talks", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    for line in report(**vars(arguments)):
        print(line, flush=True)
