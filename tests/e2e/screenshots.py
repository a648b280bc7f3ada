"""Pictures of every page in every state, at phone and laptop size, dark and light, made from a demo that runs for it.

    python -m tests.e2e.screenshots [--readme] [--only reviews] [FOLDER]

`--readme` also renews the picture in the README.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # run as a script

from api.own_journal import open_own_journal  # noqa: E402  after the path is known
from tests.clinic import cookie_of, practice  # noqa: E402
from tests.e2e.two_people import join, opt_in  # noqa: E402  after the path is known
from tests.real_channels import Webhook, refusing_port  # noqa: E402
from tests.simulated_year import make  # noqa: E402

TALKS = 40
"""Simulated ones for the reviews: some two and a half months."""

SIZES = {"phone": (390, 844), "laptop": (1280, 800)}


class Camera:
    """Takes the page at each size in each light."""

    def __init__(self, page, folder):
        self.page, self.folder = page, folder

    def take(self, name, *, full=False):
        self.page.wait_for_load_state()
        for size, (width, height) in SIZES.items():
            self.page.set_viewport_size({"width": width, "height": height})
            for light in ("dark", "light"):
                self.page.emulate_media(color_scheme=light)
                # A change of state takes two seconds on the page; a picture is of the state, not of the change.
                self.page.add_style_tag(content="*, *::before, *::after { transition: none !important; }")
                self.page.wait_for_timeout(150)
                self.page.screenshot(path=self.folder / f"{name}-{size}-{light}.png", full_page=full)
        print(name)


def channels(page, camera, url):
    """Your channels: none yet, then two, one of which can't be reached."""
    at = page.get_by_test_id
    page.goto(url + "/channels")
    camera.take("13-channels-none", full=True)
    with closing(Webhook()) as there:
        for label, port in (("Lamp in the hall", there.port), ("Old phone", refusing_port())):
            at("kind-webhook").locator("summary").click()
            form = page.locator("form[data-kind=webhook]")
            form.get_by_label("What you call it").fill(label)
            form.get_by_label("Address").fill(f"http://127.0.0.1:{port}/")
            at("add-webhook").click()
            row = at("channel").filter(has_text=label)
            row.get_by_test_id("test").click()
            row.locator(".outcome").wait_for()
    at("test-device").click()
    at("kind-mqtt").locator("summary").click()
    page.wait_for_timeout(500)
    camera.take("13-channels", full=True)
    at("channel").filter(has_text="Old phone").get_by_test_id("remove").click()
    at("channel").filter(has_text="Old phone").wait_for(state="detached")


def story(page, camera, url):
    at = page.get_by_test_id
    page.goto(url)
    camera.take("09-welcome", full=True)
    at("welcome-begin").click()
    at("start-talk").wait_for()
    camera.take("00-start")
    channels(page, camera, url)
    page.goto(url + "/talk")
    at("start-talk").click()
    at("state-word").wait_for()
    page.wait_for_timeout(1500)
    camera.take("01-baseline")
    at("live-chart").wait_for(timeout=60_000)
    page.wait_for_timeout(5000)  # past the dropout
    camera.take("02-talk")
    at("suggestion").wait_for(timeout=60_000)
    camera.take("03-flooded")
    at("dismiss").click()
    camera.take("03-flooded-reasons")
    at("accept").click()
    page.wait_for_timeout(3000)
    camera.take("04-pause")
    page.get_by_role("button", name="I’m ready").wait_for(timeout=120_000)
    camera.take("05-ready", full=True)
    at("ready").click()
    page.wait_for_timeout(1000)
    camera.take("06-after")
    at("end-talk").click()
    camera.take("06-leave")
    at("confirm-end").click()
    camera.take("06-ended")
    at("entry-link").click()
    at("timeline").wait_for()
    page.wait_for_timeout(500)
    camera.take("07-entry", full=True)
    for path, name in (
        ("/journal", "08-journal"),
        ("/how", "10-how"),
        ("/help", "11-help"),
        ("/entries/none", "12-problem"),
    ):
        page.goto(url + path)
        camera.take(name, full=True)
    page.goto(f"{url}/journal")
    at("write").click()
    page.locator("#writing[data-ready]").wait_for()
    camera.take("13-entry-by-hand", full=True)


def reviews(page, camera, url):
    page.goto(url)
    page.get_by_test_id("welcome-begin").click()
    page.goto(f"{url}/review")
    camera.take("13-week-now", full=True)
    page.goto(f"{url}/review?day={datetime.now(UTC).date() - timedelta(days=7)}")
    camera.take("14-week", full=True)
    for path, name in (("/review/patterns", "15-patterns"), ("/review/how", "16-review-how")):
        page.goto(url + path)
        camera.take(name, full=True)


@contextmanager
def demo(data, speed):
    """The demo on a folder, while pictures are taken of it; its address."""
    command = [sys.executable, "-u", "-m", "api", "demo", "--port", "0", "--data", data, "--speed", speed]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield next(found.group() for line in server.stdout if (found := re.search(r"http://\S+", line)))
    finally:
        server.terminate()
        server.wait(10)


