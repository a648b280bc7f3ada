"""One database: opened safely and migrated, a file of SQLite or one of PostgreSQL's.

A file is locked to one process, and closed so that nothing lingers in the WAL. On PostgreSQL several programs write side by
side; whoever reads in order to write waits for the others first (`Database.write`), as on SQLite all do.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

try:
    import fcntl
except ImportError:  # Windows: an open SQLite file is protected by its own locks only
    fcntl = None  # type: ignore[assignment]  # a missing module is None

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, select
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError as SqlDatabaseError
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as AllConnectionsTaken
from sqlalchemy.pool import ConnectionPoolEntry

from journal import postgresql
from journal.errors import (
    CannotOpen,
    DatabaseBusy,
    DatabaseError,
    DatabaseInUse,
    NewerSchema,
    NotADatabase,
)

if TYPE_CHECKING:
    from journal.keys import Keyring

__all__ = [
    "CannotOpen", "Database", "DatabaseBusy", "DatabaseError", "DatabaseInUse", "NewerSchema", "NotADatabase",
    "open_beside", "open_database",
]  # fmt: skip

FILE_NAME = "journal.db"
LOCK_NAME = "journal.lock"
ELSEWHERE_NAME = "journal.on-postgresql"
"""An empty file beside a journal that is on PostgreSQL: without the address, nobody takes an empty one of SQLite for it."""
MIGRATIONS = Path(__file__).parent / "migrations"

PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",  # NORMAL loses acknowledged seconds in a power cut
    "secure_delete = ON",  # what is erased is overwritten
    "busy_timeout = 5000",
)


@contextmanager
def _busy_is_said() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise DatabaseBusy(f"the journal does not answer: {_one_line(error.orig)}") from error
    except AllConnectionsTaken as error:
        raise DatabaseBusy("the journal does not answer: too many ask it at once") from error


def _one_line(error: BaseException | None) -> str:
    return " ".join(str(error).split())


class Database:
    """An open database. `read`, `write` and `write_beside` give a connection inside one transaction.

    Attributes:
        url: its address on PostgreSQL; None for a file, which one process has alone.
    """

    def __init__(self, engine: Engine, lock: IO[str] | None = None) -> None:
        self.url: URL | None = engine.url if engine.dialect.name == "postgresql" else None
        self._engine = engine
        self._lock = lock
        if self.url is None:
            self._reading, self._writing = engine, engine.execution_options(begin="IMMEDIATE")
        else:
            self._reading = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            self._writing = engine.execution_options(isolation_level="READ COMMITTED")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment."""
        with _busy_is_said(), self._reading.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """The one that writes now: what is read here holds until the commit at the end. An error rolls everything back.

        On PostgreSQL a lock that every `write` takes first does what SQLite's write lock does, and every rule that reads
        before it writes (one open talk, a code that works once, at most so many, the chain of the access log) is right on
        both for the same reason. SERIALIZABLE would need each of these to be run again, and what they do outside the
        database (keys, mails) with them.
        """
        with _busy_is_said(), self._writing.begin() as connection:
            if self.url is not None:
                postgresql.only_one(connection, postgresql.ONE_WRITER)
            yield connection

    @contextmanager
    def write_beside(self) -> Iterator[Connection]:
        """As `write`, but on PostgreSQL others write meanwhile: for what comes every second from every talk.

        Only for statements that are right whatever others do between them: each an upsert, a compare-and-set, or one that
        a key refuses. On SQLite there is no such thing, and it is `write`.
        """
        with _busy_is_said(), self._writing.begin() as connection:
            yield connection

    def answer(self) -> None:
        """Answer a question. Raises `DatabaseBusy`, or what the database raises, where it cannot."""
        with self.read() as connection:
            connection.execute(select(1)).one()

    def empty_wal(self) -> bool:
        """Move everything into the file, and cut the write-ahead log to nothing: what was deleted is in neither then.

        False while a long reader keeps the log in use; closing the database does it again. PostgreSQL is the server's
        own: what was deleted stays in its files and its log until it writes over them, and in the backups of it.
        """
        if self.url is not None:
            return False
        connection = self._engine.raw_connection()
        try:
            busy = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            connection.close()
        return not busy

    def close(self) -> None:
        """Empty the WAL into the file, close every connection, let the lock go."""
        if self.url is None:
            with suppress(SqlDatabaseError), self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self._engine.dispose()
        if self._lock is not None:
            self._lock.close()


def address_of(data_dir: Path) -> str | None:  # noqa: ARG001  the tests put another in its place, by the folder
    """Where the journal of a folder is when nobody says so: None for the file in it."""
    return None


def open_database(
    data_dir: Path, keyring: "Keyring | None" = None, *, url: str | None = None, upgrade: bool = True
) -> Database:
    """Open the journal in `data_dir`, making it if it is not there, and bring its tables up to date.

    Args:
        data_dir: the folder.
        keyring: what an upgrade seals with, where it seals what an older program left open.
        url: the address of the database on PostgreSQL, which must be there; what lies beside a journal stays in the folder.
        upgrade: False leaves the tables as an older program made them.

    Raises:
        KeyMissing: an upgrade needs a key that the key file has not. Nothing has changed.
        CannotOpen: the folder or file cannot be made or read.
        DatabaseInUse: another process has it.
        NotADatabase: the file is something else.
        NewerSchema: a newer program wrote it.
    """
    if (address := url or address_of(data_dir)) is not None:
        database = _open_on_postgresql(address, data_dir, keyring, upgrade=upgrade)
        if url is not None:
            (data_dir / ELSEWHERE_NAME).touch(mode=0o600)
        return database
    if (data_dir / ELSEWHERE_NAME).exists() and not (data_dir / FILE_NAME).exists():
        raise CannotOpen(
            f"the journal of {data_dir} is on PostgreSQL; say where by FLOODING_DATABASE=postgresql://…, as flooding run was told"
        )
    return open_file(data_dir, keyring, upgrade=upgrade)


