"""What a clinician sees of clients over time: the caseload, and one client's talks. Each reading is in the client's log.

What is shown of a client is the talks that a grant in force covers: that of one entry its talk, that from a moment on
all talks that began from then on, also the quiet ones that left no entry. Without these an hour of talk would seem to
have more floods than it had.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, select

from alerts.people import Actor
from journal.access import Action, Subject, require
from journal.access_log import AccessLog, Looked
from journal.database import Database
from journal.models import (
    AdmissionRow,
    ClientCardRow,
    EntryRow,
    GrantRow,
    PersonRow,
    RecordingRow,
    TalkFiguresRow,
    TalkRow,
)
from journal.sharing import Grant, shown_to
from journal.trends.client_cards import note_looked, put_appointment
from journal.trends.figures import WEEK, Change, Figure, TalkFigures, WeekOfTalks, by_week, change_of
from journal.trends.stored_figures import COLUMNS, figures_from

CASELOAD_WEEKS = 8
CASELOAD_FIGURES = (Figure.FLOODS,)
"""What a line of many tells of each week; a client's trend tells all."""
WIDEST_OFFSET = timedelta(hours=14)
"""No clock in the world is further from UTC."""


@dataclass(frozen=True, slots=True)
class Client:
    """A line of the caseload.

    Attributes:
        shown: the grants in force; with none of them there is nothing to show, and no reason is asked.
        stopped_at: since when nothing is shown any more; None while something is, or where nothing was yet.
        last_talk: of those shown whose figures are there, on the wearer's own clock.
        weeks: the last `CASELOAD_WEEKS` weeks of what is shown, the current one last, with the `CASELOAD_FIGURES`; empty
            where nothing is shown.
        direction: floods in the last four of them beside the four before.
        new_entries: shown, and not there (or not shown) when the clinician last looked at this client.
        is_first: the clinician has not looked at anything of this client yet.
        next_appointment: on the clinician's own clock, as they typed it.
    """

    admission_id: str
    wearer_id: str
    name: str
    shown: tuple[Grant, ...]
    stopped_at: datetime | None
    last_talk: datetime | None
    weeks: tuple[WeekOfTalks, ...]
    direction: Change | None
    new_entries: int
    is_first: bool
    next_appointment: datetime | None


@dataclass(frozen=True, slots=True)
class ShownTalk:
    """One talk that is shown, with its figures; `entry_id` opens it, and is None for a quiet talk that left no entry."""

    entry_id: str | None
    figures: TalkFigures


@dataclass(frozen=True, slots=True)
class ShownTrend:
    """One client's talks, oldest first.

    Attributes:
        shown: the grants in force.
        waiting: how many shown talks have no figures yet; they are being computed.
        is_simulated: one of the talks at least has a simulated body.
    """

    wearer_id: str
    name: str
    shown: tuple[Grant, ...]
    talks: tuple[ShownTalk, ...]
    waiting: int
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class _Admitted:
    """One wearer's admission of the clinician, with what is kept of it."""

    id: str
    wearer_id: str
    name: str
    ended_at: datetime | None
    grants: tuple[Grant, ...]
    looked_at: datetime | None
    next_appointment: datetime | None

    def shown(self, now: datetime) -> tuple[Grant, ...]:
        return () if self.ended_at else tuple(grant for grant in self.grants if grant.is_in_force(now))

    def stopped_at(self, now: datetime) -> datetime | None:
        if self.shown(now):
            return None
        ends = ([end for end in (grant.revoked_at, grant.until_at) if end is not None] for grant in self.grants)
        return max((min(end) for end in ends if end), default=self.ended_at)


@dataclass(frozen=True, slots=True)
class _Talk:
    """A finished talk of a wearer's, as far as showing it goes; `figures` is None while they are computed."""

    entry_id: str | None
    happened_at: datetime
    figures: TalkFigures | None
    is_simulated: bool = False

    def is_shown(self, grants: Iterable[Grant]) -> bool:
        # No grant of one entry is of a talk without any: no entry is called "".
        entry_id = self.entry_id or ""
        for grant in grants:  # noqa: SIM110  a caseload asks this thousands of times, and `any` takes twice as long
            if grant.covers(entry_id, self.happened_at):
                return True
        return False


