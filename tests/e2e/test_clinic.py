"""A clinician's desk in a real browser: keyboard, both sizes and lights, and the report on paper."""

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from api.own_journal import open_own_journal
from tests.clinic import cookie_of, practice
from tests.e2e.axe import violations_at_both_sizes

PAGES = ("/clients", "/clients/how", "{mira}", "{mira}?weeks=52", "{mira}/compare", "{mira}/report")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("clinic")


@pytest.fixture(scope="module")
def made(folder):
    """A simulated practice on the disk: the clinician's cookie, Mira's, and the page of Mira."""
    journal = open_own_journal(folder, simulated=True, key_file=None)
    try:
        reader, clients = practice(journal, datetime.now(UTC))
        mira = clients["Mira K."]
        return cookie_of(journal, reader), cookie_of(journal, mira), f"/clients/{quote(mira.person_id)}"
    finally:
        journal.close()


@pytest.fixture
def desk(browser, start, folder, made):
    """The clinician's browser; it asks nobody outside and has no problem."""
    program = start("demo", "--speed", 1, "--port", 0, "--data", folder).wait_for_page()
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=program.url)
    context.add_cookies([{"name": "flooding_session", "value": made[0], "url": program.url}])
    page, problems = context.new_page(), []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("request", lambda asked: problems.append(asked.url) if not asked.url.startswith(program.url) else None)
    yield page
    context.close()
    assert problems == []


def test_every_page_is_accessible_and_fits_at_both_sizes_and_in_both_lights(desk, made):
    for path in PAGES:
        desk.goto(path.format(mira=made[2]))
        assert violations_at_both_sizes(desk) == [], path
        desk.set_viewport_size({"width": 390, "height": 844})
        assert desk.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_targets_are_large_enough_for_a_finger(desk, made):
    desk.set_viewport_size({"width": 390, "height": 844})
    small = """() => [...document.querySelectorAll("main a, main button, main summary, main input:not([type=hidden])")]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44 && !one.closest("p"))
        .map((one) => one.outerHTML.slice(0, 90))"""
    for path in PAGES:
        desk.goto(path.format(mira=made[2]))
        assert desk.evaluate(small) == [], path


def test_the_desk_works_by_keyboard_alone(desk, made):
    desk.goto("/clients")
    desk.get_by_role("link", name="Mira K.").focus()
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**{made[2]}")
    table = desk.get_by_test_id("figure-floods_per_hour")
    table.locator("summary").focus()
    desk.keyboard.press("Enter")
    assert table.get_by_role("table").is_visible()
    desk.get_by_role("link", name="Two periods").focus()
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/compare")
    desk.goto("/clients")
    row = desk.get_by_test_id("client").filter(has_text="Ruth B.")
    row.locator("summary").focus()
    desk.keyboard.press("Enter")
    row.get_by_label("Day and time").fill("2030-01-07T10:30")
    row.get_by_role("button", name="Keep").press("Enter")
    desk.get_by_text("Mon 7 January 2030, 10:30").wait_for()
    names = desk.get_by_test_id("client").locator("th").all_inner_texts()
    assert names[-1].startswith("Ruth B.")


def test_the_report_prints_to_a_few_pages_of_paper(desk, made):
    desk.emulate_media(color_scheme="dark")
    desk.goto(f"{made[2]}/report")
    paper = desk.pdf(prefer_css_page_size=True)
    assert paper.startswith(b"%PDF")
    assert 2 <= paper.count(b"/Type /Page\n") <= 4
    assert b"/MediaBox [0 0 594" in paper or b"/MediaBox [0 0 595" in paper, "A4"
    desk.emulate_media(media="print", color_scheme="dark")
    assert not desk.get_by_role("navigation").first.is_visible()
    assert not desk.get_by_role("button", name="Print").is_visible()
    assert desk.get_by_text("Not a medical device. It suggests, and never diagnoses.").is_visible()
    background, ink = desk.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert (background, ink) == ("rgb(255, 255, 255)", "rgb(0, 0, 0)")


def test_a_name_that_is_looked_for_leaves_one_row(desk):
    desk.goto("/clients")
    desk.get_by_label("Find a name").fill("tomasz")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**name=tomasz*")
    assert desk.get_by_test_id("client").count() == 1
    assert "everything since" in desk.get_by_test_id("client").inner_text()
    assert "without words" in desk.get_by_test_id("client").inner_text()


def test_a_wearer_sees_their_own_talks_drawn_and_can_read_them(desk, made):
    desk.goto("/clients/how")
    desk.context.add_cookies([{"name": "flooding_session", "value": made[1], "url": desk.url.split("/clients")[0]}])
    desk.goto("/trends")
    assert desk.get_by_role("heading", name="What your talks say over weeks").is_visible()
    assert violations_at_both_sizes(desk) == []
