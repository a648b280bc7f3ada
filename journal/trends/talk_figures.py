"""A talk's figures from its timeline: the second-by-second walk of its packets. Pure.

All of them are of the time that was talked: after the topic began and outside of pauses. Only there do seconds count, and
floods and rises that began there: in the quiet minutes and in a pause people stand up, walk and breathe.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.marks import marks
from alerts.pause import Pause, PauseState
from alerts.ports import Talk
from alerts.talk_state import TalkState
from hrv.coming_down import Recovery, is_above
from hrv.judged import pauses
from hrv.reading import Episode
from hrv.retrace import MarkKind
from hrv.settings import ALGORITHM_VERSION
from hrv.trace import Point
from journal.local_time import LocalMoment
from journal.timeline import Timeline
from journal.trends.figures import FloodFigures, TalkFigures

FIGURES_VERSION = "1"
"""Changes whenever the same timeline or the same minutes would give other figures."""
BACK_WITHIN = timedelta(minutes=5)
"""Later is not kept (own choice)."""


@dataclass(frozen=True, slots=True)
class Talked:
    """When there was talk: from `topic_s` on, without `pauses` (to None: until the end). Seconds on the recording's axis.

    >>> talked = Talked(300.0, [(900.0, 2100.0)])
    >>> [talked.at(second) for second in (299, 300, 900, 2100)]
    [False, True, False, True]
    >>> talked.seconds_of(840, 960), talked.seconds_of(0, 2400)
    (60.0, 900.0)
    """

    topic_s: float
    pauses: Sequence[tuple[float, float | None]]

    def at(self, t_s: float) -> bool:
        """Whether there was talk in this second."""
        return t_s >= self.topic_s and not any(
            began <= t_s and (ended is None or t_s < ended) for began, ended in self.pauses
        )

    def seconds_of(self, from_s: float, to_s: float) -> float:
        """How many seconds from `from_s` to `to_s` were talk."""
        began_s = max(from_s, self.topic_s)
        paused_s = sum(
            max(0.0, (to_s if ended is None else min(to_s, ended)) - max(began_s, began))
            for began, ended in self.pauses
        )
        return max(0.0, to_s - began_s - paused_s)


def talk_figures(talk: Talk, state: TalkState, found: Timeline) -> TalkFigures:
    """The figures of a finished talk. `state` is as its wearer lived it (`journal.own_share.as_lived`)."""
    done = marks(talk, state)
    topic_s = min((mark.t_s for mark in done if mark.kind is MarkKind.TOPIC), default=0.0)
    talked = Talked(topic_s, pauses(done))
    seconds = [point for point in found.points if talked.at(point.t_s)]
    heard_s = sum(point.heart_rate_bpm is not None for point in seconds)
    ways_back = {recovery.began_t_s: recovery for recovery in found.recoveries}
    return TalkFigures(
        began=began(talk),
        heard_s=float(heard_s),
        lost_s=float(len(seconds) - heard_s),
        baseline_bpm=found.baseline.heart_rate_bpm if found.baseline else None,
        rmssd_baseline_ms=found.baseline.rmssd_ms if found.baseline else None,
        floods=tuple(
            _flood(episode, ways_back.get(episode.began_t_s))
            for episode in found.episodes
            if talked.at(episode.onset_t_s)
        ),
        near_misses=sum(talked.at(near_miss.from_s) for near_miss in found.near_misses),
        pauses_taken=len(state.pauses),
        pauses_kept=sum(_was_kept(pause, talk.wearer_id) for pause in state.pauses),
        algorithm_version=ALGORITHM_VERSION,
        above_line_s=float(_above_line_s(seconds, found.episodes)),
    )


def began(talk: Talk) -> datetime:
    """When it began, on its wearer's own clock."""
    return LocalMoment(talk.began_at, talk.utc_offset_min).local


def was_kept(state: PauseState, *, return_at: datetime, ready_at: datetime | None, back_at: datetime | None) -> bool:
    """Whether a person came back from a pause when they said, or when their body was ready if that took longer.

    >>> from datetime import UTC
    >>> at = lambda minute: datetime(2026, 3, 12, 20, minute, tzinfo=UTC)
    >>> was_kept(PauseState.RETURNED, return_at=at(20), ready_at=at(31), back_at=at(33))
    True
    >>> was_kept(PauseState.RETURNED, return_at=at(20), ready_at=None, back_at=at(33))
    False
    """
    if state is not PauseState.RETURNED or back_at is None:
        return False
    return back_at <= max(return_at, ready_at or return_at) + BACK_WITHIN


def _was_kept(pause: Pause, wearer_id: str) -> bool:
    """Where two share the pause, it is the wearer's own way back that counts: the other's is not theirs to show."""
    own = next((course for course in pause.courses if course.person_id == wearer_id), None)
    back_at = own.back_at if own else pause.ended_at
    return was_kept(pause.state, return_at=pause.return_at, ready_at=pause.ready_at, back_at=back_at)


def _flood(episode: Episode, way_back: Recovery | None) -> FloodFigures:
    return FloodFigures(episode.peak_bpm, episode.rise_bpm, way_back.took_s if way_back else None)


def _above_line_s(seconds: Iterable[Point], episodes: Sequence[Episode]) -> int:
    return sum(any(_is_in(episode, point) and is_above(episode, point) for episode in episodes) for point in seconds)


def _is_in(episode: Episode, point: Point) -> bool:
    return episode.onset_t_s <= point.t_s and (episode.ended_t_s is None or point.t_s <= episode.ended_t_s)
