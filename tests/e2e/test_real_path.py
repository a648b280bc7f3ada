"""`flooding scan` and `flooding run --strap`, as processes of their own, on a fake BlueZ over a real bus."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from sensing.measurement import HeartRateMeasurement, pack
from tests.integration import fake_bluez

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or fake_bluez.dbus_daemon_path() is None, reason=fake_bluez.INSTALL
)
BPM = 75


@pytest.fixture
def bus(tmp_path, monkeypatch):
    with fake_bluez.private_system_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield address


async def beat(bluez, worn):
    """One heart, one notification for each beat, in real time."""
    packet = pack(HeartRateMeasurement(BPM, rr_ticks=(round(1024 * 60 / BPM),)))
    while True:
        await asyncio.sleep(60 / BPM)
        if bluez.connected(worn):
            bluez.notify(worn, packet)


def test_what_bluetooth_reports_is_one_clear_line(bus):
    """Another program's search, say: BlueZ answers with an error that is nobody's fault here."""

    async def story():
        async with fake_bluez.FakeBlueZ(bus) as bluez:
            bluez.scan_error = "org.bluez.Error.Failed"
            return await asyncio.to_thread(
                subprocess.run,
                [sys.executable, "-m", "api", "scan", "--seconds", "1"],
                capture_output=True, text=True, timeout=30, check=False,
            )  # fmt: skip

    result = asyncio.run(story())
    assert result.returncode == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("flooding: Bluetooth reports: ")


def test_a_scan_that_finds_nothing_says_what_helps(bus):
    async def story():
        async with fake_bluez.FakeBlueZ(bus, [fake_bluez.FakeStrap("Asleep", on_air=False)]):
            return await asyncio.to_thread(
                subprocess.run,
                [sys.executable, "-m", "api", "scan", "--seconds", "1"],
                capture_output=True, text=True, timeout=30, check=True,
            )  # fmt: skip

    said = asyncio.run(story()).stdout
    for hint in ("wakes on skin", "Another app", "flooding demo"):
        assert hint in said


def test_a_strap_is_found_by_scan_and_heard_by_run_also_after_its_link_broke(bus, start, visit, tmp_path):
    worn = fake_bluez.FakeStrap("Polar H10 A1B2C3D4")

    def look():
        return subprocess.run(
            [sys.executable, "-m", "api", "scan", "--seconds", "1"],
            capture_output=True, text=True, timeout=30, check=True, env=os.environ | {"COLUMNS": "120"},
        ).stdout  # fmt: skip

    def heard(mira, talk, beats):
        view = mira.until(talk, lambda v: sum(bpm is not None for _, bpm in v["points"]) >= beats, within_s=40)
        return view["heart"]["bpm"]

    async def story():
        async with fake_bluez.FakeBlueZ(bus, [worn]) as bluez:
            table = await asyncio.to_thread(look)
            assert worn.name in table
            assert worn.address in table
            assert "Polar H10: beats and motion" in table
            assert "-60 dBm" in table
            assert f"flooding run --strap '{worn.name}'" in table

            run = start("run", "--strap", worn.name, "--port", 0, "--data", tmp_path / "data")
            await asyncio.to_thread(run.wait_for_page)
            mira = await asyncio.to_thread(visit, run.url)
            talk = (await asyncio.to_thread(mira.post, "/api/talks", {}))["id"]
            beating = asyncio.create_task(beat(bluez, worn))
            assert abs(await asyncio.to_thread(heard, mira, talk, 3) - BPM) <= 1
            bluez.break_link(worn)
            view = await asyncio.to_thread(mira.get, f"/api/talks/{talk}")
            assert view["simulated"] is False
            await asyncio.to_thread(heard, mira, talk, len(view["points"]) + 3)
            await asyncio.to_thread(mira.post, f"/api/talks/{talk}/end")
            beating.cancel()
            _, took_s = await asyncio.to_thread(run.stop)
            assert took_s < max(2, run.started_s)

    asyncio.run(story())
    with closing(sqlite3.connect(tmp_path / "data" / "journal.db")) as database:
        links = [link for (link,) in database.execute("SELECT link FROM link_event ORDER BY id")]
    assert links.count("connected") == 2
    assert "lost" in links
