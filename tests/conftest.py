"""Shared by all tests: where a skip is a failure, and files that a test writes."""

import os
import signal

import pytest

from tests import canaries, postgres


def pytest_configure(config):
    """A shell that runs the suite in the background lets it ignore Ctrl-C, and so would the programs that it starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    canaries.remember_tokens()
    postgres.install(config)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI everything a test wants is installed first, so a skipped test is a test that did not run."""
    outcome = yield
    report = outcome.get_result()
    secrets = canaries.leaked("".join(said for _, said in report.sections)) if report.passed else []
    if secrets:
        report.outcome = "failed"
        report.longrepr = (
            f"what it printed or logged holds {secrets}: passwords, tokens and people’s words stay out of logs"
        )
    if report.skipped and os.environ.get("FLOODING_TESTS_MAY_SKIP") == "no" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr}"


@pytest.fixture
def written(tmp_path):
    """Write a file and give its path."""

    def write(content, name="file"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
