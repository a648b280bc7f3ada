import math
import re
import statistics
from dataclasses import replace
from math import inf

import pytest

from hrv import explanation
from hrv.figure import Missing
from hrv.monitor import ArousalMonitor
from hrv.reading import ArousalState, EpisodeEnd, Signal, ThresholdKind
from hrv.said import Said
from hrv.settings import ALGORITHM_VERSION, DetectorSettings
from sensing.measurement import Contact, HeartRateMeasurement

QUIET = (300, 75)
TOPIC = [(300.0, "begin_topic")]


def states(changes):
    told, before = [], ArousalState.CALM
    for change in changes:
        if change.state is not before:
            told.append(change.state.value)
            before = change.state
    return told


def when(changes, state):
    return next(change.t_s for change in changes if change.state is state)


def test_whole_story_from_calm_to_recovered_to_calm(heart, run):
    """Flood, pause, recovery and the way back, each in its time."""
    packets = heart(QUIET, (100, 75), (100, (75, 120)), (200, 120), (60, (120, 72)), (1900, 72))
    marks = [*TOPIC, (650.0, "begin_pause"), (1900.0, "end_pause")]
    _, readings, changes, (episode,) = run(packets, marks=marks)
    assert states(changes) == ["rising", "flooded", "recovering", "recovered", "calm"]
    assert when(changes, ArousalState.RECOVERED) == 650 + 1200
    assert changes[-1].t_s == 1900 + 300
    assert episode.end is EpisodeEnd.CAME_DOWN
    assert episode.onset_t_s == pytest.approx(460, abs=8)
    assert 8 <= episode.began_t_s - episode.onset_t_s <= 16
    assert episode.ended_t_s == pytest.approx(735 + 30, abs=8)
    assert episode.peak_bpm == pytest.approx(123, abs=2)
    assert episode.baseline_bpm == pytest.approx(75, abs=1)
    assert episode.rise_bpm == episode.peak_bpm - episode.baseline_bpm
    assert episode.rmssd_baseline_ms > episode.rmssd_flood_ms > 0
    assert episode.rmssd_flood_missing is None
    assert episode.above_threshold_s == pytest.approx(265, abs=8)
    assert episode.signal_ok_share == 1
    assert not episode.baseline_provisional
    assert (episode.threshold.bpm, episode.threshold.leave_bpm) == (100, 95)
    assert episode.algorithm_version == ALGORITHM_VERSION
    assert readings[-1].near_usual_s == 120


def test_first_beats_become_a_heart_rate(heart):
    monitor = ArousalMonitor()
    assert monitor.tick(0.5).signal is Signal.DISCONNECTED
    for t_s, measurement in heart((15, 66)):
        reading = monitor.update(t_s, measurement)
    assert reading.heart_rate_bpm == pytest.approx(66, abs=3)
    assert (reading.rmssd_ms, reading.rmssd_missing) == (None, Missing.TOO_SHORT)
    assert (reading.sdnn_ms, reading.sdnn_missing) == (None, Missing.TOO_SHORT)
    assert reading.quality == 1
    assert reading.t_s == 14


def test_signal_is_trusted_soon_after_the_first_beats(heart, run):
    """Four seconds of beats and three good ones; the strap's settling before, without intervals, is not held against it."""
    settling = [(s + 0.9, HeartRateMeasurement(None)) for s in range(4)]
    _, _, changes, _ = run(settling + heart((30, 66), start_s=4.0))
    assert [(change.signal, change.t_s) for change in changes] == [(Signal.OK, 8.0)]


def test_intervals_that_do_not_add_up_are_not_trusted_at_the_start(run):
    packets = [(s + 0.5, HeartRateMeasurement(None, rr_ticks=(600,))) for s in range(60)]
    _, readings, _, _ = run(packets)
    assert all(reading.signal is not Signal.OK for reading in readings)


