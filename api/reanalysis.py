"""Today's detector looks again at every stored recording. What an earlier one said stays beside it (`journal.versions`).

The parent alone touches the journal: it reads a few recordings, has them computed elsewhere, and keeps each result in a
small transaction of its own. Killed halfway, what is kept is kept, and the next run does the rest.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from alerts.people import SERVICE
from alerts.ports import Talk
from api.many_processors import NotDerived, Outcome, Work
from hrv.settings import DetectorSettings
from journal.database import DatabaseError
from journal.derived import Recorded, basis_of, figures_basis_of
from journal.timelines import Timelines, ToAnalyse


@dataclass(slots=True)
class Reanalysed:
    """How far it has come.

    Attributes:
        failed: recordings that could not be done, each with why.
        gone: so many were erased meanwhile.
    """

    total: int
    kept: int = 0
    gone: int = 0
    failed: list[tuple[Talk, str]] = field(default_factory=list)

    @property
    def finished(self) -> int:
        """So many are over, well or not."""
        return self.kept + self.gone + len(self.failed)


Told = Callable[[Reanalysed], None]


def reanalyse(
    timelines: Timelines,
    settings: DetectorSettings,
    found: ToAnalyse,
    work: Work,
    *,
    told: Told = lambda _so_far: None,
) -> Reanalysed:
    """Do what `found` lists; `told` after each recording.

    Raises:
        DatabaseError: the journal does not answer.
        WorkersGone, NoCluster: what is done is kept.
    """
    run = _Run(timelines, settings, found, told)
    for outcome in work(run.recordings()):
        run.take(outcome)
    return run.so_far


class _Run:
    """One walk through the recordings."""

    def __init__(self, timelines: Timelines, settings: DetectorSettings, found: ToAnalyse, told: Told) -> None:
        self.so_far = Reanalysed(len(found.talks))
        self._timelines = timelines
        self._settings = settings
        self._talks = {talk.recording_id: talk for talk in found.talks}
        self._told = told

    def recordings(self) -> Iterator[Recorded]:
        """What is still there of those that are wanted, read when it is asked for."""
        for talk in self._talks.values():
            try:
                recorded = self._timelines.recorded(SERVICE, talk, self._settings)
            except DatabaseError:
                raise
            except Exception as error:  # noqa: BLE001  one that cannot be read must not hold up the others
                self._failed(talk, f"cannot be read ({type(error).__name__})")
                continue
            if recorded is None:
                self._over(was_there=False)
            else:
                yield recorded

    def take(self, outcome: Outcome) -> None:
        """Keep what was computed."""
        talk, result = self._talks[outcome.recording_id], outcome.result
        line_bpm = talk.threshold_bpm
        if isinstance(result, NotDerived):
            self._failed(talk, f"cannot be computed ({result.error})")
        elif (result.basis, result.figures_basis) != (
            basis_of(self._settings, line_bpm),
            figures_basis_of(self._settings, line_bpm),
        ):
            self._failed(talk, "was computed by another version of the program; upgrade the workers")
        else:
            self._over(was_there=self._timelines.keep(SERVICE, talk, result))

    def _failed(self, talk: Talk, why: str) -> None:
        self.so_far.failed.append((talk, why))
        self._told(self.so_far)

    def _over(self, *, was_there: bool) -> None:
        if was_there:
            self.so_far.kept += 1
        else:
            self.so_far.gone += 1
        self._told(self.so_far)
