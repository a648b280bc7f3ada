"""Statements that SQLite and PostgreSQL both have, but SQLAlchemy only by dialect."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from journal.models import Base


def put(connection: Connection, row: type[Base], key: dict[str, Any], values: dict[str, Any]) -> None:
    """Insert the row with this key, or update it: one statement, so nothing comes in between."""
    statement = _insert(connection, row).values(**key, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


def add_once(connection: Connection, row: type[Base], key: dict[str, Any], values: dict[str, Any]) -> None:
    """Insert the row unless there is one with this key; then nothing changes."""
    statement = _insert(connection, row).values(**key, **values)
    connection.execute(statement.on_conflict_do_nothing(index_elements=list(key)))


def add_each_once(connection: Connection, row: type[Base], key: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows, except those whose `key` is there: then nothing changes. The last column of the key may be empty in others."""
    if rows:
        there = getattr(row, key[-1]).is_not(None)
        connection.execute(_insert(connection, row).on_conflict_do_nothing(index_elements=key, index_where=there), rows)


def _insert(connection: Connection, row: type[Base]) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(row) if connection.dialect.name == "postgresql" else sqlite.insert(row)