def test_heart_rate_is_of_the_five_seconds_up_to_the_newest_beat():
    """A packet may bring beats newer than the second it answers for; then the window ends with them."""
    monitor, beats, t_ticks = ArousalMonitor(), [], 0
    for i in range(120):
        rr = 800 + 4 * i
        t_ticks += rr
        beats.append((t_ticks, rr))
        reading = monitor.update(t_ticks / 1024, HeartRateMeasurement(None, rr_ticks=(rr,)))
        inside = [rr for t, rr in beats if t > t_ticks - 5 * 1024]
        if i > 30 and reading.seconds:
            assert reading.heart_rate_bpm == pytest.approx(61440 / statistics.median(inside))


def test_every_second_is_told_once(heart, run):
    _, readings, _, _ = run(heart((60, 80), (60, None), (60, 120)))
    seconds = [second for reading in readings for second in reading.seconds]
    assert [second.t_s for second in seconds] == list(range(180))
    assert (seconds[0].signal, seconds[0].heart_rate_bpm) == (Signal.DISCONNECTED, None)
    assert (seconds[170].signal, seconds[170].state) == (Signal.OK, ArousalState.FLOODED)
    assert seconds[170].heart_rate_bpm == pytest.approx(120, abs=4)
    assert seconds[50].rmssd_ms is None
    assert seconds[59].rmssd_ms == readings[59].rmssd_ms is not None


def test_asking_again_tells_no_second_twice(heart):
    monitor = ArousalMonitor()
    for t_s, measurement in heart((30, 80)):
        assert [second.t_s for second in monitor.update(t_s, measurement).seconds] == [int(t_s)]
        assert monitor.tick(t_s).seconds == ()


def test_asking_again_is_told_the_same_of_the_second_though_more_was_heard(heart):
    """Figures of a reading are those its second was judged by; a packet for the next second does not change them."""
    monitor = ArousalMonitor()
    for t_s, measurement in heart((30, 80)):
        told = monitor.update(t_s, measurement)
    monitor.update(29.95, HeartRateMeasurement(80, rr_ticks=(9000, 9000)))
    again = monitor.tick(30.0)
    assert (again.quality, again.quality_why) == (told.quality, told.quality_why) == (1, "signal ok")


def test_quiet_seconds_grow_until_the_baseline_is_full(heart, run):
    _, readings, _, _ = run(heart((400, 75), (60, None), (20, 75)))
    quiet = [reading.quiet_s for reading in readings]
    first = quiet.index(1)
    assert quiet[first : first + 300] == list(range(1, 301))
    assert set(quiet[first + 300 :]) == {300}


@pytest.mark.parametrize(("quiet_s", "kept"), [(20, 0), (100, 96), (400, 300)])
def test_quiet_seconds_after_the_topic_are_the_baselines(heart, run, quiet_s, kept):
    _, readings, _, _ = run(heart((quiet_s, 75), (60, 75)), marks=[(float(quiet_s), "begin_topic")])
    last = readings[-1]
    assert last.quiet_s == (last.baseline.seconds if last.baseline else 0)
    assert last.quiet_s == pytest.approx(kept, abs=2)


@pytest.mark.parametrize("late_s", [0.0, 1.0, 4.9])
def test_baseline_is_of_the_seconds_before_the_topic_however_late_one_hears_of_it(heart, run, late_s):
    """To the last digit: seconds of the topic are left out, and none is missing at the other end."""
    packets = heart((320, 75), (60, 90))
    _, plain, _, _ = run(packets, marks=[(320.0, "begin_topic")])
    monitor, told = ArousalMonitor(), False
    for t_s, measurement in packets:
        if not told and t_s >= 320 + late_s:
            monitor.begin_topic(320.0)
            told = True
        reading = monitor.update(t_s, measurement)
    assert reading.baseline == plain[-1].baseline
    assert reading.baseline.seconds == 300


