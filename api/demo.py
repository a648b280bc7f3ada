"""The demo's wearer: a simulated strap on a simulated body that reacts to the pause. Goes through the real `Strap`."""

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


class SimulatedWearer:
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
        if not live.state.pauses or talk.id in self._pause_s:
            return
        self._pause_s[talk.id] = (live.state.pauses[0].called_at - talk.began_at).total_seconds()
        if talk.id in self._straps:
            self._straps[talk.id].begin_pause(self._pause_s[talk.id])

    def put_on(self, talk: Talk) -> Strap:
        """Put the strap on a body that is as old as the talk and knows its pause."""
        body_s = (self._clock.utc_now() - talk.began_at).total_seconds()
        body = SimulatedBody(SCENARIO, self._seed, self._pause_s.get(talk.id))
        worn = SimulatedStrap(STRAP_NAME, body, self._clock, body_s=body_s, seed=self._seed)
        self._straps[talk.id] = worn
        return Strap(STRAP_NAME, clock=worn.arrival_clock, backend=air([worn]))


class _Worn:
    """Put on when listening starts: by then the stored talk is known, and with it an earlier pause."""

    def __init__(self, wearer: SimulatedWearer, talk: Talk) -> None:
        self._wearer = wearer
        self._talk = talk

    async def events(self) -> AsyncGenerator[SourceEvent, None]:
        strap = self._wearer.put_on(self._talk)
        async with aclosing(strap.events()) as events:
            async for event in events:
                yield event
