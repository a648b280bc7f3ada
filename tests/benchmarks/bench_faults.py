"""What becomes of packets when something breaks under the load of many simulated wearers: one table, a row for each fault.

`python -m tests.benchmarks faults [--wearers=500]`. Each row is a run of its own on a new journal. Whoever supervises the program
(a unit file with `Restart=always`) is played here where the whole server is killed; where several workers serve, the program
itself begins another one. Disk full needs to mount a small tmpfs; where that is not possible, the row says so.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.bench_load import say
from tests.benchmarks.timing import machine, table
from tests.load import PostgresPlace, Server, SqlitePlace, compare, stored, under_load

BEFORE_S, AFTER_S = 10.0, 25.0
DOWN_S = 5.0
NO_DATABASE_S = 30.0
SMALL_DISK_MB = 24
JUMP_S = 3600
FULL_S = 10.0


class NotHere(Exception):
    """This machine cannot be broken so. Says why."""


@dataclass
class Story:
    """A fault as it is going on.

    Attributes:
        broken_s: when it broke, on the monotonic clock.
        mended_s: when what was broken from outside was whole again; None where nothing outside was.
    """

    run: object
    server: Server = None
    broken_s: float = 0.0
    mended_s: float | None = None
    log: list = field(default_factory=list)

    def breaks(self):
        self.broken_s = time.monotonic()

    def mended(self):
        self.mended_s = time.monotonic()


def kill_server(story):
    """The server is killed, and begun again as an operator's supervisor would, at once."""
    run = story.run
    story.breaks()
    run.server.kill()
    run.server = Server(run.place, port=run.server.port)


def kill_worker(story):
    """One of two workers is killed; the program begins another."""
    story.breaks()
    os.kill(story.run.server.workers()[0], signal.SIGKILL)


def stop_postgres(story, down_s=DOWN_S):
    story.breaks()
    story.run.place.stop_at_once()
    time.sleep(down_s)
    story.run.place.begin_again()
    story.mended()


def no_postgres(story):
    stop_postgres(story, NO_DATABASE_S)


def fill_disk(story):
    """Nothing is free where the journal is, until something is deleted again."""
    filler = story.run.place.folder.parent / "filler"
    story.breaks()
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    time.sleep(FULL_S)
    filler.unlink()
    story.mended()


def jump(seconds):
    """The wall clock is set while everything runs; the monotonic clock is the kernel's own and goes on."""

    def jumps(story):
        story.breaks()
        offset = story.run.place.folder.parent / "clock"
        beside = offset.with_suffix(".new")
        beside.write_text(f"{seconds:+d}\n")
        beside.replace(offset)

    return jumps


def clock_of(folder):
    """The environment in which the wall clock is what a file says."""
    try:
        import libfaketime
    except ImportError:
        raise NotHere("libfaketime is not installed: pip install libfaketime") from None
    library = next(Path(libfaketime.__file__).parent.rglob("libfaketime.so*"), None)
    if library is None:
        raise NotHere("libfaketime has no library for this system")
    (folder / "clock").write_text("+0\n")
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(folder / "clock"),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


class SmallDisk:
    """A folder on a disk of its own of a few MB."""

    def __init__(self, folder):
        self.folder = folder
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_MB}m,mode=755", "tmpfs", str(folder)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if made.returncode:
            raise NotHere(f"a small disk cannot be mounted: {made.stderr.strip()}")

    def close(self):
        subprocess.run(["umount", "-l", str(self.folder)], check=False)


@dataclass(frozen=True)
class Fault:
    """One row: what breaks, on which database, and with what the server begins."""

    name: str
    place_of: type
    breaks: object
    workers: int = 1
    clock: bool = False
    small_disk: bool = False
    after_s: float = AFTER_S


