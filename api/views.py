"""What a wearer's own page is told. Pure: a live talk in, a frozen view out.

Everything here derives from the wearer's own body and from the shared state as this wearer may see it
(`alerts.seen`); the other's page gets a view of its own, by the same rule.
Times carry the wearer's offset, so the page shows them as they are.
"""

import math
from datetime import datetime, timedelta, timezone

from pydantic import BaseModel, ConfigDict

from alerts.agreement import Own
from alerts.alert_rules import Quiet
from alerts.live_talk import LiveTalk
from alerts.notice import Notice
from alerts.pause import TRANSITIONS, Pause, PauseState, PauseTrigger, return_time
from alerts.policy import why_quiet
from alerts.policy_settings import PolicySettings
from alerts.sharing import why_not_shared
from alerts.suggestion import Suggestion
from alerts.talk_state import TalkState
from hrv.reading import Reading, Signal, ThresholdKind
from hrv.settings import DetectorSettings
from sensing.no_radio import Obstacle
from sensing.source import Link

STALE_AFTER_S = 10
EXTENSIONS_MIN = (5, 10, 15)
PHRASES = ("I am here.", "We are okay.", "Take it slow.", "I won’t leave.")
"""What there is to say on coming back, where the two have not agreed on words of their own."""


class View(BaseModel):
    """A part of what the page is told."""

    model_config = ConfigDict(frozen=True)


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


class SuggestionView(View):
    """The suggestion that waits for an answer. `return_at` is what accepting it now would promise."""

    id: str
    minutes: int
    return_at: datetime
    raised: datetime
    expires: datetime
    acknowledged: bool


class NoticeView(View):
    """The technical notice while it lasts."""

    id: str
    state: str
    since: datetime
    snoozed_until: datetime | None


class HeldView(View):
    """Why a flood that goes on is not announced now, and until when that is known to hold."""

    why: str
    until: datetime | None


class ExtensionView(View):
    """One way to say “I’ll be back, but need N more”."""

    minutes: int
    return_at: datetime


class SharedView(View):
    """“One of us could use a pause.”: the same for both, whoever or whatever asked for it.

    `acknowledged`: this wearer has seen it, so that it rings no more for them.
    """

    id: str
    minutes: int
    return_at: datetime
    expires: datetime
    acknowledged: bool


class PauseView(View):
    """The pause that is going on, and its two conditions.

    `is_back`: this wearer has come back, and the talk goes on when the other has. `meanwhile`, `neither`, `opening` and
    `phrases` are the agreement's words; `from_agreement` says whether there is one.
    """

    id: str
    state: str
    called: datetime
    return_at: datetime
    minutes_left: int
    minimum_min: int
    minutes_so_far: int
    minimum_done: bool
    near_usual_s: int
    near_usual_needed_s: int
    near_usual_done: bool
    can_return: bool
    bpm_at_start: int | None
    extend: list[ExtensionView]
    is_back: bool
    from_agreement: bool
    meanwhile: list[str]
    neither: list[str]
    opening: list[str]
    phrases: list[str]


class EntryLink(View):
    """Where this talk's entry is."""

    id: str
    url: str


class TalkView(View):
    """One wearer's whole view of the talk. `version` grows with every change of what they may see of the shared state."""

    talk_id: str
    version: int
    simulated: bool
    speed: float
    now: datetime
    t_s: int
    began: datetime
    phase: str
    topic_began: datetime | None
    strap: str | None
    baseline: BaselineView
    heart: HeartView
    line: LineView
    near_usual_bpm: float | None
    suggestion: SuggestionView | None
    snoozed_until: datetime | None
    silenced: bool
    muted_until: datetime | None
    held: HeldView | None
    notice: NoticeView | None
    failing_channels: list[str]
    pause: PauseView | None
    for_two: bool
    shared: SharedView | None
    may_raise: bool
    entry: EntryLink | None
    points: list[tuple[int, int | None]]


