"""One database: opened safely, migrated, locked to one process on SQLite, and closed so that nothing lingers in the WAL."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

try:
    import fcntl
except ImportError:  # Windows: an open SQLite file is protected by its own locks only
    fcntl = None  # type: ignore[assignment]  # a missing module is None

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DatabaseError as SqlDatabaseError
from sqlalchemy.pool import ConnectionPoolEntry

FILE_NAME = "journal.db"
LOCK_NAME = "journal.lock"
MIGRATIONS = Path(__file__).parent / "migrations"

PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",  # NORMAL loses acknowledged seconds in a power cut
    "foreign_keys = ON",
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


class Database:
    """An open database. `read` and `write` give a connection inside one transaction."""

    def __init__(self, engine: Engine, lock: IO[str] | None) -> None:
        self._engine = engine
        self._lock = lock
        self._writing = engine.execution_options(begin="IMMEDIATE")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment."""
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A connection that holds the write lock from the start, commits at the end and rolls back on an error."""
        with self._writing.begin() as connection:
            yield connection

    def close(self) -> None:
        """Empty the WAL into the file, close every connection, let the lock go."""
        with suppress(SqlDatabaseError), self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self._engine.dispose()
        if self._lock is not None:
            self._lock.close()


def open_database(data_dir: Path) -> Database:
    """Open the journal in `data_dir`, making it if it is not there, and bring its tables up to date.

    Raises:
        CannotOpen: the folder or file cannot be made or read.
        DatabaseInUse: another process has it.
        NotADatabase: the file is something else.
        NewerSchema: a newer program wrote it.
    """
    path = data_dir / FILE_NAME
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = _lock(data_dir / LOCK_NAME)
        path.touch(mode=0o600)
    except OSError as error:
        raise CannotOpen(f"{path} cannot be opened: {error.strerror}") from error
    engine = _engine(path)
    try:
        _migrate(engine, path)
    except SqlDatabaseError as error:
        engine.dispose()
        lock.close()
        if isinstance(error.orig, sqlite3.DatabaseError) and "not a database" in str(error.orig):
            raise NotADatabase(
                f"{path} is not a database; move it away, or choose another folder with --data"
            ) from error
        raise CannotOpen(f"{path} cannot be opened: {error.orig}") from error
    except BaseException:
        engine.dispose()
        lock.close()
        raise
    return Database(engine, lock)


def _lock(path: Path) -> IO[str]:
    """Hold the folder for this process. The lock goes with the process, however it ends."""
    file = path.open("w")
    if fcntl is None:
        return file
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise DatabaseInUse(
            f"the journal in {path.parent} is in use by another flooding; stop that one, or choose another folder with --data"
        ) from error
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def _engine(path: Path) -> Engine:
    # isolation_level None: SQLAlchemy's begin event alone says how a transaction begins.
    engine = create_engine(f"sqlite:///{path}", connect_args={"isolation_level": None})

    @event.listens_for(engine, "connect")
    def _prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
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


def _migrate(engine: Engine, path: Path) -> None:
    scripts = ScriptDirectory.from_config(_config())
    known = {script.revision for script in scripts.walk_revisions()}
    with engine.execution_options(begin="IMMEDIATE").begin() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        if found is not None and found not in known:
            raise NewerSchema(
                f"{path} was written by a newer flooding (schema {found}, this program knows up to "
                f"{scripts.get_current_head()}); upgrade the program"
            )
        if found != scripts.get_current_head():
            command.upgrade(_config(connection=connection), "head")
        connection.execute(text("SELECT 1"))