class Clients:
    """Reads for a clinician what their clients show of many talks."""

    def __init__(self, database: Database, log: AccessLog) -> None:
        self._database = database
        self._log = log

    def caseload(self, actor: Actor, *, now: datetime) -> list[Client]:
        """Everybody who has admitted the actor: by the next appointment, then by name; nobody is ranked.

        It is in the log of each who shows something when this returns. Raises `NotAllowed` for who is no clinician.
        """
        with self._database.write() as connection:
            clinician_id = _clinician(connection, actor)
            admitted = _admitted(connection, clinician_id)
            shown = {one.wearer_id: grants for one in admitted if (grants := one.shown(now))}
            talks = _lately(connection, shown, now)
            new = _new_entries(connection, [one for one in admitted if one.wearer_id in shown], shown)
            heads = self._log.write_many(connection, list(shown), clinician_id, Looked.CASELOAD, now)
        self._log.advance_all(heads)
        found = [_client(one, talks.get(one.wearer_id, []), new[one.wearer_id], now) for one in admitted]
        return sorted(found, key=_place)

    def trend(self, actor: Actor, wearer_id: str, *, now: datetime, looked: Looked = Looked.TRENDS) -> ShownTrend:
        """One client's talks. It is in their log, as `looked`, when this returns. Raises `NotAllowed` where nothing is shown."""
        with self._database.write() as connection:
            grants = shown_to(connection, actor.person_id, wearer_id, now)
            readers = frozenset({actor.person_id} if grants and actor.person_id else ())
            require(actor, Action.READ_SHOWN, Subject(owner_id=wearer_id, shown_to=readers))
            assert actor.person_id is not None  # noqa: S101  nobody is shown nothing, so `require` has raised
            head = self._log.write(connection, wearer_id, actor.person_id, looked, now, None)
            note_looked(connection, actor.person_id, wearer_id, now)
            talks = [talk for talk in _talks(connection, wearer_id) if talk.is_shown(grants)]
            name = connection.scalars(select(PersonRow.name).where(PersonRow.id == wearer_id)).one()
        self._log.advance(wearer_id, head)
        return _trend(wearer_id, name, grants, talks)

    def own_trend(self, actor: Actor, *, now: datetime) -> ShownTrend:  # noqa: ARG002  as `trend`
        """The actor's own talks, all of them, as a clinician would see them who is shown all. Raises `NotAllowed`."""
        require(actor, Action.LIST_ENTRIES, Subject(owner_id=actor.person_id))
        assert actor.person_id is not None  # noqa: S101  nobody has no entries, so `require` has raised
        with self._database.read() as connection:
            name = connection.scalar(select(PersonRow.name).where(PersonRow.id == actor.person_id))
            require(actor, Action.LIST_ENTRIES, Subject(owner_id=actor.person_id if name is not None else None))
            return _trend(actor.person_id, name or "", (), _talks(connection, actor.person_id))

    def set_appointment(self, actor: Actor, admission_id: str, when: datetime | None) -> None:
        """Keep when the actor meets this client next, on their own clock; None: not known.

        Raises:
            NotAllowed: this is no client of the actor's.
            ValueError: `when` has a time zone.
        """
        with self._database.write() as connection:
            owner = connection.scalar(select(AdmissionRow.clinician_id).where(AdmissionRow.id == admission_id))
            require(actor, Action.LIST_CLIENTS, Subject(owner_id=owner))
            put_appointment(connection, admission_id, when)


def _clinician(connection: Connection, actor: Actor) -> str:
    query = select(PersonRow.id).where(PersonRow.id == actor.person_id, PersonRow.is_clinician.is_(True))
    clinician_id = connection.scalar(query)
    require(actor, Action.LIST_CLIENTS, Subject(owner_id=clinician_id))
    assert clinician_id is not None  # noqa: S101  nobody owns nothing, so `require` has raised
    return clinician_id


