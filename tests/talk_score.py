"""Scores the detector on simulated talks whose truth is known: `truth.json` beside the recordings.

Truth, per talk: `floods` (heart rate that posture and walking do not explain, above the line), `near_threshold` (within 3 bpm
of it: an alert there is neither right nor wrong), `mean_bpm_per_min` (of that heart rate), `talk_starts_s`, `length_s`. Whole
seconds.
"""

import json
from dataclasses import dataclass, field
from statistics import median

from hrv.monitor import ArousalMonitor
from hrv.reading import ArousalState
from hrv.retrace import Mark, MarkKind, Sample, retrace
from hrv.settings import DetectorSettings
from sensing.recording import read_recordings

NEAR_S = 45
"""An alert so close to seconds near the line is neither right nor wrong; and one so long after a flood still means it."""

APPROACH_S = 120
"""So long before its onset a flood may be met while the heart is near the line; a cue so long before it is not vain."""

ALERT_EARLY_S = 5
"""An alert is early when it comes more than this before the onset."""

WARNED_S = 5
LATE_CUE_S = 30
EARLY_S = 60
"""A recovery is early when the truth comes near the usual only later than this."""

CALM_RATIO = DetectorSettings().calm_ratio


def truth_of(folder):
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))


def samples_of(path):
    (recording,) = read_recordings(path)
    return [Sample(row.t_s, row.measurement, row.motion_mg) for row in recording.rows()]


def states_of(samples, talk_starts_s, monitor=None):
    """The changes of one recording, `(t_s, state)`, as `flooding replay` prints them."""
    monitor, last_t_s, changes = monitor or ArousalMonitor(), 0.0, []
    for reading in retrace(monitor, samples, [Mark(talk_starts_s, MarkKind.TOPIC)]):
        changes += reading.changes
        last_t_s = reading.t_s
    changes += monitor.finish(last_t_s).changes
    return [(change.t_s, change.state) for change in changes]


@dataclass
class Score:
    """Sums over talks."""

    talks: int = 0
    floods: int = 0
    hits: int = 0
    masked: int = 0
    alerts_in_floods: int = 0
    false_alarms: int = 0
    hours: float = 0.0
    talk_hours: float = 0.0
    warned: int = 0
    vain_cues: int = 0
    recovered: int = 0
    recovered_early: int = 0
    delays_s: list[float] = field(default_factory=list)
    end_lags_s: list[float] = field(default_factory=list)

    @property
    def sensitivity(self):
        return self.hits / max(1, self.floods)

    @property
    def false_per_hour(self):
        return self.false_alarms / self.hours

    def cells(self):
        """For a table."""
        delays = sorted(self.delays_s)
        early = sum(delay < -ALERT_EARLY_S for delay in delays) / max(1, len(delays))
        return (
            f"{self.hits} of {self.floods} ({self.sensitivity:.3f})",
            f"{self.false_alarms} ({self.false_per_hour:.3f})",
            f"{median(delays):.1f} s" if delays else "",
            f"{delays[min(len(delays) - 1, int(0.95 * len(delays)))]:.0f} s" if delays else "",
            str(self.masked),
            f"{self.alerts_in_floods / max(1, self.hits):.3f}",
            f"{early:.3f}",
            f"{median(self.end_lags_s):.0f} s" if self.end_lags_s else "",
            f"{self.warned / max(1, self.floods):.2f}, {self.vain_cues / self.talk_hours:.2f}",
            f"{self.recovered_early} of {self.recovered}",
        )


HEADER = (
    "set", "floods found", "false alarms (an hour)", "delay", "p95", "masked", "alerts a flood", "early", "end lag",
    "warned, vain cues an hour", "recovered early",
)  # fmt: skip


def spans(changes, state, length_s):
    """`(from, to, state after)` of each stretch of a state."""
    found, began = [], None
    for t_s, now in [*changes, (length_s, None)]:
        if now == state and began is None:
            began = t_s
        elif now != state and began is not None:
            found.append((began, t_s, now))
            began = None
    return found


def score(truth, changes_of):
    """Score the changes of each talk."""
    total = Score()
    for name, talk in truth.items():
        _score_talk(total, talk, changes_of[name])
    return total


def _score_talk(total, talk, changes):
    starts, length = talk["talk_starts_s"], talk["length_s"]
    near = _seconds_of(talk["near_threshold"])
    around = _seconds_of((a - NEAR_S, b + NEAR_S) for a, b in talk["near_threshold"])
    alerts = [(a, b) for a, b, _ in spans(changes, ArousalState.FLOODED, length) if b >= starts]
    floods = [flood for flood in talk["floods"] if flood[0] >= starts]
    total.talks += 1
    total.hours += sum(t not in around for t in range(starts, length)) / 3600
    total.talk_hours += (length - starts) / 3600
    right = {_score_flood(total, flood, alerts, near, around, starts, length) for flood in floods}
    total.false_alarms += sum(
        began not in right and min(max(starts, int(began)), length - 1) not in around for began, _ in alerts
    )
    _score_cues(total, floods, spans(changes, ArousalState.RISING, length))
    for was_early in _recoveries(talk, changes):
        total.recovered += 1
        total.recovered_early += was_early


def _seconds_of(stretches):
    return {t for a, b in stretches for t in range(a, b + 1)}


def _score_flood(total, flood, alerts, near, around, starts, length):
    """Score one flood; return when the alert began that was right about it, if any was."""
    onset, end = flood
    total.floods += 1
    approach = onset
    while approach > max(0, onset - APPROACH_S) and approach - 1 in near:
        approach -= 1
    met = [alert for alert in alerts if alert[0] <= end + NEAR_S and alert[1] >= approach]
    if not met:
        return None
    total.hits += 1
    total.alerts_in_floods += len(met)
    leave = end
    while leave + 1 in near:
        leave += 1
    total.end_lags_s.append(met[-1][1] - min(leave, length - 1))
    began = met[0][0]
    if began >= approach:
        total.delays_s.append(began - onset)
        return began
    total.masked += max(starts, int(began)) not in around
    return None


def _score_cues(total, floods, cues):
    """A cue warned when it was on at the onset, or had ended so shortly before; it was vain when no flood came of it."""
    total.warned += sum(any(a < onset <= b + WARNED_S for a, b, _ in cues) for onset, _ in floods)
    total.vain_cues += sum(
        after not in {ArousalState.FLOODED, None}
        and not any(a - LATE_CUE_S <= onset <= b + APPROACH_S for onset, _ in floods)
        for a, b, after in cues
    )


def _recoveries(talk, changes):
    """For each "recovered", whether the truth's minutes come near the usual more than a minute later, if at all."""
    minutes = talk["mean_bpm_per_min"]
    usual_bpm = median(minutes[: int(talk["talk_starts_s"] // 60)])
    for t_s, state in changes:
        if state is ArousalState.RECOVERED:
            soon = minutes[max(0, int(t_s // 60) - 1) : int((t_s + EARLY_S) // 60) + 1]
            yield min(soon) > CALM_RATIO * usual_bpm
