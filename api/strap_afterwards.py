"""What a page still keeps of a talk that is over: taken, where it was received before the end.

The talk may have ended while nothing went through: by the other's hand, or behind a closed lid.
"""

import asyncio
from datetime import UTC, datetime

from alerts.people import Actor
from alerts.ports import NotAllowed, Talk
from journal.journal import Journal
from sensing.source import Link, Notification


async def after_talk(journal: Journal, actor: Actor, talk_id: str) -> "AfterTalk":
    """The actor's talk that has ended. Raises `NotAllowed`."""
    over = await asyncio.to_thread(journal.recordings.list_recordings, actor)
    talk = next((talk for talk in over if talk.id == talk_id), None)
    if talk is None:
        raise NotAllowed
    return AfterTalk(talk, journal)


class AfterTalk:
    """A talk that has ended, in the place of a live one: it records, and judges nothing."""

    def __init__(self, talk: Talk, journal: Journal) -> None:
        self.talk = talk
        self.closed = asyncio.Event()
        self._journal = journal
        self._end_s = ((talk.ended_at or talk.began_at) - talk.began_at).total_seconds()

    def caught_up_s(self) -> float:
        """Seconds since the talk began."""
        return (datetime.now(UTC) - self.talk.began_at).total_seconds()

    def wants(self, t_s: float) -> bool:
        """Whether what was received then belongs to the talk."""
        return t_s <= self._end_s

    def wear_in_page(self, strap: str) -> None:
        """It is said already, or was never heard in the talk itself."""

    def link_of_page(self, link: Link, detail: str) -> None:
        """What the strap does now is no part of the talk."""

    def hear_from_page(self, notification: Notification) -> bool:
        """Record it. False when the journal takes nothing more."""
        try:
            self._journal.recorder.measurement(self.talk.recording_id, notification)
        except Exception:  # noqa: BLE001  whatever it is, the page still has the packet
            return False
        return True
