"""What a wearer shows to a clinician: admitted by a code, shown entry by entry or from a moment on, taken back at once.

The wearer gives and takes; a clinician asks for nothing and sees nothing that no grant in force covers. Either ends it for
good, without a reason.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, insert, select, update

from alerts.not_now import NotNow
from alerts.people import Actor
from alerts.ports import NotAllowed
from journal.access import Action, Subject, require
from journal.codes import hashed, new_code
from journal.database import Database
from journal.local_time import zone_named
from journal.models import AdmissionRow, EntryRow, GrantRow, PersonRow

LONGEST_NAME = 60
CODE_GROUPS = 3
CODE_LASTS = timedelta(days=7)
"""A code is read out at one appointment, or sent before the next."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What is shown: one entry (`entry_id`), or all that happened from `from_at` on.

    Attributes:
        with_words: also what the wearer wrote; else the body's side alone.
        until_at: shown no longer from then on; None: until it is taken back.
        zone: the wearer's, by whose clock the days were meant; None: this machine's.
    """

    id: str
    entry_id: str | None
    from_at: datetime | None
    with_words: bool
    given_at: datetime
    until_at: datetime | None = None
    revoked_at: datetime | None = None
    zone: str | None = None

    @property
    def from_day(self) -> date | None:
        """The first day that it is about, as the wearer said it."""
        return None if self.from_at is None else self._local(self.from_at).date()

    @property
    def until_day(self) -> date | None:
        """The last day on which it shows something, as the wearer said it."""
        return None if self.until_at is None else self._local(self.until_at - timedelta(microseconds=1)).date()

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(zone_named(self.zone) if self.zone else None)

    def is_in_force(self, now: datetime) -> bool:
        """Whether it shows anything now."""
        return self.revoked_at is None and (self.until_at is None or now < self.until_at)

    def covers(self, entry_id: str, happened_at: datetime) -> bool:
        """Whether an entry is among what it is about.

        >>> from datetime import UTC
        >>> march = datetime(2026, 3, 1, tzinfo=UTC)
        >>> Grant("g", None, march, False, march).covers("e1", datetime(2026, 2, 27, tzinfo=UTC))
        False
        """
        if self.entry_id is not None:
            return self.entry_id == entry_id
        return self.from_at is not None and happened_at >= self.from_at


@dataclass(frozen=True, slots=True)
class Admission:
    """A clinician whom a wearer has admitted, or has invited.

    Attributes:
        called: the clinician's own name, or, before they came, what the wearer calls them.
        clinician_id: None while the invitation waits.
    """

    id: str
    wearer_id: str
    wearer_name: str
    clinician_id: str | None
    called: str
    invited_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    grants: tuple[Grant, ...] = ()

    def in_force(self, now: datetime) -> tuple[Grant, ...]:
        """What is shown now."""
        return () if self.ended_at else tuple(grant for grant in self.grants if grant.is_in_force(now))


class Sharing:
    """Admissions and grants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def invite(self, actor: Actor, *, called: str, now: datetime) -> tuple[str, str]:
        """Invite a clinician; return the admission's id and the code, which is told once and works once.

        Raises `NotAllowed` for a clinician's own account, which has nothing to show.
        """
        code = new_code(CODE_GROUPS)
        admission_id = uuid.uuid4().hex
        with self._database.write() as connection:
            owner = connection.execute(
                select(PersonRow.id, PersonRow.is_clinician).where(PersonRow.id == actor.person_id)
            ).one_or_none()
            require(actor, Action.ADMIT, Subject(owner_id=owner.id if owner and not owner.is_clinician else None))
            connection.execute(
                insert(AdmissionRow).values(
                    id=admission_id,
                    wearer_id=actor.person_id,
                    called=called,
                    code_sha256=hashed(code),
                    invited_at=now,
                )
            )
        return admission_id, code

    def accept(self, actor: Actor, code: str, *, now: datetime) -> Admission:
        """Come in by a wearer's code. Nothing is shown by it yet: the wearer says what is.

        Raises:
            NotAllowed: there is no such code, it was used, or the account is no clinician's.
            NotNow: it has run out, or the wearer has admitted this clinician already.
        """
        with self._database.write() as connection:
            return accept(connection, actor, code, now=now)

    def end(self, actor: Actor, admission_id: str, *, now: datetime) -> None:
        """End it for good, by either of the two; nothing is shown from this moment on. Ending it twice changes nothing."""
        with self._database.write() as connection:
            both = connection.execute(
                select(AdmissionRow.wearer_id, AdmissionRow.clinician_id).where(AdmissionRow.id == admission_id)
            ).one_or_none()
            there = frozenset(one for one in both if one is not None) if both else frozenset[str]()
            require(actor, Action.END_ADMISSION, Subject(participants=there))
            connection.execute(
                update(AdmissionRow)
                .where(AdmissionRow.id == admission_id, AdmissionRow.ended_at.is_(None))
                .values(ended_at=now, code_sha256=None)
            )
            connection.execute(
                update(GrantRow)
                .where(GrantRow.admission_id == admission_id, GrantRow.revoked_at.is_(None))
                .values(revoked_at=now)
            )

    def show(
        self,
        actor: Actor,
        admission_id: str,
        *,
        entry_id: str | None = None,
        from_at: datetime | None = None,
        with_words: bool,
        until_at: datetime | None = None,
        zone: str | None = None,
        now: datetime,
    ) -> Grant:
        """Show one entry, or all that happened from `from_at` on.

        Raises:
            ValueError: neither or both were named, or it would end before it begins.
            NotAllowed: the admission or the entry is not the actor's.
            NotNow: it has ended.
        """
        if (entry_id is None) == (from_at is None):
            raise ValueError("show one entry, or from a day on: say one of the two")
        if until_at is not None and until_at <= now:
            raise ValueError("the end of what is shown is past already")
        grant = Grant(uuid.uuid4().hex, entry_id, from_at, with_words, now, until_at, zone=zone)
        with self._database.write() as connection:
            found = _admission(connection, admission_id)
            require(actor, Action.SHOW, Subject(owner_id=found.wearer_id if found else None))
            if entry_id is not None:
                owner = connection.scalar(select(EntryRow.owner_id).where(EntryRow.id == entry_id))
                require(actor, Action.SHOW, Subject(owner_id=owner))
            if _surely(found).ended_at is not None:
                raise NotNow("this has ended; invite the clinician anew")
            connection.execute(
                insert(GrantRow).values(
                    id=grant.id,
                    admission_id=admission_id,
                    entry_id=entry_id,
                    from_at=from_at,
                    with_words=with_words,
                    given_at=now,
                    until_at=until_at,
                    zone=zone,
                )
            )
        return grant

    def hide(self, actor: Actor, grant_id: str, *, now: datetime) -> None:
        """Take back what was shown, at once. Taking it back twice changes nothing."""
        with self._database.write() as connection:
            owner = connection.scalar(
                select(AdmissionRow.wearer_id)
                .join(GrantRow, GrantRow.admission_id == AdmissionRow.id)
                .where(GrantRow.id == grant_id)
            )
            require(actor, Action.HIDE, Subject(owner_id=owner))
            connection.execute(
                update(GrantRow).where(GrantRow.id == grant_id, GrantRow.revoked_at.is_(None)).values(revoked_at=now)
            )

    def of_wearer(self, actor: Actor) -> list[Admission]:
        """Whom the actor has admitted or invited, and what each is shown; what has ended is not among them."""
        require(actor, Action.ADMIT, Subject(owner_id=actor.person_id))
        with self._database.read() as connection:
            return _of_wearer(connection, actor.person_id)

    def of_clinician(self, actor: Actor) -> list[Admission]:
        """Who has admitted the actor, with what they show."""
        require(actor, Action.LIST_CLIENTS, Subject(owner_id=actor.person_id))
        query = _admissions().where(AdmissionRow.clinician_id == actor.person_id, AdmissionRow.ended_at.is_(None))
        with self._database.read() as connection:
            return _with_grants(connection, connection.execute(query).all())


