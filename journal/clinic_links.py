"""At home: which clinics a wearer publishes to, what each is to be told now, and what it has said.

What goes there is what the wearer's grants to that clinician cover, and nothing else: finished talks and entries of the
wearer's own, the words only where a grant shows them, and of a talk of two the wearer's share alone.
"""

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.access_log import Looked
from journal.archive_columns import NOT_IN_RECORDING
from journal.archive_saving import packets_csv, recording_told
from journal.content import SCHEMA_VERSION, content_as_json
from journal.database import Database
from journal.models import (
    AdmissionRow,
    ClinicLinkRow,
    ClinicLookRow,
    EntryRow,
    EntryTextRow,
    EpisodeRow,
    MeasurementRow,
    MinuteRow,
    RecordingRow,
    TalkRow,
    TalkStateRow,
)
from journal.own_account import own_account
from journal.publication import NOT_IN_ENTRY, Answer, GrantTold, ItemTold, Looks, Told, packed, shown_state
from journal.rows_as_json import to_json
from journal.sealed_contents import SealedContents
from journal.sharing import Grant, grants_of
from journal.statements import add_once
from journal.talks import state_from_json, state_to_json


@dataclass(frozen=True, slots=True)
class ClinicLink:
    """A clinic that a wearer publishes to.

    Attributes:
        called: the clinician there.
        is_on: new things go there by themselves; what is taken back goes in any case.
        is_ended: the wearer has ended it, and the clinic has not been told yet.
        heard_at: when the clinic last answered; None: not yet.
        kept_until: what is there is shown until then, unless it is heard of again.
        trouble: what was wrong at the last try, in words; None when nothing was.
    """

    admission_id: str
    owner_id: str
    called: str
    address: str
    is_on: bool
    is_ended: bool
    heard_at: datetime | None
    kept_until: datetime | None
    trouble: str | None


@dataclass(frozen=True, slots=True)
class ClinicLook:
    """A reading at a clinic, as it was told. `entry_id` is None where it was of none, or of one that is erased."""

    at: datetime
    looked: Looked
    reader: str
    address: str
    entry_id: str | None


@dataclass(frozen=True, slots=True)
class _Thing:
    """Something of the wearer's that can be shown: an entry with its talk, or either alone."""

    id: str
    happened_at: datetime
    entry: Row[Any] | None
    recording: Row[Any] | None


