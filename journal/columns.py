"""Column types that say what they hold."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, String, Text
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC on both sides. A naive time is refused rather than guessed at."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  fixed by SQLAlchemy
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone; the journal keeps aware times only")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002  fixed by SQLAlchemy
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _Storable(TypeDecorator[str]):
    """Text without NUL, which PostgreSQL cannot hold and nobody types: what a request brings must not be an error there.

    The same on both, so that a journal can go from one to the other.
    """

    impl = Text

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002  fixed by SQLAlchemy
        return value if value is None else value.replace("\0", "")


class Words(_Storable):
    """Text of any length."""

    cache_ok = True


class Short(_Storable):
    """What names a row, or another short text: at most so many signs."""

    impl = String  # type: ignore[assignment]  # any text type; the bound values are handled alike
    cache_ok = True
