"""A journal on PostgreSQL: the address, the connections, and the words for what goes wrong with them.

Several programs may have it open at once, and several workers of one do. What is the same as on SQLite is `journal.database`.
"""

from importlib.util import find_spec
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from journal.errors import CannotOpen

DRIVER = "postgresql+psycopg"
SESSION = {
    "synchronous_commit": "on",  # what is acknowledged is on the disk, whatever the server does for others
    "lock_timeout": "5000",  # as long as SQLite is waited for
    "idle_in_transaction_session_timeout": "60000",  # a program that hangs does not hold everybody up for good
}
CONNECT: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # a server that has vanished is noticed
    "application_name": "flooding",
}
POOL = {
    "pool_pre_ping": True,  # after a restart of the server the first request must not fail
    "pool_size": 10,
    "max_overflow": 10,
    "pool_timeout": 5.0,
}

ONE_WRITER, MIGRATING = (0x666C_0001, 0x666C_0002)
"""Keys of advisory locks in this database. Nothing else of this program takes locks of one number."""


def is_postgresql(address: str) -> bool:
    """Whether this is an address of PostgreSQL.

    >>> is_postgresql("postgresql://clinic/flooding"), is_postgresql("mysql://clinic/flooding")
    (True, False)
    """
    return address.split(":", 1)[0].split("+", 1)[0] in {"postgresql", "postgres"}


def url_of(address: str) -> URL:
    """The address with the driver that is used here. Raises `CannotOpen`: it is none of PostgreSQL."""
    try:
        found = make_url(address)
    except (ArgumentError, ValueError):
        found = None
    if found is None or not is_postgresql(address):
        raise CannotOpen("the address of a database is written so: postgresql://name@host/database")
    return found.set(drivername=DRIVER)


def said(url: URL) -> str:
    """The address as people may read it: without the password.

    >>> said(url_of("postgresql://mira:secret@clinic/flooding"))
    'postgresql://clinic/flooding'
    """
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{url.host or ''}{port}/{url.database or ''}"


def engine_of(url: URL) -> Engine:
    """Connections to `url`; none is made yet. Raises `CannotOpen`: the driver is not installed."""
    if find_spec("psycopg") is None:
        raise CannotOpen("PostgreSQL needs one package more: pip install 'flooding-detector[postgres]'")
    return create_engine(
        url,
        connect_args=CONNECT | {"options": _options(url)},
        hide_parameters=True,  # an error's text must not carry what people stored
        **POOL,
    )


def _options(url: URL) -> str:
    given = url.query.get("options", ())
    own = [f"-c {name}={value}" for name, value in SESSION.items()]
    return " ".join([given] if isinstance(given, str) else given) + " " + " ".join(own)


def only_one(connection: Connection, key: int) -> None:
    """Wait until nobody else holds `key`, and hold it until this transaction ends.

    Whoever waited sees everything that the one before has committed: at READ COMMITTED each statement looks anew.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def require_utf8(connection: Connection, url: URL) -> None:
    """Names and words are of every language. Raises `CannotOpen`."""
    if connection.scalar(text("SHOW server_encoding")) != "UTF8":
        raise CannotOpen(f"{said(url)} cannot hold every language; make one with: createdb --encoding=UTF8")


def in_words(error: OperationalError | ProgrammingError, url: URL) -> CannotOpen:
    """Why the database cannot be opened, on one line."""
    why = " ".join(str(error.orig).split()) or type(error.orig).__name__
    return CannotOpen(f"{said(url)} cannot be opened: {why}; is the server running, and is the database there?")