class ClinicLinks:
    """The clinics of this installation's wearers."""

    def __init__(self, database: Database, sealed: SealedContents) -> None:
        self._database = database
        self._sealed = sealed

    def begin(self, actor: Actor, *, address: str, clinician: str, token: str, now: datetime) -> str:
        """Admit a clinician who reads at the clinic of this address; return the admission's id. Nothing is shown by it yet."""
        admission_id = uuid.uuid4().hex
        with self._database.write() as connection:
            owner_id = own_account(connection, actor, Action.PUBLISH)
            connection.execute(
                insert(AdmissionRow).values(
                    id=admission_id, wearer_id=owner_id, called=clinician, invited_at=now, accepted_at=now
                )
            )
            values = {"admission_id": admission_id, "owner_id": owner_id, "address": address, "is_on": True}
            sealed = self._sealed.seal_text(owner_id, ClinicLinkRow, values, token.encode())
            connection.execute(
                insert(ClinicLinkRow).values(**values, manifest=0, looks_after=0, heard_at=now, sealed=sealed)
            )
        return admission_id

    def mine(self, actor: Actor) -> list[ClinicLink]:
        """The actor's, oldest first; also those that are ended and not yet told."""
        require(actor, Action.PUBLISH, Subject(owner_id=actor.person_id))
        with self._database.read() as connection:
            return _links(connection, ClinicLinkRow.owner_id == actor.person_id)

    def everybodys(self, actor: Actor) -> list[ClinicLink]:
        """All of them. For the service itself."""
        require(actor, Action.FIND_LINKS, Subject())
        with self._database.read() as connection:
            return _links(connection, ClinicLinkRow.admission_id.is_not(None))

    def switch(self, actor: Actor, admission_id: str, *, on: bool) -> None:
        """Let new things go there by themselves, or not. Raises `NotAllowed`."""
        with self._database.write() as connection:
            _own(connection, actor, admission_id)
            change = update(ClinicLinkRow).where(ClinicLinkRow.admission_id == admission_id)
            connection.execute(change.values(is_on=on))

    def next_list(self, actor: Actor, admission_id: str, *, now: datetime) -> tuple[Told, str]:
        """What the clinic is to be told now, under a new number; and the token. Raises `NotAllowed`."""
        with self._database.write() as connection:
            row = _own(connection, actor, admission_id)
            grants = _in_force(connection, admission_id, now)
            items = {
                thing.id: ItemTold(
                    digest=self._digest(connection, thing, words=words),
                    with_words=words,
                    with_heart=thing.recording is not None,
                )
                for thing, words in _shown(connection, row.owner_id, grants)
            }
            number = row.manifest + 1
            change = update(ClinicLinkRow).where(ClinicLinkRow.admission_id == admission_id)
            connection.execute(change.values(manifest=number))
            told = Told(number=number, grants=_told(grants), items=items)
            return told, self._sealed.open_text(row.owner_id, ClinicLinkRow, row).decode()

    def item(self, actor: Actor, admission_id: str, item_id: str, *, now: datetime) -> bytes | None:
        """One thing as it travels; None where it is not shown any more, or not there. Raises `NotAllowed`."""
        with self._database.read() as connection:
            row = _own(connection, actor, admission_id)
            grants = _in_force(connection, admission_id, now)
            for thing, words in _shown(connection, row.owner_id, grants):
                if thing.id == item_id:
                    told = self._item(connection, row.owner_id, thing, words=words)
                    return json.dumps(told, ensure_ascii=False, allow_nan=False).encode()
        return None

    def heard_after(self, actor: Actor, admission_id: str) -> tuple[int, str]:
        """The last reading there that was told; and the token. Raises `NotAllowed`."""
        with self._database.read() as connection:
            row = _own(connection, actor, admission_id)
            return row.looks_after, self._sealed.open_text(row.owner_id, ClinicLinkRow, row).decode()

    def heard(self, actor: Actor, admission_id: str, told: Looks) -> None:
        """Keep who has looked there. The same again changes nothing."""
        with self._database.write() as connection:
            row = _own(connection, actor, admission_id)
            own = set(connection.scalars(select(EntryRow.id).where(EntryRow.owner_id == row.owner_id)))
            for look in told.looks:
                values = {
                    "at": look.at,
                    "looked": look.looked,
                    "reader": look.reader,
                    "entry_id": look.item_id if look.item_id in own else None,
                }
                add_once(connection, ClinicLookRow, {"admission_id": admission_id, "place": look.place}, values)
            last = max([row.looks_after, *(look.place for look in told.looks)])
            change = update(ClinicLinkRow).where(ClinicLinkRow.admission_id == admission_id)
            connection.execute(change.values(looks_after=last))

    def answered(self, actor: Actor, admission_id: str, answer: Answer, *, now: datetime) -> None:
        """Keep that the clinic has answered, and until when it keeps what it has. Raises `NotAllowed`."""
        with self._database.write() as connection:
            _own(connection, actor, admission_id)
            heard = {"heard_at": now, "kept_until": answer.kept_until, "trouble": None}
            connection.execute(update(ClinicLinkRow).where(ClinicLinkRow.admission_id == admission_id).values(**heard))

    def failed(self, actor: Actor, admission_id: str, trouble: str) -> None:
        """Keep what was wrong, in words. Raises `NotAllowed`."""
        with self._database.write() as connection:
            _own(connection, actor, admission_id)
            change = update(ClinicLinkRow).where(ClinicLinkRow.admission_id == admission_id)
            connection.execute(change.values(trouble=trouble))

    def over(self, actor: Actor, admission_id: str, *, now: datetime) -> None:
        """The clinic has nothing of it any more: the admission ends, the token goes, what the clinic told of looks stays."""
        with self._database.write() as connection:
            _own(connection, actor, admission_id)
            connection.execute(delete(ClinicLinkRow).where(ClinicLinkRow.admission_id == admission_id))
            connection.execute(
                update(AdmissionRow)
                .where(AdmissionRow.id == admission_id, AdmissionRow.ended_at.is_(None))
                .values(ended_at=now)
            )

    def looks(self, actor: Actor) -> list[ClinicLook]:
        """What clinics have told of who looked at what is the actor's, newest first."""
        require(actor, Action.READ_ACCESS_LOG, Subject(owner_id=actor.person_id))
        query = (
            select(
                ClinicLookRow.at,
                ClinicLookRow.looked,
                ClinicLookRow.reader,
                AdmissionRow.called,
                ClinicLookRow.entry_id,
            )
            .join(AdmissionRow, AdmissionRow.id == ClinicLookRow.admission_id)
            .where(AdmissionRow.wearer_id == actor.person_id)
            .order_by(ClinicLookRow.at.desc(), ClinicLookRow.place.desc())
        )
        with self._database.read() as connection:
            return [
                ClinicLook(row.at, Looked(row.looked), row.reader, row.called, row.entry_id)
                for row in connection.execute(query)
            ]

    def _digest(self, connection: Connection, thing: _Thing, *, words: bool) -> str:
        """Another whenever the item would be another; made without opening a word or reading a packet."""
        told: list[object] = [words]
        if thing.entry is not None:
            told.append(to_json(EntryRow, thing.entry, without=NOT_IN_ENTRY))
            version = select(EntryTextRow.version).where(EntryTextRow.entry_id == thing.entry.id)
            told.append(connection.scalar(version) if words else None)
        if thing.recording is not None:
            talk_id, number = thing.recording.talk_id, thing.recording.number
            told.append(to_json(RecordingRow, thing.recording, without=NOT_IN_RECORDING))
            told.append(connection.scalar(select(TalkStateRow.version).where(TalkStateRow.talk_id == talk_id)))
            told += [
                connection.scalar(select(func.count()).select_from(table).where(table.recording == number))
                for table in (MeasurementRow, MinuteRow, EpisodeRow)
            ]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def _item(self, connection: Connection, owner_id: str, thing: _Thing, *, words: bool) -> dict[str, Any]:
        told: dict[str, Any] = {
            "digest": self._digest(connection, thing, words=words),
            "entry": None,
            "words": None,
            "talk": None,
            "recording": None,
        }
        if thing.entry is not None:
            told["entry"] = to_json(EntryRow, thing.entry, without=NOT_IN_ENTRY)
            text = connection.execute(
                select(EntryTextRow.__table__).where(EntryTextRow.entry_id == thing.entry.id)
            ).one_or_none()
            if words and text is not None:
                content = self._sealed.of(owner_id, EntryTextRow, text)
                told["words"] = {"schema": SCHEMA_VERSION, "content": content_as_json(content)}
        if thing.recording is not None:
            told["talk"] = _talk(connection, owner_id, thing.recording.talk_id)
            told["recording"] = {
                name: value
                for name, value in recording_told(connection, thing.recording).items()
                if name not in {"id", "talk_id", "imported_sha256"}
            } | {"packets": packed(packets_csv(connection, thing.recording.number))}
        return told


