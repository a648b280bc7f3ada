"""What leaves as files: a stored recording in the project's own format; every minute, for the formats of health records."""

from datetime import timedelta, timezone

from alerts.people import Actor
from hrv.minutes import Minute
from journal.journal import Journal
from journal.recordings import OwnRecording
from sensing.recording import Recording, Row, TalkFacts, project_bytes

OwnMinutes = list[tuple[OwnRecording, list[Minute]]]


def own_minutes(journal: Journal, actor: Actor) -> OwnMinutes:
    """The actor's recordings with their minutes, oldest first."""
    own = journal.recordings.own(actor)
    return [(one, journal.recorder.minutes(actor, one.id)) for one in reversed(own)]


def exported(journal: Journal, actor: Actor, recording_id: str, *, packed: bool) -> bytes:
    """The file of one recording; what is imported from it equals what is stored.

    Raises:
        alerts.ports.NotAllowed: there is no such recording of the actor.
    """
    whole = journal.recordings.whole(actor, recording_id)
    talk = whole.talk
    zone = timezone(timedelta(minutes=talk.utc_offset_min))
    rows = tuple(Row(one.t_s, None, one.packet, one.motion_mg) for one in whole.stored)
    facts = TalkFacts(
        topic_began_at=talk.topic_began_at.astimezone(zone) if talk.topic_began_at else None,
        ended_at=(talk.ended_at or talk.began_at).astimezone(zone),
        threshold_bpm=talk.threshold_bpm,
        strap=talk.worn,
        simulated=talk.simulated,
    )
    about = Recording("", rows, talk.began_at.astimezone(zone), tuple(whole.links), facts)
    return project_bytes(rows, whole.links, about, packed=packed)
