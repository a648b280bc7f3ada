"""From home to a clinic: what a wearer shows goes there, what is taken back goes from there, and who looked comes back.

By hand (`flooding publish`, or the page), and by itself now and then while the program runs. Neither needs the other to be
up: what does not get through is told again, whole, the next time.
"""

import hashlib
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import structlog

from alerts.people import SERVICE, Actor
from api.clinic_door import ClinicAway, ClinicDoor, EndedThere, NotKnownThere, RefusedThere, Send
from journal.clinic_links import ClinicLink, ClinicLinks
from journal.publication import LARGEST_ITEM_BYTES, MOST_LOOKS
from journal.published import Published

log = structlog.get_logger(__name__)

EVERY_S = 15 * 60
STOPS_WITHIN_S = 5.0
MOST_ROUNDS = 20
"""Of readings that come back in one contact: ten thousand."""


class CannotMeet(Exception):
    """The clinic did not let this home in. Says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Contact:
    """What came of one contact.

    Attributes:
        sent: so many things went there.
        left: so many the clinic still lacks: they go the next time.
        trouble: what was wrong, in words; None when nothing was.
        is_over: the clinic has nothing of it any more.
    """

    sent: int = 0
    left: int = 0
    trouble: str | None = None
    is_over: bool = False


def meet(links: ClinicLinks, actor: Actor, *, address: str, code: str, send: Send, now: datetime) -> str:
    """Come in at a clinic with a code, and admit the clinician there; the admission's id. Raises `CannotMeet`."""
    token = secrets.token_urlsafe(32)
    try:
        met = ClinicDoor(address, send).meet(code, hashlib.sha256(token.encode()).hexdigest())
    except ClinicAway as error:
        raise CannotMeet(f"{error}; nothing was sent. Try again later") from error
    except (NotKnownThere, EndedThere, RefusedThere) as error:
        raise CannotMeet(f"{address} does not take this code: ask the clinic for a new one") from error
    return links.begin(actor, address=address, clinician=met.clinician, token=token, now=now)


def publish(links: ClinicLinks, link: ClinicLink, send: Send, *, now: datetime, by_hand: bool = False) -> Contact:
    """One contact with one clinic. Repeating it changes nothing; stopped anywhere, the next one does the rest."""
    actor, door = Actor(link.owner_id), ClinicDoor(link.address, send)
    try:
        _hear(links, actor, link, door)
        told, token = links.next_list(actor, link.admission_id, now=now)
        answer = door.tell(token, told)
        links.answered(actor, link.admission_id, answer, now=now)
        if link.is_ended:
            door.end(token)
            links.over(actor, link.admission_id, now=now)
            return Contact(is_over=True)
        contact = Contact(left=len(answer.wanted))
        if link.is_on or by_hand:
            contact = _send(links, actor, link, door, token, answer.wanted, now)
    except (NotKnownThere, EndedThere):
        links.over(actor, link.admission_id, now=now)
        return Contact(is_over=True)
    except (ClinicAway, RefusedThere) as error:
        contact = Contact(trouble=str(error))
    if contact.trouble is not None:
        links.failed(actor, link.admission_id, contact.trouble)
    return contact


def goodbyes_of(links: ClinicLinks, actor: Actor) -> list[tuple[str, str]]:
    """Address and token of each of the actor's clinics: what is needed to end it once everything here is erased."""
    return [(link.address, links.heard_after(actor, link.admission_id)[1]) for link in links.mine(actor)]


def say_goodbye(goodbyes: list[tuple[str, str]], send: Send) -> None:
    """Let each clinic forget everything. There is no second time: where one is away, it forgets when the lease is over."""
    for address, token in goodbyes:
        with suppress(ClinicAway, NotKnownThere, EndedThere, RefusedThere):
            ClinicDoor(address, send).end(token)


def _send(
    links: ClinicLinks, actor: Actor, link: ClinicLink, door: ClinicDoor, token: str, wanted: list[str], now: datetime
) -> Contact:
    """Each in a request of its own; one that is refused does not hold up the others."""
    sent, refused = 0, 0
    for item_id in wanted:
        body = links.item(actor, link.admission_id, item_id, now=now)
        if body is None:  # taken back, or erased, since the list was told: the next one says so
            continue
        try:
            if len(body) > LARGEST_ITEM_BYTES:
                refused += 1
            else:
                door.put(token, item_id, body)
                sent += 1
        except RefusedThere:
            refused += 1
    trouble = f"{refused} of {len(wanted)} things did not go to {link.address}" if refused else None
    return Contact(sent=sent, left=len(wanted) - sent, trouble=trouble)


def _hear(links: ClinicLinks, actor: Actor, link: ClinicLink, door: ClinicDoor) -> None:
    """Who has looked there. First of all: what is taken back takes along which entry a reading was of."""
    for _ in range(MOST_ROUNDS):
        after, token = links.heard_after(actor, link.admission_id)
        told = door.looks(token, after)
        links.heard(actor, link.admission_id, told)
        if len(told.looks) < MOST_LOOKS:
            return


class Publisher:
    """Does it now and then, in a thread of its own; at a clinic it lets go of what no home confirms any more."""

    def __init__(
        self,
        links: ClinicLinks,
        published: Published,
        send: Send,
        now: Callable[[], datetime],
        *,
        every_s: float = EVERY_S,
    ) -> None:
        self._links = links
        self._published = published
        self._send = send
        self._now = now
        self._every_s = every_s
        self._due = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin with what waited while the program did not run."""
        self._due.set()
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._thread.start()

    def look(self) -> None:
        """Something was shown, or taken back: do it soon. Never blocks."""
        self._due.set()

    def stop(self) -> None:
        """End after the request that is under way, which is left to itself when it takes too long."""
        self._stopping.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join(STOPS_WITHIN_S)

    def once(self) -> None:
        """One round through everybody's clinics, and the leases."""
        now = self._now()
        self._published.expire(SERVICE, now=now)
        for link in self._links.everybodys(SERVICE):
            if self._stopping.is_set():
                return
            try:
                publish(self._links, link, self._send, now=now)
            except Exception as error:  # noqa: BLE001  one clinic must not hold up the others; only its kind is logged
                log.warning("not_published", error=type(error).__name__)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._due.wait(self._every_s)
            self._due.clear()
            if self._stopping.is_set():
                return
            try:
                self.once()
            except Exception as error:  # noqa: BLE001  a database that is locked now may open in a moment
                log.warning("publisher_failed", error=type(error).__name__)
