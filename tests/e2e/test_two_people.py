"""Two people, two phones, two simulated straps: from the invitation to two private entries, in a real browser."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations
from tests.e2e.two_people import PHONE, join, opt_in

SENTENCE = "One of us could use a pause."


@pytest.fixture
def speed():
    """The demo's pace: a whole pause is worth waiting for, and one real second is a simulated minute."""
    return 60


@pytest.fixture
def program(start, speed):
    return start("demo", "--port", 0, "--speed", speed).wait_for_page()


@pytest.fixture
def mira(browser, program):
    page = watched(browser.new_context(viewport=PHONE, base_url=program.url).new_page())
    page.goto("/")
    page.get_by_test_id("welcome-begin").click()
    page.get_by_test_id("start-talk").wait_for()
    yield page
    page.context.close()
    assert page.problems == []


@pytest.fixture
def jonas(browser, program, mira):
    page = watched(join(mira, browser, program.url))
    yield page
    page.context.close()
    assert page.problems == []


def watched(page):
    """The page with a list of what went wrong in it."""
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    return page


def return_time(page):
    return page.get_by_test_id("return-time").inner_text()


def minutes_left(page):
    """The countdown as it stands, with the real moment at which it was read."""
    words = page.locator("#return-in").inner_text()
    return int(re.search(r"in (\d+) minute", words).group(1)), time.monotonic()


def test_two_people_from_opt_in_to_two_private_entries(mira, jonas):
    # Her page says that he is in, without a reload, and keeps what it told once.
    expect(mira.get_by_role("heading", name="Mira and Jonas")).to_be_visible()
    expect(mira.get_by_test_id("leave-pair")).to_be_visible()
    expect(mira.get_by_test_id("code-other")).to_have_count(0)
    expect(mira.locator(".way-back-words").first).to_contain_text("-")

    # One yes begins nothing, and can be taken back.
    mira.goto("/talk")
    mira.get_by_test_id("opt-in-yes").click()
    expect(mira.get_by_test_id("opt-in")).to_contain_text("You are in.")
    expect(jonas.get_by_test_id("opt-in")).to_contain_text("Mira is in.")
    mira.get_by_test_id("opt-in-no").click()
    expect(jonas.get_by_test_id("opt-in")).to_contain_text("Mira has not said yes yet.")
    opt_in(mira, jonas)

    # The quiet minutes of both, then each their own heart.
    for page in (mira, jonas):
        expect(page.get_by_test_id("state-word")).to_contain_text("Finding your usual")
    for page in (mira, jonas):
        expect(page.get_by_test_id("state-word")).to_contain_text(re.compile("Steady|Rising"), timeout=20_000)
        expect(page.get_by_text("You’re both here.")).to_be_visible()

    # One floods. Both pages say the same sentence; only the flooded one says more, and only to her.
    expect(mira.get_by_test_id("suggestion")).to_be_visible(timeout=40_000)
    expect(mira.get_by_test_id("suggestion")).to_contain_text(SENTENCE)
    expect(jonas.get_by_test_id("shared")).to_contain_text(SENTENCE)
    expect(jonas.get_by_test_id("shared")).to_contain_text("This page doesn’t say who")
    seen = jonas.locator("main").inner_text()
    assert not re.search(r"Mira|alarm|[Ff]lood|beats", seen), seen
    assert violations(jonas) == []

    # The one without alarm calls the pause, by the key.
    jonas.keyboard.press("p")
    for page in (mira, jonas):
        expect(page.get_by_test_id("pause")).to_be_visible()
        expect(page.get_by_test_id("pause")).to_contain_text("You’re both back at")
    promised = return_time(jonas)
    assert return_time(mira) == promised
    assert not re.search(r"Mira|Jonas", mira.get_by_test_id("pause").inner_text())

    # The countdowns agree: a minute of the demo is a real second, so they differ by no more than that.
    (left_mira, at_mira), (left_jonas, at_jonas) = minutes_left(mira), minutes_left(jonas)
    assert abs((left_mira + at_mira) - (left_jonas + at_jonas)) <= 1.5

    # A reload in mid-pause keeps the promise.
    jonas.reload()
    expect(jonas.get_by_test_id("return-time")).to_have_text(promised)
    assert violations(jonas) == []

    # She needs more; the new time is on both pages.
    mira.get_by_test_id("more-time").click()
    mira.get_by_test_id("extend-5").click()
    expect(mira.get_by_test_id("return-time")).not_to_have_text(promised)
    later = return_time(mira)
    expect(jonas.get_by_test_id("return-time")).to_have_text(later)

    # He is back first; the talk goes on when both are, with a phrase of theirs.
    expect(jonas.get_by_role("button", name="I’m ready")).to_be_visible(timeout=60_000)
    jonas.get_by_test_id("ready").click()
    expect(jonas.get_by_test_id("pause")).to_contain_text("The talk goes on when you both are.")
    expect(mira.get_by_role("button", name="I’m ready")).to_be_visible(timeout=60_000)
    mira.get_by_role("button", name="I am here.").click()
    expect(mira.get_by_role("button", name="I am here.")).to_have_attribute("aria-pressed", "true")
    mira.get_by_test_id("ready").click()
    for page in (mira, jonas):
        expect(page.get_by_test_id("pause")).to_be_hidden()

    # One leaves; the other's page says that it has ended, and not who did it.
    jonas.get_by_test_id("end-talk").click()
    jonas.get_by_test_id("confirm-end").click()
    expect(mira.get_by_text("The talk has ended.").last).to_be_visible()
    assert "Jonas" not in mira.locator("main").inner_text()

    # Two entries, each of one's own heart.
    entries = {}
    for page in (mira, jonas):
        page.get_by_test_id("entry-link").click()
        expect(page.get_by_test_id("timeline").locator("canvas")).to_be_visible()
        entries[page] = page.url
    assert re.search(r"Flood at", mira.locator("main").inner_text())
    assert not re.search(r"Flood at|Took the suggested", jonas.locator("main").inner_text())
    assert entries[mira] != entries[jonas]

    # What his heart did is on her page as long as he shows it, and not a reload longer.
    for shown in (True, False):
        jonas.get_by_test_id("show-curve").click()
        expect(jonas.get_by_test_id("show-curve")).to_have_attribute("aria-pressed", str(shown).lower())
        mira.reload()
        expect(mira.get_by_test_id("shown-curve")).to_have_count(int(shown))
        if shown:
            assert violations(mira) == []
    for page, other in ((mira, jonas), (jonas, mira)):
        assert page.request.get(entries[other]).status == 404
        page.problems.clear()
        page.goto("/journal")
        expect(page.get_by_test_id("entry")).to_have_count(1)


