"""How a heart comes down after a flood: where it turned, and when it was near its usual again."""

from collections.abc import Sequence
from dataclasses import dataclass

from hrv.reading import Episode
from hrv.settings import DetectorSettings
from hrv.trace import Point


@dataclass(frozen=True, slots=True)
class Recovery:
    """A flood's way back.

    Attributes:
        began_t_s: which flood: `Episode.began_t_s`.
        turned_s: the last second above the line, from where it came down.
        near_usual_s: the first second of the two minutes near the usual that followed; None when they did not follow
            before the next flood or the recording's end, or when there is no baseline.
    """

    began_t_s: float
    turned_s: int
    near_usual_s: int | None

    @property
    def took_s(self) -> int | None:
        """From the turn until near the usual."""
        return None if self.near_usual_s is None else self.near_usual_s - self.turned_s


def turned_s(episode: Episode, points: Sequence[Point]) -> int:
    """The last second above the line. Not the peak, which may lie anywhere on a flood that lasts.

    >>> from types import SimpleNamespace
    >>> flood = SimpleNamespace(onset_t_s=1.0, ended_t_s=4.0, threshold=SimpleNamespace(bpm=100.0))
    >>> turned_s(flood, [Point(second, bpm, None) for second, bpm in enumerate([90.0, 104.0, 118.0, 96.0, 92.0])])
    2
    """
    ended_s = len(points) if episode.ended_t_s is None else int(episode.ended_t_s) + 1
    seconds = range(min(ended_s, len(points)) - 1, int(episode.onset_t_s), -1)
    return next((second for second in seconds if is_above(episode, points[second])), int(episode.onset_t_s))


def is_above(episode: Episode, point: Point) -> bool:
    """Whether the heart was above the flood's line in this second.

    >>> from types import SimpleNamespace
    >>> flood = SimpleNamespace(threshold=SimpleNamespace(bpm=100.0))
    >>> is_above(flood, Point(7, 100.5, None)), is_above(flood, Point(8, 100.0, None)), is_above(flood, Point(9, None, None))
    (True, False, False)
    """
    return point.heart_rate_bpm is not None and point.heart_rate_bpm > episode.threshold.bpm


def recoveries(
    episodes: Sequence[Episode], points: Sequence[Point], near_usual_s: Sequence[int], settings: DetectorSettings
) -> list[Recovery]:
    """Each flood's way back, in the order of `episodes`.

    Args:
        episodes: the floods, oldest first.
        points: the trace, one point a second from 0.
        near_usual_s: the seconds that ended two minutes near the usual, oldest first (`Judged.near_usual_s`).
        settings: how long those minutes are.

    >>> recoveries([], [], [], DetectorSettings())
    []
    """
    found = []
    next_onsets_s = [*(episode.onset_t_s for episode in episodes[1:]), float("inf")]
    for episode, until_s in zip(episodes, next_onsets_s, strict=False):
        turn = turned_s(episode, points)
        back = first_near_usual_s(near_usual_s, turn, until_s, settings)
        found.append(Recovery(episode.began_t_s, turn, back))
    return found


def first_near_usual_s(
    near_usual_s: Sequence[int], from_s: float, until_s: float, settings: DetectorSettings
) -> int | None:
    """The first second of the first two minutes near the usual that lie in `from_s` to `until_s`; None without any.

    >>> first_near_usual_s([400, 401], 250.0, 900.0, DetectorSettings(calm_hold_s=120))
    280
    """
    hold_s = settings.calm_hold_s
    ends = (second for second in near_usual_s if from_s + hold_s <= second <= until_s)
    first = next(ends, None)
    return None if first is None else first - hold_s
