"""Two people at two phones, as the page tests and the pictures need them: the second comes in by the first's code."""

import re

PHONE = {"width": 390, "height": 844}


def join(first, browser, base_url, *, name="Jonas", viewport=PHONE, **context):
    """Let `name` in with a code from the first person's page; return the second person's page."""
    first.goto(f"{base_url}/two")
    first.get_by_test_id("code-other").click()
    address = first.get_by_test_id("join-url").inner_text()
    second = browser.new_context(viewport=viewport, base_url=base_url, **context).new_page()
    second.goto(address)
    second.get_by_test_id("join-name").fill(name)
    second.get_by_test_id("join").click()
    second.get_by_test_id("joined-on").click()
    second.get_by_test_id("opt-in-yes").wait_for()
    return second


def opt_in(*pages):
    """Both say yes; wait until both are in the talk."""
    for page in pages:
        page.goto("/talk")
        page.get_by_test_id("opt-in-yes").click()
    for page in pages:
        page.get_by_test_id("state-word").wait_for(timeout=15_000)
        page.locator("main[data-screen]:not([data-screen=waiting])").wait_for()


def clock_times(text):
    """The clock times in a text."""
    return re.findall(r"\d\d:\d\d", text)