def test_mark_ahead_of_its_time_waits_for_it(heart):
    monitor = ArousalMonitor()
    monitor.begin_topic(100.0)
    for t_s, measurement in heart((120, 75)):
        reading = monitor.update(t_s, measurement)
        assert (reading.baseline is not None) == (t_s > 99)
    assert reading.baseline.seconds == reading.quiet_s == pytest.approx(95, abs=3)


def test_reasons_read_as_english(heart, run):
    _, readings, changes, _ = run(heart((60, 80), (60, (80, 120)), (60, 120)))
    flooded = next(change for change in changes if change.state is ArousalState.FLOODED)
    assert flooded.why == "above 100 in 9 of the last 12 s; without motion data, taken to be seated"
    assert readings[-1].why == flooded.why


def test_threshold_can_be_set(heart, run):
    _, _, changes, _ = run(heart((60, 80), (60, 120)), DetectorSettings(threshold_bpm=125))
    assert states(changes) == []
    _, _, changes, _ = run(heart((60, 80), (60, 120)), DetectorSettings(threshold_bpm=115))
    assert states(changes) == ["flooded"]


def test_personal_threshold_comes_into_force_with_the_baseline(heart, run):
    settings = DetectorSettings(threshold_kind=ThresholdKind.PERSONAL)
    _, readings, changes, _ = run(heart((300, 60), (100, 90)), settings, TOPIC)
    assert readings[200].threshold.kind is ThresholdKind.FIXED
    assert readings[-1].threshold.kind is ThresholdKind.PERSONAL
    assert readings[-1].threshold.bpm == pytest.approx(85, abs=1)
    assert "flooded" in states(changes)


@pytest.mark.parametrize(("quiet_s", "known", "provisional"), [(30, False, None), (60, True, True), (300, True, False)])
def test_baseline_says_what_it_rests_on(heart, run, quiet_s, known, provisional):
    _, readings, _, _ = run(heart((quiet_s, 70), (20, 90)), marks=[(float(quiet_s), "begin_topic")])
    baseline = readings[-1].baseline
    assert (baseline is not None) == known
    if baseline:
        assert baseline.heart_rate_bpm == pytest.approx(70, abs=1)
        assert baseline.provisional == provisional


def test_baseline_is_frozen_once(heart, run):
    marks = [*TOPIC, (600.0, "begin_topic")]
    _, readings, _, _ = run(heart(QUIET, (400, 95)), marks=marks)
    assert readings[-1].baseline.heart_rate_bpm == pytest.approx(75, abs=1)
    assert all(reading.baseline is None for reading in readings[:290])


def test_without_a_baseline_recovering_ends_in_calm_after_twenty_minutes(heart, run):
    _, _, changes, _ = run(heart((60, 80), (100, 120), (1400, 80)))
    assert states(changes) == ["flooded", "recovering", "calm"]
    assert changes[-1].t_s - when(changes, ArousalState.RECOVERING) == 1200


def test_without_a_pause_recovery_counts_from_the_floods_end(heart, run):
    _, _, changes, _ = run(heart(QUIET, (100, 120), (1900, 74)), marks=TOPIC)
    assert states(changes) == ["rising", "flooded", "recovering", "recovered", "calm"]
    assert when(changes, ArousalState.RECOVERED) - when(changes, ArousalState.RECOVERING) == 1200


def test_heart_that_stays_fast_never_recovers(heart, run):
    _, _, changes, _ = run(heart(QUIET, (100, 120), (2000, 90)), marks=TOPIC)
    assert states(changes)[-1] == "recovering"


def test_recovered_stays_while_the_pause_lasts(heart, run):
    packets = heart(QUIET, (100, 120), (2600, 74))
    _, _, changes, _ = run(packets, marks=[*TOPIC, (350.0, "begin_pause")])
    assert states(changes)[-1] == "recovered"


