"""Logs for the operator: one line each on stderr, tracebacks without local variables, so that no heartbeat gets in.

For people, or as JSON for a program that gathers them.
"""

import sys
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from io import StringIO

import structlog
from structlog.typing import Processor


class Form(StrEnum):
    """What a line looks like."""

    LINES = "lines"
    JSON = "json"


def configure(form: Form = Form.LINES) -> None:
    """Set up logging for this process. Called by the command line, never at import."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *_RENDERED[form](),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=_Unfailing()),
        cache_logger_on_first_use=False,
    )


class _Unfailing(StringIO):
    """stderr. Where it takes nothing (a full disk under it, a pipe that nobody reads), the line is lost, and nothing else.

    What the journal's writer says when the disk is full must not be the end of the writer.
    """

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def _lines() -> tuple[Processor, ...]:
    return (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback),
    )


def _json() -> tuple[Processor, ...]:
    # Each line one object; a traceback is text in it, as `format_exc_info` writes it: without local variables.
    return structlog.processors.format_exc_info, structlog.processors.JSONRenderer()


_RENDERED: dict[Form, Callable[[], tuple[Processor, ...]]] = {Form.LINES: _lines, Form.JSON: _json}
