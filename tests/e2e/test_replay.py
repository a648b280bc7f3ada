"""`flooding replay`, as its readers meet it: lines of JSON, words for people, and a journal that it leaves alone."""

import csv
import json
import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sensing.measurement import HeartRateMeasurement
from sensing.recording import Row, write_project

STRESSED = Path(__file__).parents[1] / "data" / "biopsykit" / "vp02_rr_phases.csv"
COMMAND = [sys.executable, "-m", "api", "replay"]


def replay(*arguments, **more):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=True, **more
    )


def told(*arguments):
    return [json.loads(line) for line in replay(*arguments, "--json").stdout.splitlines()]


def states_by_second(lines, length_s):
    """The state at each second, as the printed changes tell it."""
    states, changes, now = [], [line for line in lines if "state" in line], None
    for second in range(length_s):
        while changes and changes[0]["t_s"] <= second:
            now = changes.pop(0)["state"]
        states.append(now)
    return states


def beats(bpm, seconds, from_s=0.0):
    """A steady heart: the time at which each interval ends, and the interval in ms. No two in a row are quite equal."""
    rr_s = 60 / bpm
    return [(from_s + (n + 1) * rr_s, 1000 * rr_s + (-1) ** n) for n in range(int(seconds / rr_s))]


@pytest.fixture
def calm_then_high(tmp_path):
    """Two minutes at 70, two at 115, as the project's own file."""
    rows = [*beats(70, 120), *beats(115, 120, from_s=120)]
    path = tmp_path / "talk.csv.gz"
    write_project(path, (Row(t_s, HeartRateMeasurement(None, rr_ticks=(round(ms * 1.024),))) for t_s, ms in rows))
    return path


def test_a_real_stressed_person_is_flooded_in_the_stress_and_never_in_the_baseline():
    with STRESSED.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    began = datetime.fromisoformat(rows[0]["time"])
    last_baseline = max(datetime.fromisoformat(row["time"]) for row in rows if row["phase"] == "Baseline")
    states = states_by_second(told(STRESSED), 440)
    stress = states[185:309]
    assert stress.count("flooded") >= 0.9 * len(stress)
    assert "flooded" not in states[: int((last_baseline - began).total_seconds()) + 1]


def test_every_line_names_its_file_and_the_summary_comes_last(calm_then_high):
    lines = told(calm_then_high, STRESSED)
    assert [line["file"] for line in lines] == sorted((line["file"] for line in lines), key=str(STRESSED).__eq__)
    for file in (calm_then_high, STRESSED):
        *changes, summed = [line for line in lines if line["file"] == str(file)]
        assert changes
        for change in changes:
            assert set(change) == {"file", "t_s", "state", "signal", "why"}
            assert change["state"] in {"calm", "rising", "flooded", "recovering", "recovered"}
        assert [change["t_s"] for change in changes] == sorted(change["t_s"] for change in changes)
        assert set(summed) == {"file", "summary"}
        assert summed["summary"]["floods"] == 1
        (episode,) = summed["summary"]["episodes"]
        assert episode["began_t_s"] in {change["t_s"] for change in changes if change["state"] == "flooded"}


def test_the_same_file_gives_the_same_bytes(calm_then_high):
    assert replay(calm_then_high, STRESSED, "--json").stdout == replay(calm_then_high, STRESSED, "--json").stdout != ""


def test_many_files_at_once_say_what_each_says_alone_in_the_order_they_were_given(calm_then_high):
    files = [STRESSED, calm_then_high, STRESSED, calm_then_high, STRESSED]
    assert replay(*files, "--json").stdout == "".join(replay(file, "--json").stdout for file in files)
    assert replay(*files).stdout == "".join(replay(file).stdout for file in files)


