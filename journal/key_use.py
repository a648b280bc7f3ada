"""Which keys the stored texts need, and sealing them all with a new one: every sealed column, in one table.

A rotation can stop anywhere: the old key stays in the key file until no text needs it, and the next rotation goes on.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, String, bindparam, cast, func, inspect, select, update
from sqlalchemy.orm import InstrumentedAttribute

from alerts.people import Actor
from journal.access import Action
from journal.database import Database, DatabaseError
from journal.keys import Keyring
from journal.models import (
    AgreementRow,
    Base,
    ChannelRow,
    ClinicianNoteRow,
    ClinicLinkRow,
    DailyCheckRow,
    EntryDraftRow,
    EntryRow,
    EntryTextRow,
    PairRow,
    TurnToRow,
)
from journal.own_account import own_account
from journal.recovery import key_of
from journal.sealed import ID_AT, ID_BYTES, SHORTEST, VERSION, Place, key_id_of, new_key, seal, unseal

AT_A_TIME = 100


@dataclass(frozen=True, slots=True, eq=False)
class SealedColumn:
    """A column of sealed texts.

    Attributes:
        row_id: what names a row, in the place that its text is sealed to.
        owner_id: whose key seals it; a column of `belongs_to` where the table has none itself.
    """

    table: type[Base]
    row_id: ColumnElement[str] | InstrumentedAttribute[str]
    owner_id: InstrumentedAttribute[str]
    belongs_to: type[Base] | None = None

    def rows(self) -> Select[tuple[str, str, bytes]]:
        """`(owner_id, row id, sealed)` of every row."""
        rows = select(self.owner_id, self.row_id, self.table.__table__.c.sealed).select_from(self.table)
        return rows if self.belongs_to is None else rows.join(self.belongs_to)

    def place(self, row_id: str) -> Place:
        """Where a row's text is sealed to."""
        return Place(self.table.__tablename__, "sealed", row_id)


SEALED = (
    SealedColumn(EntryTextRow, EntryTextRow.entry_id, EntryRow.owner_id, EntryRow),
    SealedColumn(EntryDraftRow, EntryDraftRow.id, EntryRow.owner_id, EntryRow),
    SealedColumn(DailyCheckRow, DailyCheckRow.id, DailyCheckRow.owner_id),
    SealedColumn(ChannelRow, ChannelRow.id, ChannelRow.owner_id),
    SealedColumn(TurnToRow, TurnToRow.id, TurnToRow.owner_id),
    SealedColumn(ClinicianNoteRow, ClinicianNoteRow.id, ClinicianNoteRow.author_id),
    SealedColumn(ClinicLinkRow, ClinicLinkRow.admission_id, ClinicLinkRow.owner_id),
    SealedColumn(
        AgreementRow, AgreementRow.pair_id + "/" + cast(AgreementRow.number, String), PairRow.first_id, PairRow
    ),
)
"""Every sealed column there is. A new one belongs here: then rotation and the check at the start know it."""


def keys_in_use(database: Database) -> Counter[tuple[str, bytes]]:
    """How many stored texts need each `(person, key id)`.

    Bytes that are no sealed text need no key: they are damaged, and say so when read.
    """
    with database.read() as connection:
        return keys_used(connection)


def keys_used(connection: Connection) -> Counter[tuple[str, bytes]]:
    """The same inside a transaction, and also where the tables are those of an older program."""
    found: Counter[tuple[str, bytes]] = Counter()
    inspector = inspect(connection)
    tables = set(inspector.get_table_names())
    for column in SEALED:
        name, sealed = column.table.__tablename__, column.table.__table__.c.sealed
        if name not in tables or "sealed" not in {one["name"] for one in inspector.get_columns(name)}:
            continue
        key_id = func.substr(sealed, ID_AT.start + 1, ID_BYTES)
        is_sealed = (func.substr(sealed, 1, len(VERSION)) == VERSION, func.length(sealed) >= SHORTEST)
        rows = column.rows().with_only_columns(column.owner_id, key_id, func.count()).where(*is_sealed)
        for owner_id, kept, texts in connection.execute(rows.group_by(column.owner_id, key_id)):
            found[owner_id, bytes(kept)] += texts
    return found


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did."""

    texts: int
    resumed: bool


def rotate(
    actor: Actor, database: Database, keyring: Keyring, *, progress: Callable[[int], None] = lambda _: None
) -> Rotated:
    """Seal all of the actor's texts with a new key, then let the old keys go. Goes on with one that was interrupted.

    `progress` is told how many texts are done, after each commit.

    Raises:
        NotAllowed: there is no such person.
        CannotUnseal: a text is damaged. What is done is done; the old key is kept.
    """
    owner_id = _person(actor, database)
    resumed = len(keyring.held(owner_id)) > 1
    if not resumed:
        keyring.current(owner_id)
        keyring.add(owner_id, new_key())
    done = 0
    for column in SEALED:
        while True:
            with database.write() as connection:
                count = _reseal(connection, keyring, owner_id, column)
            if not count:
                break
            done += count
            progress(done)
    keyring.drop(owner_id, [key.id for key in keyring.held(owner_id)[:-1]])
    return Rotated(done, resumed)


def _person(actor: Actor, database: Database) -> str:
    with database.read() as connection:
        return own_account(connection, actor, Action.ROTATE_KEY)


def _reseal(connection: Connection, keyring: Keyring, owner_id: str, column: SealedColumn) -> int:
    """Seal up to `AT_A_TIME` texts with the current key; return how many there were to do."""
    key = keyring.current(owner_id)
    columns = column.table.__table__.c
    old = func.substr(columns.sealed, ID_AT.start + 1, ID_BYTES) != key.id
    query = column.rows().with_only_columns(column.row_id, columns.sealed)
    rows = connection.execute(query.where(column.owner_id == owner_id, old).limit(AT_A_TIME)).all()
    fresh = [
        {
            "row": row_id,
            "fresh": seal(
                key,
                unseal(keyring.find(owner_id, key_id_of(sealed)), sealed, column.place(row_id)),
                column.place(row_id),
            ),
        }
        for row_id, sealed in rows
    ]
    if fresh:
        change = update(column.table.__table__).where(column.row_id == bindparam("row"))  # type: ignore[arg-type]  # a table
        connection.execute(change.values(sealed=bindparam("fresh")), fresh)
    return len(fresh)


class OpensNothing(DatabaseError):
    """No text here was sealed with this key."""


def recover(database: Database, keyring: Keyring, code: str) -> int:
    """Put the key of a recovery code back into the key file, for the person whose texts it opens.

    Returns:
        How many keys the texts still lack.

    Raises:
        NotACode: a slip of the pen.
        OpensNothing: no text here was sealed with it. Nothing has changed.
    """
    key = key_of(code)
    in_use = keys_in_use(database)
    owners = sorted(owner_id for owner_id, key_id in in_use if key_id == key.id)
    if not owners:
        raise OpensNothing(
            "this code opens nothing here: it belongs to another journal, or to a key from before a rotation"
        )
    for owner_id in owners:
        keyring.add(owner_id, key)
    return sum(key_id not in {held.id for held in keyring.held(owner_id)} for owner_id, key_id in in_use)
