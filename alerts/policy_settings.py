"""The policy's times, and its one table: every alert and all that it may do."""

from dataclasses import dataclass, replace
from datetime import timedelta

from alerts.alert_rules import Condition, Quiet, Rule
from hrv.settings import DetectorSettings

_BODY = DetectorSettings()
"""What the detector says about the body is said there once."""


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """Times of the policy. All own choices, except where a source is named.

    Attributes:
        pause_minimum: physiological calm takes at least 20 minutes (the practice's rule).
        pause_cap: after this the body's recovery is no longer waited for: nobody is kept in a pause by a strap.
        suggestion_lasts: how long an unanswered suggestion waits.
        snooze: “In 5 minutes”.
        refractory: quiet time after a suggestion before another episode may raise one.
        escalate_after: how long a suggestion, or the shared sentence, may go unseen before it leaves by the wearer's own
            channels.
        notice_after: seconds without a signal before the strap's notice.
        notice_snooze: how long the notice is put off.
        notice_refractory: quiet time after a notice, so that a strap that comes and goes is not told each time.
        mute: how long “keep it quiet” is.
        settling: so long after the topic began, or went on after a pause, the shared sentence is held back: in the first
            second only a body could have asked for it, and that would tell.
        missed_after: how long after the return time the pause counts as missed.
        calm_s: good seconds near the usual that count as recovered; the detector's own figure.
        quiet_s: length of the baseline before the topic; the detector's own figure.
    """

    pause_minimum: timedelta = timedelta(seconds=_BODY.recovery_min_s)
    pause_cap: timedelta = timedelta(minutes=60)
    suggestion_lasts: timedelta = timedelta(minutes=5)
    snooze: timedelta = timedelta(minutes=5)
    refractory: timedelta = timedelta(minutes=10)
    escalate_after: timedelta = timedelta(seconds=10)
    notice_after: timedelta = timedelta(seconds=30)
    notice_snooze: timedelta = timedelta(minutes=10)
    notice_refractory: timedelta = timedelta(minutes=2)
    mute: timedelta = timedelta(minutes=30)
    settling: timedelta = timedelta(seconds=30)
    missed_after: timedelta = timedelta(minutes=5)
    calm_s: int = _BODY.near_usual_needed_s
    quiet_s: int = _BODY.baseline_s

    @classmethod
    def at_speed(cls, speed: float) -> "PolicySettings":
        """The settings for a clock that runs `speed` times as fast: nothing to press disappears in less than 30 real seconds.

        >>> PolicySettings.at_speed(30).suggestion_lasts
        datetime.timedelta(seconds=900)
        """
        patience = timedelta(seconds=30 * speed)
        usual = cls()
        return replace(
            usual,
            suggestion_lasts=max(usual.suggestion_lasts, patience),
            missed_after=max(usual.missed_after, patience),
            escalate_after=usual.escalate_after * max(1, speed),
        )


def rules(settings: PolicySettings) -> dict[Condition, Rule]:
    """The policy's one table: every alert, and all that it may do."""
    return {
        Condition.FLOODING: Rule(
            latches=True,
            raised_after=timedelta(0),
            lasts=settings.suggestion_lasts,
            snooze=settings.snooze,
            refractory=settings.refractory,
            escalate_after=settings.escalate_after,
            silenced_for_the_talk=True,
            inhibited_by=(
                Quiet.TALK_ENDED,
                Quiet.QUIET_MINUTES,
                Quiet.NOT_FLOODED,
                Quiet.NO_SIGNAL,
                Quiet.IN_PAUSE,
                Quiet.SILENCED,
            ),
        ),
        Condition.SIGNAL: Rule(
            latches=False,
            raised_after=settings.notice_after,
            lasts=None,
            snooze=settings.notice_snooze,
            refractory=settings.notice_refractory,
            escalate_after=None,
            silenced_for_the_talk=False,
            inhibited_by=(Quiet.TALK_ENDED, Quiet.SIGNAL_KNOWN, Quiet.IN_PAUSE),
        ),
    }
