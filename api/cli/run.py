"""`flooding run`: the real thing, on this machine only unless asked."""

from pathlib import Path
from typing import Annotated

import typer

SHORT_LOOK_S = 0.2


def run(
    strap: Annotated[
        str | None, typer.Option(help="Your strap's name or address, as `flooding scan` shows it.")
    ] = None,
    other_strap: Annotated[
        str | None, typer.Option("--other-strap", help="The other person's strap, in a talk for two.")
    ] = None,
    lan: Annotated[
        bool, typer.Option("--lan", help="Serve the phones in your home's network, too: over TLS, by invitation.")
    ] = False,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to serve on.")] = None,
    data: Annotated[Path | None, typer.Option(help="Where the journal lives; default: the platform's place.")] = None,
    threshold: Annotated[float | None, typer.Option(min=60, max=180, help="The line, in beats a minute.")] = None,
) -> None:
    """Serve the talk page and the journal to this machine, and with --lan to the phones that it lets in."""
    import asyncio

    from api.settings import read_settings

    # Whatever the environment says: a real talk is real, and takes as long as it takes.
    settings = read_settings(
        strap=strap,
        other_strap=other_strap,
        lan=lan or None,
        port=port,
        data_dir=data,
        threshold_bpm=threshold,
        simulated=False,
        speed=1.0,
    )
    if settings.strap or settings.other_strap:
        from sensing.scanner import scan

        asyncio.run(scan(SHORT_LOOK_S))  # says what is missing before a page promises a heart

    from api.cli.serve import serve

    place = f"Journal in {settings.data_dir}"
    named = [strap for strap in (settings.strap, settings.other_strap) if strap]
    heart = (
        f"Strap: {', '.join(named)}"
        if named
        else "The strap you wore last, if there is one; flooding scan shows what is near."
    )
    serve(settings, greeting=f"{place}\n{heart}")
