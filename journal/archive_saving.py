"""What the archive says: each file of it, readable, and without what is another's."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

from pydantic import ValidationError
from sqlalchemy import Connection, Row, select

from alerts.agreement import Side
from alerts.seen import seen_by
from journal.access_log import log_to_keep
from journal.agreements import terms_in
from journal.archive_columns import (
    ME,
    NOT_IN_ADMISSION,
    NOT_IN_AGREEMENT,
    NOT_IN_CHANNEL,
    NOT_IN_CHECK,
    NOT_IN_GRANT,
    NOT_IN_OWN,
    NOT_IN_PARTS,
    NOT_IN_RECORDING,
    NOT_IN_TEXT,
    NOT_IN_TURN_TO,
    PACKET_COLUMNS,
    PARTS,
)
from journal.cells import harmless
from journal.checks import CHECK_SCHEMA, answers_of, opened
from journal.content import SCHEMA_VERSION, BadContent, Content, content_as_json, content_from
from journal.local_time import LocalMoment
from journal.models import (
    AdmissionRow,
    AgreementRow,
    ChannelRow,
    DailyCheckRow,
    EntryDraftRow,
    EntryRow,
    EntryTextRow,
    GrantRow,
    MinuteRow,
    PairRow,
    PersonRow,
    RecordingRow,
    StrapRow,
    TalkRow,
    TalkStateRow,
    TurnToRow,
)
from journal.own_share import renamed
from journal.recorder import read_measurements
from journal.rows_as_json import to_json
from journal.sealed import CannotUnseal
from journal.sealed_contents import ContentTable, SealedContents
from journal.talks import state_from_json, state_to_json
from journal.turn_to import someone_in

P = ParamSpec("P")
T = TypeVar("T")

README = """This is everything that was yours in flooding-detector. Nothing in it is locked: keep it as you would keep a diary.

entries.csv      what you wrote, one row an entry, for a spreadsheet
minutes.csv      your heart, minute by minute
checks.jsonl     your daily checks, one a line
entries.jsonl    the same words, whole: one JSON object a line, the content with its schema version
talks.jsonl      the talks: what happened in them, without what was the other's
recordings.jsonl floods, near misses, minutes and changes of the link, for each recording
recordings/      every packet of the strap as it arrived; `flooding replay recordings/NAME.csv` walks one again
turn_to.jsonl    the people you can turn to
agreement.jsonl  what you two agreed, in versions: to read; it holds again once both have said yes to it again
straps.jsonl     the straps you wear, by which they are found again
sharing.jsonl    whom you admitted, and what you showed each: to read
access_log.jsonl who has looked at what you showed, each line with its signature: to read
channels.jsonl   your channels by name: to set up again; their addresses are keys to other services, and are not in here
manifest.json    the size and sha256 of each file