def talk_view(
    live: LiveTalk,
    *,
    speed: float,
    policy: PolicySettings,
    detector: DetectorSettings,
    points_after_s: int = -1,
) -> TalkView:
    """The view of `live` now, with the chart's points later than `points_after_s` (one point a second, from 0)."""
    talk, state, reading, now = live.talk, live.seen, live.reading, live.now()
    zone = timezone(timedelta(minutes=talk.utc_offset_min))
    t_s = max(0, int((now - talk.began_at).total_seconds()))
    baseline = _baseline(reading, t_s, state, policy)
    return TalkView(
        talk_id=talk.id,
        version=live.version,
        simulated=talk.simulated,
        speed=speed,
        now=now.astimezone(zone),
        t_s=t_s,
        began=talk.began_at.astimezone(zone),
        phase=state.phase,
        topic_began=_in(zone, state.topic_began_at),
        strap=talk.strap,
        baseline=baseline,
        heart=_heart(reading, live, t_s),
        line=_line(reading, detector),
        near_usual_bpm=round(detector.near_usual_bpm(reading.baseline.heart_rate_bpm), 1)
        if reading and reading.baseline
        else None,
        suggestion=_suggestion(state.open_suggestion(talk.wearer_id), now, zone, policy),
        snoozed_until=_snoozed_until(state, talk.wearer_id, now, zone),
        silenced=talk.wearer_id in state.silenced,
        muted_until=_in(zone, state.muted_until(talk.wearer_id, now)),
        held=_held(state, talk.wearer_id, reading, now, zone, policy),
        notice=_notice(state.open_notice(talk.wearer_id), zone),
        failing_channels=list(live.failing_channels),
        pause=_pause(state.pause, live, now, zone, policy),
        for_two=bool(state.people),
        shared=_shared(state, talk.wearer_id, now, zone, policy),
        may_raise=bool(state.people) and why_not_shared(state, now, policy) is None,
        entry=EntryLink(id=live.entry_id, url=f"/entries/{live.entry_id}") if live.entry_id else None,
        points=[(p.t_s, _whole(p.heart_rate_bpm)) for p in live.trace.points[points_after_s + 1 :]],
    )


def _in(zone: timezone, moment: datetime | None) -> datetime | None:
    return moment.astimezone(zone) if moment else None


def _whole(bpm: float | None) -> int | None:
    return None if bpm is None else round(bpm)


def _baseline(reading: Reading | None, t_s: int, state: TalkState, policy: PolicySettings) -> BaselineView:
    found = reading.baseline if reading else None
    return BaselineView(
        bpm=round(found.heart_rate_bpm, 1) if found else None,
        provisional=found.provisional if found else False,
        seconds=reading.quiet_s if reading else 0,
        seconds_needed=policy.quiet_s,
        seconds_left=max(0, policy.quiet_s - t_s) if state.topic_began_at is None else 0,
    )


def _heart(reading: Reading | None, live: LiveTalk, t_s: int) -> HeartView:
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
        bpm=None if stale else _whole(reading.heart_rate_bpm),
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


def _line(reading: Reading | None, detector: DetectorSettings) -> LineView:
    if reading is None:
        return LineView(
            bpm=detector.threshold_bpm,
            leave_bpm=detector.threshold_bpm - detector.leave_margin_bpm,
            kind=ThresholdKind.FIXED,
        )
    line = reading.threshold
    return LineView(bpm=line.bpm, leave_bpm=line.leave_bpm, kind=line.kind)


