"""One database: opened safely, migrated, locked to one process on SQLite, and closed so that nothing lingers in the WAL."""

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
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

if TYPE_CHECKING:
    from journal.keys import Keyring

FILE_NAME = "journal.db"
LOCK_NAME = "journal.lock"
MIGRATIONS = Path(__file__).parent / "migrations"

PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",  # NORMAL loses acknowledged seconds in a power cut
    "secure_delete = ON",  # what is erased is overwritten
    "busy_timeout = 5000",
)


class DatabaseError(Exception):
    """The journal cannot be opened. One line for people."""


class NewerSchema(DatabaseError):
    """It was written by a newer program."""


class NotADatabase(DatabaseError):
    """The file is something else, or damaged."""


class DatabaseInUse(DatabaseError):
    """Another process has it."""


class CannotOpen(DatabaseError):
    """The folder or the file cannot be made or read."""


class DatabaseBusy(DatabaseError):
    """It does not answer now: locked by another program, or the disk is full. Worth trying again."""


@contextmanager
def _busy_is_said() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise DatabaseBusy(f"the journal does not answer: {error.orig}") from error


class Database:
    """An open database. `read` and `write` give a connection inside one transaction."""

    def __init__(self, engine: Engine, lock: IO[str] | None) -> None:
        self._engine = engine
        self._lock = lock
        self._writing = engine.execution_options(begin="IMMEDIATE")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment."""
        with _busy_is_said(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection that holds the write lock from the start, commits at the end and rolls back on an error."""
        with _busy_is_said(), self._writing.begin() as connection:
            yield connection

    def answer(self) -> None:
        """Answer a question. Raises `DatabaseBusy`, or what the database raises, where it cannot."""
        with self.read() as connection:
            connection.execute(select(1)).one()

    def empty_wal(self) -> bool:
        """Move everything into the file, and cut the write-ahead log to nothing: what was deleted is in neither then.

        False while a long reader keeps the log in use; closing the database does it again.
        """
        if self._engine.dialect.name != "sqlite":
            return True
        connection = self._engine.raw_connection()
        try:
            busy = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            connection.close()
        return not busy

    def close(self) -> None:
        """Empty the WAL into the file, close every connection, let the lock go."""
        if self._engine.dialect.name == "sqlite":
            with suppress(SqlDatabaseError), self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self._engine.dispose()
        if self._lock is not None:
            self._lock.close()


def open_database(data_dir: Path, keyring: "Keyring | None" = None, *, upgrade: bool = True) -> Database:
    """Open the journal in `data_dir`, making it if it is not there, and bring its tables up to date.

    Args:
        data_dir: the folder.
        keyring: what an upgrade seals with, where it seals what an older program left open.
        upgrade: False leaves the tables as an older program made them.

    Raises:
        KeyMissing: an upgrade needs a key that the key file has not. Nothing has changed.
        CannotOpen: the folder or file cannot be made or read.
        DatabaseInUse: another process has it.
        NotADatabase: the file is something else.
        NewerSchema: a newer program wrote it.
    """
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


def open_beside(data_dir: Path) -> Database:
    """The database of a program that has it and runs on: for a row or two by the machine's own commands. Changes no table.

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
            _upgrade(connection, path, keyring)
    finally:
        engine.dispose()


def _upgrade(connection: Connection, path: Path, keyring: "Keyring | None") -> None:
    scripts = ScriptDirectory.from_config(_config())
    head = scripts.get_current_head()
    found = MigrationContext.configure(connection).get_current_revision()
    if found == head:
        return
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise NewerSchema(
            f"{path} was written by a newer flooding (schema {found}, this program knows up to {head}); "
            "upgrade the program"
        )
    command.upgrade(_config(connection=connection, keyring=keyring), "head")
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise CannotOpen(f"{path} could not be brought up to schema {head}: rows would lose what they belong to")
