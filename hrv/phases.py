"""A talk in phases: baseline, talk, rise, flood, pause, after. Bounds on the recording's axis, in seconds."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from hrv.reading import Episode, EpisodeEnd
from hrv.trace import Point

RISE_FACTOR = 1.10
"""A rise begins where the heart rate last left 10 % above the baseline, the usual onset of arousal in practice."""
LONGEST_RISE_S = 600
"""Own choice: an earlier start than ten minutes before the flood is not part of its rise."""


class PhaseKind(StrEnum):
    """What the time was."""

    BASELINE = "baseline"
    TALK = "talk"
    RISE = "rise"
    FLOOD = "flood"
    PAUSE = "pause"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Phase:
    """From `from_s` up to, not including, `to_s`."""

    kind: PhaseKind
    from_s: int
    to_s: int


def phases(
    points: Sequence[Point],
    episodes: Sequence[Episode],
    *,
    topic_s: float | None,
    pauses: Sequence[tuple[float, float | None]],
) -> list[Phase]:
    """Divide a talk's seconds into phases; together they cover it without overlap.

    Where two claims meet, the pause wins over the flood, the flood over the rise, and all over plain talk.

    Args:
        points: the trace, one point a second from 0.
        episodes: the floods.
        topic_s: when the topic began; None when it never did.
        pauses: each pause's beginning and end; None for a pause that lasts until the end.

    >>> quiet = [Point(second, 70.0, None) for second in range(6)]
    >>> [(one.kind.value, one.from_s, one.to_s) for one in phases(quiet, [], topic_s=2, pauses=[(4, None)])]
    [('baseline', 0, 2), ('talk', 2, 4), ('pause', 4, 6)]
    """
    length = len(points)
    kinds = [PhaseKind.TALK] * length
    _paint(kinds, 0, length if topic_s is None else topic_s, PhaseKind.BASELINE)
    floor = 0 if topic_s is None else max(0, round(topic_s))
    floods = sorted(episodes, key=lambda episode: episode.onset_t_s)
    for episode in floods:
        _paint(kinds, _end_s(episode, length), length, PhaseKind.AFTER)
    for episode in floods:
        end_s = _end_s(episode, length)
        _paint(kinds, rise_began_s(points, episode, floor), episode.onset_t_s, PhaseKind.RISE)
        _paint(kinds, episode.onset_t_s, end_s, PhaseKind.FLOOD)
        floor = max(floor, round(end_s))  # the next rise does not reach back into this flood
    for began_s, ended_s in pauses:
        end_s = length if ended_s is None else ended_s
        _paint(kinds, end_s, length, PhaseKind.AFTER, over={PhaseKind.TALK, PhaseKind.AFTER})
        _paint(kinds, began_s, end_s, PhaseKind.PAUSE)
    return _runs(kinds)


def rise_began_s(points: Sequence[Point], episode: Episode, floor_s: int) -> int:
    """When the heart rate last left the neighbourhood of the baseline before the flood; its onset without a baseline.

    Args:
        points: the trace, one point a second from 0, in bpm.
        episode: the flood.
        floor_s: no rise reaches back further.

    >>> from types import SimpleNamespace
    >>> rise = [Point(second, bpm, None) for second, bpm in enumerate([70.0, 76.0, 85.0, 95.0, 103.0])]
    >>> rise_began_s(rise, SimpleNamespace(onset_t_s=4.0, baseline_bpm=70.0), floor_s=0)
    2
    """
    onset = min(int(episode.onset_t_s), len(points))
    if episode.baseline_bpm is None:
        return onset
    near = episode.baseline_bpm * RISE_FACTOR
    earliest = min(onset, max(floor_s, onset - LONGEST_RISE_S))
    for second in range(onset - 1, earliest - 1, -1):
        bpm = points[second].heart_rate_bpm
        if bpm is not None and bpm <= near:
            return second + 1
    return earliest


def _end_s(episode: Episode, length: int) -> float:
    """A flood that the talk's end closed fills the last second too: nothing came after it."""
    if episode.ended_t_s is None or episode.end is EpisodeEnd.TALK_ENDED:
        return length
    return episode.ended_t_s


def _paint(
    kinds: list[PhaseKind], from_s: float, to_s: float, kind: PhaseKind, over: set[PhaseKind] | None = None
) -> None:
    for second in range(max(0, round(from_s)), min(len(kinds), round(to_s))):
        if over is None or kinds[second] in over:
            kinds[second] = kind


def _runs(kinds: list[PhaseKind]) -> list[Phase]:
    found: list[Phase] = []
    for second, kind in enumerate(kinds):
        if found and found[-1].kind is kind:
            found[-1] = Phase(kind, found[-1].from_s, second + 1)
        else:
            found.append(Phase(kind, second, second + 1))
    return found