def test_second_flood_is_an_episode_of_its_own(heart, run):
    _, _, _, episodes = run(heart((60, 80), (60, 120), (60, 80), (60, 120)))
    first, second = episodes
    assert first.end is EpisodeEnd.CAME_DOWN
    assert second.ended_t_s is None
    assert second.began_t_s > first.ended_t_s


def test_ended_episode_is_delivered_once(heart, run):
    _, readings, _, _ = run(heart((60, 80), (60, 120), (80, 80)))
    assert sum(r.episode is not None and r.episode.ended_t_s is not None for r in readings) == 1


def test_signal_gap_suspends_the_flood_and_the_same_episode_goes_on(heart, run):
    """Five silent minutes in a flood: the signal changes, the state does not, and the silence counts for nothing."""
    _, _, changes, episodes = run(heart((60, 80), (100, 120), (300, None), (100, 120), (60, 80)))
    assert [c.signal.value for c in changes] == ["ok", "ok", "disconnected", "ok", "ok"]
    assert states(changes) == ["flooded", "recovering"]
    (episode,) = episodes
    assert episode.above_threshold_s == pytest.approx(190, abs=15)
    assert episode.signal_ok_share < 0.6


def test_flood_shorter_than_a_minute_has_no_rmssd_of_its_own(heart, run):
    _, _, _, (episode,) = run(heart((100, 80), (20, (80, 120)), (25, 120), (60, 80)))
    assert (episode.rmssd_flood_ms, episode.rmssd_flood_missing) == (None, Missing.TOO_SHORT)


def test_heart_rate_is_shown_only_while_the_signal_is_trusted(heart, run):
    """After a gap the first readable seconds are not yet a signal."""
    _, readings, _, _ = run(heart((60, 80), (60, None), (60, 80)))
    assert all(r.signal is Signal.OK for r in readings if r.heart_rate_bpm is not None)
    back = next(r for r in readings if r.t_s > 120 and r.heart_rate_bpm is not None)
    assert back.t_s > 125


def test_reading_in_a_gap_has_no_figures(heart):
    monitor = ArousalMonitor()
    for t_s, measurement in heart((200, 80)):
        monitor.update(t_s, measurement)
    reading = monitor.tick(220.0)
    assert reading.signal is Signal.DISCONNECTED
    assert reading.heart_rate_bpm is None
    assert reading.rmssd_missing is reading.sdnn_missing is Missing.NO_SIGNAL
    assert reading.why == "nothing heard from the strap"


def test_ten_minutes_without_signal_close_the_episode_where_it_was_last_seen(heart, run):
    _, _, changes, (episode,) = run(heart((60, 80), (100, 120), (700, None), (15, 120)))
    assert states(changes) == ["flooded", "calm"]
    assert episode.end is EpisodeEnd.SIGNAL_LOST
    assert episode.ended_t_s == pytest.approx(162, abs=4)
    assert when([c for c in changes if c.t_s > 200], ArousalState.CALM) == pytest.approx(762, abs=4)


def test_after_a_lost_signal_a_flood_must_show_itself_anew(heart, run):
    _, _, changes, episodes = run(heart((60, 80), (100, 120), (700, None), (60, 120)))
    assert states(changes) == ["flooded", "calm", "flooded"]
    assert len(episodes) == 2


def test_leaving_hold_stands_still_in_a_gap(heart, run):
    """Twenty seconds below, a minute of nothing: that is not yet thirty seconds below."""
    _, _, changes, _ = run(heart((60, 80), (100, 120), (22, 85), (60, None)))
    assert states(changes) == ["flooded"]


def test_lost_contact_suspends(heart, run):
    packets = heart((60, 80), (60, 120))
    packets += [(t, replace(m, contact=Contact.LOST)) for t, m in heart((60, 70), start_s=120.0)]
    _, readings, changes, _ = run(packets)
    assert states(changes) == ["flooded"]
    assert readings[-1].signal is Signal.OFF_BODY


