from hrv.calm_time import CalmTime


def after_flood(*, ended, pause=None, resumed=None):
    """The times after a flood, with a pause that began, and perhaps ended, before the flood did."""
    calm = CalmTime()
    if pause is not None:
        calm.begin_pause(pause)
    if resumed is not None:
        calm.end_pause(resumed)
    calm.flood_ended(ended)
    return calm


def test_without_a_pause_the_twenty_minutes_count_from_the_floods_end():
    assert after_flood(ended=600).counts_from_s == 600


def test_a_pause_that_is_still_on_keeps_its_beginning():
    assert after_flood(ended=600, pause=400.0).counts_from_s == 400


def test_a_pause_that_was_over_before_the_floods_end_does_not_count_for_it():
    assert after_flood(ended=600, pause=400.0, resumed=500.0).counts_from_s == 600


def test_a_second_beginning_of_a_pause_changes_nothing():
    calm = after_flood(ended=600, pause=400.0)
    calm.begin_pause(700.0)
    assert calm.counts_from_s == 400


def test_all_is_over_only_when_pause_and_recovery_both_have_been_for_long_enough():
    calm = after_flood(ended=600, pause=400.0)
    calm.recovered(1600)
    assert not calm.is_over_for(9999, 300)
    calm.end_pause(1700.0)
    assert not calm.is_over_for(1999, 300)
    assert calm.is_over_for(2000, 300)
    calm.end_pause(1900.0)
    assert calm.is_over_for(2000, 300)


def test_recovering_after_the_pause_begins_the_time_anew():
    calm = after_flood(ended=600, pause=400.0, resumed=500.0)
    calm.recovered(1600)
    assert not calm.is_over_for(1899, 300)
    assert calm.is_over_for(1900, 300)
