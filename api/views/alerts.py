"""What waits for the wearer's answer, and what is held back: suggestion, shared sentence, the strap's notice."""

from datetime import datetime, timezone

from alerts.alert_rules import Quiet
from alerts.notice import Notice
from alerts.pause import return_time
from alerts.policy import why_quiet
from alerts.policy_settings import PolicySettings
from alerts.suggestion import Suggestion
from alerts.talk_state import TalkState
from api.views.view import View, in_zone
from hrv.reading import Reading


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


class SharedView(View):
    """“One of us could use a pause.”: the same for both, whoever or whatever asked for it.

    `acknowledged`: this wearer has seen it, so that it rings no more for them.
    """

    id: str
    minutes: int
    return_at: datetime
    expires: datetime
    acknowledged: bool


def suggestion_view(
    suggestion: Suggestion | None, now: datetime, zone: timezone, policy: PolicySettings
) -> SuggestionView | None:
    """The wearer's own suggestion; None where nothing waits."""
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


def shared_view(
    state: TalkState, wearer_id: str, now: datetime, zone: timezone, policy: PolicySettings
) -> SharedView | None:
    """The sentence that both see; None where it does not wait for this wearer."""
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


def notice_view(notice: Notice | None, zone: timezone) -> NoticeView | None:
    """The strap's notice; None where there is none."""
    if notice is None:
        return None
    return NoticeView(
        id=notice.id,
        state=notice.state,
        since=notice.began_at.astimezone(zone),
        snoozed_until=in_zone(zone, notice.snoozed_until),
    )


def held_view(
    state: TalkState, wearer_id: str, reading: Reading | None, now: datetime, zone: timezone, policy: PolicySettings
) -> HeldView | None:
    """Only what the wearer did not ask for themselves; the rest is shown where it can be taken back."""
    latest = state.latest_suggestion(wearer_id)
    if reading is None or latest is None:
        return None
    why = why_quiet(state, wearer_id, reading, now, policy)
    if why not in {Quiet.ANSWERED, Quiet.REFRACTORY}:
        return None
    until = latest.raised_at + policy.refractory if why is Quiet.REFRACTORY else None
    return HeldView(why=why, until=in_zone(zone, until))


def snoozed_until(state: TalkState, wearer_id: str, now: datetime, zone: timezone) -> datetime | None:
    """Until when the wearer has put the suggestion off; None where they have not."""
    latest = state.latest_suggestion(wearer_id)
    until = latest.snoozed_until if latest else None
    return until.astimezone(zone) if until and now < until else None