def test_strap_that_disagrees_with_its_own_intervals_is_weak(heart, run):
    packets = [(t, replace(m, heart_rate_bpm=80)) for t, m in heart((60, 120))]
    _, readings, changes, _ = run(packets)
    assert states(changes) == []
    assert readings[-1].signal is not Signal.OK


def test_stall_of_twelve_seconds_loses_no_beat(heart, run):
    """Twelve packets delivered at one moment: variability afterwards is what it would have been without the stall."""
    packets = heart((300, 80))
    stalled = [(112.9 if 100 < t < 113 else t, m) for t, m in packets]
    assert sum(t == 112.9 for t, _ in stalled) == 13
    _, plain, _, _ = run(packets)
    _, late, _, _ = run(stalled)
    assert (late[115].rmssd_ms, late[180].sdnn_ms) == (plain[115].rmssd_ms, plain[180].sdnn_ms)
    assert late[115].heart_rate_bpm == plain[115].heart_rate_bpm


def test_step_in_the_intervals_blocks_a_flood_for_a_while(heart, run):
    """The filter starts anew on a jump from 75 to 130; for 25 s that is not yet believed."""
    _, _, changes, _ = run(heart((100, 75), (60, 130)))
    assert when(changes, ArousalState.FLOODED) == pytest.approx(103 + 25, abs=3)


def test_finish_closes_an_open_episode(heart, run):
    monitor, _, _, _ = run(heart((60, 80), (60, 120)))
    reading = monitor.finish(125.0)
    assert reading.episode.end is EpisodeEnd.TALK_ENDED
    assert reading.episode.ended_t_s == pytest.approx(122, abs=3)
    with pytest.raises(ValueError, match="finished"):
        monitor.tick(126.0)


def test_pause_marks_out_of_turn_change_nothing(heart, run):
    packets = heart(QUIET, (100, 120), (1500, 74))
    marks = [*TOPIC, (310.0, "end_pause"), (420.0, "begin_pause"), (900.0, "begin_pause")]
    _, _, changes, _ = run(packets, marks=marks)
    assert when(changes, ArousalState.RECOVERED) == 420 + 1200


QUICK = DetectorSettings(recovery_min_s=180, recovered_for_s=20)
FLOOD_THEN_REST = [QUIET, (100, 120), (500, 74)]


@pytest.fixture
def changes_when(heart):
    """The changes of a flood and the rest after it, when each mark is told `late_s` after its time."""
    packets = heart(*FLOOD_THEN_REST)

    def changes_when(marks, late_s=0.0):
        monitor, changes, waiting = ArousalMonitor(QUICK), [], sorted(marks)
        for t_s, measurement in packets:
            while waiting and waiting[0][0] + late_s <= t_s:
                at_s, method = waiting.pop(0)
                getattr(monitor, method)(at_s)
            changes += monitor.update(t_s, measurement).changes
        return changes

    return changes_when


@pytest.mark.parametrize("late_s", [1.0, 3.0, 4.9])
@pytest.mark.parametrize("state", [ArousalState.FLOODED, ArousalState.RECOVERING, ArousalState.RECOVERED])
def test_pause_just_before_a_change_counts_the_same_however_late_one_hears_of_it(changes_when, state, late_s):
    change_s = when(changes_when(TOPIC), state)
    marks = [*TOPIC, (change_s - 0.5, "begin_pause")]
    assert changes_when(marks, late_s) == changes_when(marks)


@pytest.mark.parametrize("late_s", [1.0, 3.0, 4.9])
def test_end_of_a_pause_counts_the_same_however_late_one_hears_of_it(changes_when, late_s):
    """Here the state waits for it: without a baseline the talk is calm again when the pause is over."""
    marks = [(450.0, "begin_pause"), (700.0, "end_pause")]
    changes = changes_when(marks)
    assert states(changes)[-1] == "calm"
    assert when(changes[-1:], ArousalState.CALM) == 700 + 5
    assert changes_when(marks, late_s) == changes


