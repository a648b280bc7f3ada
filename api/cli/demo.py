"""`flooding demo`: a whole hard talk in under two minutes, with a simulated body."""

import json
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import Port

if TYPE_CHECKING:
    from api.settings import Settings

DEFAULT_SPEED = 30.0


def demo(
    port: Port = None,
    speed: Annotated[float, typer.Option(min=0.1, max=240, help="How many times as fast as life.")] = DEFAULT_SPEED,
    data: Annotated[Path | None, typer.Option(help="Keep the demo's journal here; default: a temporary place.")] = None,
    seed: Annotated[int, typer.Option(help="Which simulated body.")] = 1,
    headless: Annotated[
        bool, typer.Option("--headless", help="No browser: take the pause by itself, then end.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --headless: print the result as one JSON object.")
    ] = False,
) -> None:
    """Show a talk from its quiet minutes to its journal entry. Everything in it is simulated."""
    if as_json and not headless:
        raise typer.BadParameter("--json goes with --headless")
    from api.settings import read_settings

    with tempfile.TemporaryDirectory(prefix="flooding-demo-") as temporary:
        settings = read_settings(
            data_dir=data or Path(temporary) / "journal", port=port, speed=speed, seed=seed, simulated=True
        ).model_copy(update={"database": None})  # invented hearts do not go where FLOODING_DATABASE keeps real ones
        if headless:
            _headless(settings, as_json=as_json)
            return
        from api.cli.serve import serve

        serve(settings, greeting=f"Demo: everything in it is simulated, at {speed:g} times the pace of life. Open")


def _headless(settings: "Settings", *, as_json: bool) -> None:
    import asyncio

    from api.headless import run_until_told_to_leave
    from api.logs import configure
    from api.story import sentences

    configure()
    result = asyncio.run(run_until_told_to_leave(settings))
    if result is None:
        raise SystemExit(128 + signal.SIGTERM)
    print(json.dumps(result, indent=2) if as_json else "\n".join(sentences(result)))
