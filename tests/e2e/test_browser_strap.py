"""A strap that the page reads by Web Bluetooth, in a real Chromium: whatever is lost on the way, each packet is stored once."""

import re
import signal
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import CHROMIUM
from tests.e2e.emulated_strap import LAUNCH, EmulatedStrap


@pytest.fixture(scope="module")
def bluetooth_browser():
    """Headless Chromium with Web Bluetooth."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=LAUNCH)
        yield browser
        browser.close()


class Home:
    """A program in a folder, a page of it, and a strap that the page can reach."""

    def __init__(self, start, browser, folder):
        self._start, self.folder = start, folder
        self.program = start("run", "--port", 0, "--data", folder).wait_for_page()
        self.port = self.program.url.rpartition(":")[2]
        self.context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=self.program.url)
        self.strap = EmulatedStrap(browser)
        self.page = self.open()

    def open(self):
        page = self.context.new_page()
        self.problems = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.strap.meet(page)
        return page

    def begin(self):
        self.page.goto("/welcome")
        self.page.get_by_test_id("welcome-begin").click()
        self.page.get_by_test_id("start-talk").click()
        return self

    def put_on(self, button="own-strap-use"):
        self.page.get_by_test_id(button).click()
        self.strap.connected()
        return self

    def restart(self, how):
        self.program.stop(how)
        self.beat_meanwhile()
        self.program = self._start("run", "--port", self.port, "--data", self.folder).wait_for_page()

    def beat_meanwhile(self):
        self.strap.beat(3)

    def stored(self):
        with closing(sqlite3.connect(f"file:{self.folder / 'journal.db'}?mode=ro", uri=True)) as file:
            return [row[0] for row in file.execute("SELECT packet FROM measurement ORDER BY t_ms, seq")]

    def kept_here(self):
        """How many packets the browser keeps on its disk."""
        return self.page.evaluate(
            """async () => {
              const { StrapBuffer } = await import("/static/js/strap_buffer.js");
              return new StrapBuffer(document.getElementById("main").dataset.wearerId).count();
            }"""
        )

    def all_is_stored(self):
        """Wait until the browser keeps nothing more; then each packet that the strap gave is stored, once."""
        for _ in range(300):
            if self.kept_here() == 0:
                break
            self.page.wait_for_timeout(50)
        assert self.kept_here() == 0
        assert self.stored() == self.strap.sent
        assert self.problems == []


@pytest.fixture
def home(start, bluetooth_browser, tmp_path):
    home = Home(start, bluetooth_browser, tmp_path / "data")
    yield home
    home.context.close()


def test_chosen_connected_streamed_lost_reloaded_and_restarted_nothing_is_lost_or_doubled(home):
    home.begin()
    page, strap = home.page, home.strap
    expect(page.get_by_test_id("own-strap-use")).to_have_text("Use a strap with this computer’s browser")
    home.put_on()
    strap.beat(5)
    expect(page.get_by_test_id("own-strap")).to_contain_text("This page reads your strap. Keep it open.")
    home.all_is_stored()

    strap.lose_link()  # the page connects again by itself
    strap.connected()
    strap.beat(4)
    home.all_is_stored()

    home.context.set_offline(True)  # what runs already is cut off by the server's end below
    home.restart(signal.SIGKILL)
    assert home.kept_here() >= 3
    expect(page.get_by_test_id("kept")).to_have_text(
        re.compile(r"\d+ seconds of your heartbeats wait here until the server has them. Nothing is lost."),
        timeout=15_000,
    )
    home.context.set_offline(False)
    home.all_is_stored()
    expect(page.get_by_test_id("kept")).to_be_hidden()

    home.restart(signal.SIGINT)
    home.all_is_stored()

    home.program.stop(signal.SIGKILL)
    strap.beat(3)
    page.close()  # with what was not stored in it
    home.program = home._start("run", "--port", home.port, "--data", home.folder).wait_for_page()
    home.page = home.open()
    home.page.goto("/talk")
    home.all_is_stored()
    home.put_on("own-strap-again")
    home.strap.beat(3)
    home.all_is_stored()
