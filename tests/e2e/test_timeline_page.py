"""An entry's timeline and the reviews in a real browser: drawn with few points, read by keys, nothing wider than the page."""

import re
from datetime import date

import pytest
from playwright.sync_api import expect

from tests.simulated_year import make

UNTIL = date(2026, 3, 15)

THIN = """async ({ t_s, values, seen, columns }) => {
    const { thinned } = await import("/static/js/thinned.js");
    return thinned([t_s, values], seen, columns);
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three simulated talks, weeks apart: a table of many weeks has to stay inside the page."""
    folder = tmp_path_factory.mktemp("talks")
    make(folder, talks=3, until=UNTIL, partner=False, entries_of_all=True, every_days=38)
    return folder


@pytest.fixture
def page(browser, start, folder):
    program = start("demo", "--port", 0, "--speed", 1, "--data", folder).wait_for_page()
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=program.url)
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.goto("/")
    page.get_by_test_id("welcome-begin").click()
    yield page
    context.close()
    assert problems == []


CLOCKS = """async () => {
    const { clocksChange, clockTimeAfter, secondShowing } = await import("/static/js/clock.js");
    const seconds = (clock) => clock.split(":").reduce((sum, part) => 60 * sum + Number(part), 0) * 60;
    const told = (began, change, seconds_s) => {
        clocksChange(change);
        return seconds_s.map((t) => [clockTimeAfter(began, t), secondShowing(began, seconds(clockTimeAfter(began, t)))]);
    };
    return {
        spring: told("2026-03-29T01:30:00+01:00", [1800, 3600], [0, 1740, 1800, 3600]),
        autumn: told("2026-10-25T02:30:00+02:00", [1800, -3600], [0, 1740, 1800, 5400]),
        other: told("2026-03-12T20:00:00+01:00", null, [0, 1800]),
    };
}"""


def test_a_talk_across_a_change_of_the_clocks_is_read_at_the_times_that_were_on_the_wall(page):
    """Berlin: in spring 01:59 is followed by 03:00, in autumn 02:59 by 02:00."""
    assert page.evaluate(CLOCKS) == {
        "spring": [["01:30", 0], ["01:59", 1740], ["03:00", 1800], ["03:30", 3600]],
        "autumn": [["02:30", 0], ["02:59", 1740], ["02:00", 1800], ["03:00", 5400]],
        "other": [["20:00", 0], ["20:30", 1800]],
    }


def four_hours():
    """A heart rate for four hours with one highest and one lowest second, and a gap."""
    values = [70 + (n * 7919 % 13) for n in range(4 * 3600)]
    values[5000], values[9001] = 131, 41
    values[11000:11040] = [None] * 40
    return values


def test_four_hours_are_drawn_with_few_points_and_lose_no_peak_and_no_gap(page):
    values = four_hours()
    given = {"t_s": list(range(len(values))), "values": values, "seen": [0, len(values)], "columns": 312}
    t_s, kept = page.evaluate(THIN, given)
    assert len(t_s) <= 5 * 312 + 10
    assert t_s == sorted(set(t_s))
    assert all(values[t] == value for t, value in zip(t_s, kept, strict=True))
    assert {5000, 9001} <= set(t_s)
    inside = [value for t, value in zip(t_s, kept, strict=True) if 11000 <= t < 11040]
    assert None in inside
    assert all(value is None for value in inside)


def test_a_part_of_the_talk_that_fits_is_drawn_second_by_second(page):
    values = four_hours()
    t_s, kept = page.evaluate(
        THIN, {"t_s": list(range(len(values))), "values": values, "seen": [4990, 5290], "columns": 312}
    )
    assert t_s == list(range(4989, 5292))
    assert kept == values[4989:5292]


def test_the_timeline_is_moved_zoomed_and_read_by_keys(page):
    page.goto("/journal")
    page.get_by_test_id("entry").first.click()
    timeline, readout = page.get_by_test_id("timeline"), page.locator("#readout")
    expect(timeline.locator("canvas")).to_be_visible()
    timeline.focus()
    expect(page.locator("#whole")).to_be_hidden()
    page.keyboard.press("+")
    expect(page.locator("#whole")).to_be_visible()
    page.keyboard.press("Shift+ArrowRight")
    first = readout.inner_text()
    assert re.fullmatch(r"\d\d:\d\d: (\d+ beats a minute|no signal).*\.", first)
    for _ in range(8):
        page.keyboard.press("Shift+ArrowRight")
    assert readout.inner_text() != first
    page.keyboard.press("Escape")
    expect(readout).to_have_text("")
    page.keyboard.press("Home")
    expect(page.locator("#whole")).to_be_hidden()


def test_pointing_at_the_timeline_reads_it(page):
    page.goto("/journal")
    page.get_by_test_id("entry").first.click()
    timeline = page.get_by_test_id("timeline")
    expect(timeline.locator("canvas")).to_be_visible()
    timeline.hover(position={"x": 150, "y": 140})
    expect(page.locator("#readout")).to_contain_text("beats a minute")


def test_review_pages_fit_a_phone_and_every_chart_has_its_words(page):
    for path in (f"/review?day={UNTIL}", f"/review/patterns?day={UNTIL}", "/review/how", "/review"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        for drawing in page.locator("main svg:not(.icon):not(.key-dot)").all():
            assert drawing.get_attribute("aria-label") or drawing.get_attribute("aria-hidden") == "true"
        for table in page.locator("main table").all():
            assert table.locator("caption").count() == 1
            assert table.locator("th[scope]").count() > 0


def test_the_daily_check_is_kept_by_keys_alone(page):
    page.goto("/review")
    page.get_by_role("radio", name="On alert").focus()
    page.keyboard.press("Space")
    page.get_by_role("checkbox", name="A pause").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Keep it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Kept for today.")).to_be_visible()
    expect(page.get_by_role("radio", name="On alert")).to_be_checked()
    expect(page.get_by_role("checkbox", name="A pause")).to_be_checked()