@pytest.mark.parametrize("speed", [10])
def test_the_sentence_raised_silently_is_on_both_pages_and_put_away_by_each_alone(mira, jonas):
    opt_in(mira, jonas)
    mira.get_by_test_id("begin-topic").click()
    mira.get_by_test_id("raise-quietly").click()
    for page in (mira, jonas):
        expect(page.get_by_test_id("shared")).to_contain_text(SENTENCE)
        expect(page.locator("#announcer")).to_have_text(SENTENCE)
    assert mira.locator("main").inner_text() == jonas.locator("main").inner_text()
    mira.get_by_test_id("put-away").click()
    expect(mira.get_by_test_id("shared")).to_be_hidden()
    mira.wait_for_timeout(500)
    expect(jonas.get_by_test_id("shared")).to_be_visible()
    assert violations(mira) == []


@pytest.mark.parametrize("speed", [10])
def test_ones_own_curve_is_ones_own_switch(mira, jonas):
    opt_in(mira, jonas)
    mira.get_by_test_id("begin-topic").click()
    for page in (mira, jonas):
        expect(page.get_by_test_id("live-chart")).to_be_visible()
    mira.get_by_test_id("curve").click()
    expect(mira.get_by_test_id("live-chart")).to_be_hidden()
    mira.reload()
    expect(mira.get_by_test_id("curve")).to_have_text("Show my curve")
    expect(mira.get_by_test_id("live-chart")).to_be_hidden()
    expect(jonas.get_by_test_id("live-chart")).to_be_visible()

    # Also where he goes on at her phone: and the page that she left open behind shows her heart no more.
    behind = mira.context.new_page()
    behind.goto("/talk")
    expect(behind.get_by_test_id("state-word")).to_contain_text(re.compile(r"\w"))
    jonas.goto("/two")
    jonas.get_by_test_id("code-mine").click()
    code = jonas.get_by_test_id("join-url").inner_text()
    mira.goto("/two")
    mira.get_by_test_id("sign-out").click()
    behind.wait_for_url("**/welcome", timeout=20_000)
    mira.goto(code)
    mira.get_by_test_id("join").click()
    expect(mira.get_by_test_id("live-chart")).to_be_visible()
    mira.problems.clear()  # a browser takes a refusal down as an error


