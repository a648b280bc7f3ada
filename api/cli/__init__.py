"""The command line, `flooding`. One file per command; each imports what it needs only when it runs, to start fast."""

import sys

import typer

from api.cli import demo, replay, run, scan

app = typer.Typer(
    name="flooding",
    help="Notices physiological flooding in a hard talk and suggests a pause. Not a medical device.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("scan")(scan.scan)
app.command("replay")(replay.replay)


def main() -> None:
    """Run a command; a known error is one line and exit code 2."""
    try:
        app()
    except Exception as error:
        from api.cli.errors import known

        if not isinstance(error, known()):
            raise
        print(f"flooding: {error}", file=sys.stderr)
        raise SystemExit(2) from None