def test_recovered_lasts_its_time_though_the_pause_ended_just_before(changes_when):
    begin = [*TOPIC, (450.0, "begin_pause")]
    recovered_s = when(changes_when(begin), ArousalState.RECOVERED)
    changes = changes_when([*begin, (recovered_s - 1.5, "end_pause")])
    assert when(changes, ArousalState.RECOVERED) == recovered_s
    assert when(changes[-1:], ArousalState.CALM) == recovered_s + 20


@pytest.mark.parametrize("t_s", [-0.1, math.nan, math.inf, 1.7e9])
@pytest.mark.parametrize("method", ["tick", "begin_topic", "begin_pause", "end_pause", "finish"])
def test_impossible_time_is_refused(method, t_s):
    with pytest.raises(ValueError, match="t_s is seconds since the recording began"):
        getattr(ArousalMonitor(), method)(t_s)


def test_time_going_backwards_is_refused_unless_it_is_jitter():
    monitor = ArousalMonitor()
    packet = HeartRateMeasurement(75, rr_ticks=(800,))
    monitor.update(100.0, packet)
    assert monitor.update(99.2, packet).t_s == 100
    assert monitor.update(95.0, packet).t_s == 100
    with pytest.raises(ValueError, match="sort them by time"):
        monitor.update(94.9, packet)
    assert monitor.update(101.0, packet).t_s == 101


def test_strap_without_intervals_is_weak_and_never_floods(run):
    packets = [(s + 0.5, HeartRateMeasurement(130)) for s in range(120)]
    _, readings, changes, _ = run(packets)
    assert states(changes) == []
    assert readings[-1].signal is Signal.WEAK


def with_motion(packets, bursts=(), seated_mg=8, restless_from_s=inf):
    """Give each packet its movement: still, restless from a time on, and bursts of `(from_s, to_s, mg)`."""
    for t_s, measurement in packets:
        mg = next((mg for a, b, mg in bursts if a <= t_s < b), 22 if t_s >= restless_from_s else seated_mg)
        yield t_s, measurement, mg


def run_with_motion(packets):
    monitor, readings = ArousalMonitor(), []
    monitor.begin_topic(300.0)
    for t_s, measurement, mg in packets:
        readings.append(monitor.update(t_s, measurement, mg))
    return readings


def test_standing_up_is_allowed_for_and_said_so(heart):
    """The same heart without motion data is an alarm: it is the accelerometer that tells them apart."""
    packets = heart(QUIET, (60, 88), (6, (88, 104)), (8, (104, 118)), (12, (118, 103)), (60, 102))
    readings = run_with_motion(with_motion(packets, bursts=[(360, 363, 180)], restless_from_s=360))
    assert all(reading.state is not ArousalState.FLOODED for reading in readings)
    assert readings[-1].has_motion
    assert readings[-1].posture_bpm > 5
    assert readings[-1].unexplained_bpm < 100 < readings[-1].heart_rate_bpm
    monitor = ArousalMonitor()
    blind = [monitor.update(t_s, measurement) for t_s, measurement in packets]
    assert ArousalState.FLOODED in {reading.state for reading in blind}


def test_flood_with_motion_data_keeps_what_was_allowed(heart):
    readings = run_with_motion(with_motion(heart(QUIET, (60, 75), (60, (75, 120)), (60, 120))))
    episode = readings[-1].episode
    assert episode.movement_bpm == 0
    assert episode.posture_bpm == pytest.approx(0, abs=2)
    assert "allowed for movement" in readings[-1].why