def accept(connection: Connection, actor: Actor, code: str, *, now: datetime) -> Admission:
    """`Sharing.accept`, within a transaction: also that of an account that is made for it."""
    own = connection.execute(
        select(PersonRow.id).where(PersonRow.id == actor.person_id, PersonRow.is_clinician.is_(True))
    ).scalar()
    require(actor, Action.ACCEPT_ADMISSION, Subject(owner_id=own))
    waiting = connection.execute(_waiting(code)).one_or_none()
    if waiting is None:
        raise NotAllowed
    if now >= waiting.invited_at + CODE_LASTS:
        raise NotNow("this code has run out; ask for a new one")
    if any(one.clinician_id == actor.person_id for one in _of_wearer(connection, waiting.wearer_id)):
        raise NotNow("this wearer has admitted you already")
    connection.execute(
        update(AdmissionRow)
        .where(AdmissionRow.id == waiting.id)
        .values(clinician_id=actor.person_id, accepted_at=now, code_sha256=None)
    )
    return _surely(_admission(connection, waiting.id))


def waiting_admission(connection: Connection, code: str, now: datetime) -> Admission | None:
    """The invitation that `code` belongs to; None when it opens nothing, or nothing any more. Looking does not use it up."""
    found = _with_grants(connection, connection.execute(_waiting(code)).all())
    return next((one for one in found if now < one.invited_at + CODE_LASTS), None)