def story_of_two(browser, camera, url):
    """The second comes in by a code; the agreement, the opt-in, the sentence, the pause of both."""
    first = camera.page
    first.goto(f"{url}/two")
    camera.take("20-two", full=True)
    first.get_by_test_id("code-other").click()
    first.get_by_test_id("join-url").wait_for()
    camera.take("20-two-code", full=True)
    second = join(first, browser, url, device_scale_factor=2)
    other = Camera(second, camera.folder)
    first.goto(f"{url}/agreement")
    camera.take("21-agreement-empty", full=True)
    for field in ("word", "gesture", "emoji"):
        first.locator(f'[data-example-for="{field}"]').first.click()
    for field in ("neither", "first.meanwhile", "second.meanwhile", "second.phrases"):
        for example in first.locator(f'[data-example-for="{field}"]').all():
            example.click()
    first.get_by_test_id("keep-terms").click()
    first.get_by_test_id("yes-mine").wait_for()
    first.wait_for_load_state()
    first.get_by_test_id("yes-mine").click()
    first.get_by_text("Mira has said yes.").wait_for()
    second.goto("/agreement")
    other.take("21-agreement-draft", full=True)
    second.get_by_test_id("yes-mine").click()
    second.get_by_text("in force").first.wait_for()
    other.take("21-agreement", full=True)
    first.goto(f"{url}/turn-to")
    first.get_by_test_id("turn-to-name").fill("Grandmother")
    first.get_by_test_id("turn-to-add").click()
    first.get_by_text("Grandmother").wait_for()
    camera.take("22-turn-to", full=True)
    first.goto(f"{url}/talk")
    first.wait_for_timeout(1000)
    camera.take("23-opt-in", full=True)
    opt_in(first, second)
    first.get_by_test_id("begin-topic").click()
    second.locator("main[data-screen=talking]").wait_for()
    second.wait_for_timeout(1500)
    other.take("24-talk-of-two")
    first.get_by_test_id("suggestion").wait_for(timeout=90_000)
    camera.take("25-flooded-of-two")
    other.take("25-partner")
    second.get_by_test_id("shared-pause").click()
    second.wait_for_timeout(3000)
    other.take("26-pause-of-two", full=True)
    second.get_by_role("button", name="I’m ready").wait_for(timeout=120_000)
    second.get_by_test_id("ready").click()
    second.get_by_text("The talk goes on when you both are.").first.wait_for()
    other.take("27-back-first", full=True)
    second.get_by_test_id("end-talk").click()
    second.get_by_test_id("confirm-end").click()
    for page in (second, first):
        page.get_by_test_id("entry-link").click()
        page.get_by_test_id("show-curve").wait_for()
    second.get_by_test_id("show-curve").click()
    second.get_by_text("Don’t show it").wait_for()
    first.reload()
    first.get_by_test_id("shown-curve").scroll_into_view_if_needed()
    camera.take("28-shown-curve", full=True)
    second.context.close()


def desk(browser, folder, data, speed):
    """A clinician's desk over a simulated practice, and what the wearer sees of it."""
    journal = open_own_journal(data, simulated=True, key_file=None)
    try:
        reader, clients = practice(journal, datetime.now(UTC))
        mira = clients["Mira K."]
        cookies, entry = (
            (cookie_of(journal, reader), cookie_of(journal, mira)),
            journal.entries.list_entries(mira)[0].id,
        )
    finally:
        journal.close()
    hers = f"/clients/{quote(mira.person_id)}"
    pages = (
        (
            ("/clients", "30-caseload"), (hers, "31-client"), (f"{hers}/compare", "32-compare"), (f"{hers}/report", "33-report"),
            (f"{hers}/entries", "34-shown-entries"), ("/looks", "35-own-looks"), ("/clients/how", "36-how-to-read"),
        ),
        (
            ("/sharing", "37-sharing"), (f"/sharing?entry={entry}", "37-sharing-an-entry"), ("/trends", "38-own-trends"),
            ("/account", "39-account"),
        ),
        (("/sign-in", "40-sign-in"), ("/join", "41-code")),
    )  # fmt: skip
    with demo(data, speed) as url:
        for cookie, shown in zip((*cookies, None), pages, strict=True):
            context = browser.new_context(device_scale_factor=2, base_url=url)
            if cookie:
                context.add_cookies([{"name": "flooding_session", "value": cookie, "url": url}])
            page = context.new_page()
            for path, name in shown:
                page.goto(path)
                Camera(page, folder).take(name, full=True)
            context.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=ROOT / "screenshots")
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--speed", default="30")
    parser.add_argument("--only", choices=["story", "reviews", "desk"], help="a part of the pictures")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for told, talks in ((story, 0), (reviews, TALKS)):
            if told.__name__ not in (given.only or told.__name__):
                continue
            with tempfile.TemporaryDirectory() as data:
                if talks:
                    make(pathlib.Path(data), talks=talks, partner=False)
                with demo(data, given.speed) as url:
                    page = browser.new_context(device_scale_factor=2, base_url=url).new_page()
                    told(page, Camera(page, given.folder), url)
                    if told is story:
                        story_of_two(browser, Camera(page, given.folder), url)
        if given.only in {None, "desk"}:
            with tempfile.TemporaryDirectory() as data:
                desk(browser, given.folder, pathlib.Path(data), given.speed)
        browser.close()
    if given.readme:
        (ROOT / "docs").mkdir(exist_ok=True)
        shutil.copy(given.folder / "03-flooded-laptop-light.png", ROOT / "docs" / "talk-flooded.png")


if __name__ == "__main__":
    main()
