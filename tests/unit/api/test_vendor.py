"""The vendored files are what the MANIFEST says, and a difference does not go unseen."""

import json
import re
import shutil

import pytest

from api.page import vendor


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(vendor.FOLDER, tmp_path / "vendor")


def test_the_files_in_the_repository_are_the_ones_in_the_manifest(capsys):
    assert vendor.main(["--check"]) == 0
    assert "as the MANIFEST.json says" in capsys.readouterr().out


def test_a_changed_byte_is_found_and_named(copy, capsys):
    script = copy / "uplot" / "uPlot.iife.min.js"
    script.write_bytes(script.read_bytes() + b" ")
    assert vendor.main(["--check"], folder=copy) == 1
    told = capsys.readouterr().err
    assert "uplot/uPlot.iife.min.js has changed" in told
    assert "python -m api.page.vendor" in told


def test_a_missing_file_is_found(copy, capsys):
    (copy / "figtree" / "LICENSE").unlink()
    assert vendor.main(["--check"], folder=copy) == 1
    assert "figtree/LICENSE is missing" in capsys.readouterr().err


def test_a_file_nobody_pinned_is_found(copy, capsys):
    (copy / "uplot" / "extra.js").write_text("1", encoding="utf-8")
    assert vendor.main(["--check"], folder=copy) == 1
    assert "uplot/extra.js is not in the MANIFEST.json" in capsys.readouterr().err


@pytest.mark.parametrize("text", [None, "not json", '{"packages": 3}', "[]"])
def test_an_unreadable_manifest_is_one_clear_line(copy, capsys, text):
    manifest = copy / vendor.MANIFEST
    manifest.unlink() if text is None else manifest.write_text(text, encoding="utf-8")
    assert vendor.main(["--check"], folder=copy) == 1
    assert "MANIFEST.json" in capsys.readouterr().err


def test_the_manifest_pins_what_the_script_pins_with_a_licence_each():
    packages = json.loads((vendor.FOLDER / vendor.MANIFEST).read_text(encoding="utf-8"))["packages"]
    assert [(p["name"], p["version"]) for p in packages] == [(p.name, p.version) for p in vendor.PACKAGES]
    assert all(any(name.endswith("/LICENSE") for name in p["sha256"]) for p in packages)


def test_the_pages_load_nothing_from_another_host():
    page = vendor.FOLDER.parent.parent
    own = [
        p for p in page.rglob("*") if p.suffix in {".html", ".js", ".css", ".svg"} and vendor.FOLDER not in p.parents
    ]
    assert own
    loads = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//|url\(["']?(?:https?:)?//|@import|fetch\(["']http""")
    assert [p.name for p in own if loads.search(p.read_text(encoding="utf-8"))] == []
