"""Listening to a wearer's strap during a talk: what it sends is recorded as it came, and then told to those who judge it.

Nothing that fails here ends the talk: a source that fails altogether is a gap with a cause and is tried again, a packet
that makes no sense and a journal that takes nothing more are said and passed over.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass

from alerts.ports import Recorder
from alerts.talk_clock import TalkClock
from hrv.reading import Reading
from sensing.clock import Clock
from sensing.measurement import HeartRateMeasurement, MalformedMeasurement, parse
from sensing.source import About, AboutEvent, Link, LinkEvent, Notification, Source

SOURCE_RETRY_REAL_S = 5.0
"""How soon a source that failed altogether (Bluetooth is off) is tried again."""

LATE_S = 5.0
"""A packet that a page has kept for longer is recorded and not judged: what is long over must not become an alarm now."""


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told of what was heard. Each is called on the event loop, and must not block.

    Attributes:
        judge: what the monitor says to a measurement at `t_s`, with the movement in mg that came with it. Raises
            `ValueError` for one that is older than the last.
        take: a reading.
        met: which strap it is.
        changed: the link, or what is known of the strap.
        trouble: what went wrong, in a word, and the error.
        heard: a packet that is about to be judged, and a change of the link, both on the recording's axis.
    """

    judge: Callable[[float, HeartRateMeasurement, int | None], Reading]
    take: Callable[[Reading], None]
    met: Callable[[About], None]
    changed: Callable[[], None]
    trouble: Callable[[str, Exception], None]
    heard: Callable[[Notification | LinkEvent], None] = lambda _: None


class Listening:
    """One strap, heard on a talk's own time.

    Attributes:
        link: the newest change of the link, on the recording's axis; None before the first.
        about: what the strap has said of itself; None before that.
        malformed: how many packets made no sense.
    """

    def __init__(self, recording_id: str, recorder: Recorder, clock: Clock, time: TalkClock, told: Told) -> None:
        self.link: LinkEvent | None = None
        self.about: About | None = None
        self.malformed = 0
        self._recording_id = recording_id
        self._recorder = recorder
        self._clock = clock
        self._time = time
        self._told = told

    async def follow(self, source: Source) -> None:
        """Follow the source to its end; one that fails altogether is a gap with a cause, and is tried again."""
        while True:
            try:
                async with aclosing(source.events()) as events:
                    async for event in events:
                        match event:
                            case LinkEvent():
                                self._hear_link(event)
                            case AboutEvent():
                                self._hear_about(event)
                            case Notification():
                                self._hear(event)
            except Exception as error:  # noqa: BLE001  whatever a source raises, the talk goes on
                self._told.trouble("source_failed", error)
                detail = str(getattr(error, "obstacle", error))
                self._hear_link(LinkEvent(self._clock.monotonic_s(), Link.FAILED, detail))
            else:
                return
            await asyncio.sleep(SOURCE_RETRY_REAL_S)

    def hear_from_page(self, notification: Notification) -> bool:
        """Take a packet that a page has received; its `t_s` is on the recording's axis already.

        False when the journal takes nothing more. Then it is as if it had not come, and the page sends it again.
        """
        try:
            self._recorder.measurement(self._recording_id, notification)
        except Exception as error:  # noqa: BLE001  whatever it is, the page still has the packet
            self._told.trouble("measurement_not_recorded", error)
            return False
        if self._time.now_t_s() - notification.t_s <= LATE_S:
            self._judge(notification)
        return True

    def hear_elsewhere(self, event: Notification | LinkEvent) -> None:
        """What another worker has heard, and records."""
        if isinstance(event, Notification):
            self._judge(event)
        else:
            self.link = event
            self._told.changed()

    def link_of_page(self, t_s: float, link: Link, detail: str) -> None:
        """The link of a strap that a page reads has changed."""
        if self.link is None or self.link.link is not link:
            self._note_link(LinkEvent(t_s, link, detail))

    def _hear_link(self, event: LinkEvent) -> None:
        self._note_link(LinkEvent(self._time.t_s(event.t_s), event.link, event.detail))

    def _note_link(self, event: LinkEvent) -> None:
        self.link = event
        self._record_link(event)
        self._told.heard(event)
        self._told.changed()

    def _hear_about(self, event: AboutEvent) -> None:
        """Keep it beside the changes of the link."""
        self.about = event.about
        self._record_link(LinkEvent(self._time.t_s(event.t_s), Link.ABOUT, str(event.about)))
        self._told.met(event.about)
        self._told.changed()

    def _record_link(self, event: LinkEvent) -> None:
        try:
            self._recorder.link(self._recording_id, event)
        except Exception as error:  # noqa: BLE001  a journal that takes nothing more must not stop the alarm
            self._told.trouble("link_not_recorded", error)

    def _hear(self, notification: Notification) -> None:
        heard = Notification(self._time.t_s(notification.t_s), notification.packet, notification.motion_mg)
        try:
            self._recorder.measurement(self._recording_id, heard)
        except Exception as error:  # noqa: BLE001  a journal that takes nothing more must not stop the alarm
            self._told.trouble("measurement_not_recorded", error)
        self._judge(heard)

    def _judge(self, heard: Notification) -> None:
        self._told.heard(heard)
        try:
            reading = self._told.judge(heard.t_s, parse(heard.packet), heard.motion_mg)
        except MalformedMeasurement as malformed:
            self.malformed += 1
            self._told.trouble(f"malformed_packet {malformed.reason}", malformed)
        except ValueError as error:
            self._told.trouble("measurement_out_of_order", error)
        else:
            self._told.take(reading)
