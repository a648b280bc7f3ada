"""`flooding scan`: names come off the air, and anybody can send one."""

import pytest
from typer.testing import CliRunner

from api.cli import app
from sensing.scanner import Nearby


@pytest.fixture
def scan(monkeypatch, tmp_path):
    """What is printed when one device is heard."""
    monkeypatch.setenv("FLOODING_DATA_DIR", str(tmp_path))

    def run(name):
        async def heard(_):
            return [Nearby(name, "AA:BB:CC:DD:EE:01", -60, heart_rate=True)]

        monkeypatch.setattr("sensing.scanner.scan", heard)
        return CliRunner().invoke(app, ["scan"]).output

    return run


def test_a_name_off_the_air_moves_no_terminals_cursor(scan):
    told = scan("P\x1b[2J\u202e1")
    assert not {"\x1b", "\u202e"} & set(told)
    assert r"P\x1b[2J\u202e1" in told
    assert "--strap AA:BB:CC:DD:EE:01" in told  # that name could not be typed


@pytest.mark.parametrize(("name", "typed"), [("HRM 1 ", "'HRM 1'"), ("   ", "AA:BB:CC:DD:EE:01")])
def test_the_hint_names_the_strap_as_it_is_found_again(scan, name, typed):
    assert f"--strap {typed}\n" in scan(name)
