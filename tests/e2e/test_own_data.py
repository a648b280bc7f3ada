"""The page “Your data” and the journal’s search, in a browser, by keyboard where it matters."""

import json
import zipfile

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import violations
from tests.e2e.conftest import Program

WORDS = {"trigger": {"text": "He said “fine” and looked at his phone"}, "tags": ["évening"]}


@pytest.fixture
def page(start, browser, tmp_path):
    program: Program = start("run", "--port", 0, "--data", tmp_path / "data")
    program.wait_for_page()
    context = browser.new_context(viewport={"width": 390, "height": 844}, accept_downloads=True)
    page = context.new_page()
    page.goto(program.url)
    page.get_by_role("button").first.click()
    page.wait_for_url("**/talk")
    yield page
    context.close()


def ask(page, method, path, body):
    script = """async ([method, path, body]) => (await fetch(path,
        {method, headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)})).json()"""
    return page.evaluate(script, [method, path, body])


def write(page, content):
    entry = ask(page, "POST", "/api/entries", {"zone": "Europe/Berlin"})
    ask(page, "PUT", f"/api/entries/{entry['id']}/content", {"version": 0, "tab": "t", "content": content})
    return entry["id"]


def test_an_entry_is_found_shown_erased_as_shown_and_brought_back(page, tmp_path):
    entry_id = write(page, WORDS)
    write(page, {"notes": "another day"})
    page.goto(page.url.replace("/talk", "/journal"))
    page.get_by_test_id("find-words").fill("FINE evening")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("entry")).to_have_count(1)
    assert page.url.endswith("/journal")  # what was looked for is in nobody's history
    assert page.get_by_test_id("find-words").input_value() == "FINE evening"
    page.get_by_test_id("entry").click()
    page.wait_for_url(f"**/entries/{entry_id}")
    page.get_by_role("link", name="Erase this entry").click()
    page.wait_for_url("**/data?**")
    assert "Without this file nobody can read your words" in page.get_by_test_id("own-data").inner_text()
    with page.expect_download() as download:
        page.get_by_test_id("archive-save").click()
    archive = tmp_path / "all.zip"
    download.value.save_as(archive)
    with zipfile.ZipFile(archive) as packed:
        assert json.loads(packed.read("manifest.json"))["holds_keys"] is False
    for kind in ("fhir", "open-mhealth"):
        with page.expect_download() as download:
            page.get_by_test_id(kind).press("Enter")
        assert kind in download.value.suggested_filename
    assert violations(page) == []
    page.get_by_role("button", name="Show what would go").press("Enter")
    page.get_by_role("button", name="Erase this for good").wait_for()
    assert page.get_by_test_id("erase-sentence").inner_text() == "1 entry (1 with words)."
    page.get_by_role("button", name="Erase this for good").press("Enter")
    page.get_by_text("Erased.").wait_for()
    assert page.evaluate("(id) => fetch(`/api/entries/${id}/content`).then((a) => a.status)", entry_id) == 404
    page.get_by_label("Archive to bring back").set_input_files(archive)
    page.get_by_role("button", name="Bring it back").press("Enter")
    page.get_by_text("Brought back: 1 entry").wait_for()
    assert page.evaluate("(id) => fetch(`/api/entries/${id}/content`).then((a) => a.status)", entry_id) == 200
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_search_that_finds_no_server_says_so_and_keeps_what_was_typed(page):
    write(page, WORDS)
    page.goto(page.url.replace("/talk", "/journal"))
    page.route("**/journal?**", lambda route: route.abort())
    page.get_by_test_id("find-words").fill("fine")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("What you typed is still here")
    assert page.get_by_test_id("find-words").input_value() == "fine"
