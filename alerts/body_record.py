"""What one wearer's readings leave in the journal: minutes, rises that turned, floods, and the entry that they belong to.

Nothing here waits for the disk. What is found is owed, and written when it is paid: see `alerts.owed`.
"""

from collections.abc import Callable
from functools import partial

from alerts.owed import Owed
from alerts.people import Actor
from alerts.ports import Recorder, Talk
from hrv.minutes import Minute, MinuteAggregator
from hrv.near_miss import NearMissTracker
from hrv.reading import Reading
from hrv.trace import Trace

EPISODE_REFRESH_S = 60
"""While an episode lasts its stored context is brought up to date this often."""


class BodyRecord:
    """The findings of one recording, as they come.

    Attributes:
        trace: the readings so far, second by second.
        latest: the newest reading; None before the first.
        entry_id: the talk's entry, once it is written.
        owed: what the journal has not taken yet.
    """

    def __init__(self, talk: Talk, recorder: Recorder, *, keeps: bool = True) -> None:
        """`keeps`: what is found is owed. Where another worker carries the recording, that one owes it; the entry is anyone's."""
        self._keeps = keeps
        self.entry_id: str | None = None
        self.owed = Owed()
        self._talk = talk
        self._actor = Actor(talk.wearer_id)
        self._recorder = recorder
        self.begin_anew()

    def begin_anew(self) -> None:
        """Nothing has been heard yet. What is owed stays owed: it is written the same when it is found again."""
        self.trace = Trace()
        self.latest: Reading | None = None
        self._minutes = MinuteAggregator()
        self._near_misses = NearMissTracker()
        self._episode_stored_t_s = 0.0

    def note(self, reading: Reading) -> None:
        """Remember a reading, and owe what it finished."""
        self.latest = reading
        self.trace.add(reading)
        for minute in self._minutes.add(reading):
            self._owe_minute(minute)
        self._near_misses.see_all(reading.seconds)
        while self._near_misses.found:
            near_miss = self._near_misses.found.pop(0)
            write = partial(self._recorder.near_miss, self._actor, self._talk.recording_id, near_miss)
            self._owe(("near miss", near_miss.from_s), write)
            self.owe_entry()
        episode = reading.episode
        due = reading.t_s >= self._episode_stored_t_s + EPISODE_REFRESH_S
        if episode is not None and (reading.changes or episode.ended_t_s is not None or due):
            self._episode_stored_t_s = reading.t_s
            write = partial(self._recorder.episode, self._actor, self._talk.recording_id, episode)
            self._owe(("episode", episode.began_t_s), write)
            self.owe_entry()

    def finish(self, last: Reading) -> None:
        """Note the last reading, and owe the minute that it breaks off."""
        self.note(last)
        unfinished = self._minutes.finish()
        if unfinished is not None:
            self._owe_minute(unfinished)

    def owe_entry(self) -> None:
        """See that the talk has its entry."""
        if self.entry_id is None:
            self.owed.add("entry", self._make_entry)

    def _owe_minute(self, minute: Minute) -> None:
        write = partial(self._recorder.minute, self._actor, self._talk.recording_id, minute)
        self._owe(("minute", minute.minute), write)

    def _owe(self, key: tuple[str, float], write: Callable[[], None]) -> None:
        if self._keeps:
            self.owed.add(key, write)

    def _make_entry(self) -> None:
        self.entry_id = self._recorder.entry(self._actor, self._talk.id)
