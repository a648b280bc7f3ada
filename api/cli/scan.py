"""`flooding scan`: which heart-rate straps are near."""

import asyncio
import shlex
from typing import Annotated

import typer


def scan(seconds: Annotated[float, typer.Option(min=1, max=60, help="How long to look.")] = 8.0) -> None:
    """List the heart-rate straps nearby. A strap wakes on skin; another app may be holding it."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from sensing.scanner import scan as look

    console = Console()
    with console.status(f"Looking for straps for {seconds:.0f} s"):
        found = [device for device in asyncio.run(look(seconds)) if device.heart_rate]
    if not found:
        console.print(
            "No heart-rate strap found. It wakes on skin: wet the pads and put it on.\n"
            "Another app or watch may be holding it: close that and look again.\n"
            "No strap at hand? Try: flooding demo"
        )
        return
    table = Table("Name", "Address", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("Signal", justify="right")
    for device in found:
        # Names come off the air: shown as they are, not read as markup.
        table.add_row(Text(device.name or "(no name)"), device.address, f"{device.rssi_dbm} dBm")
    console.print(table)
    nearest = shlex.quote(found[0].name or found[0].address)
    console.print(Text(f"Start a talk with: flooding run --strap {nearest}"), soft_wrap=True)
