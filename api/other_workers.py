"""What this worker does about what the others tell. Where there is one worker alone, nothing is told."""

from alerts.people import Actor
from alerts.talk_state import TalkState
from alerts.workers import Workers
from api.attempts import GOT_IN, TRIED_ADDRESS, TRIED_NAME
from api.service import CHALLENGE, DERIVE, END_STREAMS, Service
from api.told import Told
from journal.database import Database
from journal.talks import Talks


class TellingTalks(Talks):
    """The stored talks, of whose every new state the other workers are told."""

    def __init__(self, database: Database, workers: Workers) -> None:
        super().__init__(database)
        self._workers = workers

    def save(self, actor: Actor, talk_id: str, state: TalkState, *, expected_version: int) -> int:
        """As `Talks.save`."""
        version = super().save(actor, talk_id, state, expected_version=expected_version)
        self._workers.tell(Told.STATE, talk_id, str(version))
        return version


def hear(service: Service, what: str, words: tuple[str, ...]) -> None:
    """Do what another worker's news ask for, on the event loop."""
    service.live.hear(what, words)
    if what == END_STREAMS:
        service.end_streams_here(Actor(words[0]))
    elif what in {TRIED_NAME, TRIED_ADDRESS, GOT_IN}:
        service.attempts.hear(what, words[0])
    elif what == CHALLENGE:
        service.challenges.hear(*words)
    elif what == DERIVE:
        service.up_to_date.look()
