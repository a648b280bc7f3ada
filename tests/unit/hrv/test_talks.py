"""The detector on a dozen simulated talks; the others are for `tests.benchmarks.bench_detector`."""

from pathlib import Path

import pytest

from tests.harder_talks import KINDS, harder, rng_of
from tests.talk_score import samples_of, score, states_of, truth_of

TALKS = Path(__file__).parents[2] / "data" / "talks"


@pytest.fixture(scope="module")
def truth():
    return truth_of(TALKS)


@pytest.fixture(scope="module")
def changes_of(truth):
    return {
        name: states_of(samples_of(TALKS / f"{name}.csv.gz"), talk["talk_starts_s"]) for name, talk in truth.items()
    }


@pytest.mark.parametrize(("kind", "delay_s"), [("talk", 25), ("seated", 25)])
def test_every_flood_is_found_soon_and_nothing_else(truth, changes_of, kind, delay_s):
    some = {name: talk for name, talk in truth.items() if name.startswith(kind)}
    found = score(some, changes_of)
    assert found.hits == found.floods > 2
    assert found.false_alarms == 0
    assert found.alerts_in_floods == found.hits
    assert sorted(found.delays_s)[len(found.delays_s) // 2] <= delay_s


def test_the_same_talk_is_told_the_same_twice(truth, changes_of):
    again = states_of(samples_of(TALKS / "talk-000.csv.gz"), truth["talk-000"]["talk_starts_s"])
    assert again == changes_of["talk-000"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_flood_is_found_in_the_same_talk_made_harder_and_nothing_else(truth, kind):
    name = "talk-000"
    samples = harder(samples_of(TALKS / f"{name}.csv.gz"), truth[name], KINDS[kind], rng_of(name, kind))
    found = score({name: truth[name]}, {name: states_of(samples, truth[name]["talk_starts_s"])})
    assert (found.hits, found.floods, found.false_alarms) == (1, 1, 0)
