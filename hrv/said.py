"""What the live pipeline said of a recording, gathered from all its readings."""

from hrv.near_miss import NearMiss, NearMissTracker
from hrv.reading import Episode, Reading
from hrv.trace import Point, Trace


class Said:
    """Collects every reading of one recording.

    >>> from hrv.monitor import ArousalMonitor
    >>> said = Said()
    >>> said.add(ArousalMonitor().tick(5.0))
    >>> len(said.points), said.episodes, said.near_misses
    (4, [], [])
    """

    def __init__(self) -> None:
        self._trace = Trace()
        self._near_misses = NearMissTracker()
        self._episodes: dict[float, Episode] = {}

    def add(self, reading: Reading) -> None:
        """Take the next reading."""
        self._trace.add(reading)
        self._near_misses.see_all(reading.seconds)
        if reading.episode is not None:
            self._episodes[reading.episode.began_t_s] = reading.episode

    @property
    def points(self) -> list[Point]:
        """One a second, from 0."""
        return self._trace.points

    @property
    def episodes(self) -> list[Episode]:
        """The last word on every flood."""
        return list(self._episodes.values())

    @property
    def near_misses(self) -> list[NearMiss]:
        """Every rise that turned back."""
        return self._near_misses.found
