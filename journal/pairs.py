"""Two people who talk together: how the second comes in, how both opt in to a talk, and how either leaves.

Neither administers the other. A code that one makes never opens an account that somebody else has; leaving asks nobody.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, or_, select, update

from alerts.agreement import Side
from alerts.not_now import NotNow
from alerts.people import Actor
from alerts.ports import NotAllowed
from journal.access import Action, Subject, require
from journal.codes import hashed, new_code
from journal.database import Database
from journal.models import AgreementRow, JoinCodeRow, PairRow, PersonRow
from journal.own_account import own_account
from journal.people import UNNAMED, Person

CODE_LASTS = timedelta(minutes=10)
CODE_GROUPS = 3
THE_OTHER = "The other"
YES_LASTS = timedelta(minutes=15)
"""Who said yes to a talk and then had to wait longer is asked again."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The two, as one of them sees it.

    Attributes:
        side: which of the two is looking.
        second_id: None while the second is only a name.
    """

    id: str
    side: Side
    first_id: str
    second_id: str | None
    first_name: str
    second_name: str
    first_yes_at: datetime | None = None
    second_yes_at: datetime | None = None

    @property
    def other_name(self) -> str:
        """The other's name."""
        return self.called(Side.SECOND if self.side is Side.FIRST else Side.FIRST)

    def called(self, side: Side) -> str:
        """What this one of the two is called on the page of the one who looks."""
        name = self.first_name if side is Side.FIRST else self.second_name
        return THE_OTHER if name == UNNAMED and side is not self.side else name

    @property
    def both_are_here(self) -> bool:
        """Whether the second has an account of their own."""
        return self.second_id is not None

    def opted_in(self, side: Side, now: datetime) -> bool:
        """Whether this one's yes to a talk stands."""
        said = self.first_yes_at if side is Side.FIRST else self.second_yes_at
        return said is not None and now < said + YES_LASTS


@dataclass(frozen=True, slots=True)
class Opening:
    """What a code opens: the place of the other person, or one's own account on another phone."""

    for_other: bool
    from_name: str
    other_name: str


class Pairs:
    """Who belongs together."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mine(self, actor: Actor) -> Pair | None:
        """The actor's pair, if there is one."""
        require(actor, Action.SEE_OWN_PAIR, Subject(owner_id=actor.person_id))
        with self._database.read() as connection:
            return pair_of(connection, actor)

    def begin(self, actor: Actor, *, other_name: str, now: datetime) -> Pair:
        """Begin a pair with somebody who is only a name so far.

        Raises:
            NotNow: the actor is in a pair already.
            NotAllowed: there is no such person.
        """
        with self._database.write() as connection:
            self._begin(connection, actor, other_name, now, second_id=None)
            return _surely(pair_of(connection, actor))

    def _begin(self, connection: Connection, actor: Actor, name: str, now: datetime, second_id: str | None) -> None:
        own_account(connection, actor, Action.BEGIN_PAIR)
        if pair_of(connection, actor) is not None:
            raise NotNow("there are two of you already")
        values = {"first_id": actor.person_id, "second_id": second_id, "second_name": name, "began_at": now}
        connection.execute(insert(PairRow).values(id=uuid.uuid4().hex, **values))

    def leave(self, actor: Actor, *, now: datetime) -> None:
        """Leave at once: no reason, no answer from the other. What each has in their journal stays theirs.

        Raises:
            NotAllowed: there is nobody to leave.
        """
        with self._database.write() as connection:
            pair = pair_for(connection, actor, Action.LEAVE_PAIR)
            people = [person for person in (pair.first_id, pair.second_id) if person]
            connection.execute(
                delete(JoinCodeRow).where(JoinCodeRow.owner_id.in_(people), JoinCodeRow.for_other.is_(True))
            )
            _set(connection, pair, ended_at=now, first_yes_at=None, second_yes_at=None)

    def opt_in(self, actor: Actor, *, now: datetime) -> Pair:
        """Say yes to one talk. It begins when both have."""
        with self._database.write() as connection:
            pair = pair_for(connection, actor, Action.OPT_IN)
            _set(connection, pair, **{f"{pair.side}_yes_at": now})
            return _surely(pair_of(connection, actor))

    def opt_out(self, actor: Actor) -> None:
        """Take the yes back. Without a yes nothing changes."""
        with self._database.write() as connection:
            pair = pair_for(connection, actor, Action.OPT_IN)
            _set(connection, pair, **{f"{pair.side}_yes_at": None})

    def make_code(self, actor: Actor, *, for_other: bool, now: datetime) -> str:
        """A code that lets one phone in, once, within ten minutes. The actor's earlier one of that kind stops working.

        Raises:
            NotNow: the other has come in already; nobody but they can let another phone into their account.
            NotAllowed: there is no such person.
        """
        code = new_code(CODE_GROUPS)
        with self._database.write() as connection:
            owner = own_account(connection, actor, Action.MAKE_CODE)
            pair = pair_of(connection, actor)
            if for_other and pair is not None and pair.both_are_here:
                raise NotNow("the other person has come in already; they open their own account themselves")
            earlier = (JoinCodeRow.owner_id == owner, JoinCodeRow.for_other.is_(for_other))
            connection.execute(
                delete(JoinCodeRow).where(or_(JoinCodeRow.expires_at <= now, *[earlier[0] & earlier[1]]))
            )
            values = {"code_sha256": hashed(code), "for_other": for_other, "expires_at": now + CODE_LASTS}
            connection.execute(insert(JoinCodeRow).values(owner_id=owner, **values))
        return code

    def opening(self, code: str, *, now: datetime) -> Opening | None:
        """What `code` opens; None when it opens nothing, or nothing any more. Looking does not use it up."""
        with self._database.read() as connection:
            row = connection.execute(_code(code, now)).one_or_none()
            if row is None:
                return None
            pair = pair_of(connection, Actor(row.owner_id))
            name = THE_OTHER if row.for_other and row.name == UNNAMED else row.name
            return Opening(row.for_other, name, pair.second_name if pair else "")

    def come_in(self, code: str, *, name: str, now: datetime) -> Person:
        """Use `code` up, and return who came in: the other, made now with `name`, or the code's owner on another phone.

        Raises:
            NotAllowed: it opens nothing, or nothing any more.
        """
        with self._database.write() as connection:
            row = connection.execute(_code(code, now)).one_or_none()
            if row is None:
                raise NotAllowed
            connection.execute(delete(JoinCodeRow).where(JoinCodeRow.code_sha256 == hashed(code)))
            if not row.for_other:
                return Person(row.owner_id, row.name)
            person = Person(uuid.uuid4().hex, name)
            pair = pair_of(connection, Actor(row.owner_id))
            if pair is not None and pair.both_are_here:
                raise NotAllowed
            connection.execute(insert(PersonRow).values(id=person.id, name=name, created_at=now))
            if pair is None:
                self._begin(connection, Actor(row.owner_id), name, now, second_id=person.id)
            else:
                _set(connection, pair, second_id=person.id, second_name=name)
                _await_own_yes(connection, pair)
            return person


