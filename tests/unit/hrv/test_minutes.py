from hrv.minutes import MinuteAggregator


def minutes_of(readings):
    aggregator = MinuteAggregator()
    finished = [minute for reading in readings for minute in aggregator.add(reading)]
    return finished, aggregator.finish()


def test_a_minute_is_sixty_seconds_of_readings(heart, run):
    _, readings, _, _ = run(heart((150, 80)))
    (first, second), rest = minutes_of(readings)
    assert (first.minute, first.seconds_s, second.minute, second.seconds_s) == (0, 60, 1, 60)
    assert second.signal_ok_s == 60
    assert second.flooded_s == 0
    assert 78 < second.heart_rate_min_bpm <= second.heart_rate_mean_bpm <= second.heart_rate_max_bpm < 83
    assert second.rmssd_ms is not None
    assert (rest.minute, rest.seconds_s) == (2, 30)


def test_silence_passes_but_is_not_good_signal(heart, run):
    """The minute over a gap has its 60 seconds and few good ones; the next, all silent, has no heart rate at all."""
    _, readings, _, _ = run(heart((60, 80), (120, None), (60, 80)))
    (_, gap, silent, after), _ = minutes_of(readings)
    assert gap.seconds_s == silent.seconds_s == 60
    assert gap.signal_ok_s <= 4
    assert (silent.signal_ok_s, silent.heart_rate_mean_bpm, silent.rmssd_ms) == (0, None, None)
    assert after.signal_ok_s > 40


def test_a_packet_that_answers_for_two_seconds_counts_for_both(heart, run):
    """Arrival jitter across a whole second loses none."""
    packets = [(t_s + (0.2 if i % 2 else -0.2), m) for i, (t_s, m) in enumerate(heart((120, 80)))]
    _, readings, _, _ = run(packets)
    (_, second), _ = minutes_of(readings)
    assert second.signal_ok_s == 60


def test_flooded_seconds_are_counted(heart, run):
    _, readings, _, _ = run(heart((120, 120)))
    (_, second), _ = minutes_of(readings)
    assert second.flooded_s == 60


def test_nothing_yet_is_no_minute():
    assert MinuteAggregator().finish() is None
