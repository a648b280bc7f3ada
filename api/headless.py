"""The demo without a browser: the same service, with a wearer who takes the pause and returns when ready."""

import asyncio
import signal
import sys
from datetime import UTC, datetime
from typing import Any

from alerts import steps
from alerts.live_talk import LiveTalk
from alerts.pause import PauseState, PauseTrigger
from alerts.people import Actor
from alerts.suggestion import Answer
from api.app import build
from api.service import Service
from api.settings import Settings
from api.story import story

AFTER_THE_PAUSE_S = 60
GIVE_UP_AFTER_S = 2 * 3600


class DemoStuck(RuntimeError):
    """The simulated talk did not come to its end."""


async def run_until_told_to_leave(settings: Settings) -> dict[str, Any] | None:
    """`run_demo`, or None if SIGTERM came first.

    It cancels the demo in order, as Ctrl-C does: an exit raised inside whichever task is running would leave that
    task's words on stderr.
    """
    demo = asyncio.ensure_future(run_demo(settings))
    told: list[bool] = []

    def leave() -> None:
        told.append(True)
        demo.cancel()

    if sys.platform != "win32":  # whose loops take no signal handlers
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, leave)
    try:
        return await demo
    except asyncio.CancelledError:
        if told:
            return None
        raise  # Ctrl-C, which asyncio turns into a KeyboardInterrupt


async def run_demo(settings: Settings) -> dict[str, Any]:
    """Run the demo's talk to its entry and return what is in the journal.

    Raises:
        DemoStuck: two simulated hours passed without an end.
    """
    service = build(settings)
    try:
        person = service.journal.people.first_person(name=service.first_name, now=datetime.now(UTC))
        actor = Actor(person.id)
        live = await service.start_talk(actor)
        await _live_through(service, live)
        await live.change(steps.end_talk)
        await live.closed.wait()
        if live.entry_id is None:
            raise DemoStuck("the talk ended without an entry")
        return story(service.journal.entries.entry(actor, live.entry_id))
    finally:
        await service.live.close()
        await service.messenger.close()
        service.journal.close()


async def _live_through(service: Service, live: LiveTalk) -> None:
    """Answer as a wearer would: take the suggested pause, return when ready, talk on for a moment."""
    while live.now_t_s() < GIVE_UP_AFTER_S:
        suggestion, pause = live.state.open_suggestion(live.talk.wearer_id), live.state.pause
        if suggestion is not None:
            await _take_the_pause(service, live, suggestion.id)
        elif pause is not None and pause.state in {PauseState.READY, PauseState.MISSED}:
            await live.change(lambda state, now: steps.change_pause(state, PauseTrigger.RETURN, now))
            await service.clock.sleep(AFTER_THE_PAUSE_S)
            return
        await service.clock.sleep(1)
    raise DemoStuck(f"after {GIVE_UP_AFTER_S} simulated seconds the talk is still in {live.state}")


async def _take_the_pause(service: Service, live: LiveTalk, suggestion_id: str) -> None:
    await live.change(
        lambda state, now: steps.answer_suggestion(
            state, live.talk.wearer_id, suggestion_id, Answer.ACCEPT, now, service.policy, fresh_id=f"{suggestion_id}p"
        )
    )
