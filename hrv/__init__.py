"""What the heart says. Pure: no clock, no I/O, no logging, no chance.

Live, one packet after another, from the past alone: `monitor` wires `timeline` (intervals to beats), `artifacts` (accept or
reject), `window` (heart rate, RMSSD, SDNN), `signal`, `baseline`, `flooding`, `rising`, `recovery` and `episode`; it speaks
in `reading`s.

Afterwards, all of a recording at once: `summary` replays it (`retrace`, `said`, `phases`, `near_miss`), mends its intervals
(`artifact_search`, `correction`), and measures them (`analysis`, `validity`: `time_domain`, `poincare`, `frequency_domain`,
`entropy`, `dfa`; `corrected_minutes`, `heart_rate_recovery`).

From Python, of intervals in ms:

>>> from hrv.analysis import analyse
>>> from hrv.correction import correct
>>> from hrv.series import RRSeries
>>> mended = correct(RRSeries.of([800.0, 830, 790, 820] * 100))
>>> figures = analyse(mended).figures
>>> round(figures["rmssd_ms"].value, 1), mended.artifact_share
(30.8, 0.0)

Both: `settings`, `figure` (a value or the reason why there is none), `intervals` (what may pass for heartbeats), `series`.
"""