def test_each_reading_says_why_and_the_flood_keeps_all_of_it(heart):
    """The condition, the line in force, the allowances, the quality with its reason, and the rules' version."""
    readings = run_with_motion(with_motion(heart(QUIET, (60, 75), (60, (75, 120)), (60, 120), (80, 80))))
    began = next(reading for reading in readings if reading.state is ArousalState.FLOODED)
    assert re.fullmatch(
        r"above 100 in (6 of the last 8|14 of the last 18) s, 0 allowed for movement and \d for posture", began.why
    )
    assert (began.threshold.bpm, began.threshold.leave_bpm, began.threshold.kind) == (100, 95, ThresholdKind.FIXED)
    assert (began.quality, began.quality_why, began.has_motion) == (1, "signal ok", True)
    assert began.chance_above > 0.8
    ended = next(reading.episode for reading in readings if reading.episode and reading.episode.ended_t_s)
    for name in ("why", "threshold", "movement_bpm", "posture_bpm", "quality"):
        assert getattr(ended, name) == getattr(began, name), name
    assert ended.algorithm_version == ALGORITHM_VERSION


def test_without_motion_data_nothing_is_said_to_be_allowed(heart, run):
    _, readings, _, (episode,) = run(heart((60, 80), (60, 120)))
    last = readings[-1]
    assert (last.has_motion, last.movement_bpm, last.posture_bpm) == (False, None, None)
    assert (episode.movement_bpm, episode.posture_bpm) == (None, None)
    assert last.chance_above == pytest.approx(1)


def test_motion_data_that_stops_is_relied_on_for_a_minute_and_each_reading_says_so(heart):
    monitor = ArousalMonitor()
    for t_s, measurement in heart((200, 80)):
        reading = monitor.update(t_s, measurement, 8 if t_s < 100 else None)
        assert reading.has_motion == (reading.t_s <= 99 + 60)
        assert (reading.movement_bpm is None) == (reading.heart_rate_bpm is None or not reading.has_motion)


def test_reading_says_what_is_wrong_with_the_signal(heart, run):
    packets = [(t, replace(m, heart_rate_bpm=80)) for t, m in heart((60, 120))]
    _, readings, _, _ = run(packets)
    assert readings[-2].quality_why.endswith(", the strap itself 80")
    _, readings, _, _ = run(heart((60, 80)))
    assert readings[-2].quality_why == "signal ok"


def test_a_pause_that_was_over_before_the_flood_does_not_shorten_the_recovery(heart, run):
    """One minute of pause, then twenty more of flooding: the body has had no twenty minutes yet."""
    packets = heart(QUIET, (60, 75), (1400, 120), (1500, 72))
    _, _, changes, _ = run(packets, marks=[*TOPIC, (400.0, "begin_pause"), (460.0, "end_pause")])
    assert when(changes, ArousalState.RECOVERED) - when(changes, ArousalState.RECOVERING) == 1200


def test_without_a_baseline_a_missing_signal_is_no_time_without_flooding(heart, run):
    _, _, changes, _ = run(heart((60, 75), (60, 120), (90, 75), (1190, None), (60, 76)))
    assert states(changes) == ["flooded", "recovering"]


def followed(packets):
    """The arousal state of each second, and the near misses, with the topic at 300 s."""
    monitor, said, states_at = ArousalMonitor(), Said(), {}
    monitor.begin_topic(300.0)
    for t_s, measurement in packets:
        reading = monitor.update(t_s, measurement)
        said.add(reading)
        states_at |= {second.t_s: second.state for second in reading.seconds}
    return states_at, said.near_misses


def test_a_rise_of_which_nothing_was_heard_for_ten_minutes_is_over_and_no_near_miss(heart):
    states_at, near_misses = followed(heart(QUIET, (60, 75), (50, (75, 97)), (700, None), (120, 75)))
    assert states_at[420] is ArousalState.RISING
    assert states_at[1050] is ArousalState.CALM
    assert near_misses == []


