"""Pictures of every page in every state, at phone and laptop size, dark and light, made from a demo that runs for it.

    python tests/e2e/screenshots.py [--readme] [FOLDER]

`--readme` also renews the picture in the README.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).parents[2]
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


def story(page, camera, url):
    at = page.get_by_test_id
    page.goto(url)
    camera.take("09-welcome", full=True)
    at("welcome-begin").click()
    at("start-talk").wait_for()
    camera.take("00-start")
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=ROOT / "screenshots")
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--speed", default="30")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("needs Chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-u", "-m", "api", "demo", "--port", "0", "--data", data, "--speed", given.speed]
        server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        try:
            url = next(found.group() for line in server.stdout if (found := re.search(r"http://\S+", line)))
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                page = browser.new_context(device_scale_factor=2).new_page()
                story(page, Camera(page, given.folder), url)
                browser.close()
        finally:
            server.terminate()
            server.wait(10)
    if given.readme:
        (ROOT / "docs").mkdir(exist_ok=True)
        shutil.copy(given.folder / "03-flooded-laptop-light.png", ROOT / "docs" / "talk-flooded.png")


if __name__ == "__main__":
    main()
