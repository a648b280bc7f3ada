"""Trends in words and drawings: honest about few talks, whatever the figures are."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.formats.fhir import OWN_CODES, talks_bundle
from api.formats.talks_csv import COLUMNS, talks_csv
from api.periods import BadPeriod, Period, apart, period_from
from api.trend_drawings import axis_of, small_drawing, version_changes, weeks_drawing
from api.views.clients import comparison_view, in_order, last_and_before, trends_view, weeks_of
from api.words.trends import NAMES, arrow_words, change_sentence, change_words, estimate_words, grants_words, new_words
from journal.sharing import Grant
from journal.trends.clients import Client, ShownTalk, ShownTrend
from journal.trends.figures import LEAST_TALKS, Change, Figure, FloodFigures, TalkFigures, by_week
from journal.trends.uncertainty import Estimate

MONDAY = date(2026, 1, 5)
TODAY = date(2026, 3, 14)
THEN = datetime(2026, 1, 12, 12, tzinfo=UTC)
FORBIDDEN = re.compile(r"\b((?i:should|abnormal|risk|fail\w*|late|better|worse)|nan|inf|None)\b|!")


def talk(day, **more):
    began = datetime(day.year, day.month, day.day, 19, tzinfo=UTC)
    calm = TalkFigures(began, 3000.0, 0.0, 72.0, 40.0, (), 1, 0, 0, "3", 0.0)
    return replace(calm, **more)


def flooded(day, **more):
    return talk(day, floods=(FloodFigures(115.0, 43.0, 900.0),), above_line_s=300.0, **more)


def shown(*talks, grants=(), simulated=False, waiting=0):
    told = tuple(ShownTalk(f"e{n}", one) for n, one in enumerate(talks))
    return ShownTrend("w", "Mira", grants, told, waiting, simulated)


def weeks(talks, n=8):
    return by_week(talks, first_monday=MONDAY, weeks=n)


def ordered(low, *more):
    """Estimates from amounts above one another."""
    amounts = st.tuples(low, *more)
    return amounts.map(lambda a: Estimate(a[0] + a[1], a[0], a[0] + a[1] + a[2]))


few, open_end = st.floats(0, 100), st.one_of(st.floats(0, 100), st.just(inf))
estimates = ordered(st.floats(0, 200), few, open_end)
ratios = st.one_of(estimates, ordered(few, st.just(inf), few))
shifts = ordered(st.floats(-200, 200), few, few)
nothing_or = st.none() | estimates
changes = st.builds(Change, nothing_or, nothing_or, st.none() | ratios, st.just(True)) | st.builds(
    Change, nothing_or, nothing_or, st.none() | shifts, st.just(False)
)


@given(st.sampled_from(Figure), changes, st.integers(0, 30), st.integers(0, 30))
def test_every_sentence_is_one_sentence_without_a_verdict(figure, change, before, after):
    said = change_sentence(figure, change, before, after)
    assert re.fullmatch(r"[A-Z][^\n]*[^. ]\.", said), said
    assert not FORBIDDEN.search(said), said
    assert "  " not in said


@given(st.sampled_from(Figure), changes, st.integers(0, LEAST_TALKS - 1), st.integers(0, 30))
def test_with_too_few_talks_no_number_of_a_change_is_told(figure, change, few, other):
    for before, after in ((few, other), (other, few)):
        said = change_sentence(figure, change, before, after)
        assert said.startswith(("Too few talks to say", "No talk in"))
        assert not re.search(r"[+−]|times|lower|higher", said.lower())


@given(changes)
def test_an_arrow_is_drawn_only_where_the_interval_leaves_out_that_nothing_changed(change):
    assert (arrow_words(change) is not None) == change.is_clear


@given(st.sampled_from(Figure), st.none() | estimates)
def test_a_figure_is_never_told_without_its_interval(figure, found):
    said = estimate_words(figure, found)
    assert ("(" in said) == (found is not None)
    assert not FORBIDDEN.search(said), said


@given(st.sampled_from(Figure), changes)
def test_a_change_is_told_with_its_interval_or_why_not(figure, change):
    said = change_words(figure, change)
    assert not FORBIDDEN.search(said), said
    if change.change is None:
        assert said.startswith(("too few", "no "))


def test_what_is_shared_is_said_in_words():
    since = Grant("g", None, THEN, True, THEN)
    single = [Grant(f"s{n}", f"e{n}", None, True, THEN) for n in range(3)]

    def words(*grants):
        return grants_words(grants, today=TODAY)

    assert words(since) == "everything since 12 January"
    assert words(*single) == "three entries"
    assert words(single[0]) == "one entry"
    assert words(since, single[0]) == "everything since 12 January and one entry"
    assert words(replace(since, with_words=False)) == "everything since 12 January (without words)"
    assert words(replace(since, until_at=THEN + timedelta(days=90))) == "everything since 12 January, until 12 April"
    later = replace(since, id="g2", from_at=THEN + timedelta(days=7))
    assert words(later, since) == "everything since 12 January", "the wider says all of the narrower"
    assert grants_words([since], today=date(2027, 1, 1)) == "everything since 12 January 2026"


CLIENT = Client("a", "w", "Mira", (), None, None, (), None, 0, False, None)


def test_the_order_is_that_of_appointments_and_nothing_else():
    now = datetime(2026, 3, 14, 12)  # noqa: DTZ001  their own clock

    def client(name, at, floods=0):
        found = weeks([flooded(MONDAY)] * floods)
        return replace(CLIENT, name=name, next_appointment=at, weeks=tuple(found))

    given_ = [
        client("Zoe", None, 9), client("anna", None), client("Past", now - timedelta(days=7)),
        client("Later", now + timedelta(days=3)), client("Soon", now + timedelta(hours=2), 3),
    ]  # fmt: skip
    assert [one.name for one in in_order(given_, now)] == ["Soon", "Later", "anna", "Past", "Zoe"]
    assert new_words(CLIENT) == "Nothing new"


@given(
    st.sampled_from(Figure),
    st.lists(
        st.tuples(st.integers(0, 80), st.integers(0, 6), st.integers(0, 4000).map(float), st.integers(0, 3)),
        max_size=30,
    ),
    st.one_of(st.none(), st.integers(-20, 90)),
    st.integers(1, 60),
)
def test_every_dot_and_bar_stands_within_its_drawing(figure, told, since, n):
    talks = [
        talk(MONDAY + timedelta(days=day), heard_s=heard, floods=(FloodFigures(120.0, None, None),) * floods,
             near_misses=turned, above_line_s=min(heard, 100.0 * floods))
        for day, floods, heard, turned in told
    ]  # fmt: skip
    found = weeks(talks, n)
    drawing = weeks_drawing(
        figure, found, shared_from=None if since is None else MONDAY + timedelta(days=since), all_is_shared=False
    )
    for x, y in re.findall(r"[ML]([-\d.]+) ([-\d.]+)", drawing.marks.bars + drawing.marks.dots + drawing.marks.single):
        assert 44 <= float(x) <= drawing.width
        assert 0 <= float(y) <= 160
    assert all(44 <= x <= x + width <= drawing.width for x, width in drawing.hatched)
    assert len(drawing.talks) == n
    assert drawing.marks.dots.count("M") == sum(bool(week.talks) and week.figures[figure] is not None for week in found)
    assert len(drawing.ticks) <= 8
    small_drawing(figure, found, axis_of(figure, found))


def test_only_weeks_that_follow_each_other_are_joined():
    found = weeks([flooded(MONDAY + timedelta(days=7 * week)) for week in (0, 1, 3, 4, 5)])
    lines = weeks_drawing(Figure.FLOODS, found, shared_from=None, all_is_shared=True).marks.lines
    assert lines.count("M") == 3
    drawn = [float(x) for x in re.findall(r"[ML]([\d.]+) ", lines)]
    assert all(after - before < 45 for before, after in zip(drawn[::2], drawn[1::2], strict=True))


def test_what_is_not_shared_is_hatched_and_a_shared_single_entry_is_left_clear():
    found = weeks([flooded(MONDAY + timedelta(days=7 * week)) for week in (1, 4, 5)])
    since = weeks_drawing(Figure.FLOODS, found, shared_from=MONDAY + timedelta(days=24), all_is_shared=False)
    assert len(since.hatched) == 3  # weeks 0, 2 and the first half of 3; of week 1 something is shown
    assert since.grant_x == pytest.approx(44 + 39 * 24 / 7, abs=0.1)
    single = weeks_drawing(Figure.FLOODS, found, shared_from=None, all_is_shared=False)
    assert len(single.hatched) == 5
    assert single.grant_x is None
    own = weeks_drawing(Figure.FLOODS, found, shared_from=None, all_is_shared=True)
    assert own.hatched == []


def test_another_version_of_the_detector_and_lost_signal_are_marked():
    talks = [talk(MONDAY, algorithm_version="2"), talk(MONDAY + timedelta(days=15), lost_s=1000.0)]
    found = weeks(talks)
    assert version_changes(found) == [(2, "3")]
    drawing = weeks_drawing(Figure.BASELINE, found, shared_from=None, all_is_shared=True)
    assert [(one.text) for one in drawing.lost] == ["25"]
    told = trends_view(shown(*talks), Period(MONDAY, TODAY), today=TODAY)
    assert told.versions == [
        "From the week of 19 January on the detector is version 3; figures before and after can differ by that."
    ]
    assert told.missing == "14 % of the talk time had no good signal and counts for nothing."


def test_too_few_for_an_interval_are_told_one_by_one():
    told = trends_view(shown(flooded(MONDAY)), Period(MONDAY, TODAY), today=TODAY)
    peak = next(one for one in told.figures if one.key == "peak_bpm")
    assert peak.weeks[0].words == "one by one: 115\N{NO-BREAK SPACE}bpm"
    assert peak.weeks[0].estimate is None
    assert peak.weeks[1].words == "no talk"
    assert [one.key for one in told.figures] == [named.key for named in NAMES.values()]


def test_two_periods_with_few_talks_tell_no_change():
    before, after = last_and_before(TODAY)[::-1]
    few = [flooded(before.first + timedelta(days=day)) for day in range(3)]
    many = [talk(after.first + timedelta(days=day), near_misses=0) for day in range(12)]
    told = comparison_view(shown(*few, *many), before, after, today=TODAY)
    assert told.too_few == "Too few talks to say what changed: each period needs 4, and the smaller one has 3."
    assert {one.change_words for one in told.figures} == {"too few talks to say"}
    enough = [flooded(before.first + timedelta(days=day)) for day in range(12)]
    told = comparison_view(shown(*enough, *many), before, after, today=TODAY)
    floods = next(one for one in told.figures if one.key == "floods_per_hour")
    assert told.too_few is None
    assert (floods.is_clear, floods.goes_down) == (True, True)
    assert floods.change_words.startswith("at most 0.")


def test_the_periods_of_trends_and_of_the_caseloads_arrow_are_the_same():
    after, before = last_and_before(date(2026, 3, 11))  # a Wednesday
    assert (after.first, after.last) == (date(2026, 2, 16), date(2026, 3, 11))
    assert (before.first, before.last) == (date(2026, 1, 19), date(2026, 2, 15))
    assert len(weeks_of([], Period(date(2026, 1, 7), date(2026, 1, 12)))) == 2


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [("2026-13-01", "2026-03-01", "is no day"), ("2026-03-08", "2026-03-02", "Swap"), ("2026-03-08", "", "two days"),
     ("0001-01-01", "2026-01-01", "Nothing is stored"), ("1990-01-01", "2026-01-01", "five years"),
     ("<script>", "x", "is no day")],
)  # fmt: skip
def test_days_that_make_no_period_are_refused_in_words(first, last, said):
    with pytest.raises(BadPeriod, match=said):
        period_from(first, last, Period(MONDAY, TODAY))


def test_periods_that_share_a_day_are_refused():
    with pytest.raises(BadPeriod, match="share days"):
        apart(Period(MONDAY, TODAY), Period(TODAY, TODAY))
    apart(Period(MONDAY, TODAY), Period(TODAY + timedelta(days=1), TODAY + timedelta(days=2)))


def test_the_csv_has_a_row_a_talk_empty_cells_and_no_formula():
    bare = talk(MONDAY, baseline_bpm=None, rmssd_baseline_ms=None, algorithm_version="=cmd()")
    content = talks_csv(shown(flooded(MONDAY), bare, simulated=True))
    header, *rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    assert tuple(header) == COLUMNS
    assert content.count(b"\r\n") == 3
    first, second = (dict(zip(header, row, strict=True)) for row in rows)
    assert first["began"] == "2026-01-05T19:00:00+00:00"
    assert (first["floods"], first["way_back_s"], first["highest_bpm"]) == ("1", "900.0", "115.0")
    assert (second["baseline_bpm"], second["highest_bpm"], second["way_back_s"]) == ("", "", "")
    assert second["algorithm_version"] == "'=cmd()"
    assert second["simulated"] == "yes"


def test_fhir_says_what_is_absent_and_names_simulated_talks():
    pytest.importorskip("fhir.resources")
    told = talks_bundle(shown(flooded(MONDAY), talk(MONDAY, baseline_bpm=None), simulated=True), now=THEN)
    observations = [one["resource"] for one in told["entry"] if one["resource"]["resourceType"] == "Observation"]
    assert len(observations) == 20
    assert {one["meta"]["tag"][0]["code"] for one in observations} == {"HTEST"}
    rates = [one for one in observations if one["code"]["coding"][0]["code"] == "8867-4"]
    assert rates[0]["valueQuantity"]["value"] == 72.0
    assert rates[1]["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    own = [one["code"]["coding"][0] for one in observations if one not in rates]
    assert {coding["system"] for coding in own} == {OWN_CODES}
    assert len({one["fullUrl"] for one in told["entry"]}) <= len(told["entry"])
