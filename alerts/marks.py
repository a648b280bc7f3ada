"""A stored talk in the monitor's terms: its packets as samples, and what people did as marks."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from alerts.ports import Stored, Talk
from alerts.talk_state import TalkState
from hrv.retrace import Mark, MarkKind, Sample
from sensing.measurement import MalformedMeasurement, parse


def samples(stored: Iterable[Stored]) -> Iterator[Sample]:
    """Decode stored packets; a malformed one was counted when it arrived and is passed over here."""
    for row in stored:
        try:
            yield Sample(row.t_s, parse(row.packet), row.motion_mg)
        except MalformedMeasurement:
            continue


def marks(talk: Talk, state: TalkState) -> list[Mark]:
    """What people did in the talk, on the recording's axis."""

    def t_s(moment: datetime) -> float:
        return (moment - talk.began_at).total_seconds()

    found = [Mark(t_s(state.topic_began_at), MarkKind.TOPIC)] if state.topic_began_at else []
    for pause in state.pauses:
        found.append(Mark(t_s(pause.called_at), MarkKind.PAUSE_BEGAN))
        if pause.ended_at:
            found.append(Mark(t_s(pause.ended_at), MarkKind.PAUSE_ENDED))
    return found


def new_marks(talk: Talk, before: TalkState, after: TalkState) -> list[Mark]:
    """The marks that `after` has and `before` had not."""
    known = marks(talk, before)
    return [mark for mark in marks(talk, after) if mark not in known]
