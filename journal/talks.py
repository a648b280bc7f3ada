"""Talks and what is shared in them. Implements `alerts.ports.TalkStore`."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, Select, insert, select, update

from alerts.agreement import Side
from alerts.not_now import NotNow
from alerts.people import Actor
from alerts.ports import Talk, TalkConflict
from alerts.talk_state import TalkState
from journal.access import Action, Subject, require
from journal.database import Database
from journal.models import (
    PairRow,
    ParticipantRow,
    PauseRow,
    RecordingRow,
    SuggestionRow,
    TalkRow,
    TalkStateRow,
)
from journal.own_account import own_account
from journal.pairs import Pair, pair_of
from journal.statements import put

_STATE = TypeAdapter(TalkState)


def state_to_json(state: TalkState) -> str:
    """The state as it is stored."""
    return _STATE.dump_json(state).decode()


def state_from_json(text: str) -> TalkState:
    """The stored state. Raises `pydantic.ValidationError` when it is not one."""
    return _STATE.validate_json(text)


def participants(connection: Connection, talk_id: str) -> Subject:
    """Who is in the talk; nobody when there is no such talk."""
    found = connection.scalars(select(ParticipantRow.person_id).where(ParticipantRow.talk_id == talk_id))
    return Subject(participants=frozenset(found))


def select_talks() -> Select[*tuple[Any, ...]]:
    """Talks with one wearer's recording each, in the order of `talk_from`."""
    return select(
        TalkRow.id,
        RecordingRow.owner_id,
        RecordingRow.id,
        RecordingRow.began_at,
        RecordingRow.utc_offset_min,
        RecordingRow.strap,
        TalkRow.simulated,
        RecordingRow.threshold_bpm,
        TalkRow.topic_began_at,
        TalkRow.ended_at,
        RecordingRow.page_strap,
    ).join(RecordingRow, RecordingRow.talk_id == TalkRow.id)


def talk_from(row: Row[Any] | Sequence[Any]) -> Talk:
    """A row of `select_talks`."""
    return Talk(*row)


class Talks:
    """The stored talks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(
        self,
        actor: Actor,
        *,
        began_at: datetime,
        utc_offset_min: int,
        strap: str | None,
        simulated: bool,
        threshold_bpm: float,
    ) -> Talk:
        """Make a talk with its participant, recording and state.

        Raises:
            TalkConflict: another talk of the actor is open.
            NotAllowed: there is no such person.
        """
        with self._database.write() as connection:
            # Where writers run side by side, the lock on the person lets one of two starts through.
            wearer_id = own_account(connection, actor, Action.START_TALK, lock=True)
            if connection.execute(_open_talk(wearer_id)).first() is not None:
                raise TalkConflict("another talk is open; end that one first")
            return add_talk(
                connection,
                wearer_id,
                began_at=began_at,
                utc_offset_min=utc_offset_min,
                strap=strap,
                simulated=simulated,
                threshold_bpm=threshold_bpm,
            )

    def start_together(
        self,
        actor: Actor,
        *,
        now: datetime,
        began_at: datetime,
        utc_offset_min: int,
        straps: Mapping[Side, str | None],
        simulated: bool,
        threshold_bpm: float,
    ) -> list[Talk]:
        """Make the one talk that both have opted in to, with a recording each; their yeses are used up by it.

        `now` is the time by which a yes is judged, `began_at` the talk's own.

        Raises:
            NotNow: not both have said yes, or one of them is in another talk.
            NotAllowed: the actor is in no pair.
        """
        with self._database.write() as connection:
            pair = pair_of(connection, actor)
            people = _people(pair)
            require(actor, Action.START_TALK_TOGETHER, Subject(participants=frozenset(people.values())))
            if pair is None or not all(side in people and pair.opted_in(side, now) for side in Side):
                raise NotNow("a talk for two begins when both have said yes")
            for person_id in people.values():
                if connection.execute(_open_talk(person_id)).first() is not None:
                    raise NotNow("one of you is in another talk; end that one first")
            talk_id = uuid.uuid4().hex
            talks = [
                Talk(
                    talk_id,
                    person_id,
                    uuid.uuid4().hex,
                    began_at,
                    utc_offset_min,
                    straps[side],
                    simulated,
                    threshold_bpm,
                )
                for side, person_id in people.items()
            ]
            _insert(connection, talks, TalkState(began_at, people=tuple(people.values())))
            yes = {"first_yes_at": None, "second_yes_at": None}
            connection.execute(update(PairRow).where(PairRow.id == pair.id).values(**yes))
        return talks

    def open_talk(self, actor: Actor) -> Talk | None:
        """The actor's talk that has not ended."""
        require(actor, Action.FIND_OWN_TALK, Subject(owner_id=actor.person_id))
        with self._database.read() as connection:
            row = connection.execute(_open_talk(str(actor.person_id))).first()
        return talk_from(row) if row else None

    def unfinished(self, actor: Actor) -> list[Talk]:
        """Every talk that has not ended, one for each of its recordings. For the service itself at start-up."""
        require(actor, Action.FIND_UNFINISHED_TALKS, Subject())
        query = select_talks().where(TalkRow.ended_at.is_(None)).order_by(TalkRow.began_at)
        with self._database.read() as connection:
            return [talk_from(row) for row in connection.execute(query)]

    def kinds(self, actor: Actor) -> set[bool]:
        """Whether there are simulated talks (True), real ones (False), both or none. For the service itself at start-up."""
        require(actor, Action.FIND_UNFINISHED_TALKS, Subject())
        with self._database.read() as connection:
            return set(connection.scalars(select(TalkRow.simulated).distinct()))

    def load(self, actor: Actor, talk_id: str) -> tuple[TalkState, int]:
        """The shared state and its version. Raises `NotAllowed`."""
        with self._database.read() as connection:
            require(actor, Action.FOLLOW_TALK, participants(connection, talk_id))
            return read_state(connection, talk_id)

    def save(self, actor: Actor, talk_id: str, state: TalkState, *, expected_version: int) -> int:
        """Store `state` and return its version, if nobody stored another one since `expected_version`.

        Raises:
            TalkConflict: somebody did. Nothing has changed.
            NotAllowed: the actor is not in the talk.
        """
        with self._database.write_beside() as connection:
            require(actor, Action.CHANGE_TALK, participants(connection, talk_id))
            return put_state(connection, talk_id, state, expected_version=expected_version)


