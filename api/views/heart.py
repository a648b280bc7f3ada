"""The wearer's heart now, its line, and the quiet minutes before the topic."""

from alerts.live_talk import LiveTalk
from alerts.policy_settings import PolicySettings
from alerts.talk_state import TalkState
from api.views.view import View, whole
from hrv.reading import Reading, Signal, ThresholdKind
from hrv.settings import DetectorSettings
from sensing.no_radio import Obstacle
from sensing.source import Link

STALE_AFTER_S = 10
"""A heart rate older than this is not shown."""


class BaselineView(View):
    """The quiet minutes before the topic."""

    bpm: float | None
    provisional: bool
    seconds: int
    seconds_needed: int
    seconds_left: int


class HeartView(View):
    """The wearer's heart now; `bpm` is None rather than old.

    `link` is the strap's last change of link, and `obstacle` what stands in the way of Bluetooth, for people.
    """

    state: str
    signal: str
    bpm: int | None
    stale: bool
    no_signal_s: int
    rmssd_ms: float | None
    above_line_s: int
    why: str
    has_motion: bool
    link: Link | None
    obstacle: str | None
    battery_percent: int | None


class LineView(View):
    """The line in force, and where flooding ends."""

    bpm: float
    leave_bpm: float
    kind: ThresholdKind


def baseline_view(reading: Reading | None, t_s: int, state: TalkState, policy: PolicySettings) -> BaselineView:
    """The quiet minutes at second `t_s` of the talk."""
    found = reading.baseline if reading else None
    return BaselineView(
        bpm=round(found.heart_rate_bpm, 1) if found else None,
        provisional=found.provisional if found else False,
        seconds=reading.quiet_s if reading else 0,
        seconds_needed=policy.quiet_s,
        seconds_left=max(0, policy.quiet_s - t_s) if state.topic_began_at is None else 0,
    )


def heart_view(reading: Reading | None, live: LiveTalk, t_s: int) -> HeartView:
    """The heart at second `t_s`; without a reading it says so, and `bpm` is None."""
    link = live.link.link if live.link else None
    obstacle = live.link.detail if live.link and link is Link.FAILED and live.link.detail in set(Obstacle) else None
    battery_percent = live.about.battery_percent if live.about else None
    if reading is None:
        return HeartView(
            state="calm", signal=Signal.DISCONNECTED, bpm=None, stale=True, no_signal_s=t_s, rmssd_ms=None,
            above_line_s=0, why="no heartbeat has arrived yet", has_motion=False, link=link, obstacle=obstacle,
            battery_percent=battery_percent,
        )  # fmt: skip
    silent_s = int(live.trace.silent_s(t_s))
    stale = silent_s > STALE_AFTER_S
    return HeartView(
        state=reading.state,
        signal=reading.signal,
        bpm=None if stale else whole(reading.heart_rate_bpm),
        stale=stale,
        no_signal_s=silent_s if stale else 0,
        rmssd_ms=None if reading.rmssd_ms is None else round(reading.rmssd_ms, 1),
        above_line_s=reading.episode.above_threshold_s if reading.episode else 0,
        why=reading.why,
        has_motion=reading.has_motion,
        link=link,
        obstacle=obstacle,
        battery_percent=battery_percent,
    )


def line_view(reading: Reading | None, detector: DetectorSettings) -> LineView:
    """The line that the reading was made with; without a reading the fixed one."""
    if reading is None:
        return LineView(
            bpm=detector.threshold_bpm,
            leave_bpm=detector.threshold_bpm - detector.leave_margin_bpm,
            kind=ThresholdKind.FIXED,
        )
    line = reading.threshold
    return LineView(bpm=line.bpm, leave_bpm=line.leave_bpm, kind=line.kind)
