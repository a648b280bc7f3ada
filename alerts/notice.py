"""The technical notice: the strap has been silent or unreadable for a while. It does not latch. One transition table.

An illegal step raises `IllegalNoticeStep` and changes nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class NoticeState(StrEnum):
    """Where it is."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    CLEARED = "cleared"


class NoticeStep(StrEnum):
    """What can happen to it. `WAKE`: the snooze is over, or is cancelled. `CLEAR`: the signal is back, or it is not wanted now."""

    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    WAKE = "wake"
    CLEAR = "clear"


_S, _T = NoticeState, NoticeStep
NOTICE_STEPS: dict[tuple[NoticeState, NoticeStep], NoticeState] = {
    (_S.OPEN, _T.ACKNOWLEDGE): _S.ACKNOWLEDGED,
    (_S.OPEN, _T.SNOOZE): _S.SNOOZED,
    (_S.OPEN, _T.CLEAR): _S.CLEARED,
    (_S.ACKNOWLEDGED, _T.SNOOZE): _S.SNOOZED,
    (_S.ACKNOWLEDGED, _T.CLEAR): _S.CLEARED,
    (_S.SNOOZED, _T.WAKE): _S.OPEN,
    (_S.SNOOZED, _T.CLEAR): _S.CLEARED,
}
"""Everything that can happen. What is not here is illegal."""


class IllegalNoticeStep(ValueError):
    """The notice does not allow this now. Carries the state and the step."""

    def __init__(self, state: NoticeState, step: NoticeStep) -> None:
        super().__init__(f"a notice that is {state} does not take '{step}'")
        self.state = state
        self.step = step


@dataclass(frozen=True, slots=True)
class Notice:
    """“Your strap is off. The talk goes on.” for one wearer and one stretch without a signal. Times are aware UTC.

    Attributes:
        began_at: the last good second before it: what identifies the stretch.
        snoozed_until: holds on when the notice is cleared: a signal that comes and goes does not end a snooze.
    """

    id: str
    wearer_id: str
    began_at: datetime
    raised_at: datetime
    state: NoticeState = NoticeState.OPEN
    snoozed_until: datetime | None = None
    cleared_at: datetime | None = None


def step(notice: Notice, taken: NoticeStep, now: datetime, *, snooze_for: timedelta | None = None) -> Notice:
    """Return the notice after `taken` at `now`.

    Raises:
        IllegalNoticeStep: the table has no such step. Nothing has changed.
        ValueError: `SNOOZE` without a positive `snooze_for`.
    """
    try:
        state = NOTICE_STEPS[notice.state, taken]
    except KeyError:
        raise IllegalNoticeStep(notice.state, taken) from None
    changed = replace(notice, state=state)
    if taken is NoticeStep.SNOOZE:
        if snooze_for is None or snooze_for <= timedelta(0):
            raise ValueError("a snooze needs a time greater than 0")
        return replace(changed, snoozed_until=now + snooze_for)
    if taken is NoticeStep.WAKE:
        return replace(changed, snoozed_until=None)
    return replace(changed, cleared_at=now) if taken is NoticeStep.CLEAR else changed
