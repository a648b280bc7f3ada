"""Opening and closing the journal: the file, its tables, its lock, and what people read when it cannot be opened."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import alembic.op
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import delete, insert, select, text
from sqlalchemy.exc import IntegrityError

from alerts.people import Actor
from journal import database as journal_database
from journal.database import (
    ELSEWHERE_NAME,
    FILE_NAME,
    LOCK_NAME,
    CannotOpen,
    DatabaseError,
    DatabaseInUse,
    NewerSchema,
    NotADatabase,
    open_database,
)
from journal.journal import open_journal
from journal.models import Base, PersonRow, SessionRow
from tests import migrated
from tests.fakes import BEGAN

pytestmark = pytest.mark.sqlite_only("the file, its log and its lock; test_postgresql.py is the same for a server")


@pytest.fixture
def database(tmp_path):
    with closing(open_database(tmp_path / "data")) as opened:
        yield opened


def add_mira(database, name="Mira"):
    with database.write() as connection:
        connection.execute(insert(PersonRow).values(id="mira", name=name, created_at=BEGAN))


def names(database):
    with database.read() as connection:
        return list(connection.scalars(select(PersonRow.name)))


def refused(folder, kind):
    """Open `folder`, which must fail with `kind`, and return the one line it says."""
    with pytest.raises(DatabaseError) as caught:
        open_database(folder)
    assert type(caught.value) is kind
    line = str(caught.value)
    assert "\n" not in line
    assert str(folder) in line
    return line


def test_migrations_make_the_tables_of_the_models(database):
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_primary_and_foreign_keys_are_those_of_the_models(database):
    """What the comparison above leaves out."""
    with database.read() as connection:
        for table in Base.metadata.sorted_tables:
            (sql,) = connection.execute(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": table.name})
            assert ("WITHOUT ROWID" in sql[0]) is (not table.dialect_options["sqlite"].get("with_rowid", True))
            assert ("AUTOINCREMENT" in sql[0]) is bool(table.dialect_options["sqlite"].get("autoincrement", False))
            columns = connection.exec_driver_sql(f"PRAGMA table_info({table.name})").all()
            keys = {row.name: row.pk for row in columns if row.pk}
            assert keys == {column.name: i for i, column in enumerate(table.primary_key, 1)}
            cascades = connection.exec_driver_sql(f"PRAGMA foreign_key_list({table.name})").all()
            assert {row.on_delete for row in cascades} <= {"CASCADE"}


def test_closed_and_opened_again_it_holds_what_was_written(tmp_path):
    for expected in ([], ["Mira"], ["Mira"]):
        with closing(open_database(tmp_path)) as database:
            assert names(database) == expected
            if not expected:
                add_mira(database)


def test_folder_and_file_are_for_their_owner_alone(tmp_path):
    before = os.umask(0)
    try:
        with closing(open_database(tmp_path / "data")) as database:
            add_mira(database)
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").iterdir()}
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert modes == dict.fromkeys([FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm", LOCK_NAME], 0o600)


@pytest.mark.parametrize("name", ["with space", "per%cent", "what?mode=ro", "hash#tag", "ümlaut’s"])
def test_folder_may_have_any_name(tmp_path, name):
    with closing(open_database(tmp_path / name)) as database:
        add_mira(database)
    assert (tmp_path / name / FILE_NAME).stat().st_size > 0


PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 5000}


def test_pragmas_are_in_force_on_every_connection(database):
    with database.read() as first, database.read() as second, database.write() as third:
        for connection in (first, second, third):
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}
            assert found == PRAGMAS


def test_writer_holds_the_lock_from_the_start_and_readers_go_on(database):
    with database.write(), database.read() as reader:
        assert reader.scalars(select(PersonRow.id)).all() == []
        other = sqlite3.connect(reader.engine.url.database, timeout=0)
        with closing(other), pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")


def test_read_sees_one_moment(database):
    with database.read() as reader:
        before = reader.scalars(select(PersonRow.id)).all()
        add_mira(database)
        assert reader.scalars(select(PersonRow.id)).all() == before
    assert names(database) == ["Mira"]


def test_failed_write_leaves_nothing(database):
    def half():
        with database.write() as connection:
            connection.execute(insert(PersonRow).values(id="mira", name="Mira", created_at=BEGAN))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert names(database) == []


def test_error_does_not_repeat_what_people_stored(database):
    add_mira(database, "a secret name")
    with pytest.raises(IntegrityError) as caught:
        add_mira(database, "a secret name")
    assert "secret" not in str(caught.value)


def test_row_without_an_owner_is_refused_and_goes_with_its_owner(database):
    session = {"person_id": "mira", "created_at": BEGAN, "expires_at": BEGAN}
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(insert(SessionRow).values(token_sha256="a", **session))
    add_mira(database)
    with database.write() as connection:
        connection.execute(insert(SessionRow).values(token_sha256="a", **session))
        connection.execute(delete(PersonRow))
        assert connection.scalars(select(SessionRow.token_sha256)).all() == []


def test_closing_empties_the_wal_even_while_somebody_looks_in(tmp_path):
    database = open_database(tmp_path)
    add_mira(database)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as onlooker:
        assert onlooker.execute("SELECT name FROM person").fetchall() == [("Mira",)]
        assert (tmp_path / f"{FILE_NAME}-wal").stat().st_size > 0
        database.close()
        assert (tmp_path / f"{FILE_NAME}-wal").stat().st_size == 0


def test_what_is_erased_is_nowhere_in_the_files(tmp_path):
    with closing(open_database(tmp_path)) as database:
        add_mira(database, "a name to be forgotten")
        with database.write() as connection:
            connection.execute(delete(PersonRow))
    assert not any(b"to be forgotten" in path.read_bytes() for path in tmp_path.iterdir())


def test_database_of_a_newer_program_is_outlasted(tmp_path):
    open_database(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    before = (tmp_path / FILE_NAME).read_bytes()
    line = refused(tmp_path, NewerSchema)
    assert "9999" in line
    assert "upgrade the program" in line
    assert (tmp_path / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize("content", [b"Dear diary, " * 1000, b"\x00" * 5000, b"SQLite format 2\0" * 400])
def test_file_that_is_no_database_is_outlasted(tmp_path, content):
    (tmp_path / FILE_NAME).write_bytes(content)
    assert "--data" in refused(tmp_path, NotADatabase)
    assert (tmp_path / FILE_NAME).read_bytes() == content


def test_damaged_database_says_so(tmp_path):
    open_database(tmp_path).close()
    file = tmp_path / FILE_NAME
    content = bytearray(file.read_bytes())
    content[100:4096] = b"\xff" * (4096 - 100)
    file.write_bytes(content)
    assert "damaged" in refused(tmp_path, NotADatabase)
    assert file.read_bytes() == content


def test_failed_migration_leaves_nothing_half_made(tmp_path, monkeypatch):
    create_index, calls = alembic.op.create_index, []

    def fails_at_the_third(*args, **kwargs):
        calls.append(args)
        if len(calls) == 3:
            raise OSError("the power went")
        return create_index(*args, **kwargs)

    monkeypatch.setattr("journal.database._migrate", migrated.make)
    with monkeypatch.context() as patched:
        patched.setattr(alembic.op, "create_index", fails_at_the_third)
        with pytest.raises(OSError, match="the power went"):
            open_database(tmp_path)
    with closing(open_database(tmp_path)) as database:
        assert names(database) == []


def test_failed_opening_lets_the_lock_go(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"Dear diary, " * 1000)
    refused(tmp_path, NotADatabase)
    (tmp_path / FILE_NAME).unlink()
    open_database(tmp_path).close()


def test_folder_that_is_a_file_cannot_be_opened(tmp_path):
    (tmp_path / "data").write_text("a file")
    refused(tmp_path / "data", CannotOpen)
    refused(tmp_path / "data" / "below", CannotOpen)


def test_file_that_is_a_folder_cannot_be_opened(tmp_path):
    (tmp_path / FILE_NAME).mkdir()
    refused(tmp_path, CannotOpen)


def test_folder_that_cannot_be_made_cannot_be_opened():
    refused(Path("/proc/flooding-cannot-be-here"), CannotOpen)


def test_second_opening_is_refused_until_the_first_is_closed(tmp_path):
    first = open_database(tmp_path)
    assert "in use" in refused(tmp_path, DatabaseInUse)
    assert (tmp_path / LOCK_NAME).read_text() == f"{os.getpid()}\n"
    add_mira(first)
    first.close()
    with closing(open_database(tmp_path)) as again:
        assert names(again) == ["Mira"]


HOLD = """
import sys, time
from pathlib import Path
from journal.database import open_database
database = open_database(Path(sys.argv[1]))
print("open", flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="flock")
def test_another_process_keeps_it_in_use_until_it_is_killed(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout.readline() == "open\n"
            refused(tmp_path, DatabaseInUse)
            assert (tmp_path / LOCK_NAME).read_text() == f"{holder.pid}\n"
        finally:
            with suppress(ProcessLookupError):
                holder.send_signal(signal.SIGKILL)
            holder.wait()
    open_database(tmp_path).close()


def test_a_journal_of_before_keeps_its_entries_pauses_and_their_clocks(tmp_path):
    path = tmp_path / "journal.db"
    engine = journal_database._engine(path, foreign_keys="OFF")
    with engine.execution_options(begin="IMMEDIATE").begin() as connection:
        command.upgrade(journal_database._config(connection=connection), "0002")
        for statement in (
            "INSERT INTO person VALUES ('mira', 'Mira', '2026-01-01 00:00:00.000000')",
            "INSERT INTO talk VALUES ('t1', '2026-03-12 19:00:00.000000', NULL, '2026-03-12 20:00:00.000000', 0)",
            "INSERT INTO recording VALUES (7, 'r1', 't1', 'mira', '2026-03-12 19:00:05.250000', 345, NULL, 100.0)",
            "INSERT INTO entry VALUES ('e1', 'mira', 't1', '2026-03-12 19:30:00.000000')",
            "INSERT INTO pause SELECT 'p1', id, 'mira', began_at, began_at, 'ended', NULL, ended_at, 0 FROM talk",
        ):
            connection.exec_driver_sql(statement)
    engine.dispose()
    journal = open_journal(tmp_path)
    (line,) = journal.entries.list_entries(Actor("mira"))
    assert (line.id, line.pauses, line.by_hand, line.zone) == ("e1", 1, False, None)
    assert line.began_at == datetime(2026, 3, 12, 19, 0, 5, 250_000, tzinfo=UTC)
    assert line.utc_offset_min == 345
    journal.close()


def test_an_empty_file_is_not_taken_for_a_journal_that_is_on_postgresql(tmp_path):
    """A code made in it would open nothing at the server, and nobody would know why."""
    (tmp_path / ELSEWHERE_NAME).touch()
    assert "FLOODING_DATABASE=postgresql://" in refused(tmp_path, CannotOpen)
    assert not (tmp_path / FILE_NAME).exists()
