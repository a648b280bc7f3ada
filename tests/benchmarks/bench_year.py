"""A year of one couple, simulated: 200 talks of an hour. What the server needs for an entry, a week and two weeks' patterns.

`python -m tests.benchmarks.bench_year [FOLDER]`: with a folder that `python -m tests.simulated_year` has filled nothing is
made anew. Server time is measured through HTTP without a network, page and all, after one request to warm up. The naive
way is the same without what is kept: every talk's packets walked through the detector again.
"""

import json
import shutil
import socket
import statistics
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from sqlalchemy import func, select

from alerts.people import SERVICE, Actor
from api.app import build, create_app
from api.routes.auth import COOKIE
from api.settings import Settings
from journal.models import MeasurementRow, RecordingRow, TalkRow
from journal.reviews.patterns import MOST_DAYS
from journal.timeline import timeline
from tests.benchmarks.timing import table
from tests.integration.visitors import running, visitor
from tests.simulated_year import make, on_terminal

ROUNDS = 15
NAIVE_ROUNDS = 3
WANTED_MS = {"entry": 50, "week": 50, "patterns": 100}
HOURS = 4
PANS = 40


@contextmanager
def visited(folder):
    """The service on `folder`, a client of it where its first person is signed in, and who that is."""
    service = build(Settings(data_dir=folder, simulated=True, speed=1.0))
    with running(service) as app:
        people = service.journal.people
        actor = Actor(people.everybody(SERVICE)[0].id)
        client = visitor(app, accept="text/html")
        client.cookies.set(COOKIE, people.open_session(actor, now=datetime.now(UTC)))
        yield service, client, actor


def spent_ms(work, rounds):
    """Median time and median processor time of `work`, ms: other work on the machine counts in the first only."""
    work()
    spent, busy = [], []
    for _ in range(rounds):
        began, began_busy = time.perf_counter(), time.process_time()
        work()
        spent.append((time.perf_counter() - began) * 1000)
        busy.append((time.process_time() - began_busy) * 1000)
    return statistics.median(spent), statistics.median(busy)


def naive_ms(service, actor, since, until):
    """Median processor time of one talk's walk, and how many finished talks began in the span: a naive review walks each."""
    reading = service.journal.database.read
    with reading() as connection:
        mine = (RecordingRow.owner_id == actor.person_id, TalkRow.ended_at.is_not(None))
        span = (RecordingRow.began_at >= since, RecordingRow.began_at < until)
        query = select(func.count()).select_from(RecordingRow).join(TalkRow, TalkRow.id == RecordingRow.talk_id)
        talks = connection.scalar(query.where(*mine, *span))
    entry = service.journal.entries.entry(actor, service.journal.entries.list_entries(actor)[0].id)

    def walk():
        stored = service.journal.recorder.measurements(actor, entry.talk.recording_id)
        timeline(entry.talk, entry.state, stored, replace(service.detector, threshold_bpm=entry.talk.threshold_bpm))

    return spent_ms(walk, NAIVE_ROUNDS)[1], talks


def report(folder=None):
    if folder is None:
        with tempfile.TemporaryDirectory() as made:
            make(Path(made), told=on_terminal)
            yield from report(Path(made))
        return
    with visited(folder) as (service, client, actor):
        entries = service.journal.entries.list_entries(actor)
        newest = entries[0].began_at
        day = newest.date() - timedelta(days=7)
        with service.journal.database.read() as connection:
            talks = connection.scalar(select(func.count()).select_from(TalkRow))
            recordings = connection.scalar(select(func.count()).select_from(RecordingRow))
            packets = connection.scalar(select(func.count()).select_from(MeasurementRow))
        walk_ms, in_patterns = naive_ms(service, actor, newest - timedelta(days=MOST_DAYS), newest + timedelta(days=1))
        _, in_week = naive_ms(service, actor, newest - timedelta(days=7), newest)
        size_mb = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
        yield (
            f"{talks} simulated talks of an hour, {recordings} recordings, {packets:,} packets, {size_mb:.0f} MB; "
            f"{len(entries)} entries of the wearer."
        )
        yield ""
        entry = entries[0].id
        timed = [
            ("an entry’s timeline, as data", f"/api/entries/{entry}/timeline", "entry", 1),
            ("an entry’s page", f"/entries/{entry}", "entry", 1),
            ("weekly review, its page", f"/review?day={day}", "week", in_week),
            ("two weeks’ patterns, its page", f"/review/patterns?day={newest.date()}", "patterns", in_patterns),
        ]
        rows = []
        for name, path, kind, walked in timed:
            ms, busy = spent_ms(lambda path=path: client.get(path).raise_for_status(), ROUNDS)
            naive = walk_ms * walked
            walks = f"{naive:,.0f} ms ({walked} {'talk' if walked == 1 else 'talks'})"
            rows.append(
                (name, f"{ms:.1f} ms", f"{busy:.1f} ms", f"≤ {WANTED_MS[kind]} ms", walks, f"{naive / busy:,.0f} ×")
            )
        yield from table(
            ("server time, median", "here", "of it processor", "wanted", "naive: walk the packets, processor", "ratio"),
            rows,
        )
    yield ""
    yield from frames()


def frames():
    """Panning a talk of four hours on a phone-sized page."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        yield "Frames of a talk of four hours: needs Chromium."
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, _served_long_talk() as (url, entry):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=3).new_page()
        page.goto(url)
        page.get_by_test_id("welcome-begin").click()
        page.goto(f"{url}/entries/{entry}")
        page.locator("#timeline canvas").wait_for()
        page.wait_for_timeout(500)
        seconds = json.loads(page.locator("#timeline-data").text_content())["length_s"]
        for _ in range(2):
            page.locator("#zoom-in").click()
        spent = page.evaluate(
            """async (pans) => {
                const place = document.getElementById("timeline"), spent = [];
                for (let n = 0; n < pans; n += 1) {
                    const began = performance.now();
                    const key = Math.floor(n / 10) % 2 === 0 ? "ArrowRight" : "ArrowLeft";
                    place.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
                    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
                    spent.push(performance.now() - began);
                }
                return spent;
            }""",
            PANS,
        )
        browser.close()
    yield (
        f"A talk of {seconds:,} seconds on a page of 390 × 844 (3 pixels a point): from the key to the drawn frame, median "
        f"{statistics.median(spent):.0f} ms, slowest of {PANS} {max(spent):.0f} ms; a screen waits 16.7 ms for its next frame anyway."
    )


@contextmanager
def _served_long_talk():
    """A server with one simulated talk of four hours in its journal, and the talk's entry."""
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), talks=1, hours=HOURS, partner=False, entries_of_all=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        service = build(Settings(data_dir=folder, simulated=True, speed=1.0, port=port))
        actor = Actor(service.journal.people.first_person(name="Mira", now=datetime.now(UTC)).id)
        (entry,) = service.journal.entries.list_entries(actor)
        server = uvicorn.Server(uvicorn.Config(create_app(service), port=port, log_level="warning"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        try:
            yield f"http://127.0.0.1:{port}", entry.id
        finally:
            server.should_exit = True
            thread.join()


if __name__ == "__main__":
    print("\n".join(report(Path(sys.argv[1]) if len(sys.argv) > 1 else None)))
