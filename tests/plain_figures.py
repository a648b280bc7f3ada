"""A talk's figures once more, from its raw packets, written out as one would count by hand: what the kept ones must equal.

It shares the monitor with them and nothing else: seconds in sets, floods and rises found again in the readings.
"""

from datetime import timedelta, timezone

from hrv.monitor import ArousalMonitor
from hrv.reading import ArousalState, Signal
from hrv.retrace import Mark, MarkKind, Sample, retrace
from hrv.settings import ALGORITHM_VERSION
from journal.trends.figures import FloodFigures, TalkFigures
from sensing.measurement import parse

HOLD_S, NEAR_S = 120, 108
FIVE_MINUTES = timedelta(minutes=5)


def plain_figures(talk, state, stored, settings):
    def t_s(moment):
        return (moment - talk.began_at).total_seconds()

    marks = [Mark(t_s(talk.topic_began_at), MarkKind.TOPIC)] if talk.topic_began_at else []
    for pause in state.pauses:
        marks.append(Mark(t_s(pause.called_at), MarkKind.PAUSE_BEGAN))
        if pause.ended_at:
            marks.append(Mark(t_s(pause.ended_at), MarkKind.PAUSE_ENDED))
    end_s = t_s(talk.ended_at)
    if stored:
        end_s = max(end_s, stored[-1].t_s)
    monitor = ArousalMonitor(settings)
    samples = [Sample(one.t_s, parse(one.packet), one.motion_mg) for one in stored]
    readings = list(retrace(monitor, samples, marks, until_s=end_s))
    readings.append(monitor.finish(end_s))

    seconds = {second.t_s: second for reading in readings for second in reading.seconds}
    floods = {reading.episode.began_t_s: reading.episode for reading in readings if reading.episode}
    near = sorted({int(reading.t_s) for reading in readings if reading.near_usual_s >= NEAR_S})
    talked = set(seconds)
    if talk.topic_began_at:
        talked = {second for second in talked if second >= t_s(talk.topic_began_at)}
    for pause in state.pauses:
        until_s = t_s(pause.ended_at) if pause.ended_at else float("inf")
        talked -= {second for second in talked if t_s(pause.called_at) <= second < until_s}
    bpm = {number: second.heart_rate_bpm for number, second in seconds.items() if second.heart_rate_bpm is not None}

    found, above = [], set()
    ordered = [floods[key] for key in sorted(floods)]
    for place, flood in enumerate(ordered):
        over = {
            number
            for number, rate in bpm.items()
            if flood.onset_t_s <= number <= flood.ended_t_s and rate > flood.threshold.bpm
        }
        above |= over & talked
        if int(flood.onset_t_s) not in talked:
            continue
        turn = max(over, default=int(flood.onset_t_s))
        until = ordered[place + 1].onset_t_s if place + 1 < len(ordered) else float("inf")
        back = [second - HOLD_S - turn for second in near if turn + HOLD_S <= second <= until]
        found.append(FloodFigures(flood.peak_bpm, flood.rise_bpm, min(back, default=None)))
    baseline = readings[-1].baseline
    offset = timezone(timedelta(minutes=talk.utc_offset_min))
    return TalkFigures(
        began=talk.began_at.astimezone(offset),
        heard_s=len(talked & set(bpm)),
        lost_s=len(talked - set(bpm)),
        baseline_bpm=baseline.heart_rate_bpm if baseline else None,
        rmssd_baseline_ms=baseline.rmssd_ms if baseline else None,
        floods=tuple(found),
        near_misses=sum(began in talked for began in _turned(seconds)),
        pauses_taken=len(state.pauses),
        pauses_kept=sum(map(_is_kept, state.pauses)),
        algorithm_version=ALGORITHM_VERSION if not floods else ordered[-1].algorithm_version,
        above_line_s=len(above),
    )


def _turned(seconds):
    """When each rise began that came down by itself."""
    began = None
    for number in sorted(seconds):
        second = seconds[number]
        if second.state is ArousalState.RISING:
            began = number if began is None else began
        elif began is not None:
            if second.state is not ArousalState.FLOODED and second.signal is Signal.OK:
                yield began
            began = None


def _is_kept(pause):
    if pause.state.value != "returned":
        return False
    promised = max(pause.return_at, pause.ready_at) if pause.ready_at else pause.return_at
    return pause.ended_at <= promised + FIVE_MINUTES
