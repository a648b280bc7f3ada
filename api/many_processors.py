"""Recordings' results, computed on many processors: of this machine, or of a Dask cluster that is there already.

A worker gets packets and gives back a result; it knows no database and no key. Joblib carries both ways. Recordings are
handed over few at a time, so that memory stays bounded however many there are.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from joblib import Parallel, delayed, effective_n_jobs, parallel_config
from joblib.externals.loky.process_executor import TerminatedWorkerError

from journal.derived import Derived, Recorded, derive

ALL = -1
"""As many processes as there are processors."""
ANSWERS_WITHIN_S = 10
EACH_HOLDS = 8
"""Recordings that are in memory for each processor: a few hundred kilobytes each."""


class NoDask(Exception):
    """The extra is not installed. Says how to install it."""


class NoCluster(Exception):
    """There is no cluster at that address, or it has gone. Says what to do."""


class WorkersGone(Exception):
    """A worker process ended before its work was done: memory ran out, or it was killed. What is done is kept."""


@dataclass(frozen=True, slots=True)
class NotDerived:
    """A recording that could not be computed. Of the error only its kind is told: its text can hold what was stored."""

    error: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of them, by its recording's id."""

    recording_id: str
    result: Derived | NotDerived


Work = Callable[[Iterable[Recorded]], Iterator[Outcome]]


@contextmanager
def on_this_machine(jobs: int) -> Iterator[Work]:
    """So many processes of this machine, or `ALL`."""
    with Parallel(n_jobs=jobs, return_as="generator_unordered") as parallel:
        holds = EACH_HOLDS * effective_n_jobs(jobs)

        def work(recordings: Iterable[Recorded]) -> Iterator[Outcome]:
            try:
                yield from _worked(parallel, recordings, holds)
            except TerminatedWorkerError as error:
                raise WorkersGone(
                    "a worker process ended before its work was done, perhaps because memory ran out; what is done is kept: "
                    "run it again, with fewer --jobs"
                ) from error

        yield work


@contextmanager
def on_dask(address: str) -> Iterator[Work]:
    """The workers of the Dask cluster whose scheduler is at `address`, as `tcp://host:8786`.

    Raises:
        NoDask: the extra is not installed.
        NoCluster: nobody answers there, or it has no workers.
    """
    try:
        from distributed import Client  # noqa: PLC0415  an extra
        from distributed.comm.core import CommClosedError  # noqa: PLC0415
    except ImportError as error:
        raise NoDask("--dask needs the extra: pip install -c constraints.txt -e '.[dask]'") from error
    try:
        client: Any = Client(address, timeout=ANSWERS_WITHIN_S, set_as_default=False)  # type: ignore[no-untyped-call]  # it has no types
    except (OSError, ValueError) as error:
        raise NoCluster(f"no Dask scheduler answers at {address}; it is called like tcp://host:8786") from error
    with client:
        processors = sum(client.nthreads().values())
        if not processors:
            raise NoCluster(f"the Dask cluster at {address} has no workers; start one with: dask worker {address}")
        with parallel_config(backend="dask", client=client, wait_for_workers_timeout=ANSWERS_WITHIN_S):

            def work(recordings: Iterable[Recorded]) -> Iterator[Outcome]:
                try:
                    parallel = Parallel(return_as="generator_unordered")
                    yield from _worked(parallel, recordings, EACH_HOLDS * processors)
                except (CommClosedError, OSError) as error:
                    raise NoCluster(
                        f"the Dask cluster at {address} has gone; what is done is kept: run it again when it is back"
                    ) from error

            yield work


def _worked(parallel: Any, recordings: Iterable[Recorded], holds: int) -> Iterator[Outcome]:  # noqa: ANN401  joblib has no types
    coming = iter(recordings)
    while some := list(islice(coming, holds)):
        yield from parallel(delayed(outcome_of)(recorded) for recorded in some)


def outcome_of(recorded: Recorded) -> Outcome:
    """The worker's whole task."""
    try:
        result: Derived | NotDerived = derive(recorded)
    except Exception as error:  # noqa: BLE001  one recording that cannot be computed must not hold up the others
        result = NotDerived(type(error).__name__)
    return Outcome(recorded.talk.recording_id, result)
