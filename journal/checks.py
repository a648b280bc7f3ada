"""The daily two-minute check: one a day, which may be changed on its day and read by its owner alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select

from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.database import Database
from journal.models import DailyCheckRow
from journal.statements import put


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
    """

    day: date
    body: BodyState | None = None
    helped: frozenset[Helped] = frozenset()


class Checks:
    """The actor's own daily checks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, actor: Actor, check: DailyCheck, *, now: datetime) -> None:
        """Keep the day's check in place of an earlier one of that day. Raises `NotAllowed`."""
        require(actor, Action.CHECK_IN, Subject(owner_id=actor.person_id))
        key = {"owner_id": actor.person_id, "day": check.day.isoformat()}
        values = {"checked_at": now, "body": check.body, "helped": ",".join(sorted(check.helped))}
        with self._database.write() as connection:
            put(connection, DailyCheckRow, key, values)

    def between(self, actor: Actor, first: date, last: date) -> Sequence[DailyCheck]:
        """The actor's checks of the days from `first` to `last`, oldest first."""
        require(actor, Action.CHECK_IN, Subject(owner_id=actor.person_id))
        query = (
            select(DailyCheckRow.day, DailyCheckRow.body, DailyCheckRow.helped)
            .where(
                DailyCheckRow.owner_id == actor.person_id,
                DailyCheckRow.day >= first.isoformat(),
                DailyCheckRow.day <= last.isoformat(),
            )
            .order_by(DailyCheckRow.day)
        )
        with self._database.read() as connection:
            return [_check(*row) for row in connection.execute(query)]


def _check(day: str, body: str | None, helped: str) -> DailyCheck:
    chosen = frozenset(Helped(one) for one in helped.split(",") if one)
    return DailyCheck(date.fromisoformat(day), BodyState(body) if body else None, chosen)
