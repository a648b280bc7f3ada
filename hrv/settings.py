"""Every number the detector decides by, with where it comes from."""

from dataclasses import dataclass
from math import ceil, isfinite

from hrv.reading import ThresholdKind
from hrv.validity import ARTIFACT_SHARE_MAX, COVERAGE_FULL

ALGORITHM_VERSION = "1"
"""Stored with every episode; changes whenever a recording could be judged differently."""


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """The detector's parameters. "Own choice" marks what no source settles.

    Attributes:
        threshold_bpm: flooding is strictly above it. 100 bpm is the clinical convention for diffuse physiological
            arousal; no study validates it as a cut-off.
        threshold_kind: `PERSONAL` replaces the line by `personal_threshold_bpm` once the talk's baseline is known.
        leave_margin_bpm: a flood ends below the threshold less this (own choice).
        enter_hits, enter_window: seconds above the line among the last good seconds that make a flood (own choice: a
            0.1 Hz Mayer cycle is averaged twice).
        leave_s: good seconds below the leaving line that end a flood (own choice).
        resync_block_s: no flood begins this soon after the artifact filter started anew (own choice).
        rr_min_ms, rr_max_ms: 200 down to 30 bpm (own choice).
        rr_tolerance: largest step from the running median, as a share of it (own choice; 20-30 % is usual).
        rr_median_beats: accepted intervals the running median looks back on (own choice).
        rr_resync_beats: rejected intervals in a row that agree with one another and so become the new truth (own choice).
        heart_rate_window_s, heart_rate_min_beats: the heart rate is the median of the last accepted intervals (own
            choice: shorter follows breathing, longer delays).
        quality_window_s: seconds that signal quality looks back on (own choice); at the very start, those since the
            first interval began, but no fewer than `heart_rate_window_s`.
        quality_min: smallest share of accepted intervals (own choice).
        coverage_min: smallest share of the quality window that intervals account for (own choice: a strap on a dry skin
            invents short intervals, and they do not add up to the time that passed).
        byte_tolerance_bpm: largest distance from the strap's own heart rate (own choice).
        signal_lost_after_s: bad seconds in a row after which the signal is no longer ok (own choice).
        signal_back_after_s: good seconds in a row that make it ok again (own choice: one lone good second is no signal).
        silent_after_s: seconds without a packet that count as disconnected (straps notify about once a second).
        episode_lost_after_s: seconds without signal after which an open episode is closed (own choice).
        rmssd_window_s: Munoz et al. 2015, PLoS ONE 10:e0138921: 120 s agree with 4-5 min at r = .986, 10 s at r = .86.
        sdnn_window_s: the longest length that Munoz et al. compare.
        artifact_share_max: above it no variability is shown (own choice, the usual 5 %).
        coverage_full: share of a window that intervals must cover (own choice: the newest beat is up to a second old).
        baseline_s: the last good seconds before the topic that make the baseline: five minutes seated.
        baseline_full_s: fewer is provisional: five minutes less the tenth a strap may lose while it settles (own choice).
        baseline_min_s: fewer is no baseline (own choice).
        rising_margin_bpm, rising_margin_share: a rise starts this far above baseline, whichever is more; practice uses
            "more than 10 bpm or 10 % above baseline" as the onset.
        rising_level_s: the level that rises is the mean of these good seconds (own choice, as are the next four lines).
        rising_slope_bpm_per_min, rising_slope_window_s: how steep, seen over how long.
        rising_horizon_s: the line would be crossed within this time.
        rising_back_bpm: the cue ends when the level is this far below where a rise starts.
        rising_hold_s: the cue outlasts its last good reason by this, so that it does not flicker.
        calm_ratio: near the usual is at most this times baseline (own choice, from the 10 % of practice).
        calm_window_s: heart rate for that is the median of these seconds (own choice).
        calm_hold_s, calm_share: how long, and what share of it, it must have been near (own choice; 60 s calls one in
            ten too early).
        recovery_min_s: the practice this follows: at least 20 minutes for physiological calm.
        recovered_for_s: seconds that "recovered" stays after the pause (own choice).
    """

    threshold_bpm: float = 100.0
    threshold_kind: ThresholdKind = ThresholdKind.FIXED
    leave_margin_bpm: float = 5.0
    enter_hits: int = 16
    enter_window: int = 20
    leave_s: int = 30
    resync_block_s: int = 25
    rr_min_ms: float = 300.0
    rr_max_ms: float = 2000.0
    rr_tolerance: float = 0.25
    rr_median_beats: int = 11
    rr_resync_beats: int = 6
    heart_rate_window_s: int = 5
    heart_rate_min_beats: int = 3
    quality_window_s: int = 10
    quality_min: float = 0.7
    coverage_min: float = 0.7
    byte_tolerance_bpm: float = 12.0
    signal_lost_after_s: int = 10
    signal_back_after_s: int = 3
    silent_after_s: int = 3
    episode_lost_after_s: int = 600
    rmssd_window_s: int = 60
    sdnn_window_s: int = 120
    artifact_share_max: float = ARTIFACT_SHARE_MAX
    coverage_full: float = COVERAGE_FULL
    baseline_s: int = 300
    baseline_full_s: int = 270
    baseline_min_s: int = 30
    rising_margin_bpm: float = 8.0
    rising_margin_share: float = 0.10
    rising_level_s: int = 30
    rising_slope_bpm_per_min: float = 4.0
    rising_slope_window_s: int = 30
    rising_horizon_s: int = 60
    rising_back_bpm: float = 3.0
    rising_hold_s: int = 120
    calm_ratio: float = 1.10
    calm_window_s: int = 60
    calm_hold_s: int = 120
    calm_share: float = 0.90
    recovery_min_s: int = 1200
    recovered_for_s: int = 300

    def __post_init__(self) -> None:
        if not (isfinite(self.threshold_bpm) and 40 <= self.threshold_bpm <= 220):
            raise ValueError(f"threshold_bpm must be between 40 and 220, not {self.threshold_bpm}")

    @property
    def near_usual_needed_s(self) -> int:
        """How many of the last `calm_hold_s` seconds must have been near the usual.

        >>> DetectorSettings().near_usual_needed_s
        108
        """
        return ceil(self.calm_share * self.calm_hold_s)

    def near_usual_bpm(self, baseline_bpm: float) -> float:
        """The highest heart rate that is still near the usual.

        >>> round(DetectorSettings().near_usual_bpm(70), 3)
        77.0
        """
        return self.calm_ratio * baseline_bpm


def personal_threshold_bpm(baseline_bpm: float) -> float:
    """The personal line: at least 18 bpm above baseline, else 25 above it kept between 80 and 100.

    Own interpolation between the conventions of practice (100; 80 for athletes); no study validates it.

    >>> [personal_threshold_bpm(b) for b in (50, 65, 78, 95)]
    [80, 90, 100, 113]
    """
    return max(baseline_bpm + 18, min(100, max(80, baseline_bpm + 25)))