`flooding archive restore FILE` brings it all back. Times are UTC (RFC 3339); utc_offset_min is your own clock.
"""


class Saving:
    """The files of one person's archive."""

    def __init__(self, sealed: SealedContents) -> None:
        self._sealed = sealed
        self.not_opened: list[str] = []
        """Texts that are damaged and do not open, in words. One of them must not hold back all others."""

    def files(self, connection: Connection, owner_id: str) -> Iterator[tuple[str, bytes]]:
        """Name and content of each. A talk that goes on is left out."""
        open_talks = set(connection.scalars(select(TalkRow.id).where(TalkRow.ended_at.is_(None))))
        recordings = [row for row in _own(connection, RecordingRow, owner_id) if row.talk_id not in open_talks]
        entries = [row for row in _own(connection, EntryRow, owner_id) if row.talk_id not in open_talks]
        talk_ids = sorted({row.talk_id for row in (*recordings, *entries)} - {None})
        yield "talks.jsonl", _json_lines(_talk(connection, owner_id, talk_id) for talk_id in talk_ids)
        told = [self._entry(connection, owner_id, row) for row in entries]
        yield "entries.jsonl", _json_lines(told)
        yield "entries.csv", _entries_csv(told)
        yield "checks.jsonl", _json_lines(self._checks(connection, owner_id))
        yield "turn_to.jsonl", _json_lines(self._turn_to(connection, owner_id))
        yield "agreement.jsonl", _json_lines(self._agreements(connection, owner_id))
        yield "straps.jsonl", _json_lines(_straps(connection, owner_id))
        yield "channels.jsonl", _json_lines(_channels(connection, owner_id))
        yield "sharing.jsonl", _json_lines(_sharing(connection, owner_id))
        yield "access_log.jsonl", _json_lines(log_to_keep(connection, owner_id))
        yield "recordings.jsonl", _json_lines(recording_told(connection, row) for row in recordings)
        yield "minutes.csv", _minutes_csv(connection, recordings)
        for row in recordings:
            yield f"recordings/{row.id}.csv", packets_csv(connection, row.number)
        yield "README.txt", (README + _without(self.not_opened)).encode()

    def _tried(self, what: str, opening: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """What `opening` gives; None where it does not open, and `what` is noted."""
        try:
            return opening(*args, **kwargs)
        except (CannotUnseal, BadContent, ValidationError):
            self.not_opened.append(what)
            return None

    def _entry(self, connection: Connection, owner_id: str, row: Row[Any]) -> dict[str, Any]:
        what = f"words of the entry of {LocalMoment(row.happened_at, row.utc_offset_min).local:%Y-%m-%d %H:%M}"
        texts = connection.execute(select(EntryTextRow.__table__).where(EntryTextRow.entry_id == row.id)).all()
        drafts = connection.execute(
            select(EntryDraftRow.__table__).where(EntryDraftRow.entry_id == row.id).order_by(EntryDraftRow.id)
        ).all()
        return {
            **to_json(EntryRow, row, without=NOT_IN_OWN),
            "text": next((self._tried(what, self._text, EntryTextRow, owner_id, text) for text in texts), None),
            "drafts": [
                told
                for draft in drafts
                if (told := self._tried(what, self._text, EntryDraftRow, owner_id, draft)) is not None
            ],
        }

    def _checks(self, connection: Connection, owner_id: str) -> Iterator[dict[str, Any]]:
        rows = select(DailyCheckRow.__table__).where(DailyCheckRow.owner_id == owner_id).order_by(DailyCheckRow.day)
        for row in connection.execute(rows):
            told = to_json(DailyCheckRow, row, without=NOT_IN_CHECK)
            check = self._tried(f"the daily check of {row.day}", opened, self._sealed, row)
            if check is not None:
                yield {**told, "schema": CHECK_SCHEMA, "answers": answers_of(check)}

    def _turn_to(self, connection: Connection, owner_id: str) -> Iterator[dict[str, Any]]:
        rows = select(TurnToRow.__table__).where(TurnToRow.owner_id == owner_id)
        for row in connection.execute(rows.order_by(TurnToRow.added_at, TurnToRow.id)):
            someone = self._tried("somebody to turn to", someone_in, self._sealed, row)
            if someone is not None:
                yield {**to_json(TurnToRow, row, without=NOT_IN_TURN_TO), "name": someone.name, "how": someone.how}

    def _agreements(self, connection: Connection, owner_id: str) -> Iterator[dict[str, Any]]:
        rows = (
            select(AgreementRow.__table__, PairRow.first_id)
            .join(PairRow, PairRow.id == AgreementRow.pair_id)
            .where((PairRow.first_id == owner_id) | (PairRow.second_id == owner_id))
            .order_by(PairRow.began_at, AgreementRow.number)
        )
        for row in connection.execute(rows):
            you_are = Side.FIRST if row.first_id == owner_id else Side.SECOND
            told = to_json(AgreementRow, row, without=NOT_IN_AGREEMENT)
            terms = self._tried(f"version {row.number} of what you agreed", terms_in, self._sealed, row.first_id, row)
            if terms is not None:
                yield {**told, "you_are": you_are, "terms": asdict(terms)}

    def _text(self, table: ContentTable, owner_id: str, row: Row[Any]) -> dict[str, Any]:
        content = self._sealed.of(owner_id, table, row)
        return {
            **to_json(table, row, without=NOT_IN_TEXT),
            "schema": SCHEMA_VERSION,
            "content": content_as_json(content),
        }


def _without(not_opened: Sequence[str]) -> str:
    """A paragraph of the README; nothing where everything opened."""
    if not not_opened:
        return ""
    why = "because it is damaged and does not open (a backup may hold it whole)"
    return f"\nNOT in it, {why}: {'; '.join(not_opened)}.\n"


def _own(connection: Connection, table: type[EntryRow] | type[RecordingRow], owner_id: str) -> list[Row[Any]]:
    rows = select(table.__table__).where(table.owner_id == owner_id).order_by(table.id)
    return list(connection.execute(rows).all())


def _straps(connection: Connection, owner_id: str) -> Iterator[dict[str, Any]]:
    rows = select(StrapRow.__table__).where(StrapRow.owner_id == owner_id)
    for row in connection.execute(rows.order_by(StrapRow.system, StrapRow.device_id)):
        yield to_json(StrapRow, row, without=NOT_IN_OWN)


def _channels(connection: Connection, owner_id: str) -> Iterator[dict[str, Any]]:
    rows = select(ChannelRow.__table__).where(ChannelRow.owner_id == owner_id)
    for row in connection.execute(rows.order_by(ChannelRow.created_at, ChannelRow.id)):
        yield to_json(ChannelRow, row, without=NOT_IN_CHANNEL)


def _sharing(connection: Connection, owner_id: str) -> Iterator[dict[str, Any]]:
    rows = select(AdmissionRow.__table__).where(AdmissionRow.wearer_id == owner_id)
    for row in connection.execute(rows.order_by(AdmissionRow.invited_at, AdmissionRow.id)):
        grants = select(GrantRow.__table__).where(GrantRow.admission_id == row.id).order_by(GrantRow.given_at)
        yield {
            **to_json(AdmissionRow, row, without=NOT_IN_ADMISSION),
            "called": connection.scalar(select(PersonRow.name).where(PersonRow.id == row.clinician_id)) or row.called,
            "shown": [to_json(GrantRow, one, without=NOT_IN_GRANT) for one in connection.execute(grants)],
        }


def _talk(connection: Connection, owner_id: str, talk_id: str) -> dict[str, Any]:
    row = connection.execute(select(TalkRow.__table__).where(TalkRow.id == talk_id)).one()
    text = connection.scalars(select(TalkStateRow.state).where(TalkStateRow.talk_id == talk_id)).one()
    state = renamed(seen_by(state_from_json(text), owner_id), owner_id, ME)
    return {**to_json(TalkRow, row), "state": json.loads(state_to_json(state))}


def recording_told(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    told = to_json(RecordingRow, row, without=NOT_IN_RECORDING)
    for part, (table, order) in PARTS.items():
        columns = table.__table__.c
        rows = select(table.__table__).where(columns.recording == row.number).order_by(columns[order])
        told[part] = [to_json(table, one, without=NOT_IN_PARTS) for one in connection.execute(rows)]
    return told


def packets_csv(connection: Connection, number: int) -> bytes:
    stored = read_measurements(connection, number)
    return _csv(
        PACKET_COLUMNS,
        ((f"{one.t_s:.3f}", one.packet.hex(), "" if one.motion_mg is None else one.motion_mg) for one in stored),
    )


def _json_lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in rows).encode()


def _csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def _entries_csv(entries: Iterable[dict[str, Any]]) -> bytes:
    header = (
        "when", "trigger", "categories", "context", "body", "places", "responses", "behaviour", "led_to", "resonance",
        "notes", "disclosure", "tags",
    )  # fmt: skip
    return _csv(header, (map(harmless, _entry_cells(entry)) for entry in entries))


def _entry_cells(entry: dict[str, Any]) -> Iterator[str]:
    content = content_from(entry["text"]["content"]) if entry["text"] else Content()
    happened = LocalMoment(datetime.fromisoformat(entry["happened_at"]), entry["utc_offset_min"])
    yield happened.local.isoformat()
    yield content.trigger.text
    yield ", ".join(content.trigger.categories)
    yield "\n".join(filter(None, (content.trigger.when, content.trigger.context)))
    yield content.body.text
    yield ", ".join(f"{it.place} {it.intensity or ''}".strip() for it in content.body.places)
    yield ", ".join(content.behaviour.responses)
    yield content.behaviour.text
    yield content.behaviour.led_to
    yield content.resonance
    yield "\n".join((content.notes, *(f"{moment.t_s:.0f} s: {moment.text}" for moment in content.moments))).strip()
    yield content.disclosure.text
    yield ", ".join(content.tags)


def _minutes_csv(connection: Connection, recordings: Iterable[Row[Any]]) -> bytes:
    def rows() -> Iterator[tuple[object, ...]]:
        for recording in recordings:
            began = recording.began_at.timestamp()
            minutes = select(MinuteRow.__table__).where(MinuteRow.recording == recording.number)
            for row in connection.execute(minutes.order_by(MinuteRow.minute)):
                at = datetime.fromtimestamp(began + 60 * row.minute, tz=recording.began_at.tzinfo)
                told = to_json(MinuteRow, row, without=("recording",))
                local = LocalMoment(at, recording.utc_offset_min).local.isoformat()
                yield (recording.id, local, *("" if value is None else value for value in told.values()))

    names = [column.name for column in MinuteRow.__table__.columns if column.name != "recording"]
    return _csv(("recording", "began", *names), rows())