@pytest.mark.parametrize("silence_s", [310, 540])
def test_a_rise_outlasts_a_gap_for_its_time_stands_still(heart, silence_s):
    states_at, near_misses = followed(heart(QUIET, (60, 75), (50, (75, 97)), (silence_s, None), (60, 94), (60, 115)))
    assert {state for t_s, state in states_at.items() if t_s >= 410} == {ArousalState.RISING, ArousalState.FLOODED}
    assert near_misses == []


def test_a_flood_is_not_dated_back_over_a_gap(heart, run):
    """The seconds above the line before a gap count for the hold, but nobody knows what was in between."""
    packets = heart(QUIET, (20, 96), (6, 108), (540, None), (60, 108))
    _, _, _, (episode,) = run(packets, marks=TOPIC)
    assert episode.onset_t_s >= 300 + 26 + 540


@pytest.mark.parametrize("motion_mg", [-5, 10**12, 10**40, 10**400, math.nan, math.inf], ids=str)
def test_motion_that_no_accelerometer_can_tell_is_no_motion(heart, motion_mg):
    told = {}
    for motion in (motion_mg, None):
        monitor = ArousalMonitor()
        told[motion] = [monitor.update(t_s, measurement, motion) for t_s, measurement in heart((100, 80), (60, 120))]
    assert told[motion_mg] == told[None]


def test_walking_in_the_quiet_minutes_does_not_become_the_baseline(heart):
    monitor = ArousalMonitor()
    for t_s, measurement in heart((100, 75), (150, 97), (55, 76)):
        reading = monitor.update(t_s, measurement, 230 if 100 < t_s < 250 else 6)
    monitor.begin_topic(300.0)
    reading = monitor.tick(310.0)
    assert reading.baseline.heart_rate_bpm == pytest.approx(76, abs=3)
    assert reading.baseline.provisional


def test_what_was_allowed_for_standing_goes_with_the_motion_data(heart):
    """Without motion data the wearer is taken to be seated, and then all of the heart rate counts."""
    monitor = ArousalMonitor()
    monitor.begin_topic(300.0)
    for t_s, measurement in heart((360, 75), (15, (75, 90)), (225, 90)):
        motion_mg = 160 if 360 < t_s < 363 else 14 if t_s > 363 else 8
        reading = monitor.update(t_s, measurement, None if t_s > 420 else motion_mg)
        if t_s < 420:
            posture_bpm = reading.posture_bpm
    assert posture_bpm > 4
    assert reading.unexplained_bpm == pytest.approx(reading.heart_rate_bpm, abs=3)


@pytest.mark.parametrize(
    ("motion_mg", "why"), [(8, "below 95 for 30 s, beyond movement and posture"), (None, "below 95 for 30 s")]
)
def test_the_end_of_a_flood_says_whether_movement_was_taken_off(heart, motion_mg, why):
    """While one walks, "below 95" alone would stand beside a heart that is well above it."""
    monitor, reasons = ArousalMonitor(), []
    for t_s, measurement in heart((60, 75), (120, 115), (120, 75)):
        reading = monitor.update(t_s, measurement, motion_mg)
        reasons += [change.why for change in reading.changes if change.state is ArousalState.RECOVERING]
    assert reasons == [why]


def test_a_personal_line_is_the_whole_number_that_is_shown(heart, run):
    settings = DetectorSettings(threshold_kind=ThresholdKind.PERSONAL)
    _, readings, _, _ = run(heart((300, 66.7), (60, 66)), settings, TOPIC)
    assert readings[-1].threshold.bpm == round(readings[-1].threshold.bpm)


def test_hours_without_a_signal_forget_once(heart, monkeypatch):
    """A laptop that slept overnight judges the night in one go, and everything else waits for it."""
    made = []
    model = explanation.ArousalModel
    monkeypatch.setattr(explanation, "ArousalModel", lambda settings: (made.append(1), model(settings))[1])
    monitor = ArousalMonitor()
    for t_s, measurement in heart((60, 75)):
        monitor.update(t_s, measurement)
    monitor.tick(4 * 3600.0)
    assert len(made) == 2
