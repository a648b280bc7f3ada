"""What the monitor says each time: the words of the arousal state, the signal, and everything that explains them."""

from dataclasses import dataclass
from enum import StrEnum

from hrv.figure import Missing


class ArousalState(StrEnum):
    """The body's state. Suspended, not changed, while there is no signal."""

    CALM = "calm"
    RISING = "rising"
    FLOODED = "flooded"
    RECOVERING = "recovering"
    RECOVERED = "recovered"


class Signal(StrEnum):
    """The technical condition, a machine of its own beside the arousal state."""

    OK = "ok"
    WEAK = "weak"
    OFF_BODY = "off_body"
    FROZEN = "frozen"
    DISCONNECTED = "disconnected"


class ThresholdKind(StrEnum):
    """Which rule set the line."""

    FIXED = "fixed"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Threshold:
    """The line in force: flooding is strictly above `bpm` and ends below `leave_bpm`."""

    bpm: float
    leave_bpm: float
    kind: ThresholdKind = ThresholdKind.FIXED


@dataclass(frozen=True, slots=True)
class Baseline:
    """The talk's seated, silent heart rate. Provisional when clearly less than five good minutes were to be had.

    `motion_mg` is the median movement of the same seconds, sitting still; None when the strap tells nothing of it.
    """

    heart_rate_bpm: float
    rmssd_ms: float | None
    seconds: int
    provisional: bool
    motion_mg: float | None = None


class EpisodeEnd(StrEnum):
    """How an episode ended."""

    CAME_DOWN = "came_down"
    SIGNAL_LOST = "signal_lost"
    TALK_ENDED = "talk_ended"


@dataclass(frozen=True, slots=True)
class Episode:
    """A flood with its physiological context. Times are seconds on the recording's axis.

    Attributes:
        began_t_s: when the state became flooded. Identifies the episode within its recording.
        onset_t_s: when the heart rate crossed the line (before the hold time had passed).
        ended_t_s: None while it lasts.
        above_threshold_s: seconds of good signal with the heart rate above the line.
        signal_ok_share: share of the episode's seconds with a good signal, 0..1.
        rise_bpm: peak minus baseline; None without a baseline.
        movement_bpm, posture_bpm: what was allowed for movement and posture when it began; None without motion data.
        why: the condition that began it, in words.
        quality: accepted RR over all RR in the quality window when it began, 0..1. The signal was ok then, else nothing begins.
            Floods stored before the algorithm's words were kept have neither.
    """

    began_t_s: float
    onset_t_s: float
    ended_t_s: float | None
    end: EpisodeEnd | None
    peak_bpm: float
    peak_t_s: float
    baseline_bpm: float | None
    baseline_provisional: bool
    rise_bpm: float | None
    above_threshold_s: int
    rmssd_baseline_ms: float | None
    rmssd_flood_ms: float | None
    rmssd_flood_missing: Missing | None
    signal_ok_share: float
    threshold: Threshold
    algorithm_version: str
    movement_bpm: float | None = None
    posture_bpm: float | None = None
    why: str | None = None
    quality: float | None = None


@dataclass(frozen=True, slots=True)
class StateChange:
    """The arousal state or the signal changed at `t_s`; `why` names the condition that held."""

    t_s: float
    state: ArousalState
    signal: Signal
    why: str


@dataclass(frozen=True, slots=True)
class Second:
    """One whole second of the recording, as it was judged. None: no good signal, or the figure was not valid."""

    t_s: int
    heart_rate_bpm: float | None
    rmssd_ms: float | None
    state: ArousalState
    signal: Signal


@dataclass(frozen=True, slots=True)
class Reading:
    """The monitor's answer.

    Attributes:
        t_s: the last whole second judged, on the recording's axis.
        heart_rate_bpm: from the accepted RR intervals of the last seconds; None without a good signal.
        rmssd_ms: over the last 60 s; None with its reason in `rmssd_missing`.
        sdnn_ms: over the last 120 s; None with its reason in `sdnn_missing`.
        quality: accepted RR over all RR in the quality window, 0..1.
        quality_why: what is wrong with the last second's signal, or that nothing is.
        unexplained_bpm: the part of the heart rate that neither movement nor posture explains: it is this that is held
            against the threshold. None without a good signal.
        movement_bpm, posture_bpm: the allowances for them; None without a good signal or without motion data.
        chance_above: that the unexplained part is above the threshold, 0..1; None without a good signal.
        has_motion: whether the strap tells of movement. If not, the wearer is taken to sit.
        near_usual_s: good seconds of the last 120 that were near the baseline.
        changes: every change since the previous reading, oldest first.
        episode: the open episode, or the one that ended since the previous reading.
        seconds: every second judged since the previous reading, oldest first. Usually one; with jitter none or two;
            after silence many. All readings together tell every second once.
        quiet_s: good seconds gathered for the baseline so far, up to the number it wants; once it is frozen, those it
            rests on (0 when they were too few).
    """

    t_s: float
    state: ArousalState
    signal: Signal
    heart_rate_bpm: float | None
    rmssd_ms: float | None
    rmssd_missing: Missing | None
    sdnn_ms: float | None
    sdnn_missing: Missing | None
    quality: float
    threshold: Threshold
    baseline: Baseline | None
    near_usual_s: int
    changes: tuple[StateChange, ...]
    episode: Episode | None
    why: str
    seconds: tuple[Second, ...] = ()
    quiet_s: int = 0
    quality_why: str = ""
    unexplained_bpm: float | None = None
    movement_bpm: float | None = None
    posture_bpm: float | None = None
    chance_above: float | None = None
    has_motion: bool = False
