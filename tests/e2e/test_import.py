"""`flooding import` and `flooding export`, as people meet them: what is told, what is refused, and what a kill leaves."""

import json
import os
import pty
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from alerts.people import SERVICE
from journal.journal import open_journal
from sensing.measurement import HeartRateMeasurement, pack
from sensing.recording import Row, write_project

DATA = Path(__file__).parents[1] / "data"
STRESSED = DATA / "biopsykit" / "vp02_rr_phases.csv"
COMMAND = [sys.executable, "-m", "api"]
WHEN = ("--began", "2026-03-12 20:00+01:00")


@pytest.fixture
def flooding(tmp_path):
    """Run a command on a journal of its own; return its exit code and the lines of both outputs."""

    def run(command, *arguments, **more):
        place = ["--data", str(tmp_path / "journal")]
        done = subprocess.run(
            [*COMMAND, command, *map(str, arguments), *place],
            capture_output=True, text=True, timeout=120, check=False, **more,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()

    return run


def test_a_recording_is_told_in_one_line_and_its_clock_in_another(flooding):
    code, told, refused = flooding("import", STRESSED)
    assert (code, refused) == (0, [])
    assert told == [
        "vp02_rr_phases.csv: 23 Oct 2019, 12:54, 7 min, 1 flood",
        "A clock without a zone was taken for this computer's; --zone Europe/Berlin would say another.",
    ]
    assert flooding("import", STRESSED) == (0, ["vp02_rr_phases.csv: there already"], [])


def test_a_zone_that_is_said_needs_no_remark(flooding):
    _, told, refused = flooding("import", STRESSED, "--zone", "Europe/Berlin")
    assert (told, refused) == (["vp02_rr_phases.csv: 23 Oct 2019, 12:54, 7 min, 1 flood"], [])


def test_without_a_time_a_recording_is_refused_and_with_one_it_is_kept(flooding):
    rest = DATA / "hrv_bsd" / "rest_rri.txt"
    code, told, refused = flooding("import", rest)
    hint = "does not say when it began; import it alone with --began '2026-03-12 20:00'"
    assert (code, told, refused) == (2, [], [f"flooding: {rest}: {hint}"])
    assert flooding("import", rest, *WHEN) == (0, ["rest_rri.txt: 12 Mar 2026, 20:00, 16 min, no floods"], [])


def test_a_folder_tells_what_it_imported_refused_and_passed_over_and_why(flooding, tmp_path):
    folder = tmp_path / "old"
    (folder / "deeper").mkdir(parents=True)
    shutil.copy(STRESSED, folder / "a.csv")
    shutil.copy(STRESSED, folder / "deeper" / "again.csv")
    (folder / "b.txt").write_text("800\n0.81\n")
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0")
    (folder / "readme.md").write_text("# Old recordings\n\nOf a summer.\n")
    (folder / ".hidden").write_text("800\n")
    code, told, refused = flooding("import", folder, "--zone", "Europe/Berlin")
    assert code == 2
    assert told == [
        "a.csv: 23 Oct 2019, 12:54, 7 min, 1 flood",
        "again.csv: there already",
        "5 files. Recordings: 1 imported, 1 there already. Files: 1 refused, 2 passed over.",
    ]
    assert refused == [
        f"flooding: {folder / 'b.txt'}, line 2: an RR interval of 0.81 ms is not a heartbeat (expected 200 to 5000 ms); 0.81 looks like seconds among milliseconds",
        f"passed over: {folder / 'picture.png'}: is a binary file of no known format",
        f"passed over: {folder / 'readme.md'}, line 3: is of no known format: found 'of a summer.'; flooding import --help names those that are read",
    ]


def test_only_files_that_are_no_recordings_make_a_folder_no_failure(flooding, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "readme.md").write_text("Of a summer.\n")
    assert flooding("import", tmp_path / "notes")[0] == 0
    assert flooding("import", tmp_path / "notes" / "readme.md")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody.csv"], "nobody.csv: there is no such file"),
        ([STRESSED, "--began", "soon"], "--began is no time"),
        ([STRESSED, STRESSED.parent, *WHEN], "name one file with it"),
        ([STRESSED, "--zone", "Middle/Earth"], "--zone is no time zone that this computer knows"),
        ([STRESSED, "--zone", "../../etc/passwd"], "--zone is no time zone that this computer knows"),
    ],
)
def test_what_cannot_be_is_said_on_one_line_and_is_exit_code_2(flooding, arguments, words):
    code, _, refused = flooding("import", *arguments)
    assert code == 2
    (line,) = refused
    assert line.startswith("flooding: ")
    assert words in line