FAULTS = (
    Fault("the server is killed (kill -9) and begun again", SqlitePlace, kill_server),
    Fault("the server is killed (kill -9) and begun again", PostgresPlace, kill_server),
    Fault("one of two workers is killed (kill -9)", PostgresPlace, kill_worker, workers=2),
    Fault(f"PostgreSQL is stopped at once, begun again after {DOWN_S:.0f} s", PostgresPlace, stop_postgres),
    Fault(f"{NO_DATABASE_S:.0f} s without a database", PostgresPlace, no_postgres, after_s=40.0),
    Fault(f"the disk is full for {FULL_S:.0f} s", SqlitePlace, fill_disk, small_disk=True),
    Fault("the clock jumps an hour forward", SqlitePlace, jump(JUMP_S), clock=True),
    Fault("the clock jumps an hour back", SqlitePlace, jump(-JUMP_S), clock=True),
)
HEADER = (
    "fault", "database", "wearers", "sent", "acknowledged", "acknowledged and missing", "sent and missing", "doubled or changed",
    "acks again after", "all caught up after", "by itself",
)  # fmt: skip


def is_ready(url):
    try:
        with urllib.request.urlopen(f"{url}/health/ready", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def lived(fault, wearers):
    """One fault; its row."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(SmallDisk(folder)) if fault.small_disk else tempfile.TemporaryDirectory():
            env = clock_of(folder) if fault.clock else None
            with closing(fault.place_of(folder)) as place:
                server = {"workers": fault.workers} if fault.workers > 1 else {}
                seconds = BEFORE_S + fault.after_s + 10.0
                with under_load(place, wearers, seconds, env=env, **server) as run:
                    story = Story(run)
                    time.sleep(BEFORE_S)
                    fault.breaks(story)
                    run.pages.wait_until_over()
                    ready = is_ready(run.server.url)
                    played, _ = run.pages.lived_through()
                    found = compare(played, stored(place))
                    shutil.copyfile(run.server.log, Path(tempfile.gettempdir()) / "flooding-fault.log")
                return row(fault, wearers, story, found, ready=ready)


def row(fault, wearers, story, found, *, ready):
    """Times begin when it broke, or, where it was broken from outside for a while, when it was mended."""
    whole_s = story.mended_s or story.broken_s
    later = [(given, at) for given, at in found.acks if at >= whole_s]
    first = min((at for _, at in later), default=None)
    # What was given while it was broken, and until acknowledgements came again.
    behind = [at for given, at in later if story.broken_s <= given <= (first or whole_s)]
    recovered = found.is_whole and ready
    return (
        fault.name,
        fault.place_of.name if fault.workers == 1 else f"{fault.place_of.name}, {fault.workers} workers",
        f"{wearers:,}",
        f"{found.sent:,}",
        f"{found.acknowledged:,}",
        f"{found.acknowledged_and_missing:,}",
        f"{found.sent_and_missing:,}",
        f"{found.doubled + found.changed:,}",
        "never" if first is None else f"{first - whole_s:.1f} s",
        f"{max(behind) - whole_s:.1f} s" if behind else "at once",
        "yes" if recovered else ("not ready" if found.is_whole else "NO"),
    )


def report(wearers="500", only=""):
    wearers = int(wearers)
    yield machine()
    yield ""
    yield (
        "Every wearer is simulated. Each row is a run of its own: all pages are connected and send a packet a second, then it breaks, "
        "and they go on. Missing is what was acknowledged, or what any strap ever gave, and is not in the journal at the end. Times "
        "are from the fault, or from when what was broken outside was whole again, to the first acknowledgement, and to that of the "
        "last packet from before it. By itself: nobody did anything to the program but, where it was killed whole, begin it again."
    )
    yield ""
    rows = []
    for number, fault in enumerate(FAULTS):
        if only and str(number) not in only.split(","):
            continue
        say(f"{fault.name}, {fault.place_of.name}, {wearers:,} wearers …")
        try:
            rows.append(lived(fault, wearers))
        except NotHere as why:
            rows.append((fault.name, fault.place_of.name, f"not measured: {why}", *[""] * (len(HEADER) - 3)))
        print(f"  {rows[-1]}", file=sys.stderr, flush=True)
    yield from table(HEADER, rows)
    yield ""
    yield (
        f"While this was measured {os.getloadavg()[1]:.0f} programs wanted {os.cpu_count()} processors; what was lost does not depend on "
        "that, how long it took does."
    )