def _waiting(code: str) -> Select[tuple[str, str, str, str | None, str, datetime, datetime | None, datetime | None]]:
    return _admissions().where(AdmissionRow.code_sha256 == hashed(code), AdmissionRow.ended_at.is_(None))


def shown_to(connection: Connection, clinician_id: str | None, wearer_id: str, now: datetime) -> tuple[Grant, ...]:
    """Every grant of the wearer's to this clinician that is in force."""
    query = _admissions().where(
        AdmissionRow.clinician_id == clinician_id,
        AdmissionRow.wearer_id == wearer_id,
        AdmissionRow.ended_at.is_(None),
    )
    found = _with_grants(connection, connection.execute(query).all())
    return tuple(grant for admission in found for grant in admission.in_force(now))


def _admissions() -> Select[tuple[str, str, str, str | None, str, datetime, datetime | None, datetime | None]]:
    wearer = select(PersonRow.id, PersonRow.name).subquery()
    clinician = select(PersonRow.id, PersonRow.name).subquery()
    called = select(clinician.c.name).where(clinician.c.id == AdmissionRow.clinician_id).scalar_subquery()
    return (
        select(
            AdmissionRow.id,
            AdmissionRow.wearer_id,
            wearer.c.name.label("wearer_name"),
            AdmissionRow.clinician_id,
            func.coalesce(called, AdmissionRow.called).label("called"),
            AdmissionRow.invited_at,
            AdmissionRow.accepted_at,
            AdmissionRow.ended_at,
        )
        .join(wearer, wearer.c.id == AdmissionRow.wearer_id)
        .order_by(AdmissionRow.invited_at, AdmissionRow.id)
    )


def _of_wearer(connection: Connection, wearer_id: str | None) -> list[Admission]:
    query = _admissions().where(AdmissionRow.wearer_id == wearer_id, AdmissionRow.ended_at.is_(None))
    return _with_grants(connection, connection.execute(query).all())


def _admission(connection: Connection, admission_id: str) -> Admission | None:
    rows = connection.execute(_admissions().where(AdmissionRow.id == admission_id)).all()
    return next(iter(_with_grants(connection, rows)), None)


def _surely(admission: Admission | None) -> Admission:
    assert admission is not None  # noqa: S101  `require` has raised where there is none
    return admission


def _with_grants(connection: Connection, rows: Sequence[Row[Any]]) -> list[Admission]:
    grants: dict[str, list[Grant]] = {row.id: [] for row in rows}
    for admission_id, grant in _grants(connection, GrantRow.admission_id.in_(grants)):
        grants[admission_id].append(grant)
    return [Admission(**row._mapping, grants=tuple(grants[row.id])) for row in rows]  # noqa: SLF001  SQLAlchemy's public accessor


def grants_of(connection: Connection, admission_id: str) -> list[Grant]:
    """Every grant of one admission, also those that are over."""
    return [grant for _, grant in _grants(connection, GrantRow.admission_id == admission_id)]


def _grants(connection: Connection, which: ColumnElement[bool]) -> Iterator[tuple[str, Grant]]:
    query = select(GrantRow.__table__).where(which).order_by(GrantRow.given_at, GrantRow.id)
    for row in connection.execute(query):
        yield (
            row.admission_id,
            Grant(
                row.id, row.entry_id, row.from_at, row.with_words, row.given_at, row.until_at, row.revoked_at, row.zone
            ),
        )
