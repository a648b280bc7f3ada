"""Every number the detector decides by, with where it comes from."""

from dataclasses import dataclass
from math import ceil, isfinite

from hrv.reading import ThresholdKind
from hrv.validity import ARTIFACT_SHARE_MAX, COVERAGE_FULL

ALGORITHM_VERSION = "3"
"""Stored with every episode; changes whenever a recording could be judged differently."""


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What `hrv.heart_model` and `hrv.arousal_model` know of bodies. Physiology where there is a source, else own choice.

    Values were chosen on the even-numbered half of a set of simulated talks and on harder versions of them.

    Attributes:
        wander_bpm2: variance that the unexplained heart rate gains each second (own choice).
        slope_sd_bpm_per_s, slope_s: usual spread of its slope, and how long a slope lasts (own choice: an alarm takes from
            seconds to a minute to build).
        noise_bpm2: variance of one second's mean rate: breathing, which is near white at one beat a second (own choice).
        innovation_sd: surprises are clipped at this many standard deviations (own choice, the usual 3).
        first_sd_bpm, first_drive_sd_bpm: uncertainty of the first heart rate, and of the wearer sitting then (own choice).
        work_up_s, work_down_s: lag of the heart behind movement, up and down: cardiac dynamics at the start of light
            exercise and in its recovery are some tens of seconds, down slower than up (own choice within that).
        rest_mg: less movement than this costs nothing (own choice: talking and breathing stay below).
        gain, gain_sd: bpm per sqrt(mg) of movement above `rest_mg`, and its spread between people, movements and sensors
            (own choice; 19 bpm for a walk at 230 mg is within both).
        work_margin: share of the movement allowance that is held back once more when a flood is to begin (own choice).
        posture_s: lag of the heart behind a change of posture (Borst et al. 1982: steady after some ten seconds).
        stand_bpm, stand_sd_bpm: what standing adds, and its spread: 10-20 bpm with age and training.
        drive_s: how slowly that wears off (own choice).
        drive_wander_bpm2: variance that the drive gains each second of standing: one leans, shifts weight, perches (own
            choice: 2 bpm in a minute).
        drive_most_bpm: standing asks for no more than this (own choice, twice the usual).
        drive_bound_bpm2: how soft that bound and the one at zero are (own choice).
        sit_sd_bpm: what is left of the drive after sitting down (own choice).
        overshoot_bpm, overshoot_sd_bpm, overshoot_s: height, spread and peak time of the overshoot after standing up
            (Borst et al. 1982: peak about 12 s after; intervals reach the program some seconds late).
        overshoot_order, overshoot_ends: how narrow its bell is (Borst et al. 1982: over by the half minute), and the peak
            times after which it is taken for nothing.
        wave_sd_bpm, wave_period_s, wave_s: spread, period and memory of the Mayer wave (0.1 Hz; spread and memory own choice).
        burst_mg: movement that may be a change of posture (own choice).
        burst_apart_s: movement after a longer rest is a new spell (own choice).
        burst_grows, burst_grows_after_s: a burst this much stronger than it began, this long after, counts anew (own choice).
        unseen_s, unseen_mg: after this many seconds without motion data the wearer may have changed posture unseen, as
            likely as by a burst of this strength (own choice: the usual gap is of one or two lost packets).
        walk_s, walk_over_s: after a burst this long, its end counts too, this long after it (own choice).
        stood, stood_again, sat: chance that a strong burst was standing up, for someone who sits; for someone taken to
            stand (they sat down unnoticed before); and that it was sitting down (own choice).
        burst_half_mg: a burst of this strength has half the chance of having been standing up (own choice).
        still_margin_mg: as still as the median of the quiet minutes plus this (own choice: MAD comes in whole mg).
        still_weight: what each such second takes from the log-weight of standing (own choice; far below the evidence it
            would be if seconds were independent).
        restless_weight: what each second of neither stillness nor burst takes from the log-weight of sitting (own choice;
            little, for who talks moves).
        still_s, still_undone_s: after this many still seconds, each other one taking back several, someone who stands may
            have sat down unnoticed (own choice).
        sat_unnoticed: chance of it (own choice).
        evidence_share: how much of each second's evidence weighs between beliefs. Seconds in a row err alike, for the
            heart has slow waves of its own besides that of 0.1 Hz, and taken as independent they would be sure of
            a posture within a breath or two (own choice; 1 would be independent).
        floor_bpm, floor_bpm2: the unexplained heart rate is not further below the baseline than this, and how soft that
            is (own choice: nobody in a hard talk is much calmer than in their quiet minutes).
        beliefs_most, hopeless_log_weight, merge_after_s: beliefs kept, log-weight below the best at which one goes, and age
            at which those of one posture are merged (own choice; more and longer change nothing).
    """

    wander_bpm2: float = 0.06
    slope_sd_bpm_per_s: float = 0.16
    slope_s: float = 20.0
    noise_bpm2: float = 8.0
    innovation_sd: float = 3.0
    first_sd_bpm: float = 5.0
    first_drive_sd_bpm: float = 1.0
    work_up_s: float = 18.0
    work_down_s: float = 45.0
    rest_mg: float = 40.0
    gain: float = 1.2
    gain_sd: float = 0.75
    work_margin: float = 0.15
    posture_s: float = 9.0
    stand_bpm: float = 11.0
    stand_sd_bpm: float = 5.0
    drive_s: float = 900.0
    drive_wander_bpm2: float = 0.06
    drive_most_bpm: float = 25.0
    drive_bound_bpm2: float = 20.0
    sit_sd_bpm: float = 2.0
    overshoot_bpm: float = 12.0
    overshoot_sd_bpm: float = 6.0
    overshoot_s: float = 12.5
    overshoot_order: float = 4.0
    overshoot_ends: float = 6.0
    wave_sd_bpm: float = 1.6
    wave_period_s: float = 10.0
    wave_s: float = 20.0
    burst_mg: float = 45.0
    burst_apart_s: int = 10
    burst_grows: float = 1.6
    burst_grows_after_s: int = 3
    unseen_s: int = 3
    unseen_mg: float = 100.0
    walk_s: int = 15
    walk_over_s: int = 2
    stood: float = 0.6
    stood_again: float = 0.3
    sat: float = 0.1
    burst_half_mg: float = 100.0
    still_margin_mg: float = 1.0
    still_weight: float = 0.1
    restless_weight: float = 0.015
    still_s: int = 10
    still_undone_s: int = 5
    sat_unnoticed: float = 0.1
    evidence_share: float = 0.6
    floor_bpm: float = 2.5
    floor_bpm2: float = 40.0
    beliefs_most: int = 10
    hopeless_log_weight: float = -9.0
    merge_after_s: int = 60


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """The detector's parameters. "Own choice" marks what no source settles.

    Attributes:
        threshold_bpm: flooding is strictly above it. 100 bpm is the clinical convention for diffuse physiological
            arousal; no study validates it as a cut-off.
        threshold_kind: `PERSONAL` replaces the line by `personal_threshold_bpm` once the talk's baseline is known.
        leave_margin_bpm: a flood ends below the threshold less this (own choice).
        sure_chance, sure_hits, sure_window: a flood begins when the chance that the heart rate beyond movement and posture is
            above the line was at least this, in so many of the last good seconds (own choice), or
        likely_chance, likely_hits, likely_window: when it was a little less for longer: nearly two Mayer cycles
            of 10 s (own choice).
        seated_chance, seated_hits, seated_window: of somebody seated there is no doubt about movement to wait for: more likely
            than not for most of a Mayer cycle is enough (own choice). Without motion data the talk is taken to be seated.
        sitting_doubt, sitting_work_bpm, seated_for_s: with motion data the wearer is surely seated when standing was less
            likely than this, and less than this was allowed for movement, for so long (own choice: within a minute the
            heart has shown a change of posture, or there was none).
        present_chance: and in each of these ways the newest second must be above the line at least so likely, so that no
            flood begins when it is already over (own choice: more likely than not).
        onset_search_s, onset_break_s: a flood's onset is looked for in the last good seconds, so far back, and up to more
            seconds in a row than this at or below the line: half a Mayer cycle (own choice).
        motion_gone_s: seconds without motion data after which there is none (own choice).
        clean_window_s, clean_share: no flood begins or ends unless so much of the last seconds' intervals were accepted
            (own choice).
        leave_chance, leave_s: a flood ends when the heart rate beyond movement and posture was more likely below the leaving
            line than `leave_chance` allows, for this many good seconds (own choice).
        resync_block_s: no flood begins or ends this soon after the artifact filter started anew (own choice).
        model: what is known of bodies.
        rr_min_ms, rr_max_ms: 200 down to 30 bpm (own choice).
        rr_tolerance: largest step from the running median, as a share of it (own choice; 20-30 % is usual).
        rr_median_beats: accepted intervals the running median looks back on (own choice).
        rr_resync_beats: rejected intervals in a row that agree with one another and so become the new truth (own choice).
        heart_rate_window_s, heart_rate_min_beats: the heart rate is the median of the last accepted intervals (own
            choice: shorter follows breathing, longer delays).
        beats_fresh_s: the model is told a second's mean rate from beats no older than this; older ones, let go after a stall,
            say nothing of it (own choice: straps send intervals up to 3 s old).
        quality_window_s: seconds that signal quality looks back on (own choice); at the very start, those since the
            first interval began, but no fewer than `heart_rate_window_s`.
        quality_min: smallest share of accepted intervals (own choice).
        coverage_min: smallest share of the quality window that intervals account for (own choice: a strap on a dry skin
            invents short intervals, and they do not add up to the time that passed).
        byte_tolerance_bpm: largest distance from the strap's own heart rate (own choice).
        signal_lost_after_s: bad seconds in a row after which the signal is no longer ok (own choice).
        signal_back_after_s: good seconds in a row that make it ok again (own choice: one lone good second is no signal).
        frozen_beats: so many equal intervals in a row are no heart’s (own choice: in the
            real recordings no more than 12 in a row are equal).
        frozen_doubt_beats: while so many are equal, no flood begins or ends: a flood needs less time than certainty
            about the strap (own choice: at most one beat in a thousand of the real recordings).
        silent_after_s: seconds without a packet that count as disconnected (straps notify about once a second).
        episode_lost_after_s: seconds without signal after which an open episode is closed (own choice).
        rmssd_window_s: Munoz et al. 2015, PLoS ONE 10:e0138921: 120 s agree with 4-5 min at r = .986, 10 s at r = .86.
        sdnn_window_s: the longest length that Munoz et al. compare.
        artifact_share_max: above it no variability is shown (own choice, the usual 5 %).
        coverage_full: share of a window that intervals must cover (own choice: the newest beat is up to a second old).
        baseline_s: the last good seconds before the topic that make the baseline: five minutes seated.
        baseline_full_s: fewer is provisional: five minutes less the tenth a strap may lose while it settles (own choice).
        baseline_min_s: fewer is no baseline (own choice).
        baseline_movement_bpm: seconds with more than this allowed for movement are not quiet ones (own choice).
        rising_margin_bpm, rising_margin_share: a rise starts this far above baseline, whichever is more; practice uses
            "more than 10 bpm or 10 % above baseline" as the onset.
        rising_horizon_s, rising_past_bpm: with its present slope, the line would be passed by so much within this time (own
            choice: a minute is time to take a breath in).
        rising_back_bpm, rising_back_s: the cue ends when the level was so far below where a rise starts, for so long (own
            choice: half of the rises that turn back turn again within the minute).
        rising_hold_s: the cue outlasts its last good reason by this, so that it does not flicker (own choice).
        calm_ratio: near the usual is at most this times baseline (own choice, from the 10 % of practice).
        calm_window_s, calm_median_share: heart rate for that is the median of these seconds, of which so many must be good
            (own choice).
        calm_hold_s, calm_share: how long, and what share of it, it must have been near (own choice; 60 s calls one in
            ten too early).
        recovery_min_s: the practice this follows: at least 20 minutes for physiological calm.
        recovered_for_s: seconds that "recovered" stays after the pause (own choice).
    """

    threshold_bpm: float = 100.0
    threshold_kind: ThresholdKind = ThresholdKind.FIXED
    leave_margin_bpm: float = 5.0
    sure_chance: float = 0.97
    sure_hits: int = 6
    sure_window: int = 8
    likely_chance: float = 0.87
    likely_hits: int = 14
    likely_window: int = 18
    seated_chance: float = 0.5
    seated_hits: int = 9
    seated_window: int = 12
    sitting_doubt: float = 0.05
    sitting_work_bpm: float = 1.0
    seated_for_s: int = 60
    present_chance: float = 0.5
    onset_search_s: int = 60
    onset_break_s: int = 5
    motion_gone_s: int = 60
    clean_window_s: int = 20
    clean_share: float = 0.9
    leave_chance: float = 0.4
    leave_s: int = 30
    resync_block_s: int = 25
    rr_min_ms: float = 300.0
    rr_max_ms: float = 2000.0
    rr_tolerance: float = 0.25
    rr_median_beats: int = 11
    rr_resync_beats: int = 6
    heart_rate_window_s: int = 5
    heart_rate_min_beats: int = 3
    beats_fresh_s: int = 3
    quality_window_s: int = 10
    quality_min: float = 0.7
    coverage_min: float = 0.7
    byte_tolerance_bpm: float = 12.0
    signal_lost_after_s: int = 10
    signal_back_after_s: int = 3
    frozen_beats: int = 30
    frozen_doubt_beats: int = 10
    silent_after_s: int = 3
    episode_lost_after_s: int = 600
    rmssd_window_s: int = 60
    sdnn_window_s: int = 120
    artifact_share_max: float = ARTIFACT_SHARE_MAX
    coverage_full: float = COVERAGE_FULL
    baseline_s: int = 300
    baseline_full_s: int = 270
    baseline_min_s: int = 30
    baseline_movement_bpm: float = 3.0
    rising_margin_bpm: float = 8.0
    rising_margin_share: float = 0.10
    rising_horizon_s: float = 60.0
    rising_past_bpm: float = 3.0
    rising_back_bpm: float = 3.0
    rising_back_s: int = 60
    rising_hold_s: int = 300
    calm_ratio: float = 1.10
    calm_window_s: int = 60
    calm_median_share: float = 0.5
    calm_hold_s: int = 120
    calm_share: float = 0.90
    recovery_min_s: int = 1200
    recovered_for_s: int = 300
    model: ModelSettings = ModelSettings()

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
    """The personal line: at least 18 bpm above baseline, else 25 above it kept between 80 and 100. In whole bpm, as it is told.

    Own interpolation between the conventions of practice (100; 80 for athletes); no study validates it.

    >>> [personal_threshold_bpm(b) for b in (50, 65, 78, 95)]
    [80, 90, 100, 113]
    """
    return round(max(baseline_bpm + 18, min(100, max(80, baseline_bpm + 25))))
