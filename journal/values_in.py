"""Every value of one kind inside another, wherever it stands: what a search reads, what an archive checks."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import TypeVar

T = TypeVar("T")


def values_in(value: object, kind: type[T]) -> Iterator[T]:
    """The values of `kind` in `value`, which is made of dataclasses and tuples.

    >>> list(values_in((1, ("a", (2, "b"))), str))
    ['a', 'b']
    """
    if isinstance(value, kind):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from values_in(one, kind)
    elif is_dataclass(value):
        for field in fields(value):
            yield from values_in(getattr(value, field.name), kind)
