"""What becomes of a signal that is gone: the technical notice, by the clock alone. Pure: the state in, the state out."""

from datetime import datetime, timedelta

from alerts.alert_rules import Quiet, Rule
from alerts.notice import Notice, NoticeState, NoticeStep, step
from alerts.talk_state import TalkState
from alerts.talk_step import IllegalTalkStep


def watch(
    state: TalkState, wearer_id: str, silent_s: float, now: datetime, rule: Rule, held: Quiet | None, fresh_id: str
) -> TalkState:
    """Raise, wake or clear the wearer's notice after `silent_s` seconds without a good one.

    `held` is what inhibits it: the signal is back, a pause is running, the talk has ended. Then it is cleared, once.
    """
    notice = state.open_notice(wearer_id)
    if notice is not None and held is not None:
        return state.with_notice(step(notice, NoticeStep.CLEAR, now))
    if notice is not None:
        return _wake(state, notice, now)
    silent = timedelta(seconds=silent_s)
    if held is not None or silent < rule.raised_after or _too_soon(state.latest_notice(wearer_id), now, rule):
        return state
    return state.with_notice(Notice(fresh_id, wearer_id, began_at=now - silent, raised_at=now))


def _wake(state: TalkState, notice: Notice, now: datetime) -> TalkState:
    if notice.state is not NoticeState.SNOOZED or notice.snoozed_until is None or now < notice.snoozed_until:
        return state
    return state.with_notice(step(notice, NoticeStep.WAKE, now))


def _too_soon(latest: Notice | None, now: datetime, rule: Rule) -> bool:
    """A strap that comes and goes is told of once; and a snooze holds although the signal was back in between."""
    if latest is None or latest.cleared_at is None:
        return False
    if latest.snoozed_until is not None and now < latest.snoozed_until:
        return True
    return now < latest.cleared_at + rule.refractory


def answer(state: TalkState, wearer_id: str, notice_id: str, taken: NoticeStep, now: datetime, rule: Rule) -> TalkState:
    """Apply a person's step to their notice.

    Raises:
        IllegalTalkStep: there is no such notice of this wearer, or only the strap can do that.
        IllegalNoticeStep: the table has no such step.
    """
    notice = next((n for n in state.notices if n.id == notice_id and n.wearer_id == wearer_id), None)
    if notice is None:
        raise IllegalTalkStep("there is no such notice")
    if taken is NoticeStep.CLEAR:
        raise IllegalTalkStep("only a signal that is back ends the notice")
    return state.with_notice(step(notice, taken, now, snooze_for=rule.snooze))


def clear_all(state: TalkState, now: datetime) -> TalkState:
    """The talk has ended: no notice is left."""
    for notice in state.notices:
        if notice.state is not NoticeState.CLEARED:
            state = state.with_notice(step(notice, NoticeStep.CLEAR, now))
    return state
