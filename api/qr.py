"""QR codes: for a phone's camera, in a page or in a terminal."""

import io

import segno


def qr_svg(address: str) -> str:
    """The address as an inline SVG of black on white, whatever light the page is in: cameras want it so."""
    image: str = segno.make(address, error="m").svg_inline(scale=6, dark="#000", light="#fff", border=3, omitsize=True)
    return image


def qr_terminal(address: str) -> str:
    """The address as lines of half blocks."""
    out = io.StringIO()
    segno.make(address, error="l").terminal(out=out, compact=True)
    return out.getvalue()