def _admitted(connection: Connection, clinician_id: str) -> list[_Admitted]:
    """Every wearer who ever admitted the clinician, by the admission that stands, or else the last one."""
    query = (
        select(
            AdmissionRow.id,
            AdmissionRow.wearer_id,
            PersonRow.name,
            AdmissionRow.ended_at,
            ClientCardRow.looked_at,
            ClientCardRow.next_appointment,
        )
        .join(PersonRow, PersonRow.id == AdmissionRow.wearer_id)
        .join(ClientCardRow, ClientCardRow.admission_id == AdmissionRow.id, isouter=True)
        .where(AdmissionRow.clinician_id == clinician_id)
        .order_by(AdmissionRow.invited_at, AdmissionRow.id)
    )
    grants = _grants(connection, clinician_id)
    found: dict[str, _Admitted] = {}
    for row in connection.execute(query):
        appointment = None if row.next_appointment is None else datetime.fromisoformat(row.next_appointment)
        one = _Admitted(
            row.id, row.wearer_id, row.name, row.ended_at, tuple(grants[row.id]), row.looked_at, appointment
        )
        before = found.get(one.wearer_id)
        if before is None or before.ended_at is not None:
            found[one.wearer_id] = one
    return list(found.values())


def _grants(connection: Connection, clinician_id: str) -> defaultdict[str, list[Grant]]:
    query = (
        select(
            GrantRow.admission_id,
            GrantRow.id,
            GrantRow.entry_id,
            GrantRow.from_at,
            GrantRow.with_words,
            GrantRow.given_at,
            GrantRow.until_at,
            GrantRow.revoked_at,
            GrantRow.zone,
        )
        .join(AdmissionRow, AdmissionRow.id == GrantRow.admission_id)
        .where(AdmissionRow.clinician_id == clinician_id)
        .order_by(GrantRow.given_at, GrantRow.id)
    )
    found: defaultdict[str, list[Grant]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.admission_id].append(
            Grant(
                row.id, row.entry_id, row.from_at, row.with_words, row.given_at, row.until_at, row.revoked_at, row.zone
            )
        )
    return found


def _lately(connection: Connection, shown: dict[str, tuple[Grant, ...]], now: datetime) -> dict[str, list[TalkFigures]]:
    """Of each wearer the talks that are shown of the last weeks, and, where there are none, the last one before."""
    since = now - CASELOAD_WEEKS * WEEK - WIDEST_OFFSET
    found: defaultdict[str, list[TalkFigures]] = defaultdict(list)
    for owner_id, talk in _with_figures(connection, shown, TalkFiguresRow.began_at >= since):
        if talk.figures and talk.is_shown(shown[owner_id]):
            found[owner_id].append(talk.figures)
    for owner_id in shown.keys() - found.keys():
        before = _with_figures(connection, [owner_id], TalkFiguresRow.began_at < since, newest_first=True)
        last = next((talk.figures for _, talk in before if talk.is_shown(shown[owner_id])), None)
        if last is not None:
            found[owner_id] = [last]
    return found


def _with_figures(
    connection: Connection, owner_ids: Collection[str], when: ColumnElement[bool], *, newest_first: bool = False
) -> Iterable[tuple[str, _Talk]]:
    """Those wearers' talks that have figures, wearer by wearer."""
    began_at = TalkFiguresRow.began_at.desc() if newest_first else TalkFiguresRow.began_at
    query = (
        select(TalkFiguresRow.owner_id, EntryRow.id, EntryRow.happened_at, *COLUMNS)
        .join(EntryRow, _own_entry(TalkFiguresRow), isouter=True)
        .where(TalkFiguresRow.owner_id.in_(owner_ids), when)
        .order_by(TalkFiguresRow.owner_id, began_at)
    )
    for owner_id, entry_id, happened_at, *columns in connection.execute(query).all():
        yield owner_id, _Talk(entry_id, happened_at or columns[0], figures_from(columns))


def _talks(connection: Connection, wearer_id: str) -> list[_Talk]:
    """All finished talks of one wearer, oldest first."""
    query = (
        select(EntryRow.id, EntryRow.happened_at, RecordingRow.began_at, TalkRow.simulated, *COLUMNS)
        .select_from(RecordingRow)
        .join(TalkRow, TalkRow.id == RecordingRow.talk_id)
        .join(TalkFiguresRow, TalkFiguresRow.recording == RecordingRow.number, isouter=True)
        .join(EntryRow, _own_entry(RecordingRow), isouter=True)
        .where(RecordingRow.owner_id == wearer_id, TalkRow.ended_at.is_not(None))
        .order_by(RecordingRow.began_at, RecordingRow.number)
    )
    return [
        _Talk(
            entry_id,
            happened_at or began_at,
            None if columns[0] is None else figures_from(columns),
            is_simulated=simulated,
        )
        for entry_id, happened_at, began_at, simulated, *columns in connection.execute(query)
    ]


