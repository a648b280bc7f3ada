"""The pause that is going on, with its two conditions and the agreement's words."""

import math
from datetime import datetime, timedelta, timezone

from alerts.agreement import Own
from alerts.live_talk import LiveTalk
from alerts.pause import TRANSITIONS, Pause, PauseState, PauseTrigger
from alerts.policy_settings import PolicySettings
from api.views.heart import STALE_AFTER_S
from api.views.view import View, whole

EXTENSIONS_MIN = (5, 10, 15)

PHRASES = ("I am here.", "We are okay.", "Take it slow.", "I won’t leave.")
"""What there is to say on coming back, where the two have not agreed on words of their own."""


class ExtensionView(View):
    """One way to say “I’ll be back, but need N more”."""

    minutes: int
    return_at: datetime


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


def pause_view(
    pause: Pause | None, live: LiveTalk, now: datetime, zone: timezone, policy: PolicySettings
) -> PauseView | None:
    """The pause as this wearer goes through it; None where there is none."""
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
        bpm_at_start=whole(_bpm_at(live, pause.called_at)),
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
