"""The program as a person starts it: a process, a page, a data folder."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from http.cookiejar import CookieJar

import pytest

from tests import canaries

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Program:
    """A running `flooding` command."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "api", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1"},
        )
        self.url = None
        self._began, self.started_s = time.monotonic(), 0.0

    def says(self, pattern, within_s=120):
        """Read what it prints until a line matches; return all of it so far. One that says nothing of the kind tells where it is, and ends."""
        said, patience = "", threading.Timer(within_s, self.process.send_signal, [signal.SIGABRT])
        patience.start()
        try:
            for line in self.process.stdout:
                said += line
                if re.search(pattern, line):
                    return said
        finally:
            patience.cancel()
        raise AssertionError(f"it ended, or said nothing of {pattern}: {said}{self.process.stderr.read()}")

    def wait_for_page(self, within_s=30):
        """Read the greeting until it names the page, then wait until the page answers."""
        self.url = re.search(r"http://\S+", self.says(r"http://\S+")).group()
        # Keep reading, so that the program never waits for us.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/health/ready", timeout=2):
                    return self.has_started()
            except OSError:  # refused, or no answer yet: a busy machine needs longer
                time.sleep(0.05)
        raise AssertionError("the page did not answer")

    def has_started(self):
        """How long a start took tells how busy this machine is: an end may take as long, where it is slow."""
        self.started_s = time.monotonic() - self._began
        return self

    def stop(self, how=signal.SIGINT, within_s=10):
        """Send a signal; return the exit code and how long the end took."""
        began = time.monotonic()
        self.process.send_signal(how)
        code = self.process.wait(within_s)
        return code, time.monotonic() - began

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        logged = "" if self.process.stderr.closed else self.process.stderr.read()
        for stream in (self.process.stdout, self.process.stderr):
            stream.close()
        assert canaries.leaked(logged) == [], "passwords, tokens and people’s words stay out of logs"


class Visitor:
    """A browser without a screen: keeps its cookie, speaks JSON."""

    def __init__(self, url):
        self.url = url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.post("/welcome")

    def get(self, path):
        with self._opener.open(self.url + path, timeout=10) as answer:
            return json.loads(answer.read())

    def post(self, path, body=None):
        request = urllib.request.Request(
            self.url + path,
            data=json.dumps(body).encode() if body is not None else b"",
            headers={"content-type": "application/json", "origin": self.url},
            method="POST",
        )
        with self._opener.open(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text.startswith((b"{", b"[")) else None

    def until(self, talk_id, holds, within_s=60):
        """Look at the talk until `holds(view)`, and return the view."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            view = self.get(f"/api/talks/{talk_id}")
            if holds(view):
                return view
            time.sleep(0.05)
        raise AssertionError(f"it did not come to that: {view['phase']} {view['heart']}")


@pytest.fixture
def start():
    """Start programs; whatever still runs at the end is killed."""
    running = []

    def begin(*arguments):
        program = Program(*map(str, arguments))
        running.append(program)
        return program

    yield begin
    for program in running:
        program.close()


@pytest.fixture
def visit():
    return Visitor


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium. Playwright keeps an event loop running, so it must not outlive the module's tests."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser, start, speed):
    """A page of a demo at `speed`, which the test's module says; it asks nobody outside, and has no problem."""
    program = start("demo", "--port", 0, "--speed", speed).wait_for_page()
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=program.url)
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    # A request that a navigation cuts short is no failure.
    page.on("requestfailed", lambda r: problems.append(r.url) if "ABORTED" not in r.failure else None)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    yield page
    context.close()
    strangers = [url for url in asked if not url.startswith((program.url, "data:"))]
    assert strangers == [], "a page asked something outside"
    assert problems == []
