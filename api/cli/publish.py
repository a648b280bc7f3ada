"""`flooding publish`: what a wearer shows to a clinician at a clinic’s server goes there, by hand."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import JournalFolder, Whose

if TYPE_CHECKING:
    from api.publishing import Contact
    from journal.clinic_links import ClinicLink


def publish(
    on: Annotated[
        bool | None,
        typer.Option(
            "--on/--off", help="From now on by itself, while the program runs; or not, only what is taken back."
        ),
    ] = None,
    data: JournalFolder = None,
    person: Whose = None,
) -> None:
    """Send what you show to your clinics, take from there what you took back, and ask who has looked.

    A clinic is met on the page Sharing and privacy, with its address and a
    code. The program that runs does the same by itself every quarter of an
    hour, and its page has a button; this is for when it does not run.
    """
    from datetime import UTC, datetime

    from alerts.people import Actor
    from api.cli.whose import opened, person_named
    from api.clinic_door import over_http
    from api.printable import printable
    from api.publishing import publish as contact

    troubled = False
    with opened(data) as journal:
        actor, links = Actor(person_named(journal, person).id), journal.clinic_links
        found = links.mine(actor)
        for link in found:
            if on is not None:
                links.switch(actor, link.admission_id, on=on)
            done = contact(links, link, over_http, now=datetime.now(UTC), by_hand=on is not False)
            troubled = troubled or done.trouble is not None
            print(printable(_line(link, done)), file=sys.stderr if done.trouble else sys.stdout)
    if not found:
        print("No clinic yet: one is met on the page Sharing and privacy, with its address and a code.")
    if troubled:
        raise SystemExit(1)


def _line(link: "ClinicLink", done: "Contact") -> str:
    where = f"{link.called} at {link.address}"
    if done.is_over:
        return f"{where}: ended; the clinic has nothing of it any more."
    if done.trouble:
        return f"{where}: {done.trouble}. What is missing goes the next time."
    return f"{where}: {done.sent} sent{f', {done.left} not sent' if done.left else ', nothing missing there'}."
