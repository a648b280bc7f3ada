"""What an alert may do: the words of the policy's one table. `alerts.policy_settings.rules` fills it in."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Condition(StrEnum):
    """What an alert is about. The body and the strap are two machines; neither starts, ends or extends the other."""

    FLOODING = "flooding"
    SIGNAL = "signal"


class Quiet(StrEnum):
    """Why an alert is held back now."""

    TALK_ENDED = "talk_ended"
    QUIET_MINUTES = "quiet_minutes"
    NOT_FLOODED = "not_flooded"
    NO_SIGNAL = "no_signal"
    SIGNAL_KNOWN = "signal_known"
    IN_PAUSE = "in_pause"
    SILENCED = "silenced"
    WAITING = "waiting"
    SNOOZED = "snoozed"
    ANSWERED = "answered"
    REFRACTORY = "refractory"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table: how the alert of one condition behaves, for each wearer by themselves.

    Attributes:
        latches: it stays when the condition has gone, until it is answered or expires.
        raised_after: how long the condition holds before it is told (a flood has the detector's own hold before it).
        lasts: how long it waits unanswered; None: as long as the condition.
        snooze: how long “not now” is.
        refractory: quiet time after it before another episode may raise it.
        escalate_after: how long it may go unseen before it leaves by the wearer's own channels; None: never.
        silenced_for_the_talk: whether “This isn't flooding” can end it for the whole talk.
        inhibited_by: what holds it back, the first that holds is the reason.
    """

    latches: bool
    raised_after: timedelta
    lasts: timedelta | None
    snooze: timedelta
    refractory: timedelta
    escalate_after: timedelta | None
    silenced_for_the_talk: bool
    inhibited_by: tuple[Quiet, ...]
