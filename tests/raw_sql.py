"""Statements that a test writes itself, the same on SQLite and PostgreSQL."""

import itertools
import re

from sqlalchemy import text


def raw(connection, statement, values=()):
    """Execute `statement`, in which each `?` stands for the next of `values`."""
    places = itertools.count()
    named = re.sub(r"\?", lambda _: f":value_{next(places)}", statement)
    return connection.execute(text(named), {f"value_{place}": value for place, value in enumerate(values)})
