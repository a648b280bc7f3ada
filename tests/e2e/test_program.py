"""What a person may do to the program: stop it, kill it, start it again, give it nonsense."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request

import pytest


def flooding(*arguments, **more):
    return subprocess.run(
        [sys.executable, "-m", "api", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        **more,
    )


def test_the_headless_demo_ends_with_a_pause_taken_and_an_entry_written():
    result = flooding("demo", "--headless", "--speed", 120, "--json")
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["simulated"] is True
    episode = told["episode"]
    assert episode["peak_bpm"] > episode["threshold_bpm"] == 100
    assert episode["rise_bpm"] == pytest.approx(episode["peak_bpm"] - episode["baseline_bpm"], abs=0.2)
    assert episode["onset_t_s"] > 300
    assert episode["above_threshold_s"] > 10  # the pause is taken as soon as it is noticed
    assert 0.5 < episode["signal_ok_share"] <= 1
    assert episode["algorithm_version"]
    assert told["pause"]["state"] == "returned"
    assert told["pause"]["lasted_s"] >= 20 * 60
    assert told["entry"]["physiology"]["episodes"] == [episode]


def test_killed_in_the_middle_of_a_talk_it_goes_on_with_everything_acknowledged(start, visit, tmp_path):
    first = start("demo", "--port", 0, "--data", tmp_path, "--speed", 60).wait_for_page()
    mira = visit(first.url)
    talk = mira.post("/api/talks", {})["id"]
    before = mira.until(talk, lambda view: view["suggestion"])
    first.stop(signal.SIGKILL)

    again = start("demo", "--port", 0, "--data", tmp_path, "--speed", 60).wait_for_page()
    mira = visit(again.url)
    after = mira.until(talk, lambda view: len(view["points"]) >= len(before["points"]))
    assert after["suggestion"]["id"] == before["suggestion"]["id"]
    kept = [point for point in after["points"] if point in before["points"]]
    # What had not been committed yet (about a second of real time) is the most that may be missing.
    assert len(kept) >= len(before["points"]) - 60 * 3

    paused = mira.post(f"/api/talks/{talk}/suggestion/accept", {"suggestion_id": after["suggestion"]["id"]})["pause"]
    again.stop(signal.SIGKILL)

    third = start("demo", "--port", 0, "--data", tmp_path, "--speed", 60).wait_for_page()
    mira = visit(third.url)
    resumed = mira.get(f"/api/talks/{talk}")["pause"]
    assert (resumed["id"], resumed["return_at"]) == (paused["id"], paused["return_at"])
    ready = mira.until(talk, lambda view: view["pause"]["can_return"])
    assert ready["pause"]["minutes_so_far"] >= 20
    assert mira.post(f"/api/talks/{talk}/pause/return")["pause"] is None
    assert mira.post(f"/api/talks/{talk}/end")["entry"]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopped_with_a_page_open_and_a_strap_connected_it_ends_within_two_seconds(start, visit, tmp_path, how):
    program = start("demo", "--port", 0, "--data", tmp_path, "--speed", 30).wait_for_page()
    mira = visit(program.url)
    talk = mira.post("/api/talks", {})["id"]
    streaming, received = threading.Event(), []

    def follow():
        with mira._opener.open(f"{program.url}/api/talks/{talk}/live", timeout=20) as stream:
            for line in stream:
                received.append(line)
                streaming.set()

    page = threading.Thread(target=follow)
    page.start()
    assert streaming.wait(10)
    shown = mira.until(talk, lambda view: len(view["points"]) > 100)["points"]
    _, took_s = program.stop(how)
    page.join(5)
    assert took_s < max(2, program.started_s)
    assert not page.is_alive()
    stderr = program.process.stderr.read()
    assert "Traceback" not in stderr, stderr
    with sqlite3.connect(f"file:{next(tmp_path.glob('*.db'))}?mode=ro", uri=True) as database:
        stored = database.execute("SELECT max(t_ms) FROM measurement").fetchone()[0] / 1000
    database.close()
    assert stored >= shown[-1][0] - 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_leaves_nothing_behind(start, tmp_path, monkeypatch, how):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    program = start("demo", "--port", 0).wait_for_page()
    assert list(tmp_path.iterdir())
    program.stop(how)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_headless_demo_that_is_interrupted_ends_quietly_and_leaves_nothing_behind(
    start, tmp_path, monkeypatch, how, code
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    program = start("demo", "--headless", "--speed", 1)
    until = time.monotonic() + 20
    while not list(tmp_path.glob("*/journal.db")) and time.monotonic() < until:
        time.sleep(0.05)
    program.has_started()
    ended, took_s = program.stop(how)
    assert (ended, program.process.stderr.read()) == (code, "")
    assert took_s < max(3, program.started_s)
    assert list(tmp_path.iterdir()) == []


def test_run_is_never_simulated_whatever_the_environment_says(start, visit, tmp_path, monkeypatch):
    monkeypatch.setenv("FLOODING_SIMULATED", "true")
    monkeypatch.setenv("FLOODING_SPEED", "60")
    program = start("run", "--port", 0, "--data", tmp_path).wait_for_page()
    mira = visit(program.url)
    talk = mira.post("/api/talks", {})["id"]
    assert mira.get(f"/api/talks/{talk}")["simulated"] is False


def one_line(result):
    assert result.returncode == 2, result
    assert "Traceback" not in result.stderr
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("flooding: ")
    return line


def a_file(tmp_path, content, name="recording.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\x00\x01\x02\xff\xfe" * 100, "recording.csv"),
        (b"when,what\n1,2\n", "of no known format"),
        (b"", "empty"),
        (b"rr_ms\n800\n-5\n", "line 3"),
        (b"rr_ms\n800\n0\n", "line 3"),
        (b"rr_ms\n800\n999999\n", "line 3"),
        (b"rr_ms\n800\nnan\n", "line 3"),
        (b"t_s,packet\n0.5,zz\n", "line 2"),
        (b"t_s,packet\n0.5,10\n", "line 2"),
        (b"t_s,packet\n-0.5,0600\n", "line 2"),
        (b"t_s,packet\n1700000000,0600\n", "line 2"),
        (b"t_s,rr_ms\n0.5,800\n700000,800\n", "line 3"),
    ],
)
def test_a_bad_recording_is_one_clear_line(tmp_path, content, says):
    assert says in one_line(flooding("replay", a_file(tmp_path, content), "--json"))


def test_no_such_file_is_one_clear_line(tmp_path):
    assert "nothing-here.csv" in one_line(flooding("replay", tmp_path / "nothing-here.csv"))


@pytest.mark.parametrize("variable", ["FLOODING_PORT=abc", "FLOODING_THRESHOLD_BPM=20", "FLOODING_HOST=0.0.0.0"])
@pytest.mark.parametrize("command", ["run", "demo"])
def test_a_variable_that_cannot_be_is_one_clear_line(tmp_path, command, variable):
    name, _, value = variable.partition("=")
    told = one_line(flooding(command, "--data", tmp_path, env=os.environ | {name: value}))
    assert told.startswith(f"flooding: {variable}: ")


def test_a_port_in_use_is_one_clear_line(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port}" in one_line(flooding("demo", "--port", port, "--data", tmp_path))


def test_a_journal_of_a_newer_program_is_one_clear_line(start, tmp_path):
    start("demo", "--port", 0, "--data", tmp_path).wait_for_page().stop()
    with sqlite3.connect(next(tmp_path.glob("*.db"))) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "newer" in one_line(flooding("demo", "--port", 0, "--data", tmp_path))


def test_a_journal_in_use_is_one_clear_line(start, tmp_path):
    start("demo", "--port", 0, "--data", tmp_path).wait_for_page()
    assert "in use" in one_line(flooding("demo", "--port", 0, "--data", tmp_path))


@pytest.mark.parametrize("command", [["scan", "--seconds", "1"], ["run", "--port", "0", "--strap", "Polar H10"]])
def test_without_an_adapter_it_says_what_is_missing_and_how_to_try_the_demo(command, tmp_path):
    nobody = os.environ | {
        "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path}/no-bus",
        "FLOODING_DATA_DIR": str(tmp_path),
    }
    assert "flooding demo" in one_line(flooding(*command, env=nobody))


def test_another_sites_page_cannot_write(start):
    program = start("demo", "--port", 0).wait_for_page()
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
        request = urllib.request.Request(f"{program.url}/welcome", data=b"", headers=headers, method="POST")
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(request, timeout=5)


def test_another_hosts_name_is_refused(start):
    program = start("demo", "--port", 0).wait_for_page()
    request = urllib.request.Request(f"{program.url}/welcome", headers={"host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(request, timeout=5)
