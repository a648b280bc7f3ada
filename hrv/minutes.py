"""A recording's minutes: what trends are drawn from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute of a recording, from its second-by-second readings.

    Attributes:
        minute: 0 for the first 60 seconds.
        heart_rate_mean_bpm: over the seconds with a heart rate; None when there were none. Likewise min and max.
        rmssd_ms: the last valid RMSSD of the minute, or None.
        signal_ok_s: seconds with a good signal; seconds_s: seconds that passed.
        flooded_s: seconds of good signal in the state flooded.
    """

    minute: int
    seconds_s: int
    signal_ok_s: int
    heart_rate_mean_bpm: float | None
    heart_rate_min_bpm: float | None
    heart_rate_max_bpm: float | None
    rmssd_ms: float | None
    flooded_s: int
