"""A person at the Talk page: from the first click to the entry, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.talk_page import UNHURRIED, begin, begin_the_topic, show


@pytest.fixture
def speed():
    """How fast the demo's clock runs: slow enough to see the quiet minutes pass, fast enough to wait for a whole pause."""
    return 75


def clock(iso):
    return iso[11:16]


def test_from_the_first_click_through_suggestion_and_pause_to_the_entry(page):
    begin(page)
    expect(page.get_by_test_id("simulated")).to_contain_text("Simulated")
    expect(page.get_by_test_id("state-word")).to_contain_text("Finding your usual")

    # The ring fills with the quiet seconds, and says so.
    ring = page.get_by_role("progressbar", name="Quiet minutes")
    expect(ring).to_have_attribute("aria-valuenow", re.compile(r"^[3-8]\d$"), timeout=10_000)
    expect(ring).to_have_attribute("aria-valuetext", re.compile(r"^[1-4] quiet minutes? left$"))
    expect(ring.locator(".progress")).to_have_attribute("stroke-dasharray", re.compile(r"^[3-9]\d"))

    # Steady, with one's own heart as a number near the simulated body's usual.
    expect(page.get_by_test_id("state-word")).to_contain_text("Steady", timeout=15_000)
    expect(page.get_by_test_id("heart-number")).to_have_text(re.compile(r"^(6|7|8)\d$"))
    expect(ring).to_have_count(0)
    expect(page.get_by_test_id("live-chart").locator("canvas")).to_be_visible()

    # The flood, and what it suggests.
    suggestion = page.get_by_test_id("suggestion")
    expect(suggestion).to_be_visible(timeout=30_000)
    expect(suggestion).to_contain_text("Your body is in alarm.")
    expect(suggestion).to_contain_text(re.compile(r"Take 20 minutes,\s*back at \d\d:\d\d\?"))
    expect(suggestion).to_contain_text("Flooding")
    assert int(page.get_by_test_id("heart-number").inner_text()) > 95

    # The pause: a clock time that is a promise, and no way back before it.
    page.get_by_test_id("accept").click()
    expect(page.get_by_test_id("pause")).to_be_visible()
    expect(suggestion).to_be_hidden()
    promised = page.get_by_test_id("return-time").inner_text()
    assert re.fullmatch(r"\d\d:\d\d", promised)
    expect(page.get_by_role("heading", name="You’re back at")).to_be_focused()
    expect(page.get_by_test_id("pause")).to_contain_text("20 minutes")
    expect(page.get_by_test_id("pause")).to_contain_text(f"not before {promised}")

    # A reload in mid-pause keeps the promise.
    page.reload()
    expect(page.get_by_test_id("return-time")).to_have_text(promised)

    # Ready: both conditions hold; back to the talk.
    ready = page.get_by_role("button", name="I’m ready")
    expect(ready).to_be_enabled(timeout=40_000)
    expect(page.get_by_text("Take it slow.")).to_be_visible()
    ready.click()
    expect(page.get_by_test_id("pause")).to_be_hidden()

    # The entry is already there.
    page.get_by_test_id("end-talk").click()
    page.get_by_test_id("confirm-end").click()
    page.get_by_test_id("entry-link").click()
    expect(page.get_by_test_id("timeline").locator("canvas")).to_be_visible()
    expect(page.locator("main")).to_contain_text(re.compile(r"Usual 7\d\. It began to rise at \d\d:\d\d"))
    expect(page.locator("main")).to_contain_text(f"to be back at {promised}")
    expect(page.locator("main")).to_contain_text("Detector version")
    expect(page.get_by_test_id("simulated")).to_be_visible()

    page.goto("/journal")
    expect(page.get_by_test_id("entry")).to_have_count(1)


@pytest.mark.parametrize("speed", [UNHURRIED])
@pytest.mark.parametrize("quiet_minutes", [True, False])
def test_a_pause_can_be_called_at_any_time_by_a_key_and_extended(page, quiet_minutes):
    begin(page)
    if not quiet_minutes:
        begin_the_topic(page)
    expect(page.get_by_test_id("begin-topic")).to_be_visible(visible=quiet_minutes)
    expect(page.get_by_test_id("call-pause")).to_be_visible()
    page.keyboard.press("p")
    expect(page.get_by_test_id("pause")).to_be_visible()
    promised = page.get_by_test_id("return-time").inner_text()
    page.get_by_test_id("more-time").click()
    page.get_by_test_id("extend-10").click()
    expect(page.get_by_test_id("return-time")).not_to_have_text(promised)


def test_a_suggestion_can_be_put_off_and_silenced_and_both_taken_back(page):
    begin(page)
    suggestion = page.get_by_test_id("suggestion")
    expect(suggestion).to_be_visible(timeout=40_000)
    page.get_by_test_id("snooze").click()
    expect(suggestion).to_be_hidden()
    expect(page.get_by_text(re.compile(r"You asked to hear it again at \d\d:\d\d"))).to_be_visible()
    page.get_by_test_id("unsnooze").click()
    expect(suggestion).to_be_visible()

    page.get_by_test_id("dismiss").click()
    page.get_by_test_id("reason-caffeine").click()
    expect(suggestion).to_be_hidden()
    silence = page.get_by_text("Flooding isn’t announced again in this talk")
    expect(silence).to_be_visible()
    page.wait_for_timeout(1000)
    expect(suggestion).to_be_hidden()
    page.get_by_test_id("unsilence").click()
    expect(silence).to_be_hidden()


