"""How a message leaves the house: the wearer's own channels, through Apprise. The words are neutral on any lock screen."""

import logging
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

PROGRAM = "Pause"
"""What a phone shows as the sender. Nothing about hearts, and no name."""

NOISY = ("apprise", "urllib3", "requests", "paho", "oauthlib", "requests_oauthlib")
"""Libraries whose log lines hold addresses."""


class Message(StrEnum):
    """Everything that is ever sent. No number, no name, no blame; and nothing that says whose body it was."""

    SUGGESTED = "suggested"
    ALL_CLEAR = "all_clear"
    TEST = "test"

    @property
    def headline(self) -> str:
        """The first line."""
        return _WORDS[self][0]

    @property
    def body(self) -> str:
        """The second line."""
        return _WORDS[self][1]


_WORDS = {
    Message.SUGGESTED: ("A pause was suggested", "Open when you can."),
    Message.ALL_CLEAR: ("All clear", "Nothing waits for you."),
    Message.TEST: ("A test", "This channel works. Nothing has happened."),
}


class Trouble(StrEnum):
    """Why a message has not arrived, as far as this end can know."""

    NO_ANSWER = "no_answer"
    NOT_TAKEN = "not_taken"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to reach its owner. The address is a secret: it is in no log, no text of an error, and on no page.

    >>> Channel("c", "mira", "webhook", "Lamp", "jsons://secret.example/x")
    Channel(id='c', owner_id='mira', kind='webhook', label='Lamp', trouble=None)
    """

    id: str
    owner_id: str
    kind: str
    label: str
    address: str = field(repr=False)
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """One message to all channels of one wearer.

    Attributes:
        key: what it is about, by episode and never by its words: the same key is never sent to a channel twice.
        lasts_s: real seconds for which it means something.
        follows: the key of an earlier message: this one goes only to the channels that got that.
    """

    key: str
    talk_id: str
    wearer_id: str
    message: Message
    lasts_s: float
    follows: str | None = None


class Sender(Protocol):
    """Sends one message to one address. Blocks as long as that takes; runs in a thread of its own."""

    def send(self, address: str, message: Message) -> Trouble | None:
        """Send it; None when the other side has taken it."""
        ...

    def understands(self, address: str) -> bool:
        """Whether it is an address at all."""
        ...


class AppriseSender:
    """Sends through Apprise, which knows ntfy, MQTT, Pushover, email, webhooks and many more.

    It keeps nothing on the disk, fetches no pictures, and its log lines, which would name addresses, go nowhere.
    """

    def __init__(self) -> None:
        for name in NOISY:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)

    def send(self, address: str, message: Message) -> Trouble | None:
        """Send it; None when the other side has taken it."""
        service = _service(address)
        if service is None:
            return Trouble.NOT_UNDERSTOOD
        return None if service.notify(title=message.headline, body=message.body) else Trouble.NOT_TAKEN

    def understands(self, address: str) -> bool:
        """Whether it is an address of a service that Apprise knows."""
        return _service(address) is not None


class _Service(Protocol):
    def notify(self, *, title: str, body: str) -> bool: ...


def _service(address: str) -> _Service | None:
    # Needs a fifth of a second and is wanted by few talks: not at start-up.
    from apprise import Apprise, AppriseAsset, AppriseAttachment, PersistentStoreMode  # noqa: PLC0415

    asset = AppriseAsset(
        app_id=PROGRAM,
        app_desc=PROGRAM,
        app_url="",
        image_url_mask="",
        image_url_logo="",
        image_path_mask="",
        async_mode=False,
        secure_logging=True,
        storage_mode=PersistentStoreMode.MEMORY,
    )
    service: _Service | None = Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    # Some services take a template, or a key, from a file that the address names: this machine's files are not for sending.
    if service is not None and any(isinstance(one, AppriseAttachment) and len(one) for one in vars(service).values()):
        return None
    return service
