"""Rows of tables as JSON objects and back, by the tables' own columns: a column that is added is carried along."""

import math
from collections.abc import Container
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Float, Integer, Row

from journal.columns import UtcDateTime
from journal.local_time import OutOfRange, in_range
from journal.models import Base

MOST = 1_000_000_000
"""No figure of a recording is larger (its seconds would be 30 years), and no clock breaks on it."""
DAY_MIN = 24 * 60


class BadRow(ValueError):
    """An object is no row of its table. Says which column is wrong."""


def columns_of(table: type[Base], *, without: Container[str] = ()) -> list[Column[Any]]:
    """The columns that are carried."""
    return [column for column in table.metadata.tables[table.__tablename__].columns if column.name not in without]


def to_json(table: type[Base], row: Row[Any], *, without: Container[str] = ()) -> dict[str, Any]:
    """A row as JSON's own values; times in RFC 3339."""
    values = row._mapping  # noqa: SLF001  SQLAlchemy's public accessor, underscored against column names
    return {column.name: _told(values[column.name]) for column in columns_of(table, without=without)}


def from_json(table: type[Base], told: object, *, without: Container[str] = ()) -> dict[str, Any]:
    """The row's values. A nullable column may be absent.

    Raises:
        BadRow: something is missing, of another kind, or unknown here.
    """
    if not isinstance(told, dict):
        raise BadRow(f"{table.__tablename__} is no object")
    columns = {column.name: column for column in columns_of(table, without=without)}
    if strange := sorted(told.keys() - columns.keys()):
        raise BadRow(f"{strange[0]} is unknown here; a newer program may have written it")
    return {name: _read(column, told.get(name)) for name, column in columns.items()}


def _told(value: Any) -> Any:  # noqa: ANN401  whatever a column holds
    return value.isoformat() if isinstance(value, datetime) else value


def _read(column: Column[Any], told: object) -> object:
    if told is None:
        if not column.nullable:
            raise BadRow(f"{column.name} is missing")
        return None
    if isinstance(column.type, UtcDateTime):
        return _time(column, told)
    kind: type | tuple[type, ...] = str
    if isinstance(column.type, Boolean):
        kind = bool
    elif isinstance(column.type, Integer):
        kind = int
    elif isinstance(column.type, Float):
        kind = (int, float)
    if not isinstance(told, kind) or (isinstance(told, bool) and kind is not bool):
        raise BadRow(f"{column.name} is of another kind")
    return _storable(column, told)


def _storable(column: Column[Any], told: object) -> object:
    """What every database takes: finite numbers, 64-bit integers, ids of their length, text without NUL."""
    if isinstance(told, float) and not math.isfinite(told):
        raise BadRow(f"{column.name} is no number")
    if isinstance(told, int | float) and abs(told) > MOST:
        raise BadRow(f"{column.name} is too large")
    if column.name == "utc_offset_min" and abs(told) >= DAY_MIN:  # type: ignore[arg-type]  # an integer column
        raise BadRow("utc_offset_min is no offset of a clock")
    length = getattr(column.type, "length", None)
    if isinstance(told, str) and ("\0" in told or not encodes(told) or (length and not 0 < len(told) <= length)):
        raise BadRow(f"{column.name} cannot be stored")
    return float(told) if isinstance(column.type, Float) and isinstance(told, int) else told


def encodes(text: str) -> bool:
    """Whether it is text all through: half of a sign can be written in JSON, and stored nowhere."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def _time(column: Column[Any], told: object) -> datetime:
    try:
        moment = datetime.fromisoformat(told)  # type: ignore[arg-type]  # a TypeError is caught
    except (TypeError, ValueError):
        raise BadRow(f"{column.name} is no time") from None
    if moment.tzinfo is None:
        raise BadRow(f"{column.name} has no offset")
    try:
        return in_range(moment)
    except OutOfRange as error:
        raise BadRow(f"{column.name}: {error}") from None
