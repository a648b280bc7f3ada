"""Statements that a test writes itself, the same on SQLite and PostgreSQL."""

import itertools
import re

from sqlalchemy import text

from journal.models import Base


def raw(connection, statement, values=()):
    """Execute `statement`, in which each `?` stands for the next of `values`."""
    places = itertools.count()
    named = re.sub(r"\?", lambda _: f":value_{next(places)}", statement)
    return connection.execute(text(named), {f"value_{place}": value for place, value in enumerate(values)})


def unguard_access_log(connection):
    """Whoever has the database itself can change the log; the program cannot."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE access_log DISABLE TRIGGER USER"))
        return
    for change in ("update", "delete"):
        connection.execute(text(f"DROP TRIGGER access_log_no_{change}"))


def contents(database):
    """Every row of every table, to see that nothing has changed."""
    with database.read() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(table.select()))) for table in Base.metadata.sorted_tables
        }