def _own_entry(of: type[RecordingRow] | type[TalkFiguresRow]) -> ColumnElement[bool]:
    return (EntryRow.owner_id == of.owner_id) & (EntryRow.talk_id == of.talk_id)


def _trend(wearer_id: str, name: str, grants: tuple[Grant, ...], talks: Sequence[_Talk]) -> ShownTrend:
    there = tuple(ShownTalk(talk.entry_id, talk.figures) for talk in talks if talk.figures is not None)
    simulated = any(talk.is_simulated for talk in talks)
    return ShownTrend(wearer_id, name, grants, there, len(talks) - len(there), simulated)


def _new_entries(
    connection: Connection, admitted: Sequence[_Admitted], shown: dict[str, tuple[Grant, ...]]
) -> defaultdict[str, int]:
    """How many entries of each are shown that were not when the clinician last looked."""
    looked_at = {one.wearer_id: one.looked_at for one in admitted}
    # An entry from before the last look is new where it is shown only since then.
    of_all = [one for one in admitted if not all(_is_before(grant, one.looked_at) for grant in shown[one.wearer_id])]
    every = {one.id for one in of_all}
    of_later = [one.id for one in admitted if one.id not in every]
    found: defaultdict[str, int] = defaultdict(int)
    for owner_id, entry_id, happened_at, created_at in _entries(connection, of_all, of_later):
        grants = [grant for grant in shown[owner_id] if grant.covers(entry_id, happened_at)]
        looked = looked_at[owner_id]
        was_there = looked is not None and created_at <= looked and any(_is_before(one, looked) for one in grants)
        found[owner_id] += bool(grants) and not was_there
    return found


def _entries(
    connection: Connection, of_all: Iterable[_Admitted], of_later: Sequence[str]
) -> Iterable[Row[str, str, datetime, datetime]]:
    """All entries of some wearers; of those with the other admissions what was made after the clinician looked."""
    entries = select(EntryRow.owner_id, EntryRow.id, EntryRow.happened_at, EntryRow.created_at)
    yield from connection.execute(entries.where(EntryRow.owner_id.in_([one.wearer_id for one in of_all])))
    yield from connection.execute(
        entries.join(AdmissionRow, AdmissionRow.wearer_id == EntryRow.owner_id)
        .join(ClientCardRow, ClientCardRow.admission_id == AdmissionRow.id)
        .where(AdmissionRow.id.in_(of_later), EntryRow.created_at > ClientCardRow.looked_at)
    )


def _is_before(grant: Grant, looked_at: datetime | None) -> bool:
    return looked_at is not None and grant.given_at <= looked_at


def _client(one: _Admitted, talks: Sequence[TalkFigures], new_entries: int, now: datetime) -> Client:
    shown = one.shown(now)
    first_monday = _first_monday(talks, now)
    middle = first_monday + CASELOAD_WEEKS // 2 * WEEK
    lately = [talk for talk in talks if talk.began.date() >= first_monday]
    before = [talk for talk in lately if talk.began.date() < middle]
    return Client(
        admission_id=one.id,
        wearer_id=one.wearer_id,
        name=one.name,
        shown=shown,
        stopped_at=one.stopped_at(now),
        last_talk=talks[-1].began if talks else None,
        weeks=_weeks(lately, first_monday) if shown else (),
        direction=change_of(Figure.FLOODS, before, lately[len(before) :]) if shown else None,
        new_entries=new_entries,
        is_first=one.looked_at is None,
        next_appointment=one.next_appointment,
    )


def _weeks(talks: Iterable[TalkFigures], first_monday: date) -> tuple[WeekOfTalks, ...]:
    return tuple(by_week(talks, first_monday=first_monday, weeks=CASELOAD_WEEKS, figures=CASELOAD_FIGURES))


def _first_monday(talks: Sequence[TalkFigures], now: datetime) -> date:
    """Of the weeks that are told, on the clock that the wearer had in their last talk."""
    today = now.astimezone(talks[-1].began.tzinfo if talks else UTC).date()
    return today - timedelta(days=today.weekday()) - (CASELOAD_WEEKS - 1) * WEEK


def _place(client: Client) -> tuple[bool, datetime, str, str]:
    when = client.next_appointment
    return when is None, when or datetime.min, client.name.casefold(), client.wearer_id  # noqa: DTZ901  on no clock