def open_file(data_dir: Path, keyring: "Keyring | None" = None, *, upgrade: bool = True) -> Database:
    """The same for the file in the folder. Raises as `open_database` does."""
    path = data_dir / FILE_NAME
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        lock = _lock(data_dir / LOCK_NAME)
    except OSError as error:
        raise CannotOpen(f"{path} cannot be opened: {error.strerror}") from error
    try:
        if upgrade:
            _migrate(path, keyring)
    except SqlDatabaseError as error:
        lock.close()
        if isinstance(error.orig, sqlite3.DatabaseError) and "not a database" in str(error.orig):
            raise NotADatabase(
                f"{path} is not a database; move it away, or choose another folder with --data"
            ) from error
        if isinstance(error.orig, sqlite3.DatabaseError) and "malformed" in str(error.orig):
            raise NotADatabase(
                f"{path} is damaged; put a backup in its place, or choose another folder with --data"
            ) from error
        raise CannotOpen(f"{path} cannot be opened: {error.orig}") from error
    except BaseException:
        lock.close()
        raise
    return Database(_engine(path), lock)


def _open_on_postgresql(address: str, data_dir: Path, keyring: "Keyring | None", *, upgrade: bool) -> Database:
    url = postgresql.url_of(address)
    engine = postgresql.engine_of(url)
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with engine.begin() as connection:
            postgresql.require_utf8(connection, url)
            if upgrade:
                # Workers start together; whoever comes second finds the tables as they are to be.
                postgresql.only_one(connection, postgresql.MIGRATING)
                _upgrade(connection, postgresql.said(url), keyring)
    except OSError as error:
        engine.dispose()
        raise CannotOpen(f"{data_dir} cannot be made: {error.strerror}") from error
    except (OperationalError, ProgrammingError) as error:
        engine.dispose()
        raise postgresql.in_words(error, url) from error
    except BaseException:
        engine.dispose()
        raise
    return Database(engine)


def open_at_rest_or_beside(data_dir: Path, keyring: "Keyring", *, url: str | None = None) -> Database:
    """The database, also beside a program that serves it now. Raises `DatabaseError`."""
    try:
        return open_database(data_dir, keyring, url=url)
    except DatabaseInUse:
        return open_beside(data_dir)


def head_revision() -> str | None:
    """The schema that this program makes."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def open_beside(data_dir: Path) -> Database:
    """The file of a program that has it and runs on: for a row or two by the machine's own commands. Changes no table.

    Raises:
        CannotOpen: it cannot be read, or another version of the program has made its tables.
    """
    path = data_dir / FILE_NAME
    engine = _engine(path)
    try:
        with engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
    except SqlDatabaseError as error:
        engine.dispose()
        raise CannotOpen(f"{path} cannot be opened: {error.orig}") from error
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if found != head:
        engine.dispose()
        raise CannotOpen(
            f"{path} is in use by another version of flooding (schema {found}, this one has {head}); stop that one first"
        )
    return Database(engine, None)


def _lock(path: Path) -> IO[str]:
    """Hold the folder for this process. The lock goes with the process, however it ends."""
    path.touch(mode=0o600)
    file = path.open("r+")
    if fcntl is None:
        return file
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        if not isinstance(error, BlockingIOError):
            raise
        raise DatabaseInUse(
            f"the journal in {path.parent} is in use by another flooding; stop that one, or choose another folder with --data"
        ) from error
    # For people who wonder which process it is; only its holder writes here.
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def _engine(path: Path, *, foreign_keys: str = "ON") -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"isolation_level": None},  # SQLAlchemy's begin event alone says how a transaction begins
        hide_parameters=True,  # an error's text must not carry what people stored
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        try:
            for pragma in (*PRAGMAS, f"foreign_keys = {foreign_keys}"):
                cursor.execute(f"PRAGMA {pragma}")
        except sqlite3.Error:
            connection.close()
            raise
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        how = connection.get_execution_options().get("begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {how}")

    return engine


def _config(**attributes: Any) -> Config:  # noqa: ANN401  alembic's own dictionary
    config = Config(attributes=attributes)
    # A percent sign in the path would be read as an interpolation.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _migrate(path: Path, keyring: "Keyring | None") -> None:
    # A step that rebuilds a table drops the old one, and with foreign keys on that deletes every row that points at it.
    engine = _engine(path, foreign_keys="OFF")
    try:
        with engine.execution_options(begin="IMMEDIATE").begin() as connection:
            _upgrade(connection, str(path), keyring)
    finally:
        engine.dispose()


def _upgrade(connection: Connection, place: str, keyring: "Keyring | None") -> None:
    scripts = ScriptDirectory.from_config(_config())
    head = scripts.get_current_head()
    found = MigrationContext.configure(connection).get_current_revision()
    if found == head:
        return
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise NewerSchema(
            f"{place} was written by a newer flooding (schema {found}, this program knows up to {head}); "
            "upgrade the program"
        )
    command.upgrade(_config(connection=connection, keyring=keyring), "head")
    # There the keys were off while tables were rebuilt; PostgreSQL never lets them go.
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise CannotOpen(f"{place} could not be brought up to schema {head}: rows would lose what they belong to")