def add_talk(
    connection: Connection,
    wearer_id: str,
    *,
    began_at: datetime,
    utc_offset_min: int,
    strap: str | None,
    simulated: bool,
    threshold_bpm: float,
    imported_sha256: str | None = None,
) -> Talk:
    """A new talk of one wearer, with its recording and its first state."""
    talk_id, recording_id = uuid.uuid4().hex, uuid.uuid4().hex
    talk = Talk(talk_id, wearer_id, recording_id, began_at, utc_offset_min, strap, simulated, threshold_bpm)
    _insert(connection, [talk], TalkState(began_at), imported_sha256)
    return talk


def read_state(connection: Connection, talk_id: str) -> tuple[TalkState, int]:
    """The state of a talk and its version."""
    query = select(TalkStateRow.state, TalkStateRow.version).where(TalkStateRow.talk_id == talk_id)
    text, version = connection.execute(query).one()
    return state_from_json(text), version


def put_state(connection: Connection, talk_id: str, state: TalkState, *, expected_version: int) -> int:
    """Store `state` and return its version. Raises `TalkConflict` when it is not `expected_version` that is stored."""
    version = expected_version + 1
    changed = connection.execute(
        update(TalkStateRow)
        .where(TalkStateRow.talk_id == talk_id, TalkStateRow.version == expected_version)
        .values(version=version, state=state_to_json(state))
    )
    if changed.rowcount != 1:
        raise TalkConflict("somebody else changed the talk first")
    project(connection, talk_id, state)
    return version


def _people(pair: Pair | None) -> dict[Side, str]:
    if pair is None:
        return {}
    return {Side.FIRST: pair.first_id} | ({Side.SECOND: pair.second_id} if pair.second_id else {})


def _insert(
    connection: Connection, talks: Sequence[Talk], state: TalkState, imported_sha256: str | None = None
) -> None:
    """One talk, with a participant and a recording for each of its wearers."""
    first = talks[0]
    connection.execute(insert(TalkRow).values(id=first.id, began_at=first.began_at, simulated=first.simulated))
    for talk in talks:
        joined = {"talk_id": talk.id, "person_id": talk.wearer_id, "joined_at": talk.began_at}
        connection.execute(insert(ParticipantRow).values(**joined))
        connection.execute(
            insert(RecordingRow).values(
                id=talk.recording_id,
                talk_id=talk.id,
                owner_id=talk.wearer_id,
                began_at=talk.began_at,
                utc_offset_min=talk.utc_offset_min,
                strap=talk.strap,
                threshold_bpm=talk.threshold_bpm,
                imported_sha256=imported_sha256,
            )
        )
    connection.execute(insert(TalkStateRow).values(talk_id=first.id, version=1, state=state_to_json(state)))


def _open_talk(person_id: str) -> Select[*tuple[Any, ...]]:
    return select_talks().where(RecordingRow.owner_id == person_id, TalkRow.ended_at.is_(None))


def project(connection: Connection, talk_id: str, state: TalkState) -> None:
    """Bring the rows that trends and lists read in line with the state."""
    connection.execute(
        update(TalkRow)
        .where(TalkRow.id == talk_id)
        .values(topic_began_at=state.topic_began_at, ended_at=state.ended_at)
    )
    for suggestion in state.suggestions:
        values = {
            "owner_id": suggestion.wearer_id,
            "episode_began_t_s": suggestion.episode_began_t_s,
            "raised_at": suggestion.raised_at,
            "expires_at": suggestion.expires_at,
            "state": suggestion.state,
            "answered_at": suggestion.answered_at,
            "snoozed_until": suggestion.snoozed_until,
            "reason": suggestion.reason,
        }
        put(connection, SuggestionRow, {"talk_id": talk_id, "id": suggestion.id}, values)
    here = set(connection.scalars(select(ParticipantRow.person_id).where(ParticipantRow.talk_id == talk_id)))
    for pause in state.pauses:
        values = {
            # Whoever called it may have no account here: a talk that came back out of an archive.
            "owner_id": pause.called_by if pause.called_by in here else min(here, default=pause.called_by),
            "called_at": pause.called_at,
            "return_at": pause.return_at,
            "state": pause.state,
            "ready_at": pause.ready_at,
            "ended_at": pause.ended_at,
            "extensions": pause.extensions,
        }
        put(connection, PauseRow, {"talk_id": talk_id, "id": pause.id}, values)