def pair_of(connection: Connection, actor: Actor) -> Pair | None:
    """The actor's pair that has not ended."""
    row = connection.execute(_select_pair().where(_is_in(actor), PairRow.ended_at.is_(None))).first()
    if row is None:
        return None
    values = dict(row._mapping)  # noqa: SLF001  SQLAlchemy's public accessor, underscored against column names
    side = Side.FIRST if row.first_id == actor.person_id else Side.SECOND
    return Pair(side=side, **values)


def pair_for(connection: Connection, actor: Actor, action: Action) -> Pair:
    """The actor's pair, for an `action` of one who takes part in it.

    Raises:
        NotAllowed: there is none.
    """
    pair = pair_of(connection, actor)
    people = {pair.first_id, pair.second_id} if pair else set()
    require(actor, action, Subject(participants=frozenset(person for person in people if person)))
    return _surely(pair)


def _select_pair() -> Select[*tuple[Any, ...]]:
    return select(
        PairRow.id,
        PairRow.first_id,
        PairRow.second_id,
        PersonRow.name.label("first_name"),
        PairRow.second_name,
        PairRow.first_yes_at,
        PairRow.second_yes_at,
    ).join(PersonRow, PersonRow.id == PairRow.first_id)


def _is_in(actor: Actor) -> Any:  # noqa: ANN401  an SQL expression
    return or_(PairRow.first_id == actor.person_id, PairRow.second_id == actor.person_id)


def _code(code: str, now: datetime) -> Select[str, bool, str]:
    return (
        select(JoinCodeRow.owner_id, JoinCodeRow.for_other, PersonRow.name)
        .join(PersonRow, PersonRow.id == JoinCodeRow.owner_id)
        .where(JoinCodeRow.code_sha256 == hashed(code), JoinCodeRow.expires_at > now)
    )


def _set(connection: Connection, pair: Pair, **values: object) -> None:
    connection.execute(update(PairRow).where(PairRow.id == pair.id).values(**values))


def _await_own_yes(connection: Connection, pair: Pair) -> None:
    """What was agreed for the second while they were only a name waits for a yes from their own phone: it may not have been theirs."""
    unanswered = (AgreementRow.pair_id == pair.id, AgreementRow.withdrawn_at.is_(None))
    connection.execute(update(AgreementRow).where(*unanswered).values(second_yes_at=None))


def _surely(pair: Pair | None) -> Pair:
    assert pair is not None  # noqa: S101  it was found, or made, in this transaction
    return pair