@pytest.mark.parametrize("speed", [10])
def test_an_agreement_is_written_by_both_and_the_pause_goes_by_it(mira, jonas):
    mira.goto("/agreement")
    mira.locator("[data-example-for=word]").first.click()
    mira.locator("#pause_min").fill("25")
    mira.locator('[data-example-for="second.meanwhile"]', has_text="Music").click()
    mira.locator('[id="second.phrases"]').fill("Here I am.")
    assert violations(mira) == []
    mira.get_by_test_id("keep-terms").click()
    mira.get_by_test_id("yes-mine").wait_for()
    mira.wait_for_load_state()
    mira.get_by_test_id("yes-mine").click()
    expect(mira.get_by_test_id("standing")).to_contain_text("Jonas has not said yes yet")
    expect(mira.get_by_test_id("yes-other")).to_have_count(0), "his yes is his own phone's"
    jonas.goto("/agreement")
    jonas.get_by_test_id("yes-mine").click()
    expect(jonas.get_by_test_id("standing")).to_contain_text("in force")
    assert violations(jonas) == []

    opt_in(mira, jonas)
    jonas.get_by_test_id("call-pause").click()
    expect(jonas.get_by_test_id("pause")).to_contain_text("25 minutes")
    expect(jonas.get_by_test_id("helps")).to_contain_text("Music")
    expect(mira.get_by_test_id("helps")).to_be_hidden()
    summary = jonas.locator("#turn-to summary")
    jonas.route("**/api/turn-to", lambda route: route.abort())
    summary.click()
    expect(jonas.get_by_test_id("turn-to")).to_contain_text("can’t be read just now")
    jonas.unroute("**/api/turn-to")
    jonas.problems.clear()  # the browser logs the request that was cut off
    summary.click()
    summary.click()
    expect(jonas.get_by_test_id("turn-to")).to_contain_text("Nobody is on your list yet")
    assert violations(jonas) == []


@pytest.mark.parametrize("speed", [10])
def test_two_people_write_an_agreement_on_one_phone(mira):
    mira.goto("/two")
    assert violations(mira) == []
    mira.get_by_test_id("other-name").fill("Jonas")
    mira.get_by_test_id("begin-pair").click()
    mira.wait_for_url("**/agreement")
    mira.wait_for_load_state()
    mira.locator("[data-example-for=gesture]").first.click()
    mira.get_by_test_id("keep-terms").click()
    mira.get_by_test_id("yes-mine").wait_for()
    mira.wait_for_load_state()
    mira.get_by_test_id("yes-mine").click()
    expect(mira.get_by_test_id("standing")).to_contain_text("Mira has said yes.")
    mira.wait_for_load_state()
    mira.get_by_test_id("yes-other").click()
    expect(mira.get_by_test_id("standing")).to_contain_text("in force")
    mira.wait_for_load_state()
    mira.get_by_test_id("withdraw").click()
    expect(mira.get_by_test_id("standing")).to_contain_text("Nothing agreed yet")
    expect(mira.get_by_text("stepped out of")).to_be_visible()


@pytest.mark.parametrize("speed", [10])
def test_everything_that_two_share_works_by_keyboard(mira, jonas):
    def reach(page, test_id):
        for _ in range(60):
            if page.evaluate("document.activeElement?.dataset?.testid") == test_id:
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"{test_id} is not reached by Tab")

    for page in (mira, jonas):
        page.goto("/talk")
        reach(page, "opt-in-yes")
        page.keyboard.press("Enter")
    for page in (mira, jonas):
        expect(page.get_by_test_id("begin-topic")).to_be_visible(timeout=15_000)
    reach(mira, "begin-topic")
    mira.keyboard.press("Enter")
    expect(mira.get_by_test_id("raise-quietly")).to_be_visible()
    reach(mira, "raise-quietly")
    mira.keyboard.press("Enter")
    expect(jonas.get_by_test_id("shared")).to_be_visible()
    reach(jonas, "put-away")
    jonas.keyboard.press("Enter")
    expect(jonas.get_by_test_id("shared")).to_be_hidden()
    reach(mira, "shared-pause")
    mira.keyboard.press("Enter")
    for page in (mira, jonas):
        expect(page.get_by_test_id("pause")).to_be_visible()
    reach(jonas, "more-time")
    jonas.keyboard.press("Enter")
    reach(jonas, "extend-10")


@pytest.mark.parametrize("speed", [10])
def test_who_one_can_turn_to_is_ones_own(mira, jonas):
    mira.goto("/turn-to")
    mira.get_by_test_id("turn-to-name").fill("Grandmother")
    mira.get_by_test_id("turn-to-add").click()
    expect(mira.get_by_text("Grandmother")).to_be_visible()
    assert violations(mira) == []
    jonas.goto("/turn-to")
    expect(jonas.get_by_text("Grandmother")).to_have_count(0)
    assert jonas.request.get("/api/turn-to").json() == []


@pytest.mark.parametrize("speed", [10])
def test_after_signing_out_the_back_button_shows_nothing_and_the_way_back_leads_in_again(mira, jonas):
    jonas.goto("/two")
    jonas.get_by_test_id("way-back-new").click()
    words = jonas.locator("#way-back-shown .way-back-words").inner_text()
    jonas.get_by_test_id("sign-out").click()
    jonas.wait_for_url("**/welcome")
    jonas.go_back()
    expect(jonas.get_by_test_id("way-back")).to_be_visible()
    jonas.locator("[name=words]").fill(words.lower())
    jonas.get_by_role("button", name="Come back").click()
    expect(jonas.get_by_test_id("opt-in")).to_be_visible()
