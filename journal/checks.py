"""The daily two-minute check: one a day, which may be changed on its day and read by its owner alone. It is kept sealed."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

import structlog
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy import Connection, Row, select

from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.content import BadContent, in_words
from journal.database import Database
from journal.models import DailyCheckRow
from journal.own_account import own_account
from journal.sealed import CannotUnseal
from journal.sealed_contents import SealedContents
from journal.statements import put

log = structlog.get_logger(__name__)

CHECK_SCHEMA = 1
LONGEST_NOTE = 2000
"""Signs. Own choice: two minutes of writing."""


class BodyState(StrEnum):
    """How the body is: the three states of the nervous system, offered as words."""

    AT_EASE = "at_ease"
    ON_ALERT = "on_alert"
    SHUT_DOWN = "shut_down"
    HARD_TO_SAY = "hard_to_say"


class Helped(StrEnum):
    """What helped."""

    NOTICED = "noticed"
    PAUSED = "paused"
    SAID_IT = "said_it"
    CAME_CLOSER = "came_closer"


@dataclass(frozen=True, slots=True)
class DailyCheck:
    """One day's answers; nothing is required.

    Attributes:
        day: on the wearer's clock.
        body: how it is just now.
        helped: what helped that day.
        note: a line of one's own.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    day: date
    body: BodyState | None = None
    helped: frozenset[Helped] = frozenset()
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""


_CHECK: TypeAdapter[DailyCheck] = TypeAdapter(DailyCheck)


class Checks:
    """The actor's own daily checks."""

    def __init__(self, database: Database, sealed: SealedContents) -> None:
        self._database = database
        self._sealed = sealed

    def save(self, actor: Actor, check: DailyCheck, *, now: datetime) -> None:
        """Keep the day's check in place of an earlier one of that day.

        Raises:
            BadContent: the note is too long. What was kept stays.
            NotAllowed: there is nobody to own it.
        """
        with self._database.write() as connection:
            owner_id = own_account(connection, actor, Action.CHECK_IN)
            put_check(connection, self._sealed, owner_id, check, checked_at=now)

    def between(self, actor: Actor, first: date, last: date) -> Sequence[DailyCheck]:
        """The actor's checks of the days from `first` to `last`, oldest first."""
        require(actor, Action.CHECK_IN, Subject(owner_id=actor.person_id))
        query = (
            select(DailyCheckRow.__table__)
            .where(
                DailyCheckRow.owner_id == actor.person_id,
                DailyCheckRow.day >= first.isoformat(),
                DailyCheckRow.day <= last.isoformat(),
            )
            .order_by(DailyCheckRow.day)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        found = []
        for row in rows:
            try:
                found.append(opened(self._sealed, row))
            except (CannotUnseal, BadContent) as error:
                # One damaged check must not close the review.
                log.error("check_does_not_open", day=row.day, reason=str(error))  # noqa: TRY400  no traceback needed
        return found


def put_check(
    connection: Connection, sealed: SealedContents, owner_id: str, check: DailyCheck, *, checked_at: datetime
) -> None:
    """Store a check in place of the one of its day. Raises `BadContent`."""
    key = {"owner_id": owner_id, "day": check.day.isoformat()}
    known = select(DailyCheckRow.id).where(DailyCheckRow.owner_id == owner_id, DailyCheckRow.day == key["day"])
    row_id = connection.scalar(known) or uuid.uuid4().hex
    told = answers_of(check)
    check_from(check.day, told)  # what could not be read again is not stored
    text = _KEPT.dump_json(_Kept(CHECK_SCHEMA, told))
    values = {"checked_at": checked_at, "sealed": sealed.seal_text(owner_id, DailyCheckRow, {"id": row_id}, text)}
    put(connection, DailyCheckRow, {"id": row_id}, key | values)


def opened(sealed: SealedContents, row: Row[*tuple[Any, ...]]) -> DailyCheck:
    """The check of a row. Raises `CannotUnseal` or `BadContent`."""
    try:
        kept = _KEPT.validate_json(sealed.open_text(row.owner_id, DailyCheckRow, row))
    except ValidationError as error:
        raise BadContent(in_words(error)) from None
    if kept.schema != CHECK_SCHEMA:
        raise BadContent(f"a newer program wrote this (schema {kept.schema}, known up to {CHECK_SCHEMA})")
    return check_from(date.fromisoformat(row.day), kept.answers)


def check_from(day: date, answers: dict[str, Any]) -> DailyCheck:
    """A day's check whose answers are told as JSON's own values. Raises `BadContent` with the place of each mistake."""
    try:
        return _CHECK.validate_python({**answers, "day": day})
    except ValidationError as error:
        raise BadContent(in_words(error)) from None


def answers_of(check: DailyCheck) -> dict[str, Any]:
    """The check's answers as JSON's own values, always in one order."""
    told: dict[str, Any] = _CHECK.dump_python(check, mode="json", exclude={"day"})
    return told | {"helped": sorted(told["helped"])}


@dataclass(frozen=True, slots=True)
class _Kept:
    """The answers' wrapping, which every schema shares."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    schema: int
    answers: dict[str, Any]


_KEPT: TypeAdapter[_Kept] = TypeAdapter(_Kept)
