"""Whom a wearer has admitted, what each sees, and who has looked: as pages and programs take it, on the wearer's own clock."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from pydantic import BaseModel

from api.words.amounts import when_words
from api.words.clock_times import LocalTimes
from api.words.sharing import log_state, looked_at, shown_words
from journal.access_log import Look, Looked
from journal.chain import Broken
from journal.clinic_links import ClinicLink, ClinicLook
from journal.clinician_notes import ClinicianNote
from journal.entries import EntrySummary
from journal.sharing import Admission, Grant

Local = Callable[[datetime], datetime]
"""A moment on the wearer's own clock."""


class GrantLine(BaseModel):
    """Something that is shown now."""

    id: str
    words: str
    entry_id: str | None
    from_day: date | None
    with_words: bool
    until_day: date | None


class ClinicLine(BaseModel):
    """A clinic that one publishes to. `state`: when it was last heard of, and until when it keeps what it has."""

    admission_id: str
    called: str
    address: str
    is_on: bool
    is_ended: bool
    state: str
    trouble: str | None


class ClinicianLine(BaseModel):
    """A clinician who was invited or admitted, and what they see now. `clinic`: where they read; None: here."""

    id: str
    called: str
    waiting: bool
    invited: datetime
    when: str
    shown: list[GrantLine]
    clinic: ClinicLine | None = None


class LookLine(BaseModel):
    """One reading."""

    at: datetime
    when: str
    words: str
    looked: Looked
    entry_id: str | None


class LogView(BaseModel):
    """Every reading, newest first. `intact` is false where the log was changed; `state` says how."""

    intact: bool
    state: str
    lines: list[LookLine]


class NoteForOne(BaseModel):
    """A note that a clinician lets the wearer read."""

    author: str
    written: datetime
    when: str
    entry_id: str | None
    text: str


def clinician_lines(
    admissions: Iterable[Admission],
    entries: Iterable[EntrySummary],
    local: Local,
    now: datetime,
    clinics: Mapping[str, ClinicLine],
) -> list[ClinicianLine]:
    """Whom the wearer has admitted; `clinics` by the admissions that are read there."""
    names = {entry.id: named(entry) for entry in entries}
    return [
        ClinicianLine(
            id=one.id,
            called=one.called,
            waiting=one.accepted_at is None,
            invited=local(one.invited_at),
            when=when_words(local(one.invited_at)),
            shown=[grant_line(grant, names) for grant in one.in_force(now)],
            clinic=clinics.get(one.id),
        )
        for one in admissions
    ]


def clinic_line(link: ClinicLink, local: Local) -> ClinicLine:
    """A clinic, in words."""
    heard = f"Last heard of {when_words(local(link.heard_at))}." if link.heard_at else "Not heard of yet."
    kept = (
        f" What is there is shown there until {when_words(local(link.kept_until))}, unless it hears from here again."
        if link.kept_until
        else " Nothing of yours is there."
    )
    return ClinicLine(
        admission_id=link.admission_id,
        called=link.called,
        address=link.address,
        is_on=link.is_on,
        is_ended=link.is_ended,
        state=heard + kept,
        trouble=link.trouble,
    )


def grant_line(grant: Grant, names: dict[str, str]) -> GrantLine:
    """What one grant shows. `names` of entries, by their ids."""
    entry = names.get(grant.entry_id) if grant.entry_id else None
    return GrantLine(
        id=grant.id,
        words=shown_words(f"T{entry[1:]}" if entry else None, grant),
        entry_id=grant.entry_id,
        from_day=grant.from_day,
        with_words=grant.with_words,
        until_day=grant.until_day,
    )


def named(entry: EntrySummary) -> str:
    """An entry by its day and time, on the clock of its own place."""
    at = LocalTimes(entry.began_at, entry.utc_offset_min, entry.zone).began
    return f"the entry of {at:%A} {at.day} {at:%B}, {at:%H:%M}"


def log_view(
    looks: list[Look],
    fault: Broken | None,
    entries: Iterable[EntrySummary],
    local: Local,
    at_clinics: Iterable[ClinicLook] = (),
) -> LogView:
    """The wearer's access log, in plain words, with what clinics have told of theirs."""
    names = {entry.id: f"your{named(entry)[3:]}" for entry in entries}
    lines = [
        LookLine(
            at=local(look.at),
            when=when_words(local(look.at)),
            words=looked_at(look.reader, look.looked, names.get(look.entry_id or "")),
            looked=look.looked,
            entry_id=look.entry_id,
        )
        for look in looks
    ]
    told = [
        LookLine(
            at=local(look.at),
            when=when_words(local(look.at)),
            words=f"At the clinic: {looked_at(look.reader, look.looked, names.get(look.entry_id or ''))}",
            looked=look.looked,
            entry_id=look.entry_id,
        )
        for look in at_clinics
    ]
    state = log_state(fault, len(lines), of_clinics=bool(told))
    return LogView(
        intact=fault is None, state=state, lines=sorted([*lines, *told], key=lambda line: line.at, reverse=True)
    )


def notes_for_one(notes: Iterable[ClinicianNote], local: Local) -> list[NoteForOne]:
    """What clinicians let the wearer read."""
    return [
        NoteForOne(
            author=note.author,
            written=local(note.written_at),
            when=when_words(local(note.written_at)),
            entry_id=note.entry_id,
            text=note.text,
        )
        for note in notes
    ]
