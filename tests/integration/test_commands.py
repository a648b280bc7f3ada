"""Commands that are given too early, or where something is in the way: one clear line, and nothing has changed."""

from importlib.metadata import version

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.cli.errors import in_words
from journal.keys import usual_key_file
from tests.integration.journal_home import Home


def flooding(*told):
    return CliRunner().invoke(app, list(map(str, told)))


def test_the_version_is_told_without_a_journal():
    told = flooding("--version")
    assert (told.exit_code, told.output) == (0, f"flooding-detector {version('flooding-detector')}\n")


@pytest.mark.parametrize(
    "command", [["key", "show"], ["key", "rotate"], ["archive", "save", "all.zip"], ["archive", "fhir", "all.json"]]
)
def test_before_there_is_any_account_a_command_says_where_one_begins(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    told = flooding(*command, "--data", tmp_path / "data")
    words = in_words(told.exception)
    assert "nobody has a journal" in words
    assert "flooding run" in words
    assert "--person" not in words
    assert not usual_key_file(tmp_path / "data").exists()
    assert not list(tmp_path.glob("all.*"))


@pytest.mark.parametrize("kind", ["save", "open-mhealth"])
def test_a_file_that_is_there_is_left_as_it_is_and_the_line_says_what_to_do(tmp_path, kind):
    with Home(tmp_path / "data"):
        pass
    file = tmp_path / "all.zip"
    file.write_text("another")
    told = flooding("archive", kind, file, "--data", tmp_path / "data", "--person", "Mira")
    words = in_words(told.exception)
    assert words == f"{file} is there already, and stays as it is; choose another name, or move it away"
    assert file.read_text() == "another"
    told = flooding("archive", kind, tmp_path / "nowhere" / "all.zip", "--data", tmp_path / "data", "--person", "Mira")
    assert f"there is no folder {tmp_path / 'nowhere'}; make it first" in in_words(told.exception)
    assert (
        flooding("archive", kind, tmp_path / "new.zip", "--data", tmp_path / "data", "--person", "Mira").exit_code == 0
    )
