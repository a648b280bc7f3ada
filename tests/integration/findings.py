"""What a body may leave in a journal: a minute, a flood, a near miss."""

from hrv.figure import Missing
from hrv.minutes import Minute
from hrv.near_miss import NearMiss
from hrv.reading import Episode, Threshold

EPISODE = Episode(
    began_t_s=436.0,
    onset_t_s=420.0,
    ended_t_s=None,
    end=None,
    peak_bpm=117.3,
    peak_t_s=447.0,
    baseline_bpm=71.25,
    baseline_provisional=False,
    rise_bpm=46.05,
    above_threshold_s=31,
    rmssd_baseline_ms=41.7,
    rmssd_flood_ms=None,
    rmssd_flood_missing=Missing.TOO_SHORT,
    signal_ok_share=1.0,
    threshold=Threshold(100.0, 95.0),
    algorithm_version="1",
    movement_bpm=1.5,
    posture_bpm=7.25,
    why="above 100 in 6 of the last 8 s, 2 allowed for movement and 7 for posture",
    quality=0.96,
)
MINUTE = Minute(0, 60, 60, 72.0, 70.0, 75.0, 40.0, 0)
NEAR = NearMiss(420, 480, 96.5, 455)