def _suggestion(
    suggestion: Suggestion | None, now: datetime, zone: timezone, policy: PolicySettings
) -> SuggestionView | None:
    if suggestion is None:
        return None
    return SuggestionView(
        id=suggestion.id,
        minutes=int(policy.pause_minimum.total_seconds() // 60),
        return_at=return_time(now, policy.pause_minimum).astimezone(zone),
        raised=suggestion.raised_at.astimezone(zone),
        expires=suggestion.expires_at.astimezone(zone),
        acknowledged=suggestion.acknowledged_at is not None,
    )


def _shared(
    state: TalkState, wearer_id: str, now: datetime, zone: timezone, policy: PolicySettings
) -> SharedView | None:
    shared = state.shared_suggestion
    if shared is None or not shared.waits_for(wearer_id):
        return None
    return SharedView(
        id=shared.id,
        minutes=int(policy.pause_minimum.total_seconds() // 60),
        return_at=return_time(now, policy.pause_minimum).astimezone(zone),
        expires=shared.expires_at.astimezone(zone),
        acknowledged=not shared.calls(wearer_id),
    )


def _notice(notice: Notice | None, zone: timezone) -> NoticeView | None:
    if notice is None:
        return None
    return NoticeView(
        id=notice.id,
        state=notice.state,
        since=notice.began_at.astimezone(zone),
        snoozed_until=_in(zone, notice.snoozed_until),
    )


def _held(
    state: TalkState, wearer_id: str, reading: Reading | None, now: datetime, zone: timezone, settings: PolicySettings
) -> HeldView | None:
    """Only what the wearer did not ask for themselves; the rest is shown where it can be taken back."""
    latest = state.latest_suggestion(wearer_id)
    if reading is None or latest is None:
        return None
    why = why_quiet(state, wearer_id, reading, now, settings)
    if why not in {Quiet.ANSWERED, Quiet.REFRACTORY}:
        return None
    until = latest.raised_at + settings.refractory if why is Quiet.REFRACTORY else None
    return HeldView(why=why, until=_in(zone, until))


def _snoozed_until(state: TalkState, wearer_id: str, now: datetime, zone: timezone) -> datetime | None:
    latest = state.latest_suggestion(wearer_id)
    until = latest.snoozed_until if latest else None
    return until.astimezone(zone) if until and now < until else None


def _pause(
    pause: Pause | None, live: LiveTalk, now: datetime, zone: timezone, policy: PolicySettings
) -> PauseView | None:
    if pause is None:
        return None
    pause = pause.of(live.talk.wearer_id)
    reading, agreed = live.reading, live.agreed
    own = agreed.own if agreed else Own()
    so_far = max(timedelta(0), now - pause.called_at)
    minimum_min = int(pause.minimum.total_seconds() // 60)
    minutes_left = max(0, math.ceil((pause.return_at - now).total_seconds() / 60))
    if not pause.extensions:
        # The promise is rounded up to a whole minute; twenty minutes are not to be read as twenty-one.
        minutes_left = min(minutes_left, minimum_min)
    near_usual_s = reading.near_usual_s if reading else 0
    return PauseView(
        id=pause.id,
        state=pause.state,
        called=pause.called_at.astimezone(zone),
        return_at=pause.return_at.astimezone(zone),
        minutes_left=minutes_left,
        minimum_min=minimum_min,
        minutes_so_far=int(so_far.total_seconds() // 60),
        minimum_done=so_far >= pause.minimum,
        near_usual_s=near_usual_s,
        near_usual_needed_s=policy.calm_s,
        near_usual_done=near_usual_s >= policy.calm_s,
        can_return=(pause.state, PauseTrigger.RETURN) in TRANSITIONS,
        bpm_at_start=_whole(_bpm_at(live, pause.called_at)),
        extend=[
            ExtensionView(
                minutes=minutes, return_at=(max(pause.return_at, now) + timedelta(minutes=minutes)).astimezone(zone)
            )
            for minutes in EXTENSIONS_MIN
        ],
        is_back=pause.state is PauseState.RETURNED,
        from_agreement=agreed is not None,
        meanwhile=list(own.meanwhile),
        neither=list(agreed.terms.neither) if agreed else [],
        opening=list(own.opening),
        phrases=list(own.phrases or PHRASES),
    )


def _bpm_at(live: LiveTalk, moment: datetime) -> float | None:
    """The heart rate at `moment`, or within a few seconds after it."""
    t_s = max(0, int((moment - live.talk.began_at).total_seconds()))
    near = live.trace.points[t_s : t_s + STALE_AFTER_S]
    return next((point.heart_rate_bpm for point in near if point.heart_rate_bpm is not None), None)
