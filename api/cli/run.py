"""`flooding run`: the real thing, on this machine only unless asked."""

from typing import Annotated

import typer

from api.cli.options import DatabaseAddress, JournalFolder, Port, ThresholdIfSaid

SHORT_LOOK_S = 0.2


def run(
    strap: Annotated[
        str | None, typer.Option(metavar="NAME", help="Your strap's name or address, as `flooding scan` shows it.")
    ] = None,
    other_strap: Annotated[
        str | None, typer.Option("--other-strap", metavar="NAME", help="The other person's strap, in a talk for two.")
    ] = None,
    lan: Annotated[
        bool, typer.Option("--lan", help="Serve the phones in your home's network, too: over TLS, by invitation.")
    ] = False,
    port: Port = None,
    data: JournalFolder = None,
    database: DatabaseAddress = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", min=1, max=64, metavar="NUMBER", help="Processes that serve; several need PostgreSQL."
        ),
    ] = None,
    threshold: ThresholdIfSaid = None,
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
        database=database,
        workers=workers,
        threshold_bpm=threshold,
        simulated=False,
        speed=1.0,
    )
    from api.cli.several import require_postgresql, serve_several

    require_postgresql(settings)
    if settings.strap or settings.other_strap:
        from sensing.scanner import scan

        asyncio.run(scan(SHORT_LOOK_S))  # says what is missing before a page promises a heart

    from api.cli.serve import serve
    from journal.keys import usual_key_file

    key_file = settings.key_file or usual_key_file(settings.data_dir)
    where = f"Journal in {settings.data_dir}"
    if settings.database is not None:
        from journal.postgresql import said, url_of

        where = f"Journal in {said(url_of(settings.database))}, and beside it {settings.data_dir}"
    place = (
        f"{where}\nIts words are locked with the key in {key_file}; without it nobody can read them, "
        "you neither.\nA copy for a drawer: flooding key show"
    )
    named = [strap for strap in (settings.strap, settings.other_strap) if strap]
    heart = (
        f"Strap: {', '.join(named)}"
        if named
        else "The strap you wore last, if there is one; flooding scan shows what is near."
    )
    greeting = f"{place}\n{heart}"
    if settings.workers > 1:
        serve_several(settings, greeting=greeting)
    else:
        serve(settings, greeting=greeting)
