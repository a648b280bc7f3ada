"""How long the program takes where people wait: the demo's pages and its story, an hour's replay, an entry's timeline."""

import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.people import Actor
from hrv.settings import DetectorSettings
from journal.journal import open_journal
from journal.timeline import timeline
from sensing.recording import Row, write_project
from sensing.source import Notification
from tests.benchmarks.bench_monitor import packets

ROUNDS = 3


def first_page_s():
    """From the command to the first page that answers."""
    began = time.perf_counter()
    command = [sys.executable, "-u", "-m", "api", "demo", "--port", "0"]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    url = next(found.group() for line in program.stdout if (found := re.search(r"http://\S+", line)))
    while True:
        try:
            with urllib.request.urlopen(f"{url}/welcome", timeout=5) as answer:
                answer.read()
            break
        except OSError:
            time.sleep(0.01)
    spent = time.perf_counter() - began
    program.terminate()
    program.wait()
    program.stdout.close()
    return spent


def story_s():
    """The demo at its usual speed, from start to entry, with a wearer who answers at once. Promised within two minutes."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "api", "demo", "--headless"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def replay_s(file):
    """A whole `flooding replay` of an hour, start-up included."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "api", "replay", file], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def timeline_ms(made, folder):
    """An hour's entry timeline from stored packets: reading, walking them through the detector, phases."""
    journal = open_journal(folder)
    person = journal.people.first_person(name="bench", now=datetime.now(UTC))
    actor = Actor(person.id)
    began_at = datetime.now(UTC) - timedelta(hours=1)
    talk = journal.talks.start(
        actor, began_at=began_at, utc_offset_min=0, strap=None, simulated=True, threshold_bpm=100.0
    )
    for t_s, packet in made:
        journal.recorder.measurement(talk.recording_id, Notification(t_s, packet))
    journal.recorder.flush()
    state, _ = journal.talks.load(actor, talk.id)
    began = time.perf_counter()
    timeline(talk, state, journal.recorder.measurements(actor, talk.recording_id), DetectorSettings())
    spent = time.perf_counter() - began
    journal.close()
    return spent * 1000


def report():
    made = packets()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "hour.csv"
        write_project(file, (Row(t_s, None, packet) for t_s, packet in made))
        pages = [first_page_s() for _ in range(ROUNDS)]
        replays = [replay_s(file) for _ in range(ROUNDS)]
        drawn = [timeline_ms(made, Path(folder) / str(i)) for i in range(ROUNDS)]
    yield f"- Demo, from command to first page: median {statistics.median(pages):.2f} s."
    yield f"- Demo, from start to entry at its usual speed (120 s at most): {story_s():.0f} s."
    yield f"- Replay of an hour, start-up included: median {statistics.median(replays):.2f} s."
    yield f"- An hour's entry timeline from stored packets: median {statistics.median(drawn):.0f} ms."


if __name__ == "__main__":
    print("\n".join(report()))