def _talk(connection: Connection, owner_id: str, talk_id: str) -> dict[str, Any]:
    row = connection.execute(
        select(TalkRow.simulated, TalkStateRow.state)
        .join(TalkStateRow, TalkStateRow.talk_id == TalkRow.id)
        .where(TalkRow.id == talk_id)
    ).one()
    state = shown_state(state_from_json(row.state), owner_id)
    return {"simulated": row.simulated, "state": json.loads(state_to_json(state))}


def _own(connection: Connection, actor: Actor, admission_id: str) -> Row[Any]:
    row = connection.execute(
        select(ClinicLinkRow.__table__).where(ClinicLinkRow.admission_id == admission_id)
    ).one_or_none()
    require(actor, Action.PUBLISH, Subject(owner_id=row.owner_id if row else None))
    assert row is not None  # noqa: S101  nobody owns what does not exist, so `require` has raised
    return row


def _links(connection: Connection, which: Any) -> list[ClinicLink]:  # noqa: ANN401  SQLAlchemy's condition
    query = (
        select(ClinicLinkRow.__table__, AdmissionRow.called, AdmissionRow.ended_at)
        .join(AdmissionRow, AdmissionRow.id == ClinicLinkRow.admission_id)
        .where(which)
        .order_by(AdmissionRow.invited_at, AdmissionRow.id)
    )
    return [
        ClinicLink(
            row.admission_id,
            row.owner_id,
            row.called,
            row.address,
            row.is_on,
            row.ended_at is not None,
            row.heard_at,
            row.kept_until,
            row.trouble,
        )
        for row in connection.execute(query)
    ]


def _in_force(connection: Connection, admission_id: str, now: datetime) -> list[Grant]:
    ended = connection.scalar(select(AdmissionRow.ended_at).where(AdmissionRow.id == admission_id))
    return [] if ended else [grant for grant in grants_of(connection, admission_id) if grant.is_in_force(now)]


def _shown(connection: Connection, owner_id: str, grants: Sequence[Grant]) -> Iterator[tuple[_Thing, bool]]:
    """What the grants cover, and whether with words."""
    for thing in _things(connection, owner_id) if grants else ():
        covering = [grant for grant in grants if grant.covers(thing.id, thing.happened_at)]
        if covering:
            yield thing, any(grant.with_words for grant in covering)


def _things(connection: Connection, owner_id: str) -> Iterator[_Thing]:
    """Everything of the owner's that is over: an entry by its id, a talk without one by its recording's."""
    open_talks = select(TalkRow.id).where(TalkRow.ended_at.is_(None))
    recordings = {
        row.talk_id: row
        for row in connection.execute(
            select(RecordingRow.__table__).where(
                RecordingRow.owner_id == owner_id, RecordingRow.talk_id.not_in(open_talks)
            )
        )
    }
    entries = select(EntryRow.__table__).where(EntryRow.owner_id == owner_id).order_by(EntryRow.id)
    going_on = set(connection.scalars(open_talks))
    for entry in connection.execute(entries):
        recording = recordings.pop(entry.talk_id, None)
        if entry.talk_id not in going_on:
            yield _Thing(entry.id, entry.happened_at, entry, recording)
    for recording in recordings.values():
        yield _Thing(recording.id, recording.began_at, None, recording)


def _told(grants: Iterable[Grant]) -> list[GrantTold]:
    return [
        GrantTold(
            id=grant.id,
            item_id=grant.entry_id,
            from_at=grant.from_at,
            with_words=grant.with_words,
            given_at=grant.given_at,
            until_at=grant.until_at,
            zone=grant.zone,
        )
        for grant in grants
    ]
