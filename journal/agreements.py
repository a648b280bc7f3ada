"""What the two agreed, in versions. Both read all of it; each says yes for themselves."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, insert, select, update

from alerts import agreement
from alerts.agreement import Agreed, Side, Terms, Version
from alerts.not_now import NotNow
from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.database import Database
from journal.models import AgreementRow
from journal.pairs import Pair, pair_for, pair_of

_TERMS = TypeAdapter(Terms)


class Agreements:
    """The agreements of the actor's pair."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def history(self, actor: Actor) -> list[Version]:
        """Every version, oldest first; empty without a pair."""
        require(actor, Action.READ_AGREEMENT, Subject(participants=_only(actor)))
        with self._database.read() as connection:
            pair = pair_of(connection, actor)
            return _history(connection, pair.id) if pair else []

    def agreed(self, actor: Actor) -> Agreed | None:
        """What holds for the actor now, if anything does."""
        require(actor, Action.READ_AGREEMENT, Subject(participants=_only(actor)))
        with self._database.read() as connection:
            pair = pair_of(connection, actor)
            holds = agreement.in_force(_history(connection, pair.id)) if pair else None
        return Agreed(holds.terms, pair.side) if pair and holds else None

    def write(self, actor: Actor, terms: Terms, *, now: datetime) -> Version:
        """Keep `terms` as a new version, which nobody has said yes to yet. Raises `NotAllowed` without a pair."""
        with self._database.write() as connection:
            pair = pair_for(connection, actor, Action.WRITE_AGREEMENT)
            found = _history(connection, pair.id)
            version = Version(len(found) + 1, terms, pair.side, now)
            connection.execute(insert(AgreementRow).values(pair_id=pair.id, **_columns(version)))
            return version

    def say_yes(self, actor: Actor, number: int, *, now: datetime, for_other: bool = False) -> Version:
        """Say yes to the draft. `for_other`: the second, who sits at the same phone and has none of their own.

        Raises:
            NotNow: the draft has changed since; or the second has a phone of their own, and says yes there.
            NotAllowed: there is no pair.
        """
        with self._database.write() as connection:
            pair = pair_for(connection, actor, Action.WRITE_AGREEMENT)
            if for_other and pair.both_are_here:
                raise NotNow(f"{pair.other_name} says yes on their own phone")
            side = Side.SECOND if for_other else pair.side
            return _keep(connection, pair, agreement.say_yes(_history(connection, pair.id), number, side, now))

    def withdraw(self, actor: Actor, *, now: datetime, for_other: bool = False) -> Version:
        """Step out of what is in force, or put the draft away. Asks nobody.

        Raises:
            NotNow: nothing is agreed, or the second has a phone of their own.
            NotAllowed: there is no pair.
        """
        with self._database.write() as connection:
            pair = pair_for(connection, actor, Action.WRITE_AGREEMENT)
            if for_other and pair.both_are_here:
                raise NotNow(f"{pair.other_name} steps out on their own phone")
            side = Side.SECOND if for_other else pair.side
            return _keep(connection, pair, agreement.withdraw(_history(connection, pair.id), side, now))


def _only(actor: Actor) -> frozenset[str]:
    return frozenset({actor.person_id} if actor.person_id is not None else ())


def _history(connection: Connection, pair_id: str) -> list[Version]:
    rows = connection.execute(
        select(AgreementRow.__table__).where(AgreementRow.pair_id == pair_id).order_by(AgreementRow.number)
    )
    return [_version(dict(row._mapping)) for row in rows]  # noqa: SLF001  SQLAlchemy's public accessor


def _version(values: dict[str, Any]) -> Version:
    values.pop("pair_id")
    by = values["withdrawn_by"]
    return Version(
        **values
        | {
            "terms": _TERMS.validate_json(values["terms"]),
            "written_by": Side(values["written_by"]),
            "withdrawn_by": Side(by) if by else None,
        }
    )


def _columns(version: Version) -> dict[str, Any]:
    return asdict(version) | {"terms": _TERMS.dump_json(version.terms).decode()}


def _keep(connection: Connection, pair: Pair, version: Version) -> Version:
    values = _columns(version)
    number = values.pop("number")
    connection.execute(
        update(AgreementRow).where(AgreementRow.pair_id == pair.id, AgreementRow.number == number).values(**values)
    )
    return version