def test_a_bad_file_among_good_ones_is_one_line_after_what_the_good_ones_before_it_said(calm_then_high, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("nothing,of,the,kind\n")
    done = subprocess.run(
        [*COMMAND, calm_then_high, bad, calm_then_high, "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == replay(calm_then_high, "--json").stdout
    assert done.stderr.count("\n") == 1
    assert "bad.csv" in done.stderr


def test_the_baseline_is_what_came_before_the_talk_started(calm_then_high):
    *_, summed = told(calm_then_high, "--talk-starts", 110)
    assert summed["summary"]["baseline"]["heart_rate_bpm"] == pytest.approx(70, abs=0.5)
    assert told(calm_then_high)[-1]["summary"]["baseline"] is None


def test_a_talk_that_starts_after_the_end_is_noted_and_changes_nothing(calm_then_high):
    late = replay(calm_then_high, "--talk-starts", 5000, "--json")
    assert late.stdout == replay(calm_then_high, "--json").stdout
    assert "ends at 240 s" in late.stderr


def test_the_threshold_is_the_line_that_is_judged_by(calm_then_high):
    assert told(calm_then_high, "--threshold", 120)[-1]["summary"]["floods"] == 0
    (episode,) = told(calm_then_high, "--threshold", 110)[-1]["summary"]["episodes"]
    assert episode["threshold_bpm"] == 110


def test_a_file_of_several_people_and_tasks_is_several_recordings(tmp_path):
    lines = ["subject,task,t_s,rr_ms"]
    for subject, task, bpm in (("s0", "sitting", 70), ("s0", "maths", 118), ("s1", "sitting", 75)):
        lines += [f"{subject},{task},{t_s:.3f},{ms:.1f}" for t_s, ms in beats(bpm, 90)]
    path = tmp_path / "rr.csv"
    path.write_text("\n".join(lines))
    lines = told(path)
    floods = {line["recording"]: line["summary"]["floods"] for line in lines if "summary" in line}
    assert floods == {"rr.csv [s0 sitting]": 0, "rr.csv [s0 maths]": 1, "rr.csv [s1 sitting]": 0}
    # Each begins anew: nothing is carried over from the one before.
    assert all(line["t_s"] <= 90 for line in lines if "t_s" in line)


def test_a_gap_is_placed_by_its_time_stamps(tmp_path):
    began = datetime(2026, 3, 12, 20, 0, 0)  # noqa: DTZ001  recordings carry local time
    rows = [*beats(70, 60), *beats(70, 60, from_s=100)]
    lines = [f"{(began + timedelta(seconds=t_s)).isoformat()},{ms:.1f}" for t_s, ms in rows]
    path = tmp_path / "gap.csv"
    path.write_text("\n".join(["time,rr_ms", *lines]))
    *changes, summed = told(path)
    signals = [(line["t_s"], line["signal"]) for line in changes]
    lost = next(t_s for t_s, signal in signals if t_s > 30 and signal != "ok")
    back = next(t_s for t_s, signal in signals if t_s > lost and signal == "ok")
    assert 60 < lost < 80
    assert 99 <= back < 120
    assert summed["summary"]["length_s"] == pytest.approx(159, abs=1)


def test_in_words_a_flood_has_its_time_its_height_and_its_length(calm_then_high):
    lines = replay(calm_then_high, "--talk-starts", 110).stdout.splitlines()
    assert lines[0] == str(calm_then_high)
    assert any(" flooded " in line and line.startswith("     2:") for line in lines)
    assert any("  end: usual heart rate 70, 1 flood" in line for line in lines)
    assert any("highest 115" in line and "above the line" in line for line in lines)


def test_the_journal_is_outlasted(calm_then_high, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    own = {"HOME": str(home), "XDG_DATA_HOME": str(home), "FLOODING_DATA_DIR": str(home / "journal")}
    replay(calm_then_high, "--json", env=os.environ | own)
    assert list(home.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and signals as POSIX has them")
def test_a_reader_who_has_left_is_no_error(calm_then_high):
    files = [str(calm_then_high)] * 200
    writing = subprocess.Popen([*COMMAND, *files], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    writing.stdout.readline()
    writing.stdout.close()
    complaint = writing.stderr.read()
    writing.stderr.close()
    assert writing.wait(30) == 1
    assert complaint == ""


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and signals as POSIX has them")
def test_nobody_reading_from_the_start_is_no_error_either():
    """A command that says little says it only when it ends."""
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as nobody:
        done = subprocess.run(
            [sys.executable, "-c", "import api.cli; api.cli.app = lambda: print('little'); api.cli.main()"],
            stdout=nobody, stderr=subprocess.PIPE, text=True, timeout=30, check=False, env=buffered,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and signals as POSIX has them")
def test_ctrl_c_is_quiet_and_130(calm_then_high):
    with subprocess.Popen(
        [*COMMAND, *[str(calm_then_high)] * 500], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as writing:
        writing.stdout.readline()
        writing.send_signal(signal.SIGINT)
        _, complaint = writing.communicate(timeout=30)
    assert writing.returncode == 130
    assert complaint == ""


def test_names_from_files_move_no_terminals_cursor(tmp_path):
    path = tmp_path / "a\x1b[2J.csv"
    path.write_text("subject,rr_ms\n" + "a\x9b2J\u202e,800\n" * 5 + "b,800\n" * 5)
    done = replay(path)
    assert done.returncode == 0
    assert not {"\x1b", "\x9b", "\u202e"} & set(done.stdout)
    assert r"a\x1b[2J.csv [a\x9b2J\u202e]" in done.stdout
