"""Logs for the operator: one line each on stderr, tracebacks without local variables, so that no heartbeat gets in."""

import sys

import structlog


def configure() -> None:
    """Set up logging for this process. Called by the command line, never at import."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
