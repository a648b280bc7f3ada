"""The demo's wearers: simulated straps on simulated bodies that react to the pause. They go through the real `Strap`."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from alerts.live_talk import LiveTalk
from alerts.ports import Talk
from sensing.clock import Clock
from sensing.physiology import Scenario, SimulatedBody
from sensing.simulated import SimulatedStrap, air
from sensing.source import Source, SourceEvent
from sensing.strap import Strap

STRAP_NAME = "Simulated strap"
SCENARIO = Scenario(rise_tau_s=150.0, flood_bpm=118.0)
"""A slower rise than the usual scenario's: at the demo's pace Rising can be seen, too."""

OTHER_STRAP_NAME = "Second simulated strap"
OTHER_SCENARIO = Scenario(
    baseline_bpm=66.0, argument_rise_bpm=12.0, flood_at_s=36_000.0, ectopic_at_s=None, dropout_at_s=None
)
"""Whoever sits opposite hardly rises in the hours of a demo."""


class SimulatedWearers:
    """Heartbeats for each demo talk, from its first second, or from where a stopped process left it."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self._clock = clock
        self._seed = seed
        self._straps: dict[str, SimulatedStrap] = {}
        self._pause_s: dict[str, float] = {}

    def source_for(self, talk: Talk) -> Source:
        """The strap that is worn in `talk`."""
        return _Worn(self, talk)

    def hear(self, live: LiveTalk) -> None:
        """The body learns of the first pause: from then on it comes down."""
        talk = live.talk
        if not live.state.pauses or talk.recording_id in self._pause_s:
            return
        self._pause_s[talk.recording_id] = (live.state.pauses[0].called_at - talk.began_at).total_seconds()
        if talk.recording_id in self._straps:
            self._straps[talk.recording_id].begin_pause(self._pause_s[talk.recording_id])

    def put_on(self, talk: Talk) -> Strap:
        """Put the strap on a body that is as old as the talk and knows its pause."""
        body_s = (self._clock.utc_now() - talk.began_at).total_seconds()
        name, scenario, seed = self._body_for(talk)
        body = SimulatedBody(scenario, seed, self._pause_s.get(talk.recording_id))
        worn = SimulatedStrap(name, body, self._clock, body_s=body_s, seed=seed)
        self._straps[talk.recording_id] = worn
        return Strap(name, clock=worn.arrival_clock, backend=air([worn]))

    def _body_for(self, talk: Talk) -> tuple[str, Scenario, int]:
        if talk.strap == OTHER_STRAP_NAME:
            return OTHER_STRAP_NAME, OTHER_SCENARIO, self._seed + 1
        return STRAP_NAME, SCENARIO, self._seed


class _Worn:
    """Put on when listening starts: by then the stored talk is known, and with it an earlier pause."""

    def __init__(self, wearer: SimulatedWearers, talk: Talk) -> None:
        self._wearer = wearer
        self._talk = talk

    async def events(self) -> AsyncGenerator[SourceEvent, None]:
        strap = self._wearer.put_on(self._talk)
        async with aclosing(strap.events()) as events:
            async for event in events:
                yield event
