"""Reviews as data: counts on each wearer's own clock, and nothing where there is too little."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journal.content import Response
from journal.reviews.patterns import (
    LEAST_ANSWERS,
    LEAST_RECOVERIES,
    LEAST_RISES,
    PartOfDay,
    heat_map,
    patterns,
)
from journal.reviews.rises import EntryFacts, Gathered, Rise, RiseKind, TalkSeen
from journal.reviews.stages import Stage, standing
from journal.reviews.weekly import monday_of, weekly

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
SUNDAY = date(2026, 3, 15)


def rise(at, kind=RiseKind.FLOOD, back_s=300, trigger=None, paused_after_s=None):
    triggers = (trigger,) if isinstance(trigger, str) else trigger
    entry = EntryFacts("e", "t", at.astimezone(UTC), at.tzinfo, triggers) if triggers else None
    return Rise(kind, at, 900.0, 1000.0, 112.0, 100.0, 78.0, "r", back_s, paused_after_s, entry)


def evening(day, zone=BERLIN, hour=20):
    return datetime(day.year, day.month, day.day, hour, 15, tzinfo=zone)


def test_a_week_tells_turned_and_flooded_apart_and_leaves_out_its_neighbours():
    monday = monday_of(SUNDAY)
    rises = [
        rise(evening(monday - timedelta(days=1))),
        rise(evening(monday), RiseKind.NEAR_MISS),
        rise(evening(SUNDAY)),
        rise(evening(SUNDAY + timedelta(days=1)), RiseKind.NEAR_MISS),
    ]
    week = weekly(Gathered(rises=rises, talks=[TalkSeen(one.at, None) for one in rises]), monday)
    assert (week.turned, week.floods, week.talks) == ([rises[1]], [rises[2]], 2)
    assert [len(day.rises) for day in week.days] == [1, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("zone", [BERLIN, NEW_YORK])
def test_an_evening_is_an_evening_before_and_after_the_clocks_change_and_on_a_trip(zone):
    """20:15 on the wall is 19:15 UTC in winter, 18:15 in summer, and past midnight UTC in New York."""
    days = [
        date(2026, 3, 28),
        date(2026, 3, 29),
        date(2026, 10, 24),
        date(2026, 10, 25),
        date(2026, 7, 4),
        date(2026, 1, 5),
    ]
    found = heat_map([rise(evening(day, zone)) for day in days], lambda one: (f"{one.at:%A}",))
    column = list(PartOfDay).index(PartOfDay.EVENING)
    assert sum(row[column] for row in found.counts) == found.total == len(days)
    assert found.names[0] in {"Saturday", "Sunday"}


def test_the_local_date_decides_about_the_week_not_the_date_in_utc():
    late = datetime(2026, 3, 15, 23, 30, tzinfo=NEW_YORK)  # Monday in UTC
    early = datetime(2026, 3, 16, 0, 30, tzinfo=BERLIN)  # Sunday in UTC
    seen = weekly(Gathered(rises=[rise(late), rise(early)]), monday_of(SUNDAY))
    assert [one.at for one in seen.floods] == [late]


def test_what_the_wearer_said_was_none_is_told_and_counted_nowhere():
    none = replace(rise(evening(SUNDAY)), kind=RiseKind.NOT_FLOODING, by_word=True)
    flood = rise(evening(SUNDAY))
    gathered = Gathered(rises=[none, flood], talks=[TalkSeen(flood.at, None)])
    week = weekly(gathered, monday_of(SUNDAY))
    assert (week.set_aside, week.floods, week.turned) == ([none], [flood], [])
    assert [list(day.rises) for day in week.days][-1] == [flood]
    found = patterns(gathered, SUNDAY)
    assert (found.set_aside, found.floods, found.rises, found.weeks[-1].floods) == (1, 1, 1, 1)
    assert (len(found.ways_back), found.unseen_back) == (1, 0)
    assert patterns(Gathered(rises=[none] * LEAST_RISES), SUNDAY).by_weekday is None


def test_a_flood_by_the_wearers_word_is_counted_and_its_way_back_is_not_missed():
    said = replace(rise(evening(SUNDAY), RiseKind.NEAR_MISS, back_s=None), kind=RiseKind.FLOOD, by_word=True)
    found = patterns(Gathered(rises=[said]), SUNDAY)
    assert (found.floods, found.near_misses, found.unseen_back) == (1, 0, 0)


def test_with_too_little_there_is_nothing_to_draw_and_it_is_known_how_little():
    for n in (0, LEAST_RISES - 1, LEAST_RISES):
        found = patterns(Gathered(rises=[rise(evening(SUNDAY), back_s=None)] * n), SUNDAY)
        assert (found.by_weekday is None, found.rises) == (n < LEAST_RISES, n)
        assert found.by_trigger is None
    for n in (LEAST_RECOVERIES - 1, LEAST_RECOVERIES):
        found = patterns(Gathered(rises=[rise(evening(SUNDAY), back_s=240)] * n), SUNDAY)
        assert found.typical_back_s == (240 if n == LEAST_RECOVERIES else None)


def test_floods_without_a_seen_way_back_are_counted_beside_those_with_one():
    rises = [rise(evening(SUNDAY), back_s=back_s) for back_s in (240, None, 300, None)]
    found = patterns(Gathered(rises=[*rises, rise(evening(SUNDAY), RiseKind.NEAR_MISS, None)]), SUNDAY)
    assert (len(found.ways_back), found.unseen_back) == (2, 2)


def test_triggers_are_counted_by_category_most_often_first():
    rises = [rise(evening(SUNDAY), trigger="Plans")] * 2 + [
        rise(evening(SUNDAY, hour=9), trigger="Feeling unheard")
    ] * 5
    found = patterns(Gathered(rises=[*rises, rise(evening(SUNDAY))]), SUNDAY).by_trigger
    assert (found.names, found.total) == (["Feeling unheard", "Plans"], 7)
    assert found.most == ("Feeling unheard", PartOfDay.MORNING)
    tied = heat_map([rise(evening(SUNDAY, hour=h)) for h in (9, 9, 9, 20, 20, 20)], lambda _: ("all",))
    assert tied.most is None


def test_responses_come_with_what_they_led_to():
    def answered(response, consequence, n):
        at = evening(SUNDAY)
        return [EntryFacts(f"{n}", None, at, BERLIN, (), (response,), consequence)] * n

    withdraw, pursue = Response.WITHDRAW, Response.PURSUE
    entries = [*answered(withdraw, "silence", 2), *answered(withdraw, None, 1), *answered(pursue, "a quarrel", 1)]
    found = patterns(Gathered(entries=entries), SUNDAY)
    assert found.answered == LEAST_ANSWERS
    assert [(one.response, one.times, one.consequences) for one in found.responses] == [
        ("withdraw", 3, [("silence", 2)]),
        ("pursue", 1, [("a quarrel", 1)]),
    ]
    assert patterns(Gathered(entries=entries[1:]), SUNDAY).responses is None


def test_a_rise_with_several_triggers_stands_in_the_row_of_each_and_is_one_rise():
    rises = [rise(evening(SUNDAY), trigger=("Plans", "Money"))] + [rise(evening(SUNDAY), trigger="Plans")] * 5
    found = patterns(Gathered(rises=rises), SUNDAY).by_trigger
    column = list(PartOfDay).index(PartOfDay.EVENING)
    assert (found.names, [row[column] for row in found.counts], found.total) == (["Plans", "Money"], [6, 1], 6)


def test_several_responses_of_one_entry_are_each_counted_with_what_came_of_it():
    both = EntryFacts("e", None, evening(SUNDAY), BERLIN, (), (Response.ATTACK, Response.WITHDRAW), "silence")
    found = patterns(Gathered(entries=[both] * LEAST_ANSWERS), SUNDAY)
    assert found.answered == LEAST_ANSWERS
    assert {(one.response, one.times) for one in found.responses} == {(Response.ATTACK, 4), (Response.WITHDRAW, 4)}
    assert all(one.consequences == [("silence", 4)] for one in found.responses)


def test_weeks_over_time_begin_with_the_first_talk_and_keep_empty_weeks_between():
    days = [SUNDAY - timedelta(weeks=4), SUNDAY]
    gathered = Gathered(talks=[TalkSeen(evening(day), None) for day in days], rises=[rise(evening(days[0]))])
    weeks = patterns(gathered, SUNDAY).weeks
    assert [(week.talks, week.floods) for week in weeks] == [(1, 1), (0, 0), (0, 0), (0, 0), (1, 0)]
    assert weeks[-1].first == monday_of(SUNDAY)


DAYS = st.integers(-120, 30).map(lambda n: SUNDAY + timedelta(days=n))
RISES = st.lists(
    st.builds(
        lambda day, hour, kind, zone, back: rise(evening(day, zone, hour), kind, back_s=back),
        DAYS,
        st.integers(0, 23),
        st.sampled_from(RiseKind),
        st.sampled_from([BERLIN, NEW_YORK]),
        st.none() | st.integers(0, 3000),
    ),
    max_size=40,
)


@settings(max_examples=80, deadline=None)
@given(rises=RISES)
def test_no_rise_is_lost_or_counted_twice(rises):
    found = patterns(Gathered(rises=rises, talks=[TalkSeen(one.at, None) for one in rises]), SUNDAY)
    if found.by_weekday:
        assert sum(map(sum, found.by_weekday.counts)) == found.by_weekday.total == found.rises
    in_weeks = [weekly(Gathered(rises=rises), week.first) for week in found.weeks]
    assert [(week.floods, week.near_misses) for week in found.weeks] == [
        (len(week.floods), len(week.turned)) for week in in_weeks
    ]
    for week in in_weeks:
        assert sum(len(day.rises) for day in week.days) == len(week.floods) + len(week.turned)
    inside = [one for one in rises if found.first <= one.at.date() <= found.last]
    assert found.floods + found.near_misses + found.set_aside == len(inside)


@pytest.mark.parametrize(
    ("days", "stage", "week"),
    [
        (0, Stage.AWARENESS, 1),
        (13, Stage.AWARENESS, 2),
        (14, Stage.DISCLOSURE, 3),
        (21, Stage.CO_CREATION, 4),
        (41, Stage.CO_CREATION, 6),
        (42, Stage.INTEGRATION, 7),
        (-3, Stage.AWARENESS, 1),
    ],
)
def test_stage_follows_the_calendar_of_ones_own_entries(days, stage, week):
    found = standing(SUNDAY, SUNDAY + timedelta(days=days))
    assert (found.stage, found.week) == (stage, week)
