"""Sharing in two browsers: a code, coming in, one entry shown, read, seen in the log, taken back while the page is open."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from alerts.people import Actor
from api.own_journal import open_own_journal
from journal.content import Content, Trigger
from tests.clinic import cookie_of, practice
from tests.e2e.axe import violations_at_both_sizes

PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
WORDS = "He said fine and looked at his phone."


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "clinic"


@pytest.fixture
def hers(folder):
    """Mira's cookie, her id and her newest entry, with words in it."""
    journal = open_own_journal(folder, simulated=True, key_file=None)
    try:
        now = datetime.now(UTC)
        _, clients = practice(journal, now)
        mira = Actor(clients["Mira K."].person_id)
        newest = journal.entries.list_entries(mira)[0]
        version = journal.texts.read(mira, newest.id).version
        journal.texts.save(mira, newest.id, Content(Trigger(WORDS)), version=version, tab="t", now=now)
        return cookie_of(journal, mira), mira.person_id, newest.id
    finally:
        journal.close()


@pytest.fixture
def visit(browser, start, folder, hers):
    """A page of a browser of its own. No page has a problem, or asks anybody outside."""
    program = start("demo", "--speed", 1, "--port", 0, "--data", folder).wait_for_page()
    contexts, problems = [], []

    def visit(path, viewport, cookie=None):
        context = browser.new_context(viewport=viewport, base_url=program.url)
        contexts.append(context)
        if cookie:
            context.add_cookies([{"name": "flooding_session", "value": cookie, "url": program.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda asked: asked.url.startswith(program.url) or problems.append(asked.url))
        page.goto(path)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert problems == []


def test_from_a_code_to_taking_it_back(visit, hers):
    cookie, mira_id, entry_id = hers
    mira = visit("/sharing", PHONE, cookie)
    mira.get_by_test_id("clinician-called").fill("Dr. Weiss")
    mira.get_by_test_id("invite").click()
    code = mira.get_by_test_id("clinician-code").inner_text()

    weiss = visit("/join", LAPTOP)
    weiss.get_by_test_id("code-field").fill(code.lower())
    weiss.keyboard.press("Enter")
    weiss.get_by_test_id("join-name").fill("Dr. Weiss")
    weiss.get_by_label("Sign-in name").fill("weiss")
    weiss.get_by_label("Password", exact=False).first.fill("a quiet evening")
    weiss.get_by_test_id("join").click()
    weiss.get_by_role("link", name="Go on").click()
    weiss.wait_for_url("**/clients")
    expect(weiss.get_by_test_id("client")).to_contain_text("Mira K.")
    weiss.goto(f"/clients/{mira_id}/entries")
    expect(weiss.get_by_test_id("nothing-to-show")).to_have_text("Nothing to show. No reason is asked.")

    mira.goto(f"/entries/{entry_id}")
    mira.get_by_test_id("to-sharing").click()
    assert violations_at_both_sizes(mira) == []
    weiss_card = mira.get_by_test_id("clinician").filter(has_text="Dr. Weiss")
    weiss_card.get_by_label("With my words").check()
    weiss_card.get_by_test_id("show").click()
    expect(weiss_card.get_by_test_id("hide")).to_be_visible()

    weiss.goto(f"/clients/{mira_id}/entries")
    assert violations_at_both_sizes(weiss) == []
    weiss.get_by_test_id("shown-entries").get_by_role("link").click()
    expect(weiss.get_by_role("heading", level=1)).to_have_text(WORDS)
    expect(weiss.get_by_test_id("timeline")).to_be_visible()
    assert violations_at_both_sizes(weiss) == []
    weiss.get_by_test_id("note-text").fill("Ask about the phone.")
    weiss.get_by_test_id("note-keep").click()
    expect(weiss.get_by_test_id("notes")).to_contain_text("Only you read this.")

    mira.goto("/sharing")
    expect(mira.get_by_test_id("access-log")).to_contain_text("Dr. Weiss read your entry of")
    expect(mira.get_by_test_id("access-log")).to_contain_text("with your words.")
    expect(mira.get_by_test_id("log-state")).to_contain_text("none is missing")
    mira.get_by_test_id("clinician").filter(has_text="Dr. Weiss").get_by_test_id("hide").click()

    # The page that is open loses what it showed, without being asked for again.
    expect(weiss.get_by_test_id("nothing-to-show")).to_be_visible()
    assert WORDS not in weiss.content()
    weiss.go_back()
    expect(weiss.get_by_text("Nothing to show. No reason is asked.")).to_be_visible()
    weiss.goto(f"/clients/{mira_id}/entries/{entry_id}")
    expect(weiss.get_by_role("heading", level=1)).to_have_text("Nothing here")
    weiss.goto("/looks")
    expect(weiss.get_by_test_id("own-looks")).to_contain_text("An entry, with words")
    assert violations_at_both_sizes(weiss) == []


def test_a_wearer_ends_it_by_keyboard_alone(visit, hers):
    cookie, _, _ = hers
    mira = visit("/sharing", PHONE, cookie)
    end = mira.get_by_test_id("end-sharing").first
    end.focus()
    mira.keyboard.press("Enter")
    expect(mira.get_by_role("dialog")).to_be_visible()
    mira.get_by_test_id("end-confirm").focus()
    mira.keyboard.press("Enter")
    expect(mira.get_by_test_id("clinician")).to_have_count(0)
