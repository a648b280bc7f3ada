"""What a wearer's own page is told of the talk. Pure: a live talk in, a frozen view out.

Everything here derives from the wearer's own body and from the shared state as this wearer may see it
(`alerts.seen`); the other's page gets a view of its own, by the same rule.
Times carry the wearer's offset, so the page shows them as they are.
"""

from datetime import datetime, timedelta, timezone

from alerts.live_talk import LiveTalk
from alerts.policy_settings import PolicySettings
from alerts.sharing import why_not_shared
from api.views.alerts import (
    HeldView,
    NoticeView,
    SharedView,
    SuggestionView,
    held_view,
    notice_view,
    shared_view,
    snoozed_until,
    suggestion_view,
)
from api.views.heart import BaselineView, HeartView, LineView, baseline_view, heart_view, line_view
from api.views.pause import PauseView, pause_view
from api.views.view import View, in_zone, whole
from hrv.settings import DetectorSettings


class EntryLink(View):
    """Where this talk's entry is."""

    id: str
    url: str


class TalkView(View):
    """One wearer's whole view of the talk. `version` grows with every change of what they may see of the shared state.

    `page_strap`: the strap is one that a page of the wearer's reads.
    """

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
    page_strap: bool
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
    live: LiveTalk, *, speed: float, policy: PolicySettings, detector: DetectorSettings, points_after_s: int = -1
) -> TalkView:
    """The view of `live` now, with the chart's points later than `points_after_s` (one point a second, from 0)."""
    talk, state, reading, now = live.talk, live.seen, live.reading, live.now()
    zone = timezone(timedelta(minutes=talk.utc_offset_min))
    t_s = max(0, int((now - talk.began_at).total_seconds()))
    baseline = baseline_view(reading, t_s, state, policy)
    return TalkView(
        talk_id=talk.id,
        version=live.version,
        simulated=talk.simulated,
        speed=speed,
        now=now.astimezone(zone),
        t_s=t_s,
        began=talk.began_at.astimezone(zone),
        phase=state.phase,
        topic_began=in_zone(zone, state.topic_began_at),
        strap=live.strap,
        page_strap=talk.strap is None and live.strap is not None,
        baseline=baseline,
        heart=heart_view(reading, live, t_s),
        line=line_view(reading, detector),
        near_usual_bpm=round(detector.near_usual_bpm(reading.baseline.heart_rate_bpm), 1)
        if reading and reading.baseline
        else None,
        suggestion=suggestion_view(state.open_suggestion(talk.wearer_id), now, zone, policy),
        snoozed_until=snoozed_until(state, talk.wearer_id, now, zone),
        silenced=talk.wearer_id in state.silenced,
        muted_until=in_zone(zone, state.muted_until(talk.wearer_id, now)),
        held=held_view(state, talk.wearer_id, reading, now, zone, policy),
        notice=notice_view(state.open_notice(talk.wearer_id), zone),
        failing_channels=list(live.failing_channels),
        pause=pause_view(state.pause, live, now, zone, policy),
        for_two=bool(state.people),
        shared=shared_view(state, talk.wearer_id, now, zone, policy),
        may_raise=bool(state.people) and why_not_shared(state, now, policy) is None,
        entry=EntryLink(id=live.entry_id, url=f"/entries/{live.entry_id}") if live.entry_id else None,
        points=[(p.t_s, whole(p.heart_rate_bpm)) for p in live.trace.points[points_after_s + 1 :]],
    )
