"""Tokens for a wearer's own programs: what each may do, until when. Shown once; only the hash is kept."""

import hashlib
import secrets
import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, insert, select, update

from alerts.not_now import NotNow
from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.database import Database, DatabaseBusy
from journal.models import ApiTokenRow, PersonRow
from journal.own_account import own_account
from journal.people import Person

PREFIX = "flooding_"
"""So that whoever finds one, a person or a program that looks for leaked keys, knows what it opens."""

LONGEST = timedelta(days=365)
MOST = 20


class Scope(StrEnum):
    """What a token can be for."""

    JOURNAL_READ = "journal:read"
    JOURNAL_WRITE = "journal:write"
    BODY_READ = "body:read"
    EXPORT = "export"
    TALK = "talk"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as its owner sees it again. `used_on`: the day of its last use (UTC); None: not yet."""

    id: str
    name: str
    scopes: frozenset[Scope]
    made_at: datetime
    expires_at: datetime
    used_on: str | None


@dataclass(frozen=True, slots=True)
class Program:
    """Who a program acts for, and what it may do."""

    person: Person
    scopes: frozenset[Scope]


class ApiTokens:
    """The tokens of this installation's wearers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(
        self, actor: Actor, *, name: str, scopes: Iterable[Scope], lasts: timedelta, now: datetime
    ) -> tuple[ApiToken, str]:
        """Make a token; return it with its secret, which is told once.

        Raises:
            ValueError: it would be for nothing, or last longer than `LONGEST`.
            NotNow: there are `MOST` already.
            NotAllowed: the account is no wearer's.
        """
        for_what = frozenset(scopes)
        if not for_what:
            raise ValueError("say what the program may do: at least one thing")
        if not timedelta(0) < lasts <= LONGEST:
            raise ValueError(f"a token lasts from one to {LONGEST.days} days")
        secret = PREFIX + secrets.token_urlsafe(32)
        made = ApiToken(uuid.uuid4().hex, name, for_what, now, now + lasts, None)
        with self._database.write() as connection:
            owner = own_account(connection, actor, Action.KEEP_TOKENS)
            own = ApiTokenRow.owner_id == owner
            connection.execute(delete(ApiTokenRow).where(own, ApiTokenRow.expires_at <= now))
            if (connection.scalar(select(func.count()).select_from(ApiTokenRow).where(own)) or 0) >= MOST:
                raise NotNow(f"there are {MOST} tokens already; revoke one that is not used any more")
            connection.execute(
                insert(ApiTokenRow).values(
                    id=made.id,
                    owner_id=owner,
                    token_sha256=_hash(secret),
                    name=name,
                    scopes=" ".join(sorted(for_what)),
                    made_at=now,
                    expires_at=made.expires_at,
                )
            )
        return made, secret

    def mine(self, actor: Actor, *, now: datetime) -> list[ApiToken]:
        """The actor's tokens that still work, oldest first."""
        require(actor, Action.KEEP_TOKENS, Subject(owner_id=actor.person_id))
        query = (
            select(ApiTokenRow.__table__)
            .where(ApiTokenRow.owner_id == actor.person_id, ApiTokenRow.expires_at > now)
            .order_by(ApiTokenRow.made_at, ApiTokenRow.id)
        )
        with self._database.read() as connection:
            return [
                ApiToken(row.id, row.name, _scopes(row.scopes), row.made_at, row.expires_at, row.used_on)
                for row in connection.execute(query)
            ]

    def revoke(self, actor: Actor, token_id: str) -> None:
        """End a token. Raises `NotAllowed`: there is none of the actor's with this id."""
        with self._database.write() as connection:
            owner = connection.scalar(select(ApiTokenRow.owner_id).where(ApiTokenRow.id == token_id))
            require(actor, Action.KEEP_TOKENS, Subject(owner_id=owner))
            connection.execute(delete(ApiTokenRow).where(ApiTokenRow.id == token_id))

    def program_for(self, secret: str, *, now: datetime) -> Program | None:
        """Whose program it is that has this token; None for an unknown, revoked or expired one."""
        query = (
            select(
                PersonRow.id, PersonRow.name, ApiTokenRow.id.label("token_id"), ApiTokenRow.scopes, ApiTokenRow.used_on
            )
            .join(PersonRow, PersonRow.id == ApiTokenRow.owner_id)
            .where(
                ApiTokenRow.token_sha256 == _hash(secret),
                ApiTokenRow.expires_at > now,
                PersonRow.is_clinician.is_not(True),
            )
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        today = now.date().isoformat()
        if row.used_on != today:
            with (
                suppress(DatabaseBusy),
                self._database.write() as connection,
            ):  # a day that is not noted keeps nobody out
                connection.execute(update(ApiTokenRow).where(ApiTokenRow.id == row.token_id).values(used_on=today))
        return Program(Person(row.id, row.name), _scopes(row.scopes))


def _scopes(kept: str) -> frozenset[Scope]:
    known = {scope.value: scope for scope in Scope}
    return frozenset(known[word] for word in kept.split() if word in known)


def _hash(secret: str) -> str:
    # The secret has 256 random bits, so a plain fast hash is enough: there is nothing to guess.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
