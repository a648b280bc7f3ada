"""The search for secrets in everything that tests print and log finds what it looks for."""

import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests import canaries

ROOT = Path(canaries.__file__).parents[1]


@pytest.fixture
def pytester_run(tmp_path):
    """Run one test with this body under the suite's own conftest; how many failed."""

    def run(body):
        (tmp_path / "test_it.py").write_text(f"def test_it():\n    {body}\n")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "--rootdir", tmp_path, tmp_path]
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert told.returncode in {0, 1}, told.stdout + told.stderr
        return told.returncode

    return run


def test_passwords_words_and_tokens_are_found_and_nothing_else():
    token = secrets.token_urlsafe(32)
    assert canaries.leaked(f"signed_in token={token}") == [token]
    assert canaries.leaked("password=a quiet evening") == ["a quiet evening"]
    assert canaries.leaked("text='The door-canary'") == ["-canary"]
    assert canaries.leaked("talk_failed talk=1") == []


def test_a_test_that_logs_a_secret_fails(pytester_run):
    assert pytester_run("print('a long walk home')") == 1
    assert pytester_run("import logging; logging.getLogger('x').warning('a long walk home')") == 1
    assert pytester_run("print('nothing')") == 0
