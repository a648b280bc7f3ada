import pytest

from hrv.reading import Signal
from hrv.settings import DetectorSettings
from hrv.signal import WHY, SignalWatch, judge
from sensing.measurement import Contact, HeartRateMeasurement

SETTINGS = DetectorSettings()


def judged(silent_s=0.5, contact=Contact.GOOD, bpm=80.0, byte=80, accepted=1.0, coverage=1.0, is_frozen=False):
    packet = HeartRateMeasurement(byte, contact)
    return judge(SETTINGS, silent_s, packet, bpm, accepted, coverage, is_frozen=is_frozen)


@pytest.mark.parametrize(
    ("seen", "signal"),
    [
        ({}, Signal.OK),
        ({"byte": None}, Signal.OK),
        ({"byte": 92}, Signal.OK),
        ({"byte": 93}, Signal.WEAK),
        ({"bpm": None}, Signal.WEAK),
        ({"accepted": 0.7}, Signal.OK),
        ({"accepted": 0.69}, Signal.WEAK),
        ({"coverage": 0.69}, Signal.WEAK),
        ({"contact": Contact.LOST}, Signal.OFF_BODY),
        ({"contact": Contact.UNSUPPORTED}, Signal.OK),
        ({"silent_s": 3.0, "contact": Contact.LOST}, Signal.DISCONNECTED),
        ({"is_frozen": True}, Signal.FROZEN),
        ({"is_frozen": True, "coverage": 0.5}, Signal.WEAK),
    ],
)
def test_one_second_is_judged(seen, signal):
    assert judged(**seen)[0] is signal


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        ({}, "signal ok"),
        ({"bpm": None}, "too few heartbeats in the last seconds"),
        ({"accepted": 0.6}, "40% of the intervals cannot be heartbeats"),
        ({"coverage": 0.5}, "heartbeats are known for 50% of the last seconds"),
        ({"byte": 120}, "the intervals say 80, the strap itself 120"),
        ({"is_frozen": True}, "the strap repeats one value"),
        ({"contact": Contact.LOST}, "the strap reports no skin contact"),
        ({"silent_s": 3.0}, "nothing heard from the strap"),
    ],
)
def test_a_second_says_what_is_wrong_with_it(seen, why):
    assert judged(**seen)[1] == why


def test_before_the_first_packet_nothing_is_connected():
    assert judge(SETTINGS, float("inf"), None, None, 0, 0)[0] is Signal.DISCONNECTED


def after(watch, *seconds):
    for second, times in seconds:
        for _ in range(times):
            watch.step(second)
    return watch.signal


def test_ten_bad_seconds_are_forgiven_and_the_eleventh_is_not():
    watch = SignalWatch(SETTINGS)
    assert after(watch, (Signal.OK, 3)) is Signal.OK
    assert after(watch, (Signal.WEAK, 10)) is Signal.OK
    assert after(watch, (Signal.OK, 1), (Signal.WEAK, 10)) is Signal.OK
    assert after(watch, (Signal.WEAK, 1)) is Signal.WEAK


def test_mixed_faults_count_together():
    watch = SignalWatch(SETTINGS)
    assert after(watch, (Signal.OK, 3), (Signal.WEAK, 6), (Signal.DISCONNECTED, 5)) is Signal.DISCONNECTED


def test_one_good_second_does_not_bring_the_signal_back():
    watch = SignalWatch(SETTINGS)
    assert after(watch, (Signal.OK, 2)) is Signal.DISCONNECTED
    assert after(watch, (Signal.WEAK, 1), (Signal.OK, 2)) is Signal.DISCONNECTED
    assert after(watch, (Signal.OK, 1)) is Signal.OK


def test_step_says_when_the_signal_changed():
    watch = SignalWatch(SETTINGS)
    assert [watch.step(Signal.OK) for _ in range(4)] == [False, False, True, False]


def test_every_signal_has_words():
    assert set(WHY) == set(Signal)


def test_intervals_that_repeat_to_the_tick_are_no_heart(heart, run):
    """Some straps fill in 500 ms for what they do not know; a heart never repeats itself thirty times."""
    filler = [(100.0 + second, HeartRateMeasurement(120, rr_ticks=(512, 512))) for second in range(120)]
    _, readings, changes, episodes = run([*heart((100, 75)), *filler])
    assert changes[-1].signal is Signal.FROZEN
    assert readings[-1].why == "the strap repeats one value"
    assert readings[-1].heart_rate_bpm is None
    assert episodes == []


def test_a_calm_heart_that_shows_one_rate_is_not_frozen(heart, run):
    _, readings, _, _ = run(heart((300, 72), byte=True))
    assert readings[-1].signal is Signal.OK


@pytest.mark.parametrize(("before_bpm", "held_ticks"), [(90, 560), (95, 512), (95, 590), (98, 600)])
def test_a_strap_that_freezes_above_the_line_raises_no_flood(heart, run, before_bpm, held_ticks):
    """It is called frozen only after thirty equal intervals; a flood needs less time than that."""
    packets = heart((300, 75), (100, before_bpm))
    packets += [
        (400 + beat * held_ticks / 1024, HeartRateMeasurement(None, rr_ticks=(held_ticks,))) for beat in range(80)
    ]
    _, _, changes, episodes = run(packets, marks=[(300.0, "begin_topic")])
    assert changes[-1].signal is Signal.FROZEN
    assert episodes == []