@pytest.mark.parametrize("speed", [UNHURRIED])
def test_a_pause_whose_time_has_come_before_the_body_says_so_and_offers_a_new_time(page):
    begin(page)
    begin_the_topic(page)
    page.get_by_test_id("call-pause").click()
    expect(page.get_by_test_id("pause")).to_be_visible()
    overdue = {"minutes_left": 0, "minutes_so_far": 22, "minimum_done": True, "can_return": False}
    heart = {"bpm": 96, "stale": False, "signal": "ok"}
    promised = clock(show(page, {"pause": overdue, "heart": heart, "near_usual_bpm": 79})["pause"]["return_at"])
    pause = page.get_by_test_id("pause")
    expect(pause).to_contain_text(f"{promised} has come. Your heart is still on its way.")
    expect(pause).not_to_contain_text("less than a minute")
    expect(page.get_by_test_id("ready")).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_test_id("ready")).to_contain_text("waits for 79 or less")
    expect(page.get_by_test_id("extend-10")).to_be_visible()

    # Without a strap there is no condition of the heart to wait for.
    page.unroute_all()
    show(page, {"pause": overdue, "strap": None, "near_usual_bpm": None})
    expect(pause).to_contain_text(f"{promised} has come.")
    expect(pause).not_to_contain_text("Your heart")
    expect(pause).not_to_contain_text("or less")


@pytest.mark.parametrize("speed", [UNHURRIED])
@pytest.mark.parametrize("stale", [False, True], ids=["heard", "opened without a signal"])
def test_one_suggestion_is_announced_once_though_its_time_moves(page, stale):
    begin(page)
    begin_the_topic(page)
    day = "2026-03-12T20:{}:00+01:00"
    asks = [
        {
            "suggestion": {
                "id": "one",
                "minutes": 20,
                "return_at": day.format(at),
                "raised": day.format(24),
                "expires": day.format(29),
            }
        }
        for at in (45, 46)
    ]
    show(page, {"suggestion": None, "heart": {"stale": stale}}, *asks)
    expect(page.get_by_test_id("suggestion")).to_contain_text("20:46")
    expect(page.locator("#announcer")).to_contain_text("back at 20:45?")


@pytest.mark.parametrize("speed", [UNHURRIED])
def test_cover_hides_the_state_and_survives_a_reload(page):
    begin(page)
    expect(page.get_by_test_id("state-word")).to_contain_text("Finding your usual")
    page.get_by_role("button", name="Cover").click()
    expect(page.get_by_test_id("heart-number")).to_be_hidden()
    page.reload()
    expect(page.get_by_test_id("heart-number")).to_be_hidden()


@pytest.mark.parametrize("speed", [UNHURRIED])
def test_the_private_help_is_there_in_a_talk_and_a_pause_and_the_talk_waits_behind_it(page):
    begin(page)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    for to_pause in (False, True):
        if to_pause:
            page.get_by_test_id("call-pause").click()
            expect(page.get_by_test_id("return-time")).to_be_visible()
        before, address = page.evaluate("history.length"), page.url
        page.get_by_test_id("private-help").click()
        expect(page.locator("main")).to_contain_text("112")
        page.keyboard.press("p")  # no pause is called from here
        assert (page.evaluate("history.length"), page.url, page.title()) == (before, address, "Talk")
        page.locator("[data-private-back]").click()
        expect(page.get_by_test_id("private-help")).to_be_visible()
        expect(page.get_by_test_id("state-word")).to_contain_text(re.compile(r"\w"))
    assert problems == []


STRIP = """() => {
    const tag = document.querySelector(".simulated > span").getBoundingClientRect();
    const opaque = (style) => style.position === "sticky" && !/transparent|, 0\\)/.test(style.backgroundColor);
    const strips = [[document.querySelector(".simulated"), null], [document.body, "::before"]];
    return strips.some(([element, part]) => {
        const style = getComputedStyle(element, part);
        return opaque(style) && parseFloat(style.height) >= tag.bottom && parseFloat(style.width) >= innerWidth;
    });
}"""


@pytest.mark.parametrize("speed", [UNHURRIED])
def test_words_that_are_scrolled_are_never_half_under_the_tag_of_a_simulated_body(page):
    begin(page)
    for path in ("/talk", "/journal", "/how"):
        page.goto(path)
        page.set_viewport_size({"width": 390, "height": 500})
        page.evaluate("window.scrollTo(0, 200)")
        expect(page.get_by_test_id("simulated")).to_be_in_viewport()
        assert page.evaluate(STRIP), path


def test_the_private_help_needs_no_account_and_leaves_no_trace_in_the_history(page):
    page.goto("/welcome")
    before = page.evaluate("history.length")
    page.get_by_role("link", name=re.compile("Afraid of the other person")).click()
    expect(page.locator("main")).to_contain_text("112")
    assert page.evaluate("history.length") == before
