"""What the two agreed, in versions. Both read all of it; each says yes for themselves.

The words are sealed with the key of the pair's first, whoever wrote them: one text for both, and the row is gone as soon as
either account is. So the first's recovery code opens them, and the second's does not.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import structlog
from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, insert, select, update

from alerts import agreement
from alerts.agreement import Agreed, Side, Terms, Version
from alerts.not_now import NotNow
from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.database import Database
from journal.models import AgreementRow
from journal.pairs import Pair, pair_for, pair_of
from journal.sealed import CannotUnseal
from journal.sealed_contents import SealedContents

log = structlog.get_logger(__name__)

_TERMS = TypeAdapter(Terms)


class Agreements:
    """The agreements of the actor's pair."""

    def __init__(self, database: Database, sealed: SealedContents) -> None:
        self._database = database
        self._sealed = sealed

    def history(self, actor: Actor) -> list[Version]:
        """Every version, oldest first; empty without a pair."""
        require(actor, Action.READ_AGREEMENT, Subject(participants=_only(actor)))
        with self._database.read() as connection:
            pair = pair_of(connection, actor)
            return self._history(connection, pair) if pair else []

    def agreed(self, actor: Actor) -> Agreed | None:
        """What holds for the actor now, if anything does."""
        require(actor, Action.READ_AGREEMENT, Subject(participants=_only(actor)))
        with self._database.read() as connection:
            pair = pair_of(connection, actor)
            try:
                holds = agreement.in_force(self._history(connection, pair)) if pair else None
            except CannotUnseal as error:
                # Damaged words must not keep anybody from a talk or its pause: then the usual 20 minutes hold.
                log.error("agreement_does_not_open", reason=str(error))  # noqa: TRY400  no traceback needed
                return None
        return Agreed(holds.terms, pair.side) if pair and holds else None

    def write(self, actor: Actor, terms: Terms, *, now: datetime) -> Version:
        """Keep `terms` as a new version, which nobody has said yes to yet. Raises `NotAllowed` without a pair."""
        with self._database.write() as connection:
            pair = pair_for(connection, actor, Action.WRITE_AGREEMENT)
            version = Version(len(self._history(connection, pair)) + 1, terms, pair.side, now)
            values = {"pair_id": pair.id, **_columns(version)}
            sealed = self._sealed.seal_text(pair.first_id, AgreementRow, values, _TERMS.dump_json(terms))
            connection.execute(insert(AgreementRow).values(**values, sealed=sealed))
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
            return _keep(connection, pair, agreement.say_yes(self._history(connection, pair), number, side, now))

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
            return _keep(connection, pair, agreement.withdraw(self._history(connection, pair), side, now))

    def _history(self, connection: Connection, pair: Pair) -> list[Version]:
        query = select(AgreementRow.__table__).where(AgreementRow.pair_id == pair.id).order_by(AgreementRow.number)
        return [_version(row, terms_in(self._sealed, pair.first_id, row)) for row in connection.execute(query)]


def _only(actor: Actor) -> frozenset[str]:
    return frozenset({actor.person_id} if actor.person_id is not None else ())


def terms_in(sealed: SealedContents, first_id: str, row: Row[*tuple[Any, ...]]) -> Terms:
    """The words of a row of a pair whose first is `first_id`. Raises `CannotUnseal`."""
    return _TERMS.validate_json(sealed.open_text(first_id, AgreementRow, row))


def _version(row: Row[*tuple[Any, ...]], terms: Terms) -> Version:
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public accessor
    del values["pair_id"], values["sealed"]
    by = values["withdrawn_by"]
    sides = {"written_by": Side(values["written_by"]), "withdrawn_by": Side(by) if by else None}
    return Version(terms=terms, **values | sides)


def _columns(version: Version) -> dict[str, Any]:
    values = asdict(version)
    del values["terms"]
    return values


def _keep(connection: Connection, pair: Pair, version: Version) -> Version:
    values = _columns(version)
    number = values.pop("number")
    connection.execute(
        update(AgreementRow).where(AgreementRow.pair_id == pair.id, AgreementRow.number == number).values(**values)
    )
    return version