def test_an_empty_folder_is_said_to_be_empty(flooding, tmp_path):
    (tmp_path / "empty").mkdir()
    assert flooding("import", tmp_path / "empty") == (0, ["There are no files."], [])


def test_on_a_terminal_a_folder_shows_its_progress(tmp_path):
    """Standard error is a terminal of its own; standard output is not touched by the bar."""
    ours, its = pty.openpty()
    command = [*COMMAND, "import", STRESSED, DATA / "fit", "--zone", "Europe/Berlin", "--data", tmp_path / "j"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=its, timeout=120, check=False)
    os.close(its)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert b"vp02_rr_phases.csv" in shown
    assert b"/4" in shown
    last = done.stdout.splitlines()[-1]
    assert last == b"4 files. Recordings: 3 imported, 0 there already. Files: 0 refused, 1 passed over."


def test_an_export_is_listed_written_for_its_owner_and_never_over_another_file(flooding, tmp_path):
    assert flooding("export") == (0, ["No recordings yet."], [])
    flooding("import", STRESSED, "--zone", "Europe/Berlin")
    code, (line,), _ = flooding("export")
    assert code == 0
    assert line.endswith("  2019-10-23 12:54      7 min  the recording vp02_rr_phases.csv")
    assert flooding("export", line[:8], cwd=tmp_path)[0] == 0
    file = tmp_path / "flooding-2019-10-23-1254.csv.gz"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    code, _, (refused,) = flooding("export", "latest", cwd=tmp_path)
    assert (code, refused) == (2, f"flooding: {file.name}: is there already; choose another name with --out")
    assert flooding("import", file) == (0, [f"{file.name}: there already"], [])
    assert flooding("export", "ffff0000")[0] == 2


def test_an_exported_talk_is_read_by_replay_and_analyse(flooding, tmp_path):
    flooding("import", STRESSED)
    flooding("export", "latest", "--out", tmp_path / "talk.csv")
    done = [
        subprocess.run(
            [*COMMAND, command, tmp_path / "talk.csv", "--json"], capture_output=True, text=True, timeout=60, check=True
        )
        for command in ("replay", "analyse")
    ]
    summary, analysis = (json.loads(one.stdout.splitlines()[-1]) for one in done)
    assert summary["summary"]["floods"] == 1
    assert analysis["analysis"]


def test_an_import_that_was_killed_left_nothing(tmp_path):
    """Two hundred thousand packets take seconds to judge: the kill comes while they are, after they were written."""
    path = tmp_path / "long.csv"
    packet = pack(HeartRateMeasurement(70, rr_ticks=(878,)))
    write_project(path, (Row(n * 0.857, None, packet) for n in range(200_000)))
    kept = tmp_path / "journal"
    importing = subprocess.Popen([*COMMAND, "import", path, *WHEN, "--data", kept], stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not (kept / "journal.db-wal").exists() or (kept / "journal.db-wal").stat().st_size < 1 << 20:
        assert time.monotonic() < until
        assert importing.poll() is None
        time.sleep(0.02)
    importing.kill()
    importing.wait()
    journal = open_journal(kept)
    try:
        assert journal.talks.unfinished(SERVICE) == []
    finally:
        journal.close()
    with closing(sqlite3.connect(kept / "journal.db")) as database:
        for table in ("talk", "recording", "measurement", "entry"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608  names of our own tables
