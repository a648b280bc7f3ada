"""`flooding scan`: which heart-rate straps are near."""

import asyncio
import shlex
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from api.printable import printable

if TYPE_CHECKING:
    from rich.table import Table

    from sensing.nearby import Nearby

NOTHING_FOUND = """\
No heart-rate strap found. It wakes on skin: wet the pads and put it on.
Another app or watch may be holding it: close that and look again.
No strap at hand? Try: flooding demo"""


def scan(seconds: Annotated[float, typer.Option(min=1, max=60, help="How long to look.")] = 8.0) -> None:
    """List the heart-rate straps nearby. A strap wakes on skin; another app may be holding it."""
    from rich.console import Console
    from rich.text import Text

    from sensing.scanner import scan as look

    console = Console()
    with console.status(f"Looking for straps for {seconds:.0f} s"):
        found = [device for device in asyncio.run(look(seconds)) if device.heart_rate]
    if not found:
        console.print(NOTHING_FOUND)
        return
    console.print(_table(found, _batteries()))
    console.print(Text(f"Start a talk with: flooding run --strap {_to_type(found[0])}"), soft_wrap=True)


def _to_type(device: "Nearby") -> str:
    """The name, if a person can type it; else the address."""
    name = (device.name or "").strip()
    return shlex.quote(name if name.isprintable() and name else device.address)


def _table(found: Sequence["Nearby"], batteries: dict[str, int]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from sensing.families import family

    table = Table("Name", "Address", "Recognised as", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Signal", justify="right")
    table.add_column("Battery", justify="right")
    for device in found:
        its, battery = family(device.name), device.battery_percent
        battery = batteries.get(device.address) if battery is None else battery
        # Names come off the air: not read as markup, nor obeyed by the terminal.
        table.add_row(
            Text(printable(device.name or "(no name)")),
            device.address,
            f"{its.name}: {its.expect}" if its else "a heart-rate strap",
            f"{device.rssi_dbm} dBm",
            "" if battery is None else f"{battery} %",
        )
    return table


def _batteries() -> dict[str, int]:
    """What the journal knows of batteries, if there is one that can be read now: few straps advertise theirs."""
    from alerts.people import SERVICE
    from api.own_journal import open_own_journal
    from api.settings import read_settings
    from journal.database import FILE_NAME, DatabaseError

    settings = read_settings(simulated=False)
    if settings.database is None and not (settings.data_dir / FILE_NAME).exists():
        return {}
    with suppress(DatabaseError):
        journal = open_own_journal(settings.data_dir, simulated=False, url=settings.database)
        try:
            return journal.straps.batteries(SERVICE)
        finally:
            journal.close()
    return {}
