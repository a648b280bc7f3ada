"""The kinds of channels, what each asks for, and the address that comes of it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

LOCAL = frozenset({"blink1", "dbus", "gio", "glib", "gnome", "kde", "macosx", "qt", "syslog", "vapid", "windows"})
"""Apprise's services that speak to the machine of the server, or work with its files, instead of reaching the wearer."""


class BadAddress(ValueError):
    """The address cannot be. One sentence, for people; it does not repeat what was typed."""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a kind asks for."""

    name: str
    label: str
    example: str = ""
    secret: bool = False
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of channel."""

    name: str
    label: str
    about: str
    fields: tuple[Field, ...]
    compose: Callable[[Mapping[str, str]], str]


def _q(text: str) -> str:
    return quote(text, safe="")


def _at(text: str, schemes: Mapping[str, str]) -> tuple[str, str, str, str]:
    """Scheme for Apprise, host with port and user, path, query. Raises `BadAddress`."""
    try:
        parts = urlsplit(text)
        known = parts.scheme in schemes and parts.hostname is not None and (parts.port is None or parts.port > 0)
    except ValueError:
        known = False
    if not known:
        raise BadAddress(f"An address here begins with {' or '.join(f'{name}://' for name in schemes)}.")
    return schemes[parts.scheme], parts.netloc, parts.path, parts.query


def _ntfy(told: Mapping[str, str]) -> str:
    topic, token = told["topic"], told.get("token", "")
    scheme, host, path = "ntfys", "ntfy.sh", topic
    if "://" in topic:
        scheme, host, path, _ = _at(topic, {"https": "ntfys", "http": "ntfy"})
    path = path.strip("/")
    if not path or "/" in path:
        raise BadAddress("A topic is one word: letters, digits, - and _.")
    user, auth = (f"{_q(token)}@", "&auth=token") if token else ("", "")
    return f"{scheme}://{user}{host}/{_q(path)}?image=no{auth}"


def _mqtt(told: Mapping[str, str]) -> str:
    host, topic = told["host"], told["topic"].strip("/")
    user, password = told.get("user", ""), told.get("password", "")
    who = f"{_q(user)}:{_q(password)}@" if user else ""
    # Level 1 asks the broker to confirm; without that nobody knows whether it arrived.
    return f"mqtt://{who}{host}/{quote(topic)}?qos=1"


def _pushover(told: Mapping[str, str]) -> str:
    return f"pover://{_q(told['user'])}@{_q(told['token'])}"


def _email(told: Mapping[str, str]) -> str:
    address = told["to"]
    if "@" not in address:
        raise BadAddress("An email address has an @ in it.")
    asked = {
        "user": told.get("user") or address,
        "pass": told["password"],
        "smtp": told["host"],
        "from": address,
        "to": address,
    }
    return f"mailtos://_?{urlencode(asked)}"


def _webhook(told: Mapping[str, str]) -> str:
    scheme, host, path, query = _at(told["url"], {"https": "jsons", "http": "json"})
    # Apprise keeps a plain query for itself; with a dash before its name a value goes on to the other side.
    asked = urlencode([(f"-{name}", value) for name, value in parse_qsl(query, keep_blank_values=True)])
    return f"{scheme}://{host}{path}{'?' if asked else ''}{asked}"


def _other(told: Mapping[str, str]) -> str:
    scheme, found, rest = told["address"].partition("://")
    if not found or not rest or scheme.lower() in LOCAL:
        raise BadAddress("That is no address of a service elsewhere.")
    return told["address"]


KINDS: tuple[Kind, ...] = (
    Kind(
        "ntfy",
        "ntfy",
        "An app on your phone; free, no account. Choose a topic nobody can guess, and subscribe to it there.",
        (
            Field("topic", "Topic, or the address of your own server with it", "a-long-random-word"),
            Field("token", "Access token, if your server asks for one", secret=True, needed=False),
        ),
        _ntfy,
    ),
    Kind(
        "mqtt",
        "Home Assistant (MQTT)",
        "A message to your broker. Home Assistant can dim a lamp with it.",
        (
            Field("host", "Broker", "homeassistant.local"),
            Field("topic", "Topic", "pause/suggested"),
            Field("user", "User", needed=False),
            Field("password", "Password", secret=True, needed=False),
        ),
        _mqtt,
    ),
    Kind(
        "pushover",
        "Pushover",
        "An app on your phone, with an account.",
        (Field("user", "User key", secret=True), Field("token", "Application token", secret=True)),
        _pushover,
    ),
    Kind(
        "email",
        "Email",
        "To yourself, through your own mail account.",
        (
            Field("to", "Your address", "you@example.org"),
            Field("host", "Mail server (SMTP)", "smtp.example.org"),
            Field("user", "User, if it isn’t your address", needed=False),
            Field("password", "Password", secret=True),
        ),
        _email,
    ),
    Kind(
        "webhook",
        "Webhook",
        "A JSON message to an address of yours.",
        (Field("url", "Address", "https://example.org/hook", secret=True),),
        _webhook,
    ),
    Kind(
        "other",
        "Another service",
        "Signal, Telegram, Matrix, Gotify and many more, by their Apprise address.",
        (Field("address", "Apprise address", "gotify://…", secret=True),),
        _other,
    ),
)

_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_called(name: str) -> Kind:
    """The kind of that name. Raises `BadAddress`."""
    try:
        return _BY_NAME[name]
    except KeyError:
        raise BadAddress("There is no such kind of channel.") from None


def address_of(kind_name: str, told: Mapping[str, str]) -> str:
    """The address for Apprise, from what a person filled in.

    Raises:
        BadAddress: something is missing, or cannot be.

    >>> address_of("ntfy", {"topic": "quiet-otter"})
    'ntfys://ntfy.sh/quiet-otter?image=no'
    >>> address_of("webhook", {"url": "https://example.org/hook?key=1"})
    'jsons://example.org/hook?-key=1'
    """
    kind = kind_called(kind_name)
    filled = {name: value.strip() for name, value in told.items()}
    for asked in kind.fields:
        if asked.needed and not filled.get(asked.name):
            raise BadAddress(f"“{asked.label}” is still empty.")
    return kind.compose(filled)
