"""The command line, `flooding`. One file per command; each imports what it needs only when it runs, to start fast."""

import io
import os
import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from api.cli import access, account, analyse, archive, demo, export, import_, key, publish, reanalyse, replay, run, scan


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"flooding-detector {version('flooding-detector')}")
        raise typer.Exit


app = typer.Typer(
    name="flooding",
    help="Notices physiological flooding in a hard talk and suggests a pause. Not a medical device.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _every_command(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None: ...


app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("scan")(scan.scan)
app.command("replay")(replay.replay)
app.command("analyse")(analyse.analyse)
app.command("reanalyse")(reanalyse.reanalyse)
app.command("publish")(publish.publish)
app.command("import")(import_.import_)
app.command("export")(export.export)
app.add_typer(account.app, name="account")
app.add_typer(key.app, name="key")
app.add_typer(archive.app, name="archive")
app.add_typer(access.app, name="access")


def main() -> None:
    """Run a command; a known error is one line and exit code 2, Ctrl-C is 130, and a reader who has left is 1."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file's name can hold what a terminal cannot show
    signal.signal(signal.SIGTERM, _leave)
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # As in `flooding replay … | head -1`. Python would complain about the rest when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except Exception as error:
        from api.cli.errors import in_words

        words = in_words(error)
        if words is None:
            raise
        print(f"flooding: {words}", file=sys.stderr)
        raise SystemExit(2) from None


def _leave(signal_number: int, _: FrameType | None) -> None:
    """End in order: the demo lets go of its temporary place."""
    raise SystemExit(128 + signal_number)
